// Package dataintegrity secures JSON-LD documents with embedded proofs: W3C
// Verifiable Credential Data Integrity 1.0 with the cryptosuites of Data
// Integrity EdDSA Cryptosuites 1.0, Data Integrity ECDSA Cryptosuites 1.0 and
// Data Integrity BBS Cryptosuites 1.0.
//
//   - [EdDSARDFC]: eddsa-rdfc-2022 signs what the document means, by RDF
//     canonicalization (internal/jsonld, internal/rdfc).
//   - [EdDSAJCS]: eddsa-jcs-2022 signs the JSON itself, by RFC 8785
//     (internal/jcs).
//   - [ECDSARDFC], [ECDSAJCS]: ecdsa-rdfc-2019 and ecdsa-jcs-2019 do the same
//     with keys on P-256 (SHA-256) and P-384 (SHA-384).
//   - [ECDSASD]: ecdsa-sd-2023 signs each statement apart (internal/selective),
//     so that a holder can show some of them.
//   - [BBS]: bbs-2023 signs all statements at once (internal/bbs), and the
//     holder of the signature proves it for some of them, by another proof
//     each time.
//   - [EdDSA2022], [Ed25519Signature2020]: older forms, to verify only.
//   - [Ed25519Signature2018], [JSONWebSignature2020],
//     [EcdsaSecp256k1Signature2019]: proof types from before Data Integrity,
//     signed by a detached JWS, to verify only.
//
// A suite hashes the proof's options and the document apart and signs the two
// hashes, one behind the other. A document may carry a set of proofs, or a
// chain in which a proof names earlier ones in "previousProof" and covers them
// with the document (Data Integrity section 4.3).
//
// What a JSON-LD signature does not cover is refused, not dropped, both when
// signing and when verifying; a document is signed with the JSON form only if
// its terms are defined too, because others will read it as JSON-LD.
package dataintegrity
