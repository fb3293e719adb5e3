package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/internal/bundle"
	"github.com/kompetansebevis/bevis/internal/opinion"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

var then = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// oldWeb has hosts that serve documents until they are gone.
type oldWeb map[string][]byte

func (h oldWeb) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	if body, ok := h[url]; ok {
		return body, then.Add(-time.Hour), nil
	}
	return nil, time.Time{}, reason.New("fetch_failed/network", url, "no such host")
}

func (h oldWeb) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	body, asOf, err := h.Fetch(ctx, url, "")
	if err != nil {
		err = reason.New("status_unavailable/fetch", url, "no such host")
	}
	return body, asOf, err
}

// bench returns an app whose clock stands at a time, without a network.
func bench(t testing.TB, now time.Time, r VerifyRequest) *work {
	t.Helper()
	a, err := New(Config{Home: t.TempDir(), Now: func() time.Time { return now }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	if r.At.IsZero() {
		r.At = now
	}
	v, err := a.newVerifier(r.Issuers)
	if err != nil {
		t.Fatal(err)
	}
	return &work{a, v, r, nil}
}

func overHosts(t testing.TB, w *work, h oldWeb, issuers ...string) verifier.Config {
	t.Helper()
	cfg, err := w.verifierConfig(issuers, Freshness{})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Resolver = did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: h}}
	cfg.Status = h
	return cfg
}

// same reports whether two results say the same of every check.
func same(t *testing.T, name string, a, b VerifyResult) {
	t.Helper()
	plain := func(r VerifyResult) string {
		var out strings.Builder
		out.WriteString(r.Verdict + " " + r.Reason + "\n")
		for _, c := range r.Checks {
			out.WriteString(c.ID + " " + c.Outcome + " " + c.Code + " " + c.At + "\n")
		}
		return out.String()
	}
	if x, y := plain(a), plain(b); x != y {
		t.Errorf("%s: then\n%s\nfrom the bundle\n%s", name, x, y)
	}
	for i := range a.Credentials {
		same(t, name, a.Credentials[i], b.Credentials[i])
	}
}

