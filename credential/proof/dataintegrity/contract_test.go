package dataintegrity_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/testdepth"
)

func TestContract(t *testing.T) {
	t.Parallel()
	p := newProcessor(t)
	all := proof.Set{dataintegrity.EdDSARDFC(p), dataintegrity.EdDSAJCS(p), dataintegrity.EdDSA2022(p), dataintegrity.ECDSARDFC(p), dataintegrity.ECDSAJCS(p), dataintegrity.ECDSASD(p), dataintegrity.BBS(p)}
	for _, c := range []bevistest.SuiteCase{
		{Suite: all[0], Keys: []key.Type{key.Ed25519}},
		{Suite: all[1], Keys: []key.Type{key.Ed25519}},
		{Suite: all[3], Keys: []key.Type{key.P256, key.P384}},
		{Suite: all[4], Keys: []key.Type{key.P256, key.P384}},
		{Suite: all[5], Keys: []key.Type{key.P256}, Params: proof.Params{Mandatory: []string{"/issuer", "/validUntil"}}, Slow: !testdepth.Thorough()},
		{Suite: all[6], Keys: []key.Type{key.BLS12381G2}, Params: proof.Params{Mandatory: []string{"/issuer", "/validUntil"}}, NewSigner: newBBSSigner, Slow: true},
		{Suite: all[0], Keys: []key.Type{key.Ed25519}, Params: proof.Params{Purpose: proof.Authentication, Challenge: "c", Domains: []string{"a.example", "b.example"}}},
	} {
		for _, other := range all {
			if other.ID() != c.Suite.ID() {
				c.Others = append(c.Others, other)
			}
		}
		t.Run(string(c.Suite.ID()), func(t *testing.T) {
			t.Parallel()
			if c.Slow {
				t.Log("not every byte is changed: BEVIS_THOROUGH=1 does that, but for BBS")
			}
			bevistest.TestSuite(t, c)
		})
	}
}
