package app_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/bevistest/faults"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

// oldHosts answer by address, and count.
type oldHosts struct {
	pages map[string]string
	asked map[string]int
}

func (h oldHosts) Fetch(ctx context.Context, url, accept string) ([]byte, time.Time, error) {
	a, err := h.Answer(ctx, url, accept)
	return a.Body, a.AsOf, err
}

func (h oldHosts) Answer(_ context.Context, url, _ string) (fetch.Answer, error) {
	h.asked[url]++
	page, ok := h.pages[url]
	if !ok {
		return fetch.Answer{}, reason.New("fetch_failed/status", url, "the server answers 404")
	}
	return fetch.Answer{Body: []byte(page), AsOf: noon, Status: 200, ContentType: "application/ld+json", TLS: "TLS 1.3"}, nil
}

const (
	oldAssertion = `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://merker.example/a/1",
 "recipient":{"type":"email","hashed":false,"identity":"kari@example.com"},"issuedOn":"2019-05-01T00:00:00Z","badge":"https://merker.example/c/1","verification":{"type":"hosted"}}`
	oldClass   = `{"@context":"https://w3id.org/openbadges/v2","type":"BadgeClass","id":"https://merker.example/c/1","name":"Sveising","description":"Kurs","criteria":{"narrative":"Prøve"},"issuer":"https://merker.example/i"}`
	oldProfile = `{"@context":"https://w3id.org/openbadges/v2","type":"Profile","id":"https://merker.example/i","name":"Fagskolen"}`
)

func oldWorld() oldHosts {
	return oldHosts{map[string]string{"https://merker.example/a/1": oldAssertion, "https://merker.example/c/1": oldClass, "https://merker.example/i": oldProfile}, map[string]int{}}
}

