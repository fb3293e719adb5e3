package report

import (
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// Endorsement tells who endorses what, and what that is worth. The name that
// an endorser gives itself is left out: anybody can call themselves a ministry.
func Endorsement(p *i18n.Printer, e app.VerifyResult) string {
	who, what := "?", "?"
	if e.Issuer != nil {
		who = e.Issuer.ID
		if verified, _ := Names(e); verified != "" {
			who = verified + " (" + who + ")"
		}
	}
	if e.Endorses != nil && e.Endorses.What != "" {
		what = thing(p, e.Endorses.What)
	}
	return p.T("verify.endorsed", who, what, Verdict(p, e))
}

// Association tells how two achievements of a record belong together.
func Association(a app.ResultAssociation) string { return a.Source + " " + a.Type + " " + a.Target }
