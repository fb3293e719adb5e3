package wallet

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/reason"
)

// opens reports the code with which a wallet opens, empty if it does.
func opens(t *testing.T, store Store, r OpenRequest) reason.Code {
	t.Helper()
	r.Store, r.Now = store, clock
	_, err := Open(t.Context(), r)
	return reason.CodeOf(err)
}

func keyPair(t testing.TB) *age.HybridIdentity {
	t.Helper()
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return identity
}

// addKey adds a way in for a new key.
func addKey(t *testing.T, w *Wallet, label string) (*age.HybridIdentity, Slot) {
	t.Helper()
	identity := keyPair(t)
	slot, err := w.AddSlot(t.Context(), SlotRequest{Recipient: identity.Recipient(), Kind: "age", Label: label, Text: identity.Recipient().String()})
	if err != nil {
		t.Fatal(err)
	}
	return identity, slot
}

// TestAnotherPassphrase: the new one opens the wallet, and the old one neither
// the wallet nor the version before it.
func TestAnotherPassphrase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	store := NewFileStore(path)
	w, words := create(t, store)
	add(t, w, badge("Kurs", "did:example:kari"))
	other := open(t, store) // in another program
	if err := w.SetPassphrase(t.Context(), PassphraseRequest{Passphrase: []byte("ny frase"), Work: lowWork}); err != nil {
		t.Fatal(err)
	}
	add(t, other, badge("Skrive i mellomtida", "did:example:kari"))
	for name, test := range map[string]struct {
		file string
		r    OpenRequest
		code reason.Code
	}{
		"new":             {path, OpenRequest{Passphrase: []byte("ny frase")}, ""},
		"old":             {path, OpenRequest{Passphrase: []byte(passphrase)}, "locked/wrong-passphrase"},
		"words":           {path, OpenRequest{Words: strings.Join(words, " ")}, ""},
		"new, before":     {path + "~", OpenRequest{Passphrase: []byte("ny frase")}, ""},
		"old, before":     {path + "~", OpenRequest{Passphrase: []byte(passphrase)}, "locked/wrong-passphrase"},
		"a key, no slots": {path, OpenRequest{Identities: []age.Identity{keyPair(t)}}, "locked/no-such-way"},
	} {
		if code := opens(t, NewFileStore(test.file), test.r); code != test.code {
			t.Errorf("%s: %q, want %q", name, code, test.code)
		}
	}
	again, err := Open(t.Context(), OpenRequest{Store: store, Passphrase: []byte("ny frase"), Now: clock})
	if err != nil || len(again.Items()) != 2 {
		t.Error(err)
	}
	for name, r := range map[string]PassphraseRequest{"empty": {}, "white": {Passphrase: []byte(" ")}, "too costly": {Passphrase: []byte("x"), Work: maxWork + 1}, "too cheap": {Passphrase: []byte("x"), Work: -1}} {
		if err := w.SetPassphrase(t.Context(), r); reason.CodeOf(err).Coarse() != "usage" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOtherWords: the old words open neither the wallet nor the version before,
// also when the passphrase was forgotten and they are what opened it.
func TestOtherWords(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	store := NewFileStore(path)
	_, words := create(t, store)
	w, err := Open(t.Context(), OpenRequest{Store: store, Words: strings.Join(words, " "), Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	next, err := GenerateWords()
	if err != nil {
		t.Fatal(err)
	}
	if code := opens(t, store, OpenRequest{Words: strings.Join(next, " ")}); code != "locked/wrong-words" {
		t.Errorf("before they are set: %q", code)
	}
	if err := w.SetWords(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "~"} {
		if code := opens(t, NewFileStore(file), OpenRequest{Words: strings.Join(next, " ")}); code != "" {
			t.Errorf("%s by the new words: %q", file, code)
		}
		if code := opens(t, NewFileStore(file), OpenRequest{Words: strings.Join(words, " ")}); code != "locked/wrong-words" {
			t.Errorf("%s by the old words: %q", file, code)
		}
	}
	if err := w.SetWords(t.Context(), next[:23]); reason.CodeOf(err) != "usage/recovery-words" {
		t.Error(err)
	}
}

// TestSlots adds keys, opens by them, and takes ways out until one must stay.
func TestSlots(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, words := create(t, store)
	add(t, w, badge("Kurs", "did:example:kari"))
	first, a := addKey(t, w, "stikka")
	second, b := addKey(t, w, "")
	if a.Name != "2-age" || b.Name != "3-age" || a.Label != "stikka" || !a.ChangedAt.Equal(noon) || a.Recipient != first.Recipient().String() {
		t.Errorf("%+v %+v", a, b)
	}
	for name, identities := range map[string][]age.Identity{"first": {first}, "second": {second}, "after another": {keyPair(t), second}} {
		if code := opens(t, store, OpenRequest{Identities: identities}); code != "" {
			t.Errorf("%s: %q", name, code)
		}
	}
	if code := opens(t, store, OpenRequest{Identities: []age.Identity{keyPair(t)}}); code != "locked/wrong-identity" {
		t.Errorf("another key: %q", code)
	}
	if err := w.RemoveSlot(t.Context(), "2-age"); err != nil {
		t.Fatal(err)
	}
	if code := opens(t, store, OpenRequest{Identities: []age.Identity{first}}); code != "locked/wrong-identity" {
		t.Errorf("a way that was taken out: %q", code)
	}
	if _, again := addKey(t, w, ""); again.Name != "2-age" {
		t.Errorf("%+v takes no free place", again)
	}
	for _, test := range []struct {
		name string
		code reason.Code
	}{
		{"9-age", "not_found/slot"}, {"", "not_found/slot"}, {"../manifest.json", "not_found/slot"},
		{"recovery", ""}, {"recovery", "not_found/slot"}, {"passphrase", "usage/last-way-in"},
	} {
		if err := w.RemoveSlot(t.Context(), test.name); reason.CodeOf(err) != test.code {
			t.Errorf("remove %q: %v, want %q", test.name, err, test.code)
		}
	}
	if code := opens(t, store, OpenRequest{Words: strings.Join(words, " ")}); code != "locked/no-such-way" {
		t.Errorf("words that were taken out: %q", code)
	}
	// The other way round: words again, no passphrase, a passphrase again.
	next, err := GenerateWords()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.SetWords(t.Context(), next), w.RemoveSlot(t.Context(), "passphrase")); err != nil {
		t.Fatal(err)
	}
	if code := opens(t, store, OpenRequest{Passphrase: []byte(passphrase)}); code != "locked/no-such-way" {
		t.Errorf("a passphrase that was taken out: %q", code)
	}
	if err := w.RemoveSlot(t.Context(), "recovery"); reason.CodeOf(err) != "usage/last-way-in" {
		t.Error(err)
	}
	if err := w.SetPassphrase(t.Context(), PassphraseRequest{Passphrase: []byte(passphrase), Work: lowWork}); err != nil {
		t.Fatal(err)
	}
	w = open(t, store)
	var names []string
	for _, slot := range w.Slots() {
		names = append(names, slot.Name)
	}
	outside, err := Look(t.Context(), store)
	if want := []string{"passphrase", "recovery", "2-age", "3-age"}; !slices.Equal(names, want) || err != nil || !slices.Equal(outside.Slots, want) || outside.Wallet != w.ID() {
		t.Errorf("%v, from outside %+v %v", names, outside, err)
	}
	if len(w.Items()) != 1 {
		t.Error("the credential is gone")
	}
}

// TestSlotOfAnotherCopy: what the log tells of a way in is not told of another
// that stands under its name.
func TestSlotOfAnotherCopy(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	addKey(t, w, "stikka")
	w.parts[2].data = []byte("another part")
	if got := w.Slots()[2]; got.Label != "" || got.Recipient != "" || got.Name != "2-age" {
		t.Errorf("%+v", got)
	}
}

func TestSlotsRefused(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	to := keyPair(t).Recipient()
	device := reason.New("locked/plugin", "", "no device")
	for name, test := range map[string]struct {
		r    SlotRequest
		code reason.Code
	}{
		"no recipient":     {SlotRequest{Kind: "age"}, reason.Usage},
		"no kind":          {SlotRequest{Recipient: to}, reason.Usage},
		"a path":           {SlotRequest{Recipient: to, Kind: "../x"}, reason.Usage},
		"capitals":         {SlotRequest{Recipient: to, Kind: "Age"}, reason.Usage},
		"passphrase":       {SlotRequest{Recipient: to, Kind: "passphrase"}, reason.Usage},
		"a novel":          {SlotRequest{Recipient: to, Kind: "age", Label: strings.Repeat("x", maxLabel+1)}, reason.Usage},
		"a device fails":   {SlotRequest{Recipient: failing{device}, Kind: "age"}, "locked/plugin"},
		"something fails":  {SlotRequest{Recipient: failing{errors.New("AGE-SECRET-KEY-1XYZ")}, Kind: "age"}, "usage/recipient"},
		"a large envelope": {SlotRequest{Recipient: failing{}, Kind: "age"}, reason.LimitSize},
	} {
		if _, err := w.AddSlot(t.Context(), test.r); reason.CodeOf(err) != test.code || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if n := len(w.Slots()); n != 2 {
		t.Errorf("%d ways in", n)
	}
	for n := 2; n < maxSlots; n++ {
		addKey(t, w, "")
	}
	if _, err := w.AddSlot(t.Context(), SlotRequest{Recipient: to, Kind: "age"}); reason.CodeOf(err) != "usage/slots" {
		t.Errorf("one more than the limit: %v", err)
	}
	open(t, w.store) // the most ways in that there may be
}

// failing is a recipient, or an identity, that fails or gives more than it may.
type failing struct{ err error }

func (f failing) Wrap([]byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: "x", Body: make([]byte, maxSlot)}}, f.err
}

func (f failing) Unwrap([]*age.Stanza) ([]byte, error) { return nil, f.err }

// TestIdentityFails: why a device failed is told, unless another key opens the
// wallet; what is told is not what an identity quotes.
func TestIdentityFails(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	addKey(t, w, "")
	last, _ := addKey(t, w, "")
	device := failing{reason.New("locked/plugin", "", "no device")}
	for name, test := range map[string]struct {
		identities []age.Identity
		code       reason.Code
	}{
		"a device that fails": {[]age.Identity{device}, "locked/plugin"},
		"with another key":    {[]age.Identity{keyPair(t), device}, "locked/plugin"},
		"a key first":         {[]age.Identity{last, device}, ""},
		"it quotes":           {[]age.Identity{failing{errors.New("AGE-SECRET-KEY-1XYZ")}}, "locked/wrong-identity"},
	} {
		_, err := Open(t.Context(), OpenRequest{Store: store, Identities: test.identities, Now: clock})
		if reason.CodeOf(err) != test.code || err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v, want %q", name, err, test.code)
		}
	}
}

