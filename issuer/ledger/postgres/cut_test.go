package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/postgres"
	"github.com/kompetansebevis/bevis/reason"
)

// cutConn is a connection that is cut now and then: before something is sent,
// after it was sent and before an answer came, or in the middle.
type cutConn struct {
	net.Conn
	odds int // one in so many
}

func (c cutConn) Write(p []byte) (int, error) {
	switch rand.IntN(c.odds) {
	case 0:
		return 0, errors.Join(errCut, c.Close())
	case 1:
		n, err := c.Conn.Write(p[:len(p)/2])
		return n, errors.Join(errCut, err, c.Close())
	case 2: // the database has it, and nobody hears what came of it
		n, err := c.Conn.Write(p)
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		return n, errors.Join(err, c.Close())
	}
	return c.Conn.Write(p)
}

var errCut = errors.New("cut by the test")

// lost reports whether an error is that of a connection: ask again.
func lost(err error) bool { return reason.CodeOf(err) == "io/ledger-unreachable" }

// TestCutConnections: four workers issue, with connections that are cut at
// random and that the database ends at random. What was answered is in the
// ledger, and nothing is there twice.
func TestCutConnections(t *testing.T) {
	dsn := database(t)
	enrolments := 1000
	if testing.Short() {
		enrolments = 200
	}
	steady := open(t, dsn)
	var ledgers []issuer.Ledger
	for range 4 {
		var l *postgres.Ledger
		err := errCut
		for err != nil { // opening can be cut as well
			l, err = postgres.OpenOver(t.Context(), dsn+" pool_max_conns=4", func(c net.Conn) net.Conn { return cutConn{c, 200} })
		}
		t.Cleanup(func() { _ = l.Close() })
		ledgers = append(ledgers, l)
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	ended := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			got := sql(t, strings.Split(dsn, " search_path")[0], `SELECT count(pg_terminate_backend(pid)) FROM
				(SELECT pid FROM pg_stat_activity WHERE application_name = $1 ORDER BY random() LIMIT 2) a`, dsn[strings.LastIndex(dsn, "=")+1:])
			if got != "0" {
				ended++
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	answers := bevistest.Requests(t, bevistest.Workers(t, ledgers...), enrolments, 4, lost)
	stop()
	wg.Wait()
	if len(answers) != enrolments || ended < 3 {
		t.Errorf("%d enrolments were answered, connections were ended %d times", len(answers), ended)
	}
	sound(t, steady, answers)
}

// sound is bevistest.Sound on a ledger whose pool may still hold connections
// that were ended.
func sound(t *testing.T, l *postgres.Ledger, answers map[int][]byte) {
	t.Helper()
	for n := 0; ; n++ {
		_, err := l.Lists(t.Context())
		if err == nil {
			break
		}
		if n == 20 {
			t.Fatal(err)
		}
	}
	bevistest.Sound(t, l, answers)
}

// workerDSN names the database of the processes that TestKilledWorkers starts
// and kills.
const workerDSN = "BEVIS_TEST_LEDGER_DSN"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(workerDSN); dsn != "" {
		issueForever(dsn)
	}
	os.Exit(m.Run())
}

// issueForever takes places, records, and says what is recorded.
func issueForever(dsn string) {
	ctx := context.Background()
	l, err := postgres.Open(ctx, dsn)
	for n := 0; err == nil; n++ {
		var slots []issuer.Slot
		if slots, err = l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 1000}); err != nil {
			break
		}
		key := fmt.Sprint("enrolment-", rand.IntN(2000))
		err = l.Record(ctx, issuer.Record{ID: fmt.Sprintf("urn:x:%d-%d", os.Getpid(), n), IdempotencyKey: key, Slots: slots, Credential: fmt.Append(nil, os.Getpid(), n)})
		if reason.CodeOf(err) == reason.Conflict {
			err = nil
			continue
		}
		fmt.Println(key, os.Getpid(), n)
	}
	fmt.Println("error", err)
	os.Exit(1)
}

