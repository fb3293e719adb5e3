package app

import (
	"context"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// maxShared is how many answers of each kind one run keeps. But for keys that
// are identifiers themselves, they are asked for in the name of trusted issuers
// alone, of which there are few.
const maxShared = 1024

// once has each answer looked up once in a run, however many ask for it at the
// same time. A failure is an answer too: else a host that is down would be
// waited for by each of a hundred thousand files. What was stopped is no
// answer.
type once[T any] struct {
	size func(T) int // of an answer in bytes, nil: they are small

	mu      sync.Mutex
	answers map[string]*answer[T]
	bytes   int // of all of them
}

// maxSharedBytes is how much of what may be long is kept.
const maxSharedBytes = 128 << 20

type answer[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func (o *once[T]) get(ctx context.Context, name string, look func() (T, error)) (T, error) {
	o.mu.Lock()
	a, ok := o.answers[name]
	if !ok {
		if o.answers == nil || len(o.answers) >= maxShared {
			o.answers, o.bytes = map[string]*answer[T]{}, 0
		}
		a = &answer[T]{done: make(chan struct{}), err: reason.New(reason.Internal, "", "the look-up of %s did not end", name)}
		o.answers[name] = a
	}
	o.mu.Unlock()
	if !ok {
		defer close(a.done)
		a.value, a.err = look()
		o.mu.Lock()
		defer o.mu.Unlock()
		if a.err != nil && ctx.Err() != nil {
			delete(o.answers, name)
		}
		if o.size != nil {
			o.bytes += o.size(a.value)
		}
		if o.bytes > maxSharedBytes {
			o.answers, o.bytes = nil, 0
		}
		return a.value, a.err
	}
	select {
	case <-a.done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, reason.Wrap(reason.Canceled, name, ctx.Err())
	}
}

// sharedDocuments resolves each DID once, and once more past the copies that
// are kept, where it must.
type sharedDocuments struct {
	from  did.Resolver
	once  once[*did.Document]
	again once[*did.Document]
}

// Resolve implements did.Resolver.
func (s *sharedDocuments) Resolve(ctx context.Context, id string) (*did.Document, error) {
	return s.once.get(ctx, id, func() (*did.Document, error) { return s.from.Resolve(ctx, id) })
}

// sharedKeys reads each identifier that is its own document once. Anybody may
// write one, so long ones are not kept.
type sharedKeys struct {
	from did.Resolver
	once once[*did.Document]
}

// maxSharedKey is how long an identifier is at most that is kept, in bytes.
// Those of elliptic curves are shorter; with RSA the signature takes longer
// than the reading.
const maxSharedKey = 256

// Resolve implements did.Resolver.
func (s *sharedKeys) Resolve(ctx context.Context, id string) (*did.Document, error) {
	if len(id) > maxSharedKey {
		return s.from.Resolve(ctx, id)
	}
	return s.once.get(ctx, id, func() (*did.Document, error) { return s.from.Resolve(ctx, id) })
}

// sharedLists gets each status list once.
type sharedLists struct {
	from verifier.StatusSource
	once once[agedList]
}

func newSharedLists(from verifier.StatusSource) *sharedLists {
	return &sharedLists{from: from, once: once[agedList]{size: func(l agedList) int { return len(l.body) }}}
}

type agedList struct {
	body []byte
	asOf time.Time
}

// StatusList implements verifier.StatusSource.
func (s *sharedLists) StatusList(ctx context.Context, url string) ([]byte, time.Time, error) {
	got, err := s.once.get(ctx, url, func() (agedList, error) {
		body, asOf, err := s.from.StatusList(ctx, url)
		return agedList{body, asOf}, err
	})
	return got.body, got.asOf, err
}
