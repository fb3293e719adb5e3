package atomicfile

import (
	"errors"
	"io/fs"
	"os"
)

// WriteFast puts data into the file at path, whole or not at all, by way of
// temporary, which is in the same file system. After a kill of the process there
// is the old file or the new one; after a loss of power that is so only once
// SyncAll was called for its folder. For very many files.
func WriteFast(path, temporary string, data []byte, mode fs.FileMode) error {
	err := os.WriteFile(temporary, data, mode)
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary) // the first error says more
	}
	return err
}

// SyncAll makes all files in a folder and below safe against a loss of power.
func SyncAll(folder string) error {
	done, err := syncFileSystem(folder)
	if done || err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.OpenFile(folder+string(os.PathSeparator)+path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}
