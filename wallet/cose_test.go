package wallet

import (
	"bytes"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/reason"
)

// TestCOSE: bytes that are no text are kept as they are, in a log that is
// text, whatever they end with.
func TestCOSE(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	var kept [][]byte
	for range 40 { // some of them end with what looks like white space
		raw, err := cose.VC().Sign(t.Context(), badge("Kurs", "did:example:kari"), private.Signer("did:example:issuer#key-1"), proof.Params{Purpose: proof.AssertionMethod})
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, raw)
		private, err = key.Generate(key.Ed25519)
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, raw := range kept {
		if item := add(t, w, raw); item.Form != "cose" || item.Title != "Kurs" || !bytes.Equal(item.Raw(), raw) {
			t.Errorf("%+v", item)
		}
	}
	again := open(t, store)
	for n, item := range again.Items() {
		if item.Form != "cose" || !bytes.Equal(item.Raw(), kept[n]) {
			t.Errorf("%d: %+v", n, item)
		}
	}
	text := presentation("did:example:kari", again.Items()[:1])
	if !bytes.Contains(text, []byte(`"id":"data:application/vc+cose;base64,0oRY`)) {
		t.Errorf("%s", text)
	}
	if _, _, err := w.Add(t.Context(), AddRequest{Raw: []byte(coseURL + "0oQ=")}); reason.CodeOf(err).Coarse() != "malformed" {
		t.Error(err)
	}
	shown, err := cose.VP().Sign(t.Context(), text, private.Signer("did:example:kari#key-1"), proof.Params{Purpose: proof.Authentication})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Add(t.Context(), AddRequest{Raw: shown}); reason.CodeOf(err) != "wrong_type/presentation" {
		t.Error(err)
	}
}
