package wallet

import (
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// guard is the wallet's mutex. Whoever takes it uses the wallet, which is what
// puts the idle lock off: no method can forget to say so.
type guard struct {
	mu   sync.Mutex
	used func() // called with the mutex held; nil for nothing
}

func (g *guard) Lock() {
	g.mu.Lock()
	if g.used != nil {
		g.used()
	}
}

func (g *guard) Unlock() { g.mu.Unlock() }

// idleLock is what locks a wallet that nobody uses.
type idleLock struct {
	after time.Duration
	last  time.Time // of the latest use, by the wallet's clock
	timer *time.Timer
}

// watch begins to wait for nobody to use the wallet.
func (w *Wallet) watch(after time.Duration) {
	if after <= 0 {
		return
	}
	w.idle = idleLock{after: after, last: wall(w.now())}
	w.mu.used = w.touch
	w.mu.Lock()
	defer w.mu.Unlock()
}

// wall drops the monotonic clock, which stands still while a computer sleeps.
func wall(t time.Time) time.Time { return t.Round(0) }

// touch is called at each use. Timers stand still while a computer sleeps, so
// it looks at the clock as well.
func (w *Wallet) touch() {
	if w.identity == nil {
		return
	}
	now := wall(w.now())
	if now.Sub(w.idle.last) >= w.idle.after {
		w.forget()
		return
	}
	w.idle.last = now
	if w.idle.timer != nil {
		w.idle.timer.Stop()
	}
	var timer *time.Timer
	timer = time.AfterFunc(w.idle.after, func() {
		w.mu.mu.Lock()
		defer w.mu.mu.Unlock()
		if w.idle.timer == timer { // else it was used in the last instant
			w.forget()
		}
	})
	w.idle.timer = timer
}

// forget drops what the wallet holds.
func (w *Wallet) forget() {
	if w.idle.timer != nil {
		w.idle.timer.Stop()
		w.idle.timer = nil
	}
	w.identity, w.lines, w.parts, w.state = nil, nil, nil, &state{}
	w.frames, w.index = nil, index{} // frames are packed, and in the clear
}

// Lock makes the wallet forget its keys and all that is in it. Then it shows
// nothing, and what would change it or needs a key is locked/closed; Open opens
// it again. Credentials that were handed out stay with whoever has them, and
// memory that is given up is not overwritten: Go cannot promise that.
func (w *Wallet) Lock() {
	w.mu.mu.Lock()
	defer w.mu.mu.Unlock()
	w.forget()
}

// Locked reports whether the wallet was locked, by Lock or for want of use.
// A locked wallet has no credentials to show: who finds none asks here. Asking
// is no use of it.
func (w *Wallet) Locked() bool {
	w.mu.mu.Lock()
	defer w.mu.mu.Unlock()
	return w.identity == nil
}

// closed is the error of a locked wallet. The mutex is held.
func (w *Wallet) closed() error {
	if w.identity != nil {
		return nil
	}
	return errLocked()
}

func errLocked() error { return reason.New("locked/closed", "", "the wallet was locked") }
