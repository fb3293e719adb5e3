package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/i18n"
)

// TestAgo: how long ago something was, in words of each language.
func TestAgo(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for age, want := range map[time.Duration][3]string{
		-time.Hour:        {"just now", "nettopp", "nettopp"},
		59 * time.Second:  {"just now", "nettopp", "nettopp"},
		time.Minute:       {"a minute ago", "for ett minutt siden", "for eitt minutt sidan"},
		119 * time.Minute: {"an hour ago", "for en time siden", "for ein time sidan"},
		23 * time.Hour:    {"23 hours ago", "for 23 timer siden", "for 23 timar sidan"},
		3*day + time.Hour: {"3 days ago", "for 3 dager siden", "for 3 dagar sidan"},
		30 * day:          {"a month ago", "for en måned siden", "for ein månad sidan"},
		364 * day:         {"12 months ago", "for 12 måneder siden", "for 12 månader sidan"},
		800 * day:         {"2 years ago", "for 2 år siden", "for 2 år sidan"},
	} {
		for n, lang := range []string{"en", "nb", "nn"} {
			s := &session{p: i18n.New(lang)}
			if got := s.ago(age); got != want[n] {
				t.Errorf("%s, %s: %q, want %q", age, lang, got, want[n])
			}
		}
	}
}

// TestShowAges: what was found is told with its age, and after a month that it
// is to be looked at again.
func TestShowAges(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.work = 4
	f.env["BEVIS_PASSPHRASE_FILE"] = writeFile(t, "p.txt", "fire hester i regn")
	f.want(0, "wallet", "init")
	id, _ := f.want(0, "wallet", "id")
	made, _ := f.want(0, "issuer", "init", "--name", "Kurs", "--json")
	var issuer struct{ ID string }
	if err := json.Unmarshal([]byte(made), &issuer); err != nil {
		t.Fatal(err)
	}
	f.want(0, "achievement", "new", "--name", "Kurs", "--description", "d", "--criteria", "c", "--id", "https://k.example/1", "--skill", "sveising=https://k.example/s")
	credential := filepath.Join(t.TempDir(), "bevis.json")
	f.want(0, "credential", "issue", "kurs", "--to", strings.TrimSpace(id), "--valid-until", "300d", "-o", credential)
	f.want(0, "wallet", "add", credential, "--issuer", issuer.ID)
	list := func() (out struct{ Credentials []struct{ ID, State string } }) {
		t.Helper()
		text, _ := f.want(0, "wallet", "list", "--json")
		if err := json.Unmarshal([]byte(text), &out); err != nil || len(out.Credentials) != 1 {
			t.Fatal(err, text)
		}
		return out
	}
	item := list().Credentials[0].ID
	began := f.now()
	after := func(d time.Duration, wants ...string) {
		t.Helper()
		f.now = func() time.Time { return began.Add(d) }
		text, _ := f.want(0, "wallet", "show", item)
		for _, want := range wants {
			if no, ok := strings.CutPrefix(want, "!"); ok == strings.Contains(text, strings.TrimPrefix(want, "!")) {
				t.Errorf("after %s: %q in\n%s", d, no, text)
			}
		}
	}
	const day = 24 * time.Hour
	after(0, "✓ Checked just now; valid then", "!long ago")
	after(3*day, "Checked 3 days ago; valid then", "!long ago")
	after(40*day, "Checked a month ago; valid then", "That is long ago", "bevis wallet show "+item+" --verify")
	after(301*day, "valid then", "Its time ended on", "!long ago")
	if got := list().Credentials[0].State; got != "expired" {
		t.Error(got)
	}
	f.now = func() time.Time { return began.Add(40 * day) }
	text, _ := f.want(0, "wallet", "show", item, "--verify", "--issuer", issuer.ID, "--json")
	if !strings.Contains(text, `"noted": true`) {
		t.Error(text)
	}
	after(41*day, "Checked a day ago; valid then", "!long ago")

	text, _ = f.want(0, "wallet", "profile", "--issuer", issuer.ID, "--declare", "sveising", "--json")
	var p struct {
		Proven []struct {
			Grounds []struct{ Grade, Source string }
		}
		Claimed struct {
			Skills []struct {
				Grounds []struct{ Grade, Source string }
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Proven) != 1 || len(p.Proven[0].Grounds) != 1 || p.Proven[0].Grounds[0].Source != item || p.Proven[0].Grounds[0].Grade != "stated" {
		t.Errorf("proven: %s", text)
	}
	if len(p.Claimed.Skills) != 1 || len(p.Claimed.Skills[0].Grounds) != 1 || p.Claimed.Skills[0].Grounds[0].Source != "" {
		t.Errorf("the person's own word is not apart: %s", text)
	}
	text, _ = f.want(0, "wallet", "profile", "--issuer", issuer.ID, "--declare", "sveising")
	proven, claimed, ok := strings.Cut(text, "What you say yourself")
	if !ok || !strings.Contains(proven, `sveising`+"\n"+`      "Kurs`) || strings.Contains(proven, "own word") || !strings.Contains(claimed, "your own word") {
		t.Error(text)
	}
	// Without trust in the issuer it proves nothing, and says so.
	text, _ = f.want(0, "wallet", "profile")
	if !strings.Contains(text, "Nothing is proven.") || !strings.Contains(text, "untrusted_issuer") {
		t.Error(text)
	}
}
