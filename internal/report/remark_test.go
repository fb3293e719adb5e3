package report

import (
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/verifier"
)

// TestRemarks: what a valid result is valid with is told wherever there is no
// room for its checks.
func TestRemarks(t *testing.T) {
	t.Parallel()
	warn := func(id, code string) app.ResultCheck { return app.ResultCheck{ID: id, Outcome: "warn", Code: code} }
	part := app.VerifyResult{Verdict: "valid", Checks: []app.ResultCheck{warn("proof", "key_invalid/retired"), warn("proof", "key_invalid/retired")}}
	for name, c := range map[string]struct {
		r    app.VerifyResult
		want []string
	}{
		"valid":             {app.VerifyResult{Verdict: "valid", Checks: []app.ResultCheck{{ID: "proof", Outcome: "pass"}}}, nil},
		"another's":         {app.VerifyResult{Verdict: "valid", Checks: []app.ResultCheck{warn("holder-binding", "holder_mismatch")}}, []string{"holder_mismatch"}},
		"and of its parts":  {app.VerifyResult{Verdict: "valid", Checks: []app.ResultCheck{warn("holder-binding", "holder_mismatch")}, Credentials: []app.VerifyResult{part, part}}, []string{"holder_mismatch", "key_invalid/retired"}},
		"an endorsement":    {app.VerifyResult{Verdict: "valid", Checks: []app.ResultCheck{warn("endorsement", "untrusted_issuer")}}, nil},
		"invalid":           {app.VerifyResult{Verdict: "invalid", Reason: "revoked", Checks: []app.ResultCheck{warn("proof", "key_invalid/retired")}}, []string{"revoked"}},
		"without a reason":  {app.VerifyResult{Verdict: "undetermined"}, nil},
		"hosted, as it was": {app.VerifyResult{Verdict: "valid", Reason: "display_warning/hosted-badge", Checks: []app.ResultCheck{warn("display", "display_warning/hosted-badge")}}, []string{"display_warning/hosted-badge"}},
	} {
		if got := Codes(c.r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	p := i18n.New("en")
	mismatch := app.VerifyResult{Verdict: "valid", Kind: "presentation", Checks: []app.ResultCheck{warn("holder-binding", "holder_mismatch")}}
	if got := Next(p, mismatch); got != p.Code("next.", "holder_mismatch") || got == "" {
		t.Errorf("to do about it: %q", got)
	}
	for want, bindings := range map[bool][]verifier.Binding{true: {verifier.BoundHolder, verifier.BoundSubject}, false: {verifier.BoundHolder}} {
		r := app.VerifyResult{Verdict: "valid", Kind: "presentation"}
		r.Bindings = bindings
		if ShownByHolder(r) != want {
			t.Errorf("%v: shown by its holder is not %v", bindings, want)
		}
		r.Verdict = "invalid"
		if ShownByHolder(r) {
			t.Errorf("%v: what is invalid is shown by its holder", bindings)
		}
	}
}
