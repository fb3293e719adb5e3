package issuer

import (
	"sync"
	"time"
)

// limiter bounds how much each key does: a bucket that holds burst and is filled
// up at a rate. There are as many buckets as good keys, since only these come so
// far.
type limiter struct {
	rate, burst float64

	mu      sync.Mutex
	buckets map[string]bucket
}

type bucket struct {
	full float64
	at   time.Time
}

func newLimiter(rate float64, burst int) *limiter {
	return &limiter{rate: rate, burst: float64(burst), buckets: map[string]bucket{}}
}

// take takes n from the bucket of a key, or returns after how long there will be
// so much in it, and takes nothing.
func (l *limiter) take(key string, n int, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[key]
	if !ok {
		b = bucket{l.burst, now}
	}
	if passed := now.Sub(b.at); passed > 0 {
		b.full = min(l.burst, b.full+l.rate*passed.Seconds())
		b.at = now
	}
	lacking := float64(n) - b.full
	if lacking <= 0 {
		b.full -= float64(n)
	}
	l.buckets[key] = b
	if lacking <= 0 {
		return 0
	}
	return time.Duration(lacking / l.rate * float64(time.Second))
}
