//go:build unix

package peak

import (
	"os"
	"runtime"
	"syscall"
)

// Of returns the largest memory of a process that ended, in bytes, 0 if it is not known.
func Of(p *os.ProcessState) int64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(usage.Maxrss) // in bytes there, in kilobytes elsewhere
	}
	return int64(usage.Maxrss) << 10
}
