package app_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// TestTrustAtOnce: what several programs add at once is all there.
func TestTrustAtOnce(t *testing.T) {
	t.Parallel()
	home := filepath.Join(t.TempDir(), "home")
	const n = 20
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() {
			if err := newApp(t, home).TrustAdd(t.Context(), trust.Entry{Issuer: fmt.Sprintf("did:web:k%d.example", i)}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	policy, err := newApp(t, home).TrustPolicy()
	if err != nil || len(policy.Entries) != n {
		t.Errorf("%d of %d are there: %v", len(policy.Entries), n, err)
	}
}

// body is who signs lists, with a did:key, and what it recognizes.
func body(t *testing.T, now time.Time, suite, text string) (id string, list []byte) {
	t.Helper()
	a, err := app.New(app.Config{Home: filepath.Join(t.TempDir(), "body"), Now: func() time.Time { return now }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	setup, err := a.IssuerInit(t.Context(), app.IssuerSetup{Name: "Kvalitetsorganet", Suite: suite}, key.Unknown)
	if err != nil {
		t.Fatal(err)
	}
	l, raw, err := a.TrustSign(t.Context(), app.Input{Name: "rec.txt", Raw: []byte("bevis-trust 1\n" + text)}, "", "", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Issuer != setup.ID {
		t.Fatal(l.Issuer)
	}
	return setup.ID, raw
}

// TestSignedList: a list in every form is made, taken in and believed; a
// changed one is not, nor one that is kept and was changed.
func TestSignedList(t *testing.T) {
	t.Parallel()
	for _, suite := range app.SuiteNames() {
		if suite == "bbs-2023" { // whose key signs what is shown in part, and nothing else
			continue
		}
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			id, raw := body(t, noon, suite, "issuer did:web:kurs.example\n  name Kursstedet\n")
			home := filepath.Join(t.TempDir(), "home")
			a := newApp(t, home)
			if _, err := a.TrustImport(t.Context(), app.Input{Raw: raw}, ""); reason.CodeOf(err) != "trust_refused/issuer" {
				t.Error("a stranger's list:", err)
			}
			if err := a.TrustAdd(t.Context(), trust.Entry{Kind: trust.KindList, Issuer: id, Name: "KO"}); err != nil {
				t.Fatal(err)
			}
			flipped := bytes.Clone(raw)
			i := bytes.LastIndexByte(flipped, '"') - 3
			if flipped[0] != '{' {
				i = len(flipped) - 30
			}
			flipped[i] ^= 1
			if _, err := a.TrustImport(t.Context(), app.Input{Raw: flipped}, ""); reason.CodeOf(err).Coarse() != "trust_refused" {
				t.Error("a forged list:", err)
			}
			taken, err := a.TrustImport(t.Context(), app.Input{Raw: raw}, "")
			if err != nil || taken.Issuers != 1 {
				t.Fatal(taken, err)
			}
			x, err := a.TrustExplain(t.Context(), "did:web:kurs.example", time.Time{}, nil)
			if err != nil || !x.Trusted || x.Name != "Kursstedet" {
				t.Errorf("%+v %v", x, err)
			}
			kept := filepath.Join(home, "trust", "sha256-"+taken.SHA256)
			if err := os.WriteFile(kept, bytes.Replace(raw, []byte("kurs"), []byte("evil"), 1), 0o600); err != nil {
				t.Fatal(err)
			}
			if raw[0] != '{' {
				return
			}
			for _, issuer := range []string{"did:web:kurs.example", "did:web:evil.example"} {
				if x, err := a.TrustExplain(t.Context(), issuer, time.Time{}, nil); err != nil || x.Trusted || reason.CodeOf(x.Err) != "trust_unavailable/changed" {
					t.Errorf("%s: %+v %v", issuer, x, err)
				}
			}
		})
	}
}

// pages is a did.Fetcher with what it is given.
type pages map[string][]byte

func (p pages) Fetch(_ context.Context, url, _ string) ([]byte, time.Time, error) {
	body, ok := p[url]
	if !ok {
		return nil, time.Time{}, reason.New("fetch_failed/status", url, "the server answers 404")
	}
	return body, noon, nil
}

// TestTrustUpdate: what is newer and sound takes the place of what is held,
// and nothing else does.
func TestTrustUpdate(t *testing.T) {
	t.Parallel()
	const listURL, registryURL = "https://ko.example/list.json", "https://r.example/registry.json"
	signer, err := app.New(app.Config{Home: filepath.Join(t.TempDir(), "body"), Now: func() time.Time { return noon }, Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	setup, err := signer.IssuerInit(t.Context(), app.IssuerSetup{Name: "KO", Suite: app.SuiteNames()[0]}, key.Unknown)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(filepath.Join(filepath.Dir(signer.TrustPath()), "issuer", "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(at time.Time, text string) []byte {
		t.Helper()
		home := t.TempDir()
		a, err := app.New(app.Config{Home: home, Now: func() time.Time { return at }, Offline: true})
		if err == nil {
			_, err = a.IssuerInit(t.Context(), app.IssuerSetup{Name: "KO", Suite: app.SuiteNames()[0]}, key.Unknown)
		}
		if err == nil { // another day of the same body
			setupText, readErr := os.ReadFile(filepath.Join(filepath.Dir(signer.TrustPath()), "issuer", "issuer.json"))
			err = errors.Join(readErr, os.WriteFile(filepath.Join(home, "issuer", "issuer.json"), setupText, 0o600), os.WriteFile(filepath.Join(home, "issuer", "key.pem"), pem, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		_, raw, err := a.TrustSign(t.Context(), app.Input{Name: "rec.txt", Raw: []byte("bevis-trust 1\n" + text)}, "", listURL, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	old := sign(noon.AddDate(0, 0, -3), "issuer did:web:gone.example\n")
	first := sign(noon.AddDate(0, 0, -2), "issuer did:web:kurs.example\n")
	second := sign(noon.AddDate(0, 0, -1), "issuer did:web:kurs.example\nissuer did:web:new.example\n")
	_, evil := body(t, noon, app.SuiteNames()[0], "issuer did:web:evil.example\n")
	registry := []byte(`{"registry":{"did:web:r.example":{"name":"R"}}}`)

	a := newApp(t, filepath.Join(t.TempDir(), "home"))
	if err := a.TrustAdd(t.Context(), trust.Entry{Kind: trust.KindList, Issuer: setup.ID, URLs: []string{listURL}}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.TrustImport(t.Context(), app.Input{Name: registryURL, Raw: registry}, ""); reason.CodeOf(err) != reason.Usage {
		t.Error("a registry without a name:", err)
	}
	if _, err := a.TrustImport(t.Context(), app.Input{Name: registryURL, Raw: registry}, "R"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name           string
		list, registry []byte
		codes          [2]string // of the list and the registry
		trusted        []string
	}{
		{"first", first, registry, [2]string{}, []string{"did:web:kurs.example", "did:web:r.example"}},
		{"older", old, registry, [2]string{"trust_refused/rollback"}, []string{"did:web:kurs.example", "did:web:r.example"}},
		{"by another", evil, []byte("<html>"), [2]string{"trust_refused/issuer", "trust_refused/registry"}, []string{"did:web:kurs.example", "did:web:r.example"}},
		{"gone", nil, nil, [2]string{"fetch_failed/status", "fetch_failed/status"}, []string{"did:web:kurs.example", "did:web:r.example"}},
		{"newer", second, []byte(`{"registry":{"did:web:q.example":{"name":"Q"}}}`), [2]string{}, []string{"did:web:kurs.example", "did:web:new.example", "did:web:q.example"}},
	} {
		from := pages{}
		if step.list != nil {
			from[listURL], from[registryURL] = step.list, step.registry
		}
		all, err := a.TrustUpdateFrom(t.Context(), from)
		if err != nil || len(all) != 2 || all[0].Code != step.codes[0] || all[1].Code != step.codes[1] {
			t.Fatalf("%s: %+v %v", step.name, all, err)
		}
		var trusted []string
		for _, issuer := range []string{"did:web:evil.example", "did:web:gone.example", "did:web:kurs.example", "did:web:new.example", "did:web:q.example", "did:web:r.example"} {
			x, err := a.TrustExplain(t.Context(), issuer, time.Time{}, nil)
			if err != nil || x.Err != nil {
				t.Fatal(err, x.Err)
			}
			if x.Trusted {
				trusted = append(trusted, issuer)
			}
		}
		if !slices.Equal(trusted, step.trusted) {
			t.Errorf("%s: %v", step.name, trusted)
		}
	}
	kept, err := os.ReadDir(filepath.Join(filepath.Dir(a.TrustPath()), "trust"))
	if err != nil || len(kept) != 2 {
		t.Errorf("what is held no more stays: %v %v", kept, err)
	}
	if all, err := a.TrustUpdate(t.Context()); err != nil || len(all) != 2 || all[0].Code != "remote_fetch_blocked/offline" {
		t.Errorf("offline: %+v %v", all, err)
	}
}

// TestVerifyByList: a report says who vouches, and by which list and line.
func TestVerifyByList(t *testing.T) {
	t.Parallel()
	provider := newApp(t, filepath.Join(t.TempDir(), "provider"))
	setup, err := provider.IssuerInit(t.Context(), app.IssuerSetup{Name: "Kursstedet selv", Suite: app.SuiteNames()[0]}, key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.AchievementNew(welding()); err != nil {
		t.Fatal(err)
	}
	issued, err := provider.Issue(t.Context(), "kurs", issuer.Award{Recipient: issuer.Recipient{ID: "did:example:kari"}})
	if err != nil {
		t.Fatal(err)
	}
	id, list := body(t, noon, app.SuiteNames()[0], "issuer "+setup.ID+"\n  name Kursstedet AS\n")
	a := newApp(t, filepath.Join(t.TempDir(), "home"))
	if err := a.TrustAdd(t.Context(), trust.Entry{Kind: trust.KindList, Issuer: id, Name: "KO"}); err != nil {
		t.Fatal(err)
	}
	verify := func() app.VerifyResult {
		t.Helper()
		results, err := a.Verify(t.Context(), app.VerifyRequest{Inputs: []app.Input{{Name: "x", Raw: issued.Credential}}})
		if err != nil || len(results.Results) != 1 {
			t.Fatal(results, err)
		}
		return results.Results[0]
	}
	if r := verify(); r.Verdict != "undetermined" || r.Reason != "trust_unavailable/not-held" {
		t.Errorf("before the list is there: %+v", r)
	}
	if _, err := a.TrustImport(t.Context(), app.Input{Raw: list}, ""); err != nil {
		t.Fatal(err)
	}
	r := verify()
	if r.Verdict != "valid" || r.Issuer.VerifiedName != "Kursstedet AS" || r.Issuer.ClaimedName != "Kursstedet selv" || len(r.Issuer.Vouchers) != 1 {
		t.Fatalf("%+v %+v", r, r.Issuer)
	}
	if v := r.Issuer.Vouchers[0]; v.By != id || v.Entry != "/credentialSubject/0" || !v.Signed || !strings.HasSuffix(v.Source, "trust.txt line 3") || v.SHA256 != trust.Digest(list) || v.ByName != "KO" {
		t.Errorf("%+v", v)
	}
}

// TestListInPart: whoever has a list on the way could leave out that somebody
// was taken off it, if it can be shown in part; so such a list is not taken in.
func TestListInPart(t *testing.T) {
	t.Parallel()
	a := newApp(t, filepath.Join(t.TempDir(), "home"))
	private, err := key.Generate(key.P256)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	l := trust.List{Issuer: id, Issued: noon.Add(-time.Hour), Until: noon.AddDate(0, 0, 20), Entries: []trust.Recognized{{ID: "did:web:kurs.example", Withdrawn: noon.Add(-time.Hour), Issues: &trust.Scope{}}}}
	c, err := l.Credential()
	if err != nil {
		t.Fatal(err)
	}
	for name, params := range map[proof.ID]proof.Params{
		dataintegrity.ECDSASD2023: {Mandatory: []string{"/issuer", "/validFrom", "/validUntil"}, Created: noon.Add(-time.Hour)},
		sdjwt.VCSDJWT:             {Disclosable: []string{"/credentialSubject/0/withdrawnFrom"}},
	} {
		params.Purpose = proof.AssertionMethod
		suite, err := a.Suites().Suite(name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := suite.Sign(t.Context(), c.Raw(), private.Signer(method), params)
		if err != nil {
			t.Fatal(err)
		}
		show := []string{"/credentialSubject/0/recognizedTo"}
		if name == sdjwt.VCSDJWT {
			show = nil
		}
		part, err := suite.(proof.Discloser).Disclose(t.Context(), whole, proof.Disclosure{Pointers: show})
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(part, []byte("withdrawnFrom")) {
			t.Error("it is not left out")
		}
		if err := a.TrustAdd(t.Context(), trust.Entry{Kind: trust.KindList, Issuer: id}); err != nil && reason.CodeOf(err) != "conflict/trusted" {
			t.Fatal(err)
		}
		if _, err := a.TrustImport(t.Context(), app.Input{Raw: part}, ""); reason.CodeOf(err).Coarse() != "trust_refused" {
			t.Errorf("%s: %v", name, err)
		}
		if x, err := a.TrustExplain(t.Context(), "did:web:kurs.example", time.Time{}, nil); err != nil || x.Trusted {
			t.Errorf("%s: %+v %v", name, x.Decision, err)
		}
	}
}
