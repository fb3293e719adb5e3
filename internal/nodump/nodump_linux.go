package nodump

import "syscall"

const setDumpable = 4 // PR_SET_DUMPABLE of prctl(2)

// hide also holds where core dumps are piped to a program, which the limit does
// not stop (core(5)), and against ptrace(2) by who is not root.
func hide() { _, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, setDumpable, 0, 0) }
