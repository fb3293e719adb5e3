package cli

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/sharelink"
)

// host serves a folder over https and keeps what it was asked.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	down  string // a path that is answered with 503
}

func newHost(t *testing.T, folder string) *host {
	h := &host{}
	files := http.FileServer(http.Dir(folder))
	h.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all bytes.Buffer
		_ = r.Write(&all) // all that a host sees
		h.mu.Lock()
		h.asked = append(h.asked, all.String())
		down := h.down
		h.mu.Unlock()
		if r.URL.Path == down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

// citizen runs the command as one person, as of a time.
type citizen struct {
	t      *testing.T
	home   string
	source fetch.Source
	now    time.Time
	stdin  string
}

func (c *citizen) run(want int, args ...string) (stdout, stderr string) {
	c.t.Helper()
	var out, errs bytes.Buffer
	env := map[string]string{"BEVIS_PASSPHRASE_FILE": filepath.Join(c.home, "passphrase.txt"), "BEVIS_LANG": "en"}
	code := Run(c.t.Context(), Env{Args: args, Stdin: strings.NewReader(c.stdin), Stdout: &out, Stderr: &errs, Home: c.home, PassphraseWork: 4,
		Now: func() time.Time { return c.now }, Getenv: func(name string) string { return env[name] }, Source: c.source})
	if code != want {
		c.t.Fatalf("%.3q ends with %d, not %d:\n%s\n%s", args, code, want, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

func (c *citizen) newID() string {
	c.t.Helper()
	out, _ := c.run(0, "wallet", "id")
	return strings.TrimSpace(out)
}

// kariWithBadge is a citizen who keeps a badge that can be shown in part, with
// the id of its issuer, and its own in the wallet.
func kariWithBadge(t *testing.T, now time.Time) (kari *citizen, issuer, item string) {
	t.Helper()
	kari = &citizen{t: t, home: t.TempDir(), now: now}
	in := func(name string) string { return filepath.Join(kari.home, name) }
	if err := os.WriteFile(in("passphrase.txt"), []byte("fire hester i regn"), 0o600); err != nil {
		t.Fatal(err)
	}
	kari.run(0, "wallet", "init", "--recovery-words-to", in("words.txt"))
	school, _ := kari.run(0, "issuer", "init", "--name", "Kursstedet", "--json")
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(school), &made); err != nil {
		t.Fatal(err)
	}
	kari.run(0, "achievement", "new", "--name", "Sveising", "--description", "d", "--criteria", "c", "--id", "https://kurs.example/s", "--slug", "sveis")
	kari.run(0, "credential", "issue", "sveis", "--to", kari.newID(), "--narrative", "tok lang tid", "--format", "sd-jwt", "-o", in("badge.sdjwt"))
	kari.run(0, "trust", "add", made.ID, "--name", "Kursstedet")
	kari.run(0, "wallet", "add", in("badge.sdjwt"))
	listed, _ := kari.run(0, "wallet", "list", "--json")
	var list struct{ Credentials []struct{ ID string } }
	if err := json.Unmarshal([]byte(listed), &list); err != nil || len(list.Credentials) != 1 {
		t.Fatal(err, listed)
	}
	return kari, made.ID, list.Credentials[0].ID
}

// shareID is the id of the latest share in the log.
func (c *citizen) shareID() string {
	c.t.Helper()
	logged, _ := c.run(0, "wallet", "log", "--json")
	var log struct{ Shares []struct{ ID string } }
	if err := json.Unmarshal([]byte(logged), &log); err != nil || len(log.Shares) == 0 || strings.Contains(logged, "AGE-SECRET") {
		c.t.Fatal(err, logged)
	}
	return log.Shares[len(log.Shares)-1].ID
}

// TestWhatPeopleRead: the preview and the letter, in each language.
func TestWhatPeopleRead(t *testing.T) {
	t.Parallel()
	kari, issuer, id := kariWithBadge(t, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
	kari.run(0, "wallet", "share", id, "--audience", "https://annet.example", "-o", filepath.Join(kari.home, "annet.sdjwt"))
	kari.run(0, "wallet", "share", id, "--audience", "https://firma.example", "--purpose", "søknad", "--show", "narrative", "-o", filepath.Join(kari.home, "firma.sdjwt"))
	share, me := kari.shareID(), kari.newID()
	urn := regexp.MustCompile(`urn:uuid:[0-9a-f-]+`)
	for _, lang := range i18n.Languages() {
		preview, _ := kari.run(0, "wallet", "share", id, "--audience", "https://firma.example", "--purpose", "søknad", "--show", "narrative", "--preview", "--lang", lang)
		letter, _ := kari.run(0, "wallet", "log", "deletion-request", share, "--lang", lang)
		golden(t, filepath.Join("testdata", "share", "preview."+lang+".txt"), urn.ReplaceAllString(strings.NewReplacer(issuer, "ISSUER", me, "KARI").Replace(preview), "urn:uuid:…"))
		golden(t, filepath.Join("testdata", "share", "deletion."+lang+".txt"), strings.ReplaceAll(letter, share, "SHARE"))
	}
}

// TestShareOnTheWeb: a share that an https host serves is verified by its
// link, is refused once it was taken back or is over, and cannot be told
// while the host does not answer. The host never sees the key, and no output
// shows it but the one that is for that.
func TestShareOnTheWeb(t *testing.T) {
	t.Parallel()
	web := t.TempDir()
	h := newHost(t, web)
	pool := x509.NewCertPool()
	pool.AddCert(h.Certificate())
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	client, err := fetch.New(fetch.Config{Now: func() time.Time { return noon }, RootCAs: pool, AllowLoopbackUnsafe: true, Timeout: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	kari, issuer, id := kariWithBadge(t, noon)
	in := func(name string) string { return filepath.Join(kari.home, name) }
	link, notes := kari.run(0, "wallet", "share", id, "--audience", "https://firma.example", "--as", "link", "--out", filepath.Join(web, "deling"),
		"--url", h.URL+"/deling", "--expires", "12h")
	link = strings.TrimSpace(link)
	parsed, err := sharelink.Parse(link)
	if err != nil || parsed.Where != h.URL+"/deling/" {
		t.Fatalf("%v, %v", parsed, err)
	}
	_, secret, _ := strings.Cut(link, "#")
	if strings.Contains(notes, secret) {
		t.Error("the notes show the key")
	}
	if err := os.WriteFile(in("link.txt"), []byte(link+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	boss := &citizen{t: t, home: t.TempDir(), source: client, now: noon.Add(time.Hour)}
	boss.run(0, "trust", "add", issuer, "--name", "Kursstedet")
	verify := func(want int, code string, args ...string) string {
		t.Helper()
		out, errs := boss.run(want, append([]string{"verify", "--audience", "https://firma.example", "--require-holder-binding"}, args...)...)
		if !strings.Contains(out, code) {
			t.Errorf("%s is not told:\n%s", code, out)
		}
		if strings.Contains(out+errs, secret) || strings.Contains(out+errs, "AGE-SECRET") {
			t.Errorf("the key is shown:\n%s%s", out, errs)
		}
		return out
	}
	for _, format := range []string{"text", "json", "ndjson", "csv", "html"} {
		verify(0, "deling/#…", "--format", format, link)
	}
	verify(0, "VALID", "--link", in("link.txt"))
	boss.stdin = link
	verify(0, "VALID", "--link", "-")
	verify(7, "remote_fetch_blocked/offline", "--offline", link)
	asked := len(h.asked)
	if verify(7, "remote_fetch_blocked/offline", "--offline", link); len(h.asked) != asked {
		t.Error("offline, a connection was made")
	}

	boss.now = noon.Add(13 * time.Hour)
	if out := verify(6, "expired/share", link); strings.Contains(out, "Sveising") {
		t.Error("what is over is still shown")
	}
	boss.now = noon.Add(time.Hour)
	h.mu.Lock()
	h.down = "/deling/status.age"
	h.mu.Unlock()
	verify(4, "status_unavailable/share", link)
	h.mu.Lock()
	h.down = "/deling/share.age"
	h.mu.Unlock()
	verify(7, "fetch_failed/status", link)
	h.mu.Lock()
	h.down = ""
	h.mu.Unlock()
	verify(0, "VALID", link)

	// It is in force until the document that says otherwise is on the web.
	fresh := filepath.Join(t.TempDir(), "fresh")
	kari.run(0, "wallet", "log", "revoke", kari.shareID(), "--out", fresh)
	verify(0, "VALID", link)
	document, err := os.ReadFile(filepath.Join(fresh, sharelink.StatusName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(web, "deling", sharelink.StatusName), document, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := verify(3, "revoked/share", link); strings.Contains(out, "Sveising") {
		t.Error("what was taken back is still shown")
	}
	for _, format := range []string{"json", "ndjson", "csv", "html"} {
		if out := verify(3, "revoked/share", "--format", format, link); strings.Contains(out, "Sveising") || strings.Contains(out, "tok lang tid") {
			t.Errorf("%s still shows what was taken back", format)
		}
	}
	for _, request := range h.asked {
		if strings.Contains(request, "AGE-") || strings.Contains(request, secret) || strings.Contains(request, "firma") || strings.Contains(request, "Referer") {
			t.Errorf("the host was told: %s", request)
		}
	}
	if _, err := os.Stat(filepath.Join(boss.home, "cache")); err == nil {
		found := false
		_ = filepath.Walk(boss.home, func(path string, info os.FileInfo, err error) error {
			if err == nil && info.Mode().IsRegular() {
				raw, _ := os.ReadFile(path)
				found = found || bytes.Contains(raw, []byte(secret)) || bytes.Contains(raw, []byte("age-encryption"))
			}
			return nil
		})
		if found {
			t.Error("the receiver's folder keeps the share or its key")
		}
	}
}

// TestLinkInTheWrongPlace: wherever a link is typed, no error shows its key.
func TestLinkInTheWrongPlace(t *testing.T) {
	t.Parallel()
	sealed, err := sharelink.Seal([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	link := "https://kari.example/d/#" + sealed.Key
	c := &citizen{t: t, home: t.TempDir(), now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}
	for _, args := range [][]string{
		{link}, {"wallet", link}, {"wallet", "log", link}, {"wallet", "list", "--wallet", link}, {"inspect", "--offline", link}, {"verify", "--offline", link, link + "X"},
		{"verify", "--" + link}, {"verify", "--issuer", link}, {"verify", "--at", link, link}, {"verify", "--format", link, link}, {"verify", "--link", link},
		{"verify", "--status-list", link, "x"}, {"verify", "--offline", "--json", link}, {"--json", link}, {"help", link}, {"profile", "gap", "--goal", link, "--offline"},
	} {
		var out, errs bytes.Buffer
		Run(context.WithoutCancel(t.Context()), Env{Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Home: c.home,
			Now: func() time.Time { return c.now }, Getenv: func(string) string { return "" }})
		if text := out.String() + errs.String(); strings.Contains(text, sealed.Key) || strings.Contains(text, sealed.Key[:30]) {
			t.Errorf("%.3q shows the key:\n%s", args, text)
		}
	}
}
