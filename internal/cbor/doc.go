// Package cbor writes and reads the little of CBOR (RFC 8949) that proof
// values and COSE messages are made of: integers, byte strings, texts, arrays,
// maps and tags, all of definite length and in the deterministic form of
// section 4.2.1.
//
// There is one way to write a value, and [Reader] takes no other: no longer
// head than is needed, no indefinite lengths, nothing behind the end. It reads
// what the caller asks for, item by item, each under a limit of the caller's,
// so nothing of unknown shape is ever built; [Reader.Skip] passes over what
// need not be understood.
package cbor
