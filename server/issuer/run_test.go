package issuer

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/server/apikey"
)

// TestRate: who asks too often waits, others do not, and nothing is issued.
func TestRate(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Rate, c.Burst = 10, 100 })
	fixed := time.Now()
	h.server.cfg.Now = func() time.Time { return fixed }
	other := h.key("other", apikey.Read)
	items := make([]string, 99)
	for n := range items {
		items[n] = fmt.Sprintf(`{"idempotencyKey":"k%d",%s`, n, awardFor("kari")[1:])
	}
	if w := h.ask("POST", "/v1/awards", `{"awards":[`+strings.Join(items, ",")+`]}`); w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	if w := h.issue("k99", awardFor("kari")); w.Code != 201 {
		t.Fatal(w.Code)
	}
	w := h.issue("k100", awardFor("kari"))
	refused(t, w, 429, "resource_limit/rate")
	if w.Header().Get("Retry-After") != "1" || issuedCount(t, h) != 100 {
		t.Error(w.Header(), issuedCount(t, h))
	}
	if w := h.ask("POST", "/v1/awards", `{"awards":[`+strings.Join(items, ",")+`]}`); w.Code != 429 {
		t.Error(w.Code)
	}
	if w := h.ask("GET", "/v1/achievements", "", "Authorization", "Bearer "+other); w.Code != 200 {
		t.Error(w.Code)
	}
	fixed = fixed.Add(100 * time.Millisecond)
	if w := h.issue("k100", awardFor("kari")); w.Code != 201 {
		t.Error(w.Code)
	}
}

// TestLedgerAway: without the ledger it is 503 with Retry-After, in time, and it
// goes on by itself; an answer that was lost is given when it is asked for again.
func TestLedgerAway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.Timeout = 200 * time.Millisecond })
	for name, state := range map[string]func(bool){"down": h.desk.ledger.down.Store, "silent": h.desk.ledger.silent.Store} {
		before := issuedCount(t, h)
		state(true)
		h.now.Add(int64(2 * time.Second))
		begun := time.Now()
		for _, w := range []*httptest.ResponseRecorder{
			h.issue(name, awardFor("kari")), h.ask("POST", "/v1/publications", ""), h.ask("GET", "/v1/jobs", ""), h.ask("GET", "/readyz", "", "Authorization", ""),
		} {
			refused(t, w, 503, "io/ledger-unreachable")
			if n, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || n < 1 || n > 10 || strings.Contains(w.Body.String(), "secret-user") {
				t.Error(name, w.Header(), w.Body)
			}
		}
		if w := h.ask("POST", "/v1/awards", fmt.Sprintf(`{"awards":[{"idempotencyKey":%q,%s]}`, name, awardFor("kari")[1:])); w.Code != 200 || !strings.Contains(w.Body.String(), `"status":503`) {
			t.Error(w.Code, w.Body)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s: five answers took %v", name, took)
		}
		if w := h.ask("GET", "/healthz", "", "Authorization", ""); w.Code != 200 {
			t.Error(name, w.Code)
		}
		state(false)
		h.now.Add(int64(2 * time.Second))
		if w := h.ask("GET", "/readyz", "", "Authorization", ""); w.Code != 200 {
			t.Error(name, w.Code)
		}
		if w := h.issue(name, awardFor("kari")); w.Code != 201 || issuedCount(t, h) != before+1 {
			t.Error(name, w.Code, issuedCount(t, h))
		}
	}
	h.desk.ledger.lose.Store(true)
	refused(t, h.issue("lost", awardFor("kari")), 503, "io/ledger-unreachable")
	h.desk.ledger.lose.Store(false)
	if w := h.issue("lost", awardFor("kari")); w.Code != 201 || w.Header().Get(replayed) != "true" {
		t.Error(w.Code, w.Header())
	}
	if text := h.ask("GET", "/metrics", "").Body.String(); !strings.Contains(text, `bevis_ledger_errors_total{code="io/ledger-unreachable"} 11`) {
		t.Error(text)
	}
}

