package sdjwt_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]proof.Params{"all shows": {}, "some may be kept back": {Disclosable: []string{"/name", "/credentialSubject/achievement"}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bevistest.TestSuite(t, bevistest.SuiteCase{Suite: sdjwt.DC(), Keys: []key.Type{key.Ed25519, key.P256, key.P384, key.RSA}, Params: p,
				Others: proof.Set{jose.VC(), jose.VP(), jose.OpenBadge()}})
		})
	}
}
