package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kompetansebevis/bevis/issuer"
)

// chain adds lines to the audit log in one transaction, which holds the lock of
// all writers.
type chain struct {
	ctx    context.Context
	insert *sql.Stmt // closes with the transaction
	n      int64
	hash   string
}

func openChain(ctx context.Context, tx *sql.Tx) (*chain, error) {
	c := &chain{ctx: ctx}
	var err error
	c.insert, err = tx.PrepareContext(ctx, "INSERT INTO audit (n, at, actor, action, credential, why, salt, why_digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
	if err != nil {
		return nil, err
	}
	err = tx.QueryRowContext(ctx, "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").Scan(&c.n, &c.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return c, err
}

func (c *chain) add(e issuer.Event) error {
	l, err := issuer.NewLine(e)
	if err != nil {
		return err
	}
	l = l.Chain(c.n, c.hash)
	_, err = c.insert.ExecContext(c.ctx, l.N, l.At, l.Actor, l.Action, l.Credential, l.Why, l.Salt, l.WhyDigest, l.Hash)
	c.n, c.hash = l.N, l.Hash
	return err
}

func (l *Ledger) log(ctx context.Context, tx *sql.Tx, e issuer.Event) error {
	c, err := openChain(ctx, tx)
	if err != nil {
		return err
	}
	return c.add(e)
}

// Log implements issuer.AuditLog.
func (l *Ledger) Log(ctx context.Context, e issuer.Event) error {
	return l.write(ctx, func(tx *sql.Tx) error { return l.log(ctx, tx, e) })
}

// Lines implements issuer.AuditLog.
func (l *Ledger) Lines(ctx context.Context, n int64, f func(issuer.Line) error) error {
	return l.wrap(readLines(ctx, l.db, n, f))
}

func readLines(ctx context.Context, q querier, n int64, f func(issuer.Line) error) error {
	for more := true; more; {
		batch := make([]issuer.Line, 0, page)
		err := rows(ctx, q, "SELECT n, at, actor, action, credential, why, salt, why_digest, erased, hash FROM audit WHERE n > ? ORDER BY n LIMIT ?", []any{n, page}, func(s scanner) error {
			var l issuer.Line
			defer func() { batch, n = append(batch, l), l.N }()
			return s.Scan(&l.N, &l.At, &l.Actor, &l.Action, &l.Credential, &l.Why, &l.Salt, &l.WhyDigest, &l.Erased, &l.Hash)
		})
		if err != nil {
			return err
		}
		for _, line := range batch {
			if err := f(line); err != nil {
				return failed{err}
			}
		}
		more = len(batch) == page
	}
	return nil
}

// failed is an error of who was called with something, which is no error of the
// ledger.
type failed struct{ error }
