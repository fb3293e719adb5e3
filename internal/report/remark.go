package report

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/verifier"
)

// Codes are why a result is as it is, for a table, which has no room for
// checks: its reason, or of a valid one every remark that stands beside a
// check, of what it holds as well. What is right and yet not all that a reader
// takes it for must not look like any other.
func Codes(r app.VerifyResult) []string {
	if r.Verdict != "valid" {
		if r.Reason == "" {
			return nil
		}
		return []string{r.Reason}
	}
	var out []string
	for _, c := range r.Checks {
		if c.ID == string(verifier.CheckEndorsement) && c.Code != r.Reason {
			continue // that an endorsement does not count takes nothing from what it endorses
		}
		if c.Outcome == "warn" && c.Code != "" && !slices.Contains(out, c.Code) {
			out = append(out, c.Code)
		}
	}
	for _, part := range r.Credentials {
		for _, code := range Codes(part) {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	return out
}

// texts are those of codes, one after the other.
func texts(p *i18n.Printer, prefix string, codes []string) string {
	var out []string
	for _, code := range codes {
		if text := p.Code(prefix, code); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, " ")
}

// ShownByHolder reports whether whoever a valid result is about has shown it,
// signed with their own key: a bare file does not tell who sent it.
func ShownByHolder(r app.VerifyResult) bool {
	return r.Verdict == "valid" && slices.Contains(r.Bindings, verifier.BoundSubject)
}
