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

// Reserve implements issuer.Ledger.
func (l *Ledger) Reserve(ctx context.Context, r issuer.Reservation) ([]issuer.Slot, error) {
	r, err := r.Check()
	if err != nil {
		return nil, err
	}
	taken := map[string][]issuer.Slot{}
	err = l.write(ctx, func(tx *sql.Tx) error {
		for _, purpose := range r.Purposes {
			for want := len(taken[purpose]) + r.Awards; len(taken[purpose]) < want; {
				slots, err := l.take(ctx, tx, purpose, r.SizeOf(purpose), r.BitsOf(purpose), want-len(taken[purpose]))
				if err != nil {
					return err
				}
				taken[purpose] = append(taken[purpose], slots...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r.Slots(taken), nil
}

// take takes up to n places in the latest list of a purpose with entries of so
// many bits, and begins another when that is full.
func (l *Ledger) take(ctx context.Context, tx *sql.Tx, purpose string, size, bits, n int) ([]issuer.Slot, error) {
	var list, listSize, next int
	err := tx.QueryRowContext(ctx, "SELECT number, size, next FROM list WHERE purpose = ? AND bits = ? ORDER BY number DESC LIMIT 1", purpose, bits).Scan(&list, &listSize, &next)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if next >= listSize {
		listSize, next = size, 0
		err := tx.QueryRowContext(ctx, "INSERT INTO list (purpose, number, size, bits) SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3 FROM list WHERE purpose = ?1 RETURNING number", purpose, size, bits).Scan(&list)
		if err != nil {
			return nil, err
		}
	}
	drawn, err := drawnBefore(ctx, tx, purpose, list)
	if err != nil {
		return nil, err
	}
	places := l.secret.Places(purpose, list, listSize)
	var out []issuer.Slot
	for ; len(out) < n && next < listSize; next++ {
		if index := places.At(uint64(next)); !drawn[index] {
			out = append(out, issuer.Slot{Purpose: purpose, List: list, Index: index})
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE list SET next = ?, used = used + ? WHERE purpose = ? AND number = ?", next, len(out), purpose, list)
	return out, err
}

// drawnBefore returns the places of a list that the first version of the ledger
// has given.
func drawnBefore(ctx context.Context, tx *sql.Tx, purpose string, list int) (map[uint64]bool, error) {
	var out map[uint64]bool
	err := rows(ctx, tx, "SELECT place FROM drawn WHERE purpose = ? AND list = ?", []any{purpose, list}, func(r scanner) error {
		var place int64
		if out == nil {
			out = map[uint64]bool{}
		}
		err := r.Scan(&place)
		out[uint64(place)] = true
		return err
	})
	return out, err
}

// Record implements issuer.Ledger.
func (l *Ledger) Record(ctx context.Context, records ...issuer.Record) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		chain, err := openChain(ctx, tx)
		if err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, `INSERT INTO credential (id, idempotency_key, key_digest, award_digest, achievement, form, issued_at, slots, body, others, method)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT m.n FROM method m WHERE m.id = ?))`)
		if err != nil {
			return err
		}
		person, err := tx.PrepareContext(ctx, "INSERT OR IGNORE INTO person (digest, credential) VALUES (?, ?)")
		if err != nil {
			return err
		}
		methods := map[string]bool{"": true} // which stays NULL
		for _, r := range records {
			if !methods[r.Method] {
				if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO method (id) VALUES (?)", r.Method); err != nil {
					return err
				}
				methods[r.Method] = true
			}
			if err := l.record(ctx, insert, person, r); err != nil {
				return err
			}
			if err := chain.add(issuer.Event{At: r.IssuedAt, Actor: r.Actor, Action: "issue", Credential: r.ID}); err != nil {
				return err
			}
		}
		return nil
	})
}

// record adds one record by statements of the transaction, which close with it.
func (l *Ledger) record(ctx context.Context, insert, person *sql.Stmt, r issuer.Record) error {
	slots, err := json.Marshal(r.Slots)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	others, err := issuer.MarshalForms(r.Others)
	if err != nil {
		return err
	}
	var key, digest sql.NullString
	if r.IdempotencyKey != "" {
		key = sql.NullString{String: r.IdempotencyKey, Valid: true}
		digest = sql.NullString{String: l.secret.KeyDigest(r.IdempotencyKey), Valid: true}
	}
	body := r.Credential
	if body == nil {
		body = []byte{}
	}
	result, err := insert.ExecContext(ctx, r.ID, key, digest, r.AwardDigest, r.Achievement, r.Form, clock(r.IssuedAt), string(slots), body, sql.NullString{String: others, Valid: others != ""}, r.Method)
	if isUnique(err) {
		return issuer.Recorded(r.ID)
	}
	if err != nil {
		return err
	}
	n, err := result.LastInsertId()
	for _, p := range r.Persons {
		if err == nil {
			_, err = person.ExecContext(ctx, l.secret.PersonDigest(p), n)
		}
	}
	return err
}

// clock writes a time as it is kept.
func clock(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

const columns = "SELECT n, id, coalesce(idempotency_key, ''), award_digest, achievement, form, issued_at, slots, body, coalesce(erased_at, ''), coalesce((SELECT m.id FROM method m WHERE m.n = method), ''), coalesce(others, '') FROM credential "

// scan reads a record and its number.
func scan(row scanner) (r issuer.Record, n int64, err error) {
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
	return l.one(ctx, id, "WHERE id = ?", id)
}

// ByKey implements issuer.Ledger.
func (l *Ledger) ByKey(ctx context.Context, idempotencyKey string) (issuer.Record, error) {
	return l.one(ctx, "", "WHERE key_digest = ?", l.secret.KeyDigest(idempotencyKey))
}

func (l *Ledger) one(ctx context.Context, at, where, arg string) (issuer.Record, error) {
	query, err := l.prepared(ctx, columns+where)
	if err != nil {
		return issuer.Record{}, l.wrap(err)
	}
	r, _, err := scan(query.QueryRowContext(ctx, arg))
	if errors.Is(err, sql.ErrNoRows) {
		return r, issuer.NoCredential(at)
	}
	return r, l.wrap(err)
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
		return l.write(ctx, func(tx *sql.Tx) error {
			if err := setEntry(ctx, tx, slot, c); err != nil {
				return err
			}
			return l.log(ctx, tx, issuer.Event{At: c.At, Actor: c.Actor, Action: c.Action(), Credential: c.ID, Why: c.Why})
		})
	}
	return issuer.NoEntry(c)
}

// setEntry changes an entry in a transaction that no other writes beside.
func setEntry(ctx context.Context, tx *sql.Tx, slot issuer.Slot, c issuer.Change) error {
	at := []any{slot.Purpose, slot.List, int64(slot.Index)}
	var old uint8
	var bits int
	err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT value FROM entry WHERE purpose = ?1 AND list = ?2 AND place = ?3), 0),
		coalesce((SELECT bits FROM list WHERE purpose = ?1 AND number = ?2), 1)`, at...).Scan(&old, &bits)
	if err != nil {
		return err
	}
	value, err := c.New(old, bits)
	switch {
	case err != nil:
		return err
	case value == 0:
		_, err = tx.ExecContext(ctx, "DELETE FROM entry WHERE purpose = ? AND list = ? AND place = ?", at...)
	case value != old:
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO entry (purpose, list, place, value) VALUES (?, ?, ?, ?)", append(at, value)...)
	}
	return err
}

// Status implements issuer.Ledger.
func (l *Ledger) Status(ctx context.Context, id string) ([]issuer.Mark, error) {
	r, err := l.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []issuer.Mark
	for _, slot := range r.Slots {
		m := issuer.Mark{Purpose: slot.Purpose}
		err := l.db.QueryRowContext(ctx, "SELECT value FROM entry WHERE purpose = ? AND list = ? AND place = ?", slot.Purpose, slot.List, int64(slot.Index)).Scan(&m.Value)
		switch {
		case err == nil:
			out = append(out, m)
		case !errors.Is(err, sql.ErrNoRows):
			return nil, l.wrap(err)
		}
	}
	return out, nil
}

// Lists implements issuer.Ledger. One statement sees the file as it is at one
// moment.
func (l *Ledger) Lists(ctx context.Context) ([]issuer.ListState, error) {
	out, err := readLists(ctx, l.db)
	return out, l.wrap(err)
}

func readLists(ctx context.Context, q querier) (out []issuer.ListState, err error) {
	err = rows(ctx, q, `SELECT list.purpose, list.number, list.size, list.used, list.bits, entry.place, coalesce(entry.value, 0) FROM list
		LEFT JOIN entry ON entry.purpose = list.purpose AND entry.list = list.number
		ORDER BY list.purpose, list.number, entry.place`, nil, func(r scanner) error {
		var s issuer.ListState
		var place sql.NullInt64
		var value uint8
		if err := r.Scan(&s.Purpose, &s.List, &s.Size, &s.Used, &s.Bits, &place, &value); err != nil {
			return err
		}
		if n := len(out); n == 0 || out[n-1].Purpose != s.Purpose || out[n-1].List != s.List {
			out = append(out, s)
		}
		if place.Valid {
			out[len(out)-1].Add(uint64(place.Int64), value)
		}
		return nil
	})
	return out, err
}
