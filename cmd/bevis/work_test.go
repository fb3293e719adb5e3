package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
)

// TestKilledWorkers has four processes do the work of the books, and kills them
// again and again without a word. All that was asked for is issued once.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many processes: nothing for a short run")
	}
	t.Run("ledgersqlite", func(t *testing.T) { killedWorkers(t, "") })
	t.Run("ledgerpostgres", func(t *testing.T) {
		dsn := emptySchema(t, "killed_workers")
		if dsn == "" {
			t.Skip("no PostgreSQL here (BEVIS_POSTGRES, see bench/catalogue/postgres.sh)")
		}
		killedWorkers(t, dsn)
	})
}

// emptySchema returns the address of a schema with nothing in it, empty where
// there is no PostgreSQL.
func emptySchema(t *testing.T, name string) string {
	t.Helper()
	dsn := os.Getenv("BEVIS_POSTGRES")
	if dsn == "" {
		return ""
	}
	db, err := pgx.Connect(t.Context(), dsn)
	if err == nil {
		_, err = db.Exec(t.Context(), "DROP SCHEMA IF EXISTS "+name+" CASCADE; CREATE SCHEMA "+name)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return dsn + " search_path=" + name
}

func killedWorkers(t *testing.T, ledger string) {
	const awards, publications = 150, 3
	home, web := t.TempDir(), t.TempDir()
	a, err := app.New(app.Config{Home: home, Now: time.Now, Ledger: ledger})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.IssuerInit(t.Context(), app.IssuerSetup{ID: "did:web:kurs.example", Name: "Kursstedet", Suite: app.SuiteNames()[1]}, key.Unknown); err != nil {
		t.Fatal(err)
	}
	if _, err := a.AchievementNew(app.Achievement{Slug: "s", Achievement: openbadge.Achievement{ID: "https://kurs.example/s", Name: "S", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}}); err != nil {
		t.Fatal(err)
	}
	for n := range awards {
		if err := a.IssueLater(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: fmt.Sprint("did:example:", n)}, IdempotencyKey: fmt.Sprint("enrolment-", n)}); err != nil {
			t.Fatal(err)
		}
		if n%(awards/publications) == 0 {
			if err := a.PublishLater(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	work := func(words ...string) *exec.Cmd {
		cmd := exec.Command("bevis", append([]string{"issuer", "work", web, "--hold", "1s"}, words...)...)
		cmd.Env = append(os.Environ(), "BEVIS_HOME="+home, "BEVIS_LEDGER="+ledger)
		return cmd
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				cmd := work()
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
				if err := cmd.Process.Kill(); err != nil {
					t.Error(err)
				}
				_ = cmd.Wait() // killed, as it should be
			}
		})
	}
	wg.Wait()
	time.Sleep(1100 * time.Millisecond) // what the last of them held is free
	if out, err := work("--until-done").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var log bytes.Buffer
	if _, err := a.AuditExport(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), `"action":"issue"`); n != awards {
		t.Errorf("%d credentials were issued for %d enrolments", n, awards)
	}
	for n := range awards {
		again, err := a.Issue(t.Context(), "s", issuer.Award{Recipient: issuer.Recipient{ID: fmt.Sprint("did:example:", n)}, IdempotencyKey: fmt.Sprint("enrolment-", n)})
		if err != nil || !again.Again {
			t.Errorf("enrolment %d: %+v %v", n, again, err)
		}
	}
	if list, err := os.ReadFile(filepath.Join(web, "status", "revocation-1.json")); err != nil || !bytes.Contains(list, []byte("encodedList")) {
		t.Errorf("the list was not published whole: %v", err)
	}
}
