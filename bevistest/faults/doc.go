// Package faults has hosts that misbehave, for testing what fetches from
// strangers: real HTTPS on this machine that drips, floods, sends elsewhere,
// compresses, lies about its type or has a certificate that is no good; names
// that resolve to something else the second time; and the spellings of
// addresses that must not be reached.
//
// Nothing here leaves the machine.
package faults
