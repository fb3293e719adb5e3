package verifier_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func BenchmarkVerify(b *testing.B) {
	p := newParty(b)
	for _, id := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt"} {
		raw := p.sign(id, p.credential("did:x:y", nil), proof.Params{})
		v := newVerifier(b, verifier.Config{Suites: p.set, Trust: trust.Pins(p.id)})
		b.Run(string(id), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), verifier.Request{Raw: raw}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
