package wallet

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

func rekey(t *testing.T, w *Wallet, keys ...SlotRequest) []string {
	t.Helper()
	words, err := GenerateWords()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Rekey(t.Context(), RekeyRequest{PassphraseRequest{[]byte("ny frase"), lowWork}, words, keys}); err != nil {
		t.Fatal(err)
	}
	return words
}

// TestRekey: what opened the wallet, and the identity that was behind it, open
// nothing that is written afterwards; what was kept is there.
func TestRekey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	store := NewFileStore(path)
	w, words := create(t, store)
	kari, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	item := add(t, w, badge("Kurs", kari))
	key, slot := addKey(t, w, "stikka")
	lost, _ := addKey(t, w, "tapt")
	stolen, id := w.identity, w.ID()
	other := open(t, store) // in another program

	next := rekey(t, w, SlotRequest{Recipient: key.Recipient(), Kind: slot.Kind, Label: slot.Label, Text: slot.Recipient})
	add(t, w, badge("Etterpå", kari))
	for _, file := range []string{path, path + "~"} {
		for name, test := range map[string]struct {
			r    OpenRequest
			code reason.Code
		}{
			"new passphrase": {OpenRequest{Passphrase: []byte("ny frase")}, ""},
			"new words":      {OpenRequest{Words: strings.Join(next, " ")}, ""},
			"the key":        {OpenRequest{Identities: []age.Identity{key}}, ""},
			"old passphrase": {OpenRequest{Passphrase: []byte(passphrase)}, "locked/wrong-passphrase"},
			"old words":      {OpenRequest{Words: strings.Join(words, " ")}, "locked/wrong-words"},
			"the lost key":   {OpenRequest{Identities: []age.Identity{lost}}, "locked/wrong-identity"},
		} {
			if code := opens(t, NewFileStore(file), test.r); code != test.code {
				t.Errorf("%s, %s: %q, want %q", filepath.Base(file), name, code, test.code)
			}
		}
		blob, _, err := NewFileStore(file).Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		files, err := unpack(blob)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			if plain, err := decrypt(f.data, maxFile, stolen); err == nil {
				t.Errorf("the old identity decrypts %s: %d bytes", f.name, len(plain))
			}
		}
	}
	again, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte("ny frase"), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Item(item.ID); err != nil || len(again.Items()) != 2 || again.ID() != id || !slices.Equal(again.Keys(), []string{kari}) {
		t.Errorf("%+v %v", again.Items(), err)
	}
	slots := again.Slots()
	if len(slots) != 3 || slots[2].Name != "2-age" || slots[2].Label != "stikka" || slots[0].ChangedAt.IsZero() {
		t.Errorf("%+v", slots)
	}
	// The other program shows what it has, and is told to open it again.
	if len(other.Items()) != 1 {
		t.Error("what was read is gone")
	}
	if _, _, err := other.Add(t.Context(), AddRequest{Raw: badge("Til", kari)}); reason.CodeOf(err) != "conflict/other-key" {
		t.Errorf("another program: %v", err)
	}
}

// TestRekeyAndMerge: a copy from before is taken in once it was opened by what
// opens it.
func TestRekeyAndMerge(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	add(t, w, badge("Felles", "did:example:kari"))
	apart := &MemoryStore{blob: store.blob}
	add(t, open(t, apart), badge("På den andre maskina", "did:example:kari"))
	rekey(t, w)
	if _, err := w.OpenCopy(t.Context(), apart); reason.CodeOf(err) != "conflict/other-key" {
		t.Errorf("opened without its passphrase: %v", err)
	}
	merged, err := w.Merge(t.Context(), open(t, apart))
	if err != nil || len(merged.Added) != 1 || len(w.Items()) != 2 {
		t.Errorf("%+v %v", merged, err)
	}
	if code := opens(t, store, OpenRequest{Passphrase: []byte(passphrase)}); code != "locked/wrong-passphrase" {
		t.Errorf("the other copy brought its passphrase along: %q", code)
	}
	if code := opens(t, store, OpenRequest{Passphrase: []byte("ny frase")}); code != "" {
		t.Errorf("after the merge: %q", code)
	}
}

// TestRekeyFails: what cannot be written changes nothing, and what is asked for
// is checked before.
func TestRekeyFails(t *testing.T) {
	t.Parallel()
	store := &filling{left: 2}
	w, words := create(t, store)
	next, err := GenerateWords()
	if err != nil {
		t.Fatal(err)
	}
	good := PassphraseRequest{[]byte("ny frase"), lowWork}
	to := keyPair(t).Recipient()
	for name, test := range map[string]struct {
		r    RekeyRequest
		code reason.Code
	}{
		"no passphrase": {RekeyRequest{Words: next}, "usage/empty-passphrase"},
		"no words":      {RekeyRequest{PassphraseRequest: good}, "usage/recovery-words"},
		"no recipient":  {RekeyRequest{good, next, []SlotRequest{{Kind: "age"}}}, reason.Usage},
		"no kind":       {RekeyRequest{good, next, []SlotRequest{{Recipient: to}}}, reason.Usage},
		"too many":      {RekeyRequest{good, next, slices.Repeat([]SlotRequest{{Recipient: to, Kind: "age"}}, 15)}, "usage/slots"},
	} {
		if err := w.Rekey(t.Context(), test.r); reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	store.left = 0
	if err := w.Rekey(t.Context(), RekeyRequest{good, next, nil}); reason.CodeOf(err) != reason.IO {
		t.Errorf("a full disk: %v", err)
	}
	store.left = 10
	add(t, w, badge("Kurs", "did:example:kari"))
	if code := opens(t, store, OpenRequest{Words: strings.Join(words, " ")}); code != "" {
		t.Errorf("after a change that failed: %q", code)
	}
	w.Lock()
	if err := w.Rekey(t.Context(), RekeyRequest{good, next, nil}); reason.CodeOf(err) != "locked/closed" {
		t.Errorf("locked: %v", err)
	}
}

// TestRekeyedWhole: nothing that is written with the new identity opens by the
// one before, the index included.
func TestRekeyedWhole(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	var all []AddRequest
	for n := range indexEvery + 2 {
		all = append(all, AddRequest{Raw: badge(fmt.Sprint(n), "")})
	}
	if _, err := w.AddAll(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	was := w.identity
	rekey(t, w)
	files, err := unpack(store.blob)
	if err != nil {
		t.Fatal(err)
	}
	index := false
	for _, f := range files {
		index = index || f.name == indexName
		if _, err := decrypt(f.data, maxFile, was); err == nil {
			t.Errorf("%s opens by the identity before", f.name)
		}
	}
	if !index {
		t.Error("the wallet has no index")
	}
}
