// Package status reads and writes status lists: W3C Bitstring Status List
// 1.0, its forerunner StatusList2021 to read, and Token Status List.
//
// A credential names an [Entry]: a list by URL, an index in it and a purpose.
// The list is itself a credential that holds a [List] of bits, compressed. This
// package knows the entry, the bits and the shape of the list credential; that
// the list is signed by who may sign it is for package verifier, and which index
// a new credential gets for package issuer.
//
// A list has at least 131,072 entries, so that looking one up does not say
// whose it is (section 6.1, herd privacy). Compressed lists are inflated up to
// a bound, because a few bytes can stand for gigabytes.
//
// Tokens that are no credentials of the data model, such as SD-JWT VC, have
// another form: a [TokenEntry] names a [ListToken], a JWT that holds a
// [TokenList] of statuses of several bits (Token Status List,
// draft-ietf-oauth-status-list-21). It has no least size.
package status
