// Package jws takes compact JSON Web Signatures apart and checks them (RFC
// 7515), for every kind of token that bevis reads.
//
// What JOSE leaves open is settled here, the same for all: one spelling of
// base64url, three parts, a protected header of few members that are known, no
// algorithm but those of public keys, and none that the key's type is not for.
// A token that brings its key or says where to fetch it, that is encrypted, or
// that wants to be read in another way, is refused. Which type of token is
// accepted, and what its claims mean, is for who reads it.
//
// Go-jose is not used to verify: it accepts line breaks and spare bits in
// base64url, keys that are not for signatures and parameters that change what
// is signed. What remains of a JWS without those is a signature over two
// strings.
package jws
