package app

import (
	"context"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

// Freshness is how old what is known of keys and status may be.
type Freshness struct {
	MaxAge  time.Duration // zero: as verifier.Config says
	Refresh bool          // pass over the copies that are kept
}

// copiesFolder is where copies of keys and status lists are kept. They may be
// deleted at any time.
const copiesFolder = "cache"

// copies returns a source that keeps what it fetches, for use offline and while
// the network fails.
func (a *App) copies(client fetch.Source, fresh Freshness) (*fetch.Cache, error) {
	return fetch.NewCache(fetch.CacheConfig{
		Source: client, Folder: a.path(copiesFolder), Now: a.cfg.Now, Refresh: fresh.Refresh,
		MaxAge: sooner(fresh.MaxAge, fetch.DefaultMaxAge),
		About: func(body []byte) fetch.Facts {
			c := status.Claimed(body)
			return fetch.Facts{Made: c.Made, Until: c.Until, Life: c.Life}
		},
	})
}

// sooner returns the shorter of two times of which zero means none.
func sooner(a, b time.Duration) time.Duration {
	if a > 0 && a < b {
		return a
	}
	return b
}

// Renew implements did.Renewer, once for each DID in a run.
func (s *sharedDocuments) Renew(ctx context.Context, id string) (*did.Document, error) {
	return s.again.get(ctx, id, func() (*did.Document, error) {
		if r, ok := s.from.(did.Renewer); ok {
			return r.Renew(ctx, id)
		}
		return nil, reason.New("key_unavailable/fetch", id, "nothing newer is at hand")
	})
}
