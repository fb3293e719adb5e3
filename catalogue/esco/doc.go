// Package esco holds ESCO, the European classification of skills and
// occupations. Package link finds its skills in text.
//
// A [Vocabulary] is read once and never changes: from the CSV files that the
// European Commission and others publish ([ReadCSV]), in as many languages as
// there are, or from compact JSON Lines ([ReadLines], [Vocabulary.WriteLines]).
// It looks up skills and occupations by URI, code and label, and tells how
// near two skills are ([Vocabulary.Similar]).
//
// This service uses the ESCO classification of the European Commission.
package esco
