package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/postgres"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/reason"
)

const owner = "did:web:kurs.example"

// everything is what a ledger gives of itself.
type everything struct {
	Records []issuer.Record
	Lists   []issuer.ListState
	Lines   []issuer.Line
	Backlog issuer.Backlog
	Signed  map[string]int
}

type ledger interface {
	issuer.Ledger
	issuer.Archive
	issuer.AuditLog
	issuer.Queue
	issuer.KeyUse
}

func all(t *testing.T, l ledger) (e everything) {
	t.Helper()
	errs := []error{
		l.Each(t.Context(), func(r issuer.Record) error { e.Records = append(e.Records, r); return nil }),
		l.Lines(t.Context(), 0, func(l issuer.Line) error { e.Lines = append(e.Lines, l); return nil }),
	}
	var err error
	e.Lists, err = l.Lists(t.Context())
	errs = append(errs, err)
	e.Backlog, err = l.Backlog(t.Context())
	errs = append(errs, err)
	e.Signed, err = l.Signed(t.Context())
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	for n := range e.Records { // nil and empty are the same
		e.Records[n].Credential = append([]byte{}, e.Records[n].Credential...)
	}
	return e
}

// filled returns a file with some of all that a ledger can hold, and where it is.
func filled(t *testing.T) (*sqlite.Ledger, string) {
	t.Helper()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const n = 2500 // more than is read at once
	bits := map[string]int{"message": 4}
	slots, err := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation", "message"}, ListSize: 2000, Awards: n, Bits: bits})
	check(err)
	at := time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)
	var records []issuer.Record
	for k := range n {
		r := issuer.Record{ID: fmt.Sprint("urn:x:", k), AwardDigest: fmt.Sprint("d", k), Achievement: "urn:a", Form: "f", IssuedAt: at.Add(time.Duration(k)),
			Slots: slots[2*k : 2*k+2], Credential: fmt.Appendf(nil, `{"n":%d,"æ":true}`, k), Persons: []string{fmt.Sprint("did:example:", k%100), "kari@example.com"}, Actor: "per"}
		if k%5 == 0 {
			r.Others = []issuer.Form{{Suite: "vc+jwt", Credential: fmt.Append(nil, "eyJ", k)}, {Suite: "vc+cose", Credential: []byte{0xd2, byte(k), 0xff}}}
		}
		if k%2 == 0 {
			r.IdempotencyKey = fmt.Sprint("enrolment-", k)
		}
		if k%3 > 0 {
			r.Method = fmt.Sprint(owner, "#key-", k%3)
		}
		records = append(records, r)
	}
	check(l.Record(ctx, records...))
	for k := range 100 {
		check(l.SetStatus(ctx, issuer.Change{ID: fmt.Sprint("urn:x:", 25*k), Purpose: "revocation", Set: true, Why: "w", Actor: "a", At: at}))
		check(l.SetStatus(ctx, issuer.Change{ID: fmt.Sprint("urn:x:", 24*k), Purpose: "message", Set: true, Value: uint8(1 + k%15), Why: "w", Actor: "a", At: at}))
	}
	_, err = l.Erase(ctx, issuer.Erasure{IDs: []string{"urn:x:0", "urn:x:7"}, Why: "asked", Actor: "per", At: at})
	check(err)
	_, err = l.Enqueue(ctx, issuer.Job{Kind: "issue", Key: "k", Payload: []byte("p")}, issuer.Job{Kind: "issue", Payload: []byte("held")}, issuer.Job{Kind: "publish"}, issuer.Job{Kind: "publish"})
	check(err)
	for k := range 3 {
		j, err := l.Lease(ctx, issuer.Lease{Worker: "w", Kinds: []string{"publish", "issue"}[k/2 : k/2+1], For: time.Hour})
		check(err)
		if k < 2 {
			check(l.Finish(ctx, j, []string{"", "failed"}[k]))
		}
	}
	return l, path
}

