// Package sdjwt secures credentials so that their holder can show a part of
// them: SD-JWT (RFC 9901) in the compact form, with key binding.
//
//   - [DC]: "dc+sd-jwt", SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19). A document
//     of the W3C data model, such as an Open Badge, stands in the claim "ld"
//     (SD-JWT VCLD, OpenID for Verifiable Presentations 1.0 appendix B.3.7),
//     so that all of it can be kept back, and is what a verifier gets to see.
//     A token without it is shown as a credential whose subject has its claims.
//   - [VC]: "vc+sd-jwt", W3C Securing Verifiable Credentials using JOSE and COSE
//     section 3.2.1, whose payload is the document, and SD-JWT VC by the name
//     that its drafts had until 2024.
//   - [VP]: "vp+sd-jwt", section 3.2.2, for presentations. They are signed by
//     their holder, and have no key binding.
//
// All are a proof.Discloser. A disclosure is read only where the issuer signed
// its digest, so that what belongs to nothing never looks like a claim (section
// 7.1). Claims that say who vouches for what, until when and for whose key are
// refused where a holder could keep them back.
//
// Key binding makes two proofs of one token: the issuer's, for
// proof.AssertionMethod, and that of the holder, for proof.Authentication, by
// the key in the claim "cnf". The second says nothing unless the first holds.
//
// The issuer's key is found by "kid", a DID URL or a name under "iss", through
// proof.Keys. A certificate in the header and metadata at the issuer's address
// are not read: key_invalid/key-in-header, key_unavailable/controller-document.
// The JSON form of section 8 is not read either: malformed/jws-json.
package sdjwt
