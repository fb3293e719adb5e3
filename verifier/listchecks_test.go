package verifier_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// noList is a source that has an error in place of lists.
type noList struct{ err error }

func (n noList) StatusList(context.Context, string) ([]byte, time.Time, error) {
	return nil, time.Time{}, n.err
}

// TestListsAsTheyCome: a list is judged as what it is, by all that its issuer
// says of its time, and what is wrong with it is never wrong with the credential.
func TestListsAsTheyCome(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const day = 24 * time.Hour
	raw := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", entry(7)), proof.Params{})
	suspended := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:x:kari", func(d *credential.Draft) {
		d.Status = []*credential.Value{status.Entry{ID: listURL + "#1", ListURL: listURL, Purpose: status.Suspension, Index: 7}.Value()}
	}), proof.Params{})
	doc := func(purpose string, made time.Time, old, new string) []byte {
		bits, err := status.NewList(status.MinEntries)
		if err != nil {
			t.Fatal(err)
		}
		draft, err := status.Draft(listURL, purpose, strictjson.String(p.id), bits, made, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		built, err := draft.Build()
		if err != nil {
			t.Fatal(err)
		}
		return []byte(strings.Replace(string(built.Raw()), old, new, 1))
	}
	made := noon.Add(-90 * day)
	token := func(raw []byte) []byte { return p.sign(jose.VCJWT, raw, proof.Params{}) }
	part, err := sdjwt.VC().(proof.Discloser).Disclose(t.Context(), p.sign(sdjwt.VCSDJWT, doc(status.Revocation, made, `"credentialSubject"`, `"name":"List","credentialSubject"`), proof.Params{Disclosable: []string{"/name"}}), proof.Disclosure{})
	if err != nil {
		t.Fatal(err)
	}
	signed := func(params proof.Params) []byte {
		return p.sign(dataintegrity.EdDSARDFC2022, doc(status.Revocation, made, "", ""), params)
	}
	given := func(list []byte) verifier.Request {
		return verifier.Request{StatusLists: map[string][]byte{listURL: list}}
	}
	judge(t, p, []row{
		{name: "a token", raw: raw, req: given(token(doc(status.Revocation, made, "", ""))), verdict: verifier.Valid},
		{name: "not suspended", raw: suspended, req: given(token(doc(status.Suspension, made, "", ""))), verdict: verifier.Valid},
		{name: "a page", raw: raw, req: given([]byte("<html>")), verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "a life that is none", raw: raw, req: given(token(doc(status.Revocation, made, `"credentialSubject":{`, `"credentialSubject":{"ttl":-1,`))), verdict: verifier.Undetermined, code: "status_invalid/ttl"},
		{name: "shown in part", raw: raw, req: given(part), verdict: verifier.Undetermined, code: "status_invalid/list"},
		{name: "signed just now", raw: raw, req: given(signed(proof.Params{Created: noon.Add(-time.Hour)})), cfg: verifier.Config{MaxStatusAge: day}, verdict: verifier.Valid},
		{name: "signed long ago", raw: raw, req: given(signed(proof.Params{Created: made})), cfg: verifier.Config{MaxStatusAge: day}, verdict: verifier.Undetermined, code: "status_unavailable/stale"},
		{name: "an old copy, whose proof ends", raw: raw, cfg: verifier.Config{Status: copyOf{signed(proof.Params{Created: made, Expires: noon.Add(day)}), made}}, verdict: verifier.Valid},
		{name: "an old copy", raw: raw, cfg: verifier.Config{Status: copyOf{signed(proof.Params{Created: made}), made}}, verdict: verifier.Undetermined, code: "status_unavailable/stale"},
		{name: "a source that calls it forged", raw: raw, cfg: verifier.Config{Status: noList{reason.New(reason.BadSignature, "", "of a certificate")}}, verdict: verifier.Undetermined, code: "status_unavailable/fetch"},
		{name: "begins within the skew of clocks", raw: token(p.credential("did:x:kari", func(d *credential.Draft) { d.ValidFrom = noon.Add(verifier.DefaultClockSkew) })), verdict: verifier.Valid},
		{name: "begins after that", raw: token(p.credential("did:x:kari", func(d *credential.Draft) { d.ValidFrom = noon.Add(verifier.DefaultClockSkew + time.Second) })), verdict: verifier.NotInForce, code: reason.NotYetValid},
	})
	// The key of a stranger's list is not fetched, though the list is at hand.
	web, resolver := p.of("did:web:kurs.example")
	list := web.sign(jose.VCJWT, []byte(strings.ReplaceAll(string(doc(status.Revocation, made, "", "")), p.id, web.id)), proof.Params{})
	report, _ := newVerifier(t, verifier.Config{Trust: trust.Empty(), Resolver: resolver}).Verify(t.Context(), verifier.Request{Raw: web.sign(jose.VCJWT, web.credential("did:x:kari", entry(7)), proof.Params{}), StatusLists: given(list).StatusLists})
	if said := remarks(report, verifier.CheckStatus); report.Verdict != verifier.Untrusted || !strings.HasPrefix(said, "not-run  the issuer is not trusted") {
		t.Errorf("of a stranger: %s %q", report.Verdict, said)
	}
}
