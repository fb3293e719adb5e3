// Package compare tells whether two credentials say the same, member by member:
// by what they mean, not by how they are written or secured.
//
// Both are taken as documents of the data model with the vocabulary of Open
// Badges 3.0; what is of another kind is converted before. What only says how a
// document is read or secured (contexts, proofs, schemas) is no part of what it
// says, and neither are the ways in which the standards let one thing be
// written: one or an array of one, a string or an object with an id, text with
// or without its language, an instant in any zone, names of Data Model 1.1 or
// 2.0, entries of a list in any order.
//
// Nothing here looks at signatures. Two documents that say the same may both be
// forged.
package compare
