package cose_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for _, c := range []bevistest.SuiteCase{
		{Suite: cose.VC(), Others: proof.Set{cose.VP(), jose.VC(), sdjwt.VC()}},
		{Suite: cose.VP(), Others: proof.Set{cose.VC(), jose.VP(), sdjwt.VP()}, Params: proof.Params{Purpose: proof.Authentication, Challenge: "challenge", Domains: []string{"a.example"}},
			Document: []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:example:issuer"}`)},
	} {
		c.Keys = []key.Type{key.Ed25519, key.P256, key.P384, key.P521}
		t.Run(string(c.Suite.ID()), func(t *testing.T) {
			t.Parallel()
			bevistest.TestSuite(t, c)
		})
	}
}
