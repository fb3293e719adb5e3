package upkeep_test

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/upkeep"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

// world is a server with pages, a clock, and a checker whose visits are real.
type world struct {
	t      *testing.T
	server *httptest.Server
	now    time.Time
	waited time.Duration

	mu    sync.Mutex
	codes map[string]int
	seen  []string

	onRequest func(path string)
}

func newWorld(t *testing.T) (*world, *upkeep.Checker) {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), codes: map[string]int{}}
	w.server = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.seen = append(w.seen, r.Method+" "+r.URL.Path)
		if w.onRequest != nil {
			w.onRequest(r.URL.Path)
		}
		if len(r.Cookies()) > 0 || !strings.HasPrefix(r.UserAgent(), "bevis") {
			t.Errorf("%s says %q and has %d cookies", r.URL, r.UserAgent(), len(r.Cookies()))
		}
		switch code := w.codes[r.URL.Path]; {
		case code == http.StatusMethodNotAllowed && r.Method == http.MethodGet:
			rw.Write([]byte("her"))
		case code == http.StatusMovedPermanently:
			http.Redirect(rw, r, "/ny", code)
		case code == -1:
			panic(http.ErrAbortHandler) // nobody answers
		case code != 0:
			rw.WriteHeader(code)
		}
	}))
	t.Cleanup(w.server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(w.server.Certificate())
	client, err := fetch.New(fetch.Config{Now: time.Now, RootCAs: roots, AllowLoopbackUnsafe: true, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	c, err := upkeep.New(upkeep.Config{Visitor: looker{client}, Now: func() time.Time { return w.now }, Wait: func(ctx context.Context, d time.Duration) error {
		w.now, w.waited = w.now.Add(d), w.waited+d
		return ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w, c
}

type looker struct{ client *fetch.Client }

func (l looker) Visit(ctx context.Context, address string) (upkeep.Visit, error) {
	status, to, err := l.client.Look(ctx, address)
	if ctx.Err() != nil {
		return upkeep.Visit{}, reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	return upkeep.Visit{Status: status, To: to, Blocked: reason.CodeOf(err).Coarse() == string(reason.RemoteFetchBlocked)}, nil
}

func (w *world) offers(paths ...string) []catalogue.Offer {
	var out []catalogue.Offer
	for _, p := range paths {
		o := catalogue.Offer{ID: strings.Trim(p, "/"), Provider: "p", URL: p}
		if strings.HasPrefix(p, "/") {
			o.URL = w.server.URL + p
		}
		out = append(out, o)
	}
	return out
}

// TestStates: what each answer means, and that visits to one host wait.
func TestStates(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t)
	w.codes = map[string]int{"/moved": 301, "/gone": 404, "/login": 403, "/ill": 503, "/silent": -1, "/nohead": 405}
	offers := w.offers("/ok", "/moved", "/gone", "/login", "/ill", "/silent", "/nohead", "https://192.168.1.1/", "http://[::1", "")
	var b upkeep.Book
	done, err := c.Check(t.Context(), &b, upkeep.Request{Offers: offers, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]upkeep.State{"ok": upkeep.OK, "moved": upkeep.Moved, "gone": upkeep.Gone, "login": upkeep.Untold, "ill": upkeep.Away, "silent": upkeep.Away, "nohead": upkeep.OK, "https://192.168.1.1": upkeep.Untold} {
		e := b.Entry("p#" + id)
		if e.State != want || e.Dead() || e.Checked.IsZero() {
			t.Errorf("%s: %+v", id, e)
		}
	}
	if e := b.Entry("p#moved"); e.To != w.server.URL+"/ny" {
		t.Errorf("%+v", e)
	}
	if len(done) != 8 || w.waited < 12*time.Second {
		t.Errorf("%d visits, waited %v", len(done), w.waited)
	}
	if slices.Contains(w.seen, "HEAD /ny") {
		t.Error("a redirect was followed")
	}
	// A second run has nothing to do, and the book goes round.
	if again, err := c.Check(t.Context(), &b, upkeep.Request{Offers: offers, Limit: 100}); err != nil || len(again) != 0 {
		t.Errorf("%v %v", again, err)
	}
	raw, err := b.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := upkeep.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := parsed.Marshal(); err != nil || string(twice) != string(raw) {
		t.Errorf("%s\n%s %v", raw, twice, err)
	}
}

// TestTwoFailures: one failure says nothing, nor do two within a day; two over
// more than a day do, until somebody answers.
func TestTwoFailures(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t)
	offers := w.offers("/kurs", "/annet")
	var b upkeep.Book
	check := func() upkeep.Entry {
		t.Helper()
		if _, err := c.Check(t.Context(), &b, upkeep.Request{Offers: offers, Limit: 10}); err != nil {
			t.Fatal(err)
		}
		return b.Entry("p#kurs")
	}
	start := w.now
	check()
	w.codes["/kurs"] = 404
	if e := check(); e.State != upkeep.OK {
		t.Errorf("visited again too soon: %+v", e)
	}
	w.now = start.Add(8 * 24 * time.Hour)
	if e := check(); e.State != upkeep.Gone || e.Dead() || e.Failures != 1 {
		t.Errorf("after one failure: %+v", e)
	}
	w.now = w.now.Add(time.Hour)
	if e := check(); e.Failures != 1 {
		t.Errorf("an hour later: %+v", e)
	}
	w.now = w.now.Add(30 * time.Hour)
	if e := check(); !e.Dead() || e.Failures != 2 || !e.Answered.Before(e.Since) || !slices.Equal(e.Stale(offers[0], "2026-11-12"), []string{upkeep.Dead}) {
		t.Errorf("after two: %+v", e)
	}
	moved := offers[0]
	if moved.URL += "/ny"; len(b.Entry("p#kurs").Stale(moved, "2026-11-12")) != 0 {
		t.Error("a new address has the old one's failures")
	}
	w.codes["/kurs"] = 0
	w.now = w.now.Add(30 * time.Hour)
	if e := check(); e.Dead() || e.State != upkeep.OK || e.Failures != 0 || !e.Since.IsZero() {
		t.Errorf("it is back: %+v", e)
	}
}

// TestNoNetwork: when nobody at all answers, nothing is entered.
func TestNoNetwork(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t)
	w.codes = map[string]int{"/a": -1, "/b": -1}
	var b upkeep.Book
	done, err := c.Check(t.Context(), &b, upkeep.Request{Offers: w.offers("/a", "/b"), Limit: 10})
	if reason.CodeOf(err) != "fetch_failed/network" || len(done) != 0 || b.Entry("p#a").State != "" {
		t.Errorf("%v %v %+v", done, err, b.Entry("p#a"))
	}
}

// TestResumed: a limit and an end in the middle lose nothing, and the next run
// goes on; offers with one address share a visit.
func TestResumed(t *testing.T) {
	t.Parallel()
	w, c := newWorld(t)
	offers := w.offers("/1", "/2", "/3", "/4")
	twin := offers[0]
	twin.ID = "twin"
	offers = append(offers, twin)
	var b upkeep.Book
	if done, err := c.Check(t.Context(), &b, upkeep.Request{Offers: offers, Limit: 1}); err != nil || len(done) != 2 {
		t.Fatalf("%v %v", done, err)
	}
	// The end comes while the second of the remaining three is waited for.
	ctx, cancel := context.WithCancel(t.Context())
	w.onRequest = func(path string) {
		if path == "/2" {
			cancel()
		}
	}
	if _, err := c.Check(ctx, &b, upkeep.Request{Offers: offers, Limit: 10}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	w.onRequest = nil
	done, err := c.Check(t.Context(), &b, upkeep.Request{Offers: offers, Limit: 10})
	if err != nil || len(done) < 2 || len(done) > 3 {
		t.Errorf("%v %v", done, err)
	}
	for _, o := range offers {
		if e := b.Entry(o.Ref()); e.State != upkeep.OK {
			t.Errorf("%+v", e)
		}
	}
	visits := 0
	for _, s := range w.seen {
		if s == "HEAD /1" {
			visits++
		}
	}
	if visits != 1 {
		t.Errorf("%d visits to one address", visits)
	}
}

// TestStale: over, old, and neither.
func TestStale(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entry upkeep.Entry
		offer catalogue.Offer
		want  []string
	}{
		"nothing told":          {},
		"a run to come":         {offer: catalogue.Offer{Runs: []catalogue.Run{{Start: "2025-01-01"}, {Start: "2027-01-01"}}}},
		"begun":                 {offer: catalogue.Offer{Runs: []catalogue.Run{{Start: "2026-01-01", End: "2027-01-01"}}}, want: []string{upkeep.Over}},
		"begun, and online":     {offer: catalogue.Offer{Mode: catalogue.Online, Runs: []catalogue.Run{{Start: "2026-01-01", End: "2027-01-01"}}}},
		"a run without a day":   {offer: catalogue.Offer{Runs: []catalogue.Run{{Start: "2025-01-01"}, {Place: "Ås"}}}},
		"imported of late":      {entry: upkeep.Entry{Imported: "2026-06-01"}},
		"not imported for long": {entry: upkeep.Entry{Imported: "2026-01-01"}, want: []string{upkeep.Old}},
	} {
		if got := c.entry.Stale(c.offer, "2026-11-02"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"no JSON":            "{",
		"no ref":             `{"imported":"2026-01-01"}`,
		"a ref twice":        "{\"ref\":\"a\"}\n{\"ref\":\"a\"}",
		"an unknown member":  `{"ref":"a","x":1}`,
		"a day that is none": `{"ref":"a","imported":"2026-02-31"}`,
		"failures below 0":   `{"ref":"a","failures":-1}`,
		"a line too long":    `{"ref":"` + strings.Repeat("a", 70_000) + `"}`,
	} {
		if _, err := upkeep.Parse([]byte(raw)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"ref":"p#a","imported":"2026-01-01","url":"https://a.example/","state":"gone","status":404,"checked":"2026-11-02T09:00:00Z","since":"2026-10-01T09:00:00Z","failures":2}` + "\n"))
	f.Add([]byte("\n{\"ref\":\"a\"}\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := upkeep.Parse(raw)
		if err != nil {
			return
		}
		once, err := b.Marshal()
		if err != nil {
			t.Skip() // a year that cannot be written
		}
		again, err := upkeep.Parse(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.Marshal(); err != nil || string(twice) != string(once) {
			t.Errorf("%s\n%s", once, twice)
		}
	})
}
