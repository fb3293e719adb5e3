package verifier_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// TestPage: what is attached to a page is held against the codes on it. Nothing
// that was not read is said to agree, and nothing that agrees says more than it
// does: that the page is not signed is said of each.
func TestPage(t *testing.T) {
	t.Parallel()
	p, thief := newParty(t), newParty(t)
	const kari = "did:example:kari"
	full := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari, nil), proof.Params{})
	other := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:ola", nil), proof.Params{})
	short, shortOther := p.shortened(full, nil), p.shortened(other, nil)
	token := p.sign(jose.VCJWT, p.credential(kari, nil), proof.Params{})
	message := p.sign(cose.VCCOSE, p.credential(kari, nil), proof.Params{})
	parted := p.sign(sdjwt.VCSDJWT, p.credential(kari, nil), proof.Params{Disclosable: []string{"/credentialSubject/achievement"}})
	undisclosed, _, _ := strings.Cut(string(parted), "~")
	thiefs := thief.shortened(full, func(s *cose.Printed) { s.Issuer, s.SubjectName = thief.id, "Mallory" })
	imposter := p
	imposter.signer = newKey(t).Signer(p.signer.ID())
	tampered := slices.Clone(short)
	tampered[len(tampered)-1] ^= 1
	codes := func(all ...[]byte) *verifier.Page { return &verifier.Page{Codes: all} }
	beside := func(p *verifier.Page, all ...[]byte) *verifier.Page {
		p.Attached = all
		return p
	}
	const (
		another = "unsigned_data/page-of-another"
		forged  = "unsigned_data/page-code"
	)
	for _, c := range []struct {
		name string
		raw  []byte
		page *verifier.Page
		note verifier.Note
		code reason.Code // why it is invalid, empty: it is valid
	}{
		{"its code", full, codes(short), verifier.NotePageAgrees, ""},
		{"its code, and it in other white space", []byte(" " + strings.Replace(string(full), `,"`, ` , "`, 1)), codes(short), verifier.NotePageAgrees, ""},
		{"a code of a token", token, codes(p.shortened(token, nil)), verifier.NotePageAgrees, ""},
		{"a code of a COSE message", message, codes(p.shortened(message, nil)), verifier.NotePageAgrees, ""},
		{"a code of a token that is shown in part", []byte(undisclosed + "~"), codes(p.shortened(parted, nil)), verifier.NotePageAgrees, ""},
		{"all of it in a code", full, codes(full), verifier.NotePageHasWhole, ""},
		{"all of a COSE message in a code", message, codes(message), verifier.NotePageHasWhole, ""},
		{"its code and all of it", full, codes(full, short), verifier.NotePageAgrees, ""},

		{"nothing of the page was read", full, nil, verifier.NotePageNotCompared, ""},
		{"no code", full, codes(), verifier.NotePageNotCompared, ""},
		{"a code that cannot be read", full, codes([]byte("x")), verifier.NotePageNotCompared, ""},
		{"its code and one that cannot be read", full, codes(short, []byte("x")), verifier.NotePageNotCompared, ""},
		{"a COSE message that is nothing", full, codes([]byte{0xd2, 0x84, 0x40, 0xa0, 0x40, 0x40}), verifier.NotePageNotCompared, ""},
		{"a code of what else is attached", full, beside(codes(shortOther), other), verifier.NotePageNotCompared, ""},

		{"a code of another", full, codes(shortOther), verifier.NotePageOfAnother, another},
		{"all of another in a code", full, codes(other), verifier.NotePageOfAnother, another},
		{"its code and one of another", full, codes(short, shortOther), verifier.NotePageOfAnother, another},
		{"one of another behind one that cannot be read", full, codes([]byte("x"), shortOther), verifier.NotePageOfAnother, another},
		{"its code and one of what else is attached", full, beside(codes(short, shortOther), other), verifier.NotePageAgrees, ""},
		{"one of another, and something else attached", full, beside(codes(shortOther), token, []byte("x")), verifier.NotePageOfAnother, another},
		{"of the same in another form", full, codes(p.shortened(token, nil)), verifier.NotePageOfAnother, another},

		{"its code by somebody else", full, codes(thiefs), verifier.NotePageCodeNotSigned, forged},
		{"its code by somebody else under the issuer's name", full, codes(imposter.shortened(full, nil)), verifier.NotePageCodeNotSigned, forged},
		{"its code, tampered with", full, codes(tampered), verifier.NotePageCodeNotSigned, forged},
		{"its code and one by somebody else", full, codes(short, thiefs), verifier.NotePageCodeNotSigned, forged},
	} {
		report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: c.raw, Carrier: "pdf", Page: c.page})
		check := report.Check(verifier.CheckPage)
		want := map[verifier.Note]verifier.Outcome{verifier.NotePageAgrees: verifier.Pass, verifier.NotePageHasWhole: verifier.Pass, verifier.NotePageOfAnother: verifier.Fail, verifier.NotePageCodeNotSigned: verifier.Fail}[c.note]
		switch {
		case check.Note != c.note || check.Outcome != want:
			t.Errorf("%s: %s %s", c.name, check.Outcome, check.Note)
		case c.code == "" && (report.Verdict != verifier.Valid || report.Reason != "display_warning/page-not-signed"), c.code != "" && (report.Verdict != verifier.Invalid || report.Reason != c.code):
			t.Errorf("%s: %s %s", c.name, report.Verdict, report.Reason)
		case report.Check(verifier.CheckDisplay).Reason != "display_warning/page-not-signed":
			t.Errorf("%s: that the page is not signed is not said", c.name)
		}
	}
}

