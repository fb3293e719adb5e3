package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
)

// Enqueue implements issuer.Queue.
func (l *Ledger) Enqueue(ctx context.Context, jobs ...issuer.Job) (added int, err error) {
	var kinds []string
	var keys []*string
	var payloads [][]byte
	for _, j := range jobs {
		var key *string
		if j.Key != "" {
			key = &j.Key
		}
		kinds, keys, payloads = append(kinds, j.Kind), append(keys, key), append(payloads, append([]byte{}, j.Payload...))
	}
	err = again(func() error {
		tag, err := l.pool.Exec(ctx, `INSERT INTO ledger_job (kind, key, payload)
			SELECT kind, key, payload FROM unnest($1::text[], $2::text[], $3::bytea[]) WITH ORDINALITY j (kind, key, payload, k) ORDER BY k
			ON CONFLICT (key) DO NOTHING`, kinds, keys, payloads)
		added = int(tag.RowsAffected())
		return err
	})
	return added, err
}

// Lease implements issuer.Queue. Those who ask at the same time pass over what
// another is just taking, and do not wait.
func (l *Ledger) Lease(ctx context.Context, q issuer.Lease) (issuer.Job, error) {
	var j issuer.Job
	err := l.pool.QueryRow(ctx, `UPDATE ledger_job SET key = NULL, attempt = attempt + 1, worker = $1, held_until = clock_timestamp() + $2::interval
		WHERE id = (
			SELECT id FROM ledger_job WHERE done_at IS NULL AND due <= clock_timestamp() AND (held_until IS NULL OR held_until <= clock_timestamp())
				AND kind = ANY($3) ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
		) RETURNING id, kind, payload, attempt`, q.Worker, q.For, q.Kinds).Scan(&j.ID, &j.Kind, &j.Payload, &j.Attempt)
	if errors.Is(err, pgx.ErrNoRows) {
		return j, issuer.NoJob()
	}
	return j, wrap(err)
}

// held changes a job that is still its holder's: of this attempt, not done. The
// change begins with parameter 3.
func (l *Ledger) held(ctx context.Context, j issuer.Job, set string, arg any) error {
	tag, err := l.pool.Exec(ctx, "UPDATE ledger_job SET "+set+" WHERE id = $1 AND attempt = $2 AND held_until IS NOT NULL AND done_at IS NULL", j.ID, j.Attempt, arg)
	if err == nil && tag.RowsAffected() == 0 {
		return issuer.LeaseLost(j)
	}
	return wrap(err)
}

// Extend implements issuer.Queue.
func (l *Ledger) Extend(ctx context.Context, j issuer.Job, d time.Duration) error {
	return l.held(ctx, j, "held_until = clock_timestamp() + $3::interval", d)
}

// Finish implements issuer.Queue.
func (l *Ledger) Finish(ctx context.Context, j issuer.Job, outcome string) error {
	return l.held(ctx, j, "done_at = clock_timestamp(), held_until = NULL, payload = '', outcome = $3", outcome)
}

// Release implements issuer.Queue.
func (l *Ledger) Release(ctx context.Context, j issuer.Job, after time.Duration) error {
	return l.held(ctx, j, "held_until = NULL, due = clock_timestamp() + $3::interval", after)
}

// Backlog implements issuer.Queue.
func (l *Ledger) Backlog(ctx context.Context) (b issuer.Backlog, err error) {
	err = l.pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE done_at IS NULL AND held_until IS NULL), count(*) FILTER (WHERE held_until IS NOT NULL),
		count(*) FILTER (WHERE done_at IS NOT NULL), count(*) FILTER (WHERE outcome <> '') FROM ledger_job`).Scan(&b.Waiting, &b.Held, &b.Done, &b.Failed)
	return b, wrap(err)
}
