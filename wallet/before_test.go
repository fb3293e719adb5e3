package wallet

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// beforeWords are the recovery words of testdata/before.bevis.
const beforeWords = "secret lawn word when vital faith renew issue electric project drift comic wash increase apology better beyond gaze typical midnight theme phone tackle chuckle"

// TestWalletFromBefore opens a wallet that the version before merging, backups
// and all other later operations has written, and writes to it.
func TestWalletFromBefore(t *testing.T) {
	t.Parallel()
	blob, err := os.ReadFile(filepath.Join("testdata", "before.bevis"))
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]OpenRequest{"passphrase": {Passphrase: []byte(passphrase)}, "words": {Words: beforeWords}} {
		store := &MemoryStore{blob: bytes.Clone(blob)}
		r.Store, r.Now = store, clock
		w, err := Open(t.Context(), r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		items, shares := w.Items(), w.Shares()
		if len(items) != 2 || items[0].Title != "Sveising på sjø" || items[0].Verified == nil || string(items[1].Raw()) != token("Kurs") {
			t.Errorf("%s: %+v", name, items)
		}
		if len(shares) != 1 || shares[0].ID != "82ec9ce70263" || shares[0].Withdrawn.IsZero() || len(w.Histories()) != 1 {
			t.Errorf("%s: %+v %+v", name, shares, w.Histories())
		}
		if keys := w.Keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], "did:key:z6MkvheM") {
			t.Errorf("%s: %q", name, keys)
		}
		if n, head := w.State(); n != 10 || !strings.HasPrefix(head, "f086685e") {
			t.Errorf("%s: generation %d, head %s", name, n, head)
		}
		add(t, w, badge("Nytt", "did:example:kari"))
		if n := len(open(t, store).Items()); n != 3 {
			t.Errorf("%s: %d credentials after adding one", name, n)
		}
	}
}
