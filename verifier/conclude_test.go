package verifier

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestForgotten: a check that is needed and was not made is not passed over.
func TestForgotten(t *testing.T) {
	t.Parallel()
	r := &Report{}
	r.pass(CheckProof, "")
	if r.conclude([]CheckID{CheckProof}); r.Verdict != Valid {
		t.Error(r.Verdict, r.Reason)
	}
	if r.conclude([]CheckID{CheckProof, CheckTrust}); r.Verdict != Undetermined || r.Reason != "internal/check-not-made" {
		t.Error(r.Verdict, r.Reason)
	}
}

// TestUnsignedFirst: of what is wrong alike, that nobody signed it is told first;
// what is worse still goes before it, and it never goes before that.
func TestUnsignedFirst(t *testing.T) {
	t.Parallel()
	for want, codes := range map[reason.Code][]reason.Code{
		reason.NoProof:       {reason.MalformedTime, reason.UntrustedIssuer, reason.NoProof, reason.MalformedTime},
		reason.MalformedTime: {reason.MalformedTime, reason.BadSignature},
		"internal/x":         {reason.NoProof, "internal/x", reason.NoProof},
	} {
		r := &Report{}
		for _, code := range codes {
			r.add(Check{ID: CheckProof, Outcome: Fail, Reason: code})
		}
		if r.conclude(nil); r.Reason != want {
			t.Errorf("%v: %s", codes, r.Reason)
		}
	}
}

// TestShortened: what an issuer explains is cut where it is too long, between
// characters, and nowhere else.
func TestShortened(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"  mistake ": "mistake", " ": "",
		strings.Repeat("x", maxExplained):         strings.Repeat("x", maxExplained),
		strings.Repeat("x", maxExplained+1):       strings.Repeat("x", maxExplained) + "…",
		strings.Repeat("x", maxExplained-1) + "ø": strings.Repeat("x", maxExplained-1) + "…",
	} {
		if got := shortened(text); got != want {
			t.Errorf("%.20q: %q", text, got)
		}
	}
}
