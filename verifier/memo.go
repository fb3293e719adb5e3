package verifier

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
)

// Memo remembers which status lists were verified and what is in them, so that
// many credentials under one list have that done once. It is for one run, in
// which keys and trust do not change: make another for the next. It is safe
// for concurrent use; the zero value is ready, and nil remembers nothing.
type Memo struct {
	mu    sync.Mutex
	lists map[memoKey]*memoList
	bytes int // of all of them
	bits  map[bitsKey]*memoBits
}

// What is remembered: so many lists, which are asked for in the name of trusted
// issuers, and of so many bytes as they are published. With what they hold, and
// unpacked, they take up to four times that.
const (
	maxMemo      = 64
	maxMemoBytes = 64 << 20
)

// memoKey is all that the judgement of a list depends on beside its bytes and
// what does not change in a run.
type memoKey struct {
	url, issuer, types string
	at                 int64
	maxAge             time.Duration
}

type memoList struct {
	once     sync.Once
	raw      []byte
	document *credential.Value
	copied   published
	err      error
}

// bitsKey is all that the opening of a list depends on.
type bitsKey struct {
	list    *credential.Value
	url     string
	purpose string
	legacy  bool
}

type memoBits struct {
	once sync.Once
	bits *status.List
	err  error
}

// NewMemo returns a Memo that remembers nothing yet.
func NewMemo() *Memo { return &Memo{} }

// verifiedList returns what read returns for the bytes of a list, which it
// asks once. That somebody else gave up is not remembered.
func (j *judgement) verifiedList(ctx context.Context, raw []byte, url string, read func() (*credential.Value, published, error)) (*credential.Value, published, error) {
	m := j.cfg.Memo
	if m == nil {
		return read()
	}
	key := memoKey{url, j.report.Issuer.ID, strings.Join(slices.Sorted(slices.Values(j.types)), " "), j.req.At.UnixNano(), j.maxAge}
	l := m.list(key, raw)
	l.once.Do(func() { l.document, l.copied, l.err = read() })
	if gaveUp(ctx, l.err) {
		m.mu.Lock()
		if m.lists[key] == l {
			delete(m.lists, key)
			m.bytes -= len(raw)
		}
		m.mu.Unlock()
		return read()
	}
	return l.document, l.copied, l.err
}

func (m *Memo) list(key memoKey, raw []byte) *memoList {
	m.mu.Lock()
	defer m.mu.Unlock()
	l, ok := m.lists[key]
	// The bytes are compared, not their digests: where they are the same ones
	// in memory, as in a run they are, that takes no time.
	if ok && bytes.Equal(l.raw, raw) {
		return l
	}
	m.bytes += len(raw)
	if ok { // another edition takes its place: what the first held is unpacked for nothing
		m.bytes -= len(l.raw)
		clear(m.bits)
	}
	if !ok && len(m.lists) >= maxMemo || m.bytes > maxMemoBytes {
		clear(m.lists)
		clear(m.bits)
		m.bytes = len(raw)
	}
	if m.lists == nil {
		m.lists = map[memoKey]*memoList{}
	}
	l = &memoList{raw: raw, err: reason.New(reason.Internal, key.url, "the reading of the list did not end")}
	m.lists[key] = l
	return l
}

// lookup is status.Lookup, with the list opened once.
func (j *judgement) lookup(ctx context.Context, e status.Entry, list *credential.Value) (uint64, error) {
	m := j.cfg.Memo
	if m == nil {
		return status.Lookup(ctx, e, list)
	}
	key := bitsKey{list, e.ListURL, e.Purpose, e.Legacy}
	m.mu.Lock()
	b, ok := m.bits[key]
	if !ok {
		if len(m.bits) >= 4*maxMemo {
			clear(m.bits)
		}
		if m.bits == nil {
			m.bits = map[bitsKey]*memoBits{}
		}
		b = &memoBits{err: reason.New(reason.Internal, e.ListURL, "the opening of the list did not end")}
		m.bits[key] = b
	}
	m.mu.Unlock()
	b.once.Do(func() { b.bits, b.err = status.Open(ctx, e, list) })
	if gaveUp(ctx, b.err) {
		m.mu.Lock()
		if m.bits[key] == b {
			delete(m.bits, key)
		}
		m.mu.Unlock()
		return status.Lookup(ctx, e, list)
	}
	if b.err != nil {
		return 0, b.err
	}
	return e.In(b.bits)
}

// gaveUp reports whether an error is that of another caller who did not wait.
func gaveUp(ctx context.Context, err error) bool {
	return reason.CodeOf(err) == reason.Canceled && ctx.Err() == nil
}