// TestKilledWorkers kills processes in the middle of it, four at a time: what
// one of them said is there, and no place and no key is used twice.
func TestKilledWorkers(t *testing.T) {
	dsn := database(t)
	var mu sync.Mutex
	said := map[int][]byte{}
	for round := range 3 {
		var wg sync.WaitGroup
		for w := range 4 {
			wg.Go(func() {
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), workerDSN+"="+dsn+" pool_max_conns=2")
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Error(err)
					return
				}
				if err := cmd.Start(); err != nil {
					t.Error(err)
					return
				}
				lines := bufio.NewScanner(out)
				for n := 0; lines.Scan(); n++ { // after the kill, what was said before it
					var key, pid, count int
					if _, err := fmt.Sscanf(lines.Text(), "enrolment-%d %d %d", &key, &pid, &count); err != nil {
						t.Error(lines.Text())
						break
					}
					mu.Lock()
					if said[key] != nil {
						t.Errorf("enrolment %d was recorded twice", key)
					}
					said[key] = fmt.Append(nil, pid, count)
					mu.Unlock()
					if n == 30+10*w+5*round {
						if err := cmd.Process.Kill(); err != nil {
							t.Error(err)
						}
					}
				}
				_ = cmd.Wait() // killed, as it should be
			})
		}
		wg.Wait()
	}
	l := open(t, dsn)
	// The last record of a killed process may be there without a word.
	silent := 0
	if err := l.Each(t.Context(), func(r issuer.Record) error {
		var key int
		if _, err := fmt.Sscanf(r.IdempotencyKey, "enrolment-%d", &key); err != nil {
			return err
		}
		if said[key] == nil {
			silent++
			said[key] = r.Credential
		}
		return nil
	}); err != nil || silent > 12 || len(said) < 300 {
		t.Errorf("%d records, %d without a word, %v", len(said), silent, err)
	}
	bevistest.Sound(t, l, said)
}

// TestCrashedDatabase kills the server's processes without a word, so that it
// loses what it had not written and recovers. Places are taken without waiting
// for the disk; none that a record uses is given again.
func TestCrashedDatabase(t *testing.T) {
	dsn := database(t)
	if !strings.Contains(dsn, "host=/") {
		t.Skip("the server is not on this machine")
	}
	enrolments := 1000
	if testing.Short() {
		enrolments = 200
	}
	var ledgers []issuer.Ledger
	for range 4 {
		ledgers = append(ledgers, open(t, dsn))
	}
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	crashes := 0
	wg.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(300 * time.Millisecond)
			var pid int
			_, err := fmt.Sscan(sql(t, dsn, "SELECT pid FROM pg_stat_activity WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"), &pid)
			if err != nil || pid < 2 {
				continue // no worker is connected just now
			}
			if p, err := os.FindProcess(pid); err != nil || p.Kill() != nil {
				t.Errorf("process %d of the server could not be killed", pid)
				return
			}
			crashes++
			up(t, dsn)
		}
	})
	answers := bevistest.Requests(t, bevistest.Workers(t, ledgers...), enrolments, 4, func(err error) bool {
		time.Sleep(10 * time.Millisecond)
		return lost(err)
	})
	stop()
	wg.Wait()
	up(t, dsn)
	if len(answers) != enrolments || crashes == 0 {
		t.Errorf("%d enrolments were answered over %d crashes", len(answers), crashes)
	}
	t.Logf("%d crashes", crashes)
	sound(t, open(t, dsn), answers)
}

// TestPlacesSurviveACrash: who has a place may be slow to use it, and the server
// may crash and come up again meanwhile. Nobody else is given the place.
func TestPlacesSurviveACrash(t *testing.T) {
	dsn := database(t)
	if !strings.Contains(dsn, "host=/") {
		t.Skip("the server is not on this machine")
	}
	r := issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 131072}
	seen := map[issuer.Slot]bool{}
	for range 4 {
		l, err := postgres.Open(t.Context(), dsn+" pool_max_conns=1")
		if err != nil {
			t.Fatal(err)
		}
		pid := l.Backend(t)
		for range 3 {
			slots, err := l.Reserve(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if seen[slots[0]] {
				t.Errorf("%+v was given twice", slots[0])
			}
			seen[slots[0]] = true
		}
		if p, err := os.FindProcess(pid); err != nil || p.Kill() != nil {
			t.Fatalf("process %d of the server could not be killed", pid)
		}
		up(t, dsn)
		_ = l.Close() // of which nothing is left
	}
}

// up waits until the server answers again.
func up(t *testing.T, dsn string) {
	t.Helper()
	for range 500 {
		time.Sleep(20 * time.Millisecond)
		db, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			continue
		}
		if db.Close(t.Context()) == nil {
			return
		}
	}
	t.Error("the server does not come up again")
}
