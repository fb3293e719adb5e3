package verifier_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

func read(t testing.TB, elem ...string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func newVerifier(t testing.TB, cfg verifier.Config) *verifier.Verifier {
	t.Helper()
	if cfg.Suites == nil {
		set, err := suites.All()
		if err != nil {
			t.Fatal(err)
		}
		cfg.Suites = set
	}
	if cfg.Resolver == nil {
		cfg.Resolver = did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{}}
	}
	if cfg.Status == nil {
		cfg.Status = verifier.NoStatus{}
	}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) }
	}
	v, err := verifier.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

type attack struct {
	File, Kind, Attack, Expect, Reason, Strictness, Format, Note string
	ReasonAlso                                                   []string
	Options                                                      struct {
		TrustedIssuers                          []string
		Time                                    time.Time
		Audience, Nonce                         string
		RequireKeyBinding, RequireHolderBinding bool
		StatusLists                             map[string]string
		MaxSeconds                              float64
	}
}

// TestAttacks judges the collected bad inputs and the valid controls.
func TestAttacks(t *testing.T) {
	root := testcorpus.Path(t, "attacks")
	var index struct{ Entries []attack }
	if err := json.Unmarshal(read(t, root, "index.json"), &index); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range index.Entries {
		if e.Kind == "support" {
			continue
		}
		req := verifier.Request{Raw: read(t, root, e.File), At: e.Options.Time, Audience: e.Options.Audience, Challenge: e.Options.Nonce,
			RequireHolder: e.Options.RequireHolderBinding || e.Options.RequireKeyBinding, StatusLists: map[string][]byte{}}
		for url, file := range e.Options.StatusLists {
			req.StatusLists[url] = read(t, root, file)
		}
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(e.Options.TrustedIssuers...)})
		start := time.Now()
		report, err := v.Verify(t.Context(), req)
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s: took %v", e.File, took)
		}
		if (err == nil) != (report.Verdict == verifier.Valid) {
			t.Errorf("%s: verdict %s, error %v", e.File, report.Verdict, err)
		}
		valid := report.Verdict == verifier.Valid
		switch {
		case e.Expect == "accept-or-policy", e.Expect == "reject-or-accept":
			counts[e.Expect+", not required"]++
		case e.Expect == "accept":
			counts["valid controls"]++
			if !valid {
				t.Errorf("%s: %s, %v (%s)", e.File, report.Verdict, err, e.Note)
			}
		case e.Expect == "warn":
			counts["warnings"]++
			if !valid || report.Reason.Coarse() != e.Reason {
				t.Errorf("%s: %s %s, want valid with %s", e.File, report.Verdict, report.Reason, e.Reason)
			}
		default:
			counts["bad inputs"]++
			if valid {
				t.Errorf("%s is accepted: %s (%s)", e.File, e.Note, e.Strictness)
				continue
			}
			ok := report.Reason.Coarse() == e.Reason
			for _, also := range e.ReasonAlso {
				ok = ok || report.Reason.Coarse() == also
			}
			if !ok {
				t.Errorf("%s: %s %s (%v), want %s %v: %s", e.File, report.Verdict, report.Reason, err, e.Reason, e.ReasonAlso, e.Note)
			}
		}
	}
	t.Log(counts)
}

// files serves documents from a map, as a web that has only these.
type files map[string][]byte

func (f files) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	if body, ok := f[url]; ok {
		return body, time.Time{}, nil
	}
	return nil, time.Time{}, reason.New("fetch_failed/not-found", url, "not served here")
}

func (f files) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	return f.Fetch(ctx, url, "")
}

func table(t *testing.T, name string, report *verifier.Report) string {
	t.Helper()
	line := fmt.Sprintf("%-72s %-13s %s", name, report.Verdict, report.Reason)
	if err := report.Err(); err != nil {
		line += fmt.Sprintf("  (%.120v)", err)
	}
	return line
}

// dccWant is the verdict that the name of a fixture of the Digital
// Credentials Consortium calls for, when all issuers but those of "noRegistry"
// are trusted. Their status list is signed by another issuer than the
// credentials, and names itself by another URL: it cannot be relied on, so
// whether those are revoked is not known.
func dccWant(name string, raw []byte) (verifier.Verdict, string) {
	switch {
	case len(raw) == 0: // one of the files came without its bytes
		return verifier.Unreadable, "no_credential/empty"
	case strings.Contains(name, "oldDCCExample"): // its context is not one of a standard
		return verifier.Undetermined, "unsafe_context/unknown"
	case strings.Contains(name, "noRegistry"):
		return verifier.Untrusted, "untrusted_issuer"
	case strings.Contains(name, "revokedSta"), strings.Contains(name, "validStatus"):
		return verifier.Undetermined, "status_invalid/list-issuer"
	case strings.Contains(name, "-expired"):
		return verifier.NotInForce, "expired"
	}
	return verifier.Valid, ""
}

func TestDCC(t *testing.T) {
	root := testcorpus.Path(t, "dcc")
	const base = "https://digitalcredentials.github.io/vc-test-fixtures/"
	web := files{base + "statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj": read(t, root, "statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj")}
	for _, name := range []string{"legacy", "oidf"} {
		web[base+"dids/"+name+"/did.json"] = read(t, root, "dids", name, "did.json")
	}
	paths, err := filepath.Glob(filepath.Join(root, "v1", "*", "*", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		raw := read(t, path)
		var doc struct{ Issuer any }
		if err := json.Unmarshal(raw, &doc); err != nil && len(raw) > 0 {
			t.Fatal(err)
		}
		issuer, _ := doc.Issuer.(string)
		if object, ok := doc.Issuer.(map[string]any); ok {
			issuer, _ = object["id"].(string)
		}
		if strings.Contains(path, "noRegistry") {
			issuer = "did:key:somebody-else"
		}
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(issuer), Status: web,
			Resolver: did.Mux{"key": did.Key{}, "web": did.Web{Fetcher: web}}})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw})
		name, _ := filepath.Rel(filepath.Join(root, "v1"), path)
		t.Log(table(t, name, report))
		if verdict, code := dccWant(name, raw); report.Verdict != verdict || string(report.Reason) != code && report.Verdict != verifier.Valid {
			t.Errorf("%s: %s %s, want %s %s", name, report.Verdict, report.Reason, verdict, code)
		}
	}
}

// edTechWant has the samples that differ from the rest. The rest has a right
// signature by a key that only the proof itself ties to the issuer, or a key in
// a document that is not at hand.
func edTechWant() map[string]string {
	return map[string]string{
		"credential-status-revoked.json": "undetermined remote_fetch_blocked/offline", // did:web
		"simple-did-key-method.json":     "invalid key_invalid/verification-method",   // a did:key without the fragment
		"simple-noproof.json":            "invalid no_proof",
		"simple.jwt":                     "undetermined key_invalid/no-kid",
		"velocity.jwt":                   "invalid issuer_mismatch", // the key is another DID's
	}
}

// Test1EdTech judges the samples that 1EdTech's validator accepts, with each
// issuer trusted and nothing fetched.
func Test1EdTech(t *testing.T) {
	root := testcorpus.Path(t, "openbadges", "1edtech")
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		v := newVerifier(t, verifier.Config{Trust: trust.AnyoneUnsafe()})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: read(t, path)})
		name, _ := filepath.Rel(root, path)
		t.Log(table(t, name, report))
		want, ok := edTechWant()[name]
		if !ok {
			want = "undetermined key_unavailable/controller-document"
		}
		if got := fmt.Sprint(report.Verdict, " ", report.Reason); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
