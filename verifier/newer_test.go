package verifier

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
)

// TestNewerIsByTheSameIssuer: did:web writes a port as an escaped colon and a
// path as a bare one, so that two issuers are the same once they are unescaped.
func TestNewerIsByTheSameIssuer(t *testing.T) {
	t.Parallel()
	by := func(issuer string) *Report {
		raw := []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1","type":["VerifiableCredential"],"issuer":"` + issuer + `","credentialSubject":{"id":"did:x:y"}}`)
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return &Report{claimed: c}
	}
	j := &judgement{Verifier: &Verifier{}, report: by("did:web:uib.no%3A8443")}
	for issuer, want := range map[string]reason.Code{"did:web:uib.no:8443": "refresh_failed/another", "did:web:uib.no%3A8443": "refresh_failed/not-proven"} {
		if _, err := j.newer(by(issuer), "https://uib.no/newer", &Refreshed{}); reason.CodeOf(err) != want {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}
