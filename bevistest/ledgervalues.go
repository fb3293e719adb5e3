package bevistest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// reserved returns places for awards in lists of one purpose.
func reserved(t *testing.T, l issuer.Ledger, purpose string, size, bits, awards int) []issuer.Slot {
	t.Helper()
	slots, err := l.Reserve(t.Context(), issuer.Reservation{Purposes: []string{purpose}, ListSize: size, Awards: awards, Bits: map[string]int{purpose: bits}})
	if err != nil {
		t.Fatal(err)
	}
	return slots
}

// ledgerValues: entries hold what was put into them, as far as they have room,
// and lists with entries of another size are apart.
func ledgerValues(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	const size = 100
	slots := slices.Concat(reserved(t, l, "message", size, 2, 60), reserved(t, l, "message", size, 4, 10), reserved(t, l, "message", size, 2, 50))
	for n, want := range map[int]int{0: 1, 59: 1, 60: 2, 69: 2, 70: 1, 109: 1, 110: 3, 119: 3} {
		if slots[n].List != want {
			t.Errorf("place %d is in list %d, not %d", n, slots[n].List, want)
		}
	}
	seen := map[issuer.Slot]bool{}
	for n, s := range slots {
		if seen[s] || s.Index >= size {
			t.Errorf("%+v is given twice or outside", s)
		}
		seen[s] = true
		if err := l.Record(ctx, record(n, slots[n:n+1])); err != nil {
			t.Fatal(err)
		}
	}
	set := func(n int, value uint8) error {
		return l.SetStatus(ctx, issuer.Change{ID: fmt.Sprintf("urn:x:%d", n), Purpose: "message", Set: value > 0, Value: value, At: time.Unix(1, 0)})
	}
	for n, value := range map[int]uint8{0: 3, 1: 2, 2: 1, 60: 15, 61: 8, 111: 2} {
		if err := set(n, value); err != nil {
			t.Error(err)
		}
	}
	for n, value := range map[int]uint8{0: 4, 60: 16, 110: 255} {
		if err := set(n, value); reason.CodeOf(err) != "usage/status-value" {
			t.Errorf("%d in entry %d: %v", value, n, err)
		}
	}
	for _, step := range []struct {
		n     int
		value uint8
	}{{1, 1}, {2, 0}, {60, 7}, {62, 0}} { // another, none, another, none that was none
		if err := set(step.n, step.value); err != nil {
			t.Error(err)
		}
	}
	for n, want := range map[int]uint8{0: 3, 1: 1, 2: 0, 60: 7, 61: 8, 62: 0, 111: 2} {
		got, err := l.Status(ctx, fmt.Sprintf("urn:x:%d", n))
		if err != nil || (want == 0) != (len(got) == 0) || want > 0 && (len(got) != 1 || got[0] != issuer.Mark{Purpose: "message", Value: want}) {
			t.Errorf("entry %d holds %v, not %d, %v", n, got, want, err)
		}
	}
	lists, err := l.Lists(ctx)
	if err != nil || len(lists) != 3 {
		t.Fatal(lists, err)
	}
	for k, want := range []struct {
		bits, used int
		set        map[int]uint8
	}{{2, 100, map[int]uint8{0: 3, 1: 1}}, {4, 10, map[int]uint8{60: 7, 61: 8}}, {2, 10, map[int]uint8{111: 2}}} {
		got := lists[k]
		if got.Bits != want.bits || got.Used != want.used || got.Size != size || len(got.Set) != len(want.set) || len(got.Values) != len(want.set) || !slices.IsSorted(got.Set) {
			t.Fatalf("%+v", got)
		}
		for n, value := range want.set {
			if at, ok := slices.BinarySearch(got.Set, slots[n].Index); !ok || got.Values[at] != value {
				t.Errorf("entry %d in %+v", n, got)
			}
		}
	}
	for bits, want := range map[int]int{1: 100_000_000, 2: 1 << 26, 4: 1 << 25, 8: 1 << 24} { // where there is no room for so many
		purpose := fmt.Sprint("long-", bits)
		for _, s := range reserved(t, l, purpose, 100_000_000, bits, 100) {
			if s.Index >= uint64(want) {
				t.Errorf("%+v is beyond %d", s, want)
			}
		}
		if lists, err = l.Lists(ctx); err != nil || !slices.ContainsFunc(lists, func(s issuer.ListState) bool { return s.Purpose == purpose && s.Size == want && s.Bits == bits }) {
			t.Errorf("there is no list of %d entries, %v", want, err)
		}
	}
	for _, bits := range []int{0, 3, 16, -1} {
		if _, err := l.Reserve(ctx, issuer.Reservation{Purposes: []string{"message"}, ListSize: size, Bits: map[string]int{"message": bits}}); reason.CodeOf(err) != reason.Usage {
			t.Errorf("entries of %d bits: %v", bits, err)
		}
	}
}

// ledgerMasks: those who change different bits of one entry at the same time
// lose none.
func ledgerMasks(t *testing.T, l issuer.Ledger) {
	ctx := t.Context()
	const n = 100
	slots := reserved(t, l, "token", 131072, 2, n)
	var wg sync.WaitGroup
	for k := range n {
		if err := l.Record(ctx, record(k, slots[k:k+1])); err != nil {
			t.Fatal(err)
		}
	}
	for k := range n {
		for _, steps := range [][]issuer.Change{{{Set: true, Value: 1, Mask: 1}}, {{Set: true, Value: 2, Mask: 2}, {Mask: 2}, {Set: k%2 == 0, Value: 2, Mask: 2}}} {
			wg.Go(func() {
				for _, c := range steps {
					c.ID, c.Purpose, c.At = fmt.Sprintf("urn:x:%d", k), "token", time.Unix(1, 0)
					if err := l.SetStatus(ctx, c); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for k := range n {
		want := uint8(1)
		if k%2 == 0 {
			want = 3
		}
		if got, err := l.Status(ctx, fmt.Sprintf("urn:x:%d", k)); err != nil || len(got) != 1 || got[0].Value != want {
			t.Errorf("entry %d holds %v, not %d, %v", k, got, want, err)
		}
	}
}
