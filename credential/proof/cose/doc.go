// Package cose secures credentials and presentations as COSE_Sign1 messages
// (RFC 9052 section 4.2), as W3C Securing Verifiable Credentials using JOSE and
// COSE section 3.3 has it: the payload is the JSON document itself.
//
//   - [VC]: "vc+cose", type application/vc+cose, content application/vc.
//   - [VP]: "vp+cose", type application/vp+cose, content application/vp.
//
// A message says what it is by typ (16, RFC 9596) and is taken for nothing
// else. What COSE leaves open is settled as internal/jws settles it for tokens:
// tag 18, CBOR in its one deterministic form, an empty unprotected header, and
// of the protected one the few members that mean something here: alg, content
// type, kid, CWT claims (15, RFC 9597) and typ. Others are refused, crit and
// keys or certificates that the message brings itself among them; claims that
// are not known are passed over, as those of a token are. The payload is there,
// never detached. The algorithm must fit the key that the verification method
// names, and the message does not choose.
//
// "kid" is the verification method, a URL in UTF-8. When it was signed, for
// whom, in answer to what and until when stand in the CWT claims, since the
// payload is the document and nothing else: iat (6), aud (3), nonce (10, RFC
// 9711 section 4.1) and exp (4).
package cose
