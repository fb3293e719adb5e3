package issuer

import (
	"context"
	"slices"
	"sync"

	"github.com/kompetansebevis/bevis/reason"
)

// MemoryLedger is a Ledger that forgets everything when the program ends. It
// is for trying things out and for tests.
type MemoryLedger struct {
	mu      sync.Mutex
	secret  Secret
	records []Record // without what is not given back
	byID    map[string]int
	byKey   map[string]int   // by digest of the key
	persons map[string][]int // by digest
	awarded map[string]bool  // by id of the achievement
	lists   []*memoryList
	audit   []Line
}

type memoryList struct {
	purpose string
	number  int
	places  *Places
	size    int
	used    int
	bits    int
	set     map[uint64]uint8
}

// NewMemoryLedger returns an empty ledger.
func NewMemoryLedger() *MemoryLedger {
	return &MemoryLedger{byID: map[string]int{}, byKey: map[string]int{}, persons: map[string][]int{}, awarded: map[string]bool{}}
}

// begin locks the ledger, which has its secret from the first use on.
func (m *MemoryLedger) begin(ctx context.Context) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	m.mu.Lock()
	if m.secret == (Secret{}) {
		if m.secret, err = NewSecret(); err != nil {
			m.mu.Unlock()
			return nil, err
		}
	}
	return m.mu.Unlock, nil
}

// Reserve implements Ledger.
func (m *MemoryLedger) Reserve(ctx context.Context, r Reservation) ([]Slot, error) {
	r, err := r.Check()
	if err != nil {
		return nil, err
	}
	unlock, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	taken := map[string][]Slot{}
	for _, purpose := range r.Purposes {
		for range r.Awards {
			l := m.current(purpose, r.SizeOf(purpose), r.BitsOf(purpose))
			taken[purpose] = append(taken[purpose], Slot{purpose, l.number, l.places.At(uint64(l.used))})
			l.used++
		}
	}
	return r.Slots(taken), nil
}

func (m *MemoryLedger) current(purpose string, size, bits int) *memoryList {
	number := 0
	for _, l := range m.lists {
		if l.purpose != purpose {
			continue
		}
		if l.used < l.size && l.bits == bits {
			return l
		}
		number = l.number
	}
	l := &memoryList{purpose, number + 1, m.secret.Places(purpose, number+1, size), size, 0, bits, map[uint64]uint8{}}
	m.lists = append(m.lists, l)
	return l
}

// Record implements Ledger.
func (m *MemoryLedger) Record(ctx context.Context, records ...Record) error {
	unlock, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	own := map[string]bool{} // of the call
	for _, r := range records {
		_, known := m.byID[r.ID]
		key := m.secret.KeyDigest(r.IdempotencyKey)
		_, used := m.byKey[key]
		if known || own["id "+r.ID] || r.IdempotencyKey != "" && (used || own["key "+key]) {
			return Recorded(r.ID)
		}
		own["id "+r.ID], own["key "+key] = true, true
	}
	for _, r := range records {
		n := len(m.records)
		m.byID[r.ID] = n
		m.awarded[r.Achievement] = true
		if r.IdempotencyKey != "" {
			m.byKey[m.secret.KeyDigest(r.IdempotencyKey)] = n
		}
		for _, p := range r.Persons {
			digest := m.secret.PersonDigest(p)
			m.persons[digest] = append(m.persons[digest], n)
		}
		if err := m.log(Event{At: r.IssuedAt, Actor: r.Actor, Action: "issue", Credential: r.ID}); err != nil {
			return err
		}
		r.Persons, r.Actor = nil, ""
		m.records = append(m.records, clone(r))
	}
	return nil
}

// clone keeps what a caller does to a record out of the ledger.
func clone(r Record) Record {
	r.Slots, r.Credential, r.Others = slices.Clone(r.Slots), slices.Clone(r.Credential), slices.Clone(r.Others)
	for n := range r.Others {
		r.Others[n].Credential = slices.Clone(r.Others[n].Credential)
	}
	return r
}

// Get implements Ledger.
func (m *MemoryLedger) Get(ctx context.Context, id string) (Record, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	if n, ok := m.byID[id]; ok {
		return clone(m.records[n]), nil
	}
	return Record{}, NoCredential(id)
}

// ByKey implements Ledger.
func (m *MemoryLedger) ByKey(ctx context.Context, idempotencyKey string) (Record, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	if n, ok := m.byKey[m.secret.KeyDigest(idempotencyKey)]; ok {
		return clone(m.records[n]), nil
	}
	return Record{}, NoCredential("")
}

