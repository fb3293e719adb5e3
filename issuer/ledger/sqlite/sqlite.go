package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// version is the schema's, kept in the file as user_version. application is
// what the file says it is for, so that no table is made in somebody else's.
const (
	version     = 1
	application = 0x62765331 // "bvS1"
)

const schema = `
CREATE TABLE list (
	purpose TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (purpose, number)
) STRICT;
CREATE TABLE slot (
	purpose TEXT NOT NULL, list INTEGER NOT NULL, place INTEGER NOT NULL, is_set INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (purpose, list, place),
	FOREIGN KEY (purpose, list) REFERENCES list (purpose, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE credential (
	n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, idempotency_key TEXT UNIQUE, award_digest TEXT NOT NULL,
	achievement TEXT NOT NULL, form TEXT NOT NULL, issued_at TEXT NOT NULL, slots TEXT NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE TABLE audit (
	n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, credential TEXT NOT NULL, why TEXT NOT NULL
) STRICT;
`

// Ledger is an issuer.Ledger in a file.
type Ledger struct {
	db   *sql.DB
	path string
}

// Open opens the ledger at path, making it if there is none. The folder must
// be there. Errors are io, conflict/version for a file that a newer bevis has
// written, and conflict/not-a-ledger for a database of something else.
func Open(ctx context.Context, path string) (*Ledger, error) {
	// SQLite makes its files with the mode of the database.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, reason.New(reason.IO, path, "open the ledger: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, reason.New(reason.IO, path, "open the ledger: %w", err)
	}
	q := url.Values{"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, reason.New(reason.IO, path, "open the ledger: %w", err)
	}
	db.SetMaxOpenConns(4)
	l := &Ledger{db, path}
	if err := l.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

// Close closes the file.
func (l *Ledger) Close() error { return l.wrap(l.db.Close()) }

func (l *Ledger) wrap(err error) error {
	var known *reason.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return reason.Wrap(reason.Canceled, l.path, err)
	}
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY {
		return reason.New("conflict/ledger-busy", l.path, "another process holds the ledger: %w", err)
	}
	return reason.New(reason.IO, l.path, "ledger: %w", err)
}

// write runs f in a transaction that has the write lock from its beginning.
func (l *Ledger) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return l.wrap(err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // the first error says more
		return l.wrap(err)
	}
	return l.wrap(tx.Commit())
}

func (l *Ledger) migrate(ctx context.Context) error {
	return l.write(ctx, func(tx *sql.Tx) error {
		var have, tables, owner int
		err := tx.QueryRowContext(ctx, "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id").Scan(&have, &owner, &tables)
		if err != nil {
			return err
		}
		switch {
		case owner != application && (have > 0 || tables > 0):
			return reason.New("conflict/not-a-ledger", l.path, "the database is not an issuer's ledger")
		case have > version:
			return reason.New("conflict/version", l.path, "the ledger was written by a newer bevis (version %d, this knows %d)", have, version)
		case have == version:
			return nil
		}
		if _, err := tx.ExecContext(ctx, schema); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", version, application))
		return err
	})
}

func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// Reserve implements issuer.Ledger.
func (l *Ledger) Reserve(ctx context.Context, r issuer.Reservation) ([]issuer.Slot, error) {
	var out []issuer.Slot
	err := l.write(ctx, func(tx *sql.Tx) error {
		for _, purpose := range r.Purposes {
			slot, err := reserve(ctx, tx, purpose, r.ListSize)
			if err != nil {
				return err
			}
			out = append(out, slot)
		}
		return nil
	})
	return out, err
}

func reserve(ctx context.Context, tx *sql.Tx, purpose string, size int) (issuer.Slot, error) {
	slot := issuer.Slot{Purpose: purpose}
	var used int
	listSize := size
	err := tx.QueryRowContext(ctx, "SELECT number, size, used FROM list WHERE purpose = ? ORDER BY number DESC LIMIT 1", purpose).Scan(&slot.List, &listSize, &used)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return slot, err
	}
	if err != nil || issuer.NextList(used, listSize) {
		slot.List++
		listSize = size
		if _, err := tx.ExecContext(ctx, "INSERT INTO list (purpose, number, size) VALUES (?, ?, ?)", purpose, slot.List, size); err != nil {
			return slot, err
		}
	}
	for {
		if slot.Index, err = issuer.RandomIndex(listSize); err != nil {
			return slot, err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO slot (purpose, list, place) VALUES (?, ?, ?)", purpose, slot.List, int64(slot.Index))
		if isUnique(err) {
			continue // taken: a list is never full, so another try finds a place
		}
		if err != nil {
			return slot, err
		}
		_, err = tx.ExecContext(ctx, "UPDATE list SET used = used + 1 WHERE purpose = ? AND number = ?", purpose, slot.List)
		return slot, err
	}
}

