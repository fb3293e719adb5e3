package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/reason"
)

// crashPath names the ledger of the process that TestPlacesSurviveAKill
// starts and kills.
const crashPath = "BEVIS_TEST_LEDGER"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashPath); path != "" {
		reserveForever(path)
	}
	os.Exit(m.Run())
}

// reserveForever takes places, records every other one, and says each
// that it was given.
func reserveForever(path string) {
	ctx := context.Background()
	l, err := sqlite.Open(ctx, path)
	for n := 0; err == nil; n++ {
		var slots []issuer.Slot
		if slots, err = l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 4096}); err != nil {
			break
		}
		fmt.Println(slots[0].List, slots[0].Index)
		if n%2 == 0 {
			err = l.Record(ctx, issuer.Record{ID: fmt.Sprintf("urn:x:%d-%d", os.Getpid(), n), Slots: slots, Credential: []byte("{}")})
		}
	}
	fmt.Println("error", err)
	os.Exit(1)
}

// TestPlacesSurviveAKill kills a process that issues, again and again: no
// place is given twice, also not one whose credential was never recorded.
func TestPlacesSurviveAKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	seen := map[string]bool{}
	for round := range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), crashPath+"="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 20 + 7*round {
			if !lines.Scan() || strings.HasPrefix(lines.Text(), "error") {
				t.Fatal(lines.Text(), lines.Err())
			}
			if seen[lines.Text()] {
				t.Errorf("place %s was given twice", lines.Text())
			}
			seen[lines.Text()] = true
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what was said before the kill was seen
			if seen[lines.Text()] {
				t.Errorf("place %s was given twice", lines.Text())
			}
			seen[lines.Text()] = true
		}
		_ = cmd.Wait() // killed, as it should be
	}
	l, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var records []issuer.Record
	err = l.Each(t.Context(), func(r issuer.Record) error { records = append(records, r); return nil })
	if err != nil || len(records) < 50 {
		t.Errorf("%d records, %v", len(records), err)
	}
	for _, r := range records {
		if place := fmt.Sprint(r.Slots[0].List, " ", r.Slots[0].Index); !seen[place] {
			t.Errorf("a record has the place %s that nobody was given", place)
		}
	}
}

// raw opens the file behind the ledger's back.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestOtherDatabasesAreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sql  string
		code reason.Code
	}{
		"of another program": {"CREATE TABLE t (x)", "conflict/not-a-ledger"},
		"with a version":     {"PRAGMA user_version = 1", "conflict/not-a-ledger"},
		"of a newer bevis":   {"PRAGMA user_version = 99; PRAGMA application_id = 1651921713", "conflict/version"},
	} {
		path := filepath.Join(t.TempDir(), "other.db")
		if _, err := raw(t, path).ExecContext(t.Context(), tt.sql); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Open(t.Context(), path); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
		var tables int
		if err := raw(t, path).QueryRowContext(t.Context(), "SELECT count(*) FROM sqlite_schema WHERE name = 'list'").Scan(&tables); err != nil || tables != 0 {
			t.Errorf("%s: tables were made in it, %v", name, err)
		}
	}
}

func TestManyOpenAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ledger.db")
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			l, err := sqlite.Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Close()
			if err := l.Record(t.Context(), issuer.Record{ID: fmt.Sprint("urn:x:", n), Credential: []byte("{}")}); err != nil {
				t.Error(err)
			}
			if runtime.GOOS == "windows" {
				return
			}
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if info, err := os.Stat(path + suffix); err == nil && info.Mode().Perm() != 0o600 {
					t.Errorf("%s has mode %v", suffix, info.Mode())
				}
			}
		})
	}
	wg.Wait()
}
