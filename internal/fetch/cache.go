package fetch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Defaults of CacheConfig.
const (
	DefaultMaxAge   = 5 * time.Minute
	DefaultMaxKept  = 256 << 20
	anewAge         = time.Minute      // a copy that is no older is as good as another look
	failureAge      = 30 * time.Second // for how long a host that failed is not asked again
	maxFailuresKept = 1000
)

// Source gets documents. *Client is one.
type Source interface {
	Fetch(ctx context.Context, url, accept string) (body []byte, asOf time.Time, err error)
}

// Facts are what a document says of its own age. Nothing of it is proven; it
// only decides whether a copy is used or another asked for.
type Facts struct {
	Made  time.Time     // zero: not said
	Until time.Time     // zero: not said
	Life  time.Duration // for how long a copy may be used, zero: not said
}

// CacheConfig is what a Cache works with.
type CacheConfig struct {
	Source Source           // required
	Folder string           // required; it is made when something is first kept
	Now    func() time.Time // required, usually time.Now
	// MaxAge is how old a copy may be to be used without asking for another,
	// zero: DefaultMaxAge.
	MaxAge time.Duration
	// Refresh passes over copies from before the Cache was made.
	Refresh bool
	// MaxKept bounds the bytes of all copies, zero: DefaultMaxKept. The copies
	// that were made first go first.
	MaxKept int64
	// About reads what a document says of its age, nil: nothing.
	About func(body []byte) Facts
}

// Cache keeps copies of what it fetched on disk, and has them used offline and
// while the network fails. It is safe for concurrent use, also by several
// processes.
//
// A copy never takes the place of one that was made later, by the word of both:
// else a host that serves an old list would undo a revocation that is known.
type Cache struct {
	cfg     CacheConfig
	started time.Time

	mu      sync.Mutex
	flights map[string]*flight
	failed  map[string]failure
}

// flight is a fetch that is under way.
type flight struct {
	done chan struct{}
	copy kept
	err  error
}

type failure struct {
	err error
	at  time.Time
}

// NewCache returns a cache, or an error of code usage.
func NewCache(cfg CacheConfig) (*Cache, error) {
	switch {
	case cfg.Source == nil:
		return nil, reason.New(reason.Usage, "fetch.CacheConfig", "Source is nil: use a Client")
	case cfg.Folder == "":
		return nil, reason.New(reason.Usage, "fetch.CacheConfig", "Folder is empty")
	case cfg.Now == nil:
		return nil, reason.New(reason.Usage, "fetch.CacheConfig", "Now is nil: use time.Now")
	}
	if cfg.MaxAge <= 0 {
		cfg.MaxAge = DefaultMaxAge
	}
	if cfg.MaxKept <= 0 {
		cfg.MaxKept = DefaultMaxKept
	}
	if cfg.About == nil {
		cfg.About = func([]byte) Facts { return Facts{} }
	}
	return &Cache{cfg: cfg, started: cfg.Now(), flights: map[string]*flight{}, failed: map[string]failure{}}, nil
}

// Fetch returns the copy of a document if it is fresh, and else asks for it.
// Where it cannot be had, because no connection is made or the network fails,
// it returns the copy with its age, for the caller to judge.
func (c *Cache) Fetch(ctx context.Context, url, accept string) (body []byte, asOf time.Time, err error) {
	return c.fetch(ctx, url, accept, c.cfg.MaxAge)
}

// FetchAnew asks for a document although there is a copy that is fresh, and
// returns no copy in its place.
func (c *Cache) FetchAnew(ctx context.Context, url, accept string) (body []byte, asOf time.Time, err error) {
	body, asOf, err = c.fetch(ctx, url, accept, min(anewAge, c.cfg.MaxAge))
	if err == nil && c.cfg.Now().Sub(asOf) > anewAge {
		return nil, time.Time{}, reason.New("fetch_failed/network", url, "nothing newer than the copy could be had")
	}
	return body, asOf, err
}

func (c *Cache) fetch(ctx context.Context, url, accept string, maxAge time.Duration) ([]byte, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return nil, time.Time{}, reason.Wrap(reason.Canceled, url, err)
	}
	if old, ok := c.load(url); ok && !old.gone && c.fresh(old, maxAge) {
		return old.body, old.fetched, nil
	}
	for {
		got, own, err := c.once(ctx, url, accept, maxAge)
		if err == nil {
			return got.body, got.fetched, nil
		}
		if !own && reason.CodeOf(err) == reason.Canceled && ctx.Err() == nil {
			continue // who asked before us gave up
		}
		old, ok := c.load(url)
		switch {
		case !ok || !unreachable(err) || c.cfg.Refresh:
		case old.gone:
			err = withdrawn(url)
		default:
			return old.body, old.fetched, nil
		}
		return nil, time.Time{}, err
	}
}

