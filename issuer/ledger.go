package issuer

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
)

// Ledger keeps what an issuer must not forget. Implementations are safe for
// concurrent use, from many machines if they say so; bevistest.TestLedger is
// their contract. What a ledger can do beside this stands in [Archive],
// [AuditLog], [KeyUse] and [AchievementUse], which it need not have.
type Ledger interface {
	// Reserve takes places that were never taken before, in an order that
	// cannot be guessed: for each award one in a list of each purpose, the
	// purposes in the order asked for. A list that is full is followed by
	// another. What is taken is not given back.
	Reserve(ctx context.Context, r Reservation) ([]Slot, error)
	// Record stores issued credentials, all of them or none. An id or an
	// idempotency key that is there already, in the ledger or among them, is
	// a conflict, whose place is the id of the credential.
	Record(ctx context.Context, records ...Record) error
	// Get returns the record of a credential, not_found if there is none.
	Get(ctx context.Context, id string) (Record, error)
	// ByKey returns the record with an idempotency key, not_found if there is
	// none.
	ByKey(ctx context.Context, idempotencyKey string) (Record, error)
	// SetStatus changes an entry and keeps who did it, when and why. A
	// credential without an entry of that purpose is not_found, and a value that
	// the entry has no room for usage/status-value.
	SetStatus(ctx context.Context, c Change) error
	// Status returns what the entries of a credential hold that are not zero,
	// in the order of its slots.
	Status(ctx context.Context, id string) ([]Mark, error)
	// Lists returns every status list with the places that are set, all as
	// they were at one moment, by purpose and number.
	Lists(ctx context.Context) ([]ListState, error)
}

// Archive is a ledger that can look through what it keeps, and forget people.
type Archive interface {
	// Each calls f with every record, in the order of issue, until f fails.
	Each(ctx context.Context, f func(Record) error) error
	// Find returns the ids of the credentials that were recorded for a person
	// and not erased, and how many not erased records do not say for whom they
	// are: those that an older bevis has made.
	Find(ctx context.Context, person string) (ids []string, unknown int, err error)
	// Erase takes what is personal out of records, and out of what the audit
	// log says of them. Their ids and their places stay, so that the status
	// lists are what they were, and so does the fact that an idempotency key
	// was used. It returns how many were erased now and not before. Ids that
	// are not there are not_found, and nothing is erased.
	Erase(ctx context.Context, e Erasure) (int, error)
}

// Reservation asks for places in status lists.
type Reservation struct {
	Purposes []string
	ListSize int // entries of a list that is begun now, see SizeOf
	Awards   int // zero: one
	// Bits are how many an entry has, by purpose: 1, 2, 4 or 8, absent one. Lists
	// of one purpose and another number of bits are apart, and counted together.
	Bits map[string]int
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
	Method         string // verification method by which it was signed, empty for those of an older bevis
	IssuedAt       time.Time
	Slots          []Slot
	Credential     []byte    // exactly as issued
	Others         []Form    // the same credential in other forms, exactly as issued
	Erased         time.Time // zero: what is personal is still there

	// What follows goes in and is not given back: the persons are kept as
	// digests that only the ledger can make, the actor in the audit log.
	Persons []string // by which ids or e-mail addresses its subject can be found
	Actor   string   // who had it issued
}

// Change sets or clears an entry of a credential.
type Change struct {
	ID      string // of the credential
	Purpose string
	Set     bool
	Value   uint8 // what is set, in entries of several bits; zero: 1
	Mask    uint8 // which bits are changed, the others stay; zero: all
	Why     string
	Actor   string
	At      time.Time
}

// Action returns what the audit log calls a change.
func (c Change) Action() string {
	what := c.Purpose
	switch {
	case c.Purpose == PurposeToken && c.Mask == maskSuspended:
		what = status.Suspension
	case c.Purpose == PurposeToken:
		what = status.Revocation
	case c.Set && c.Value > 0:
		what += " " + strconv.Itoa(int(c.Value))
	}
	if c.Set {
		return "set " + what
	}
	return "clear " + what
}

// New returns what an entry of so many bits holds after a change, if it held
// old before.
func (c Change) New(old uint8, bits int) (uint8, error) {
	value, mask := c.Bits()
	if int(value) >= 1<<max(bits, 1) {
		return old, TooLarge(c, bits)
	}
	return old&^mask | value, nil
}

