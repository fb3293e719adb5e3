package bevistest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func archiveEach(t *testing.T, l issuer.Ledger, a issuer.Archive) {
	ctx := t.Context()
	if err := l.Record(ctx, many(0, 2500)...); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := a.Each(ctx, func(r issuer.Record) error {
		if want := record(n, nil); fmt.Sprint(r) != fmt.Sprint(want) {
			t.Fatalf("%+v, not %+v", r, want)
		}
		n++
		return nil
	})
	if err != nil || n != 2500 {
		t.Errorf("%d records, %v", n, err)
	}
	stop := errors.New("enough")
	if err := a.Each(ctx, func(issuer.Record) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	// The ledger can be used meanwhile, also for what is read just now.
	err = a.Each(ctx, func(r issuer.Record) error {
		if r.ID != "urn:x:0" {
			return stop
		}
		_, err := a.Erase(ctx, issuer.Erasure{IDs: []string{r.ID}, At: time.Unix(1, 0)})
		return err
	})
	if !errors.Is(err, stop) {
		t.Error(err)
	}
}

// archiveErase: nothing of a person is left that the ledger was given, and all
// that others rely on is what it was.
func archiveErase(t *testing.T, l issuer.Ledger, a issuer.Archive) {
	ctx := t.Context()
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	slots, err := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 131072, Awards: 3})
	if err != nil {
		t.Fatal(err)
	}
	kari := []string{"did:example:kari", "Kari@Example.com"}
	for n := range 3 {
		r := record(n, slots[n:n+1])
		r.IdempotencyKey, r.Persons = fmt.Sprint("enrolment-kari-", n), kari
		if n == 2 {
			r.IdempotencyKey, r.Persons = "enrolment-ola", []string{"did:example:ola"}
		}
		r.Others = []issuer.Form{{Suite: "f2", Credential: r.Credential}}
		if err := l.Record(ctx, r); err != nil {
			t.Fatal(err)
		}
		if err := l.SetStatus(ctx, issuer.Change{ID: r.ID, Purpose: "revocation", Set: n != 1, Why: "kari cheated", Actor: "per", At: at}); err != nil {
			t.Fatal(err)
		}
	}
	before, err := l.Lists(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for person, want := range map[string][]string{
		"did:example:kari": {"urn:x:0", "urn:x:1"}, "kari@example.com": {"urn:x:0", "urn:x:1"}, "did:example:ola": {"urn:x:2"}, "did:example:KARI": nil, "": nil, "nobody": nil,
	} {
		got, unknown, err := a.Find(ctx, person)
		slices.Sort(got)
		if err != nil || unknown != 0 || !slices.Equal(got, want) {
			t.Errorf("%q: %v %d %v", person, got, unknown, err)
		}
	}
	e := issuer.Erasure{IDs: []string{"urn:x:0", "urn:x:nobody"}, Why: "asked for", Actor: "per", At: at}
	if n, err := a.Erase(ctx, e); reason.CodeOf(err) != reason.NotFound || n != 0 {
		t.Error(n, err)
	}
	if r, err := l.Get(ctx, "urn:x:0"); err != nil || !r.Erased.IsZero() {
		t.Error("a part was erased", err)
	}
	e.IDs = []string{"urn:x:0", "urn:x:1", "urn:x:0"}
	if n, err := a.Erase(ctx, e); err != nil || n != 2 {
		t.Errorf("%d erased, %v", n, err)
	}
	if n, err := a.Erase(ctx, e); err != nil || n != 0 {
		t.Errorf("%d erased again, %v", n, err)
	}
	r, err := l.Get(ctx, "urn:x:0")
	want := record(0, slots[:1])
	want.AwardDigest, want.Credential, want.Erased = "", nil, at
	if err != nil || r.IdempotencyKey != "" || len(r.Credential)+len(r.Others) != 0 || fmt.Sprint(r.Slots, r.ID, r.Achievement, r.Form, r.AwardDigest, r.Erased, r.IssuedAt) !=
		fmt.Sprint(want.Slots, want.ID, want.Achievement, want.Form, want.AwardDigest, want.Erased, want.IssuedAt) {
		t.Errorf("%+v %v", r, err)
	}
	if got, _, err := a.Find(ctx, "did:example:kari"); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	// The key stays used.
	if r, err := l.ByKey(ctx, "enrolment-kari-1"); err != nil || r.ID != "urn:x:1" || r.Erased.IsZero() {
		t.Errorf("%+v %v", r, err)
	}
	again := record(9, nil)
	again.IdempotencyKey = "enrolment-kari-1"
	if err := l.Record(ctx, again); reason.CodeOf(err) != reason.Conflict {
		t.Error("an erased credential was issued again:", err)
	}
	// What was revoked is, and what was not can be.
	if after, err := l.Lists(ctx); err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("%v, not %v, %v", after, before, err)
	}
	if err := l.SetStatus(ctx, issuer.Change{ID: "urn:x:1", Purpose: "revocation", Set: true, At: at}); err != nil {
		t.Error(err)
	}
	if got, err := l.Status(ctx, "urn:x:1"); err != nil || len(got) != 1 {
		t.Error(got, err)
	}
	erasedLines(t, l)
}

