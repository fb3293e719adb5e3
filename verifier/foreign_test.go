package verifier_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// others is a system whose documents say what came of them.
type others struct{}

func (others) IsForeign(v *credential.Value) bool { return v == nil || v.Get("other") != nil }

func (others) ReadForeign(_ context.Context, v *credential.Value) (*verifier.Foreign, error) {
	f := &verifier.Foreign{Form: "other-1", ID: "urn:x", IssuerID: "did:web:school.example", Document: v}
	switch s, _ := v.Get("other").Text(); s {
	case "unreadable":
		return nil, reason.New("malformed/blockcert", "", "x")
	case "changed":
		f.Intact = reason.New("bad_signature/content", "", "x")
	case "unknown":
		f.Intact = reason.New("unsafe_context/unknown", "", "x")
	case "hidden":
		f.Hidden = 2
	}
	return f, nil
}

// TestForeign: a document whose issuance stands elsewhere is never valid, also
// when its claimed issuer is trusted.
func TestForeign(t *testing.T) {
	t.Parallel()
	cfg := verifier.Config{Trust: trust.Pins("did:web:school.example")}
	cfg.Foreign = []verifier.ForeignReader{others{}}
	v := newVerifier(t, cfg)
	for raw, want := range map[string]struct {
		verdict verifier.Verdict
		code    reason.Code
	}{
		`{"other":"x"}`:          {verifier.Undetermined, "trust_unavailable/chain"},
		`{"other":"hidden"}`:     {verifier.Undetermined, "trust_unavailable/chain"},
		`{"other":"unknown"}`:    {verifier.Undetermined, "unsafe_context/unknown"},
		`{"other":"changed"}`:    {verifier.Invalid, "bad_signature/content"},
		`{"other":"unreadable"}`: {verifier.Invalid, "malformed/blockcert"},
		`{"other":"x","@context":["https://w3id.org/openbadges/v2"],"type":"Assertion"}`: {verifier.Undetermined, "trust_unavailable/chain"},
	} {
		r, err := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw)})
		var e *reason.Error
		if r.Verdict != want.verdict || r.Reason != want.code || r.Kind != verifier.KindForeign || !errors.As(err, &e) || r.Credential() != nil {
			t.Errorf("%s: %s %s %v", raw, r.Verdict, r.Reason, err)
		}
		if (r.Foreign() == nil) != (want.code == "malformed/blockcert") {
			t.Errorf("%s: %v", raw, r.Foreign())
		}
	}
	if r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(`{"other":"x"}`), RequireHolder: true}); r.Reason != "wrong_type/credential" {
		t.Error(r.Reason)
	}
	for _, raw := range []string{`{"another":"x"}`, "eyJ.e30.x"} { // of which the second is no document to ask about
		if r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw)}); r.Kind == verifier.KindForeign {
			t.Errorf("%s: what no reader claims is none", raw)
		}
	}
	for raw, want := range map[string]verifier.Note{`{"other":"x"}`: verifier.NoteContentIntact, `{"other":"hidden"}`: verifier.NoteContentHidden} {
		if r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw)}); r.Check(verifier.CheckContent).Note != want {
			t.Errorf("%s: %+v", raw, r.Check(verifier.CheckContent))
		}
	}
	// What is given beside it is compared, or it is said that it is not.
	raw := []byte(`{"other":"x"}`)
	for want, full := range map[verifier.Outcome][]byte{verifier.Pass: raw, verifier.Fail: []byte(`{"other":"y"}`)} {
		r, _ := v.Verify(t.Context(), verifier.Request{Raw: raw, Full: full, Endorsements: [][]byte{raw}})
		if r.Check(verifier.CheckFull).Outcome != want || r.Check(verifier.CheckEndorsement).Note != verifier.NoteEndorsementNotHere {
			t.Errorf("%s: %+v", full, r.Checks)
		}
	}
}
