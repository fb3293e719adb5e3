// Package peak tells how much memory a process took, for the programs that measure
// the command: see bench.
package peak
