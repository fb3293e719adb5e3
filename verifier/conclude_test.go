package verifier

import "testing"

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
