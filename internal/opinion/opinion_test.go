package opinion_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/opinion"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

type web map[string][]byte

func (w web) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	if body, ok := w[url]; ok {
		return body, time.Time{}, nil
	}
	return nil, time.Time{}, reason.New("fetch_failed/not-found", url, "not served here")
}

func (w web) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	return w.Fetch(ctx, url, "")
}

func judge(t *testing.T, w web, registry trust.Registry, raw []byte) *verifier.Report {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	v, err := verifier.New(verifier.Config{Suites: set, Trust: registry, Status: w, Now: func() time.Time { return time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC) },
		Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: w}}})
	if err != nil {
		t.Fatal(err)
	}
	report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw})
	return report
}

// corpus walks a folder of the corpus.
func corpus(t *testing.T, folder string, visit func(name string, raw []byte)) {
	t.Helper()
	root := testcorpus.Path(t, folder)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		visit(filepath.ToSlash(name), raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func rules(o opinion.Opinion) string {
	out := []string{}
	for _, d := range o.Differences {
		out = append(out, string(d.Rule))
	}
	return strings.Join(out, " ")
}

// Test1EdTech: the validator's own samples, which it accepts but for two. The
// reconstruction must never refuse what it accepts, and name the rule by which
// it accepts what we do not.
func Test1EdTech(t *testing.T) {
	named := map[string]int{}
	corpus(t, "openbadges/1edtech", func(name string, raw []byte) {
		report := judge(t, web{}, trust.Pins("https://nobody.example"), raw)
		open := judge(t, web{}, trust.AnyoneUnsafe(), raw)
		o, err := opinion.Of(opinion.EdTech, open)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-40s ours %-13s theirs %-11s %-8s %s", name, open.Verdict, o.Result, o.Says, rules(o))
		// One has no proof, and one has ended since.
		refused := name == "simple-noproof.json" || name == "complete_v1.json"
		if (o.Result == opinion.Refuses) != refused {
			t.Errorf("%s: %s %q", name, o.Result, o.Says)
		}
		for _, d := range o.Differences {
			named[string(d.Rule)]++
		}
		// Trust is not theirs to ask: it changes nothing but what is told.
		again, _ := opinion.Of(opinion.EdTech, report)
		if report.Kind == verifier.KindCredential && !strings.Contains(rules(again), string(opinion.NoTrust)) {
			t.Errorf("%s: that nobody asks for trust is not told", name)
		}
	})
	for _, rule := range []opinion.Rule{opinion.KeyInFragment, opinion.KeyInHeader, opinion.NoKeyOwner} {
		if named[string(rule)] == 0 {
			t.Errorf("%s makes no difference to any sample", rule)
		}
	}
}

// TestDCC: the fixtures of the consortium, whose names say what comes out.
func TestDCC(t *testing.T) {
	root := testcorpus.Path(t, "dcc")
	const base = "https://digitalcredentials.github.io/vc-test-fixtures/"
	w := web{}
	for _, path := range []string{"statusLists/didkey-ed25519Signature2020/e5WK8CbZ1GjycuPombrj", "dids/legacy/did.json", "dids/oidf/did.json"} {
		raw, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		w[base+path] = raw
	}
	corpus(t, "dcc/v1", func(name string, raw []byte) {
		if len(raw) == 0 || !strings.HasSuffix(name, ".json") { // the pictures hold none
			return
		}
		report := judge(t, w, trust.AnyoneUnsafe(), raw)
		o, err := opinion.Of(opinion.DCC, report)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-70s ours %-13s theirs %-11s %s [%s]", name, report.Verdict, o.Result, o.Says, rules(o))
		switch {
		case strings.Contains(name, "oldDCCExample"):
		case strings.Contains(name, "revokedSta"), strings.Contains(name, "validStatus"):
			if o.Result != opinion.CannotTell || !strings.Contains(rules(o), string(opinion.ListIssuer)) {
				t.Errorf("%s: %s %q %s", name, o.Result, o.Says, rules(o))
			}
		case strings.Contains(name, "-expired"):
			if o.Result != opinion.Accepts || !strings.Contains(o.Says, "expiration: false") || !strings.Contains(rules(o), string(opinion.ExpiryAside)) {
				t.Errorf("%s: %s %q %s", name, o.Result, o.Says, rules(o))
			}
		case o.Result == opinion.Refuses && report.Verdict == verifier.Valid:
			t.Errorf("%s: %s %q", name, o.Result, o.Says)
		}
	})
	corpus(t, "openbadges/1edtech", func(name string, raw []byte) {
		o, err := opinion.Of(opinion.DCC, judge(t, web{}, trust.AnyoneUnsafe(), raw))
		if err != nil {
			t.Fatal(err)
		}
		if o.Result == opinion.Accepts {
			t.Errorf("%s: %q, and offline it takes none of these", name, o.Says)
		}
	})
}

// TestNeverOurs: asking for an opinion changes nothing in the report, and what
// is unknown or unreadable is not guessed at.
func TestNeverOurs(t *testing.T) {
	t.Parallel()
	report := judge(t, web{}, trust.AnyoneUnsafe(), []byte("nonsense"))
	before := slices.Clone(report.Checks)
	for _, who := range opinion.All() {
		o, err := opinion.Of(who, report)
		if err != nil || o.Result != opinion.CannotTell || o.Says != "" || o.Version == "" || o.Read == "" {
			t.Errorf("%+v %v", o, err)
		}
	}
	if !reflect.DeepEqual(before, report.Checks) {
		t.Error("the report has changed")
	}
	if _, err := opinion.Of("nobody", report); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
}
