package cli

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// TestLostPassphrase is the day on which the words are needed, at the terminal.
func TestLostPassphrase(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work = 4
	answer := func(answers ...string) *person {
		p := &person{answers: answers}
		f.term = p
		return p
	}
	answer("fire hester i regn", "fire hester i regn")
	out, _ := f.want(0, "wallet", "init")
	words := shownWords(t, out)
	sheet := strings.Join(words, " ")

	answer("", "tre ord til", "")
	if _, stderr := f.want(2, "wallet", "passphrase", "--recovery-words"); !strings.Contains(stderr, "[usage/recovery-words]") {
		t.Error(stderr)
	}
	p := answer("  "+strings.ToUpper(sheet)+" ", "tre kyr i sol", "tre kyr i sol")
	if _, stderr := f.want(0, "wallet", "passphrase", "--recovery-words"); len(p.asked) != 3 || strings.Contains(stderr, words[0]+" "+words[1]) {
		t.Errorf("asked %q: %s", p.asked, stderr)
	}
	answer("fire hester i regn", "fire hester i regn", "fire hester i regn")
	f.want(8, "wallet", "list")
	answer("tre kyr i sol")
	f.want(0, "wallet", "list")

	// The sheet was seen by others: a new one, after a question.
	answer("tre kyr i sol", "nei")
	if _, stderr := f.want(8, "wallet", "recovery"); !strings.Contains(stderr, "[locked/refused]") {
		t.Error(stderr)
	}
	answer(sheet)
	f.want(0, "wallet", "list", "--recovery-words") // nothing was changed
	answer("tre kyr i sol", "ja")
	out, _ = f.want(0, "wallet", "recovery", "--lang", "nn")
	shownWords(t, out)
	answer(sheet, sheet, sheet) // who mistypes is asked again
	f.want(8, "wallet", "list", "--recovery-words")
	answer("tre kyr i sol", "n")
	f.want(8, "wallet", "slot", "remove", "recovery")
}

// TestWordsAreNotLost: where a file for them cannot be written they are shown,
// and the wallet is as it says.
func TestWordsAreNotLost(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work = 4
	folder := t.TempDir()
	file := filepath.Join(folder, "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f.term = &person{answers: []string{"fire hester", "fire hester"}}
	out, _ := f.want(1, "wallet", "init", "--sheet", filepath.Join(file, "sheet.html"))
	words := shownWords(t, out)
	f.term = &person{answers: []string{"fire hester"}}
	f.want(0, "wallet", "list")
	f.term = &person{answers: []string{"fire hester"}}
	f.want(1, "wallet", "recovery", "--yes", "--sheet", filepath.Join(file, "sheet.html"))
	f.term = &person{answers: []string{strings.Join(words, " ")}}
	f.want(0, "wallet", "list", "--recovery-words") // the old ones still open it
}

// shownWords reads the words that the command shows.
func shownWords(t *testing.T, out string) []string {
	t.Helper()
	_, table, _ := strings.Cut(out, "\n\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var words []string
	for _, m := range regexp.MustCompile(`\d+ ([a-z]+)`).FindAllStringSubmatch(table, -1) {
		words = append(words, m[1])
	}
	if len(words) != 24 {
		t.Fatalf("%d words in %s", len(words), out)
	}
	return words
}

// ring is a keyring in memory.
type ring struct {
	secrets map[string]string
	asked   int
	full    bool
}

func (r *ring) Set(_ context.Context, name, secret string) error {
	if r.full {
		return reason.New("locked/no-keyring", "", "full")
	}
	r.secrets[name] = secret
	return nil
}

func (r *ring) Get(_ context.Context, name string) (string, error) {
	r.asked++
	if secret, ok := r.secrets[name]; ok {
		return secret, nil
	}
	return "", reason.New(reason.NotFound, "", "none")
}

func (r *ring) Delete(_ context.Context, name string) error {
	delete(r.secrets, name)
	return nil
}

// TestUnlocked: a wallet is open for as long as was said, to whoever has both
// the keyring and the folder, and what is in either alone is no way in.
func TestUnlocked(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work = 4
	keys := &ring{secrets: map[string]string{}}
	f.ring = keys
	now := f.now()
	f.now = func() time.Time { return now }
	const secret = "fire hester i regn"
	file := writeFile(t, "p.txt", secret)
	f.want(0, "wallet", "init", "--passphrase-file", file)
	f.want(8, "wallet", "list", "--no-input")
	if keys.asked > 0 {
		t.Error("the keyring of somebody who never asked for it was asked")
	}
	unlock := func() string {
		t.Helper()
		f.want(0, "wallet", "unlock", "--for", "2h", "--passphrase-file", file)
		found, err := filepath.Glob(filepath.Join(f.home, "unlocked", "*.age"))
		if err != nil || len(found) != 1 || len(keys.secrets) != 1 {
			t.Fatal(found, len(keys.secrets), err)
		}
		if info, err := os.Stat(filepath.Dir(found[0])); err != nil || info.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
			t.Errorf("the folder is open to others: %v %v", info.Mode(), err)
		}
		return found[0]
	}
	sealed := unlock()
	for _, kept := range keys.secrets {
		if strings.Contains(kept, secret) || !strings.Contains(kept, "AGE-SECRET-KEY-PQ-1") {
			t.Error("the keyring holds something else than a key of its own")
		}
	}
	raw, err := os.ReadFile(sealed)
	if err != nil || strings.Contains(string(raw), "AGE-SECRET") || strings.Contains(string(raw), secret) {
		t.Error("a key is in the folder in the clear", err)
	}
	f.want(0, "wallet", "list", "--no-input")
	now = now.Add(2*time.Hour - time.Second)
	f.want(0, "wallet", "list", "--no-input")
	now = now.Add(time.Second)
	f.want(8, "wallet", "list", "--no-input")
	if _, err := os.Stat(sealed); err == nil || len(keys.secrets) > 0 {
		t.Error("what is over is still there")
	}
	// A clock that is set back does not make it last.
	unlock()
	now = now.Add(-30 * 24 * time.Hour)
	f.want(8, "wallet", "list", "--no-input")

	for name, spoil := range map[string]func(sealed string) error{
		"the keyring forgot": func(string) error { clear(keys.secrets); return nil },
		"another key": func(string) error {
			for name := range keys.secrets {
				keys.secrets[name] = `{"key":"AGE-SECRET-KEY-1QQQ","until":"2099-01-01T00:00:00Z"}`
			}
			return nil
		},
		"no entry at all":     func(string) error { return (keys).Set(t.Context(), firstKey(keys.secrets), "x") },
		"the file is damaged": func(sealed string) error { return os.WriteFile(sealed, []byte("age-encryption.org/v1\n"), 0o600) },
		"the file is gone":    os.Remove,
	} {
		if err := spoil(unlock()); err != nil {
			t.Fatal(name, err)
		}
		if _, stderr := f.want(8, "wallet", "list", "--no-input"); !strings.Contains(stderr, "[locked/no-passphrase]") || strings.Contains(stderr, "AGE-") {
			t.Errorf("%s: %s", name, stderr)
		}
		f.want(0, "wallet", "lock", "--all")
		clear(keys.secrets)
	}
	// A keyring that takes nothing leaves nothing behind.
	keys.full = true
	f.want(8, "wallet", "unlock", "--passphrase-file", file)
	if found, err := filepath.Glob(filepath.Join(f.home, "unlocked", "*")); err != nil || len(found) > 0 {
		t.Error(found, err)
	}
}

func firstKey(m map[string]string) string {
	for name := range m {
		return name
	}
	return ""
}
