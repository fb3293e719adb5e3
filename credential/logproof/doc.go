// Package logproof verifies, without a network, that a credential stands in a
// transparency log: a tiled log by c2sp.org/tlog-tiles whose checkpoints are
// signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), and whose proofs
// are c2sp.org/tlog-proof.
//
// It is written here, and not taken from golang.org/x/mod/sumdb, so that who
// verifies credentials links no further module for it; tests hold the two equal.
package logproof