// TestSeal: what Seal returns opens the wallet together with its key, and is in
// no log.
func TestSeal(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	key := keyPair(t)
	sealed, err := w.Seal(key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	generation, _ := w.State()
	if generation != 1 || len(w.Slots()) != 2 {
		t.Error("it is in the wallet")
	}
	for name, test := range map[string]struct {
		r    OpenRequest
		code reason.Code
	}{
		"with its key":   {OpenRequest{Sealed: sealed, Identities: []age.Identity{key}}, ""},
		"another key":    {OpenRequest{Sealed: sealed, Identities: []age.Identity{keyPair(t)}}, "locked/wrong-identity"},
		"no key":         {OpenRequest{Sealed: sealed}, "locked/no-passphrase"},
		"damaged":        {OpenRequest{Sealed: sealed[:len(sealed)-1], Identities: []age.Identity{key}}, "locked/wrong-identity"},
		"nothing sealed": {OpenRequest{Sealed: []byte{}, Identities: []age.Identity{key}}, "locked/wrong-identity"},
	} {
		if code := opens(t, store, test.r); code != test.code {
			t.Errorf("%s: %q, want %q", name, code, test.code)
		}
	}
	other := &MemoryStore{}
	create(t, other)
	if code := opens(t, other, OpenRequest{Sealed: sealed, Identities: []age.Identity{key}}); code != "wallet_corrupt/file" {
		t.Errorf("another wallet: %q", code)
	}
}

// filling is a disk that fills up: it lets so many writes pass.
type filling struct {
	MemoryStore
	left int
}

func (f *filling) Swap(ctx context.Context, old string, blob []byte) (string, error) {
	if f.left--; f.left < 0 {
		return "", reason.New(reason.IO, "", "no space left on device")
	}
	return f.MemoryStore.Swap(ctx, old, blob)
}

// TestSlotsHalfWay: a change that could not be written is none, and one whose
// second writing failed is told as failed, while the wallet is whole.
func TestSlotsHalfWay(t *testing.T) {
	t.Parallel()
	for written, want := range map[int]string{0: passphrase, 1: "ny frase", 2: "ny frase"} {
		store := &filling{left: 1}
		w, _ := create(t, store)
		store.left = written
		err := w.SetPassphrase(t.Context(), PassphraseRequest{Passphrase: []byte("ny frase"), Work: lowWork})
		if (err == nil) != (written == 2) {
			t.Errorf("%d writes: %v", written, err)
		}
		if code := opens(t, store, OpenRequest{Passphrase: []byte(want)}); code != "" {
			t.Errorf("%d writes: %q", written, code)
		}
		store.left = 1
		if item := add(t, w, badge("Kurs", "did:example:kari")); item.ID == "" {
			t.Error("the wallet cannot be written to any more")
		}
	}
}

// TestSlotsAtOnce: ways in that two programs add at the same time are both
// there.
func TestSlotsAtOnce(t *testing.T) {
	t.Parallel()
	store := NewFileStore(filepath.Join(t.TempDir(), "kari.bevis"))
	create(t, store)
	done := make(chan error)
	for range 4 {
		w := open(t, store)
		to := keyPair(t).Recipient()
		go func() {
			_, err := w.AddSlot(context.WithoutCancel(t.Context()), SlotRequest{Recipient: to, Kind: "age"})
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(open(t, store).Slots()); n != 6 {
		t.Errorf("%d ways in", n)
	}
}

// TestSlotsInTheClear: what a holder calls a key, and for whom it is, are not in
// the clear.
func TestSlotsInTheClear(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "kari.bevis")
	w, _ := create(t, NewFileStore(path))
	identity, _ := addKey(t, w, "stikka i skuffa")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"stikka", identity.Recipient().String(), identity.String()} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%.20s is in the clear", secret)
		}
	}
}
