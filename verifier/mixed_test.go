package verifier_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// An Open Badge 2.0 that stands where an Open Badge 3.0 is expected is held to
// all that was asked of that.

// TestBadge2AndWhatWasAsked: what a request requires is required of an Open
// Badge 2.0 as well.
func TestBadge2AndWhatWasAsked(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	who := func(kind, value string) verifier.Request {
		return verifier.Request{Recipient: []verifier.Identifier{{Type: kind, Value: value}}}
	}
	to := func(members string) string {
		return s.sign(t, strings.Replace(signed, recipient, `"recipient":{`+members+`},`, 1))
	}
	hashed := to(`"type":"email","hashed":true,"salt":"s","identity":"sha256$` + sha("kari@example.orgs") + `"`)
	plain := to(`"type":"email","hashed":false,"identity":"kari@example.org"`)
	const other, unknown = "holder_mismatch/recipient", "holder_mismatch/recipient-unknown"
	for _, c := range []struct {
		name, raw string
		req       verifier.Request
		verdict   verifier.Verdict
		code      reason.Code
	}{
		{"hashed", hashed, who("email", "kari@example.org"), verifier.Valid, "display_warning/hosted-class"},
		{"plain", plain, who("emailAddress", "kari@example.org"), verifier.Valid, "display_warning/hosted-class"},
		{"somebody else", hashed, who("email", "ola@example.org"), verifier.Invalid, other},
		{"somebody else, plain", plain, who("email", "ola@example.org"), verifier.Invalid, other},
		{"hosted, of a hash that cannot be read", hosted, who("email", "kari@example.org"), verifier.Undetermined, unknown},
		{"by what it does not name", plain, who("name", "Kari"), verifier.Undetermined, unknown},
		{"a hash that says it is plain", to(`"type":"email","hashed":false,"identity":"sha256$` + sha("kari@example.org") + `"`), who("email", "kari@example.org"), verifier.Undetermined, unknown},
		{"schema", plain, verifier.Request{RequireSchema: true}, verifier.Undetermined, "schema_unavailable/none"},
	} {
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), Documents: s})
		c.req.Raw = []byte(c.raw)
		if r, _ := v.Verify(t.Context(), c.req); r.Verdict != c.verdict || r.Reason != c.code || (r.Verdict == verifier.Valid) != slices.Contains(r.Bindings(), verifier.BoundRecipient) {
			t.Errorf("%s: %s %s %v", c.name, r.Verdict, r.Reason, r.Bindings())
		}
	}
}

// TestBadge2InPresentation: a badge of somebody else does not become one's own
// by standing in one's own presentation.
func TestBadge2InPresentation(t *testing.T) {
	t.Parallel()
	s, kari := newSchool(t), newParty(t)
	raw := kari.presentation(proof.Params{Domains: []string{"me"}}, kari.id, envelope([]byte(s.sign(t, signed))))
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), Documents: s})
	r, _ := v.Verify(t.Context(), verifier.Request{Raw: raw, Audience: "me", RequireHolder: true})
	if r.Verdict != verifier.Invalid || r.Reason != "holder_mismatch/no-subject-id" {
		t.Errorf("%s %s", r.Verdict, r.Reason)
	}
	// Where nobody asks for the holder, it is said that none is tied to it.
	r, _ = v.Verify(t.Context(), verifier.Request{Raw: raw, Audience: "me"})
	if r.Verdict != verifier.Valid || r.Reason != "" || r.Check(verifier.CheckHolder).Outcome == verifier.Warn || slices.Contains(r.Bindings(), verifier.BoundSubject) {
		t.Errorf("%s %q %v", r.Verdict, r.Reason, r.Bindings())
	}
}

// TestBadge2InForged: what does not hold has nobody asked, in the name of no
// edition.
func TestBadge2InForged(t *testing.T) {
	t.Parallel()
	p, s := newParty(t), newSchool(t)
	good := p.rdfc(string(record(p, "did:x:kari", string(envelope([]byte(s.sign(t, signed)))))))
	for name, raw := range map[string]string{"holds": good, "forged": strings.Replace(good, "Vitnemål", "Vitnemaal", 1)} {
		s.asked = nil
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id, schoolID), Documents: s})
		r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw)})
		if (len(s.asked) > 0) != (name == "holds") {
			t.Errorf("%s (%s, %s): asked %v", name, r.Verdict, r.Reason, s.asked)
		}
	}
}

// TestBadge2IsNoEndorsement: what was awarded to somebody speaks for nobody
// else.
func TestBadge2IsNoEndorsement(t *testing.T) {
	t.Parallel()
	p, s := newParty(t), newSchool(t)
	raw := endorsedBadge(p, map[string]string{atAchievement: `"endorsement":[` + string(envelope([]byte(s.sign(t, signed)))) + `]`})
	for _, raw := range []string{raw, endorsedBadge(p, map[string]string{atAchievement: `"endorsementJwt":["` + s.sign(t, signed) + `"]`})} {
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id, schoolID), Documents: s})
		r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw)})
		if len(r.Endorsements) != 1 || r.Endorsements[0].Verdict == verifier.Valid || r.Check(verifier.CheckEndorsement).Outcome == verifier.Pass {
			t.Errorf("%s %s: %+v", r.Verdict, r.Reason, r.Check(verifier.CheckEndorsement))
		}
	}
}

// TestBadge2OldList: a list that is handed over is no fresher for an old
// badge.
func TestBadge2OldList(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	lists := map[string][]byte{}
	for url, body := range s.body {
		lists[url] = []byte(body)
	}
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), MaxStatusAge: time.Hour})
	r, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(s.sign(t, signed)), StatusLists: lists})
	if r.Verdict == verifier.Valid || r.Reason != "status_unavailable/stale" {
		t.Errorf("%s %s", r.Verdict, r.Reason)
	}
}

// TestMemoOfForged: a forged file does not settle what is known of a list for
// those that are judged after it.
func TestMemoOfForged(t *testing.T) {
	t.Parallel()
	p, school := newParty(t), newParty(t)
	const id = "did:web:school.example"
	doc, err := did.Build(id, []did.Method{{ID: id + "#k", Controller: id, Public: school.signer.Public()}})
	if err != nil {
		t.Fatal(err)
	}
	school.id, school.signer = id, webSigner{school.signer, id + "#k"}
	honest := school.sign(dataintegrity.EdDSARDFC2022, school.credential("did:x:kari", entry(7)), proof.Params{})
	good := p.rdfc(string(record(p, "did:x:kari", string(honest))))
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id, id), Memo: verifier.NewMemo(), Resolver: did.Mux{"key": did.Key{}, "web": did.Web{Fetcher: &web{doc: doc}}}})
	lists := map[string][]byte{listURL: school.list(listURL, status.Revocation, noon.Add(-time.Hour), time.Time{}, 9)}
	for _, c := range []struct {
		raw  string
		want verifier.Verdict
	}{{strings.Replace(good, "Vitnemål", "Vitnemaal", 1), verifier.Invalid}, {string(honest), verifier.Valid}, {good, verifier.Valid}} {
		if r, err := v.Verify(t.Context(), verifier.Request{Raw: []byte(c.raw), StatusLists: lists}); r.Verdict != c.want {
			t.Errorf("%s, want %s: %v", r.Verdict, c.want, err)
		}
	}
}
