package postgres_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/postgres"
	"github.com/kompetansebevis/bevis/reason"
)

var (
	_ issuer.Ledger   = (*postgres.Ledger)(nil)
	_ issuer.Archive  = (*postgres.Ledger)(nil)
	_ issuer.AuditLog = (*postgres.Ledger)(nil)
	_ issuer.Queue    = (*postgres.Ledger)(nil)
	_ issuer.KeyUse   = (*postgres.Ledger)(nil)

	_ issuer.AchievementUse = (*postgres.Ledger)(nil)
)

// database returns the address of a schema of the test's own.
func database(t testing.TB) string {
	t.Helper()
	dsn := os.Getenv("BEVIS_POSTGRES")
	if dsn == "" {
		t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := "l" + strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.TrimPrefix(t.Name(), "Test")))
	for _, sql := range []string{"DROP SCHEMA IF EXISTS " + name + " CASCADE", "CREATE SCHEMA " + name} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dsn + fmt.Sprintf(" search_path=%s application_name=%s", name, name)
}

func open(t testing.TB, dsn string) *postgres.Ledger {
	t.Helper()
	l, err := postgres.Open(t.Context(), dsn+" pool_max_conns=8")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// sql asks the database behind the ledger's back.
func sql(t testing.TB, dsn, query string, args ...any) string {
	t.Helper()
	db, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	rows, err := db.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		values, err := row.Values()
		return fmt.Sprint(values...), err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "\n")
}

// TestAwardedByIndex: also where all that was issued is for one achievement,
// which makes a database read the table, is another one looked up.
func TestAwardedByIndex(t *testing.T) {
	l := open(t, database(t))
	records := make([]issuer.Record, 2000)
	for n := range records {
		records[n] = issuer.Record{ID: fmt.Sprint("urn:x:", n), Achievement: "https://kurs.example/s", Credential: []byte("{}")}
	}
	if err := l.Record(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	if plan := l.ExplainAwarded(t); !strings.Contains(plan, "using ledger_credential_achievement") || strings.Contains(plan, "Seq Scan") {
		t.Error(plan)
	}
}

func TestContract(t *testing.T) {
	if os.Getenv("BEVIS_POSTGRES") == "" {
		t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
	}
	bevistest.TestLedger(t, func(t *testing.T) issuer.Ledger { return open(t, database(t)) })
}

func TestQueue(t *testing.T) {
	if os.Getenv("BEVIS_POSTGRES") == "" {
		t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
	}
	bevistest.TestQueue(t, func(t *testing.T) issuer.Queue { return open(t, database(t)) })
}

// TestManyOpenAtOnce: the tables are made once.
func TestManyOpenAtOnce(t *testing.T) {
	dsn := database(t)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			l, err := postgres.Open(t.Context(), dsn)
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Close()
			if err := l.Record(t.Context(), issuer.Record{ID: fmt.Sprint("urn:x:", n), IdempotencyKey: fmt.Sprint("k", n)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// All share one secret, so each finds what the others recorded.
	l := open(t, dsn)
	for n := range 8 {
		if _, err := l.ByKey(t.Context(), fmt.Sprint("k", n)); err != nil {
			t.Error(n, err)
		}
	}
}

// TestOneIssuer: a ledger is that of the first issuer that asks for it.
func TestOneIssuer(t *testing.T) {
	dsn := database(t)
	l := open(t, dsn)
	var wg sync.WaitGroup
	var mu sync.Mutex
	mine := map[bool]int{}
	for n := range 8 {
		wg.Go(func() {
			err := l.Bind(t.Context(), fmt.Sprint("did:web:", n, ".example"))
			if err != nil && reason.CodeOf(err) != "conflict/other-issuer" {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			mine[err == nil]++
		})
	}
	wg.Wait()
	owner := sql(t, dsn, "SELECT issuer FROM ledger_secret")
	if err := open(t, dsn).Bind(t.Context(), owner); err != nil || mine[true] != 1 {
		t.Errorf("%d of 8 have it, %v", mine[true], err)
	}
}

func TestVersions(t *testing.T) {
	dsn := database(t)
	open(t, dsn)
	if got := sql(t, dsn, "SELECT version FROM ledger_version"); got != "1\n2\n3\n4\n5\n6" {
		t.Errorf("version %q", got)
	}
	sql(t, dsn, "INSERT INTO ledger_version (version) VALUES (99)")
	if _, err := postgres.Open(t.Context(), dsn); reason.CodeOf(err) != "conflict/version" {
		t.Error(err)
	}
}

func TestAddressesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]reason.Code{
		"host=/nowhere/at/all user=x password=secret":      "io/ledger-unreachable",
		"port=x password=secret":                           "usage/ledger",
		"postgres://kari:secret@[::1]:99999/x":             "usage/ledger",
		"postgres://kari:secret@127.0.0.1:1/x":             "io/ledger-unreachable",
		"postgres://kari:secret@127.0.0.1:1/x?sslmode=odd": "usage/ledger",
	} {
		if _, err := postgres.Open(t.Context(), dsn); reason.CodeOf(err) != want || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// TestTextThatCannotBeKept: the database has no NUL, and that is told as what
// it is.
func TestTextThatCannotBeKept(t *testing.T) {
	l := open(t, database(t))
	for _, actor := range []string{"a\x00b", "a\xffb"} {
		if err := l.Record(t.Context(), issuer.Record{ID: "urn:x:1", Actor: actor}); reason.CodeOf(err) != reason.MalformedUTF8 {
			t.Error(err)
		}
	}
	if _, err := l.Get(t.Context(), "urn:x:1"); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
}

// TestChangedLogShows: whoever changes a line or takes it out is found out, also
// before anybody has read it into the chain where the line says why.
func TestChangedLogShows(t *testing.T) {
	dsn := database(t)
	l := open(t, dsn)
	for n := range 5 {
		if err := l.Log(t.Context(), issuer.Event{Actor: "kari", Action: "a", Why: fmt.Sprint("w", n)}); err != nil {
			t.Fatal(err)
		}
	}
	read := func() error {
		_, err := issuer.ExportAudit(t.Context(), l, &strings.Builder{})
		return err
	}
	sql(t, dsn, "UPDATE ledger_audit SET why = 'other' WHERE n = 2")
	if err := read(); reason.CodeOf(err) != "audit_broken/why" {
		t.Error(err)
	}
	sql(t, dsn, "UPDATE ledger_audit SET why = 'w1' WHERE n = 2")
	if err := read(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		change string
		want   reason.Code
	}{{"UPDATE ledger_audit SET actor = 'other' WHERE n = 2", "audit_broken/chain"}, {"DELETE FROM ledger_audit WHERE n = 2", "audit_broken/missing"}} {
		sql(t, dsn, c.change)
		if err := read(); reason.CodeOf(err) != c.want {
			t.Errorf("%s: %v", c.change, err)
		}
	}
}

func BenchmarkLedger(b *testing.B) {
	bevistest.BenchmarkLedger(b, open(b, database(b)))
}
