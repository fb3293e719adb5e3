package postgres

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// rows are records by column: a thousand in one statement cost the database a
// fraction of a thousand statements.
type rows struct {
	ids, digests, achievements, forms, at, slots, methods []string
	keys, keyDigests, others                              []*string // nil for none
	bodies                                                [][]byte
	persons, personOf                                     []string // digest, and the id of the credential
	lines                                                 []issuer.Line
}

const insertCredentials = `WITH c AS (
	INSERT INTO ledger_credential (id, idempotency_key, key_digest, award_digest, achievement, form, issued_at, slots, body, method, others)
	SELECT id, key, key_digest, award_digest, achievement, form, issued_at, slots, body, method, others
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[], $10::text[], $13::text[])
		WITH ORDINALITY r (id, key, key_digest, award_digest, achievement, form, issued_at, slots, body, method, others, k) ORDER BY k
	RETURNING n, id
) INSERT INTO ledger_person (digest, credential) SELECT p.digest, c.n FROM unnest($11::text[], $12::text[]) p (digest, id) JOIN c USING (id)`

const insertLines = `INSERT INTO ledger_audit (at, actor, action, credential, why, salt, why_digest)
	SELECT at, actor, action, credential, why, salt, why_digest
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
		WITH ORDINALITY l (at, actor, action, credential, why, salt, why_digest, k) ORDER BY k`

// Record implements issuer.Ledger. It is one message, and so one transaction,
// that ends by itself.
func (l *Ledger) Record(ctx context.Context, records ...issuer.Record) error {
	if len(records) == 0 {
		return wrap(ctx.Err())
	}
	t, err := l.rows(records)
	if err != nil {
		return err
	}
	return again(func() error {
		var b pgx.Batch
		b.Queue(insertCredentials, t.ids, t.keys, t.keyDigests, t.digests, t.achievements, t.forms, t.at, t.slots, t.bodies, t.methods, t.persons, t.personOf, t.others)
		queueLines(&b, t.lines)
		err := l.pool.SendBatch(ctx, &b).Close()
		if state(err) == uniqueViolation {
			return l.conflict(ctx, t, err)
		}
		return err
	})
}

// rows puts records into columns. Two that cannot be together are a conflict
// here already.
func (l *Ledger) rows(records []issuer.Record) (t rows, err error) {
	seen := map[string]bool{}
	for _, r := range records {
		var key, digest *string
		if r.IdempotencyKey != "" {
			d := l.secret.KeyDigest(r.IdempotencyKey)
			key, digest = &r.IdempotencyKey, &d
		}
		if seen["id "+r.ID] || key != nil && seen["key "+*key] {
			return t, issuer.Recorded(r.ID)
		}
		seen["id "+r.ID] = true
		if key != nil {
			seen["key "+*key] = true
		}
		slots, err := json.Marshal(r.Slots)
		if err != nil {
			return t, reason.Wrap(reason.Internal, "", err)
		}
		others, err := issuer.MarshalForms(r.Others)
		if err != nil {
			return t, err
		}
		var more *string
		if others != "" {
			more = &others
		}
		body := r.Credential
		if body == nil {
			body = []byte{}
		}
		line, err := issuer.NewLine(issuer.Event{At: r.IssuedAt, Actor: r.Actor, Action: "issue", Credential: r.ID})
		if err != nil {
			return t, err
		}
		t.ids, t.keys, t.keyDigests, t.digests = append(t.ids, r.ID), append(t.keys, key), append(t.keyDigests, digest), append(t.digests, r.AwardDigest)
		t.achievements, t.forms, t.at = append(t.achievements, r.Achievement), append(t.forms, r.Form), append(t.at, clock(r.IssuedAt))
		t.slots, t.bodies, t.lines = append(t.slots, string(slots)), append(t.bodies, body), append(t.lines, line)
		t.methods, t.others = append(t.methods, r.Method), append(t.others, more)
		var persons []string
		for _, p := range r.Persons {
			persons = append(persons, l.secret.PersonDigest(p))
		}
		slices.Sort(persons)
		for _, p := range slices.Compact(persons) {
			t.persons, t.personOf = append(t.persons, p), append(t.personOf, r.ID)
		}
	}
	return t, nil
}

// conflict says which record was there already. If none is any more, what was
// in the way is returned.
func (l *Ledger) conflict(ctx context.Context, t rows, cause error) error {
	var id string
	err := l.pool.QueryRow(ctx, `SELECT r.id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY r (id, key_digest, k)
		WHERE EXISTS (SELECT 1 FROM ledger_credential c WHERE c.id = r.id) OR EXISTS (SELECT 1 FROM ledger_credential c WHERE c.key_digest = r.key_digest)
		ORDER BY k LIMIT 1`, t.ids, t.keyDigests).Scan(&id)
	switch {
	case err == nil:
		return issuer.Recorded(id)
	case len(t.ids) == 1:
		return issuer.Recorded(t.ids[0])
	}
	return cause
}

// queueLines adds lines of the audit log to a message.
func queueLines(b *pgx.Batch, lines []issuer.Line) {
	var at, actor, action, credential, why, salt, digest []string
	for _, l := range lines {
		at, actor, action, credential = append(at, l.At), append(actor, l.Actor), append(action, l.Action), append(credential, l.Credential)
		why, salt, digest = append(why, l.Why), append(salt, l.Salt), append(digest, l.WhyDigest)
	}
	b.Queue(insertLines, at, actor, action, credential, why, salt, digest)
}

func queueLine(b *pgx.Batch, e issuer.Event) error {
	line, err := issuer.NewLine(e)
	if err == nil {
		queueLines(b, []issuer.Line{line})
	}
	return err
}
