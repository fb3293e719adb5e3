// Package issuer turns awards into signed Open Badges 3.0 credentials, and
// keeps the books: which credential has which place in which status list, and
// what was revoked.
//
//	i, err := issuer.New(issuer.Config{
//		Profile:    openbadge.Profile{ID: "did:web:kurs.example", Name: "Kursstedet"},
//		Signer:     private.Signer("did:web:kurs.example#key-1"),
//		Suite:      suite,                          // credential/proof/suites
//		Ledger:     issuer.NewMemoryLedger(),       // or issuer/ledger/sqlite
//		StatusBase: "https://kurs.example/status/",
//		Now:        time.Now,
//	})
//	issued, err := i.Issue(ctx, issuer.Award{Achievement: course, Recipient: issuer.Recipient{ID: learner}})
//
// The order of an issue is: reserve a place in the status list, draft, lint,
// sign, record. What stops it half-way leaves a place that is never used
// again, and nothing else. An award with an IdempotencyKey is issued once: the
// same key gives the same bytes, however often and from however many places it
// is asked.
//
// What credentials are given for is written and kept in order with package
// issuer/definition. [Issuer.Endorse] says something of what others have written.
//
// [Issuer.Publish] returns the files that others need in order to verify: the
// DID document, the profile and the signed status lists, for any web server
// that serves static files.
package issuer
