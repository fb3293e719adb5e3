package fetch_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

const listAt = "https://kurs.example/status/1"

// source is a web of one document, with a clock.
type source struct {
	mu    sync.Mutex
	now   time.Time
	body  string
	err   error
	asked int
	hold  chan struct{} // a fetch waits for it, nil: for nothing
}

func (s *source) Fetch(ctx context.Context, _, _ string) ([]byte, time.Time, error) {
	s.mu.Lock()
	s.asked++
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, time.Time{}, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, time.Time{}, s.err
	}
	return []byte(s.body), s.now, nil
}

func (s *source) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// about reads documents of the form "made until life …", in hours of 2026 and
// minutes; 0 is for nothing.
func about(body []byte) fetch.Facts {
	var made, until, life int
	if n, _ := fmt.Sscanf(string(body), "%d %d %d", &made, &until, &life); n != 3 {
		return fetch.Facts{}
	}
	hour := func(n int) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return year.Add(time.Duration(n) * time.Hour)
	}
	return fetch.Facts{Made: hour(made), Until: hour(until), Life: time.Duration(life) * time.Minute}
}

var year = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func cache(t *testing.T, s *source, change func(*fetch.CacheConfig)) *fetch.Cache {
	t.Helper()
	cfg := fetch.CacheConfig{Source: s, Folder: filepath.Join(t.TempDir(), "cache"), Now: s.clock, About: about}
	if change != nil {
		change(&cfg)
	}
	c, err := fetch.NewCache(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *source) at(after time.Duration, body string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.body, s.err = year.Add(after), body, err
}

// TestCopies walks through the days of one list.
func TestCopies(t *testing.T) {
	t.Parallel()
	network := reason.New("fetch_failed/network", "", "down")
	offline := reason.New("remote_fetch_blocked/offline", "", "offline")
	insecure := reason.New("remote_fetch_blocked/tls", "", "not secure")
	gone := reason.New("fetch_failed/gone", "", "withdrawn")
	missing := reason.New("fetch_failed/status", "", "404: %w", fetch.ErrNotFound)
	const h, m = time.Hour, time.Minute
	s := &source{}
	c := cache(t, s, nil)
	for i, step := range []struct {
		after time.Duration
		body  string
		err   error
		want  string // "" for an error
		asOf  time.Duration
		asks  int
		code  reason.Code
	}{
		{1 * h, "", network, "", 0, 1, "fetch_failed/network"},                   // nothing is kept
		{1*h + 10*time.Second, "1 0 0 a", nil, "", 0, 1, "fetch_failed/network"}, // and nobody asks again at once
		{1*h + m, "1 0 0 a", nil, "1 0 0 a", h + m, 2, ""},
		{1*h + 5*m, "2 0 0 b", nil, "1 0 0 a", h + m, 2, ""},        // fresh
		{1*h + 6*m, "2 0 0 b", nil, "2 0 0 b", h + 6*m, 3, ""},      // not any more
		{3 * h, "", network, "2 0 0 b", h + 6*m, 4, ""},             // with its age
		{4 * h, "", offline, "2 0 0 b", h + 6*m, 5, ""},             // with its age
		{5 * h, "", insecure, "", 0, 6, "remote_fetch_blocked/tls"}, // no copy covers that up
		{6 * h, "1 0 0 a", nil, "2 0 0 b", h + 6*m, 7, ""},          // an older one does not undo a newer
		{7 * h, "<html>", nil, "<html>", 7 * h, 8, ""},              // judged as it is
		{7*h + m, "", offline, "2 0 0 b", h + 6*m, 9, ""},           // and not kept
		{8 * h, "8 9 0 c", nil, "8 9 0 c", 8 * h, 10, ""},
		{8*h + m, "8 9 0 d", nil, "8 9 0 c", 8 * h, 10, ""},
		{9 * h, "8 9 0 d", nil, "8 9 0 d", 9 * h, 11, ""},       // it has ended
		{9*h + m, "10 0 2 e", nil, "10 0 2 e", 9*h + m, 12, ""}, // as this had from the start
		{9*h + 2*m, "11 0 2 f", nil, "10 0 2 e", 9*h + m, 12, ""},
		{9*h + 3*m, "11 0 2 f", nil, "11 0 2 f", 9*h + 3*m, 13, ""}, // its life is two minutes
		{9*h - m, "12 0 0 g", nil, "12 0 0 g", 9*h - m, 14, ""},     // a copy of the future is none
		{10 * h, "", missing, "", 0, 15, "fetch_failed/status"},     // the host says that it is not there
		{11 * h, "", offline, "12 0 0 g", 9*h - m, 16, ""},          // which may have been for a while
		{12 * h, "", gone, "", 0, 17, "fetch_failed/gone"},          // and now, that it was withdrawn
		{13 * h, "", network, "", 0, 18, "fetch_failed/gone"},       // which keeping it from us does not undo
		{14 * h, "", offline, "", 0, 19, "fetch_failed/gone"},
		{15 * h, "11 0 0 f", nil, "", 0, 20, "fetch_failed/gone"}, // nor does one that is older
		{15*h + 9*time.Second, "", nil, "", 0, 20, "fetch_failed/gone"},
		{16 * h, "13 0 0 h", nil, "13 0 0 h", 16 * h, 21, ""}, // a newer one is back
		{17 * h, "", network, "13 0 0 h", 16 * h, 22, ""},
	} {
		s.at(step.after, step.body, step.err)
		body, asOf, err := c.Fetch(t.Context(), listAt, "")
		if string(body) != step.want || reason.CodeOf(err) != step.code || err == nil && !asOf.Equal(year.Add(step.asOf)) || s.asked != step.asks {
			t.Errorf("step %d: %q as of %v, %v; asked %d times", i, body, asOf, err, s.asked)
		}
	}
}

func TestFetchAnew(t *testing.T) {
	t.Parallel()
	s := &source{}
	c := cache(t, s, nil)
	s.at(0, "a", nil)
	if _, _, err := c.Fetch(t.Context(), listAt, ""); err != nil {
		t.Fatal(err)
	}
	s.at(30*time.Second, "b", nil)
	if body, _, err := c.FetchAnew(t.Context(), listAt, ""); err != nil || string(body) != "a" {
		t.Errorf("just now: %s %v", body, err)
	}
	s.at(2*time.Minute, "b", nil)
	if body, _, err := c.FetchAnew(t.Context(), listAt, ""); err != nil || string(body) != "b" {
		t.Errorf("later: %s %v", body, err)
	}
	s.at(4*time.Minute, "", reason.New("remote_fetch_blocked/offline", "", "offline"))
	if body, _, err := c.FetchAnew(t.Context(), listAt, ""); err == nil {
		t.Errorf("a copy in place of what is new: %s", body)
	}
}

// TestRefresh passes over what was kept before, once.
func TestRefresh(t *testing.T) {
	t.Parallel()
	s := &source{}
	folder := filepath.Join(t.TempDir(), "cache")
	in := func(refresh bool) *fetch.Cache {
		return cache(t, s, func(c *fetch.CacheConfig) { c.Folder, c.Refresh = folder, refresh })
	}
	s.at(time.Hour, "9 0 0 new", nil)
	if _, _, err := in(false).Fetch(t.Context(), listAt, ""); err != nil {
		t.Fatal(err)
	}
	s.at(time.Hour+time.Minute, "2 0 0 old", nil)
	c := in(true)
	for range 3 {
		if body, _, err := c.Fetch(t.Context(), listAt, ""); err != nil || string(body) != "2 0 0 old" || s.asked != 2 {
			t.Errorf("%s %v, asked %d times", body, err, s.asked)
		}
	}
	s.at(2*time.Hour, "", reason.New("fetch_failed/network", "", "down"))
	if body, _, err := in(true).Fetch(t.Context(), listAt, ""); err == nil {
		t.Errorf("a copy is used that was to be passed over: %s", body)
	}
}

// TestOneAsks: many that need a document at the same time make one connection,
// and one that gives up does not take the others with it.
func TestOneAsks(t *testing.T) {
	t.Parallel()
	s := &source{hold: make(chan struct{})}
	s.at(0, "a", nil)
	c := cache(t, s, nil)
	first, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var got atomic.Int32
	wg.Add(1)
	go func() {
		defer wg.Done()
		if _, _, err := c.Fetch(first, listAt, ""); reason.CodeOf(err) != reason.Canceled {
			t.Error("who gave up has", err)
		}
	}()
	for {
		s.mu.Lock()
		asked := s.asked
		s.mu.Unlock()
		if asked == 1 {
			break
		}
		runtime.Gosched()
	}
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if body, _, err := c.Fetch(t.Context(), listAt, ""); err == nil && string(body) == "a" {
				got.Add(1)
			}
		}()
	}
	cancel()
	close(s.hold)
	wg.Wait()
	if got.Load() != 20 || s.asked > 2 {
		t.Errorf("%d of 20 have it, asked %d times", got.Load(), s.asked)
	}
}

