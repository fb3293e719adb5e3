// Package jose secures credentials and presentations as compact JSON Web
// Signatures.
//
//   - [VC]: "vc+jwt", W3C Securing Verifiable Credentials using JOSE and COSE
//     section 3.1. The payload is the credential itself.
//   - [VP]: "vp+jwt", section 3.2, for presentations.
//   - [OpenBadge]: the JWT form of Open Badges 3.0 section 8.2, whose payload
//     is the credential with the registered claims beside its members, or, as
//     Data Model 1.1 has it, inside the claim "vc".
//
// A token says what it is by its type header, and is taken for nothing else.
// How a token is read, and what is refused in every one, is in internal/jws:
// the algorithm must fit the key that the verification method names, and the
// token does not choose.
package jose
