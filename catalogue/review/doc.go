// Package review takes reviews of courses that cannot be bought cheaply, and
// says what they are worth.
//
// A review comes as a [Submission]: what it says ([Content]), and a
// presentation of the credential for completing the course. The presentation
// is made for the one catalogue and answers [Content.Challenge], so it
// belongs to this course, this text and this operator. [Content.Proof] proves
// a pseudonym: the random output (key.Public.VerifyVRF) of the key that the
// credential is about, for [Alpha] of the course. A key has one pseudonym for
// a course, so there is one review however often it is sent and with whatever
// credential; and without the private key nobody can tell which pseudonyms
// belong together.
//
//	content := review.Content{Course: ref, Rating: 4, Text: "…", Language: "nb", Day: "2026-06-01"}
//	content.Proof, err = wallet.ProvePseudonym(ctx, item, review.Alpha(ref))
//	presentation, _, err := wallet.Share(ctx, …{Audience: operator, Challenge: content.Challenge()})
//	file, err := review.Submission{Content: content, Presentation: presentation}.JSON()
//
// A [Collector] judges submissions and keeps what [Record] names: never the
// presentation, the credential or whom it is about. [Collector.Sweep] drops
// reviews whose credential was revoked, [Collector.Withdraw] those whose
// author wants it, and [Collector.Publish] gives the public lines.
//
// [Rank] is a pure function from records to standings: named rules discount
// what looks bought, and a course stands by the lower bound of its shrunk
// mean. docs/reviews.md has the protocol, the formula, and what this does not
// withstand.
package review
