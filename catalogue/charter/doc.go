// Package charter is the self-declaration with which a provider enters a
// catalogue, for nobody approves it first: its staff is competent, its material
// is made for the medium and the audience, and its services bear many learners.
//
// A charter is an EndorsementCredential of Open Badges 3.0 (section B.1.9) in
// which the provider speaks about its own Profile. The claim is in the fixed
// words of [Claim]; what the provider has to say for each commitment, and who
// accredited it, is evidence. So every term is defined by contexts that other
// verifiers have, and none of them shows a self-declaration as something that
// was achieved. docs/charter.md weighs that.
//
// A charter counts only if who signed it is whom it is about and who offers,
// while it is in force, and with all commitments: [Open].
package charter
