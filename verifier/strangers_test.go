package verifier_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
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
	cases, err := ours()
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

// TestStrangersAreUntrusted: of an issuer whom nobody trusts the key is not looked
// for, wherever it would be; that is no finding about the document, nor about a
// list that is at hand, and the verdict is that the issuer is not trusted. What
// can be seen to be wrong without asking anybody is said all the same.
func TestStrangersAreUntrusted(t *testing.T) {
	t.Parallel()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	multikey, err := private.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	const address = "https://kurs.example/profile"
	for _, c := range []struct {
		name, id, method     string
		changed              bool
		verdict, proof, bind string
	}{
		{"did:web", "did:web:kurs.example", "did:web:kurs.example#key-1", false, "untrusted untrusted_issuer", "not-run", "not-run"},
		{"an address, its key by name", address, address + "#key-1", false, "untrusted untrusted_issuer", "not-run", "not-run"},
		{"an address, its key in the proof", address, address + "#" + multikey, false, "untrusted untrusted_issuer", "not-run", "not-run"},
		{"an address, changed under the key in the proof", address, address + "#" + multikey, true, "invalid bad_signature", "fail", "not-run"},
		{"an address, by another's key", address, "https://other.example/profile#" + multikey, false, "invalid issuer_mismatch", "fail", "not-run"},
		{"an address without TLS", "http://kurs.example/profile", "http://kurs.example/profile#" + multikey, false, "untrusted untrusted_issuer", "not-run", "not-run"},
	} {
		p := newParty(t)
		p.id, p.signer = c.id, private.Signer(c.method)
		raw := string(p.sign(dataintegrity.EdDSARDFC2022, p.credential("did:example:kari", entry(7)), proof.Params{}))
		if c.changed {
			raw = strings.Replace(raw, "did:example:kari", "did:example:ola", 1)
		}
		for _, lists := range []map[string][]byte{nil, {listURL: p.list(listURL, "revocation", noon, time.Time{}, 9)}} {
			w := &web{}
			v := newVerifier(t, verifier.Config{Trust: trust.Empty(), Resolver: did.Mux{"key": did.Key{}, "web": did.Web{Fetcher: w}, "https": did.Controller{Fetcher: w}}})
			report, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw), StatusLists: lists})
			got := fmt.Sprint(report.Verdict, " ", report.Reason)
			proof, bind := report.Check(verifier.CheckProof).Outcome.String(), report.Check(verifier.CheckBinding).Outcome.String()
			if got != c.verdict || proof != c.proof || bind != c.bind || w.asked != 0 {
				t.Errorf("%s, %d lists: %s, proof %s, binding %s, asked %d times", c.name, len(lists), got, proof, bind, w.asked)
			}
			if status := report.Check(verifier.CheckStatus); !c.changed && c.proof == "not-run" && status.Outcome != verifier.NotRun {
				t.Errorf("%s, %d lists: status %s %s: %s", c.name, len(lists), status.Outcome, status.Reason, status.Detail)
			}
		}
	}
}