// Each implements Archive.
func (m *MemoryLedger) Each(ctx context.Context, f func(Record) error) error {
	for n := 0; ; n++ {
		unlock, err := m.begin(ctx)
		if err != nil {
			return err
		}
		if n == len(m.records) {
			unlock()
			return nil
		}
		r := clone(m.records[n])
		unlock()
		if err := f(r); err != nil {
			return err
		}
	}
}

// SetStatus implements Ledger.
func (m *MemoryLedger) SetStatus(ctx context.Context, c Change) error {
	unlock, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	n, ok := m.byID[c.ID]
	if !ok {
		return NoCredential(c.ID)
	}
	for _, slot := range m.records[n].Slots {
		if l := m.list(slot); l != nil && slot.Purpose == c.Purpose {
			value, err := c.New(l.set[slot.Index], l.bits)
			if err != nil {
				return err
			}
			if delete(l.set, slot.Index); value != 0 {
				l.set[slot.Index] = value
			}
			return m.log(Event{At: c.At, Actor: c.Actor, Action: c.Action(), Credential: c.ID, Why: c.Why})
		}
	}
	return NoEntry(c)
}

func (m *MemoryLedger) list(slot Slot) *memoryList {
	for _, l := range m.lists {
		if l.purpose == slot.Purpose && l.number == slot.List {
			return l
		}
	}
	return nil
}

// Status implements Ledger.
func (m *MemoryLedger) Status(ctx context.Context, id string) ([]Mark, error) {
	r, err := m.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Mark
	for _, slot := range r.Slots {
		if l := m.list(slot); l != nil && l.set[slot.Index] != 0 {
			out = append(out, Mark{slot.Purpose, l.set[slot.Index]})
		}
	}
	return out, nil
}

// Lists implements Ledger.
func (m *MemoryLedger) Lists(ctx context.Context) ([]ListState, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []ListState
	for _, l := range m.lists {
		s := ListState{Purpose: l.purpose, List: l.number, Size: l.size, Used: l.used, Bits: l.bits}
		for index, value := range l.set {
			s.Add(index, value)
		}
		s.SortSet()
		out = append(out, s)
	}
	SortLists(out)
	return out, nil
}

// Find implements Archive.
func (m *MemoryLedger) Find(ctx context.Context, person string) ([]string, int, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer unlock()
	var ids []string
	for _, n := range m.persons[m.secret.PersonDigest(person)] {
		if r := m.records[n]; r.Erased.IsZero() && !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids, 0, nil
}

// Erase implements Archive.
func (m *MemoryLedger) Erase(ctx context.Context, e Erasure) (int, error) {
	unlock, err := m.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	for _, id := range e.IDs {
		if _, ok := m.byID[id]; !ok {
			return 0, NoCredential(id)
		}
	}
	erased := 0
	for _, id := range e.IDs {
		r := &m.records[m.byID[id]]
		if !r.Erased.IsZero() {
			continue
		}
		*r = Record{ID: r.ID, Achievement: r.Achievement, Form: r.Form, Method: r.Method, IssuedAt: r.IssuedAt, Slots: r.Slots, Erased: e.At}
		for n, l := range m.audit {
			if l.Credential == id {
				m.audit[n] = l.Erase()
			}
		}
		if err := m.log(Event{At: e.At, Actor: e.Actor, Action: "erase", Credential: id, Why: e.Why}); err != nil {
			return erased, err
		}
		erased++
	}
	return erased, nil
}

// log adds a line while the ledger is locked.
func (m *MemoryLedger) log(e Event) error {
	l, err := NewLine(e)
	if err != nil {
		return err
	}
	hash := ""
	if n := len(m.audit); n > 0 {
		hash = m.audit[n-1].Hash
	}
	m.audit = append(m.audit, l.Chain(int64(len(m.audit)), hash))
	return nil
}

// Log implements AuditLog.
func (m *MemoryLedger) Log(ctx context.Context, e Event) error {
	unlock, err := m.begin(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return m.log(e)
}

// Lines implements AuditLog.
func (m *MemoryLedger) Lines(ctx context.Context, n int64, f func(Line) error) error {
	for ; ; n++ {
		unlock, err := m.begin(ctx)
		if err != nil {
			return err
		}
		if n >= int64(len(m.audit)) {
			unlock()
			return nil
		}
		l := m.audit[n]
		unlock()
		if err := f(l); err != nil {
			return err
		}
	}
}
