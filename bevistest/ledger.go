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

// TestLedger is the contract of issuer.Ledger, and of issuer.Archive,
// issuer.AuditLog, issuer.KeyUse and issuer.AchievementUse where a ledger is one. Open returns an empty ledger.
func TestLedger(t *testing.T, open func(t *testing.T) issuer.Ledger) {
	for name, test := range map[string]func(*testing.T, issuer.Ledger){
		"records": ledgerRecords, "several records are one": ledgerTogether,
		"places are random and never given twice": ledgerPlaces, "places for many awards": ledgerManyPlaces,
		"a list is used to its end": ledgerRollover, "lists of any size": ledgerSizes,
		"no change is lost": ledgerChanges, "places taken at the same time differ": ledgerParallelPlaces,
		"one of many wins": ledgerRace, "canceled": ledgerCanceled, "requests that come again": ledgerRequests,
		"all forms are kept":      ledgerForms,
		"entries of several bits": ledgerValues, "no bit of an entry is lost": ledgerMasks,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
	for name, test := range map[string]func(*testing.T, issuer.Ledger, issuer.Archive){
		"all records": archiveEach, "a person is forgotten": archiveErase,
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t)
			a, ok := l.(issuer.Archive)
			if !ok {
				t.Skip("the ledger is no issuer.Archive")
			}
			test(t, l, a)
		})
	}
	for name, test := range map[string]func(*testing.T, issuer.Ledger, issuer.AuditLog){
		"who did what": auditLines, "the audit log is one chain": auditChain,
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t)
			a, ok := l.(issuer.AuditLog)
			if !ok {
				t.Skip("the ledger is no issuer.AuditLog")
			}
			test(t, l, a)
		})
	}
	t.Run("what each key signed", func(t *testing.T) {
		l := open(t)
		u, ok := l.(issuer.KeyUse)
		if !ok {
			t.Skip("the ledger is no issuer.KeyUse")
		}
		keyUse(t, l, u)
	})
	t.Run("what was issued for", func(t *testing.T) {
		l := open(t)
		u, ok := l.(issuer.AchievementUse)
		if !ok {
			t.Skip("the ledger is no issuer.AchievementUse")
		}
		achievementUse(t, l, u)
	})
}

