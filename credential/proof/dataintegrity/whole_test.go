package dataintegrity_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/reason"
)

// TestWhole signs documents that show whole with keys of suites that show in
// part.
func TestWhole(t *testing.T) {
	t.Parallel()
	p := newProcessor(t)
	for _, tt := range []struct {
		suite  proof.Suite
		signer key.Signer
	}{{dataintegrity.ECDSASD(p), signerOf(t, key.P256)}, {dataintegrity.BBS(p), bbsSigner(t)}} {
		w := dataintegrity.Whole(tt.suite)
		if _, ok := w.(proof.Discloser); ok || w.ID() != tt.suite.ID() {
			t.Errorf("%s shows in part", w.ID())
		}
		signed, err := w.Sign(t.Context(), []byte(partial), tt.signer, proof.Params{Purpose: proof.AssertionMethod, Created: created})
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range []proof.Set{{tt.suite}, {w}} {
			if err := verifyAll(t, set, signed); err != nil {
				t.Errorf("%s: %v", w.ID(), err)
			}
		}
		if !sameJSON(t, mustDoc(t, signed).Without("proof").AppendJSON(nil), []byte(partial)) {
			t.Errorf("%s: %s", w.ID(), signed)
		}
		if more, err := tt.suite.(proof.Discloser).Choices(t.Context(), signed); err != nil || len(more) > 0 {
			t.Error(more, err)
		}
		if _, err := w.Sign(t.Context(), []byte(partial), tt.signer, proof.Params{Purpose: proof.AssertionMethod, Mandatory: always()}); reason.CodeOf(err) != "usage/params" {
			t.Error(err)
		}
	}
	if _, err := dataintegrity.Whole(dataintegrity.EdDSARDFC(p)).Sign(t.Context(), []byte(partial), newSigner(t), proof.Params{Purpose: proof.AssertionMethod}); reason.CodeOf(err) != "usage/params" {
		t.Error(err)
	}
}
