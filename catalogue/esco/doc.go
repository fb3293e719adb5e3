// Package esco holds ESCO, the European classification of skills and
// occupations, and finds its skills in text.
//
// A [Vocabulary] is read once and never changes: from the CSV files that the
// European Commission and others publish ([ReadCSV]), in as many languages as
// there are, or from compact JSON Lines ([ReadLines], [Vocabulary.WriteLines]).
// It looks up skills and occupations by URI, code and label, and tells how
// near two skills are ([Vocabulary.Similar]).
//
// A [Linker] reads a sentence of a job, a course or a credential and names the
// skills that it most likely speaks of, each with the words that say so. It
// knows nothing but the vocabulary: words are compared by their forms, and what
// words have to do with each other is learnt from the vocabulary's own labels
// and descriptions. No network, no model, and the same answer every time.
//
// This service uses the ESCO classification of the European Commission.
package esco
