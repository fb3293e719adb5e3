package fetch

import (
	"bytes"
	"context"
	"io"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// pace is how many bytes of a long answer have to come in a second. The longest
// status list thus takes half a minute at the most, and a host that lets a byte
// through now and then holds nobody longer than one that is silent.
const pace = 1 << 20

// patience ends a request when its time is up, which what has come extends.
type patience struct {
	cancel context.CancelFunc

	mu    sync.Mutex
	timer *time.Timer
	come  int64
	more  time.Duration // earned since the timer was set
	over  bool
}

func withPatience(ctx context.Context, d time.Duration) (context.Context, *patience) {
	ctx, cancel := context.WithCancel(ctx)
	p := &patience{cancel: cancel}
	p.mu.Lock() // until there is a timer
	defer p.mu.Unlock()
	p.timer = time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.more > 0 {
			p.timer.Reset(p.more)
			p.more = 0
			return
		}
		p.over = true
		cancel()
	})
	return ctx, p
}

func (p *patience) end() {
	p.timer.Stop()
	p.cancel()
}

// said returns an error of the network, or that the time is up if it is: what was
// cut by that can look like an answer that has ended.
func (p *patience) said(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return context.DeadlineExceeded
	}
	return err
}

// reads returns what reads r and has the time go on by a second for each pace
// that comes.
func (p *patience) reads(r io.Reader) io.Reader { return patient{p, r} }

type patient struct {
	*patience
	from io.Reader
}

func (r patient) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.come / pace
	r.come += int64(n)
	r.more += time.Duration(r.come/pace-before) * time.Second
	return n, err
}

// readAll reads everything, into one piece if the answer says how long it is:
// what is said and not sent costs no more than a MiB.
func readAll(r io.Reader, said int64) ([]byte, error) {
	var b bytes.Buffer
	if said > 0 {
		b.Grow(int(min(said, 1<<20)) + bytes.MinRead)
	}
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

func tooLong(address string, limit int64) error {
	return reason.New("resource_limit/fetch", address, "the answer is longer than %d bytes", limit)
}
