package issuer

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// away keeps those who ask from a ledger that does not answer. All of them come
// again, and without this each would wait for a connection anew, until the
// service has no time left for the first answer that the ledger gives.
type away struct {
	mu    sync.Mutex
	fails int       // one after the other
	since time.Time // the first of them
	next  time.Time // when the ledger is asked again
}

// After awayAfter failures one after the other, the ledger is asked once in
// askAgain until it answers.
const (
	awayAfter = 5
	askAgain  = 200 * time.Millisecond
)

// enter reports whether the ledger may be asked.
func (a *away) enter(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fails < awayAfter {
		return true
	}
	if now.Before(a.next) {
		return false
	}
	a.next = now.Add(askAgain)
	return true
}

// heard keeps whether the ledger answered.
func (a *away) heard(answered bool, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if answered {
		a.fails = 0
		return
	}
	if a.fails++; a.fails == 1 {
		a.since = now
	}
	a.next = now.Add(askAgain)
}

// retryAfter is in how many seconds to ask again: the more the longer the ledger
// has been away, and not the same for all, so that they do not come back at once.
func (a *away) retryAfter(now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	spread := 3
	if a.fails > 0 {
		spread += int(min(max(now.Sub(a.since), 0), 7*time.Second) / time.Second)
	}
	return strconv.Itoa(1 + rand.IntN(spread))
}

// ask asks the desk for something that the ledger has to answer.
func (s *Server) ask(f func() error) error {
	if !s.away.enter(s.cfg.Now()) {
		return reason.New("io/ledger-unreachable", "", "the ledger did not answer a moment ago")
	}
	err := f()
	s.away.heard(!ledgerAway(err), s.cfg.Now())
	return err
}

// ledgerAway reports whether an error says that the ledger does not answer.
func ledgerAway(err error) bool {
	return reason.CodeOf(err) == "io/ledger-unreachable" || reason.CodeOf(err) == reason.Canceled || errors.Is(err, context.DeadlineExceeded)
}
