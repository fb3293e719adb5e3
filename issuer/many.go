package issuer

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/inorder"
	"github.com/kompetansebevis/bevis/reason"
)

// Many says how many awards are issued at once. The zero value is good.
type Many struct {
	Group int // awards that get places, and are recorded, together; zero: 500
	Jobs  int // groups at once; zero: one on each core
	// Checked says that Check was asked about each award, so that it need not be
	// asked again: what is wrong all the same is found when a place was taken,
	// which then stays empty.
	Checked bool
}

const defaultGroup = 500

// IssueAll issues awards as they come and yields what [Issuer.Issue] would say
// of each, in their order, on all cores and in memory that does not depend on
// how many there are. An error is that of one award, and the others go on; who
// wants to end stops ranging. Awards that were on their way then may have been
// issued, so give them idempotency keys: the same call again, after whatever
// stopped this one, issues what is left and yields the rest as it was.
//
// The awards are read in another goroutine. When ctx ends, the last that is
// yielded is an error of code canceled.
func (i *Issuer) IssueAll(ctx context.Context, awards iter.Seq[Award], m Many) iter.Seq2[*Issued, error] {
	if m.Group <= 0 {
		m.Group = defaultGroup
	}
	return func(yield func(*Issued, error) bool) {
		for group := range inorder.Map(ctx, m.Jobs, groups(awards, m.Group), func(ctx context.Context, group []Award) []outcome { return i.issueSafely(ctx, group, m.Checked) }) {
			for _, o := range group {
				if !yield(o.issued, o.err) {
					return
				}
			}
		}
		if err := ctx.Err(); err != nil {
			yield(nil, reason.Wrap(reason.Canceled, "", err))
		}
	}
}

// groups puts awards together, so many to a group.
func groups(awards iter.Seq[Award], size int) iter.Seq[[]Award] {
	return func(yield func([]Award) bool) {
		var group []Award
		for a := range awards {
			if group = append(group, a); len(group) == size {
				if !yield(group) {
					return
				}
				group = nil
			}
		}
		if len(group) > 0 {
			yield(group)
		}
	}
}

// Check returns the error that Issue would find in an award before it takes a
// place for it: all that can be wrong with the award itself. It asks the ledger
// nothing.
func (i *Issuer) Check(a Award) error {
	_, err := i.begin(a, false)
	return err
}

// Again returns what was issued under the idempotency key of an award, nil if
// nothing was. Its errors are those of Issue.
func (i *Issuer) Again(ctx context.Context, a Award) (*Issued, error) {
	if a.IdempotencyKey == "" {
		return nil, nil
	}
	return i.again(ctx, a)
}

// outcome is what came of an award.
type outcome struct {
	issued *Issued
	err    error
}

// order is an award on its way, from when it is in force settled.
type order struct {
	Award
	asked  Award
	suites []proof.Suite // the first and what is also asked for
	record Record
	out    *outcome
}

// issueSafely issues awards together in a goroutine of its own, where nobody else
// could recover: a fault in what issuing calls, such as a signer, is the error of
// these awards, and not the end of a program that issues for others as well. Some
// of them may have been issued.
func (i *Issuer) issueSafely(ctx context.Context, awards []Award, checked bool) (out []outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = make([]outcome, len(awards))
			for n := range out {
				out[n].err = reason.New(reason.Internal, "", "a fault while it was issued: %v", p)
			}
		}
	}()
	return i.issueGroup(ctx, awards, checked)
}

// issueGroup issues awards together: one reservation, one change of the ledger.
func (i *Issuer) issueGroup(ctx context.Context, awards []Award, checked bool) []outcome {
	out := make([]outcome, len(awards))
	var orders []*order
	for n, a := range awards {
		o := &out[n]
		if o.issued, o.err = i.Again(ctx, a); o.issued != nil || o.err != nil {
			continue
		}
		var begun *order
		if begun, o.err = i.begin(a, checked); o.err == nil {
			begun.out = o
			orders = append(orders, begun)
		}
	}
	ready := orders[:0]
	for n, slots := range i.reserve(ctx, orders) {
		o := orders[n]
		if o.out.err == nil {
			o.out.err = i.secure(ctx, o, slots)
		}
		if o.out.err == nil {
			ready = append(ready, o)
		}
	}
	i.record(ctx, ready)
	return out
}

