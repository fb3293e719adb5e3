package bevistest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

const day = 24 * time.Hour

var june = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func expect(t *testing.T, what string, r *verifier.Report, verdict verifier.Verdict, code reason.Code) {
	t.Helper()
	if r.Verdict != verdict || r.Reason != code {
		t.Errorf("%s: %s %s (%v), want %s %s", what, r.Verdict, r.Reason, r.Err(), verdict, code)
	}
}

// TestUniversityRotatesItsKey is the story of docs/freshness.md: a university
// changes its key as planned, revokes one diploma, and a year later has a key
// stolen.
func TestUniversityRotatesItsKey(t *testing.T) {
	t.Parallel()
	w := bevistest.NewWorld(t, june)
	uni := w.Issuer("uni.example", "Universitetet")
	w.Trust(uni.ID())
	kari, ola := uni.Badge("did:example:kari"), uni.Badge("did:example:ola")
	expect(t, "Kari's, new", w.Verify(kari), verifier.Valid, "")

	w.Advance(30 * day)
	uni.Rotate()
	uni.Revoke(ola, "examined by mistake")
	w.Advance(day)
	after := w.Verify(kari)
	expect(t, "Kari's, after the rotation", after, verifier.Valid, "")
	if !slices.ContainsFunc(after.Checks, func(c verifier.Check) bool {
		return c.ID == verifier.CheckProof && c.Outcome == verifier.Warn && c.Reason == "key_invalid/retired" && strings.Contains(c.Detail, "2026-07-01")
	}) {
		t.Errorf("nothing is said of the key that is not in use any more: %+v", after.Checks)
	}
	if at := after.Check(verifier.CheckBinding).AsOf; !at.Equal(w.Now()) {
		t.Error("the age of the keys is", at)
	}
	expect(t, "Ola's, revoked", w.Verify(ola), verifier.Invalid, reason.Revoked)
	expect(t, "Ola's, as of the day before", w.VerifyWith(w.Config(), verifier.Request{Raw: ola, At: june.Add(day)}), verifier.Undetermined, "status_unavailable/too-new")
	nina := uni.Badge("did:example:nina")
	expect(t, "Nina's, by the new key", w.Verify(nina), verifier.Valid, "")
	if len(uni.Keys()) != 2 || !strings.HasSuffix(uni.Keys()[0], "#key-2") {
		t.Error(uni.Keys())
	}

	w.Advance(300 * day)
	w.Asked()
	stolen := uni.Compromise()
	expect(t, "Nina's, by the key that was stolen", w.Verify(nina), verifier.Invalid, "key_invalid/revoked")
	expect(t, "Kari's, by the key before", w.Verify(kari), verifier.Valid, "")
	// The thief says that it was all signed long ago.
	forged := forge(t, w, uni, stolen)
	expect(t, "by the thief", w.Verify(forged), verifier.Invalid, "key_invalid/revoked")
	expect(t, "by the thief, asked about the time before", w.VerifyWith(w.Config(), verifier.Request{Raw: forged, At: june.Add(60 * day)}), verifier.Undetermined, "key_unavailable/revoked-since")
	again := uni.Badge("did:example:nina")
	expect(t, "Nina's, issued anew", w.Verify(again), verifier.Valid, "")
}

