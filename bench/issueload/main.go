package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/postgres"
)

// settings are how the run is made.
type settings struct {
	bevis, dsn   string
	rate         int
	length       time.Duration
	warm         time.Duration // at the beginning, not counted
	stop, start  string        // shell commands
	downAt, down time.Duration
	conns        int
	limit        time.Duration // that p99 is held against
}

func main() {
	var s settings
	flag.StringVar(&s.bevis, "bevis", "bevis", "the command")
	flag.IntVar(&s.rate, "rate", 500, "awards in a second")
	flag.DurationVar(&s.length, "for", time.Minute, "how long awards are asked for")
	flag.DurationVar(&s.warm, "warm", 5*time.Second, "how long at the beginning is not counted")
	flag.StringVar(&s.stop, "stop", "", "command that stops the database")
	flag.StringVar(&s.start, "start", "", "command that starts it")
	flag.DurationVar(&s.downAt, "down-at", 25*time.Second, "when it is stopped")
	flag.DurationVar(&s.down, "down", 10*time.Second, "for how long; 0: not at all")
	flag.IntVar(&s.conns, "conns", 16, "connections of the service to the database")
	flag.DurationVar(&s.limit, "limit", 50*time.Millisecond, "what p99 is held against")
	flag.Parse()
	s.dsn = os.Getenv("BEVIS_POSTGRES") + " pool_max_conns=" + strconv.Itoa(s.conns)
	if err := run(context.Background(), s); err != nil {
		fmt.Fprintln(os.Stderr, "issueload:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	home, err := os.MkdirTemp("", "issueload")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	service, err := begin(ctx, s, home)
	if err != nil {
		return err
	}
	fmt.Printf("load of the machine before: %s\n", loadavg())
	l := &load{s: s, service: service, client: &http.Client{Timeout: 15 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 4096, MaxIdleConnsPerHost: 4096, IdleConnTimeout: time.Minute}}}
	l.run(ctx)
	fmt.Printf("load of the machine after: %s\n", loadavg())
	metrics := l.get(ctx, "/metrics")
	if err := service.end(); err != nil {
		return err
	}
	l.report()
	for line := range strings.SplitSeq(metrics, "\n") {
		if strings.HasPrefix(line, "bevis_credentials_") || strings.HasPrefix(line, "bevis_ledger_errors") || strings.HasPrefix(line, `bevis_http_requests_total{route="/v1/credentials"`) {
			fmt.Println("  " + line)
		}
	}
	fmt.Printf("processor time of the service: %.1f s user, %.1f s system\n", service.cmd.ProcessState.UserTime().Seconds(), service.cmd.ProcessState.SystemTime().Seconds())
	return l.audit(ctx)
}

// loadavg is what the machine says of its load, where it does.
func loadavg() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(raw))
}

// service is a running "bevis serve issuer".
type service struct {
	cmd  *exec.Cmd
	url  string
	key  string
	logs *os.File
}

