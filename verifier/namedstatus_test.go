package verifier_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const namedURL = "https://kurs.example/revocations"

func named(d *credential.Draft) {
	d.Contexts = append(d.Contexts, openbadge.ContextExtensions)
	d.Status = []*credential.Value{strictjson.Object(
		strictjson.Member{Name: "id", Value: strictjson.String(namedURL)},
		strictjson.Member{Name: "type", Value: strictjson.String("1EdTechRevocationList")})}
}

// TestNamedList: a list that nobody signs is as good as the place that it comes
// from. That a credential is on it counts in any case.
func TestNamedList(t *testing.T) {
	t.Parallel()
	key := newParty(t) // a did:key, which has no host
	web, webResolver := key.of("did:web:kurs.example")
	other, otherResolver := key.of("did:web:other.example")
	const empty, hit = `{"revokedCredential":[]}`, `{"revokedCredential":[{"id":"urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e","revocationReason":"issued in error"}]}`
	for name, c := range map[string]struct {
		p       party
		list    string
		given   bool
		noID    bool
		verdict verifier.Verdict
		code    reason.Code
		says    string
	}{
		"of the issuer's own host":                   {p: web, list: empty, verdict: verifier.Valid, says: "not signed"},
		"of the issuer's own host, revoked":          {p: web, list: hit, verdict: verifier.Invalid, code: reason.Revoked, says: `"issued in error"`},
		"of another host":                            {p: other, list: empty, verdict: verifier.Undetermined, code: "status_unavailable/unsigned-elsewhere"},
		"of another host, revoked":                   {p: other, list: hit, verdict: verifier.Invalid, code: reason.Revoked},
		"of an issuer without a host":                {p: key, list: empty, verdict: verifier.Undetermined, code: "status_unavailable/unsigned-elsewhere"},
		"of an issuer without a host, from a hand":   {p: key, list: empty, given: true, verdict: verifier.Valid, says: "that was given"},
		"of an issuer without a host, hand, revoked": {p: key, list: hit, given: true, verdict: verifier.Invalid, code: reason.Revoked},
		"of a credential without an id":              {p: web, list: empty, noID: true, verdict: verifier.Undetermined, code: "status_unavailable/no-id"},
		"that is a page":                             {p: web, list: "<html>", verdict: verifier.Undetermined, code: "status_invalid/list"},
		"that is something else":                     {p: web, list: "{}", verdict: verifier.Undetermined, code: "status_invalid/wrong-type"},
		"that is not there":                          {p: web, verdict: verifier.Undetermined, code: "fetch_failed/not-found"},
	} {
		resolver := webResolver
		if c.p.id == other.id {
			resolver = otherResolver
		}
		draft := c.p.credential("did:example:kari", named)
		if c.noID {
			draft = []byte(strings.Replace(string(draft), `"id":"urn:uuid:7be1f0f3-cb53-462e-a1f7-e1d5b1e76f5e",`, "", 1))
		}
		raw := c.p.sign(dataintegrity.EdDSARDFC2022, draft, proof.Params{})
		req, web := verifier.Request{Raw: raw}, files{}
		switch {
		case c.given:
			req.StatusLists = map[string][]byte{namedURL: []byte(c.list)}
		case c.list != "":
			web[namedURL] = []byte(c.list)
		}
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(c.p.id), Resolver: resolver, Status: web}).Verify(t.Context(), req)
		if report.Verdict != c.verdict || report.Reason != c.code || !strings.Contains(report.Check(verifier.CheckStatus).Detail, c.says) {
			t.Errorf("%s: %s %s %+v", name, report.Verdict, report.Reason, report.Check(verifier.CheckStatus))
		}
	}
}

// TestPurposes: what is set in a list for a purpose that is not known is not
// taken for nothing, and a remark is not taken for a check of revocation.
func TestPurposes(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const url = listURL
	judge := func(purpose string, index uint64, messages ...string) *verifier.Report {
		raw := p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", func(d *credential.Draft) {
			e := status.Entry{ID: url + "#1", ListURL: url, Purpose: purpose, Index: index, Size: 1, Messages: messages}
			d.Status = []*credential.Value{e.Value()}
		}), proof.Params{})
		list := p.list(url, purpose, noon, noon.Add(1), 8)
		report, _ := newVerifier(t, verifier.Config{Trust: trust.Pins(p.id)}).Verify(t.Context(), verifier.Request{Raw: raw, At: noon, StatusLists: map[string][]byte{url: list}})
		return report
	}
	for _, c := range []struct {
		purpose string
		index   uint64
		verdict verifier.Verdict
		code    reason.Code
		outcome verifier.Outcome
	}{
		{"revocation", 7, verifier.Valid, "", verifier.Pass},
		{"revocation", 8, verifier.Invalid, reason.Revoked, verifier.Fail},
		{"suspension", 8, verifier.NotInForce, reason.Suspended, verifier.Fail},
		{"refresh", 7, verifier.Valid, "", verifier.NotApplicable},
		{"refresh", 8, verifier.Valid, "display_warning/newer-edition", verifier.Warn},
		{"message", 7, verifier.Valid, "", verifier.NotApplicable},
		{"message", 8, verifier.Valid, "display_warning/status-message", verifier.Warn},
		{"withdrawal", 7, verifier.Valid, "", verifier.NotApplicable},
		{"withdrawal", 8, verifier.Undetermined, "status_unavailable/unknown-purpose", verifier.Unknown},
	} {
		r := judge(c.purpose, c.index, "nothing special", "plagiarism, decided 1 May")
		check := r.Check(verifier.CheckStatus)
		if r.Verdict != c.verdict || r.Reason != c.code || check.Outcome != c.outcome {
			t.Errorf("%s at %d: %s %s %+v", c.purpose, c.index, r.Verdict, r.Reason, check)
		}
		if c.index == 8 && !strings.Contains(check.Detail, `"plagiarism, decided 1 May"`) {
			t.Errorf("%s: the reason is not shown: %s", c.purpose, check.Detail)
		}
	}
	if r := judge("revocation", 8); strings.Contains(r.Check(verifier.CheckStatus).Detail, "says") {
		t.Error("a reason is shown that nobody gave", r.Check(verifier.CheckStatus).Detail)
	}
	if r := judge("revocation", 8, "x", strings.Repeat("å", 5000)); len(r.Check(verifier.CheckStatus).Detail) > 500 {
		t.Error("a reason without end is shown")
	}
}
