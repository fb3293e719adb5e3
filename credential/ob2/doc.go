// Package ob2 reads Open Badges of version 2.0: assertions, hosted or signed,
// and the documents that they refer to. It fetches nothing and trusts nobody;
// package verifier does, in its order.
//
// An assertion says little by itself. Whom it is from stands in the profile
// that its badge class names, so an answer needs documents from the issuer's
// host. A hosted badge has no signature at all: it is what its host answers,
// today. A signed one is a compact JWS over the assertion alone; what its class
// says is not signed. docs/openbadges2.md says what a verdict on each is worth.
//
// Documents are read as plain JSON with the names of the standard's context,
// which is not expanded: one that renames members in a context of its own is
// not understood, and refused.
package ob2
