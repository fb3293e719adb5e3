package inorder

import (
	"context"
	"iter"
	"runtime"
	"sync"
)

type task[A, B any] struct {
	in  A
	out chan B // one, or closed without one
}

// Map calls f with each of in, as many at once as jobs says, zero for one on
// each core, and yields what comes of them in the order of in. No more than a
// few for each job are held. It ends early when ctx does: who asked sees that
// from ctx. In is read in another goroutine, which has ended when Map has.
func Map[A, B any](ctx context.Context, jobs int, in iter.Seq[A], f func(context.Context, A) B) iter.Seq[B] {
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	return func(yield func(B) bool) {
		ctx, cancel := context.WithCancel(ctx)
		queue, order := make(chan task[A, B], jobs), make(chan chan B, 2*jobs)
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		for range jobs {
			all.Go(func() {
				for t := range queue {
					if ctx.Err() == nil {
						t.out <- f(ctx, t.in)
					}
					close(t.out)
				}
			})
		}
		all.Go(func() {
			defer close(order)
			defer close(queue)
			for a := range in {
				t := task[A, B]{a, make(chan B, 1)}
				select {
				case order <- t.out:
				case <-ctx.Done():
					return
				}
				select {
				case queue <- t:
				case <-ctx.Done():
					close(t.out)
					return
				}
			}
		})
		for out := range order {
			b, ok := <-out
			if !ok || !yield(b) {
				return
			}
		}
	}
}
