package app

import (
	"time"

	"github.com/kompetansebevis/bevis/verifier"
)

// claimsOfBadge2 returns what an Open Badge 2.0 says: the assertion, and of
// what was awarded as much as is known.
func claimsOfBadge2(r *verifier.Report) *ResultClaims {
	b := r.OpenBadge2()
	if b == nil {
		return nil
	}
	out := &ResultClaims{ID: b.ID, Types: []string{"Assertion"}, Evidence: b.Evidence, ValidFrom: b.IssuedOn.UTC().Format(time.RFC3339)}
	if !b.Expires.IsZero() {
		out.ValidUntil = b.Expires.UTC().Format(time.RFC3339)
	}
	out.Recipient = b.Recipient.IdentityType
	if b.Recipient.Hashed {
		out.Recipient += " (hash)"
	} else {
		out.Recipient += " " + b.Recipient.IdentityHash
	}
	if c := r.OpenBadge2Class(); c != nil {
		out.Name, out.Achievement, out.Description, out.Criteria, out.Skills = c.Name, c.Name, c.Description, c.Criteria, c.Skills
	}
	return out
}
