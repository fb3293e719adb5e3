// Package timestamptest stamps times as an authority does (RFC 3161), for tests of
// what reads such stamps. Its keys are made anew and are worth nothing.
package timestamptest
