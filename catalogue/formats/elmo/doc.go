// Package elmo reads EMREX ELMO, the XML in which the Norwegian diploma portal
// and its like hand out results.
//
// An ELMO file tells of one person. [Read] reads it for that person's own
// wallet, without the person: names, birth dates and identifiers are not looked
// at. [Offers] takes from it what is only offered, for a catalogue. The
// signature of a file is not verified, so nothing that stands in one is proven.
package elmo
