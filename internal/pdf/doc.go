// Package pdf writes documents of few pages: text in the Go fonts, boxes and
// pictures, with a structure for who listens to them, and files attached
// (ISO 32000-2). Nothing in a document runs or points outside, all that is
// needed to show it is in it, and the same input gives the same bytes.
//
// The fonts are embedded with the glyphs that are used. They have the letters of
// the European languages, Greek and Cyrillic among them, and write from left to
// right; Missing tells what they lack.
package pdf
