// Package key holds public keys in the forms in which credentials name them,
// and the signers that use private ones.
//
// A [Public] is Ed25519, P-256, P-384, P-521, secp256k1, RSA or BLS12-381 G2. It is read from a
// Multikey (Controlled Identifiers 1.0 section 2.2.2), a JWK (RFC 7517, RFC
// 8037) or a PEM file, and is checked once, when it is read: a point off its
// curve, an Ed25519 key of small order or in a form that is not canonical, an
// RSA key that is too short or absurdly long never become a Public. Of
// BLS12-381 only the form is checked here, see [FromBLS12381G2].
//
// A [Signer] is all that bevis asks of a private key, so it may live in a
// file, in an HSM or behind a service. [Private] is one in memory; it never
// prints itself.
//
// Signatures have one form for each type of key: Ed25519 pure, ECDSA as r||s
// of fixed length over SHA-256 (P-256), SHA-384 (P-384) or SHA-512 (P-521), RSA
// PKCS #1 v1.5 over SHA-256. These are those of the eddsa and ecdsa
// cryptosuites, which know no P-521, and of JOSE's EdDSA, ES256, ES384, ES512
// and RS256. BLS12-381 G2 has no signature over one
// message here: its keys sign many at once, in the cryptosuite bbs-2023
// (credential/proof/dataintegrity), and credential/key/bbskey makes them. Nor has
// secp256k1, whose arithmetic is not linked here: older proof types verify with
// it in credential/proof/dataintegrity, and nothing signs with it.
package key
