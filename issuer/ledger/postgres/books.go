package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
)

// Reserve implements issuer.Ledger.
func (l *Ledger) Reserve(ctx context.Context, r issuer.Reservation) ([]issuer.Slot, error) {
	r, err := r.Check()
	if err != nil {
		return nil, err
	}
	taken := map[string][]issuer.Slot{}
	for _, purpose := range r.Purposes {
		kind := deskKey{purpose, r.SizeOf(purpose), r.BitsOf(purpose)}
		slots, err := l.desk.take(ctx, kind, r.Awards, func(ctx context.Context, n int) (all []issuer.Slot, err error) {
			for len(all) < n {
				slots, err := l.take(ctx, kind, n-len(all))
				if err != nil {
					return nil, err
				}
				all = append(all, slots...)
			}
			return all, nil
		})
		if err != nil {
			return nil, wrap(err)
		}
		taken[purpose] = append(taken[purpose], slots...)
	}
	return r.Slots(taken), nil
}

// take takes up to n places in the latest list of a kind. As long as that has
// room, it is one message to the database and one back: whoever dies in between
// holds no lock.
func (l *Ledger) take(ctx context.Context, k deskKey, n int) ([]issuer.Slot, error) {
	var list, listSize, next int
	err := l.pool.QueryRow(ctx, `UPDATE ledger_list SET next = next + $2 WHERE purpose = $1 AND next + $2 <= size
		AND number = (SELECT max(number) FROM ledger_list WHERE purpose = $1 AND bits = $3) RETURNING number, size, next`, k.purpose, n, k.bits).Scan(&list, &listSize, &next)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return l.takeRest(ctx, k, n)
	case err != nil:
		return nil, err
	}
	return l.places(k.purpose, list, listSize, next-n, n), nil
}

// takeRest takes what is left of a list that has no room for n, or begins the
// next one.
func (l *Ledger) takeRest(ctx context.Context, k deskKey, n int) (slots []issuer.Slot, err error) {
	err = l.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockSpace, lockLists); err != nil {
			return err
		}
		var list, listSize, next int
		err := tx.QueryRow(ctx, "SELECT number, size, next FROM ledger_list WHERE purpose = $1 AND bits = $2 ORDER BY number DESC LIMIT 1 FOR UPDATE", k.purpose, k.bits).Scan(&list, &listSize, &next)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if next >= listSize {
			listSize, next = k.size, 0
			if err := tx.QueryRow(ctx, `INSERT INTO ledger_list (purpose, number, size, bits)
				SELECT $1, coalesce(max(number), 0) + 1, $2, $3 FROM ledger_list WHERE purpose = $1 RETURNING number`, k.purpose, k.size, k.bits).Scan(&list); err != nil {
				return err
			}
		}
		now := min(n, listSize-next)
		slots = l.places(k.purpose, list, listSize, next, now)
		_, err = tx.Exec(ctx, "UPDATE ledger_list SET next = next + $3 WHERE purpose = $1 AND number = $2", k.purpose, list, now)
		return err
	})
	return slots, err
}

func (l *Ledger) places(purpose string, list, size, first, n int) []issuer.Slot {
	order := l.secret.Places(purpose, list, size)
	out := make([]issuer.Slot, n)
	for k := range out {
		out[k] = issuer.Slot{Purpose: purpose, List: list, Index: order.At(uint64(first + k))}
	}
	return out
}

// clock writes a time as it is kept.
func clock(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

const columns = "SELECT n, id, coalesce(idempotency_key, ''), award_digest, achievement, form, issued_at, slots, body, coalesce(erased_at, ''), method, coalesce(others, '') FROM ledger_credential "

// scan reads a record and its number.
func scan(row pgx.Row) (r issuer.Record, n int64, err error) {
	var at, slots, erased, others string
	if err := row.Scan(&n, &r.ID, &r.IdempotencyKey, &r.AwardDigest, &r.Achievement, &r.Form, &at, &slots, &r.Credential, &erased, &r.Method, &others); err != nil {
		return r, n, err
	}
	if r.IssuedAt, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return r, n, err
	}
	if erased != "" {
		r.Credential = nil
		if r.Erased, err = time.Parse(time.RFC3339Nano, erased); err != nil {
			return r, n, err
		}
	}
	if r.Others, err = issuer.UnmarshalForms(others); err != nil {
		return r, n, err
	}
	return r, n, json.Unmarshal([]byte(slots), &r.Slots)
}

