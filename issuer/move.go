package issuer

import (
	"context"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Books are all that a ledger keeps, as they are given to another one: to go on
// with, the same secret and so the same order of places, the same digests, and
// the same chain. Nothing is written to them while they are read.
type Books interface {
	Secret() Secret
	// Lists returns the status lists by purpose and number.
	Lists(ctx context.Context) ([]KeptList, error)
	// Credentials calls f with the records in the order of issue, many at a time.
	Credentials(ctx context.Context, f func([]KeptRecord) error) error
	// Lines is that of AuditLog.
	Lines(ctx context.Context, n int64, f func(Line) error) error
	// Jobs calls f with the work, done or not, in its order, many at a time.
	Jobs(ctx context.Context, f func([]KeptJob) error) error
}

// KeptList is a status list with how many places were passed in its secret order.
// Drawn says that an older bevis has given places by another rule, so that the
// order cannot be gone on with.
type KeptList struct {
	ListState
	Next  int
	Drawn bool
}

// KeptRecord is a record with what a ledger keeps of it and does not tell.
type KeptRecord struct {
	Record
	KeyDigest   string   // of the idempotency key, also when that was erased
	PersonsAre  []string // digests
	KnowsPerson bool     // else it was not recorded for whom it is
}

// KeptJob is a job with its state. Times are zero for none.
type KeptJob struct {
	Job
	Due, HeldUntil, Done time.Time
	Worker, Outcome      string
}

// Moved counts what was moved.
type Moved struct {
	Credentials int64 `json:"credentials"`
	Lists       int   `json:"lists"`
	Set         int   `json:"set"` // entries that are not zero
	Lines       int64 `json:"lines"`
	Jobs        int64 `json:"jobs"`
	Head        Head  `json:"auditLog"`
	// Before says that all of it was there already, from a move that was stopped
	// at its end.
	Before bool `json:"before,omitempty"`
}

// LedgerMoved is the error of a ledger whose books are another's.
func LedgerMoved(at string) error {
	return reason.New("conflict/ledger-moved", at, "the books were moved into a database")
}
