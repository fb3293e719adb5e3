// Package profile holds rule sets: what a standard wants of a credential,
// written as data, and the findings where a document is otherwise.
//
// In comes any JSON object, out come [Finding] values with a JSON pointer, a
// sentence on what is wrong and one on how to mend it. Lint prints them, an
// issuer stops at them before it signs, a verifier reads the Errors as
// "malformed".
//
//	for _, f := range profile.Check(c.Document(), profile.For(c)...) {
//		fmt.Println(f.At, f.Message, f.Next)
//	}
//
// The sets are [VCDM20] and [VCDM11] (Verifiable Credentials Data Model 2.0
// and 1.1, the parts that a program can check), [Presentation] for both, and
// [OpenBadges30] (the JSON schemas of Open Badges 3.0 and the sentences of the
// standard that no schema can say) with [Endorsement30], and [LearnerRecord20]
// (the Comprehensive Learner Record 2.0 itself, not what it holds). An Error is something that the standard
// forbids; what it only advises against is a Warning, what helps other
// programs to read the document is a Hint.
//
// Nothing here looks at proofs, keys or trust, and nothing is fetched.
package profile
