package bevistest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestLedger is the contract of issuer.Ledger. Open returns an empty ledger.
func TestLedger(t *testing.T, open func(t *testing.T) issuer.Ledger) {
	t.Run("records", func(t *testing.T) { ledgerRecords(t, open(t)) })
	t.Run("places are random and never given twice", func(t *testing.T) { ledgerPlaces(t, open(t)) })
	t.Run("no change is lost", func(t *testing.T) { ledgerChanges(t, open(t)) })
	t.Run("places taken at the same time differ", func(t *testing.T) { ledgerParallelPlaces(t, open(t)) })
	t.Run("one of many wins", func(t *testing.T) { ledgerRace(t, open(t)) })
	t.Run("canceled", func(t *testing.T) {
		l := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, reserve := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 131072})
		_, lists := l.Lists(ctx)
		for name, err := range map[string]error{"Reserve": reserve, "Record": l.Record(ctx, record(1, nil)), "Lists": lists} {
			if reason.CodeOf(err) != reason.Canceled {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := l.Get(t.Context(), record(1, nil).ID, ""); reason.CodeOf(err) != reason.NotFound {
			t.Error("what was canceled was recorded", err)
		}
	})
}

func record(n int, slots []issuer.Slot) issuer.Record {
	return issuer.Record{ID: fmt.Sprintf("urn:x:%d", n), AwardDigest: "d", Achievement: "urn:a", Form: "f",
		IssuedAt: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Slots: slots, Credential: []byte(fmt.Sprintf(`{"n":%d}`, n))}
}

func ledgerRecords(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	if _, err := l.Get(ctx, "urn:x:1", ""); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
	if _, err := l.Get(ctx, "", ""); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
	one := record(1, []issuer.Slot{{Purpose: "revocation", List: 1, Index: 7}})
	one.IdempotencyKey = "k1"
	for _, r := range []issuer.Record{one, record(2, nil), record(3, nil)} {
		if err := l.Record(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	for _, got := range []func() (issuer.Record, error){
		func() (issuer.Record, error) { return l.Get(ctx, "urn:x:1", "") },
		func() (issuer.Record, error) { return l.Get(ctx, "", "k1") },
	} {
		if r, err := got(); err != nil || fmt.Sprint(r) != fmt.Sprint(one) {
			t.Errorf("%+v %v", r, err)
		}
	}
	sameKey := record(4, nil)
	sameKey.IdempotencyKey = "k1"
	for _, r := range []issuer.Record{one, record(2, nil), sameKey} {
		if err := l.Record(ctx, r); reason.CodeOf(err) != reason.Conflict {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
	all, err := l.Records(ctx)
	if err != nil || len(all) != 3 || all[0].ID != "urn:x:1" || all[2].ID != "urn:x:3" {
		t.Errorf("%v %v", all, err)
	}
}

// ledgerPlaces fills small lists and looks how the places are spread: by
// chi-square over 8 parts, which a sequence fails by far.
func ledgerPlaces(t *testing.T, l issuer.Ledger) {
	const size, n = 1024, 2000
	seen := map[issuer.Slot]bool{}
	var parts [8]float64
	ascending := 0
	last := uint64(0)
	for range n {
		slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation", "suspension"}, ListSize: size})
		if err != nil {
			t.Fatal(err)
		}
		if len(slots) != 2 || slots[0].Purpose != "revocation" || slots[1].Purpose != "suspension" {
			t.Fatal(slots)
		}
		for _, s := range slots {
			if seen[s] || s.Index >= size || s.List < 1 {
				t.Fatalf("%+v was given twice or is outside", s)
			}
			seen[s] = true
		}
		parts[slots[0].Index*8/size]++
		if slots[0].Index > last {
			ascending++
		}
		last = slots[0].Index
	}
	chi := 0.0
	for _, p := range parts {
		chi += (p - n/8) * (p - n/8) / (n / 8)
	}
	if chi > 40 || ascending > n*2/3 { // 7 degrees of freedom: beyond 40 once in 10^6
		t.Errorf("places are not random: chi-square %.1f, %d of %d ascend", chi, ascending, n)
	}
	lists, err := l.Lists(t.Context())
	if err != nil || len(lists) < 4 {
		t.Errorf("%d lists, %v", len(lists), err)
	}
}

func ledgerChanges(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	const n = 1000
	var want []uint64
	for i := range n {
		slots, err := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 131072})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Record(ctx, record(i, slots)); err != nil {
			t.Fatal(err)
		}
		want = append(want, slots[0].Index)
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := l.SetStatus(ctx, issuer.Change{ID: fmt.Sprintf("urn:x:%d", i), Purpose: "revocation", Set: true, Why: "w", Actor: "a", At: time.Unix(1, 0)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	slices.Sort(want)
	lists, err := l.Lists(ctx)
	if err != nil || len(lists) != 1 || !slices.Equal(lists[0].Set, want) || lists[0].Size != 131072 {
		t.Errorf("%d places are set, %d were asked for, %v", len(lists[0].Set), n, err)
	}
	if err := l.SetStatus(ctx, issuer.Change{ID: "urn:x:0", Purpose: "revocation", Set: false}); err != nil {
		t.Error(err)
	}
	if lists, _ = l.Lists(ctx); len(lists[0].Set) != n-1 {
		t.Error("clearing did not clear")
	}
	if err := l.SetStatus(ctx, issuer.Change{ID: "urn:x:0", Purpose: "suspension"}); reason.CodeOf(err).Coarse() != string(reason.NotFound) {
		t.Error(err)
	}
	if err := l.SetStatus(ctx, issuer.Change{ID: "urn:x:none", Purpose: "revocation"}); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
}

func ledgerParallelPlaces(t *testing.T, l issuer.Ledger) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[issuer.Slot]bool{}
	for range 20 {
		wg.Go(func() {
			for range 20 {
				slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 64})
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if seen[slots[0]] {
					t.Errorf("%+v was given twice", slots[0])
				}
				seen[slots[0]] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(seen) != 400 {
		t.Errorf("%d places", len(seen))
	}
	if _, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"suspension"}}); err == nil {
		t.Error("a list without entries has a place")
	}
}

func ledgerRace(t *testing.T, l issuer.Ledger) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 20 {
		wg.Go(func() {
			r := record(i, nil)
			r.IdempotencyKey = "same"
			err := l.Record(t.Context(), r)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case reason.CodeOf(err) != reason.Conflict:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d of 20 records with one idempotency key were taken", won)
	}
}
