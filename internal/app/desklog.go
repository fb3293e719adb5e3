package app

import (
	"context"
	"time"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// deskLog is the transparency log of an issuer whose books stay open. It
// remembers where entries are, some 50 bytes of each, once somebody asks for a
// proof.
type deskLog struct {
	app    *App
	books  books
	turn   chan struct{} // is full while somebody is at the log
	places map[[16]byte]int64
	read   int64 // entries of which that is known
}

func newDeskLog(a *App, l books) *deskLog {
	return &deskLog{app: a, books: l, turn: make(chan struct{}, 1), places: map[[16]byte]int64{}}
}

// with opens the log for f, for one at a time.
func (d *deskLog) with(ctx context.Context, f func(*issuerLog) error) error {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	l, err := d.app.openLog(ctx)
	if err != nil {
		return err
	}
	defer l.Close()
	return f(l)
}

// find returns the place of an entry, and reads what was added since it did so
// last.
func (d *deskLog) find(ctx context.Context, l *issuerLog, leaf logproof.Hash) (int64, bool, error) {
	half := [16]byte(leaf[:16])
	if at, ok := d.places[half]; ok {
		return at, true, nil
	}
	err := l.Entries(ctx, d.read, func(at int64, e []byte) error {
		h := logproof.LeafHash(e)
		d.places[[16]byte(h[:16])] = at
		d.read = at + 1
		return nil
	})
	at, ok := d.places[half]
	return at, ok, err
}

// prove returns the proof of a credential, which is put into the log if it is not
// in it: with all that was issued meanwhile, so that of many who ask one waits
// for a new checkpoint, and the others find theirs under it.
func (d *deskLog) prove(ctx context.Context, credential []byte) (proof []byte, err error) {
	err = d.with(ctx, func(l *issuerLog) error {
		f := loggedAs(l.salts, "", credential)
		at, ok, err := d.find(ctx, l, f.leaf)
		if err == nil && !ok {
			if _, err = l.catchUp(ctx, d.books); err == nil {
				at, ok, err = d.find(ctx, l, f.leaf)
			}
		}
		switch {
		case err != nil:
			return err
		case !ok:
			return reason.New("not_found/log-entry", "", "this credential is not in the log")
		}
		if proof, err = l.Prove(ctx, at, f.salt); err == nil && !f.has(proof, l.key) {
			err = reason.New("log_broken/changed", l.Checkpoint().Origin, "the entry at %d is not the one that the log was signed with", at)
		}
		return err
	})
	return proof, err
}

// LogProof returns the proof that a credential of the books is in the
// transparency log, not_found/log if the issuer keeps none here.
func (d *IssuerDesk) LogProof(ctx context.Context, credential []byte) ([]byte, error) {
	return d.log.prove(ctx, credential)
}

// lastLogging bounds what KeepLog does when ctx has ended.
const lastLogging = 30 * time.Second

// KeepLog puts what is issued into the transparency log, if the issuer keeps one
// here, until ctx ends, and then a last time. Failed is called with each error;
// it is tried again.
func (d *IssuerDesk) KeepLog(ctx context.Context, failed func(error)) {
	catchUp := func(ctx context.Context) {
		if !d.app.HasLog() {
			return
		}
		if err := d.log.with(ctx, func(l *issuerLog) error {
			_, err := l.catchUp(ctx, d.ledger)
			return err
		}); err != nil {
			failed(err)
		}
	}
	for wait(ctx, logEvery) == nil {
		catchUp(ctx)
	}
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastLogging)
	defer stop()
	catchUp(last)
}
