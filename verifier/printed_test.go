package verifier_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// shortened is the short form of a credential.
func (p party) shortened(raw []byte, change func(*cose.Printed)) []byte {
	p.t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		p.t.Fatal(err)
	}
	secured, err := p.set.Open(in)
	if err != nil {
		p.t.Fatal(err)
	}
	short, err := cose.Shorten(secured[0], noon, "nb")
	if err != nil {
		p.t.Fatal(err)
	}
	if change != nil {
		change(&short)
	}
	message, err := cose.SignPrinted(p.t.Context(), short, p.signer)
	if err != nil {
		p.t.Fatal(err)
	}
	return message
}

// TestPrinted judges short forms as credentials are judged: by trust, key, dates
// and status, with what they are of beside them and without.
func TestPrinted(t *testing.T) {
	t.Parallel()
	p, thief := newParty(t), newParty(t)
	const kari = "did:example:kari"
	full := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari, entry(7)), proof.Params{})
	other := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:ola", entry(7)), proof.Params{})
	short := p.shortened(full, nil)
	token := p.sign(jose.VCJWT, p.credential(kari, entry(7)), proof.Params{})
	parted := p.sign(sdjwt.VCSDJWT, p.credential(kari, nil), proof.Params{Disclosable: []string{"/credentialSubject/achievement"}})
	undisclosed, _, _ := strings.Cut(string(parted), "~")
	lists := func(set uint64) verifier.Request {
		return verifier.Request{StatusLists: map[string][]byte{listURL: p.list(listURL, status.Revocation, noon, noon.Add(time.Hour), set)}}
	}
	with := func(full []byte) verifier.Request {
		r := lists(8)
		r.Full = full
		return r
	}
	ended := p.sign(dataintegrity.EdDSARDFC2022, p.credential(kari, func(d *credential.Draft) { d.ValidUntil = noon.Add(-time.Minute) }), proof.Params{})
	// A part that the issuer never signed, put behind its token.
	made := string(parted) + base64.RawURLEncoding.EncodeToString([]byte(`["c2FsdA","achievement",{"name":"Doctor"}]`)) + "~"
	showing := func(req verifier.Request, credentials ...[]byte) row {
		req.Audience, req.StatusLists = "https://firma.example", lists(8).StatusLists
		return row{raw: thief.presentation(proof.Params{Domains: []string{"https://firma.example"}}, thief.id, credentials...), req: req}
	}
	shown, shownOther := showing(verifier.Request{Full: full}, full), showing(verifier.Request{Full: other}, full)
	shown.name, shown.verdict, shown.code = "in a presentation, itself", verifier.Valid, ""
	shownOther.name, shownOther.verdict, shownOther.code = "in a presentation, another", verifier.Invalid, "unsigned_data/other-credential"
	spaced := []byte(" " + strings.Replace(string(full), `,"`, ` , "`, 1))
	judge(t, p, []row{
		{name: "alone", raw: short, req: lists(8), verdict: verifier.Valid, code: "display_warning/short-form"},
		{name: "revoked", raw: short, req: lists(7), verdict: verifier.Invalid, code: reason.Revoked},
		{name: "no list", raw: short, verdict: verifier.Undetermined, code: "status_unavailable/offline"},
		{name: "nobody is trusted", raw: short, req: lists(8), cfg: verifier.Config{Trust: trust.Empty()}, verdict: verifier.Untrusted, code: reason.UntrustedIssuer},
		{name: "ended", raw: p.shortened(ended, nil), verdict: verifier.NotInForce, code: reason.Expired},
		{name: "not yet", raw: p.shortened(ended, nil), req: verifier.Request{At: noon.Add(-2 * time.Hour)}, verdict: verifier.NotInForce, code: reason.NotYetValid},
		{name: "by another, with the list of the issuer", raw: thief.shortened(full, func(s *cose.Printed) { s.Issuer = thief.id }), req: lists(8), verdict: verifier.Undetermined, code: "status_invalid/list-issuer"},
		{name: "with what it is of", raw: short, req: with(full), verdict: verifier.Valid},
		{name: "with it in other white space", raw: short, req: with(spaced), verdict: verifier.Valid},
		{name: "with another", raw: short, req: with(other), verdict: verifier.Invalid, code: "unsigned_data/other-credential"},
		{name: "with nothing that can be read", raw: short, req: with([]byte("x")), verdict: verifier.Invalid, code: "unsigned_data/other-credential"},
		{name: "of a token", raw: p.shortened(token, nil), req: with(token), verdict: verifier.Valid},
		{name: "of a token that is shown in part", raw: p.shortened(parted, nil), req: verifier.Request{Full: []byte(undisclosed + "~")}, verdict: verifier.Valid},
		{name: "of a token, with a part made up", raw: p.shortened(parted, nil), req: verifier.Request{Full: []byte(made)}, verdict: verifier.Invalid, code: "unsigned_data/other-credential"},
		{name: "of a token, with all its parts", raw: p.shortened(parted, nil), req: verifier.Request{Full: parted}, verdict: verifier.Valid},
		shown, shownOther,
		{name: "a credential beside itself", raw: full, req: with(full), verdict: verifier.Valid},
		{name: "a credential beside another", raw: full, req: with(other), verdict: verifier.Invalid, code: "unsigned_data/other-credential"},
		{name: "when a presentation is expected", raw: short, req: verifier.Request{Audience: "me"}, verdict: verifier.Invalid, code: "wrong_type/credential"},
		{name: "in an envelope, in a presentation", raw: thief.shows(jose.VPJWT, thief.id, proof.Params{}, inBase64("application/vc+cose", short)), verdict: verifier.Invalid, code: "wrong_type/printed"},
		{name: "as a status list", raw: full, req: verifier.Request{StatusLists: map[string][]byte{listURL: short}}, verdict: verifier.Undetermined, code: "status_invalid/list"},
	})
	for _, bit := range []int{len(short) - 1, len(short) - 100, len(short) / 2} {
		changed := slices.Clone(short)
		changed[bit] ^= 1
		if report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: changed, StatusLists: lists(8).StatusLists}); report.Verdict != verifier.Invalid && report.Verdict != verifier.Unreadable {
			t.Errorf("byte %d changed: %s %s", bit, report.Verdict, report.Reason)
		}
	}
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: short, StatusLists: lists(8).StatusLists})
	c := report.Credential()
	if report.Form != cose.PrintedForm || c.ID() != "urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e" || c.Name() != "Kurs" || c.IssuerName() != "Kursstedet" || c.SubjectIDs()[0] != kari {
		t.Errorf("%s", c.Document().AppendJSON(nil))
	}
	if coverage, err := report.Coverage(t.Context()); err != nil || coverage.Proof != verifier.Pass || len(coverage.Places) < 10 {
		t.Errorf("%+v %v", coverage, err)
	}
	t.Logf("%d bytes; %s", len(short), base64.RawURLEncoding.EncodeToString(short))
}
