package bevistest

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// TestStore is the contract of wallet.Store. Open returns a store that is
// empty; it is called once for each part.
func TestStore(t *testing.T, open func(t *testing.T) wallet.Store) {
	t.Run("empty", func(t *testing.T) {
		blob, version, err := open(t).Load(t.Context())
		if reason.CodeOf(err).Coarse() != string(reason.NotFound) || blob != nil || version != "" {
			t.Errorf("%d bytes, version %q, %v; want not_found", len(blob), version, err)
		}
	})
	t.Run("swap", func(t *testing.T) { testSwap(t, open(t)) })
	t.Run("own copies", func(t *testing.T) { testCopies(t, open(t)) })
	t.Run("race", func(t *testing.T) { testRace(t, open(t)) })
	t.Run("race to begin", func(t *testing.T) { testBeginnings(t, open(t)) })
	t.Run("whole", func(t *testing.T) { testWhole(t, open(t)) })
	t.Run("canceled", func(t *testing.T) {
		s := open(t)
		version, err := s.Swap(t.Context(), "", []byte("first"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		// A store may finish or refuse, and never leave something between.
		_, err = s.Swap(ctx, version, []byte("second"))
		blob, _, loadErr := s.Load(t.Context())
		if loadErr != nil || err == nil && string(blob) != "second" || err != nil && string(blob) != "first" {
			t.Errorf("swap says %v, and there is %q, %v", err, blob, loadErr)
		}
	})
}

func testSwap(t *testing.T, s wallet.Store) {
	t.Helper()
	ctx := t.Context()
	if _, err := s.Swap(ctx, "something", []byte("x")); reason.CodeOf(err) != "conflict/changed" {
		t.Errorf("a change of what is not there: %v", err)
	}
	first, err := s.Swap(ctx, "", []byte("first"))
	if err != nil || first == "" {
		t.Fatal(first, err)
	}
	if _, err := s.Swap(ctx, "", []byte("again")); reason.CodeOf(err) != "conflict/exists" {
		t.Errorf("a second beginning: %v", err)
	}
	second, err := s.Swap(ctx, first, []byte("second"))
	if err != nil || second == first {
		t.Fatal(second, err)
	}
	if _, err := s.Swap(ctx, first, []byte("late")); reason.CodeOf(err) != "conflict/changed" {
		t.Errorf("a change of an old version: %v", err)
	}
	blob, version, err := s.Load(ctx)
	if err != nil || string(blob) != "second" || version != second {
		t.Errorf("%q %q %v, want second %q", blob, version, err, second)
	}
}

func testCopies(t *testing.T, s wallet.Store) {
	t.Helper()
	given := []byte("first")
	if _, err := s.Swap(t.Context(), "", given); err != nil {
		t.Fatal(err)
	}
	given[0] = 'X'
	blob, _, err := s.Load(t.Context())
	if err != nil || string(blob) != "first" {
		t.Errorf("the store kept the caller's slice: %q, %v", blob, err)
	}
	blob[0] = 'X'
	if again, _, err := s.Load(t.Context()); err != nil || string(again) != "first" {
		t.Errorf("the store gave its own slice away: %q, %v", again, err)
	}
}

// testBeginnings has many make the first version: one of them does.
func testBeginnings(t *testing.T, s wallet.Store) {
	t.Helper()
	var wg sync.WaitGroup
	won := make(chan string, 8)
	for n := range cap(won) {
		wg.Go(func() {
			mine := fmt.Sprint("writer ", n)
			if _, err := s.Swap(t.Context(), "", []byte(mine)); err == nil {
				won <- mine
			} else if reason.CodeOf(err) != "conflict/exists" {
				t.Errorf("a writer that comes too late: %v", err)
			}
		})
	}
	wg.Wait()
	close(won)
	blob, _, err := s.Load(t.Context())
	if err != nil || len(won) != 1 || string(blob) != <-won {
		t.Errorf("%d writers won, there is %q, %v", len(won), blob, err)
	}
}

// testWhole reads while versions of different lengths are written: a reader
// sees each of them whole, with its own version.
func testWhole(t *testing.T, s wallet.Store) {
	t.Helper()
	sized := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 1+n%3*100_000) }
	version, err := s.Swap(t.Context(), "", sized(0))
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]int{version: 0}
	type seen struct {
		version string
		n       int
	}
	var mu sync.Mutex
	read := map[seen]bool{}
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				blob, version, err := s.Load(t.Context())
				if err != nil || len(blob) == 0 || !bytes.Equal(blob, sized(int(blob[0]))) {
					t.Errorf("%d bytes that nobody wrote, %v", len(blob), err)
					return
				}
				mu.Lock()
				read[seen{version, int(blob[0])}] = true
				mu.Unlock()
			}
		})
	}
	for n := 1; n <= 20; n++ {
		if version, err = s.Swap(t.Context(), version, sized(n)); err != nil {
			t.Error(err)
			break
		}
		versions[version] = n
	}
	close(done)
	wg.Wait()
	for r := range read {
		if n, ok := versions[r.version]; !ok || n != r.n {
			t.Errorf("the bytes of version %v came as version %q of %v", r.n, r.version, n)
		}
	}
}

// testRace has many try to change the same version: one of them does.
func testRace(t *testing.T, s wallet.Store) {
	t.Helper()
	version, err := s.Swap(t.Context(), "", []byte("start"))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 5 {
		var wg sync.WaitGroup
		won := make(chan []byte, 8)
		for n := range cap(won) {
			wg.Go(func() {
				mine := fmt.Appendf(nil, "round %d, writer %d", round, n)
				if _, err := s.Swap(t.Context(), version, mine); err == nil {
					won <- mine
				} else if reason.CodeOf(err) != "conflict/changed" {
					t.Errorf("a writer that comes too late: %v", err)
				}
			})
		}
		wg.Wait()
		close(won)
		var winners [][]byte
		for w := range won {
			winners = append(winners, w)
		}
		var blob []byte
		if blob, version, err = s.Load(t.Context()); err != nil || len(winners) != 1 || !bytes.Equal(blob, winners[0]) {
			t.Fatalf("%d writers won, there is %q, %v", len(winners), blob, err)
		}
	}
}
