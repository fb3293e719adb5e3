package verifier_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check of what comes beside a document, or
// stands in one, that could be taken out without another test failing: see
// docs/mutation.md.

// TestFullBeside: what is given beside a document is compared in each of its
// forms, and it is said of what it is the same.
func TestFullBeside(t *testing.T) {
	t.Parallel()
	p, s := newParty(t), newSchool(t)
	full := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", nil), proof.Params{})
	short := p.shortened(full, nil)
	token := s.sign(t, signed)
	for name, c := range map[string]struct {
		raw, full []byte
		note      verifier.Note
		code      reason.Code // of the check
	}{
		"a short form and what it is of":  {short, full, verifier.NoteFullAgrees, ""},
		"a credential and itself":         {full, full, verifier.NoteFullIsSame, ""},
		"more than is read":               {full, slices.Repeat([]byte(" "), 2<<20), "", "unsigned_data/other-credential"},
		"a signed older badge and itself": {[]byte(token), []byte(token), verifier.NoteFullIsSame, ""},
		"its assertion without signature": {[]byte(token), []byte(signed), verifier.NoteFullIsOther, "unsigned_data/other-credential"},
		"a hosted older badge and itself": {[]byte(hosted), []byte(hosted), verifier.NoteFullIsSame, ""},
		"another older badge":             {[]byte(hosted), []byte(token), verifier.NoteFullIsOther, "unsigned_data/other-credential"},
	} {
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id, schoolID), Documents: s})
		report, err := v.Verify(t.Context(), verifier.Request{Raw: c.raw, Full: c.full})
		if check := report.Check(verifier.CheckFull); check.Note != c.note || check.Reason != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, %+v", name, err, check)
		}
	}
}

// TestShortFormInside: a short form is for paper, wherever else it stands.
func TestShortFormInside(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	short := p.shortened(p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", nil), proof.Params{}), nil)
	raw := p.rdfc(string(record(p, "did:x:kari", inBase64("application/vc+cose", short))))
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(raw)})
	if got := verdicts(report.Nested); got != "invalid wrong_type/printed" {
		t.Errorf("%s, %v", got, report.Err())
	}
}

// TestEndorsementsBesideAPresentation: each is of the credential that it names
// something in, and of no other.
func TestEndorsementsBesideAPresentation(t *testing.T) {
	t.Parallel()
	p, nokut, holder := newParty(t), newParty(t), newParty(t)
	one, two := p.rdfc(stated(p, "urn:x:one", "sveising", "did:x:kari")), p.rdfc(strings.Replace(stated(p, "urn:x:two", "medisin", "did:x:kari"), `"id":"https://kurs.example/medisin",`, "", 1))
	shown := holder.presentation(proof.Params{Domains: []string{"me"}}, holder.id, []byte(one), []byte(two))
	token := func(id string) string {
		return string(nokut.sign(jose.VCJWT, []byte(endorsing(nokut, id, "")), proof.Params{}))
	}
	for name, c := range map[string]struct {
		beside string
		want   [2]string // of each credential
	}{
		"of the first":      {endorsementOf(nokut, "urn:x:one"), [2]string{"valid", ""}},
		"of what it awards": {endorsementOf(nokut, achievementID), [2]string{"valid", ""}},
		"of the second":     {token("urn:x:two"), [2]string{"", "valid"}},
		"of both":           {token(p.id), [2]string{"valid", "valid"}},
		"of neither":        {token("urn:x:three"), [2]string{"", ""}},
		"of nothing":        {strings.Replace(endorsing(nokut, "urn:x:one", ""), `"id":"urn:x:one",`, "", 1), [2]string{"", ""}},
		"no JSON":           {"{", [2]string{"", ""}},
		"no token":          {"eyJ.x.y", [2]string{"", ""}},
	} {
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id, nokut.id)}).Verify(t.Context(), verifier.Request{Raw: shown, Audience: "me", Endorsements: [][]byte{[]byte(c.beside)}})
		if len(report.Parts) != 2 {
			t.Fatalf("%s: %v", name, report.Err())
		}
		if got := [2]string{verdicts(report.Parts[0].Endorsements), verdicts(report.Parts[1].Endorsements)}; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// One that is of neither does not keep the next from being judged.
	several := [][]byte{[]byte(token("urn:x:three")), []byte(endorsementOf(nokut, "urn:x:one")), []byte(token("urn:x:two"))}
	all, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id, nokut.id)}).Verify(t.Context(), verifier.Request{Raw: shown, Audience: "me", Endorsements: several})
	if got := [2]string{verdicts(all.Parts[0].Endorsements), verdicts(all.Parts[1].Endorsements)}; got != [2]string{"valid", "valid"} {
		t.Errorf("several: %q", got)
	}
	// Of those that do not hold it is said how many they are.
	mixed := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(one), Endorsements: [][]byte{[]byte(token("urn:x:three")), several[1], []byte(token("urn:x:four"))}})
	if check := mixed.Check(verifier.CheckEndorsement); !strings.Contains(check.Detail, "2 of 3 ") {
		t.Errorf("two of three: %s", check.Detail)
	}
	// Beside one alone every one is judged, and that it is of something else is told.
	report := verdictOn(t, p, trust.Pins(p.id, nokut.id), verifier.NoStatus{}, verifier.Request{Raw: []byte(one), Endorsements: [][]byte{[]byte(token("urn:x:three"))}})
	if got := verdicts(report.Endorsements); got != "invalid endorsement_mismatch/target" {
		t.Errorf("alone: %q", got)
	}
}

// TestSnapshotThatIsNone: a notary's word on what hosts answered, in which there is
// no answer.
func TestSnapshotThatIsNone(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	raw := p.sign(jose.VCJWT, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2","`+ob2.ContextSnapshot+`"],"type":["VerifiableCredential","`+ob2.TypeSnapshot+`"],"issuer":"`+p.id+`","credentialSubject":{"type":"WebSnapshot","about":"x"}}`), proof.Params{})
	report, err := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: raw})
	if check := report.Check(verifier.CheckHosted); reason.CodeOf(err) != "malformed/snapshot" || check.Outcome != verifier.Fail {
		t.Errorf("%v, %+v", err, check)
	}
}

// TestOtherLetters: a text in other letters misleads nobody for that.
func TestOtherLetters(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	raw := p.sign(jose.VCJWT, p.credential("did:x:kari", func(d *credential.Draft) { d.Name = "Сварка" }), proof.Params{})
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: raw})
	if check := report.Check(verifier.CheckDisplay); check.Outcome != verifier.Pass || check.Note != verifier.NoteNothingMisleads {
		t.Errorf("%+v", check)
	}
}

// legacy is a suite of an older kind of signature.
type legacy struct{ proof.Suite }

func (l legacy) Open(in *proof.Input) ([]*proof.Secured, error) {
	out, err := l.Suite.Open(in)
	for _, s := range out {
		s.Legacy = true
	}
	return out, err
}

// TestLegacyIsTold: an older kind of signature holds, and is called older.
func TestLegacyIsTold(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	raw := p.sign(jose.VCJWT, p.credential("did:x:kari", nil), proof.Params{})
	for _, old := range []bool{false, true} {
		set := proof.Set{jose.VC()}
		if old {
			set = proof.Set{legacy{jose.VC()}}
		}
		report, err := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Suites: set}).Verify(t.Context(), verifier.Request{Raw: raw})
		told := slices.ContainsFunc(report.Checks, func(c verifier.Check) bool { return c.Reason == "display_warning/legacy-proof" })
		if err != nil || told != old {
			t.Errorf("older: %t, told: %t, %v", old, told, err)
		}
	}
}