// Bits returns a change as one of bits: those of the mask are cleared, and those
// of value set.
func (c Change) Bits() (value, mask uint8) {
	if mask = c.Mask; mask == 0 {
		mask = 0xff
	}
	if c.Set {
		value = max(c.Value, 1)
	}
	return value, mask
}

// Mark is what an entry holds.
type Mark struct {
	Purpose string
	Value   uint8
}

// Revoked reports whether what an entry holds takes a credential back for good.
func (m Mark) Revoked() bool {
	return m.Purpose == status.Revocation && m.Value != 0 || m.Purpose == PurposeToken && m.Value&maskRevoked != 0
}

// Erasure says what is to be erased.
type Erasure struct {
	IDs   []string // of credentials
	Why   string   // goes into the audit log: name nobody
	Actor string
	At    time.Time
}

// ListState is a status list as the ledger knows it.
type ListState struct {
	Purpose string
	List    int
	Size    int
	Used    int      // places taken
	Set     []uint64 // ascending
	Bits    int      // of an entry, at least 1
	Values  []uint8  // of what is in Set; nil: all are 1
}

// value returns what the entry of the nth place in Set holds.
func (s *ListState) value(n int) uint8 {
	if s.Values == nil {
		return 1
	}
	return s.Values[n]
}

// Add puts what an entry holds behind the others.
func (s *ListState) Add(place uint64, value uint8) {
	s.Set = append(s.Set, place)
	if s.Bits > 1 {
		s.Values = append(s.Values, value)
	}
}

// SortSet puts entries that were added in any order into that of their places.
func (s *ListState) SortSet() {
	if s.Values == nil {
		slices.Sort(s.Set)
		return
	}
	order := make([]int, len(s.Set))
	for n := range order {
		order[n] = n
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.Set[a], s.Set[b]) })
	set, values := make([]uint64, len(order)), make([]uint8, len(order))
	for n, k := range order {
		set[n], values[n] = s.Set[k], s.Values[k]
	}
	s.Set, s.Values = set, values
}

// Check refuses a reservation that no ledger can serve, and fills in what is
// left to it.
func (r Reservation) Check() (Reservation, error) {
	if r.ListSize < 1 {
		return r, reason.New(reason.Usage, "", "a status list of %d entries has no place", r.ListSize)
	}
	if r.Awards < 0 {
		return r, reason.New(reason.Usage, "", "places for %d awards", r.Awards)
	}
	for purpose := range r.Bits {
		switch r.BitsOf(purpose) {
		case 1, 2, 4, 8:
		default:
			return r, reason.New(reason.Usage, purpose, "an entry has 1, 2, 4 or 8 bits, not %d", r.Bits[purpose])
		}
	}
	r.Awards = max(r.Awards, 1)
	return r, nil
}

// BitsOf returns how many bits an entry of a purpose has.
func (r Reservation) BitsOf(purpose string) int {
	if bits, ok := r.Bits[purpose]; ok {
		return bits
	}
	return 1
}

// SizeOf returns how many entries a list of a purpose has that is begun now: what
// was asked for, or what there is room for.
func (r Reservation) SizeOf(purpose string) int {
	return min(r.ListSize, status.MaxEntries/r.BitsOf(purpose))
}

// Slots puts places together award by award: taken holds those of each purpose.
func (r Reservation) Slots(taken map[string][]Slot) []Slot {
	out := make([]Slot, 0, len(r.Purposes)*r.Awards)
	for n := range r.Awards {
		for _, purpose := range r.Purposes {
			out = append(out, taken[purpose][n])
		}
	}
	return out
}

// NoCredential is the error of a credential that a ledger does not have.
func NoCredential(id string) error {
	return reason.New(reason.NotFound, id, "no such credential was issued here")
}

// Recorded is the error of a credential that is to be recorded and whose id or
// idempotency key is there already.
func Recorded(id string) error {
	return reason.New(reason.Conflict, id, "the credential or its idempotency key is recorded already")
}

// TooLarge is the error of a value that an entry has no room for.
func TooLarge(c Change, bits int) error {
	return reason.New("usage/status-value", c.ID, "the credential's entry for %s has values up to %d, not %d", c.Purpose, 1<<max(bits, 1)-1, c.Value)
}

// NoEntry is the error of a change to an entry that a credential lacks.
func NoEntry(c Change) error {
	return reason.New("not_found/status-entry", c.ID, "the credential was issued without an entry for %s", c.Purpose)
}
