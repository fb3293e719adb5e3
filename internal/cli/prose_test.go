package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/i18n"
)

func TestProse(t *testing.T) {
	t.Parallel()
	s := &session{env: Env{Columns: func(io.Writer) int { return 40 }}, commands: []string{"wallet"}}
	for text, want := range map[string]string{
		"kort":  "kort",
		"  inn": "  inn",
		"Ein setning som er for lang til å stå på éi line i ein terminal.":        "Ein setning som er for lang til å stå på\n  éi line i ein terminal.",
		"Ta henne tilbake med: bevis wallet log revoke ef6cbd2161ea --out deling": "Ta henne tilbake med:\n  bevis wallet log revoke ef6cbd2161ea --out deling",
		"eittsværtlangtordsomikkjefårplasspåéilinekorleisnokoendasnur":            "eittsværtlangtordsomikkjefårplasspåéilinekorleisnokoendasnur",
		"Er ho di, er du klar: bevis wallet list. Ei ny legg du ein annan stad.":  "Er ho di, er du klar: bevis wallet list.\n  Ei ny legg du ein annan stad.",
		"Det er no kopiert og lese tilbake: 2 bevis kopierte til minnepinnen":     "Det er no kopiert og lese tilbake: 2\n  bevis kopierte til minnepinnen",
		"  felt          ID-en din, resultat, krav":                               "  felt          ID-en din, resultat,\n  krav",
		"to liner,\nkvar for seg": "to liner,\nkvar for seg",
	} {
		if got := s.prose(io.Discard, text, "  "); got != want {
			t.Errorf("%q\n%q", got, want)
		}
	}
	s.env.Columns = func(io.Writer) int { return 200 }
	long := strings.Repeat("ord på ord ", 30)
	for line := range strings.SplitSeq(s.prose(io.Discard, long, "    "), "\n") {
		if n := utf8.RuneCountInString(line); n > proseWidth {
			t.Errorf("%d characters on a line", n)
		}
	}
	s.env.Columns = nil
	if got := s.prose(io.Discard, long, "  "); got != long {
		t.Error("broken where there is no terminal")
	}
}

