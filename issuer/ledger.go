package issuer

import (
	"context"
	"crypto/rand"
	"math/big"
	"slices"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Ledger keeps what an issuer must not forget. Implementations are safe for
// concurrent use; bevistest.TestLedger is their contract.
type Ledger interface {
	// Reserve takes a random place that was never taken before in a list of
	// each purpose.
	Reserve(ctx context.Context, r Reservation) ([]Slot, error)
	// Record stores an issued credential. An id or idempotency key that is
	// there already is a conflict, and changes nothing.
	Record(ctx context.Context, r Record) error
	// Get returns the record with the given id, or with the given
	// idempotency key, not_found if there is none.
	Get(ctx context.Context, id, idempotencyKey string) (Record, error)
	// Records returns all records in the order of issue.
	Records(ctx context.Context) ([]Record, error)
	// SetStatus changes an entry and keeps who did it, when and why. A
	// credential without an entry of that purpose is not_found.
	SetStatus(ctx context.Context, c Change) error
	// Lists returns every status list with the places that are set.
	Lists(ctx context.Context) ([]ListState, error)
}

// Reservation asks for places in status lists.
type Reservation struct {
	Purposes []string
	ListSize int // entries of a list
}

// Slot is a place in a status list.
type Slot struct {
	Purpose string `json:"purpose"`
	List    int    `json:"list"` // lists of a purpose are counted from 1
	Index   uint64 `json:"index"`
}

// Record is one issued credential.
type Record struct {
	ID             string
	IdempotencyKey string // may be empty
	AwardDigest    string // tells whether an idempotency key means the same award
	Achievement    string // id
	Form           string // how it is secured
	IssuedAt       time.Time
	Slots          []Slot
	Credential     []byte // exactly as issued
}

// Change sets or clears an entry of a credential.
type Change struct {
	ID      string // of the credential
	Purpose string
	Set     bool
	Why     string
	Actor   string
	At      time.Time
}

// ListState is a status list as the ledger knows it.
type ListState struct {
	Purpose string
	List    int
	Size    int
	Set     []uint64
}

// fullAt is the share of a list, in percent, from which a new one is begun:
// a random place is then still found in a few tries.
const fullAt = 75

// RandomIndex returns a random place in a list of n entries, so that the
// order of issue does not show in it.
func RandomIndex(n int) (uint64, error) {
	if n < 1 {
		return 0, reason.New(reason.Usage, "", "a status list of %d entries has no place", n)
	}
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, reason.Wrap(reason.Internal, "", err)
	}
	return i.Uint64(), nil
}

// NextList reports whether a list in which used of size places are taken is
// full enough to begin another.
func NextList(used, size int) bool { return used*100 >= size*fullAt }

// MemoryLedger is a Ledger that forgets everything when the program ends. It
// is for trying things out and for tests.
type MemoryLedger struct {
	mu      sync.Mutex
	records []Record
	lists   []*memoryList
}

type memoryList struct {
	purpose string
	number  int
	size    int
	taken   map[uint64]bool // true when set
}

// NewMemoryLedger returns an empty ledger.
func NewMemoryLedger() *MemoryLedger { return &MemoryLedger{} }

// Reserve implements Ledger.
func (m *MemoryLedger) Reserve(ctx context.Context, r Reservation) ([]Slot, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Slot
	for _, purpose := range r.Purposes {
		list := m.current(purpose, r.ListSize)
		for {
			index, err := RandomIndex(list.size)
			if err != nil {
				return nil, err
			}
			if _, taken := list.taken[index]; !taken {
				list.taken[index] = false
				out = append(out, Slot{purpose, list.number, index})
				break
			}
		}
	}
	return out, nil
}

func (m *MemoryLedger) current(purpose string, size int) *memoryList {
	number := 0
	for _, l := range slices.Backward(m.lists) {
		if l.purpose == purpose {
			if !NextList(len(l.taken), l.size) {
				return l
			}
			number = l.number
			break
		}
	}
	l := &memoryList{purpose, number + 1, size, map[uint64]bool{}}
	m.lists = append(m.lists, l)
	return l
}

// Record implements Ledger.
func (m *MemoryLedger) Record(ctx context.Context, r Record) error {
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range m.records {
		if o.ID == r.ID || r.IdempotencyKey != "" && o.IdempotencyKey == r.IdempotencyKey {
			return reason.New(reason.Conflict, r.ID, "the credential or its idempotency key is recorded already")
		}
	}
	m.records = append(m.records, clone(r))
	return nil
}

// clone keeps what a caller does to a record out of the ledger.
func clone(r Record) Record {
	r.Slots, r.Credential = slices.Clone(r.Slots), slices.Clone(r.Credential)
	return r
}

// Get implements Ledger.
func (m *MemoryLedger) Get(ctx context.Context, id, idempotencyKey string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.records {
		if id != "" && r.ID == id || idempotencyKey != "" && r.IdempotencyKey == idempotencyKey {
			return clone(r), reason.Wrap(reason.Canceled, "", ctx.Err())
		}
	}
	return Record{}, reason.New(reason.NotFound, id, "no such credential was issued here")
}

// Records implements Ledger.
func (m *MemoryLedger) Records(ctx context.Context) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Record, len(m.records))
	for i, r := range m.records {
		out[i] = clone(r)
	}
	return out, reason.Wrap(reason.Canceled, "", ctx.Err())
}

// SetStatus implements Ledger.
func (m *MemoryLedger) SetStatus(ctx context.Context, c Change) error {
	r, err := m.Get(ctx, c.ID, "")
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, slot := range r.Slots {
		for _, l := range m.lists {
			if slot.Purpose == c.Purpose && l.purpose == slot.Purpose && l.number == slot.List {
				l.taken[slot.Index] = c.Set
				return nil
			}
		}
	}
	return NoEntry(c)
}

// NoEntry is the error of a change to an entry that a credential lacks.
func NoEntry(c Change) error {
	return reason.New("not_found/status-entry", c.ID, "the credential was issued without an entry for %s", c.Purpose)
}

// Lists implements Ledger.
func (m *MemoryLedger) Lists(ctx context.Context) ([]ListState, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []ListState
	for _, l := range m.lists {
		s := ListState{Purpose: l.purpose, List: l.number, Size: l.size}
		for index, set := range l.taken {
			if set {
				s.Set = append(s.Set, index)
			}
		}
		slices.Sort(s.Set)
		out = append(out, s)
	}
	return out, reason.Wrap(reason.Canceled, "", ctx.Err())
}
