// Package credential is what a credential says: a typed, immutable view of a
// W3C Verifiable Credential (Data Model 2.0 and 1.1) over the very bytes that
// were received.
//
// [Parse] takes bytes and refuses what is not strict JSON; it judges nothing
// else. Whether members are as the data model wants them is for
// credential/profile, whether a proof holds for credential/proof, and what
// both add up to for package verifier. [Draft] builds a new credential in a
// fixed member order.
//
// What a credential says of achievements is in credential/openbadge. A
// [Presentation] is read here too, because what it holds are credentials.
package credential