// copied opens a copy of a file, to see what it would have done.
func copied(t *testing.T, l *sqlite.Ledger, path string) *sqlite.Ledger {
	t.Helper()
	if err := l.Close(); err != nil { // so that all of it is in the file
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(other, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return reopened(t, other)
}

func reopened(t *testing.T, path string) *sqlite.Ledger {
	t.Helper()
	l, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// TestMove: books that are moved are what they were, go on as they would have,
// and are closed where they came from.
func TestMove(t *testing.T) {
	dsn := database(t)
	ctx := t.Context()
	file, path := filled(t)
	twin := copied(t, file, path)
	file = reopened(t, path)
	want := all(t, file)
	late := reopened(t, path) // another process, which has it open
	to := open(t, dsn)
	var moved issuer.Moved
	if err := file.Move(ctx, func(b issuer.Books) (err error) {
		moved, err = to.TakeOver(ctx, owner, b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if moved.Credentials != 2500 || moved.Lists != 4 || moved.Set != 200 || moved.Lines != 2702 || moved.Jobs != 4 || moved.Before {
		t.Errorf("%+v", moved)
	}
	if got := all(t, to); !reflect.DeepEqual(got, want) {
		t.Errorf("%d records, %d lists, %d lines, %+v, %v", len(got.Records), len(got.Lists), len(got.Lines), got.Backlog, got.Signed)
	}
	if r, err := to.ByKey(ctx, "enrolment-0"); err != nil || r.Erased.IsZero() {
		t.Error("a key that was erased is free again", err)
	}
	ids, unknown, err := to.Find(ctx, "did:example:42")
	if err != nil || len(ids) != 25 || unknown != 0 {
		t.Error(len(ids), unknown, err)
	}
	for k := range 3 { // the places that come next are those that would have
		r := issuer.Reservation{Purposes: []string{"revocation", "message"}, ListSize: 2000, Awards: 700 * (k + 1), Bits: map[string]int{"message": 4}}
		here, err := to.Reserve(ctx, r)
		there, err2 := twin.Reserve(ctx, r)
		if err != nil || err2 != nil || !slices.Equal(here, there) {
			t.Errorf("other places are given: %v %v", err, err2)
		}
	}
	if err := to.SetStatus(ctx, issuer.Change{ID: "urn:x:3", Purpose: "revocation", Set: true, At: time.Unix(1, 0)}); err != nil {
		t.Error(err)
	}
	if err := to.Record(ctx, issuer.Record{ID: "urn:x:new", Slots: []issuer.Slot{}}); err != nil {
		t.Error(err)
	}
	if _, err := to.Enqueue(ctx, issuer.Job{Kind: "issue"}); err != nil {
		t.Error(err)
	}
	if got := all(t, to); len(got.Lines) != 2704 || len(got.Records) != 2501 {
		t.Errorf("%d lines, %d records", len(got.Lines), len(got.Records))
	}
	// Nothing goes into the file any more, and it is still there to be read.
	_, reserve := late.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 2000})
	_, enqueue := late.Enqueue(ctx, issuer.Job{Kind: "issue"})
	_, erase := late.Erase(ctx, issuer.Erasure{IDs: []string{"urn:x:9"}})
	_, lease := late.Lease(ctx, issuer.Lease{Kinds: []string{"issue"}, For: time.Second})
	for name, err := range map[string]error{
		"Reserve": reserve, "Enqueue": enqueue, "Erase": erase, "Lease": lease, "Record": late.Record(ctx, issuer.Record{ID: "urn:x:late"}),
		"SetStatus": late.SetStatus(ctx, issuer.Change{ID: "urn:x:9", Purpose: "revocation", Set: true}), "Log": late.Log(ctx, issuer.Event{Action: "publish"}),
	} {
		if reason.CodeOf(err) != "conflict/ledger-moved" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := all(t, late); !reflect.DeepEqual(got, want) {
		t.Error("the file has changed")
	}
}

// TestMoveIsAllOrNothing: what was stopped has changed nothing, can be done
// again, and is not done over books that are there.
func TestMoveIsAllOrNothing(t *testing.T) {
	dsn := database(t)
	file, _ := filled(t)
	to := open(t, dsn)
	move := func(ctx context.Context, id string, then error) (issuer.Moved, error) {
		return moveThen(ctx, file, to, id, then)
	}
	for _, after := range []time.Duration{0, 5 * time.Millisecond, 30 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		if _, err := move(ctx, owner, context.Canceled); err == nil {
			t.Error("it was stopped and did not say so")
		}
		cancel()
	}
	if got := sql(t, dsn, "SELECT count(*) FROM ledger_credential"); got != "0" && got != "2500" {
		t.Errorf("%s credentials are half of it", got)
	}
	// The database has it, and the file does not know: then it is looked at.
	if _, err := move(t.Context(), owner, errCut); err == nil {
		t.Error("what failed at the end is done")
	}
	if err := file.Log(t.Context(), issuer.Event{Action: "publish", At: time.Unix(1, 0)}); err != nil {
		t.Error("the file is closed although nothing was moved:", err)
	}
	if _, err := move(t.Context(), owner, nil); reason.CodeOf(err) != "conflict/ledger-not-empty" {
		t.Error("the file was used after the move:", err)
	}
}

// moveThen moves books, and fails with then between the database's end of it and
// the file's.
func moveThen(ctx context.Context, file *sqlite.Ledger, to *postgres.Ledger, id string, then error) (moved issuer.Moved, err error) {
	err = file.Move(ctx, func(b issuer.Books) (err error) {
		if moved, err = to.TakeOver(ctx, id, b); err == nil {
			err = then
		}
		return err
	})
	return moved, err
}

// TestMoveIsFinished: a move that was stopped when the database had everything
// and the file did not know is finished by another, if neither was used since.
func TestMoveIsFinished(t *testing.T) {
	file, _ := filled(t)
	to := open(t, database(t))
	want := all(t, file)
	move := func(id string, then error) (issuer.Moved, error) { return moveThen(t.Context(), file, to, id, then) }
	if _, err := move(owner, errCut); err == nil {
		t.Error("what failed at the end is done")
	}
	if _, err := move("did:web:annensteds.example", nil); reason.CodeOf(err) != "conflict/ledger-not-empty" {
		t.Error("for another issuer:", err)
	}
	moved, err := move(owner, nil)
	if err != nil || !moved.Before || moved.Credentials != 2500 {
		t.Errorf("%+v %v", moved, err)
	}
	if got := all(t, to); len(got.Records) != len(want.Records) || len(got.Lines) != len(want.Lines) {
		t.Errorf("%d records, %d lines", len(got.Records), len(got.Lines))
	}
	if moved, err = move(owner, nil); err != nil || !moved.Before { // a file that is closed already
		t.Errorf("%+v %v", moved, err)
	}
	if _, err := to.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 2000}); err != nil {
		t.Fatal(err)
	}
	if _, err := move(owner, nil); reason.CodeOf(err) != "conflict/ledger-not-empty" {
		t.Error("the database was used since:", err)
	}
	// Another file does not go over it.
	third, _ := filled(t)
	file = third
	if _, err := move(owner, nil); reason.CodeOf(err) != "conflict/ledger-not-empty" {
		t.Error(err)
	}
}

// TestMoveOfBrokenLog: a chain that does not hold is not taken over as one that
// does.
func TestMoveOfBrokenLog(t *testing.T) {
	to := open(t, database(t))
	file, _ := filled(t)
	err := file.Move(t.Context(), func(b issuer.Books) error {
		_, err := to.TakeOver(t.Context(), owner, changedBooks{b})
		return err
	})
	if reason.CodeOf(err).Coarse() != "audit_broken" {
		t.Error(err)
	}
	if got := all(t, to); len(got.Records)+len(got.Lists)+len(got.Lines) > 0 {
		t.Error("a part was taken over")
	}
	if err := file.Log(t.Context(), issuer.Event{Action: "publish", At: time.Unix(1, 0)}); err != nil {
		t.Error(err)
	}
}

type changedBooks struct{ issuer.Books }

func (c changedBooks) Lines(ctx context.Context, n int64, f func(issuer.Line) error) error {
	return c.Books.Lines(ctx, n, func(l issuer.Line) error {
		if l.N == 1234 {
			l.Actor = "nobody"
		}
		return f(l)
	})
}

// TestMoveOfOldBooks: places that the first version gave by another rule are not
// given again, and what does not say for whom it is says so.
func TestMoveOfOldBooks(t *testing.T) {
	to := open(t, database(t))
	raw, err := os.ReadFile(filepath.Join("..", "sqlite", "testdata", "v1.db"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	file := reopened(t, path)
	want := all(t, file)
	_, unknown, err := file.Find(t.Context(), "nobody")
	if err != nil || unknown == 0 {
		t.Fatal(unknown, err)
	}
	if err := file.Move(t.Context(), func(b issuer.Books) error {
		_, err := to.TakeOver(t.Context(), owner, b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	got := all(t, to)
	if !reflect.DeepEqual(got.Records, want.Records) || !reflect.DeepEqual(got.Lines, want.Lines) {
		t.Error("not the same")
	}
	if _, n, err := to.Find(t.Context(), "nobody"); err != nil || n != unknown {
		t.Error(n, unknown, err)
	}
	slots, err := to.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 128, Awards: 128})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slots {
		for _, l := range want.Lists {
			if l.Purpose == s.Purpose && l.List == s.List {
				t.Fatalf("%+v is in a list that the first version has begun", s)
			}
		}
	}
}

var _ ledger = (*postgres.Ledger)(nil)
