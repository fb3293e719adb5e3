package verifier_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func verdictOn(t *testing.T, p party, registry trust.Registry, status verifier.StatusSource, r verifier.Request) *verifier.Report {
	t.Helper()
	v, err := verifier.New(verifier.Config{Suites: p.set, Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}}, Trust: registry, Status: status, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	report, _ := v.Verify(t.Context(), r)
	return report
}

// begin is a credential of p's up to its subject, without the closing brace.
func begin(p party, id string) string {
	return `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"id":"` + id +
		`","type":["VerifiableCredential"],"issuer":"` + p.id + `","validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"did:x:y"}`
}

// wrongProof is well formed and signs something else.
func wrongProof(p party) string {
	signed := string(p.sign("eddsa-jcs-2022", p.credential("did:x:y", nil), proof.Params{}))
	at := strings.Index(signed, `"proofValue":"`) + 14
	return `{"type":"DataIntegrityProof","cryptosuite":"eddsa-rdfc-2022","created":"2026-06-01T00:00:00Z","verificationMethod":"` + p.signer.ID() +
		`","proofPurpose":"assertionMethod","proofValue":"` + signed[at:at+strings.Index(signed[at:], `"`)] + `"}`
}

// TestCostly: what is small to send and dear to read is given up early.
func TestCostly(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	var many []string
	for i := range 10000 {
		many = append(many, fmt.Sprintf(`"u:%x"`, i))
	}
	for name, c := range map[string]struct {
		raw  string
		want reason.Code
	}{
		"a long id in many statements": {begin(p, "urn:x:"+strings.Repeat("a", 50_000)) + `,"evidence":[` + strings.Join(many, ",") + `],"proof":` + wrongProof(p) + `}`, "resource_limit/quads"},
		"a long name over many values": {begin(p, "urn:x:1") + `,"` + strings.Repeat("a", 700_000) + `":[` + strings.TrimSuffix(strings.Repeat(`"",`, 90_000), ",") + `]}`, "resource_limit/depth"},
		"an unknown term far down":     {begin(p, "urn:x:1") + `,"evidence":[` + strings.Repeat(`"urn:a",`, 4000) + `{"zzz":1}],"proof":` + wrongProof(p) + `}`, "unsigned_data/undefined-term"},
		"nine proofs":                  {begin(p, "urn:x:1") + `,"proof":[` + strings.TrimSuffix(strings.Repeat(wrongProof(p)+",", 9), ",") + `]}`, "resource_limit/proofs"},
	} {
		report := verdictOn(t, p, trust.Pins(), verifier.NoStatus{}, verifier.Request{Raw: []byte(c.raw)})
		found := report.Reason == c.want
		for _, check := range report.Checks {
			found = found || check.Reason == c.want
		}
		if !found || report.Verdict == verifier.Valid {
			t.Errorf("%s: %s %s %+v", name, report.Verdict, report.Reason, report.Checks)
		}
	}
}

type counting struct{ urls []string }

func (c *counting) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	c.urls = append(c.urls, url)
	return nil, time.Time{}, errors.New("away")
}

// TestForgedMakesNoConnection: a file that only names a trusted issuer does
// not choose what is fetched.
func TestForgedMakesNoConnection(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	entry := `{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"3","statusListCredential":"https://attacker.example/track"}`
	for name, rest := range map[string]string{"no proof": `}`, "a proof that does not hold": `,"proof":` + wrongProof(p) + `}`} {
		source := &counting{}
		report := verdictOn(t, p, trust.Pins(p.id), source, verifier.Request{Raw: []byte(begin(p, "urn:x:1") + `,"credentialStatus":` + entry + rest)})
		if len(source.urls) > 0 || report.Verdict != verifier.Invalid {
			t.Errorf("%s: %s, fetched %v", name, report.Verdict, source.urls)
		}
	}
	for n, asked := range map[int]bool{16: true, 17: false} {
		source := &counting{}
		entries := `[` + strings.TrimSuffix(strings.Repeat(entry+",", n), ",") + `]`
		signed := p.sign("eddsa-jcs-2022", []byte(begin(p, "urn:x:1")+`,"credentialStatus":`+entries+`}`), proof.Params{})
		report := verdictOn(t, p, trust.Pins(p.id), source, verifier.Request{Raw: signed})
		if len(source.urls) > 0 != asked || report.Verdict != verifier.Undetermined || asked == (report.Reason == "resource_limit/status") {
			t.Errorf("%d entries: %s %s, fetched %d", n, report.Verdict, report.Reason, len(source.urls))
		}
	}
}

// TestSubjectWithoutAnID is somebody, and not known to be the holder.
func TestSubjectWithoutAnID(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	part := p.sign("eddsa-rdfc-2022", []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"`+p.id+
		`","credentialSubject":[{"id":"`+p.id+`"},{"name":"Somebody else"}]}`), proof.Params{})
	presentation := p.presentation(proof.Params{Challenge: "n", Domains: []string{"a"}}, p.id, part)
	report := verdictOn(t, p, trust.Pins(p.id), verifier.NoStatus{}, verifier.Request{Raw: presentation, Audience: "a", Challenge: "n", RequireHolder: true})
	if report.Verdict == verifier.Valid {
		t.Errorf("%+v", report.Checks)
	}
}

// TestTurnedInsideOut: RDF has no top, so a document that reads as two is
// refused in both readings.
func TestTurnedInsideOut(t *testing.T) {
	t.Parallel()
	p := newParty(t)
	const contexts = `"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`
	outer := `"id":"urn:x:c1","type":["VerifiableCredential"],"issuer":"` + p.id + `","validFrom":"2020-01-01T00:00:00Z","validUntil":"2021-01-01T00:00:00Z","credentialSubject":{"id":"did:x:y"}`
	inner := func(issuer, about string) string {
		return `"id":"urn:x:c2","type":["VerifiableCredential"],"issuer":"` + issuer + `","validFrom":"2020-01-01T00:00:00Z","credentialSubject":{"id":"` + about + `"}`
	}
	suite, err := p.set.Suite("eddsa-rdfc-2022")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		evidence string
		refused  bool
	}{
		"the same issuer, about this":   {inner(p.id, "urn:x:c1"), true},
		"another issuer, about this":    {inner("did:example:other", "urn:x:c1"), false},
		"the same issuer, about others": {inner(p.id, "urn:x:c3"), false},
	} {
		_, err := suite.Sign(t.Context(), []byte(`{`+contexts+`,`+outer+`,"evidence":{`+c.evidence+`}}`), p.signer, proof.Params{Purpose: proof.AssertionMethod, Created: noon})
		if refused := reason.CodeOf(err) == "unsigned_data/ambiguous-root"; refused != c.refused || err != nil && !refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
