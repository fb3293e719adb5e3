//go:build unix

package wallet

import (
	"errors"
	"os"
	"syscall"
)

// syncFolder makes a rename last through a power failure. Some file systems,
// such as those of network drives, have nothing to sync there and say so.
func (osFiles) syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
