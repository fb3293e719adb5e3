package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TakeOver makes the books of another ledger those of an empty one, for an issuer
// by id: all in one transaction, or nothing. The chain of the audit log is
// checked on the way. Books that are here already are conflict/ledger-not-empty,
// but for those of the very ledger, whole and unchanged, which a move has left
// that was stopped at its end.
func (l *Ledger) TakeOver(ctx context.Context, id string, from issuer.Books) (issuer.Moved, error) {
	var out issuer.Moved
	err := l.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		out = issuer.Moved{}
		// Both at once would find it empty.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockSpace, lockMigrate); err != nil {
			return err
		}
		// It takes as long as it takes, and nobody else is here yet.
		if _, err := tx.Exec(ctx, "SELECT set_config('idle_in_transaction_session_timeout', '0', true)"); err != nil {
			return err
		}
		t := taker{ctx, tx, &out}
		used, same, err := t.used(id, from.Secret())
		switch {
		case err != nil:
			return err
		case used && !same:
			return reason.New("conflict/ledger-not-empty", "", "the database holds books already")
		case same:
			out.Before = true
			return t.compare(from)
		}
		secret := from.Secret()
		if _, err := tx.Exec(ctx, "UPDATE ledger_secret SET value = $1, issuer = $2", secret[:], id); err != nil {
			return err
		}
		return t.all(from)
	})
	if err != nil {
		return issuer.Moved{}, err
	}
	l.secret = from.Secret()
	return out, nil
}

// taker takes books in, in a transaction.
type taker struct {
	ctx context.Context
	tx  pgx.Tx
	out *issuer.Moved
}

// used reports whether anybody has used the database, and whether with the
// secret that is moved, which is nowhere but in books that were moved.
func (t taker) used(id string, secret issuer.Secret) (used, same bool, err error) {
	var have []byte
	var owner *string
	err = t.tx.QueryRow(t.ctx, `SELECT value, issuer, issuer IS NOT NULL OR EXISTS (SELECT 1 FROM ledger_list) OR EXISTS (SELECT 1 FROM ledger_credential)
		OR EXISTS (SELECT 1 FROM ledger_audit) OR EXISTS (SELECT 1 FROM ledger_job) OR EXISTS (SELECT 1 FROM ledger_entry) FROM ledger_secret`).Scan(&have, &owner, &used)
	return used, used && owner != nil && *owner == id && string(have) == string(secret[:]), err
}

// compare reads both to their ends: whoever used either since has left a line in
// its audit log, or taken a place.
func (t taker) compare(from issuer.Books) error {
	if err := t.count(from); err != nil {
		return err
	}
	var here issuer.Moved
	var places, theirs int64
	err := t.tx.QueryRow(t.ctx, `SELECT (SELECT count(*) FROM ledger_credential), (SELECT count(*) FROM ledger_list), (SELECT count(*) FROM ledger_entry),
		(SELECT count(*) FROM ledger_audit), (SELECT count(*) FROM ledger_job), coalesce((SELECT hash FROM ledger_audit WHERE pos = $1), ''),
		(SELECT coalesce(sum(next), 0)::bigint FROM ledger_list)`, t.out.Head.Lines).
		Scan(&here.Credentials, &here.Lists, &here.Set, &here.Lines, &here.Jobs, &here.Head.Hash, &places)
	if err != nil {
		return err
	}
	lists, err := from.Lists(t.ctx)
	if err != nil {
		return err
	}
	for _, l := range lists {
		theirs += int64(next(l))
	}
	here.Before, here.Head.Lines = true, here.Lines
	if here != *t.out || places != theirs {
		return reason.New("conflict/ledger-not-empty", "", "these books were moved into the database before, and one of both was used since")
	}
	return nil
}

// next is how many places of a list are passed: of one whose order cannot be gone
// on with, all.
func next(l issuer.KeptList) int {
	if l.Drawn {
		return l.Size
	}
	return l.Next
}

// count counts the books, and checks the chain.
func (t taker) count(from issuer.Books) error {
	lists, err := from.Lists(t.ctx)
	if err != nil {
		return err
	}
	t.out.Lists = len(lists)
	for _, l := range lists {
		t.out.Set += len(l.Set)
	}
	err = from.Credentials(t.ctx, func(r []issuer.KeptRecord) error { t.out.Credentials += int64(len(r)); return nil })
	if err == nil {
		err = from.Jobs(t.ctx, func(j []issuer.KeptJob) error { t.out.Jobs += int64(len(j)); return nil })
	}
	if err == nil {
		err = from.Lines(t.ctx, 0, t.follow)
	}
	return err
}

