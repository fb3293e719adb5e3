// Package timestamp checks time-stamp tokens of RFC 3161: that an authority
// whose certificate is at hand has seen a digest, and when.
//
// [Verify] takes the answer of an authority (a .tsr file) or the bare token in
// it, the digest's message, and the certificates that are believed. Nothing is
// fetched: certificates between the authority's and a believed one must be in
// the token. Signatures are by ECDSA, Ed25519 or RSA, the last in both of its forms:
// PKCS #1 1.5, and RSASSA-PSS (RFC 4056), but for a key whose certificate says that
// it is for PSS alone, which crypto/x509 does not read. Whether a certificate was
// revoked later is not looked at; the token says that the message is no younger than
// its time, as long as the authority's key had not leaked and its hash function held.
package timestamp
