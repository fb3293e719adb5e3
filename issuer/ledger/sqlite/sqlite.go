package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Ledger is an issuer.Ledger in a file, with an issuer.Archive and an
// issuer.AuditLog.
type Ledger struct {
	db     *sql.DB
	path   string
	secret issuer.Secret

	mu    sync.Mutex
	often map[string]*sql.Stmt // of what is asked for each row of a long list
}

// Open opens the ledger at path, making it if there is none, and brings it up
// to date if an older bevis has written it. The folder must be there. Errors
// are io, conflict/version for a file that a newer bevis has written, and
// conflict/not-a-ledger for a database of something else.
func Open(ctx context.Context, path string) (*Ledger, error) {
	// SQLite makes its files with the mode of the database.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, reason.New(reason.IO, path, "open the ledger: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, reason.New(reason.IO, path, "open the ledger: %w", err)
	}
	// secure_delete writes zeros over what is erased.
	q := url.Values{"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath(), RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, reason.New(reason.IO, path, "open the ledger: %w", err)
	}
	db.SetMaxOpenConns(4)
	l := &Ledger{db: db, path: path, often: map[string]*sql.Stmt{}}
	if err := l.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return l, nil
}

// Close closes the file.
func (l *Ledger) Close() error { return l.wrap(l.db.Close()) }

func (l *Ledger) wrap(err error) error {
	var known *reason.Error
	var theirs failed
	switch {
	case err == nil:
		return nil
	case errors.As(err, &theirs):
		return theirs.error
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return reason.Wrap(reason.Canceled, l.path, err)
	}
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY {
		return reason.New("conflict/ledger-busy", l.path, "another process holds the ledger: %w", err)
	}
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_TRIGGER { // the only triggers are those of Move
		return issuer.LedgerMoved(l.path)
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

// prepared returns a statement that is kept until the file is closed: to read
// the text of a short query takes longer than to answer it.
func (l *Ledger) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.often[query]; s != nil {
		return s, nil
	}
	s, err := l.db.PrepareContext(ctx, query)
	if err == nil {
		l.often[query] = s
	}
	return s, err
}

type scanner interface{ Scan(...any) error }

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// rows calls f with each row of an answer.
func rows(ctx context.Context, q querier, query string, args []any, f func(scanner) error) error {
	return each(func() (*sql.Rows, error) { return q.QueryContext(ctx, query, args...) }, f)
}

// each calls f with each row of what ask returns.
func each(ask func() (*sql.Rows, error), f func(scanner) error) error {
	r, err := ask()
	if err != nil {
		return err
	}
	defer r.Close() // its error is that of Err
	for r.Next() {
		if err := f(r); err != nil {
			return err
		}
	}
	return r.Err()
}

func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}
