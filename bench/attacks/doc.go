// Command attacks writes the bad inputs of internal/attacks, and the controls
// beside them, as files, with an index of what must be answered: for trying
// another verifier on them. The index has the form of that of the collected
// attacks (docs/attacks.md).
//
//	go run ./bench/attacks -o folder
//
// It also has the command bevis judge what such an index names, each input in a
// process of its own, and prints what was answered and what that cost:
//
//	go run ./bench/attacks -judge folder
//	go run ./bench/attacks -judge folder -online    without --offline
//
// Each input is judged twice. The first time is measured: the time by the
// clock, which has the starting of the process in it, and the largest memory of
// the process, which the system gives on Unix. The second time runs under
// strace, where there is one, and tells the connections and the files opened.
//
// It fails if a bad input is accepted or refused for a wrong reason, a control
// is refused, an input costs more than a second or 64 MiB, or a file is opened
// that is neither given, nor the command's own, nor the system's. So does a
// connection; with -online it is told for which inputs any was tried.
package main