// fresh reports whether a copy may be used without asking for another.
func (c *Cache) fresh(k kept, maxAge time.Duration) bool {
	now, about := c.cfg.Now(), c.cfg.About(k.body)
	if about.Life > 0 && about.Life < maxAge {
		maxAge = about.Life
	}
	age := now.Sub(k.fetched)
	return age >= 0 && age < maxAge && (about.Until.IsZero() || now.Before(about.Until)) && !(c.cfg.Refresh && k.fetched.Before(c.started))
}

// unreachable reports whether an error says that nobody was reached, so that a
// copy is as much as can be had. A connection that was refused for what it is,
// such as one that is not secure, is no reason to overlook that; nor is it when
// the host answers that what it had is there no more, by which a list is
// withdrawn and a did:web ended.
func unreachable(err error) bool {
	code := reason.CodeOf(err)
	if code == codeGone || errors.Is(err, ErrNotFound) {
		return false
	}
	return code == "remote_fetch_blocked/offline" || code.Coarse() == string(reason.FetchFailed)
}

const codeGone reason.Code = "fetch_failed/gone"

func withdrawn(url string) error {
	return reason.New(codeGone, url, "the server has withdrawn it for good")
}

// once asks the source, but only once for all who ask at the same time. Own
// says that it was this call that asked.
func (c *Cache) once(ctx context.Context, url, accept string, maxAge time.Duration) (got kept, own bool, err error) {
	c.mu.Lock()
	if f, ok := c.failed[url]; ok && c.cfg.Now().Sub(f.at) < failureAge {
		c.mu.Unlock()
		return kept{}, true, f.err
	}
	f, running := c.flights[url]
	if !running {
		f = &flight{done: make(chan struct{}), err: reason.New(reason.Internal, url, "the fetch did not end")}
		c.flights[url] = f
	}
	c.mu.Unlock()
	if running {
		select {
		case <-f.done:
			return f.copy, false, f.err
		case <-ctx.Done():
			return kept{}, false, reason.Wrap(reason.Canceled, url, ctx.Err())
		}
	}
	defer c.land(ctx, url, f) // also if the source panics: others wait for it
	f.copy, f.err = c.ask(ctx, url, accept, maxAge)
	return f.copy, true, f.err
}

// land ends a flight, with what has come of it.
func (c *Cache) land(ctx context.Context, url string, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.flights, url)
	if len(c.failed) >= maxFailuresKept {
		clear(c.failed)
	}
	if f.err != nil && ctx.Err() == nil {
		c.failed[url] = failure{f.err, c.cfg.Now()}
	} else {
		delete(c.failed, url)
	}
	close(f.done)
}

func (c *Cache) ask(ctx context.Context, url, accept string, maxAge time.Duration) (kept, error) {
	if old, ok := c.load(url); ok && !old.gone && c.fresh(old, maxAge) {
		return old, nil // it came while this call looked
	}
	body, asOf, err := c.cfg.Source.Fetch(ctx, url, accept)
	if err != nil {
		if ctx.Err() != nil {
			err = reason.New(reason.Canceled, url, "%w", ctx.Err())
		}
		// What was withdrawn for good stays so when the network fails later. The
		// copy is kept to tell an older one that may come in its place.
		if old, ok := c.load(url); ok && reason.CodeOf(err) == codeGone {
			old.gone = true
			_ = c.store(old)
		}
		return kept{}, err
	}
	got := kept{url: url, fetched: asOf, body: body}
	if old, ok := c.load(url); ok && !c.cfg.Refresh {
		was, is := c.cfg.About(old.body).Made, c.cfg.About(body).Made
		switch {
		case !was.IsZero() && is.IsZero(): // it is something else: judged as it is, and not kept
			return got, nil
		case is.Before(was) && old.gone:
			return kept{}, withdrawn(url)
		case is.Before(was):
			return old, nil
		}
	}
	_ = c.store(got) // what was asked for is at hand; that it is not kept costs a connection the next time
	return got, nil
}

// Put keeps a document as if it had been fetched at a time.
func (c *Cache) Put(url string, body []byte, asOf time.Time) error {
	return c.store(kept{url: url, fetched: asOf, body: body})
}
