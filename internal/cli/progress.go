package cli

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/term"
)

// progress tells on a terminal how far a long run is: a line at a time, which
// a screen reader can follow, the first after a second and then ever more
// seldom.
type progress struct {
	count atomic.Int64
	done  chan struct{}
	ended sync.WaitGroup
}

// startProgress begins to tell by the text of a key, which has a place for the
// count.
func (s *session) startProgress(key string) *progress {
	p := &progress{done: make(chan struct{})}
	f, ok := s.env.Stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p
	}
	p.ended.Go(func() {
		pause := time.Second
		for {
			select {
			case <-p.done:
				return
			case <-time.After(pause):
				fmt.Fprintln(f, s.t(key, p.count.Load())) // nobody can be told if this fails
				pause = min(2*pause, 30*time.Second)
			}
		}
	})
	return p
}

func (p *progress) step() { p.count.Add(1) }

func (p *progress) stop() {
	close(p.done)
	p.ended.Wait()
}