// Get implements issuer.Ledger.
func (l *Ledger) Get(ctx context.Context, id string) (issuer.Record, error) {
	return l.one(ctx, id, "WHERE id = $1", id)
}

// ByKey implements issuer.Ledger.
func (l *Ledger) ByKey(ctx context.Context, idempotencyKey string) (issuer.Record, error) {
	return l.one(ctx, "", "WHERE key_digest = $1", l.secret.KeyDigest(idempotencyKey))
}

func (l *Ledger) one(ctx context.Context, at, where, arg string) (issuer.Record, error) {
	r, _, err := scan(l.pool.QueryRow(ctx, columns+where, arg))
	if errors.Is(err, pgx.ErrNoRows) {
		return r, issuer.NoCredential(at)
	}
	return r, wrap(err)
}

// SetStatus implements issuer.Ledger.
func (l *Ledger) SetStatus(ctx context.Context, c issuer.Change) error {
	r, err := l.Get(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, slot := range r.Slots {
		if slot.Purpose != c.Purpose {
			continue
		}
		value, mask := c.Bits()
		if value > 1 {
			bits := 1
			if err := l.pool.QueryRow(ctx, "SELECT coalesce(max(bits), 1) FROM ledger_list WHERE purpose = $1 AND number = $2", slot.Purpose, slot.List).Scan(&bits); err != nil {
				return wrap(err)
			}
			if _, err := c.New(0, bits); err != nil {
				return err
			}
		}
		return again(func() error {
			var b pgx.Batch
			b.Queue(setEntry, slot.Purpose, slot.List, int64(slot.Index), int16(value), int16(^mask))
			b.Queue("DELETE FROM ledger_entry WHERE purpose = $1 AND list = $2 AND place = $3 AND value = 0", slot.Purpose, slot.List, int64(slot.Index))
			if err := queueLine(&b, issuer.Event{At: c.At, Actor: c.Actor, Action: c.Action(), Credential: c.ID, Why: c.Why}); err != nil {
				return err
			}
			return l.pool.SendBatch(ctx, &b).Close()
		})
	}
	return issuer.NoEntry(c)
}

// setEntry has the database itself put together what an entry holds: two that
// change different bits of one lose neither.
const setEntry = `INSERT INTO ledger_entry AS e (purpose, list, place, value) VALUES ($1, $2, $3, $4)
	ON CONFLICT (purpose, list, place) DO UPDATE SET value = e.value & $5 | $4`

// Status implements issuer.Ledger.
func (l *Ledger) Status(ctx context.Context, id string) ([]issuer.Mark, error) {
	r, err := l.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []issuer.Mark
	for _, slot := range r.Slots {
		m := issuer.Mark{Purpose: slot.Purpose}
		err := l.pool.QueryRow(ctx, "SELECT value FROM ledger_entry WHERE purpose = $1 AND list = $2 AND place = $3", slot.Purpose, slot.List, int64(slot.Index)).Scan(&m.Value)
		switch {
		case err == nil:
			out = append(out, m)
		case !errors.Is(err, pgx.ErrNoRows):
			return nil, wrap(err)
		}
	}
	return out, nil
}

// Lists implements issuer.Ledger. One statement sees the database as it is at
// one moment.
func (l *Ledger) Lists(ctx context.Context) ([]issuer.ListState, error) {
	rows, err := l.pool.Query(ctx, `SELECT l.purpose, l.number, l.size, l.next, l.bits, e.place, coalesce(e.value, 0) FROM ledger_list l
		LEFT JOIN ledger_entry e ON e.purpose = l.purpose AND e.list = l.number`)
	if err != nil {
		return nil, wrap(err)
	}
	defer rows.Close()
	type name struct {
		purpose string
		list    int
	}
	states := map[name]*issuer.ListState{}
	for rows.Next() {
		var s issuer.ListState
		var place *int64
		var value uint8
		if err := rows.Scan(&s.Purpose, &s.List, &s.Size, &s.Used, &s.Bits, &place, &value); err != nil {
			return nil, wrap(err)
		}
		at := name{s.Purpose, s.List}
		if states[at] == nil {
			states[at] = &s
		}
		if place != nil {
			states[at].Add(uint64(*place), value)
		}
	}
	out := make([]issuer.ListState, 0, len(states))
	for _, s := range states {
		s.SortSet()
		out = append(out, *s)
	}
	issuer.SortLists(out) // not by the database, which may collate otherwise
	return out, wrap(rows.Err())
}
