// Package link finds the skills of ESCO in text.
//
// A [Linker] reads a sentence of a job, a course or a credential and names the
// skills that it most likely speaks of, each with the words that say so. It
// knows nothing but the vocabulary: words are compared by their forms, and what
// words have to do with each other is learnt from the vocabulary's own labels
// and descriptions. No network, no model, and the same answer every time.
//
// This service uses the ESCO classification of the European Commission.
package link
