package wallet

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// witness is the file system of this machine, and keeps every byte that is ever
// written: into temporary files as well, and into those that are gone again.
type witness struct {
	osFiles
	mu      sync.Mutex
	written bytes.Buffer
	modes   []os.FileMode
}

type witnessed struct {
	writeFile
	w *witness
}

func (w *witness) create(folder, base string) (writeFile, string, error) {
	f, name, err := w.osFiles.create(folder, base)
	if err != nil {
		return nil, "", err
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, "", err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.modes = append(w.modes, info.Mode().Perm())
	return &witnessed{f, w}, name, nil
}

func (f *witnessed) Write(p []byte) (int, error) {
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	f.w.written.Write(p)
	return f.writeFile.Write(p)
}

// TestNothingEverWrittenInTheClear: in a wallet's whole life no secret and
// nothing of what it holds goes to the disk, for no moment, and no file is open
// to others.
func TestNothingEverWrittenInTheClear(t *testing.T) {
	t.Parallel()
	const canary, next = "Kanarifugl i Kautokeino", "vaktel paa vidda"
	path := filepath.Join(t.TempDir(), "kari.bevis")
	store := NewFileStore(path)
	seen := &witness{}
	store.fs = seen
	w, words := create(t, store)
	did, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	item := add(t, w, badge(canary, did))
	if _, _, err := w.Share(t.Context(), ShareRequest{IDs: []string{item.ID}, Audience: "https://canary.example", Purpose: canary, Suite: &capture{}}); err != nil {
		t.Fatal(err)
	}
	key, _ := addKey(t, w, "kanarinøkkel")
	private := w.state.keys[0].private[30:60]
	newWords, err := GenerateWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		w.SetPassphrase(t.Context(), PassphraseRequest{Passphrase: []byte(next), Work: lowWork}),
		w.SetWords(t.Context(), newWords), w.RemoveSlot(t.Context(), "2-age"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Remove(t.Context(), item.ID); err != nil {
		t.Fatal(err)
	}
	written := seen.written.Bytes()
	if len(seen.modes) < 12 || !bytes.Contains(written, []byte("age-encryption.org")) {
		t.Fatalf("%d files, %d bytes: the witness saw nothing", len(seen.modes), len(written))
	}
	for _, secret := range []string{
		canary, next, passphrase, did, "canary.example", "kanarinøkkel", private, w.identity.String(), key.String(), key.Recipient().String(),
		strings.Join(words[:3], " "), strings.Join(words[21:], " "), strings.Join(newWords[:3], " "),
	} {
		if bytes.Contains(written, []byte(secret)) {
			t.Errorf("%.20q was written in the clear", secret)
		}
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range seen.modes {
		if mode != 0o600 {
			t.Errorf("a temporary file of mode %v", mode)
		}
	}
}
