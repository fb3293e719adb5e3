// Package trust says whose word counts.
//
// A sound signature proves who signed, never that the signer may be believed.
// That is the relying party's own decision, and it is made here, before
// anything is fetched in an issuer's name: a [Registry] is asked about an
// issuer and answers with a [Decision] that names its source.
//
// [Pins] trusts exactly the issuers that a call names. A [Policy] is a text
// file that a person can read and review in a diff:
//
//	bevis-trust 1
//
//	# Checked on their web page and by telephone, 2026-03-02, KN.
//	issuer did:web:uib.no
//	  name Universitetet i Bergen
//	  since 2026-01-01T00:00:00Z
//	  until 2031-01-01T00:00:00Z
//	  types OpenBadgeCredential
//	  key did:web:uib.no#key-1 z6Mk…
//	  note Issues micro-credentials from all faculties.
//
// Each issuer begins a block; the lines of a block are indented and may come
// in any order. "name" is the name that the relying party has verified: it
// is what a report shows as verified, apart from the name that an issuer gives
// itself. "types" limits the credentials it is trusted for, "since" and
// "until" the time. "key" pins a verification method to a key, so that the
// issuer's document need not be had at all. An unknown word is an error: a
// limit that is misspelt must not be no limit.
//
// Beside issuers a policy names sources whose word about issuers it takes:
// domains, issuer registries, signed lists ([List]) and accreditors. It may ask
// for several that do not depend on each other ("quorum"), and for a fresh
// status ("status-age"). [Policy.Explain] says what each of them has to say.
// What they say is taken in beforehand ([Policy.TakeList],
// [Policy.TakeRegistry]) and read from a [Shelf]: no question to a policy makes
// a connection. docs/trust.md has the form in full, and why it is so.
package trust