// TestAway: a ledger that is away is asked by one at a time, whoever else comes is
// told at once, and the first answer lets all in again.
func TestAway(t *testing.T) {
	t.Parallel()
	var a away
	now := time.Now()
	for range awayAfter {
		if !a.enter(now) {
			t.Fatal("sent away before it is known")
		}
		a.heard(false, now)
	}
	for range 3 {
		if a.enter(now) {
			t.Error("asked again at once")
		}
		now = now.Add(askAgain)
		if !a.enter(now) || a.enter(now) {
			t.Error("not asked by one at a time")
		}
	}
	far := 0
	for range 200 {
		n, err := strconv.Atoi(a.retryAfter(now.Add(time.Hour)))
		if err != nil || n < 1 || n > 10 {
			t.Fatal(n, err)
		}
		far = max(far, n)
	}
	if far < 4 {
		t.Error("all come back at once")
	}
	a.heard(true, now)
	for range 2 {
		if !a.enter(now) {
			t.Error("it answers, and nobody asks")
		}
	}

	h := newHouse(t, nil)
	h.desk.ledger.down.Store(true)
	issues := 0
	h.desk.gate = func() { issues++ }
	for n := range 50 {
		refused(t, h.issue(fmt.Sprint(n), awardFor("kari")), 503, "io/ledger-unreachable")
	}
	if issues < awayAfter || issues > 40 {
		t.Errorf("the ledger was asked %d times", issues)
	}
	h.desk.ledger.down.Store(false)
	h.now.Add(int64(askAgain))
	for n := range 2 {
		if w := h.issue(fmt.Sprint(n), awardFor("kari")); w.Code != 201 {
			t.Error(w.Code, w.Body)
		}
	}
}

// TestTooBusy: more than can be worked on at once is sent away at once.
func TestTooBusy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.InFlight = 2 })
	inside, leave := make(chan bool), make(chan bool)
	h.desk.gate = func() { inside <- true; <-leave }
	var wg sync.WaitGroup
	for n := range 2 {
		wg.Go(func() {
			if w := h.issue(fmt.Sprint(n), awardFor("kari")); w.Code != 201 {
				t.Error(w.Code)
			}
		})
		<-inside
	}
	w := h.issue("2", awardFor("kari"))
	refused(t, w, 503, "io/too-busy")
	if w.Header().Get("Retry-After") == "" {
		t.Error(w.Header())
	}
	close(leave)
	wg.Wait()
}

// TestLogNamesNobody sends marked texts to every place that takes one, and looks
// for them in the log.
func TestLogNamesNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	const mark = "canary"
	headers := []string{"User-Agent", mark + "-agent", "X-Forwarded-For", mark + "-address", "Accept-Language", mark, "Request-Id", mark, "Referer", "https://" + mark + ".example"}
	ask := func(method, path, body string, more ...string) *httptest.ResponseRecorder {
		return h.ask(method, path, body, append(more, headers...)...)
	}
	body := `{"achievement":"sveising","recipient":{"id":"did:example:canary","email":"canary@example.com","name":"canary name"},"name":"canary","narrative":"canary"}`
	at := ask("POST", "/v1/credentials", body, "Idempotency-Key", "canary-key").Header().Get("Location")
	ask("POST", "/v1/credentials", strings.Replace(body, "canary name", "other canary", 1), "Idempotency-Key", "canary-key")
	ask("POST", "/v1/credentials", strings.Replace(body, "sveising", "canary", 1), "Idempotency-Key", "canary-2")
	ask("POST", "/v1/credentials", strings.Replace(body, "sveising", "panic", 1), "Idempotency-Key", "canary-3")
	ask("POST", "/v1/credentials", `{"canary":1}`, "Idempotency-Key", "canary-4")
	ask("POST", "/v1/credentials", `canary`, "Idempotency-Key", "canary-5")
	ask("POST", at+"/revoke", `{"reason":"canary cheated"}`)
	ask("GET", at, "")
	ask("GET", "/v1/credentials/canary", "")
	ask("GET", "/canary?canary=canary", "")
	ask("CANARY", "/v1/credentials", "")
	ask("GET", "/v1/jobs", "", "Authorization", "Bearer canary")
	h.desk.ledger.down.Store(true)
	ask("POST", "/v1/credentials", body, "Idempotency-Key", "canary-6")
	log := h.log.String()
	if strings.Contains(strings.ToLower(log), mark) || strings.Contains(log, h.all) || strings.Contains(log, "secret-user") || strings.Contains(log, at) || strings.Contains(log, "urn:uuid") {
		t.Error(log)
	}
	if n := strings.Count(log, `"msg":"request"`); n != 13 || !strings.Contains(log, `"route":"/v1/credentials/{id}/revoke","status":200`) || !strings.Contains(log, `"code":"io/ledger-unreachable"`) {
		t.Errorf("%d lines: %s", n, log)
	}
	if text := h.ask("GET", "/metrics", "").Body.String(); strings.Contains(text, mark) || strings.Contains(text, "urn:uuid") {
		t.Error(text)
	}
}

