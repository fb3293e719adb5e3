package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// now is SQLite's clock, the same for all who have the file open.
const now = "unixepoch('subsec')"

// Enqueue implements issuer.Queue.
func (l *Ledger) Enqueue(ctx context.Context, jobs ...issuer.Job) (int, error) {
	added := 0
	err := l.write(ctx, func(tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, "INSERT INTO job (kind, key, payload, due) VALUES (?, ?, ?, "+now+") ON CONFLICT (key) DO NOTHING")
		if err != nil {
			return err
		}
		for _, j := range jobs {
			result, err := insert.ExecContext(ctx, j.Kind, sql.NullString{String: j.Key, Valid: j.Key != ""}, append([]byte{}, j.Payload...))
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			added += int(n)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}

// Lease implements issuer.Queue.
func (l *Ledger) Lease(ctx context.Context, q issuer.Lease) (issuer.Job, error) {
	kinds, err := json.Marshal(q.Kinds)
	if err != nil {
		return issuer.Job{}, reason.Wrap(reason.Internal, "", err)
	}
	var j issuer.Job
	err = l.db.QueryRowContext(ctx, `UPDATE job SET key = NULL, attempt = attempt + 1, worker = ?, held_until = `+now+` + ? WHERE id = (
		SELECT id FROM job WHERE done_at IS NULL AND due <= `+now+` AND coalesce(held_until, 0) <= `+now+`
			AND kind IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT 1
		) RETURNING id, kind, payload, attempt`, q.Worker, q.For.Seconds(), string(kinds)).Scan(&j.ID, &j.Kind, &j.Payload, &j.Attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return j, issuer.NoJob()
	}
	return j, l.wrap(err)
}

// held changes a job that is still its holder's: of this attempt, not done.
func (l *Ledger) held(ctx context.Context, j issuer.Job, set string, args ...any) error {
	result, err := l.db.ExecContext(ctx, "UPDATE job SET "+set+" WHERE id = ? AND attempt = ? AND held_until IS NOT NULL AND done_at IS NULL", append(args, j.ID, j.Attempt)...)
	if err != nil {
		return l.wrap(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(l.wrap(err), issuer.LeaseLost(j))
	}
	return nil
}

// Extend implements issuer.Queue.
func (l *Ledger) Extend(ctx context.Context, j issuer.Job, d time.Duration) error {
	return l.held(ctx, j, "held_until = "+now+" + ?", d.Seconds())
}

// Finish implements issuer.Queue.
func (l *Ledger) Finish(ctx context.Context, j issuer.Job, outcome string) error {
	return l.held(ctx, j, "done_at = "+now+", held_until = NULL, payload = x'', outcome = ?", outcome)
}

// Release implements issuer.Queue.
func (l *Ledger) Release(ctx context.Context, j issuer.Job, after time.Duration) error {
	return l.held(ctx, j, "held_until = NULL, due = "+now+" + ?", after.Seconds())
}

// Backlog implements issuer.Queue.
func (l *Ledger) Backlog(ctx context.Context) (b issuer.Backlog, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE done_at IS NULL AND held_until IS NULL), count(*) FILTER (WHERE held_until IS NOT NULL),
		count(*) FILTER (WHERE done_at IS NOT NULL), count(*) FILTER (WHERE outcome <> '') FROM job`).Scan(&b.Waiting, &b.Held, &b.Done, &b.Failed)
	return b, l.wrap(err)
}
