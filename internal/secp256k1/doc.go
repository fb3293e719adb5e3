// Package secp256k1 verifies ECDSA signatures on the curve secp256k1 over
// SHA-256 (JOSE's ES256K, RFC 8812 section 3.2). It is the one door to the
// library that knows the curve, and makes no signatures: credentials with them
// are old, and nothing new should be.
package secp256k1