// forge signs a badge with another's key, and dates it back.
func forge(t *testing.T, w *bevistest.World, i *bevistest.WorldIssuer, stolen key.Signer) []byte {
	t.Helper()
	s, err := w.Suites().Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		t.Fatal(err)
	}
	badge := `{"@context":["https://www.w3.org/ns/credentials/v2","` + openbadge.Context + `"],"id":"urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f","type":["VerifiableCredential","OpenBadgeCredential"],` +
		`"name":"Kurs","issuer":{"id":"` + i.ID() + `","type":["Profile"],"name":"Universitetet"},"validFrom":"2026-06-02T00:00:00Z",` +
		`"credentialSubject":{"id":"did:example:mallory","type":["AchievementSubject"],"achievement":{"id":"urn:uuid:6","type":["Achievement"],"name":"Medisin","description":"d","criteria":{"narrative":"n"}}}}`
	out, err := s.Sign(t.Context(), []byte(badge), stolen, proof.Params{Purpose: proof.AssertionMethod, Created: june.Add(day)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestNothingIsAskedForStrangers: trust is decided before anything is fetched,
// and a list only for a sound proof (attack NW-07).
func TestNothingIsAskedForStrangers(t *testing.T) {
	t.Parallel()
	w := bevistest.NewWorld(t, june)
	uni, mill := w.Issuer("uni.example", "Universitetet"), w.Issuer("mill.example", "Universitetet")
	w.Trust(uni.ID())
	badge := uni.Badge("did:example:kari")
	for name, c := range map[string]struct {
		raw  []byte
		want []string
	}{
		"a stranger's":                      {mill.Badge("did:example:kari"), nil},
		"one that is right":                 {badge, []string{uni.KeysURL(), uni.ListURL(status.Revocation), uni.KeysURL(), uni.ListURL(status.Suspension), uni.KeysURL()}},
		"one that was changed":              {[]byte(strings.Replace(string(badge), "Sveising", "Medisin", 1)), []string{uni.KeysURL()}},
		"a stranger's under a trusted name": {[]byte(strings.ReplaceAll(string(mill.Badge("did:example:kari")), `"id":"did:web:mill.example"`, `"id":"did:web:uni.example"`)), nil},
	} {
		w.Asked()
		w.Verify(c.raw)
		if asked := w.Asked(); !slices.Equal(asked, c.want) {
			t.Errorf("%s: asked for %q", name, asked)
		}
	}
}

// TestDocumentsOfKeys serves what is wrong as a document of keys (attack NW-06).
func TestDocumentsOfKeys(t *testing.T) {
	t.Parallel()
	w := bevistest.NewWorld(t, june)
	uni := w.Issuer("uni.example", "Universitetet")
	w.Trust(uni.ID())
	badge := uni.Badge("did:example:kari")
	right := string(w.Served(uni.KeysURL()))
	swap := func(old, new string) string { return strings.ReplaceAll(right, old, new) }
	for name, c := range map[string]struct {
		body    string
		verdict verifier.Verdict
		code    reason.Code
	}{
		"right":                     {right, verifier.Valid, ""},
		"of another":                {swap("did:web:uni.example", "did:web:evil.example"), verifier.Invalid, "key_invalid/document"},
		"that calls itself another": {strings.Replace(right, `"id":"did:web:uni.example"`, `"id":"did:web:evil.example"`, 1), verifier.Invalid, "key_invalid/document"},
		"of another controller":     {swap(`"controller":"did:web:uni.example"`, `"controller":"did:web:evil.example"`), verifier.Invalid, "key_invalid/controller"},
		"without the key":           {swap("#key-1", "#key-9"), verifier.Invalid, "key_invalid/unknown-key"},
		"for another purpose":       {strings.Replace(right, `"assertionMethod"`, `"capabilityInvocation"`, 1), verifier.Invalid, reason.WrongPurpose},
		"that is not there":         {"", verifier.Undetermined, "key_unavailable/fetch"},
	} {
		w.Serve(uni.KeysURL(), []byte(c.body))
		if c.body == "" {
			w.Serve(uni.KeysURL(), nil)
		}
		expect(t, "a document "+name, w.Verify(badge), c.verdict, c.code)
	}
}

// TestIssuersAtAddresses: an issuer whose id is an https address has its keys in
// the document there, or is not tied to what it signed.
func TestIssuersAtAddresses(t *testing.T) {
	t.Parallel()
	w := bevistest.NewWorld(t, june)
	const id = "https://org.example/profile"
	w.Trust(id)
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	multikey, err := private.Public().Multikey()
	if err != nil {
		t.Fatal(err)
	}
	badge := func(method string) []byte {
		return sign(t, w, id, private.Signer(method))
	}
	profile := func(rest string) string {
		return `{"@context":["` + openbadge.Context + `"],"id":"` + id + `","type":["Profile"],"name":"Organisasjonen"` + rest + `}`
	}
	method := func(name, more string) string {
		return `{"id":"` + id + "#" + name + `","type":"Multikey","controller":"` + id + `","publicKeyMultibase":"` + multikey + `"` + more + `}`
	}
	inKey, byName := badge(id+"#"+multikey), badge(id+"#key-1")
	for name, c := range map[string]struct {
		raw     []byte
		body    string
		verdict verifier.Verdict
		code    reason.Code
	}{
		"keys in the profile":             {byName, profile(`,"assertionMethod":[` + method("key-1", "") + `]`), verifier.Valid, ""},
		"keys named by themselves":        {inKey, profile(`,"verificationMethod":[` + method(multikey, "") + `],"assertionMethod":["#` + multikey + `"]`), verifier.Valid, ""},
		"a key set in the profile":        {byName, profile(`,"jwks":{"keys":[` + strings.Replace(string(private.Public().JWK()), "{", `{"kid":"key-1",`, 1) + `]}`), verifier.Valid, ""},
		"a profile without keys":          {inKey, profile(""), verifier.Undetermined, "key_unavailable/controller-document"},
		"a profile without keys, by name": {byName, profile(""), verifier.Undetermined, "key_unavailable/controller-document"},
		"a page for people":               {inKey, "<!doctype html>", verifier.Undetermined, "key_unavailable/controller-document"},
		"nothing":                         {inKey, "", verifier.Undetermined, "key_unavailable/controller-document"},
		"another's profile":               {inKey, strings.Replace(profile(""), id, "https://evil.example/profile", 1), verifier.Invalid, "key_invalid/document"},
		"a profile with another key":      {inKey, profile(`,"assertionMethod":[` + method("key-1", "") + `]`), verifier.Invalid, "key_invalid/unknown-key"},
		"a key that is not for this":      {byName, profile(`,"verificationMethod":[` + method("key-1", "") + `]`), verifier.Invalid, reason.WrongPurpose},
		"a key that was revoked":          {byName, profile(`,"assertionMethod":[` + method("key-1", `,"revoked":"2026-05-01T00:00:00Z"`) + `]`), verifier.Invalid, "key_invalid/revoked"},
	} {
		w.Serve(id, nil)
		if c.body != "" {
			w.Serve(id, []byte(c.body))
		}
		expect(t, name, w.Verify(c.raw), c.verdict, c.code)
	}
	w.Asked()
	w.Verify(sign(t, w, "https://stranger.example/profile", private.Signer("https://stranger.example/profile#"+multikey)))
	if asked := w.Asked(); len(asked) > 0 {
		t.Errorf("asked for %q in the name of a stranger", asked)
	}
}

func sign(t *testing.T, w *bevistest.World, id string, signer key.Signer) []byte {
	t.Helper()
	s, err := w.Suites().Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		t.Fatal(err)
	}
	badge := `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:5f0c0e9e-1111-4222-8333-0a0b0c0d0e0f","type":["VerifiableCredential"],` +
		`"issuer":"` + id + `","validFrom":"2026-05-02T00:00:00Z","credentialSubject":{"id":"did:example:kari"}}`
	out, err := s.Sign(t.Context(), []byte(badge), signer, proof.Params{Purpose: proof.AssertionMethod, Created: june})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestKeptCopies: what was fetched serves when the hosts are gone, with its age
// and for as long as is allowed, and a host with an old list undoes nothing.
func TestKeptCopies(t *testing.T) {
	t.Parallel()
	w := bevistest.NewWorld(t, june)
	uni := w.Issuer("uni.example", "Universitetet")
	w.Trust(uni.ID())
	badge := uni.Badge("did:example:kari")
	old := w.Served(uni.ListURL(status.Revocation))
	copies, err := fetch.NewCache(fetch.CacheConfig{Source: w, Folder: t.TempDir(), Now: w.Now, About: func(body []byte) fetch.Facts {
		c := status.Claimed(body)
		return fetch.Facts{Made: c.Made, Until: c.Until, Life: c.Life}
	}})
	if err != nil {
		t.Fatal(err)
	}
	cfg := w.Config()
	cfg.Resolver, cfg.Status = did.Mux{"web": did.Web{Fetcher: copies}}, listsOf{copies}
	judge := func(max time.Duration) *verifier.Report {
		cfg.MaxStatusAge = max
		return w.VerifyWith(cfg, verifier.Request{Raw: badge})
	}
	expect(t, "online", judge(0), verifier.Valid, "")
	if asked := w.Asked(); len(asked) != 3 { // keys and two lists, each once
		t.Errorf("asked for %q", asked)
	}
	w.Down("uni.example", reason.New("fetch_failed/network", "", "no route"))
	w.Advance(2 * day)
	r := judge(0)
	expect(t, "the hosts are gone", r, verifier.Valid, "")
	for _, id := range []verifier.CheckID{verifier.CheckStatus, verifier.CheckBinding} {
		if at := r.Check(id).AsOf; !at.Equal(june) {
			t.Errorf("%s is as of %v", id, at)
		}
	}
	expect(t, "older than is allowed", judge(day), verifier.Undetermined, "key_unavailable/stale")
	w.Advance(40 * day)
	expect(t, "older than the list itself says", judge(0), verifier.Undetermined, "key_unavailable/stale")

	w.Down("uni.example", nil)
	w.Advance(time.Minute) // a host that failed is not asked again at once
	uni.Revoke(badge, "")
	expect(t, "revoked", judge(0), verifier.Invalid, reason.Revoked)
	w.Advance(day)
	w.Serve(uni.ListURL(status.Revocation), old)
	expect(t, "revoked, and the host has an old list", judge(0), verifier.Invalid, reason.Revoked)

	// A key that came into use after the copy was made is asked for.
	w.Advance(10 * time.Minute)
	uni.Publish()
	expect(t, "still", judge(0), verifier.Invalid, reason.Revoked)
	w.Advance(time.Minute)
	uni.Rotate()
	w.Advance(2 * time.Minute)
	badge = uni.Badge("did:example:nina")
	expect(t, "by a new key", judge(0), verifier.Valid, "")
}

// TestTrustSourceAsksForFreshness: how old a status may be, the source of trust
// can say for an issuer, and what is tighter counts.
func TestTrustSourceAsksForFreshness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		source, caller time.Duration
		verdict        verifier.Verdict
		code           reason.Code
	}{
		{0, 0, verifier.Valid, ""},
		{2 * day, 0, verifier.Valid, ""},
		{time.Hour, 0, verifier.Undetermined, "status_unavailable/stale"},
		{time.Hour, 9 * day, verifier.Undetermined, "status_unavailable/stale"},
		{9 * day, time.Hour, verifier.Undetermined, "status_unavailable/stale"},
	} {
		w := bevistest.NewWorld(t, june)
		uni := w.Issuer("uni.example", "Universitetet")
		badge := uni.Badge("did:example:kari")
		w.Decided(uni.ID(), trust.Decision{Trusted: true, Source: "test", MaxStatusAge: c.source})
		lists := map[string][]byte{}
		for _, purpose := range []string{status.Revocation, status.Suspension} {
			lists[uni.ListURL(purpose)] = w.Served(uni.ListURL(purpose))
		}
		w.Advance(day)
		cfg := w.Config()
		cfg.MaxStatusAge = c.caller
		expect(t, fmt.Sprint(c.source, c.caller), w.VerifyWith(cfg, verifier.Request{Raw: badge, StatusLists: lists}), c.verdict, c.code)
	}
}

// listsOf makes a source of documents one of lists.
type listsOf struct{ *fetch.Cache }

func (l listsOf) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	return l.Fetch(ctx, url, "")
}
