// Package suites is the list of the proof suites that ship. It is the only
// place that knows them all; whoever wants fewer makes a proof.Set of their
// own.
package suites
