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
// A token says what it is by its type header, and is taken for nothing else. Of
// the header only members that mean something here are accepted: a key in the
// header proves nothing about the issuer, an address in it is not fetched, and
// "crit", "b64" and encryption are refused. Base64url has one spelling. The
// algorithm must be one of [Algorithms] and fit the key that the verification
// method names; the token does not choose.
//
// Go-jose is not used to verify: it accepts line breaks and spare bits in
// base64url, keys that are not for signatures and parameters that change what
// is signed. What remains of a JWS without those is a signature over two
// strings.
package jose
