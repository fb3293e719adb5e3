package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// A place must be on the disk before it is given: whoever has it may be slow to
// use it, and the server may crash meanwhile. While the database waits for the
// disk it holds the list, so a process asks for the places of all who wait
// there at once. Those who come meanwhile are in the next round.

// deskTime bounds a round, which is for many and so does not end with one of
// them.
const deskTime = 30 * time.Second

type deskKey struct {
	purpose string
	size    int
	bits    int
}

type desk struct {
	mu     sync.Mutex
	rounds map[deskKey]*round      // that still takes people in
	turn   map[deskKey]*sync.Mutex // held by the round that asks the database
}

type round struct {
	n     int
	done  chan struct{}
	slots []issuer.Slot
	err   error
}

func newDesk() *desk {
	return &desk{rounds: map[deskKey]*round{}, turn: map[deskKey]*sync.Mutex{}}
}

// take returns n places that ask returns for all of a round.
func (d *desk) take(ctx context.Context, key deskKey, n int, ask func(ctx context.Context, n int) ([]issuer.Slot, error)) ([]issuer.Slot, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	r, turn := d.rounds[key], d.turn[key]
	if r == nil {
		if turn == nil {
			turn = &sync.Mutex{}
			d.turn[key] = turn
		}
		r = &round{done: make(chan struct{})}
		d.rounds[key] = r
		go d.run(context.WithoutCancel(ctx), key, r, turn, ask)
	}
	at := r.n
	r.n += n
	d.mu.Unlock()
	select {
	case <-ctx.Done():
		return nil, ctx.Err() // the places are used by nobody
	case <-r.done:
	}
	if r.err != nil {
		return nil, r.err
	}
	return r.slots[at : at+n], nil
}

func (d *desk) run(ctx context.Context, key deskKey, r *round, turn *sync.Mutex, ask func(context.Context, int) ([]issuer.Slot, error)) {
	turn.Lock()
	defer turn.Unlock()
	d.mu.Lock()
	delete(d.rounds, key)
	d.mu.Unlock() // from here on r.n stays
	ctx, stop := context.WithTimeout(ctx, deskTime)
	defer stop()
	if r.slots, r.err = ask(ctx, r.n); r.err != nil && ctx.Err() != nil {
		r.err = reason.New("io/ledger-unreachable", "", "the ledger's database did not answer for %v", deskTime)
	}
	close(r.done)
}
