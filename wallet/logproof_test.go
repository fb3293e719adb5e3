package wallet

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestLogProof: a proof stays with its credential, through a new opening and a
// merge, and gives way to a later one.
func TestLogProof(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	item := add(t, w, badge("Sveising", "did:example:kari"))
	keep := func(w *Wallet, id, proof string) error {
		t.Helper()
		return w.KeepLogProofs(t.Context(), []LogProof{{id, []byte(proof)}})
	}
	has := func(w *Wallet, want string) {
		t.Helper()
		i, err := w.Item(item.ID)
		if err != nil || string(i.LogProof()) != want || (i.LogProof() == nil) != (want == "") {
			t.Errorf("%q, not %q (%v)", i.LogProof(), want, err)
		}
	}
	has(w, "")
	lines := len(w.lines)
	if err := keep(w, "none", "p"); err != nil || len(w.lines) != lines {
		t.Errorf("of what is not there: %v", err)
	}
	for _, bad := range []string{"", "\xff", strings.Repeat("p", maxLogProof+1)} {
		if err := keep(w, item.ID, bad); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%.9q: %v", bad, err)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := keep(w, item.ID, "first\n\nproof"); err != nil || len(w.lines) != lines+1 {
			t.Errorf("%d lines: %v", len(w.lines), err)
		}
	}
	has(open(t, store), "first\n\nproof")
	i, err := w.Item(item.ID)
	if err != nil {
		t.Fatal(err)
	}
	copy(i.LogProof(), "xxxxx")
	has(w, "first\n\nproof")
	if !bytes.Equal(i.Raw(), item.Raw()) {
		t.Error("the proof is no part of the credential")
	}
	if err := keep(w, item.ID, "second"); err != nil {
		t.Fatal(err)
	}
	has(open(t, store), "second")
}
