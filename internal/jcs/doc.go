// Package jcs writes JSON in the canonical form of RFC 8785 (JSON
// Canonicalization Scheme): no white space, members sorted by the UTF-16 code
// units of their names, numbers as ECMAScript prints them.
//
// Input is a tree of internal/strictjson, which has already refused what
// RFC 8785 section 3.1 asks of the data: duplicate names, invalid Unicode,
// numbers that a double cannot hold.
package jcs
