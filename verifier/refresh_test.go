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
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// service is a RefreshSource that has one answer, and counts.
type service struct {
	raw   []byte
	err   error
	asked []string
}

func (s *service) Newest(_ context.Context, url string) ([]byte, time.Time, error) {
	s.asked = append(s.asked, url)
	return s.raw, noon, s.err
}

const refreshURL = "https://kurs.example/newest/1"

// renewable is a credential of p's that begins so many days before noon, and
// says where a newer one would be.
func (p party) renewable(days int, change func(*credential.Draft)) string {
	p.t.Helper()
	doc := string(p.credential("did:x:kari", func(d *credential.Draft) {
		d.ValidFrom = noon.AddDate(0, 0, -days)
		d.Contexts = append(d.Contexts, "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
		if change != nil {
			change(d)
		}
	}))
	return strings.Replace(doc, `"credentialSubject"`, `"refreshService":{"id":"`+refreshURL+`","type":"1EdTechCredentialRefresh"},"credentialSubject"`, 1)
}

// TestRefresh asks for a newer edition, and believes only one that is proven
// to be the issuer's newer word on the same credential.
func TestRefresh(t *testing.T) {
	t.Parallel()
	p, other := newParty(t), newParty(t)
	old := p.rdfc(p.renewable(30, nil))
	expired := p.rdfc(p.renewable(30, func(d *credential.Draft) { d.ValidUntil = noon.AddDate(0, 0, -2) }))
	newer := p.rdfc(p.renewable(1, nil))
	unknown := string(p.sign(jose.VCJWT, []byte(strings.Replace(p.renewable(30, nil), "1EdTechCredentialRefresh", "VerifiableCredentialRefreshService2021", 1)), proof.Params{}))
	for _, c := range []struct {
		name, raw, answer string
		err               error
		trust             trust.Registry
		verdict           verifier.Verdict
		code              reason.Code // of the report
		outcome           verifier.Outcome
		asked             int
		renewed           bool
	}{
		{name: "a newer one", raw: old, answer: newer, verdict: verifier.Valid, outcome: verifier.Pass, asked: 1, renewed: true},
		{name: "a newer one as a token", raw: old, answer: string(p.sign(jose.VCJWT, []byte(p.renewable(1, nil)), proof.Params{})), verdict: verifier.Valid, outcome: verifier.Pass, asked: 1, renewed: true},
		{name: "a newer one for one that has ended", raw: expired, answer: newer, verdict: verifier.Valid, outcome: verifier.Pass, asked: 1, renewed: true},
		{name: "a newer one that has ended", raw: old, answer: p.rdfc(p.renewable(3, func(d *credential.Draft) { d.ValidUntil = noon.AddDate(0, 0, -2) })), verdict: verifier.NotInForce, code: reason.Expired, outcome: verifier.Pass, asked: 1, renewed: true},
		{name: "the same", raw: old, answer: old, verdict: verifier.Valid, outcome: verifier.Pass, asked: 1},
		{name: "an older one", raw: old, answer: p.rdfc(p.renewable(300, nil)), verdict: verifier.Valid, code: "refresh_failed/older", outcome: verifier.Warn, asked: 1},
		{name: "one from later", raw: old, answer: p.rdfc(p.renewable(-3, nil)), verdict: verifier.Valid, code: "refresh_failed/later", outcome: verifier.Warn, asked: 1},
		{name: "by another issuer", raw: old, answer: other.rdfc(other.renewable(1, nil)), verdict: verifier.Valid, code: "refresh_failed/another", outcome: verifier.Warn, asked: 1},
		{name: "by an issuer of nearly that name", raw: old, answer: strings.ReplaceAll(newer, `"id":"`+p.id+`"`, `"id":"`+p.id+` "`), verdict: verifier.Valid, code: "refresh_failed/another", outcome: verifier.Warn, asked: 1},
		{name: "another credential", raw: old, answer: p.rdfc(p.renewable(1, func(d *credential.Draft) { d.ID = "urn:x:other" })), verdict: verifier.Valid, code: "refresh_failed/another", outcome: verifier.Warn, asked: 1},
		{name: "signed by another in the issuer's name", raw: old, answer: other.rdfc(p.renewable(1, nil)), verdict: verifier.Valid, code: "refresh_failed/not-proven", outcome: verifier.Warn, asked: 1},
		{name: "changed on the way", raw: old, answer: strings.Replace(newer, `"Kurs"`, `"Doktorgrad"`, 1), verdict: verifier.Valid, code: "refresh_failed/not-proven", outcome: verifier.Warn, asked: 1},
		{name: "a page", raw: old, answer: "<html>", verdict: verifier.Valid, code: "refresh_failed/not-proven", outcome: verifier.Warn, asked: 1},
		{name: "nobody answers", raw: old, err: reason.New("fetch_failed/network", "", "away"), verdict: verifier.Valid, code: "refresh_failed/fetch", outcome: verifier.Warn, asked: 1},
		{name: "nobody answers, and it has ended", raw: expired, err: reason.New("remote_fetch_blocked/redirect", "", "elsewhere"), verdict: verifier.NotInForce, code: reason.Expired, outcome: verifier.Warn, asked: 1},
		{name: "a service of another kind", raw: unknown, answer: newer, verdict: verifier.Valid, code: "refresh_failed/type", outcome: verifier.Warn},
		{name: "no service", raw: p.rdfc(string(p.credential("did:x:kari", nil))), answer: newer, verdict: verifier.Valid, outcome: verifier.NotApplicable},
		{name: "of a stranger", raw: old, answer: newer, trust: trust.Pins(other.id), verdict: verifier.Untrusted, code: reason.UntrustedIssuer, outcome: verifier.NotRun},
		{name: "forged", raw: strings.Replace(old, `"Kurs"`, `"K"`, 1), answer: newer, verdict: verifier.Invalid, code: reason.BadSignature, outcome: verifier.NotRun},
	} {
		if c.trust == nil {
			c.trust = trust.Pins(p.id)
		}
		source := &service{raw: []byte(c.answer), err: c.err}
		v := newVerifier(t, verifier.Config{Trust: c.trust, Refresh: source})
		report, err := v.Verify(t.Context(), verifier.Request{Raw: []byte(c.raw), Refresh: true})
		check := report.Check(verifier.CheckRefresh)
		if report.Verdict != c.verdict || report.Reason != c.code || check.Outcome != c.outcome || len(source.asked) != c.asked || (report.Refreshed != nil) != c.renewed {
			t.Errorf("%s: %s %q (%v), %+v, asked %v, %+v", c.name, report.Verdict, report.Reason, err, check, source.asked, report.Refreshed)
		}
		if (err == nil) != (report.Verdict == verifier.Valid) {
			t.Errorf("%s: verdict %s and error %v", c.name, report.Verdict, err)
		}
		if c.renewed && (string(report.Refreshed.Raw) != c.answer || report.Refreshed.URL != refreshURL || !report.Refreshed.From.Equal(noon.AddDate(0, 0, -30)) || !check.AsOf.Equal(noon)) {
			t.Errorf("%s: %+v", c.name, report.Refreshed)
		}
	}
}

// TestRefreshOnRequestAlone: without being told to, and in presentations and
// lists, nobody is asked.
func TestRefreshOnRequestAlone(t *testing.T) {
	t.Parallel()
	p, holder := newParty(t), newParty(t)
	raw := p.sign(dataintegrity.EdDSARDFC2022, []byte(p.renewable(30, nil)), proof.Params{})
	shown := holder.presentation(proof.Params{Domains: []string{"a"}}, holder.id, raw)
	source := &service{raw: raw}
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id), Refresh: source})
	for _, req := range []verifier.Request{{Raw: raw}, {Raw: shown, Audience: "a", Refresh: true}} {
		if report, err := v.Verify(t.Context(), req); err != nil || len(source.asked) > 0 || report.Refreshed != nil {
			t.Errorf("%v, asked %v", err, source.asked)
		} else if told := len(report.Checks) > 0 && report.Checks[len(report.Checks)-1].ID == verifier.CheckRefresh; told != req.Refresh {
			t.Errorf("asked for: %t, told that it was not done: %t", req.Refresh, told)
		}
	}
	report, err := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: raw, Refresh: true})
	if err != nil || report.Reason != "refresh_failed/fetch" {
		t.Errorf("without a source: %v %s", err, report.Reason)
	}
}