// Record implements issuer.Ledger.
func (l *Ledger) Record(ctx context.Context, r issuer.Record) error {
	slots, err := json.Marshal(r.Slots)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	return l.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO credential (id, idempotency_key, award_digest, achievement, form, issued_at, slots, body)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, r.ID, sql.NullString{String: r.IdempotencyKey, Valid: r.IdempotencyKey != ""},
			r.AwardDigest, r.Achievement, r.Form, r.IssuedAt.UTC().Format(time.RFC3339Nano), string(slots), r.Credential)
		if isUnique(err) {
			return reason.New(reason.Conflict, r.ID, "the credential or its idempotency key is recorded already")
		}
		if err != nil {
			return err
		}
		return audit(ctx, tx, r.IssuedAt, "", "issue", r.ID, "")
	})
}

func audit(ctx context.Context, tx *sql.Tx, at time.Time, actor, action, id, why string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO audit (at, actor, action, credential, why) VALUES (?, ?, ?, ?, ?)", at.UTC().Format(time.RFC3339Nano), actor, action, id, why)
	return err
}

const columns = "SELECT id, coalesce(idempotency_key, ''), award_digest, achievement, form, issued_at, slots, body FROM credential "

type scanner interface{ Scan(...any) error }

func scan(row scanner) (issuer.Record, error) {
	var r issuer.Record
	var at, slots string
	if err := row.Scan(&r.ID, &r.IdempotencyKey, &r.AwardDigest, &r.Achievement, &r.Form, &at, &slots, &r.Credential); err != nil {
		return r, err
	}
	var err error
	if r.IssuedAt, err = time.Parse(time.RFC3339Nano, at); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(slots), &r.Slots)
}

// Get implements issuer.Ledger.
func (l *Ledger) Get(ctx context.Context, id, idempotencyKey string) (issuer.Record, error) {
	r, err := scan(l.db.QueryRowContext(ctx, columns+"WHERE (id = ? AND ? <> '') OR (idempotency_key = ? AND ? <> '')", id, id, idempotencyKey, idempotencyKey))
	if errors.Is(err, sql.ErrNoRows) {
		return r, reason.New(reason.NotFound, id, "no such credential was issued here")
	}
	return r, l.wrap(err)
}

// Records implements issuer.Ledger.
func (l *Ledger) Records(ctx context.Context) ([]issuer.Record, error) {
	rows, err := l.db.QueryContext(ctx, columns+"ORDER BY n")
	if err != nil {
		return nil, l.wrap(err)
	}
	defer rows.Close()
	var out []issuer.Record
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, l.wrap(err)
		}
		out = append(out, r)
	}
	return out, l.wrap(rows.Err())
}

// SetStatus implements issuer.Ledger.
func (l *Ledger) SetStatus(ctx context.Context, c issuer.Change) error {
	r, err := l.Get(ctx, c.ID, "")
	if err != nil {
		return err
	}
	for _, slot := range r.Slots {
		if slot.Purpose != c.Purpose {
			continue
		}
		return l.write(ctx, func(tx *sql.Tx) error {
			result, err := tx.ExecContext(ctx, "UPDATE slot SET is_set = ? WHERE purpose = ? AND list = ? AND place = ?", c.Set, slot.Purpose, slot.List, int64(slot.Index))
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil || n != 1 {
				return errors.Join(errors.New("the entry of the credential is missing"), err)
			}
			action := "clear " + c.Purpose
			if c.Set {
				action = "set " + c.Purpose
			}
			return audit(ctx, tx, c.At, c.Actor, action, c.ID, c.Why)
		})
	}
	return issuer.NoEntry(c)
}

// Lists implements issuer.Ledger.
func (l *Ledger) Lists(ctx context.Context) ([]issuer.ListState, error) {
	rows, err := l.db.QueryContext(ctx, `SELECT list.purpose, list.number, list.size, slot.place FROM list
		LEFT JOIN slot ON slot.purpose = list.purpose AND slot.list = list.number AND slot.is_set
		ORDER BY list.purpose, list.number, slot.place`)
	if err != nil {
		return nil, l.wrap(err)
	}
	defer rows.Close()
	var out []issuer.ListState
	for rows.Next() {
		var s issuer.ListState
		var place sql.NullInt64
		if err := rows.Scan(&s.Purpose, &s.List, &s.Size, &place); err != nil {
			return nil, l.wrap(err)
		}
		if n := len(out); n == 0 || out[n-1].Purpose != s.Purpose || out[n-1].List != s.List {
			out = append(out, s)
		}
		if last := &out[len(out)-1]; place.Valid {
			last.Set = append(last.Set, uint64(place.Int64))
		}
	}
	return out, l.wrap(rows.Err())
}
