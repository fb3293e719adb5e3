// Package testdepth says how deep a test goes. By itself `go test` takes a part
// of what is many of the same kind, and is done soon; with BEVIS_THOROUGH=1 it
// takes all, and that is what `make test` and the promises of docs/ rest on. A
// test that takes a part says so in one line.
//
// `go test -short` leaves out more, whole tests, where each runs many times over
// or slowly.
package testdepth
