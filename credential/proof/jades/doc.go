// Package jades reads and verifies the seals of Europass: JAdES signatures (ETSI
// TS 119 182-1) in the JSON serialisation of JWS, around a document that stands
// in it as text (RFC 7797, b64 false) or in base64url.
//
// A seal is judged in steps, each of which says one thing and no more: Verify,
// that the signature is by the key of the certificate in it; Judge, that the
// certificate leads to one that is believed and had not been revoked when there
// was proof of the signature. Who sealed is what the certificate says
// (Seal.By); what the document says of its issuer is for the caller to compare.
//
// What is believed are Anchors: certificates in PEM, or a trusted list of ETSI TS
// 119 612. Such a list is signed itself, and that signature is not looked at: who
// hands the list in answers for where it is from. There are no anchors of the
// system's, and nothing is fetched.
package jades
