package sqlite_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
	"github.com/kompetansebevis/bevis/reason"
)

// old opens a copy of testdata/v1.db, which the first version of the ledger
// wrote: 100 places in lists of 128, of which 96 filled the first by the rule
// of then; a third of them recorded; two signed credentials, one of them
// suspended, cleared and suspended, one revoked; and one more revoked.
func old(t *testing.T) (*sqlite.Ledger, string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/v1.db")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // twice, in tests that close it
	return l, path
}

// before is what the first version said of testdata/v1.db.
type before struct {
	Records []issuer.Record
	Lists   []issuer.ListState
}

func said(t *testing.T) (b before) {
	t.Helper()
	raw, err := os.ReadFile("testdata/v1.json")
	if err == nil {
		err = json.Unmarshal(raw, &b)
	}
	if err != nil || len(b.Records) != 36 || len(b.Lists) != 3 {
		t.Fatal(len(b.Records), len(b.Lists), err)
	}
	return b
}

// TestOldLedgerOpens: all that the first version knew is there.
func TestOldLedgerOpens(t *testing.T) {
	t.Parallel()
	want := said(t)
	l, path := old(t)
	for range 2 { // once brought up to date, then as it is
		n := 0
		err := l.Each(t.Context(), func(r issuer.Record) error {
			if w := want.Records[n]; !reflect.DeepEqual(r, w) {
				t.Errorf("%+v\nnot\n%+v", r, w)
			}
			if r.IdempotencyKey != "" {
				if k, err := l.ByKey(t.Context(), r.IdempotencyKey); err != nil || k.ID != r.ID {
					t.Error(k.ID, err)
				}
			}
			n++
			return nil
		})
		if err != nil || n != len(want.Records) {
			t.Fatalf("%d records, %v", n, err)
		}
		lists, err := l.Lists(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		used := 0
		for k := range lists {
			used += lists[k].Used
			if lists[k].Bits != 1 {
				t.Errorf("entries of %d bits", lists[k].Bits)
			}
			lists[k].Used, lists[k].Bits = 0, 0 // which the first version did not tell
		}
		if fmt.Sprint(lists) != fmt.Sprint(want.Lists) || used != 100+3 {
			t.Errorf("%v, %d places, not %v", lists, used, want.Lists)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if l, err = sqlite.Open(t.Context(), path); err != nil {
			t.Fatal(err)
		}
	}
	defer l.Close()
	var out bytes.Buffer
	head, err := issuer.ExportAudit(t.Context(), l, &out)
	if err != nil || head.Lines != 36+5 {
		t.Fatal(head, err)
	}
	var tail []string
	if _, err := issuer.ReadAudit(t.Context(), &out, func(line issuer.Line) error {
		if line.Action != "issue" {
			tail = append(tail, line.At+" "+line.Actor+" "+line.Action+" "+line.Why)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(tail, "\n"), `2026-11-11T08:00:00.123456789Z per set suspension under review
2026-11-11T08:00:00.123456789Z per clear suspension cleared
2026-11-11T08:00:00.123456789Z per set suspension again
2026-11-11T08:00:00.123456789Z kari set revocation fraud
2026-11-11T08:00:00.123456789Z kari set revocation wrong person`; got != want {
		t.Errorf("got\n%s", got)
	}
}

// TestOldListsGoOn: what was given by the first version, recorded or not, is
// passed over, and the list is used to its end.
func TestOldListsGoOn(t *testing.T) {
	t.Parallel()
	l, path := old(t)
	seen := map[uint64]bool{}
	err := rowsOf(t, path, "SELECT place FROM drawn WHERE purpose = 'revocation' AND list = 2", func(place uint64) { seen[place] = true })
	if err != nil || len(seen) != 6 {
		t.Fatal(len(seen), err)
	}
	for n := range 128 - 6 + 1 {
		slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 4096})
		if err != nil {
			t.Fatal(err)
		}
		s := slots[0]
		if last := n == 128-6; last != (s.List == 3) || !last && seen[s.Index] {
			t.Fatalf("place %d is %+v", n, s)
		}
		if s.List == 2 {
			seen[s.Index] = true
		}
	}
	lists, err := l.Lists(t.Context())
	if err != nil || len(lists) != 4 || lists[1].Used != 128 || lists[2].Used != 1 || lists[2].Size != 4096 {
		t.Error(lists, err)
	}
}

func rowsOf(t *testing.T, path, query string, f func(uint64)) error {
	t.Helper()
	rows, err := raw(t, path).QueryContext(t.Context(), query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n uint64
		if err := rows.Scan(&n); err != nil {
			return err
		}
		f(n)
	}
	return rows.Err()
}

// TestOldRecordsAreErasedByID: they do not say for whom they are, which is told
// and not passed over.
func TestOldRecordsAreErasedByID(t *testing.T) {
	t.Parallel()
	l, path := old(t)
	ids, unknown, err := l.Find(t.Context(), "did:example:kari")
	if err != nil || len(ids) != 0 || unknown != 36 {
		t.Fatal(ids, unknown, err)
	}
	r, err := l.ByKey(t.Context(), "enrolment-kari")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := l.Erase(t.Context(), issuer.Erasure{IDs: []string{r.ID}, At: time.Unix(1, 0)}); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if _, unknown, err := l.Find(t.Context(), "did:example:kari"); err != nil || unknown != 35 {
		t.Error(unknown, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", "-wal"} {
		file, err := os.ReadFile(path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, trace := range []string{"did:example:kari", "enrolment-kari", "under review", "cleared", r.AwardDigest, string(r.Credential[:200])} {
			if bytes.Contains(file, []byte(trace)) {
				t.Errorf("ledger.db%s still holds %.40q", suffix, trace)
			}
		}
		if suffix == "" && !bytes.Contains(file, []byte("did:example:ola")) && !bytes.Contains(file, []byte(r.ID)) {
			t.Error("more than asked for was erased")
		}
	}
}

// TestChangedLogShows: whoever changes the file behind the ledger's back is
// found out by who keeps a digest.
func TestChangedLogShows(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		query string
		code  reason.Code
	}{
		"a reason":          {"UPDATE audit SET why = 'other' WHERE n = 38", "audit_broken/why"},
		"a name":            {"UPDATE audit SET actor = 'other' WHERE n = 38", "audit_broken/chain"},
		"a line less":       {"DELETE FROM audit WHERE n = 38", "audit_broken/missing"},
		"a line in place":   {"DELETE FROM audit WHERE n = 38; UPDATE audit SET n = n - 1 WHERE n > 38", "audit_broken/chain"},
		"said to be erased": {"UPDATE audit SET erased = 1 WHERE n = 38", "audit_broken/why"},
		"the first line":    {"DELETE FROM audit WHERE n = 1", "audit_broken/missing"},
	} {
		l, path := old(t)
		if _, err := raw(t, path).ExecContext(t.Context(), tt.query); err != nil {
			t.Fatal(err)
		}
		if _, err := issuer.ExportAudit(t.Context(), l, &bytes.Buffer{}); reason.CodeOf(err) != tt.code || !slices.Contains([]string{"line 38", "line 1"}, reason.AtOf(err)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