// TestPageUntouched: of what is no credential in a PDF nothing is compared, and
// nothing is looked up for a code on the page of somebody who is not trusted.
func TestPageUntouched(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	full := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", nil), proof.Params{})
	page := &verifier.Page{Codes: [][]byte{p.shortened(full, nil)}}
	domain := proof.Params{Domains: []string{"https://firma.example"}}
	imposter := p
	imposter.signer = newKey(t).Signer(p.signer.ID())
	forged := imposter.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", nil), proof.Params{})
	shown := p.presentation(domain, p.id, full)
	changed := []byte(strings.Replace(string(full), "Kursstedet", "Kursplassen", 1))
	for _, c := range []struct {
		name     string
		registry trust.Registry
		req      verifier.Request
		note     verifier.Note
	}{
		{"nobody is trusted", trust.Empty(), verifier.Request{Raw: full, Carrier: "pdf", Page: page}, verifier.NotePageCodeUnchecked},
		{"signed by somebody else", trust.Pins(p.id), verifier.Request{Raw: forged, Carrier: "pdf", Page: &verifier.Page{Codes: [][]byte{p.shortened(forged, nil)}}}, verifier.NotePageCodeUnchecked},
		{"a presentation", trust.Pins(p.id), verifier.Request{Raw: shown, Carrier: "pdf", Page: page, Audience: "https://firma.example"}, verifier.NotePageNotCompared},
		{"no proof", trust.Pins(p.id), verifier.Request{Raw: p.credential("did:example:kari", nil), Carrier: "pdf", Page: page}, verifier.NotePageNotCompared},
		{"changed", trust.Pins(p.id), verifier.Request{Raw: changed, Carrier: "pdf", Page: page}, verifier.NotePageOfAnother},
		{"from no PDF", trust.Pins(p.id), verifier.Request{Raw: full, Page: page}, ""},
		{"from a picture", trust.Pins(p.id), verifier.Request{Raw: full, Carrier: "qr", Page: page}, ""},
	} {
		report := verdictOn(t, p, c.registry, verifier.NoStatus{}, c.req)
		if check := report.Check(verifier.CheckPage); check.Note != c.note {
			t.Errorf("%s: %s %s", c.name, check.Outcome, check.Note)
		}
		if said := report.Check(verifier.CheckDisplay).Reason == "display_warning/page-not-signed"; said != (c.req.Carrier == "pdf") {
			t.Errorf("%s: whether the page is signed: %v", c.name, said)
		}
	}
}

func newKey(t *testing.T) *key.Private {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return private
}

// onlyDocument resolves one id.
type onlyDocument struct{ did.Document }

// Resolve implements did.Resolver.
func (d *onlyDocument) Resolve(_ context.Context, id string) (*did.Document, error) {
	if id != d.ID {
		return nil, reason.New("key_unavailable/fetch", id, "no host")
	}
	return &d.Document, nil
}

// noDocument resolves nothing, for one reason.
type noDocument reason.Code

// Resolve implements did.Resolver.
func (d noDocument) Resolve(_ context.Context, id string) (*did.Document, error) {
	return nil, reason.New(reason.Code(d), id, "no host")
}

// TestPageKeys: a code may be by another key of the issuer's than the credential.
// Where it cannot be had nothing was checked; one that was revoked or was not to
// be used any more has not signed the page.
func TestPageKeys(t *testing.T) {
	t.Parallel()
	const id = "did:web:kurs.example"
	doc := &onlyDocument{did.Document{ID: id}}
	by := map[string]party{}
	for _, name := range []string{"one", "two", "revoked", "retired"} {
		p := newParty(t)
		private := newKey(t)
		p.id, p.signer = id, private.Signer(id+"#"+name)
		by[name] = p
		m := did.Method{ID: id + "#" + name, Controller: id, Public: private.Public()}
		switch name {
		case "revoked":
			m.Revoked = noon.Add(-time.Hour)
		case "retired":
			m.Expires = noon.Add(-time.Hour)
		}
		doc.Methods, doc.AssertionMethod = append(doc.Methods, m), append(doc.AssertionMethod, m.ID)
	}
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(id), Resolver: doc})
	full := by["one"].sign(dataintegrity.EdDSARDFC2022, by["one"].credential("did:example:kari", nil), proof.Params{})
	for name, note := range map[string]verifier.Note{
		"one": verifier.NotePageAgrees, "two": verifier.NotePageAgrees,
		"revoked": verifier.NotePageCodeNotSigned, "retired": verifier.NotePageCodeNotSigned,
	} {
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: full, Carrier: "pdf", Page: &verifier.Page{Codes: [][]byte{by[name].shortened(full, nil)}}})
		if check := report.Check(verifier.CheckPage); check.Note != note || (report.Verdict == verifier.Valid) != (check.Outcome != verifier.Fail) {
			t.Errorf("%s: %s %s, %s %s", name, check.Outcome, check.Note, report.Verdict, report.Reason)
		}
	}
	multi, err := by["one"].signer.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := trust.Parse([]byte("bevis-trust 1\nissuer "+id+"\n  key "+id+"#one "+multi+"\n"), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []reason.Code{"key_unavailable/fetch", "internal/disk", reason.Canceled} {
		v = newVerifier(t, verifier.Config{Trust: policy, Pins: policy, Resolver: noDocument(code)})
		report, err := v.Verify(t.Context(), verifier.Request{Raw: full, Carrier: "pdf", Page: &verifier.Page{Codes: [][]byte{by["two"].shortened(full, nil)}}})
		if check := report.Check(verifier.CheckPage); err != nil || check.Note != verifier.NotePageCodeUnchecked || check.Outcome != verifier.NotRun {
			t.Errorf("a key that cannot be had for %s: %s %s, %v", code, check.Outcome, check.Note, err)
		}
	}
}
