package jose_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for _, c := range []bevistest.SuiteCase{
		{Suite: jose.VC(), Others: proof.Set{jose.VP(), jose.OpenBadge()}},
		{Suite: jose.OpenBadge(), Others: proof.Set{jose.VC(), jose.VP()}},
		{Suite: jose.VP(), Others: proof.Set{jose.VC(), jose.OpenBadge()}, Params: proof.Params{Purpose: proof.Authentication, Challenge: "c", Domains: []string{"a.example"}},
			Document: []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"did:example:issuer"}`)},
	} {
		c.Keys = []key.Type{key.Ed25519, key.P256, key.P384, key.P521, key.RSA}
		rsa := "testdata/rsa-1.pem" // of the signer; the next ones must be another's
		c.NewSigner = func(kind key.Type, method string) (key.Signer, error) {
			private, err := privateKey(kind, rsa)
			if err != nil {
				return nil, err
			}
			if kind == key.RSA {
				rsa = "testdata/rsa-2.pem"
			}
			return private.Signer(method), nil
		}
		t.Run(string(c.Suite.ID()), func(t *testing.T) {
			t.Parallel()
			bevistest.TestSuite(t, c)
		})
	}
}
