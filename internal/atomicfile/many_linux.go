package atomicfile

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem syncs all of the file system that a folder is in: for many
// files, that is one wait in the place of many.
func syncFileSystem(folder string) (bool, error) {
	f, err := os.Open(folder)
	if err != nil {
		return false, err
	}
	return true, errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}
