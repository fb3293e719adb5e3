package bevistest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestQueue is the contract of issuer.Queue. Open returns an empty one.
func TestQueue(t *testing.T, open func(t *testing.T) issuer.Queue) {
	t.Run("in order, by kind and key", func(t *testing.T) { queueOrder(t, open(t)) })
	t.Run("who falls silent loses the job", func(t *testing.T) { queueLeases(t, open(t)) })
	t.Run("given back", func(t *testing.T) { queueRelease(t, open(t)) })
	t.Run("finished once by many who die", func(t *testing.T) { queueWorkers(t, open(t)) })
}

func lease(t *testing.T, q issuer.Queue, d time.Duration, kinds ...string) issuer.Job {
	t.Helper()
	j, err := q.Lease(t.Context(), issuer.Lease{Worker: t.Name(), Kinds: kinds, For: d})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func idle(t *testing.T, q issuer.Queue, kinds ...string) {
	t.Helper()
	if j, err := q.Lease(t.Context(), issuer.Lease{Kinds: kinds, For: time.Minute}); reason.CodeOf(err) != "not_found/job" {
		t.Errorf("%+v %v", j, err)
	}
}

func queueOrder(t *testing.T, q issuer.Queue) {
	ctx := t.Context()
	idle(t, q, "a", "b")
	publish := issuer.Job{Kind: "b", Key: "publish"}
	if n, err := q.Enqueue(ctx, issuer.Job{Kind: "a", Payload: []byte("1")}, publish, issuer.Job{Kind: "a", Payload: []byte("2")}, publish); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if n, err := q.Enqueue(ctx, publish); err != nil || n != 0 {
		t.Error(n, err)
	}
	first := lease(t, q, time.Minute, "a")
	if string(first.Payload) != "1" || first.Kind != "a" || first.Attempt != 1 {
		t.Errorf("%+v", first)
	}
	begun := lease(t, q, time.Minute, "a", "b")
	if begun.Kind != "b" {
		t.Errorf("%+v", begun)
	}
	// What came after the beginning needs another turn.
	if n, err := q.Enqueue(ctx, publish); err != nil || n != 1 {
		t.Error(n, err)
	}
	if err := q.Finish(ctx, first, ""); err != nil {
		t.Error(err)
	}
	if err := q.Finish(ctx, begun, "the disk is full"); err != nil {
		t.Error(err)
	}
	for _, err := range []error{q.Finish(ctx, first, ""), q.Extend(ctx, first, time.Minute), q.Release(ctx, first, 0)} {
		if reason.CodeOf(err) != "conflict/lease-lost" {
			t.Error("a finished job changed:", err)
		}
	}
	if b, err := q.Backlog(ctx); err != nil || b != (issuer.Backlog{Waiting: 2, Done: 2, Failed: 1}) {
		t.Errorf("%+v %v", b, err)
	}
	lease(t, q, time.Minute, "a")
	idle(t, q, "a")
	idle(t, q, "c")
	if b, err := q.Backlog(ctx); err != nil || b != (issuer.Backlog{Waiting: 1, Held: 1, Done: 2, Failed: 1}) {
		t.Errorf("%+v %v", b, err)
	}
}

func queueLeases(t *testing.T, q issuer.Queue) {
	ctx := t.Context()
	if _, err := q.Enqueue(ctx, issuer.Job{Kind: "a", Key: "k", Payload: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	one := lease(t, q, 2*time.Second, "a")
	idle(t, q, "a")
	if err := q.Extend(ctx, one, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	time.Sleep(20 * time.Millisecond)
	// Nobody took it meanwhile, so who was late still has it.
	if err := q.Extend(ctx, one, time.Millisecond); err != nil {
		t.Error(err)
	}
	time.Sleep(20 * time.Millisecond)
	two := lease(t, q, time.Minute, "a")
	if two.ID != one.ID || two.Attempt != 2 || string(two.Payload) != "x" {
		t.Errorf("%+v", two)
	}
	for _, err := range []error{q.Finish(ctx, one, ""), q.Extend(ctx, one, time.Minute), q.Release(ctx, one, 0)} {
		if reason.CodeOf(err) != "conflict/lease-lost" {
			t.Error("who lost a job changed it:", err)
		}
	}
	if err := q.Finish(ctx, two, ""); err != nil {
		t.Error(err)
	}
	idle(t, q, "a")
}

func queueRelease(t *testing.T, q issuer.Queue) {
	ctx := t.Context()
	if _, err := q.Enqueue(ctx, issuer.Job{Kind: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := q.Release(ctx, lease(t, q, time.Minute, "a"), time.Hour); err != nil {
		t.Fatal(err)
	}
	idle(t, q, "a")
	if _, err := q.Enqueue(ctx, issuer.Job{Kind: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := q.Release(ctx, lease(t, q, time.Minute, "a"), 0); err != nil {
		t.Fatal(err)
	}
	if j := lease(t, q, time.Minute, "a"); j.Attempt != 2 {
		t.Errorf("%+v", j)
	}
}

// queueWorkers: of many workers a third of the times one falls silent, and is
// late when it is back.
func queueWorkers(t *testing.T, q issuer.Queue) {
	const jobs = 200
	var all []issuer.Job
	for n := range jobs {
		all = append(all, issuer.Job{Kind: "a", Payload: fmt.Append(nil, n)})
	}
	if n, err := q.Enqueue(t.Context(), all...); err != nil || n != jobs {
		t.Fatal(n, err)
	}
	var mu sync.Mutex
	finished, late := map[string]int{}, 0
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for t.Context().Err() == nil {
				j, err := q.Lease(t.Context(), issuer.Lease{Worker: "w", Kinds: []string{"a"}, For: 50 * time.Millisecond})
				if reason.CodeOf(err) == "not_found/job" {
					if b, err := q.Backlog(t.Context()); err != nil || b.Done == jobs {
						return
					}
					time.Sleep(10 * time.Millisecond)
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if rand.IntN(3) == 0 {
					time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
				}
				err = q.Finish(t.Context(), j, "")
				mu.Lock()
				switch {
				case err == nil:
					finished[string(j.Payload)]++
				case reason.CodeOf(err) == "conflict/lease-lost":
					late++
				default:
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for n := range jobs {
		if finished[fmt.Sprint(n)] != 1 {
			t.Errorf("job %d was finished %d times", n, finished[fmt.Sprint(n)])
		}
	}
	t.Logf("%d came too late", late)
}
