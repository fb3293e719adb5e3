// Package bbs signs many messages with one signature, and lets whoever holds
// the signature prove it for some of the messages without showing the others or
// the signature itself: the BBS Signature Scheme of
// draft-irtf-cfrg-bbs-signatures with the ciphersuite BLS12-381-SHA-256 and the
// interface H2G_HM2S. Two proofs made from one signature cannot be told from
// proofs made from two, unless what they show tells them apart.
//
// A [Suite] holds the constants: the generators, which are worked out when they
// are first needed and kept. The curve is circl's, and circl is used nowhere
// else. The ciphersuite with SHAKE-256 is not here: circl hashes to the curve
// with SHA-256 alone.
//
// Whatever is read is read strictly. Points are compressed, in their one form,
// in the subgroup of prime order and not its identity; scalars are reduced and
// not zero; indexes ascend; and at most [MaxMessages] messages are signed or
// proven, so that the work that a proof can cause is bounded by its length and
// by that.
//
// About time: signing, proving, and verifying a signature (which its holder
// does, over messages that may stay undisclosed) multiply with circl's
// constant-time routine, and hashes are reduced to scalars without branches.
// Inverting a scalar takes steps that depend on the group's order alone. Not
// constant is how many messages there are, how long each is, and which are
// disclosed; reading a secret key compares it with the order from the front and
// stops at the first byte that differs; and the memory of secrets is not
// cleared, which Go has no sure way of doing. Verifying a proof works on what
// its receiver was given and takes whatever time is short. Nobody has measured
// any of this against power or fault attacks.
package bbs
