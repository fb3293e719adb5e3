package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
)

// Log implements issuer.AuditLog.
func (l *Ledger) Log(ctx context.Context, e issuer.Event) error {
	var b pgx.Batch
	if err := queueLine(&b, e); err != nil {
		return err
	}
	return wrap(l.pool.SendBatch(ctx, &b).Close())
}

// Lines implements issuer.AuditLog. First it puts into the chain what is not
// there yet.
func (l *Ledger) Lines(ctx context.Context, n int64, f func(issuer.Line) error) error {
	for more := true; more; {
		sealed := 0
		err := l.change(ctx, func(ctx context.Context, tx pgx.Tx) (err error) {
			sealed, err = seal(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		more = sealed == sealAtOnce
	}
	for more := true; more; {
		rows, err := l.pool.Query(ctx, "SELECT pos, at, actor, action, credential, why, salt, why_digest, erased, hash FROM ledger_audit WHERE pos > $1 ORDER BY pos LIMIT $2", n, page)
		if err != nil {
			return wrap(err)
		}
		batch, err := pgx.CollectRows(rows, pgx.RowToStructByPos[issuer.Line])
		if err != nil {
			return wrap(err)
		}
		for _, line := range batch {
			if err := f(line); err != nil {
				return err
			}
			n = line.N
		}
		more = len(batch) == page
	}
	return nil
}

// sealAtOnce is how many lines get their place in one transaction.
const sealAtOnce = 5000

// seal gives lines that are committed and have no place yet the next ones.
func seal(ctx context.Context, tx pgx.Tx) (int, error) {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockSpace, lockSeal); err != nil {
		return 0, err
	}
	var pos int64
	var hash string
	err := tx.QueryRow(ctx, "SELECT pos, hash FROM ledger_audit WHERE pos IS NOT NULL ORDER BY pos DESC LIMIT 1").Scan(&pos, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, err
	}
	rows, err := tx.Query(ctx, "SELECT n, at, actor, action, credential, why_digest FROM ledger_audit WHERE pos IS NULL ORDER BY n LIMIT $1", sealAtOnce)
	if err != nil {
		return 0, err
	}
	var numbers, places []int64
	var hashes []string
	var n int64
	var line issuer.Line
	if _, err := pgx.ForEachRow(rows, []any{&n, &line.At, &line.Actor, &line.Action, &line.Credential, &line.WhyDigest}, func() error {
		next := line.Chain(pos, hash)
		pos, hash = next.N, next.Hash
		numbers, places, hashes = append(numbers, n), append(places, pos), append(hashes, hash)
		return nil
	}); err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `UPDATE ledger_audit a SET pos = u.pos, hash = u.hash
		FROM unnest($1::bigint[], $2::bigint[], $3::text[]) u (n, pos, hash) WHERE a.n = u.n`, numbers, places, hashes)
	return len(numbers), err
}
