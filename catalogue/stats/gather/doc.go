// Package gather lets each person contribute to a statistic once, without
// keeping who they are, and releases the sum.
//
// A [Desk] opens a stats.Call. Who contributes sends a [Submission]: the
// contribution, a presentation of one credential by an issuer that the call
// names, made for this desk in answer to [Submission.Challenge], and a proof of
// the pseudonym that the credential's key has for [Alpha] of the call (the
// random output of key.Public.VerifyVRF). So there is one contribution for each
// key that an accepted issuer has issued to, however often and with whichever
// credential it is sent. A [Withdrawal] takes it out again until the release.
//
// The desk keeps pseudonym and contribution, never the presentation, the
// credential or the key, and [Desk.Release] deletes both in the same step in
// which it enters the release in the manifest. [Desk.Publish] releases tables of
// events that the publisher has anyway, by the same manifest.
// docs/statistics.md says what a desk sees and what this does not withstand.
package gather
