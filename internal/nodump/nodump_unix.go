//go:build unix

package nodump

import "syscall"

// Disable has no core file be written of this process, and of those that it
// starts. On Linux other programs of the same user cannot look into its memory
// either. What the system does not allow is left: nothing depends on it.
func Disable() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // lowering it is always allowed
	hide()
}
