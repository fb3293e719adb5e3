package postgres

import (
	"context"
	"embed"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

//go:embed migrations/*.sql
var sqlFiles embed.FS

// migration brings the tables from one version to the next.
type migration struct {
	file string
	then func(ctx context.Context, tx pgx.Tx) error // what SQL cannot do
}

// migrations are those of version 1, 2 and so on. What has run is in
// ledger_version.
func migrations() []migration {
	return []migration{
		{"00001_ledger.sql", makeSecret},
		{file: "00002_jobs.sql"},
		{file: "00003_methods.sql"},
		{file: "00004_forms.sql"},
		{file: "00005_values.sql"},
		{file: "00006_achievements.sql"},
	}
}

// Numbers under which processes wait for each other, beside an advisory lock's
// first one.
const (
	lockSpace   = 0x62657669 // "bevi"
	lockMigrate = 1
	lockSeal    = 2
	lockLists   = 3
)

// migrate brings the tables to the present version, all steps or none.
func (l *Ledger) migrate(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, $2)", lockSpace, lockMigrate); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "CREATE TABLE IF NOT EXISTS ledger_version (version integer PRIMARY KEY, since timestamptz NOT NULL DEFAULT now())"); err != nil {
		return err
	}
	all, have := migrations(), 0
	if err := tx.QueryRow(ctx, "SELECT coalesce(max(version), 0) FROM ledger_version").Scan(&have); err != nil {
		return err
	}
	if have > len(all) {
		return reason.New("conflict/version", "", "the ledger was written by a newer bevis (version %d, this knows %d)", have, len(all))
	}
	for n, m := range all[have:] {
		text, err := sqlFiles.ReadFile("migrations/" + m.file)
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		if _, err := tx.Exec(ctx, string(text)); err != nil {
			return err
		}
		if m.then != nil {
			if err := m.then(ctx, tx); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, "INSERT INTO ledger_version (version) VALUES ($1)", have+n+1); err != nil {
			return err
		}
	}
	var secret []byte
	if err := tx.QueryRow(ctx, "SELECT value FROM ledger_secret").Scan(&secret); err != nil {
		return err
	}
	if len(secret) != len(l.secret) {
		return reason.New(reason.IO, "", "the secret of the ledger is damaged")
	}
	copy(l.secret[:], secret)
	return nil
}

func makeSecret(ctx context.Context, tx pgx.Tx) error {
	secret, err := issuer.NewSecret()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO ledger_secret (value) VALUES ($1)", secret[:])
	return err
}
