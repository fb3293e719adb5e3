//go:build unix

package cli

import (
	"syscall"
	"testing"
)

func makePipe(t *testing.T, path string) bool {
	t.Helper()
	return syscall.Mkfifo(path, 0o600) == nil
}
