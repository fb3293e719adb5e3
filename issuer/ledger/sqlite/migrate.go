package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// application is what the file says it is for, so that no table is made in
// somebody else's.
const application = 0x62765331 // "bvS1"

//go:embed migrations/*.sql
var sqlFiles embed.FS

// migration brings a file from one version to the next.
type migration struct {
	file string
	then func(ctx context.Context, tx *sql.Tx) error // what SQL cannot do
}

// migrations are those of version 1, 2 and so on. The version is kept in the
// file as user_version.
func migrations() []migration {
	return []migration{
		{file: "00001_ledger.sql"},
		{"00002_books.sql", beginBooks},
		{file: "00003_jobs.sql"},
		{file: "00004_methods.sql"},
		{file: "00005_forms.sql"},
		{file: "00006_values.sql"},
		{file: "00007_achievements.sql"},
	}
}

// migrate brings the file to the present version, all steps or none.
func (l *Ledger) migrate(ctx context.Context) error {
	all := migrations()
	return l.write(ctx, func(tx *sql.Tx) error {
		var have, tables, owner int
		err := tx.QueryRowContext(ctx, "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version, pragma_application_id").Scan(&have, &owner, &tables)
		if err != nil {
			return err
		}
		switch {
		case owner != application && (have > 0 || tables > 0):
			return reason.New("conflict/not-a-ledger", l.path, "the database is not an issuer's ledger")
		case have > len(all):
			return reason.New("conflict/version", l.path, "the ledger was written by a newer bevis (version %d, this knows %d)", have, len(all))
		case have < len(all):
			for _, m := range all[have:] {
				if err := m.run(ctx, tx); err != nil {
					return err
				}
			}
			if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", len(all), application)); err != nil {
				return err
			}
		}
		var secret []byte
		if err := tx.QueryRowContext(ctx, "SELECT value FROM secret").Scan(&secret); err != nil {
			return err
		}
		if len(secret) != len(l.secret) {
			return reason.New(reason.IO, l.path, "the secret of the ledger is damaged")
		}
		copy(l.secret[:], secret)
		return nil
	})
}

func (m migration) run(ctx context.Context, tx *sql.Tx) error {
	text, err := sqlFiles.ReadFile("migrations/" + m.file)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return err
	}
	if m.then != nil {
		return m.then(ctx, tx)
	}
	return nil
}

// beginBooks makes the secret, the digests of the keys that are there, and of
// the lines in the audit log a chain.
func beginBooks(ctx context.Context, tx *sql.Tx) error {
	secret, err := issuer.NewSecret()
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO secret VALUES (?)", secret[:]); err != nil {
		return err
	}
	digests := map[int64]string{}
	err = rows(ctx, tx, "SELECT n, idempotency_key FROM credential WHERE idempotency_key IS NOT NULL", nil, func(r scanner) error {
		var n int64
		var key string
		if err := r.Scan(&n, &key); err != nil {
			return err
		}
		digests[n] = secret.KeyDigest(key)
		return nil
	})
	if err != nil {
		return err
	}
	for n, digest := range digests {
		if _, err := tx.ExecContext(ctx, "UPDATE credential SET key_digest = ? WHERE n = ?", digest, n); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "CREATE UNIQUE INDEX credential_key_digest ON credential (key_digest)"); err != nil {
		return err
	}
	return chainOld(ctx, tx)
}

// chainOld makes a chain of lines that had none, and of their numbers a row
// without gaps.
func chainOld(ctx context.Context, tx *sql.Tx) error {
	type old struct {
		n  int64
		at string
		e  issuer.Event
	}
	var lines []old
	err := rows(ctx, tx, "SELECT n, at, actor, action, credential, why FROM audit ORDER BY n", nil, func(r scanner) error {
		var o old
		defer func() { lines = append(lines, o) }()
		return r.Scan(&o.n, &o.at, &o.e.Actor, &o.e.Action, &o.e.Credential, &o.e.Why)
	})
	if err != nil {
		return err
	}
	hash := ""
	for k, o := range lines {
		line, err := issuer.NewLine(o.e)
		if err != nil {
			return err
		}
		line.At = o.at
		line = line.Chain(int64(k), hash)
		hash = line.Hash
		// Ascending, so the number that a line gets is free by then.
		if _, err := tx.ExecContext(ctx, "UPDATE audit SET n = ?, salt = ?, why_digest = ?, hash = ? WHERE n = ?", line.N, line.Salt, line.WhyDigest, line.Hash, o.n); err != nil {
			return err
		}
	}
	return nil
}
