// Package unseen knows the characters of a text that people do not see: those
// that control a terminal, turn the direction of writing, join, break a line or
// are blank though they count as letters. By them a name can pass for another.
//
// Whoever shows a text, takes in a name or warns of one asks here, so that what
// is replaced on a screen is also warned of.
package unseen
