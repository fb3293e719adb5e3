package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/kompetansebevis/bevis/issuer"
)

// page is how many rows are read at a time of what may be long: nobody else
// waits meanwhile.
const page = 1000

// Each implements issuer.Archive.
func (l *Ledger) Each(ctx context.Context, f func(issuer.Record) error) error {
	return l.each(ctx, "WHERE n > ? ORDER BY n LIMIT ?", nil, f)
}

// SignedBy implements issuer.KeyUse.
func (l *Ledger) SignedBy(ctx context.Context, method string, f func(issuer.Record) error) error {
	if method == "" {
		return l.each(ctx, "WHERE method IS NULL AND n > ? ORDER BY n LIMIT ?", nil, f)
	}
	return l.each(ctx, "WHERE method = (SELECT m.n FROM method m WHERE m.id = ?) AND n > ? ORDER BY n LIMIT ?", []any{method}, f)
}

// Signed implements issuer.KeyUse.
func (l *Ledger) Signed(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	err := rows(ctx, l.db, "SELECT coalesce((SELECT m.id FROM method m WHERE m.n = method), ''), count(*) FROM credential GROUP BY method", nil, func(r scanner) error {
		var method string
		var n int
		err := r.Scan(&method, &n)
		out[method] = n
		return err
	})
	return out, l.wrap(err)
}

const awarded = "SELECT EXISTS (SELECT 1 FROM credential WHERE achievement = ?)"

// Awarded implements issuer.AchievementUse.
func (l *Ledger) Awarded(ctx context.Context, achievement string) (yes bool, err error) {
	err = l.db.QueryRowContext(ctx, awarded, achievement).Scan(&yes)
	return yes, l.wrap(err)
}

// each calls f with the records of a query whose last two arguments are the
// number after which to go on and how many to read.
func (l *Ledger) each(ctx context.Context, where string, args []any, f func(issuer.Record) error) error {
	for last, more := int64(0), true; more; {
		batch := make([]issuer.Record, 0, page)
		err := rows(ctx, l.db, columns+where, append(args[:len(args):len(args)], last, page), func(s scanner) error {
			r, n, err := scan(s)
			batch, last = append(batch, r), n
			return err
		})
		if err != nil {
			return l.wrap(err)
		}
		for _, r := range batch {
			if err := f(r); err != nil {
				return err
			}
		}
		more = len(batch) == page
	}
	return nil
}

// Find implements issuer.Archive.
func (l *Ledger) Find(ctx context.Context, person string) (ids []string, unknown int, err error) {
	of, err := l.prepared(ctx, "SELECT id FROM person JOIN credential ON n = credential WHERE digest = ? ORDER BY n")
	if err == nil {
		err = each(func() (*sql.Rows, error) { return of.QueryContext(ctx, l.secret.PersonDigest(person)) }, func(s scanner) error {
			var id string
			defer func() { ids = append(ids, id) }()
			return s.Scan(&id)
		})
	}
	var others *sql.Stmt
	if err == nil {
		others, err = l.prepared(ctx, "SELECT count(*) FROM credential WHERE NOT knows_person AND erased_at IS NULL")
	}
	if err == nil {
		err = others.QueryRowContext(ctx).Scan(&unknown)
	}
	return ids, unknown, l.wrap(err)
}

// Erase implements issuer.Archive. What was erased is gone from the file and
// from its log as soon as nobody reads who began before.
func (l *Ledger) Erase(ctx context.Context, e issuer.Erasure) (int, error) {
	erased := 0
	err := l.write(ctx, func(tx *sql.Tx) error {
		for _, id := range e.IDs {
			now, err := l.erase(ctx, tx, id, e)
			if err != nil {
				return err
			}
			if now {
				erased++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if erased > 0 {
		_, err = l.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	return erased, l.wrap(err)
}

// erase erases one credential, and reports whether it had not been.
func (l *Ledger) erase(ctx context.Context, tx *sql.Tx, id string, e issuer.Erasure) (bool, error) {
	var n int64
	var done bool
	err := tx.QueryRowContext(ctx, "SELECT n, erased_at IS NOT NULL FROM credential WHERE id = ?", id).Scan(&n, &done)
	if errors.Is(err, sql.ErrNoRows) {
		return false, issuer.NoCredential(id)
	}
	if err != nil || done {
		return false, err
	}
	for _, change := range []struct {
		query string
		args  []any
	}{
		{"UPDATE credential SET erased_at = ?, idempotency_key = NULL, award_digest = '', body = x'', others = NULL WHERE n = ?", []any{clock(e.At), n}},
		{"DELETE FROM person WHERE credential = ?", []any{n}},
		{"UPDATE audit SET why = '', salt = '', erased = 1 WHERE credential = ?", []any{id}},
	} {
		if _, err := tx.ExecContext(ctx, change.query, change.args...); err != nil {
			return false, err
		}
	}
	return true, l.log(ctx, tx, issuer.Event{At: e.At, Actor: e.Actor, Action: "erase", Credential: id, Why: e.Why})
}
