package verifier_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/internal/attacks"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// alarm is everything that a verifier can ask, and tells who asks.
type alarm struct {
	t    *testing.T
	file string
}

func (a *alarm) rings(what string) ([]byte, time.Time, error) {
	a.t.Errorf("%s: asks for %s", a.file, what)
	return nil, time.Time{}, reason.New("fetch_failed/network", what, "nobody may be asked")
}

func (a *alarm) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	return a.rings(url)
}
func (a *alarm) StatusList(_ context.Context, url string) ([]byte, time.Time, error) {
	return a.rings(url)
}
func (a *alarm) Document(_ context.Context, url string) ([]byte, time.Time, error) {
	return a.rings(url)
}
func (a *alarm) Newest(_ context.Context, url string) ([]byte, time.Time, error) { return a.rings(url) }

// TestStrangersHaveNobodyAsked judges every bad input at hand for somebody who
// trusts none of its issuers, and would ask for all there is to ask for. No key,
// list, document or newer edition is looked for, and none is valid.
func TestStrangersHaveNobodyAsked(t *testing.T) {
	t.Parallel()
	a := &alarm{t: t}
	v := newVerifier(t, verifier.Config{Trust: trust.Pins("did:web:somebody.example"), Status: a, Documents: a, Refresh: a,
		Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: a}, "https": did.Controller{Fetcher: a}}})
	judge := func(name string, raw []byte) {
		a.file = name
		for _, req := range []verifier.Request{{Refresh: true}, {Audience: "https://employer.example/verify"}} {
			req.Raw = raw
			if r, _ := v.Verify(t.Context(), req); r.Verdict == verifier.Valid {
				t.Errorf("%s is valid", name)
			}
		}
	}
	cases, err := attacks.All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		judge(c.File(), c.Raw)
	}
	t.Run("corpus", func(t *testing.T) {
		err := filepath.WalkDir(testcorpus.Path(t, "attacks"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			raw, err := os.ReadFile(path)
			judge(path, raw)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
