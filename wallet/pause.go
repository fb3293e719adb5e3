package wallet

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxRetries = 200 // of a change that others overtake
	maxPause   = 30 * time.Millisecond
)

// pause lets others finish before a change that they have overtaken n times is
// tried again: of many that write at once, each would else mostly work in vain.
func pause(ctx context.Context, n int) error {
	longest := min(time.Millisecond<<min(n, 10), maxPause)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return reason.Wrap(reason.Canceled, "", ctx.Err())
	}
}