// erasedLines: the audit log says no more why what was done to the credentials
// of archiveErase, and is still one chain.
func erasedLines(t *testing.T, l issuer.Ledger) {
	log, ok := l.(issuer.AuditLog)
	if !ok {
		return
	}
	var out bytes.Buffer
	if _, err := issuer.ExportAudit(t.Context(), log, &out); err != nil {
		t.Fatal(err)
	}
	erased := 0
	_, err := issuer.ReadAudit(t.Context(), &out, func(line issuer.Line) error {
		if line.Erased {
			erased++
		}
		if strings.Contains(line.Why, "kari") != (line.Credential == "urn:x:2" && line.Action == "set revocation") {
			t.Errorf("%+v", line)
		}
		return nil
	})
	if err != nil || erased != 4 { // the issue and the change of each
		t.Errorf("%d lines are erased, %v", erased, err)
	}
}

// lines returns all of an audit log, which is held to be one chain.
func lines(t *testing.T, log issuer.AuditLog) []issuer.Line {
	t.Helper()
	var out []issuer.Line
	hash := ""
	err := log.Lines(t.Context(), 0, func(l issuer.Line) error {
		if err := l.Follows(int64(len(out)), hash); err != nil {
			return err
		}
		hash = l.Hash
		out = append(out, l)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func auditLines(t *testing.T, l issuer.Ledger, log issuer.AuditLog) {
	ctx := t.Context()
	slots, err := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation", "suspension"}, ListSize: 131072})
	if err != nil {
		t.Fatal(err)
	}
	r := record(1, slots)
	r.Actor = "api key 7"
	if err := l.Record(ctx, r); err != nil {
		t.Fatal(err)
	}
	if err := l.Record(ctx, r); reason.CodeOf(err) != reason.Conflict {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 1, 14, 0, 0, 0, time.FixedZone("", 7200))
	for n, c := range []issuer.Change{
		{Purpose: "suspension", Set: true, Why: "under review æøå", Actor: "kari"},
		{Purpose: "suspension", Set: false, Why: "cleared", Actor: "ola"},
		{Purpose: "message", Set: true, Why: "cannot be"},
		{Purpose: "revocation", Set: true, Why: "fraud", Actor: "kari"},
	} {
		c.ID, c.At = "urn:x:1", at.Add(time.Duration(n)*time.Hour)
		if err := l.SetStatus(ctx, c); (err != nil) != (c.Purpose == "message") {
			t.Fatal(err)
		}
	}
	if err := log.Log(ctx, issuer.Event{At: at, Actor: "per", Action: "publish", Why: "by hand"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines(t, log) {
		got = append(got, strings.Join([]string{line.At, line.Actor, line.Action, line.Credential, line.Why}, "|"))
	}
	want := `2026-01-02T03:04:05.000000006Z|api key 7|issue|urn:x:1|
2026-05-01T12:00:00Z|kari|set suspension|urn:x:1|under review æøå
2026-05-01T13:00:00Z|ola|clear suspension|urn:x:1|cleared
2026-05-01T15:00:00Z|kari|set revocation|urn:x:1|fraud
2026-05-01T12:00:00Z|per|publish||by hand`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	n := 0
	if err := log.Lines(ctx, 3, func(line issuer.Line) error { n++; return nil }); err != nil || n != 2 {
		t.Errorf("%d lines after the third, %v", n, err)
	}
	stop := errors.New("enough")
	if err := log.Lines(ctx, 0, func(issuer.Line) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// auditChain: what was read once is there for ever, however many write and
// read at the same time.
func auditChain(t *testing.T, l issuer.Ledger, log issuer.AuditLog) {
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for n := range 25 {
				if err := l.Record(t.Context(), record(w*100+n, nil)); err != nil {
					t.Error(err)
				}
				if n%10 == 0 {
					lines(t, log)
				}
			}
		})
	}
	var early []issuer.Line
	wg.Go(func() { early = lines(t, log) })
	wg.Wait()
	late := lines(t, log)
	if len(late) != 200 || len(early) > len(late) || !slices.Equal(early, late[:len(early)]) {
		t.Errorf("%d lines, of which %d were read before", len(late), len(early))
	}
	seen := map[string]bool{}
	for _, line := range late {
		if seen[line.Credential] {
			t.Errorf("%s is there twice", line.Credential)
		}
		seen[line.Credential] = true
	}
}
