// Package cli is the command bevis: it reads words and flags, runs the use
// cases of internal/app, and says what came of them.
//
// In go an [Env] with everything from outside, out comes an exit code. Data
// goes to Stdout and remarks to Stderr; with --json data is JSON, which is
// never translated. The exit code follows from the reason code alone, by
// package reason, so it is the same in every form of output.
//
// There is a file for each command, and beside them:
//
//   - run.go starts a run and turns its error into an exit code
//   - tree.go holds the helpers that commands are made with
//   - help.go prints help, with the topics that belong to no command
//   - report.go and verifytext.go write verdicts for people, verifyout.go in the
//     other forms
//   - secret.go gets passphrases
package cli
