package bevistest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
)

// keyUse: what a key signed is counted and found, erased or not, in the order
// of issue, and nothing else is.
func keyUse(t *testing.T, l issuer.Ledger, u issuer.KeyUse) {
	ctx := t.Context()
	if counts, err := u.Signed(ctx); err != nil || len(counts) != 0 {
		t.Error(counts, err)
	}
	const pages = 2500 // more than a ledger reads at a time
	records := many(0, pages)
	for n := range records {
		records[n].Method = []string{"did:web:a.example#key-1", "did:web:a.example#key-2", ""}[n%3]
	}
	if err := l.Record(ctx, records[:1000]...); err != nil {
		t.Fatal(err)
	}
	if err := l.Record(ctx, records[1000:]...); err != nil {
		t.Fatal(err)
	}
	if a, ok := l.(issuer.Archive); ok {
		if _, err := a.Erase(ctx, issuer.Erasure{IDs: []string{records[3].ID}, At: time.Unix(1, 0)}); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := u.Signed(ctx)
	if want := "map[:833 did:web:a.example#key-1:834 did:web:a.example#key-2:833]"; err != nil || fmt.Sprint(counts) != want {
		t.Error(counts, err)
	}
	for k, method := range []string{"did:web:a.example#key-1", "did:web:a.example#key-2", ""} {
		n := k
		err := u.SignedBy(ctx, method, func(r issuer.Record) error {
			if r.ID != records[n].ID || r.Method != method {
				t.Fatalf("%s by %q, not %s", r.ID, r.Method, records[n].ID)
			}
			n += 3
			return nil
		})
		if err != nil || n < pages {
			t.Errorf("%q: %d, %v", method, n, err)
		}
	}
	none := func(r issuer.Record) error { return errors.New(r.ID) }
	if err := u.SignedBy(ctx, "did:web:a.example#key-3", none); err != nil {
		t.Error("a key that signed nothing:", err)
	}
	if r, err := l.Get(ctx, records[1].ID); err != nil || r.Method != "did:web:a.example#key-2" {
		t.Error(r.Method, err)
	}
}