func TestKeptFiles(t *testing.T) {
	t.Parallel()
	s := &source{}
	folder := filepath.Join(t.TempDir(), "home", "cache")
	c := cache(t, s, func(c *fetch.CacheConfig) { c.Folder, c.MaxKept = folder, 2000 })
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 10 {
		url := fmt.Sprintf("https://kurs.example/%d/../../x", i)
		if err := c.Put(url, []byte(strings.Repeat("x", 400)), now); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 || len(entries) > 4 {
		t.Fatalf("%d files are kept, %v", len(entries), err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s %v %v", e.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(folder); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := c.Put(listAt, make([]byte, 3000), now); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}

	// What is damaged is as if it was not there.
	s.at(time.Minute, "", reason.New("remote_fetch_blocked/offline", "", "offline"))
	last := "https://kurs.example/9/../../x"
	if _, _, err := c.Fetch(t.Context(), last, ""); err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		raw[len(raw)-1] ^= 1
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if body, _, err := c.Fetch(t.Context(), last, ""); err == nil {
		t.Errorf("a damaged copy is used: %s", body)
	}

	// A folder that cannot be written costs a connection, and no more.
	blocked := cache(t, s, func(c *fetch.CacheConfig) { c.Folder = filepath.Join(folder, entries[0].Name(), "below") })
	s.at(2*time.Minute, "a", nil)
	if body, _, err := blocked.Fetch(t.Context(), listAt, ""); err != nil || string(body) != "a" {
		t.Errorf("%s %v", body, err)
	}
	for _, cfg := range []fetch.CacheConfig{{}, {Source: s}, {Source: s, Folder: folder}} {
		if _, err := fetch.NewCache(cfg); reason.CodeOf(err) != reason.Usage {
			t.Error(err)
		}
	}
}

// bursting is a source that panics when it may go on.
type bursting struct{ begun, hold chan struct{} }

func (b bursting) Fetch(context.Context, string, string) ([]byte, time.Time, error) {
	close(b.begun)
	<-b.hold
	panic("burst")
}

// TestPanicIsNoWait: who waits for a fetch that panics is told so, and so is who
// asks soon after.
func TestPanicIsNoWait(t *testing.T) {
	t.Parallel()
	b := bursting{make(chan struct{}), make(chan struct{})}
	c := cache(t, &source{}, func(cfg *fetch.CacheConfig) { cfg.Source = b })
	burst := make(chan any)
	go func() {
		defer func() { burst <- recover() }()
		_, _, _ = c.Fetch(t.Context(), listAt, "")
	}()
	<-b.begun
	waiting := make(chan error)
	go func() {
		_, _, err := c.Fetch(t.Context(), listAt, "")
		waiting <- err
	}()
	time.Sleep(10 * time.Millisecond) // for it to wait; if it comes too late, it is told the same
	close(b.hold)
	if <-burst == nil {
		t.Error("the panic was lost")
	}
	for n, err := range []error{<-waiting, func() error { _, _, err := c.Fetch(t.Context(), listAt, ""); return err }()} {
		if reason.CodeOf(err) != reason.Internal {
			t.Errorf("%d: %v", n, err)
		}
	}
}
