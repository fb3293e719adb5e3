package sdjwt_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
)

// TestContract has nothing kept back: of a token with disclosures, one that
// is cut behind any of them is a sound one that shows less.
func TestContract(t *testing.T) {
	t.Parallel()
	for _, c := range []bevistest.SuiteCase{
		{Suite: sdjwt.DC(), Others: proof.Set{sdjwt.VC(), jose.VC(), jose.OpenBadge()}},
		{Suite: sdjwt.VC(), Others: proof.Set{sdjwt.DC(), sdjwt.VP(), jose.VC(), jose.OpenBadge()}},
		{Suite: sdjwt.VP(), Others: proof.Set{sdjwt.DC(), sdjwt.VC(), jose.VP()}, Params: proof.Params{Purpose: proof.Authentication, Challenge: "c", Domains: []string{"a.example"}},
			Document: []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:example:issuer"}`)},
	} {
		c.Keys = []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA}
		t.Run(string(c.Suite.ID()), func(t *testing.T) {
			t.Parallel()
			bevistest.TestSuite(t, c)
		})
	}
}
