package postgres

import (
	"context"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Backend returns the process of the server behind a connection of the
// ledger's.
func (l *Ledger) Backend(t *testing.T) (pid int) {
	t.Helper()
	if err := l.pool.QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// ExplainAwarded returns how the database answers Awarded from the sixth time on,
// by a plan that is made for any achievement.
func (l *Ledger) ExplainAwarded(t *testing.T) (plan string) {
	t.Helper()
	conn, err := l.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	for _, sql := range []string{"ANALYZE ledger_credential", "SET plan_cache_mode = force_generic_plan", "PREPARE awarded(text) AS " + awarded} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := conn.Query(t.Context(), "EXPLAIN EXECUTE awarded('https://kurs.example/none')", pgx.QueryExecModeSimpleProtocol)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// OpenOver opens a ledger whose connections go through wrap.
func OpenOver(ctx context.Context, dsn string, wrap func(net.Conn) net.Conn) (*Ledger, error) {
	settings, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	var dial pgconn.DialFunc = settings.ConnConfig.DialFunc
	settings.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return wrap(c), nil
	}
	return open(ctx, settings)
}
