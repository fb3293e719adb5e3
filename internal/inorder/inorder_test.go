package inorder_test

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/inorder"
)

func numbers(n int, ended *atomic.Bool) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer ended.Store(true)
		for k := range n {
			if !yield(k) {
				return
			}
		}
	}
}

func TestMapKeepsTheOrder(t *testing.T) {
	t.Parallel()
	for _, jobs := range []int{0, 1, 7} {
		var ended atomic.Bool
		var now, most atomic.Int64
		got := slices.Collect(inorder.Map(t.Context(), jobs, numbers(500, &ended), func(_ context.Context, n int) int {
			if k := now.Add(1); k > most.Load() {
				most.Store(k)
			}
			defer now.Add(-1)
			if n%50 == 0 { // the first is the last to be ready
				time.Sleep(time.Millisecond)
			}
			return 2 * n
		}))
		for n, v := range got {
			if v != 2*n {
				t.Fatalf("%d jobs: result %d is %d", jobs, n, v)
			}
		}
		if len(got) != 500 || !ended.Load() || jobs > 0 && most.Load() > int64(jobs) {
			t.Errorf("%d jobs: %d results, up to %d at once", jobs, len(got), most.Load())
		}
	}
}

// TestMapEnds: whoever stops reading, or whose time is over, waits for nothing
// that is left.
func TestMapEnds(t *testing.T) {
	t.Parallel()
	var ended atomic.Bool
	var calls atomic.Int64
	same := func(_ context.Context, n int) int { calls.Add(1); return n }
	for v := range inorder.Map(t.Context(), 3, numbers(1<<40, &ended), same) {
		if v == 10 {
			break
		}
	}
	if !ended.Load() || calls.Load() > 40 {
		t.Errorf("who stopped is still fed: ended %v, %d calls", ended.Load(), calls.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	for v := range inorder.Map(ctx, 3, numbers(1<<40, &ended), same) {
		if n++; v == 10 {
			cancel()
		}
	}
	if n > 40 {
		t.Errorf("%d results after the end of the context", n)
	}
	cancel()
	if got := slices.Collect(inorder.Map(ctx, 3, numbers(1<<40, &ended), same)); len(got) > 10 {
		t.Errorf("%d results when there was no time", len(got))
	}
}