// begin finds what can be wrong with an award, before a place is taken, unless
// that was done.
func (i *Issuer) begin(a Award, checked bool) (*order, error) {
	suites, err := i.suitesOf(a)
	if err != nil {
		return nil, err
	}
	if a.Suspendable && i.cfg.StatusBase == "" {
		return nil, reason.New("usage/no-status-base", "", "without StatusBase nothing can be suspended")
	}
	if a.Messages && (i.cfg.StatusBase == "" || len(i.cfg.Messages) == 0) {
		return nil, reason.New("usage/no-messages", "", "without StatusBase and Messages nothing can be said of a credential")
	}
	o := &order{Award: a, asked: a, suites: suites}
	if o.ValidFrom.IsZero() {
		o.ValidFrom = i.cfg.Now()
	}
	if o.record.ID, err = newID(); err != nil || checked {
		return o, err
	}
	draft, err := i.draft(o.Award, o.record.ID, nil)
	if err == nil {
		err = leadSomewhere(draft, a.Disclosable)
	}
	return o, err
}

// reserve takes the places of orders. An order that gets none has an error.
func (i *Issuer) reserve(ctx context.Context, orders []*order) [][]Slot {
	out := make([][]Slot, len(orders))
	if i.cfg.StatusBase == "" {
		return out
	}
	of := map[string][]int{} // orders by the purposes of their places
	for n, o := range orders {
		purposes := strings.Join(o.purposes(), " ")
		of[purposes] = append(of[purposes], n)
	}
	for _, key := range slices.Sorted(maps.Keys(of)) {
		purposes, these := strings.Fields(key), of[key]
		slots, err := i.cfg.Ledger.Reserve(ctx, Reservation{Purposes: purposes, ListSize: i.cfg.ListSize, Awards: len(these), Bits: i.bits()})
		each := len(purposes)
		for k, n := range these {
			if err != nil {
				orders[n].out.err = err
				continue
			}
			out[n] = slots[k*each : (k+1)*each : (k+1)*each]
		}
	}
	return out
}

// purposes are those for which an order gets a place.
func (o *order) purposes() []string {
	if saysStatus(o.suites[0]) && o.Suspendable { // and so has no other form
		return []string{PurposeToken}
	}
	out := []string{status.Revocation}
	if o.Suspendable {
		out = append(out, status.Suspension)
	}
	if o.Messages {
		out = append(out, status.Message)
	}
	return out
}

// bits are how many an entry has in lists that are begun now.
func (i *Issuer) bits() map[string]int {
	return map[string]int{status.Message: messageBits(i.cfg.Messages), PurposeToken: tokenBits}
}

// secure makes the credential of an order, in all its forms.
func (i *Issuer) secure(ctx context.Context, o *order, slots []Slot) error {
	var forms []Form
	for _, suite := range o.suites {
		inside := slots
		if saysStatus(suite) {
			inside = nil
		}
		c, err := i.draft(o.Award, o.record.ID, inside)
		if err != nil {
			return err
		}
		signed, err := i.sign(ctx, suite, o.Award, c, slots)
		if err != nil {
			return err
		}
		forms = append(forms, Form{suite.ID(), signed})
	}
	as := o.Award
	if o.IdempotencyKey != "" { // now is no part of an award that comes again
		as = o.asked
	}
	o.record = Record{
		ID: o.record.ID, IdempotencyKey: o.IdempotencyKey, AwardDigest: i.digest(as), Achievement: o.Achievement.ID,
		Form: string(forms[0].Suite), Method: i.cfg.Signer.ID(), IssuedAt: i.cfg.Now(), Slots: slots, Credential: forms[0].Credential, Persons: o.Recipient.persons(), Actor: o.Actor,
	}
	if len(forms) > 1 {
		o.record.Others = forms[1:]
	}
	return nil
}

// record puts what is ready into the ledger: all at once, and if one of them is
// there already, each by itself.
func (i *Issuer) record(ctx context.Context, ready []*order) {
	if len(ready) == 0 {
		return
	}
	records := make([]Record, len(ready))
	for n, o := range ready {
		records[n] = o.record
	}
	err := i.cfg.Ledger.Record(ctx, records...)
	if reason.CodeOf(err) == reason.Conflict && len(ready) > 1 {
		for n := range ready {
			i.record(ctx, ready[n:n+1])
		}
		return
	}
	for _, o := range ready {
		switch {
		case err == nil:
			o.out.issued = &Issued{ID: o.record.ID, Form: proof.ID(o.record.Form), Credential: o.record.Credential, Others: o.record.Others, Slots: o.record.Slots}
		case reason.CodeOf(err) == reason.Conflict && o.IdempotencyKey != "":
			// Somebody else was faster with the same award: theirs is the one.
			if o.out.issued, o.out.err = i.again(ctx, o.asked); o.out.issued == nil && o.out.err == nil {
				o.out.err = err
			}
		default:
			o.out.err = err
		}
	}
}