// begin sets an issuer up and has it served.
func begin(ctx context.Context, s settings, home string) (*service, error) {
	env := append(os.Environ(), "BEVIS_HOME="+home, "BEVIS_LEDGER="+s.dsn, "BEVIS_LANG=en")
	bevis := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, s.bevis, args...)
		cmd.Env, cmd.Stderr = env, os.Stderr
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	if _, err := bevis("issuer", "init", "--name", "Kursstedet", "--id", "did:web:kurs.example"); err != nil {
		return nil, err
	}
	if _, err := bevis("achievement", "new", "--name", "Sveising", "--description", "Lysbuesveising, 40 timer.", "--criteria", "Bestått praktisk prøve.", "--id", "https://kurs.example/sveising"); err != nil {
		return nil, err
	}
	key, err := bevis("issuer", "apikey", "add", "load", "--scope", "issue,read,admin")
	if err != nil {
		return nil, err
	}
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	logs, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, s.bevis, "serve", "issuer", "--listen", address, "--rate", "1000000")
	cmd.Env, cmd.Stderr = env, logs
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	out := &service{cmd, "http://" + address, key, logs}
	for n := 0; ; n++ {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err == nil {
			return out, c.Close()
		}
		if n == 200 {
			return nil, errors.Join(err, cmd.Process.Kill())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// end tells the service to stop, and waits for it.
func (s *service) end() error {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return errors.Join(s.cmd.Wait(), s.logs.Close())
}

// load is the run.
type load struct {
	s       settings
	service *service
	client  *http.Client
	begun   time.Time

	mu      sync.Mutex
	first   []answer // to the first request of each award
	known   map[string][sha256.Size]byte
	ids     map[string]string // by idempotency key
	twice   int               // asked for twice at the same moment
	differ  int               // and answered with different bytes
	again   int               // requests beyond the first
	given   int               // never acknowledged
	stopped time.Duration
	started time.Duration // the database takes connections again
	revived time.Duration // the first credential after that
	strange map[string]int
}

// answer is what came of a request, by when it was due.
type answer struct {
	due, took time.Duration
	status    int // 0: no answer
}

func (l *load) run(ctx context.Context) {
	l.known, l.ids, l.strange = map[string][sha256.Size]byte{}, map[string]string{}, map[string]int{}
	l.begun = time.Now()
	var wg sync.WaitGroup
	if l.s.down > 0 {
		wg.Go(func() { l.outage(ctx) })
	}
	total := int(l.s.length.Seconds() * float64(l.s.rate))
	for n := range total {
		due := time.Duration(n) * time.Second / time.Duration(l.s.rate)
		time.Sleep(time.Until(l.begun.Add(due)))
		wg.Go(func() { l.award(ctx, n, due) })
		if n%50 == 0 { // somebody impatient: the same award at the same moment
			l.twice++
			wg.Go(func() { l.award(ctx, n, due) })
		}
	}
	wg.Wait()
}

// outage stops the database and starts it.
func (l *load) outage(ctx context.Context) {
	time.Sleep(time.Until(l.begun.Add(l.s.downAt)))
	shell := func(command string) {
		if out, err := exec.CommandContext(ctx, "sh", "-c", command).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "issueload: %s: %v: %s\n", command, err, out)
		}
	}
	at := time.Since(l.begun)
	shell(l.s.stop)
	l.mu.Lock()
	l.stopped = at
	l.mu.Unlock()
	time.Sleep(time.Until(l.begun.Add(at + l.s.down)))
	shell(l.s.start)
	l.mu.Lock()
	l.started = time.Since(l.begun)
	l.mu.Unlock()
}

// patience is for how long somebody asks again.
const patience = 2 * time.Minute

// award asks for one until it is acknowledged.
func (l *load) award(ctx context.Context, n int, due time.Duration) {
	key := fmt.Sprintf("enrolment-%d", n)
	body := fmt.Sprintf(`{"achievement":"sveising","recipient":{"id":"did:example:%d"}}`, n)
	for try := 0; time.Since(l.begun) < due+patience; try++ {
		status, id, raw, wait := l.ask(ctx, key, body)
		now := time.Since(l.begun)
		l.mu.Lock()
		if try == 0 {
			l.first = append(l.first, answer{due, now - due, status})
		} else {
			l.again++
		}
		if status == http.StatusCreated {
			if l.started > 0 && l.revived == 0 {
				l.revived = now
			}
			sum := sha256.Sum256(raw)
			if before, ok := l.known[key]; ok && (before != sum || l.ids[key] != id) {
				l.differ++
			}
			l.known[key], l.ids[key] = sum, id
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		// As Retry-After says, and longer each time.
		time.Sleep(wait + time.Duration(rand.Int64N(int64(time.Second)<<min(try, 4))))
	}
	l.mu.Lock()
	l.given++
	l.mu.Unlock()
}

// ask makes one request. Wait is what Retry-After says.
func (l *load) ask(ctx context.Context, key, body string) (status int, id string, raw []byte, wait time.Duration) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.service.url+"/v1/credentials", strings.NewReader(body))
	if err != nil {
		return 0, "", nil, time.Second
	}
	r.Header.Set("Authorization", "Bearer "+l.service.key)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	w, err := l.client.Do(r)
	if err != nil {
		l.note("no answer")
		return 0, "", nil, time.Second
	}
	raw, err = io.ReadAll(w.Body)
	_ = w.Body.Close() // it was read
	if err != nil {
		l.note("half an answer")
		return 0, "", nil, time.Second
	}
	seconds, err := strconv.Atoi(w.Header.Get("Retry-After"))
	switch {
	case w.StatusCode == http.StatusServiceUnavailable && err != nil:
		l.note("503 without Retry-After")
	case w.StatusCode != http.StatusCreated && w.StatusCode != http.StatusServiceUnavailable:
		l.note(fmt.Sprintf("%d %.200s", w.StatusCode, raw))
	}
	return w.StatusCode, strings.TrimPrefix(w.Header.Get("Location"), "/v1/credentials/"), raw, time.Duration(seconds) * time.Second
}