func ledgerCanceled(t *testing.T, l issuer.Ledger) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, reserve := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 131072})
	_, lists := l.Lists(ctx)
	for name, err := range map[string]error{"Reserve": reserve, "Record": l.Record(ctx, record(1, nil)), "Lists": lists} {
		if reason.CodeOf(err) != reason.Canceled {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := l.Get(t.Context(), record(1, nil).ID); reason.CodeOf(err) != reason.NotFound {
		t.Error("what was canceled was recorded", err)
	}
}

func record(n int, slots []issuer.Slot) issuer.Record {
	return issuer.Record{ID: fmt.Sprintf("urn:x:%d", n), AwardDigest: "d", Achievement: "urn:a", Form: "f",
		IssuedAt: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Slots: slots, Credential: []byte(fmt.Sprintf(`{"n":%d}`, n))}
}

func ledgerRecords(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	if _, err := l.Get(ctx, "urn:x:1"); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
	for _, key := range []string{"", "k1"} {
		if _, err := l.ByKey(ctx, key); reason.CodeOf(err) != reason.NotFound {
			t.Error(err)
		}
	}
	one := record(1, []issuer.Slot{{Purpose: "revocation", List: 1, Index: 7}})
	one.IdempotencyKey = "k1"
	if err := l.Record(ctx); err != nil {
		t.Error("nothing to record", err)
	}
	for _, r := range []issuer.Record{one, record(2, nil), record(3, nil)} {
		if err := l.Record(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := l.Get(ctx, "urn:x:1"); err != nil || fmt.Sprint(r) != fmt.Sprint(one) {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := l.ByKey(ctx, "k1"); err != nil || fmt.Sprint(r) != fmt.Sprint(one) {
		t.Errorf("%+v %v", r, err)
	}
	if _, err := l.ByKey(ctx, ""); reason.CodeOf(err) != reason.NotFound {
		t.Error("a record without a key was found by none", err)
	}
	sameKey := record(4, nil)
	sameKey.IdempotencyKey = "k1"
	for _, r := range []issuer.Record{one, record(2, nil), sameKey} {
		if err := l.Record(ctx, r); reason.CodeOf(err) != reason.Conflict {
			t.Errorf("%s: %v", r.ID, err)
		}
	}
	if _, err := l.Get(ctx, "urn:x:4"); reason.CodeOf(err) != reason.NotFound {
		t.Error("a conflict left something behind", err)
	}
}

// ledgerForms: what was issued in several forms by one act is given back in all
// of them, byte for byte, one beside another that has one form.
func ledgerForms(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	one := record(1, nil)
	one.IdempotencyKey = "k1"
	one.Others = []issuer.Form{{Suite: "vc+jwt", Credential: []byte("eyJ.eyJ.x")}, {Suite: "vc+cose", Credential: []byte("\xd2\x84\x00\xff")}}
	if err := l.Record(ctx, record(2, nil), one, record(3, nil)); err != nil {
		t.Fatal(err)
	}
	if r, err := l.Get(ctx, one.ID); err != nil || fmt.Sprint(r) != fmt.Sprint(one) {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := l.ByKey(ctx, "k1"); err != nil || fmt.Sprint(r.Others) != fmt.Sprint(one.Others) {
		t.Errorf("%+v %v", r, err)
	}
	if r, err := l.Get(ctx, record(3, nil).ID); err != nil || r.Others != nil {
		t.Errorf("%+v %v", r, err)
	}
}

// ledgerTogether: several records are stored together or not at all.
func ledgerTogether(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	keyed := func(n int, key string) issuer.Record {
		r := record(n, nil)
		r.IdempotencyKey = key
		return r
	}
	if err := l.Record(ctx, record(1, nil), keyed(2, "k2"), record(3, nil)); err != nil {
		t.Fatal(err)
	}
	for name, records := range map[string][]issuer.Record{
		"an id that is there":          {record(10, nil), record(2, nil), record(11, nil)},
		"a key that is there":          {record(10, nil), keyed(12, "k2"), record(11, nil)},
		"an id twice":                  {record(10, nil), record(10, nil)},
		"a key twice":                  {record(10, nil), keyed(13, "k3"), keyed(14, "k3")},
		"the last of more than a page": append(many(10, 500), record(2, nil)),
	} {
		err := l.Record(ctx, records...)
		if reason.CodeOf(err) != reason.Conflict {
			t.Errorf("%s: %v", name, err)
		}
		if at := reason.AtOf(err); name == "a key that is there" && at != "urn:x:12" {
			t.Errorf("the conflict is said to be %q", at)
		}
		for _, id := range []string{"urn:x:10", "urn:x:11", "urn:x:13"} {
			if _, err := l.Get(ctx, id); reason.CodeOf(err) != reason.NotFound {
				t.Errorf("%s: a part was recorded, %v", name, err)
			}
		}
	}
	if err := l.Record(ctx, many(100, 2000)...); err != nil {
		t.Error(err)
	}
	for _, id := range []string{"urn:x:100", "urn:x:2099"} {
		if _, err := l.Get(ctx, id); err != nil {
			t.Error(err)
		}
	}
}

func many(from, n int) (out []issuer.Record) {
	for i := range n {
		out = append(out, record(from+i, nil))
	}
	return out
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
	if err != nil || len(lists) != 4 {
		t.Errorf("%d lists, %v", len(lists), err)
	}
}

// ledgerManyPlaces: places for several awards come award by award.
func ledgerManyPlaces(t *testing.T, l issuer.Ledger) {
	seen := map[issuer.Slot]bool{}
	for _, awards := range []int{0, 1, 7, 300} { // lists of 128: more than two of them
		slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation", "suspension"}, ListSize: 128, Awards: awards})
		if err != nil || len(slots) != 2*max(awards, 1) {
			t.Fatalf("%d places for %d awards, %v", len(slots), awards, err)
		}
		for n, s := range slots {
			if want := []string{"revocation", "suspension"}[n%2]; s.Purpose != want || seen[s] || s.Index >= 128 {
				t.Errorf("place %d is %+v", n, s)
			}
			seen[s] = true
		}
	}
	if _, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: 128, Awards: -1}); reason.CodeOf(err) != reason.Usage {
		t.Error(err)
	}
}

// ledgerRollover: all places of a list are given, each once, before the next
// list is begun, which may have another size.
func ledgerRollover(t *testing.T, l issuer.Ledger) {
	used := map[int]map[uint64]bool{1: {}, 2: {}, 3: {}}
	for n := range 100 + 50 + 1 {
		size := 100
		if n > 10 {
			size = 50
		}
		slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{"revocation"}, ListSize: size})
		if err != nil || used[slots[0].List] == nil {
			t.Fatal(slots, err)
		}
		used[slots[0].List][slots[0].Index] = true
	}
	if len(used[1]) != 100 || len(used[2]) != 50 || len(used[3]) != 1 {
		t.Errorf("%d, %d and %d places", len(used[1]), len(used[2]), len(used[3]))
	}
	lists, err := l.Lists(t.Context())
	if err != nil || len(lists) != 3 {
		t.Fatal(lists, err)
	}
	for n, want := range []issuer.ListState{{List: 1, Size: 100, Used: 100}, {List: 2, Size: 50, Used: 50}, {List: 3, Size: 50, Used: 1}} {
		want.Purpose, want.Bits = "revocation", 1
		if fmt.Sprint(lists[n]) != fmt.Sprint(want) {
			t.Errorf("%+v, not %+v", lists[n], want)
		}
	}
}

// ledgerSizes: a list of 100 million places costs no more than a small one,
// and two lists give their places in different orders.
func ledgerSizes(t *testing.T, l issuer.Ledger) {
	for n, size := range []int{1, 2, 3, 131_072, 4 << 20, 100_000_000} {
		purpose := fmt.Sprintf("purpose-%d", n)
		var first, second []uint64
		for range 2 { // the second list only for small ones
			slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{purpose, purpose + "-other"}, ListSize: size, Awards: min(size, 1000)})
			if err != nil {
				t.Fatal(err)
			}
			seen := map[issuer.Slot]bool{}
			for k, s := range slots {
				if s.Index >= uint64(size) || seen[s] {
					t.Fatalf("%+v in a list of %d", s, size)
				}
				seen[s] = true
				if k%2 == 0 {
					first = append(first, s.Index)
				} else {
					second = append(second, s.Index)
				}
			}
		}
		if size > 100 && slices.Equal(first, second) {
			t.Errorf("two lists of %d give their places in the same order", size)
		}
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
	if got, err := l.Status(ctx, "urn:x:7"); err != nil || !slices.Equal(got, []issuer.Mark{{Purpose: "revocation", Value: 1}}) {
		t.Error(got, err)
	}
	if _, err := l.Status(ctx, "urn:x:none"); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}
	if err := l.SetStatus(ctx, issuer.Change{ID: "urn:x:7", Purpose: "revocation", Set: true}); err != nil {
		t.Error("what is set cannot be set again", err)
	}
	if err := l.SetStatus(ctx, issuer.Change{ID: "urn:x:0", Purpose: "revocation", Set: false}); err != nil {
		t.Error(err)
	}
	if lists, err = l.Lists(ctx); err != nil || len(lists) != 1 || len(lists[0].Set) != n-1 {
		t.Error("clearing did not clear", err)
	}
	if got, err := l.Status(ctx, "urn:x:0"); err != nil || len(got) != 0 {
		t.Error(got, err)
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