// TestMetrics: what is written is what Prometheus reads, and the counts are right.
func TestMetrics(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.issue("a", awardFor("kari"))
	h.issue("a", awardFor("kari"))
	h.issue("a", awardFor("ola"))
	h.ask("GET", "/nowhere", "")
	w := h.ask("GET", "/metrics", "")
	text := w.Body.String()
	line := regexp.MustCompile(`^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="[^"\\]*",?)+\})? ([0-9.e+-]+))$`)
	for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		if !line.MatchString(l) {
			t.Errorf("%q", l)
		}
	}
	for _, want := range []string{
		"bevis_credentials_issued_total 1\n", "bevis_credentials_replayed_total 1\n", "bevis_http_requests_in_flight 1\n",
		`bevis_http_requests_total{route="/v1/credentials",code="201"} 2`, `bevis_http_requests_total{route="/v1/credentials",code="422"} 1`,
		`bevis_http_requests_total{route="none",code="404"} 1`,
		`bevis_http_request_duration_seconds_count{route="/v1/credentials"} 3`, `bevis_http_request_duration_seconds_bucket{route="/v1/credentials",le="+Inf"} 3`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	m := newMetrics()
	for _, d := range []time.Duration{time.Millisecond, 1001 * time.Microsecond, time.Hour} {
		m.begin()
		m.end("r", 200, d)
	}
	for _, want := range []string{`le="0.001"} 1`, `le="0.0025"} 2`, `le="5"} 2`, `le="+Inf"} 3`, `_count{route="r"} 3`} {
		if !strings.Contains(string(m.text()), want) {
			t.Errorf("no %s in\n%s", want, m.text())
		}
	}
}

// TestShutdown: what was begun when the server is told to stop is finished, what
// comes later is not taken, and only then Serve returns.
func TestShutdown(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	inside, leave := make(chan bool), make(chan bool)
	h.desk.gate = func() { inside <- true; <-leave }
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.server.Serve(ctx, l, nil) }()
	answers := make(chan int, 1)
	go func() {
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+l.Addr().String()+"/v1/credentials", strings.NewReader(awardFor("kari")))
		if err != nil {
			t.Error(err)
		}
		r.Header.Set("Authorization", "Bearer "+h.all)
		r.Header.Set("Idempotency-Key", "a")
		r.Header.Set("Content-Type", "application/json")
		w, err := (&http.Client{}).Do(r)
		if err != nil {
			t.Error(err)
			answers <- 0
			return
		}
		_, _ = io.Copy(io.Discard, w.Body)
		_ = w.Body.Close()
		answers <- w.StatusCode
	}()
	<-inside
	stop()
	for { // until nothing more is taken
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			break
		}
		_ = c.Close()
		time.Sleep(5 * time.Millisecond)
	}
	select {
	case err := <-ended:
		t.Fatal("Serve returned while a request was under way", err)
	default:
	}
	close(leave)
	if status := <-answers; status != 201 {
		t.Error(status)
	}
	if err := <-ended; err != nil || issuedCount(t, h) != 1 {
		t.Error(err)
	}
}