// notaryOver is an app with an issuer of its own, and what it asks.
func notaryOver(t *testing.T, source fetch.Source) (*app.App, app.IssuerSetup) {
	t.Helper()
	a, err := app.New(app.Config{Home: t.TempDir(), Now: func() time.Time { return noon }, Source: source})
	if err != nil {
		t.Fatal(err)
	}
	setup, err := a.IssuerInit(t.Context(), app.IssuerSetup{Name: "Notaren", Suite: app.SuiteNames()[0]}, key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	return a, setup
}

func judged(t *testing.T, a *app.App, issuer string, raw []byte) app.VerifyResult {
	t.Helper()
	out, err := a.Verify(t.Context(), app.VerifyRequest{Inputs: []app.Input{{Name: "x", Raw: raw}}, Issuers: []string{issuer}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Results[0]
}

// TestNotarise keeps a badge whose host then dies: the copy still shows what the
// host answered, byte for byte, and is upgraded without a connection.
func TestNotarise(t *testing.T) {
	t.Parallel()
	world := oldWorld()
	a, setup := notaryOver(t, world)
	for _, in := range []app.Input{
		{Name: "file", Raw: []byte(oldAssertion)},
		{Name: "address", Raw: []byte("https://merker.example/a/1")},
		{Name: "an old address", Raw: []byte("https://merker.example/a/1\n")},
	} {
		done, err := a.Notarise(t.Context(), in)
		if err != nil || len(done.Answers) != 3 || done.About != "https://merker.example/a/1" {
			t.Fatal(in.Name, err, done)
		}
		result := judged(t, a, setup.ID, done.Credential)
		found := false
		for _, c := range result.Checks {
			found = found || c.Code == "display_warning/snapshot" && strings.Contains(c.Message, "its issuer has not signed this")
		}
		if result.Verdict != "valid" || !found {
			t.Errorf("%s: %+v", in.Name, result)
		}
		c, err := credential.Parse(done.Credential, credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		seen, err := ob2.ReadSnapshot(c, credential.Limits{})
		if err != nil || string(seen.Get(ob2.RoleAssertion)) != oldAssertion || string(seen.Get(ob2.RoleClass)) != oldClass || seen.Answers[0].TLS != "TLS 1.3" || seen.Answers[0].ContentType != "application/ld+json" {
			t.Fatal(err)
		}
		clear(world.pages)
		upgraded, lost, err := a.UpgradeBadge2(done.Credential)
		if err != nil || len(lost) == 0 {
			t.Fatal(err)
		}
		v3, err := credential.Parse(upgraded, credential.Limits{})
		if err != nil || v3.IssuerID() != setup.ID {
			t.Fatal(err)
		}
		if back, err := ob2.OriginalOf(v3); err != nil || !bytes.Equal(back[0], done.Credential) {
			t.Error("the copy is not in it", err)
		}
		linted, err := a.Lint(t.Context(), []app.Input{{Name: "x", Raw: upgraded}}, app.LintOptions{})
		if err != nil || linted[0].Err != nil {
			t.Fatal(err, linted)
		}
		for _, f := range linted[0].Findings {
			if f.Severity.String() == "error" && f.Code != reason.NoProof {
				t.Errorf("%+v", f)
			}
		}
		for address, page := range oldWorld().pages {
			world.pages[address] = page
		}
		// What somebody changes in it afterwards, the notary has not signed.
		changed := bytes.Replace(done.Credential, []byte(`"status":200`), []byte(`"status":201`), 1)
		if r := judged(t, a, setup.ID, changed); bytes.Equal(changed, done.Credential) || r.Verdict != "invalid" {
			t.Error(r.Verdict)
		}
	}
}

// TestNotariseHalf: what could not be had is told; without the assertion there
// is nothing to sign.
func TestNotariseHalf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		missing string
		code    reason.Code
		answers int
	}{
		"no assertion": {"https://merker.example/a/1", "fetch_failed/status", 0},
		"no class":     {"https://merker.example/c/1", "", 2},
		"no profile":   {"https://merker.example/i", "", 3},
	} {
		world := oldWorld()
		a, _ := notaryOver(t, world)
		delete(world.pages, c.missing)
		done, err := a.Notarise(t.Context(), app.Input{Name: "x", Raw: []byte(oldAssertion)})
		if reason.CodeOf(err) != c.code || len(done.Answers) != c.answers {
			t.Errorf("%s: %v %+v", name, err, done.Answers)
		}
		if err == nil && done.Answers[len(done.Answers)-1].Problem != "fetch_failed/status" {
			t.Errorf("%s: %+v", name, done.Answers)
		}
	}
	for name, c := range map[string]struct {
		change [2]string
		raw    string
		code   reason.Code
	}{
		"the host says another":   {[2]string{"kari@", "ola@"}, oldAssertion, "issuer_mismatch/hosted-differs"},
		"the host says a page":    {[2]string{"{", "<"}, oldAssertion, "fetch_failed/document"},
		"it calls itself another": {[2]string{"/a/1", "/a/2"}, "https://merker.example/a/1", "fetch_failed/other-document"},
		"no badge":                {[2]string{"", ""}, `{"type":"x"}`, "wrong_type/not-a-credential"},
	} {
		world := oldWorld()
		a, _ := notaryOver(t, world)
		world.pages["https://merker.example/a/1"] = strings.Replace(oldAssertion, c.change[0], c.change[1], 1)
		if _, err := a.Notarise(t.Context(), app.Input{Name: "x", Raw: []byte(c.raw)}); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// TestNotariseFaults asks hosts that misbehave, and this machine, by the client
// that is used on the network.
func TestNotariseFaults(t *testing.T) {
	t.Parallel()
	host := faults.New(t, faults.Config{})
	client := func(loopback bool) *fetch.Client {
		c, err := fetch.New(fetch.Config{Now: func() time.Time { return noon }, RootCAs: host.Roots, AllowLoopbackUnsafe: loopback, Timeout: 2 * time.Second, MaxBytes: 64 << 10})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, _ := notaryOver(t, client(true))
	for _, path := range []string{faults.Good, faults.Page, faults.Bomb, faults.Cut, faults.Reset, faults.Headers, faults.Endless, faults.Hang, faults.Loop, faults.Elsewhere(302, "https://merker.example/")} {
		_, err := a.Notarise(t.Context(), app.Input{Name: "x", Raw: []byte(host.URL + path)})
		if err == nil || reason.CodeOf(err) == reason.Internal {
			t.Errorf("%s: %v", path, err)
		}
	}
	before := host.Connections()
	guarded, _ := notaryOver(t, client(false))
	for _, address := range append(faults.Spellings(), host.URL+faults.Good) {
		if !strings.HasPrefix(address, "https://") {
			address = "https://" + address + ":" + host.Port + faults.Good
		}
		_, err := guarded.Notarise(t.Context(), app.Input{Name: "x", Raw: []byte(address)})
		if err == nil || reason.CodeOf(err).Class() == reason.Fault {
			t.Errorf("%s: %v", address, err)
		}
	}
	if host.Connections() != before {
		t.Error("a machine on the inside was asked")
	}
}
