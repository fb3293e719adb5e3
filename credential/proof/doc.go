// Package proof is the seam between what is secured and how.
//
// A [Suite] knows one way of securing a document: a Data Integrity
// cryptosuite (credential/proof/dataintegrity) or a JOSE form
// (credential/proof/jose). There is no cryptography here, and no registry: a
// caller puts the suites that it accepts into a [Set], which is a slice.
// credential/proof/suites lists the ones that ship.
//
// Verifying takes two steps that are never merged. [Set.Open] says what a
// document claims: [Secured], of which nothing has been checked.
// [Set.Verify] checks one claim with a key and says what exactly that key
// covered: [Proven]. Whether the key belongs to the issuer, whether its
// purpose, time, audience and challenge are as wanted, and whether the issuer
// is trusted are questions of the caller, who is given all that it needs to
// answer them (W3C Verifiable Credential Data Integrity 1.0, section 4; W3C
// Securing Verifiable Credentials using JOSE and COSE, section 3).
package proof
