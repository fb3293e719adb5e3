package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
)

// page is how many rows are read at a time of what may be long: no connection
// is held while somebody looks at them.
const page = 1000

// Each implements issuer.Archive. What is recorded meanwhile may be among them
// or not.
func (l *Ledger) Each(ctx context.Context, f func(issuer.Record) error) error {
	return l.each(ctx, "WHERE n > $1 ORDER BY n LIMIT $2", nil, f)
}

// SignedBy implements issuer.KeyUse.
func (l *Ledger) SignedBy(ctx context.Context, method string, f func(issuer.Record) error) error {
	return l.each(ctx, "WHERE n > $1 AND method = $3 ORDER BY n LIMIT $2", []any{method}, f)
}

// Signed implements issuer.KeyUse.
func (l *Ledger) Signed(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	rows, err := l.pool.Query(ctx, "SELECT method, count(*) FROM ledger_credential GROUP BY method")
	if err != nil {
		return nil, wrap(err)
	}
	var method string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&method, &n}, func() error {
		out[method] = n
		return nil
	})
	return out, wrap(err)
}

// awarded asks for the first achievement from the one that is meant on, in their
// order: for that the database has to use the index. Asked for the one itself it
// reads the whole table where it has seen that nearly all are of one, since it
// then expects to find that at once.
const awarded = `SELECT EXISTS (SELECT 1 FROM (SELECT achievement FROM ledger_credential WHERE achievement >= $1 ORDER BY achievement LIMIT 1) first
	WHERE achievement = $1)`

// Awarded implements issuer.AchievementUse.
func (l *Ledger) Awarded(ctx context.Context, achievement string) (yes bool, err error) {
	err = l.pool.QueryRow(ctx, awarded, achievement).Scan(&yes)
	return yes, wrap(err)
}

// each calls f with the records of a query, whose first two arguments are the
// number after which to go on and how many to read.
func (l *Ledger) each(ctx context.Context, where string, args []any, f func(issuer.Record) error) error {
	for last, more := int64(0), true; more; {
		rows, err := l.pool.Query(ctx, columns+where, append([]any{last, page}, args...)...)
		if err != nil {
			return wrap(err)
		}
		batch, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (issuer.Record, error) {
			r, n, err := scan(row)
			last = n
			return r, err
		})
		if err != nil {
			return wrap(err)
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

// Find implements issuer.Archive. Records that were made here say for whom they
// are.
func (l *Ledger) Find(ctx context.Context, person string) (ids []string, unknown int, err error) {
	rows, err := l.pool.Query(ctx, "SELECT id FROM ledger_person JOIN ledger_credential ON n = credential WHERE digest = $1 ORDER BY n", l.secret.PersonDigest(person))
	if err == nil {
		ids, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err == nil {
		err = l.pool.QueryRow(ctx, "SELECT count(*) FROM ledger_credential WHERE NOT knows_person AND erased_at IS NULL").Scan(&unknown)
	}
	return ids, unknown, wrap(err)
}

// Erase implements issuer.Archive. What was erased is gone for every reader; the
// database itself writes over it when it next cleans up (VACUUM), and copies of
// the database are for those who make them.
func (l *Ledger) Erase(ctx context.Context, e issuer.Erasure) (int, error) {
	erased := 0
	err := l.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var missing string
		rows, err := tx.Query(ctx, "SELECT x FROM unnest($1::text[]) x WHERE NOT EXISTS (SELECT 1 FROM ledger_credential WHERE id = x) LIMIT 1", e.IDs)
		if err != nil {
			return err
		}
		if _, err := pgx.ForEachRow(rows, []any{&missing}, func() error { return issuer.NoCredential(missing) }); err != nil {
			return err
		}
		rows, err = tx.Query(ctx, `UPDATE ledger_credential SET erased_at = $2, idempotency_key = NULL, award_digest = '', body = '', others = NULL
			WHERE id = ANY($1) AND erased_at IS NULL RETURNING id, n`, e.IDs, clock(e.At))
		if err != nil {
			return err
		}
		var ids []string
		var numbers []int64
		var id string
		var n int64
		if _, err := pgx.ForEachRow(rows, []any{&id, &n}, func() error { ids, numbers = append(ids, id), append(numbers, n); return nil }); err != nil {
			return err
		}
		var b pgx.Batch
		b.Queue("DELETE FROM ledger_person WHERE credential = ANY($1)", numbers)
		b.Queue("UPDATE ledger_audit SET why = '', salt = '', erased = true WHERE credential = ANY($1)", ids)
		var lines []issuer.Line
		for _, id := range ids {
			line, err := issuer.NewLine(issuer.Event{At: e.At, Actor: e.Actor, Action: "erase", Credential: id, Why: e.Why})
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		queueLines(&b, lines)
		erased = len(ids)
		return tx.SendBatch(ctx, &b).Close()
	})
	if err != nil {
		return 0, err
	}
	return erased, nil
}
