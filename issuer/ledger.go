package issuer

import (
	"context"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Ledger keeps what an issuer must not forget. Implementations are safe for
// concurrent use, from many machines if they say so; bevistest.TestLedger is
// their contract. What a ledger can do beside this stands in [Archive],
// [AuditLog] and [KeyUse], which it need not have.
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
	// credential without an entry of that purpose is not_found.
	SetStatus(ctx context.Context, c Change) error
	// Status returns the purposes for which an entry of a credential is set,
	// in the order of its slots.
	Status(ctx context.Context, id string) ([]string, error)
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
	ListSize int // entries of a list that is begun now
	Awards   int // zero: one
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
	Why     string
	Actor   string
	At      time.Time
}

// Action returns what the audit log calls a change.
func (c Change) Action() string {
	if c.Set {
		return "set " + c.Purpose
	}
	return "clear " + c.Purpose
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
	r.Awards = max(r.Awards, 1)
	return r, nil
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

// NoEntry is the error of a change to an entry that a credential lacks.
func NoEntry(c Change) error {
	return reason.New("not_found/status-entry", c.ID, "the credential was issued without an entry for %s", c.Purpose)
}