// follow takes in that a line comes next.
func (t taker) follow(l issuer.Line) error {
	if err := l.Follows(t.out.Head.Lines, t.out.Head.Hash); err != nil {
		return err
	}
	t.out.Head = issuer.Head{Lines: l.N, Hash: l.Hash}
	t.out.Lines++
	return nil
}

func (t taker) all(from issuer.Books) error {
	lists, err := from.Lists(t.ctx)
	if err != nil {
		return err
	}
	for _, l := range lists {
		if err := t.list(l); err != nil {
			return err
		}
	}
	if err := from.Credentials(t.ctx, t.credentials); err != nil {
		return err
	}
	if err := from.Jobs(t.ctx, t.jobs); err != nil {
		return err
	}
	var lines []issuer.Line
	err = from.Lines(t.ctx, 0, func(l issuer.Line) error {
		if err := t.follow(l); err != nil {
			return err
		}
		if lines = append(lines, l); len(lines) < page {
			return nil
		}
		defer func() { lines = lines[:0] }()
		return t.lines(lines)
	})
	if err != nil {
		return err
	}
	return t.lines(lines)
}

func (t taker) list(l issuer.KeptList) error {
	t.out.Lists++
	t.out.Set += len(l.Set)
	if _, err := t.tx.Exec(t.ctx, "INSERT INTO ledger_list (purpose, number, size, next, bits) VALUES ($1, $2, $3, $4, $5)", l.Purpose, l.List, l.Size, next(l), l.Bits); err != nil {
		return err
	}
	_, err := t.tx.CopyFrom(t.ctx, pgx.Identifier{"ledger_entry"}, []string{"purpose", "list", "place", "value"}, pgx.CopyFromSlice(len(l.Set), func(n int) ([]any, error) {
		value := int16(1)
		if l.Values != nil {
			value = int16(l.Values[n])
		}
		return []any{l.Purpose, int32(l.List), int64(l.Set[n]), value}, nil
	}))
	return err
}

// credentials adds records, whose numbers the database gives in their order.
func (t taker) credentials(records []issuer.KeptRecord) error {
	t.out.Credentials += int64(len(records))
	var persons, of []string
	rows := make([][]any, len(records))
	for n, r := range records {
		slots, err := json.Marshal(r.Slots)
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		others, err := issuer.MarshalForms(r.Others)
		if err != nil {
			return err
		}
		body := r.Credential
		if body == nil {
			body = []byte{}
		}
		var erased *string
		if !r.Erased.IsZero() {
			at := clock(r.Erased)
			erased = &at
		}
		rows[n] = []any{r.ID, orNull(r.IdempotencyKey), orNull(r.KeyDigest), r.AwardDigest, r.Achievement, r.Form, clock(r.IssuedAt), string(slots), body, erased, r.Method, r.KnowsPerson, orNull(others)}
		for _, p := range r.PersonsAre {
			persons, of = append(persons, p), append(of, r.ID)
		}
	}
	_, err := t.tx.CopyFrom(t.ctx, pgx.Identifier{"ledger_credential"}, []string{"id", "idempotency_key", "key_digest", "award_digest", "achievement", "form", "issued_at", "slots", "body", "erased_at", "method", "knows_person", "others"}, pgx.CopyFromRows(rows))
	if err == nil && len(persons) > 0 {
		_, err = t.tx.Exec(t.ctx, "INSERT INTO ledger_person (digest, credential) SELECT p.digest, c.n FROM unnest($1::text[], $2::text[]) p (digest, id) JOIN ledger_credential c USING (id)", persons, of)
	}
	return err
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (t taker) lines(lines []issuer.Line) error {
	_, err := t.tx.CopyFrom(t.ctx, pgx.Identifier{"ledger_audit"}, []string{"at", "actor", "action", "credential", "why", "salt", "why_digest", "erased", "pos", "hash"}, pgx.CopyFromSlice(len(lines), func(n int) ([]any, error) {
		l := lines[n]
		return []any{l.At, l.Actor, l.Action, l.Credential, l.Why, l.Salt, l.WhyDigest, l.Erased, l.N, l.Hash}, nil
	}))
	return err
}

func (t taker) jobs(jobs []issuer.KeptJob) error {
	t.out.Jobs += int64(len(jobs))
	at := func(when time.Time) *time.Time {
		if when.IsZero() {
			return nil
		}
		return &when
	}
	_, err := t.tx.CopyFrom(t.ctx, pgx.Identifier{"ledger_job"}, []string{"kind", "key", "payload", "due", "attempt", "worker", "held_until", "done_at", "outcome"}, pgx.CopyFromSlice(len(jobs), func(n int) ([]any, error) {
		j := jobs[n]
		return []any{j.Kind, orNull(j.Key), append([]byte{}, j.Payload...), j.Due, int32(j.Attempt), j.Worker, at(j.HeldUntil), at(j.Done), j.Outcome}, nil
	}))
	return err
}
