package issuer

import (
	"context"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

// Queue is a ledger that hands out work to many processes, on one machine or
// many. A job is held for a time; who goes on longer says so, and who falls
// silent loses it to another. Work must bear to be begun twice, as an award with
// an idempotency key does; that it is finished once is for the ledger. Time is
// that of the ledger, whose clock is one for all.
type Queue interface {
	// Enqueue adds jobs and returns how many. One with the key of another that
	// nobody has begun is not added.
	Enqueue(ctx context.Context, jobs ...Job) (int, error)
	// Lease takes the first job of one of some kinds that is due and that
	// nobody holds, and holds it for a time. Without one it is not_found/job.
	Lease(ctx context.Context, l Lease) (Job, error)
	// Extend holds a job for a further time from now on. If it was lost
	// meanwhile, it is conflict/lease-lost: stop.
	Extend(ctx context.Context, j Job, d time.Duration) error
	// Finish ends a job, and forgets what it was about. Outcome is what went
	// wrong for good, empty if nothing did. If the job was lost meanwhile, it
	// is conflict/lease-lost, and nothing changes.
	Finish(ctx context.Context, j Job, outcome string) error
	// Release gives a job back, to be taken after a time. If it was lost
	// meanwhile, it is conflict/lease-lost.
	Release(ctx context.Context, j Job, after time.Duration) error
	// Backlog counts the jobs.
	Backlog(ctx context.Context) (Backlog, error)
}

// Job is a piece of work.
type Job struct {
	ID      int64 // given by the ledger
	Kind    string
	Key     string // may be empty
	Payload []byte
	Attempt int // from 1, with each lease
}

// Lease says what is taken, and by whom.
type Lease struct {
	Worker string // for people who look
	Kinds  []string
	For    time.Duration
}

// Backlog is how many jobs there are.
type Backlog struct {
	Waiting int64 `json:"waiting"` // not begun, or given back
	Held    int64 `json:"held"`    // begun, also if who began them fell silent
	Done    int64 `json:"done"`
	Failed  int64 `json:"failed"` // done, and something went wrong for good
}

// NoJob is the error of a queue that has nothing to do.
func NoJob() error {
	return reason.New("not_found/job", "", "there is nothing to do")
}

// LeaseLost is the error of a job that somebody else holds, or has finished.
func LeaseLost(j Job) error {
	return reason.New("conflict/lease-lost", "", "job %d was held too long, and is another's now", j.ID)
}