// TestShareOnScreen: a share without a file is refused where it would be poured
// onto the terminal, before the log says that it was made.
func TestShareOnScreen(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work, f.screen = 10, 80
	f.env["BEVIS_PASSPHRASE_FILE"] = filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(f.env["BEVIS_PASSPHRASE_FILE"], []byte("ei god frase"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.want(0, "wallet", "init")
	credential := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(credential, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:skule","name":"Kurs","credentialSubject":{"id":"did:example:kari"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f.want(0, "wallet", "add", credential, "--anyway")
	out, _ := f.want(0, "wallet", "list")
	id, _, _ := strings.Cut(out, " ")
	for _, as := range []string{"file", "html", "qr"} {
		if _, stderr := f.want(2, "wallet", "share", id, "--audience", "https://a.example", "--as", as); !strings.Contains(stderr, "[usage/share-screen]") || !strings.Contains(stderr, "-o FILE") {
			t.Error(stderr)
		}
	}
	if out, _ := f.want(0, "wallet", "log"); !strings.Contains(out, "You have shared nothing") {
		t.Error(out)
	}
	f.want(0, "wallet", "share", id, "--audience", "https://a.example", "-o", "-")
	f.screen = 0
	f.want(0, "wallet", "share", id, "--audience", "https://a.example")
}

// TestNarrowResults: on a terminal no word of a result is broken at its edge, unless it
// is as long as that alone, and a file is written as if there were none.
func TestNarrowResults(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	folder := t.TempDir()
	for _, name := range []string{"a.json", "b.json", "c.json", "d.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:skule","name":"Eit kurs med eit langt namn","credentialSubject":{"id":"did:example:kari"}}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := map[string]bool{} // words
	table, _ := f.want(3, "verify", "--lang", "nb", folder)
	one, _ := f.want(3, "verify", "--lang", "nb", filepath.Join(folder, "a.json"))
	for word := range strings.FieldsSeq(table + one) {
		whole[word] = true
	}
	f.screen = 50
	for _, args := range [][]string{{folder}, {filepath.Join(folder, "a.json")}} {
		out, _ := f.want(3, append([]string{"verify", "--lang", "nb"}, args...)...)
		for line := range strings.Lines(out) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) > 50 && strings.Contains(strings.TrimSpace(line), " ") && !strings.Contains(line, folder) && !strings.Contains(line, "bevis ") {
				t.Errorf("longer than the terminal: %q", line)
			}
			for word := range strings.FieldsSeq(line) {
				if !whole[word] {
					t.Errorf("%q is no whole word", word)
				}
			}
		}
	}
	file := filepath.Join(t.TempDir(), "report.txt")
	f.want(3, "verify", "--lang", "nb", folder, "-o", file)
	if got, err := os.ReadFile(file); err != nil || !strings.HasSuffix(string(got), table) {
		t.Errorf("the file is not what stands elsewhere: %v\n%s", err, got)
	}
}

// TestNarrowDoors: what "bevis" alone says fits any terminal, and says the same on it.
func TestNarrowDoors(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, lang := range i18n.Languages() {
		whole, _ := f.want(0, "--lang", lang)
		for _, f.screen = range []int{60, 78, 200} {
			out, _ := f.want(0, "--lang", lang)
			if strings.Join(strings.Fields(out), " ") != strings.Join(strings.Fields(whole), " ") || f.screen == 200 && out != whole {
				t.Errorf("%s, %d columns: it says something else:\n%s", lang, f.screen, out)
			}
			for line := range strings.Lines(out) {
				if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > f.screen {
					t.Errorf("%s: longer than the terminal: %q", lang, line)
				}
			}
		}
		f.screen = 0
	}
}

// TestStopped: that it was stopped is said once, for people.
func TestStopped(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, stdout, stderr := f.run(ctx, "verify", t.TempDir()); code != 130 || stdout != "" || !strings.Contains(stderr, "[canceled]") || strings.Contains(stderr, "context canceled") {
		t.Errorf("%d %q %q", code, stdout, stderr)
	}
}

// TestTimesOfHere: people are shown their own time, programs that of Greenwich.
func TestTimesOfHere(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CET", 3600)
	f := newFixture(t)
	f.work = 10
	f.env["BEVIS_PASSPHRASE_FILE"] = filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(f.env["BEVIS_PASSPHRASE_FILE"], []byte("ei god frase"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.now = func() time.Time { return time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC).In(zone) }
	f.want(0, "wallet", "init")
	folder := t.TempDir()
	f.want(0, "wallet", "backup", filepath.Join(folder, "k.bevis"))
	if out, _ := f.want(1, "wallet", "check", "--accept"); !strings.Contains(out, "2026-11-24 00:30 CET") {
		t.Error(out)
	}
	if _, out, _ := f.run(t.Context(), "wallet", "check", "--json"); !strings.Contains(out, `"2026-11-23T23:30:00Z"`) {
		t.Error(out)
	}
	// What is read on the screen alike, and what others read later in UTC.
	credential := filepath.Join(folder, "a.json")
	if err := os.WriteFile(credential, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:skule","name":"Kurs","validFrom":"2026-11-20T10:30:00Z","validUntil":"2026-11-20T11:30:00Z","credentialSubject":{"id":"did:example:kari"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f.want(0, "wallet", "add", credential, "--anyway")
	list, _ := f.want(0, "wallet", "list")
	if !strings.Contains(list, "2026-11-20 11:30 CET") {
		t.Error(list)
	}
	id, _, _ := strings.Cut(list, " ")
	for _, args := range [][]string{{"verify", credential}, {"wallet", "show", id, "--verify"}} {
		_, out, _ := f.run(t.Context(), args...)
		if !strings.Contains(out, "2026-11-20 11:30 CET") || strings.Contains(out, " UTC") {
			t.Errorf("%s: %s", args, out)
		}
	}
	_, out, _ := f.run(t.Context(), "verify", credential, "--format", "html")
	if !strings.Contains(out, "2026-11-20 10:30 UTC") || strings.Contains(out, "CET") {
		t.Error(out)
	}
	if _, out, _ := f.run(t.Context(), "verify", credential, "--json"); !strings.Contains(out, `"2026-11-20T10:30:00Z"`) || strings.Contains(out, "CET") {
		t.Error(out)
	}
}

// TestClockSetBack: a clock that is behind the wallet is told of, and a verdict of
// a time that is yet to come is not called a new one.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work = 10
	f.env["BEVIS_PASSPHRASE_FILE"] = filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(f.env["BEVIS_PASSPHRASE_FILE"], []byte("ei god frase"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.want(0, "wallet", "init")
	credential := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(credential, []byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:skule","name":"Kurs","credentialSubject":{"id":"did:example:kari"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f.want(0, "wallet", "add", credential, "--anyway")
	out, _ := f.want(0, "wallet", "list")
	id, _, _ := strings.Cut(out, " ")
	then := f.now()
	for behind, told := range map[time.Duration]bool{0: false, 30 * time.Minute: false, 48 * time.Hour: true} {
		f.now = func() time.Time { return then.Add(-behind) }
		if _, out, _ := f.run(t.Context(), "wallet", "check"); strings.Contains(out, "[wallet_warning/clock]") != told {
			t.Errorf("%s behind:\n%s", behind, out)
		}
		if out, _ := f.want(0, "wallet", "show", id); strings.Contains(out, "Checked 2026-11-23 12:00 UTC, which by the clock here is still to come") != told {
			t.Errorf("%s behind:\n%s", behind, out)
		}
	}
}

// TestPipeThatNobodyWritesTo: the first signal ends a run that waits for one.
func TestPipeThatNobodyWritesTo(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	pipe := filepath.Join(t.TempDir(), "pipe")
	if !makePipe(t, pipe) {
		t.Skip("no pipes here")
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	done := make(chan string, 1)
	go func() {
		code, _, stderr := f.run(ctx, "inspect", pipe)
		done <- stderr
		if code != 130 {
			t.Errorf("exit code %d\n%s", code, stderr)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("it waits for the pipe")
	}
	w, err := os.OpenFile(pipe, os.O_RDWR, 0) // so that who reads is not left behind
	if err == nil {
		w.Close()
	}
}
