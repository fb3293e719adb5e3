//go:build unix

package main

import (
	"syscall"
	"time"
)

// worked returns the processor time that this process has taken.
func worked() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