// TestBundleOfEach packs every credential of the corpora dcc and 1edtech, and
// judges each again twenty years later, when its issuer, list and key hosts are
// gone.
func TestBundleOfEach(t *testing.T) {
	root := testcorpus.Path(t, "dcc")
	const base = "https://digitalcredentials.github.io/vc-test-fixtures/"
	h := oldWeb{}
	for _, path := range []string{"statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj", "dids/legacy/did.json", "dids/oidf/did.json"} {
		raw, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		h[base+path] = raw
	}
	verdicts, looked := map[string]int{}, 0
	for _, folder := range []string{"dcc/v1", "openbadges/1edtech"} {
		err := filepath.WalkDir(testcorpus.Path(t, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			var doc struct{ Issuer any }
			_ = json.Unmarshal(raw, &doc) // a token has none to read here
			issuer, _ := doc.Issuer.(string)
			if object, ok := doc.Issuer.(map[string]any); ok {
				issuer, _ = object["id"].(string)
			}
			if issuer == "" {
				issuer = "did:key:nobody"
			}
			now := bench(t, then, VerifyRequest{Insight: Insight{Bundle: true, Readme: "read me"}})
			in := Input{Name: path, Raw: raw}
			first, err := now.packed(t.Context(), overHosts(t, now, h, issuer), in)
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			verdicts[first.Verdict]++
			looked += len(first.Bundle.Evidence)
			later := time.Date(2046, 6, 1, 12, 0, 0, 0, time.UTC)
			own := bench(t, later, VerifyRequest{At: then, Issuers: []string{issuer}, Insight: Insight{BundleRecord: true}})
			same(t, path, first, own.judge(t.Context(), Input{Name: "e.zip", Raw: first.packed}))
			recorded := bench(t, later, VerifyRequest{At: then, Insight: Insight{BundleTrust: true}})
			same(t, path+" as decided then", first, recorded.judge(t.Context(), Input{Name: "e.zip", Raw: first.packed}))
			// Trust is one's own to give.
			if got := bench(t, later, VerifyRequest{At: then, Insight: Insight{BundleRecord: true}}).judge(t.Context(), Input{Name: "e.zip", Raw: first.packed}); got.Verdict == "valid" {
				t.Errorf("%s: valid with nobody trusted", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%v, %d things looked up", verdicts, looked)
	if verdicts["valid"] < 10 || looked < 10 {
		t.Error("hardly anything was judged")
	}
}

// TestForgedBundle: whoever makes up a bundle in the name of an issuer that the
// reader trusts gets nothing by it, unless the reader says to believe them.
func TestForgedBundle(t *testing.T) {
	root := testcorpus.Path(t, "dcc")
	raw, err := os.ReadFile(filepath.Join(root, "v1", "ed25519", "didWeb", "legacy-noStatus-noExpiry.json"))
	if err != nil {
		t.Skip("no such fixture here")
	}
	document, err := os.ReadFile(filepath.Join(root, "dids", "legacy", "did.json"))
	if err != nil {
		t.Fatal(err)
	}
	const issuer = "did:web:digitalcredentials.github.io:vc-test-fixtures:dids:legacy"
	h := oldWeb{"https://digitalcredentials.github.io/vc-test-fixtures/dids/legacy/did.json": document}
	w := bench(t, then, VerifyRequest{Insight: Insight{Bundle: true}})
	made, err := w.packed(t.Context(), overHosts(t, w, h, issuer), Input{Name: "a.json", Raw: raw})
	if err != nil || made.Verdict != "valid" {
		t.Fatalf("%v %s", err, made.Message)
	}
	got := bench(t, then, VerifyRequest{Issuers: []string{issuer}}).judge(t.Context(), Input{Name: "e.zip", Raw: made.packed})
	if got.Verdict != "undetermined" || got.Reason != "key_unavailable/recorded" || got.Bundle.Record != "not-believed" {
		t.Errorf("%s %s", got.Verdict, got.Reason)
	}
}

// TestDecidedIsNoMore: a recorded decision is on one issuer, on the types that
// were asked about, and for its time.
func TestDecidedIsNoMore(t *testing.T) {
	t.Parallel()
	until := then.Add(time.Hour)
	d := decided{{Issuer: "did:key:a", Types: []string{"X"}, At: then, Trusted: true, Source: "trust.txt line 4", Until: &until}}
	for name, row := range map[string]struct {
		q    trust.Query
		want bool
	}{
		"as asked":       {trust.Query{Issuer: "did:key:a", Types: []string{"X"}, At: then}, true},
		"another issuer": {trust.Query{Issuer: "did:key:b", Types: []string{"X"}, At: then}, false},
		"another type":   {trust.Query{Issuer: "did:key:a", Types: []string{"Y"}, At: then}, false},
		"too late":       {trust.Query{Issuer: "did:key:a", Types: []string{"X"}, At: until}, false},
	} {
		got, err := d.Decide(t.Context(), row.q)
		if err != nil || got.Trusted != row.want {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Decide(stopped, trust.Query{}); err == nil {
		t.Error("decides after the end")
	}
}

// TestInsightIsNoVerdict: what is asked for beside the verdict changes nothing
// in it.
func TestInsightIsNoVerdict(t *testing.T) {
	raw := testcorpus.Read(t, "openbadges/1edtech/simple.json")
	plain := bench(t, then, VerifyRequest{}).judge(t.Context(), Input{Name: "a.json", Raw: raw})
	asked := bench(t, then, VerifyRequest{Insight: Insight{Coverage: true, As: opinion.All()}}).judge(t.Context(), Input{Name: "a.json", Raw: raw})
	same(t, "simple.json", plain, asked)
	if asked.Coverage == nil || len(asked.SecondOpinion) != 2 || plain.Coverage != nil || asked.Class() != plain.Class() {
		t.Errorf("%+v", asked)
	}
	// A flag for a bundle with a file that is none is a mistake to be told.
	wrong := bench(t, then, VerifyRequest{Insight: Insight{BundleTrust: true}}).judge(t.Context(), Input{Name: "a.json", Raw: raw})
	if wrong.Reason != string(reason.Usage) {
		t.Error(wrong.Reason)
	}
}

// TestChangedBundle: a bundle in which something was changed is no evidence.
func TestChangedBundle(t *testing.T) {
	raw := testcorpus.Read(t, "openbadges/1edtech/simple.json")
	w := bench(t, then, VerifyRequest{Insight: Insight{Bundle: true}})
	made, err := w.packed(t.Context(), overHosts(t, w, oldWeb{}, "did:key:nobody"), Input{Name: "a.json", Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(made.packed, []byte("document/1.json"))
	changed := bytes.Clone(made.packed)
	changed[at+40] ^= 1
	got := bench(t, then, VerifyRequest{}).judge(t.Context(), Input{Name: "e.zip", Raw: changed})
	if got.Verdict != "unreadable" || reason.Code(got.Reason).Coarse() != string(reason.BundleInvalid) {
		t.Errorf("%s %s", got.Verdict, got.Reason)
	}
	if b, err := bundle.Read(made.packed); err != nil || strings.Contains(b.Name, "/") {
		t.Error(err, b)
	}
}
