package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// connectTimeout is for those who did not choose one: a host that does not
// answer is told before anybody who waits for a credential has left.
const connectTimeout = 10 * time.Second

// Ledger is an issuer.Ledger in a database, with an issuer.Archive and an
// issuer.AuditLog. Any number of processes may use one.
type Ledger struct {
	pool   *pgxpool.Pool
	secret issuer.Secret
	desk   *desk
}

// Open connects to the database that dsn names, as libpq and pgx write it, and
// makes the tables or brings them up to date. Errors are usage for a dsn that
// is none, io/ledger-unreachable, and conflict/version for tables of a newer
// bevis. No error names what is in dsn.
func Open(ctx context.Context, dsn string) (*Ledger, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, reason.New("usage/ledger", "", "this is no address of a PostgreSQL database") // the cause could name the password
	}
	return open(ctx, settings)
}

func open(ctx context.Context, settings *pgxpool.Config) (*Ledger, error) {
	if settings.ConnConfig.ConnectTimeout == 0 {
		settings.ConnConfig.ConnectTimeout = connectTimeout
	}
	pool, err := pgxpool.NewWithConfig(ctx, settings)
	if err != nil {
		return nil, wrap(err)
	}
	l := &Ledger{pool: pool, desk: newDesk()}
	if err := l.change(ctx, l.migrate); err != nil {
		pool.Close()
		return nil, err
	}
	return l, nil
}

// Bind makes the ledger that of one issuer, by id, for good: the first who asks.
// For any other it is conflict/other-issuer, so that a wrong address of a
// database cannot put the status lists of one issuer in the place of another's.
func (l *Ledger) Bind(ctx context.Context, id string) error {
	return l.change(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE ledger_secret SET issuer = $1 WHERE issuer IS NULL", id); err != nil {
			return err
		}
		var owner string
		if err := tx.QueryRow(ctx, "SELECT issuer FROM ledger_secret").Scan(&owner); err != nil {
			return err
		}
		if owner != id {
			return reason.New("conflict/other-issuer", owner, "the ledger is that of another issuer than %s", id)
		}
		return nil
	})
}

// Close closes all connections.
func (l *Ledger) Close() error {
	l.pool.Close()
	return nil
}

// SQLSTATE codes that are dealt with.
const (
	uniqueViolation = "23505"
	serialization   = "40001"
	deadlock        = "40P01"
	badCharacter    = "22021"
)

// state returns the SQLSTATE of an error, empty if the database did not answer.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// wrap gives an error of the database its code.
func wrap(err error) error {
	var known *reason.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return reason.Wrap(reason.Canceled, "", err)
	}
	code := state(err)
	switch {
	case code == badCharacter:
		return reason.New(reason.MalformedUTF8, "", "the ledger keeps no text with such characters: %w", err)
	case code == "", code[:2] == "08", code[:2] == "53", code[:3] == "57P": // lost, out of means, shutting down
		return reason.New("io/ledger-unreachable", "", "the ledger's database: %w", err)
	}
	return reason.New(reason.IO, "", "the ledger's database: %w", err)
}

// tries is how often a change is tried that met another one: those who come in
// each other's way find out who was first the next time.
const tries = 5

// again runs f anew when it met a change by somebody else that was in its way.
func again(f func() error) error {
	for n := 1; ; n++ {
		err := f()
		if code := state(err); n == tries || code != deadlock && code != serialization {
			return wrap(err)
		}
	}
}

// change runs f in a transaction. Should this process fall silent meanwhile,
// the database ends it, so that nobody waits for long.
func (l *Ledger) change(ctx context.Context, f func(context.Context, pgx.Tx) error) error {
	return again(func() error {
		return pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SELECT set_config('idle_in_transaction_session_timeout', '30s', true)"); err != nil {
				return err
			}
			return f(ctx, tx)
		})
	})
}