func (l *load) note(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.strange[what]++
}

func (l *load) get(ctx context.Context, path string) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.service.url+path, nil)
	if err != nil {
		return ""
	}
	r.Header.Set("Authorization", "Bearer "+l.service.key)
	w, err := l.client.Do(r)
	if err != nil {
		return ""
	}
	defer w.Body.Close() // it was only read
	raw, _ := io.ReadAll(w.Body)
	return string(raw)
}

// report prints what was seen.
func (l *load) report() {
	slices.SortFunc(l.first, func(a, b answer) int { return int(a.due - b.due) })
	// From the stop until nothing is refused any more.
	settled := l.started
	for _, a := range l.first {
		if a.status != http.StatusCreated && a.due > l.stopped && l.s.down > 0 {
			settled = max(settled, a.due)
		}
	}
	in := func(from, to time.Duration) (out []answer) {
		for _, a := range l.first {
			if a.due >= from && a.due < to {
				out = append(out, a)
			}
		}
		return out
	}
	fmt.Printf("%d awards a second for %v, %d of them asked for twice at the same moment; first requests:\n", l.s.rate, l.s.length, l.twice)
	if l.s.down == 0 {
		l.show("all but the first "+l.s.warm.String(), in(l.s.warm, l.s.length))
	} else {
		l.show("before the database stopped", in(l.s.warm, l.stopped))
		l.show("from then until nothing was refused", in(l.stopped, settled+1))
		l.show("after that", in(settled+1, l.s.length))
		fmt.Printf("  stopped at %.2f s, took connections again at %.2f s; the first credential after that %.2f s later, the last refusal of a first request %.2f s later\n",
			l.stopped.Seconds(), l.started.Seconds(), (l.revived - l.started).Seconds(), (settled - l.started).Seconds())
	}
	fmt.Printf("  requests made again: %d; never acknowledged: %d\n", l.again, l.given)
	for what, n := range l.strange {
		fmt.Printf("  %d times: %s\n", n, what)
	}
}

func (l *load) show(name string, all []answer) {
	by := map[int][]time.Duration{}
	for _, a := range all {
		by[a.status] = append(by[a.status], a.took)
	}
	fmt.Printf("  %s (%d)\n", name, len(all))
	for _, status := range []int{201, 503, 0} {
		took := by[status]
		if len(took) == 0 {
			continue
		}
		slices.Sort(took)
		at := func(q float64) float64 { return took[int(q*float64(len(took)-1))].Seconds() * 1000 }
		over := 0
		for _, t := range took {
			if t > l.s.limit {
				over++
			}
		}
		fmt.Printf("    %d: %6d, ms p50 %.1f, p90 %.1f, p99 %.1f, max %.0f; over %v: %.2f %%\n", status, len(took), at(.5), at(.9), at(.99), at(1), l.s.limit, 100*float64(over)/float64(len(took)))
	}
}

// audit reads the ledger, and holds it against what was acknowledged.
func (l *load) audit(ctx context.Context) error {
	ledger, err := postgres.Open(ctx, l.s.dsn)
	if err != nil {
		return err
	}
	defer ledger.Close() // it was only read
	records, missing, other := 0, 0, 0
	keys, ids, places := map[string]int{}, map[string]int{}, map[issuer.Slot]int{}
	if err := ledger.Each(ctx, func(r issuer.Record) error {
		records++
		keys[r.IdempotencyKey]++
		ids[r.ID]++
		for _, slot := range r.Slots {
			places[slot]++
		}
		if sum, ok := l.known[r.IdempotencyKey]; ok && (sum != sha256.Sum256(r.Credential) || l.ids[r.IdempotencyKey] != r.ID) {
			other++
		}
		return nil
	}); err != nil {
		return err
	}
	double := 0
	for _, counts := range []map[string]int{keys, ids} {
		for _, n := range counts {
			if n > 1 {
				double++
			}
		}
	}
	for _, n := range places {
		if n > 1 {
			double++
		}
	}
	for key := range l.known {
		if keys[key] == 0 {
			missing++
		}
	}
	awards := int(l.s.length.Seconds() * float64(l.s.rate))
	fmt.Printf("ledger: %d records of %d awards; acknowledged %d, of these missing %d, with other bytes %d; keys, ids or places twice: %d; answered differently: %d\n",
		records, awards, len(l.known), missing, other, double, l.differ)
	if missing+other+double+l.differ+l.given > 0 || records != awards || len(l.known) != awards {
		return errors.New("the ledger is not as it should be")
	}
	return nil
}
