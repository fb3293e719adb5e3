package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
)

// Move gives all books to f while nobody else writes, and closes them for good
// when f has them: every change after that is conflict/ledger-moved, also by
// processes that have the file open. If f fails nothing changes. It can be called
// again on books that were closed.
func (l *Ledger) Move(ctx context.Context, f func(issuer.Books) error) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		if err := f(given{l, tx}); err != nil {
			return err
		}
		for _, table := range []string{"list", "entry", "credential", "person", "audit", "job", "method"} {
			for _, change := range []string{"INSERT", "UPDATE", "DELETE"} {
				_, err := tx.ExecContext(ctx, "CREATE TRIGGER IF NOT EXISTS moved_"+table+"_"+change+" BEFORE "+change+" ON "+table+" BEGIN SELECT RAISE(ABORT, 'moved'); END")
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// given are the books in a transaction.
type given struct {
	l  *Ledger
	tx *sql.Tx
}

func (g given) Secret() issuer.Secret { return g.l.secret }

func (g given) Lists(ctx context.Context) ([]issuer.KeptList, error) {
	lists, err := readLists(ctx, g.tx)
	if err != nil {
		return nil, g.l.wrap(err)
	}
	out := make([]issuer.KeptList, len(lists))
	for n, s := range lists {
		out[n].ListState = s
		err := g.tx.QueryRowContext(ctx, "SELECT next, EXISTS (SELECT 1 FROM drawn WHERE purpose = ?1 AND list = ?2) FROM list WHERE purpose = ?1 AND number = ?2", s.Purpose, s.List).
			Scan(&out[n].Next, &out[n].Drawn)
		if err != nil {
			return nil, g.l.wrap(err)
		}
	}
	return out, nil
}

func (g given) Credentials(ctx context.Context, f func([]issuer.KeptRecord) error) error {
	query := strings.Replace(columns, " FROM credential ", ", coalesce(key_digest, ''), knows_person, (SELECT json_group_array(digest) FROM person WHERE credential = n) FROM credential ", 1) + "WHERE n > ? ORDER BY n LIMIT ?"
	return pages(ctx, g, query, f, func(s scanner) (k issuer.KeptRecord, n int64, err error) {
		var persons string
		k.Record, n, err = scan(beyond{s, []any{&k.KeyDigest, &k.KnowsPerson, &persons}})
		if err == nil {
			err = json.Unmarshal([]byte(persons), &k.PersonsAre)
		}
		return k, n, err
	})
}

// pages hands on the rows of a query, some at a time. The query takes the number
// of the last row that was read, and how many are wanted; read returns a row with
// its number.
func pages[T any](ctx context.Context, g given, query string, f func([]T) error, read func(scanner) (T, int64, error)) error {
	for last, more := int64(0), true; more; {
		batch := make([]T, 0, page)
		err := rows(ctx, g.tx, query, []any{last, page}, func(s scanner) error {
			row, n, err := read(s)
			batch, last = append(batch, row), n
			return err
		})
		if err != nil {
			return g.l.wrap(err)
		}
		if more = len(batch) == page; len(batch) > 0 {
			if err := f(batch); err != nil {
				return err
			}
		}
	}
	return nil
}

// beyond is a row with more columns than who scans it knows.
type beyond struct {
	scanner
	more []any
}

func (b beyond) Scan(to ...any) error { return b.scanner.Scan(append(to, b.more...)...) }

func (g given) Lines(ctx context.Context, n int64, f func(issuer.Line) error) error {
	return g.l.wrap(readLines(ctx, g.tx, n, f))
}

func (g given) Jobs(ctx context.Context, f func([]issuer.KeptJob) error) error {
	const query = "SELECT id, kind, coalesce(key, ''), payload, attempt, worker, outcome, due, coalesce(held_until, 0), coalesce(done_at, 0) FROM job WHERE id > ? ORDER BY id LIMIT ?"
	return pages(ctx, g, query, f, func(s scanner) (j issuer.KeptJob, n int64, err error) {
		var due, held, done float64
		err = s.Scan(&j.ID, &j.Kind, &j.Key, &j.Payload, &j.Attempt, &j.Worker, &j.Outcome, &due, &held, &done)
		j.Due, j.HeldUntil, j.Done = moment(due), moment(held), moment(done)
		return j, j.ID, err
	})
}

// moment reads a time by SQLite's clock.
func moment(seconds float64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}
