package batch

import (
	"context"
	"iter"
	"sync"

	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// Done is what came of a row.
type Done struct {
	Line      int
	Recipient issuer.Recipient
	Issued    *issuer.Issued // nil: nothing was issued
	Skipped   bool           // something is wrong with the row, as Check has said
	Err       error          // the issuer refused it after all
}

// Issue issues the rows that are in order and yields what came of each row, in
// the order of the table. It reads the table anew. An error is the last that is
// yielded: of reading, of the ledger, or that ctx ended; the same call again
// goes on from there.
func (b *Batch) Issue(ctx context.Context, i *issuer.Issuer, c *Checked, m issuer.Many) iter.Seq2[Done, error] {
	return func(yield func(Done, error) bool) {
		m.Checked = true
		var q queue
		quick := *b
		quick.cfg.CheckID = nil // Check has asked
		var broken error        // of reading; it is looked at when reading has ended
		awards := func(yield func(issuer.Award) bool) {
			for r, err := range b.rows(ctx) {
				if err != nil {
					broken = err
					return
				}
				if c.isBad(r.n) {
					q.push(Done{Line: r.Line, Skipped: true})
					continue
				}
				a, problems := quick.award(ctx, r)
				if len(problems) > 0 { // the table is not what it was
					q.push(Done{Line: r.Line, Skipped: true})
					continue
				}
				q.push(Done{Line: r.Line, Recipient: a.Recipient})
				if !yield(a) {
					return
				}
			}
		}
		for issued, err := range i.IssueAll(ctx, awards, m) {
			if ends(err) {
				yield(Done{}, err)
				return
			}
			for {
				d, _ := q.pop()
				if !d.Skipped {
					d.Issued, d.Err = issued, err
				}
				if !yield(d, nil) {
					return
				}
				if !d.Skipped {
					break
				}
			}
		}
		for d, ok := q.pop(); ok; d, ok = q.pop() {
			if !yield(d, nil) {
				return
			}
		}
		if broken != nil {
			yield(Done{}, broken)
		}
	}
}

// ends reports whether an error is not about one row alone, so that there is no
// sense in going on.
func ends(err error) bool {
	switch code := reason.CodeOf(err); code {
	case reason.Canceled, "conflict/ledger-busy", reason.Internal:
		return true
	default:
		return code.Coarse() == string(reason.IO)
	}
}

// queue holds rows that were read until it is known what came of them.
type queue struct {
	mu    sync.Mutex
	rows  []Done
	taken int
}

func (q *queue) push(d Done) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken > len(q.rows)/2 {
		q.rows = append(q.rows[:0], q.rows[q.taken:]...)
		q.taken = 0
	}
	q.rows = append(q.rows, d)
}

func (q *queue) pop() (Done, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken == len(q.rows) {
		return Done{}, false
	}
	q.taken++
	return q.rows[q.taken-1], true
}
