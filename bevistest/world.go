package bevistest

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// World is a world in memory: hosts with their files, issuers with their keys
// and lists, whom a relying party trusts, and a clock that stands still until
// it is moved. It is a did.Fetcher, a verifier.StatusSource and a
// trust.Registry, and safe for concurrent use.
//
//	w := bevistest.NewWorld(t, time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
//	uni := w.Issuer("uni.example", "Universitetet")
//	w.Trust(uni.ID())
//	badge := uni.Badge("did:example:kari")
//	uni.Revoke(badge, "issued in error")
//	report := w.Verify(badge) // verifier.Invalid, revoked
type World struct {
	t   testing.TB
	set proof.Set

	mu      sync.Mutex
	now     time.Time
	files   map[string][]byte
	down    map[string]error
	trusted map[string]trust.Decision
	asked   []string
}

// NewWorld returns a world without anybody in it, at a time.
func NewWorld(t testing.TB, now time.Time) *World {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	return &World{t: t, set: set, now: now, files: map[string][]byte{}, down: map[string]error{}, trusted: map[string]trust.Decision{}}
}

// Now returns the time of the world.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Advance moves the clock.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Serve puts a file at an address, in place of what is there; nil takes it
// away.
func (w *World) Serve(address string, body []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if body == nil {
		delete(w.files, address)
		return
	}
	w.files[address] = slices.Clone(body)
}

// Served returns the file at an address, nil when there is none. It is not
// counted as asked for.
func (w *World) Served(address string) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.files[address])
}

// Down makes a host fail with an error, such as fetch_failed/network; nil
// brings it back.
func (w *World) Down(host string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[host] = err
}

// Asked returns the addresses that were asked for since the last call.
func (w *World) Asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

// Fetch implements did.Fetcher.
func (w *World) Fetch(ctx context.Context, address, _ string) (body []byte, asOf time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return nil, time.Time{}, reason.Wrap(reason.Canceled, address, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, address)
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return nil, time.Time{}, reason.New("remote_fetch_blocked/scheme", address, "only https is fetched")
	}
	if err := w.down[u.Host]; err != nil {
		return nil, time.Time{}, err
	}
	body, ok := w.files[address]
	if !ok {
		return nil, time.Time{}, reason.New("fetch_failed/status", address, "the server answers 404")
	}
	return slices.Clone(body), w.now, nil
}

// StatusList implements verifier.StatusSource.
func (w *World) StatusList(ctx context.Context, address string) (list []byte, asOf time.Time, err error) {
	return w.Fetch(ctx, address, "")
}

// Trust puts issuers on the list of those whom the relying party trusts.
func (w *World) Trust(issuers ...string) {
	for _, id := range issuers {
		w.Decided(id, trust.Decision{Trusted: true, Source: "the world's trust list"})
	}
}

// Decided sets what the relying party answers of an issuer.
func (w *World) Decided(issuer string, d trust.Decision) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trusted[issuer] = d
}

// Decide implements trust.Registry. Who is not on the list is not trusted.
func (w *World) Decide(ctx context.Context, q trust.Query) (trust.Decision, error) {
	if err := ctx.Err(); err != nil {
		return trust.Decision{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	d, ok := w.trusted[q.Issuer]
	if !ok {
		return trust.Decision{Why: "not on the world's trust list"}, nil
	}
	return d, nil
}

// Resolver returns a resolver of did:key and did:jwk, and over the world's
// hosts of did:web and https addresses.
func (w *World) Resolver() did.Mux {
	return did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: w}, "https": did.Controller{Fetcher: w}}
}

// Suites returns all the ways to sign that bevis has.
func (w *World) Suites() proof.Set { return w.set }

// Config returns what a relying party in this world works with, to be changed.
func (w *World) Config() verifier.Config {
	return verifier.Config{Suites: w.set, Resolver: w.Resolver(), Trust: w, Status: w, Now: w.Now}
}

// Verify judges a document as of now.
func (w *World) Verify(raw []byte) *verifier.Report {
	w.t.Helper()
	return w.VerifyWith(w.Config(), verifier.Request{Raw: raw})
}

// VerifyWith judges a document by other rules.
func (w *World) VerifyWith(cfg verifier.Config, r verifier.Request) *verifier.Report {
	w.t.Helper()
	v, err := verifier.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	report, _ := v.Verify(w.t.Context(), r) // the report has the error
	return report
}
