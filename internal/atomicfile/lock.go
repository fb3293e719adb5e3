package atomicfile

import (
	"context"
	"os"
	"time"
)

const lockWait = 20 * time.Millisecond

// Lock waits until no other process, and nobody else in this one, holds the
// file at path, and holds it until unlock is called or the process ends. The
// file is made if it is not there, and stays: it is not the one that is
// written, since that one is replaced. The error is the system's or ctx's.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		ok, err := tryLock(f)
		if ok {
			return func() { _ = f.Close() }, nil // which gives the lock back
		}
		if err == nil {
			timer := time.NewTimer(lockWait)
			select {
			case <-timer.C:
				continue
			case <-ctx.Done():
				timer.Stop()
				err = ctx.Err()
			}
		}
		_ = f.Close() // the first error says more
		return nil, err
	}
}
