package postgres

import (
	"context"
	"net"
	"testing"

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
