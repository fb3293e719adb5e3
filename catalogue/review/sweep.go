package review

import (
	"cmp"
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/reason"
)

// Purposes of status lists that matter here.
const (
	revocation = "revocation"
	suspension = "suspension"
)

// StatusSource has status lists.
type StatusSource interface {
	// List returns how to look up places in the list that an issuer publishes
	// at h.List for h.Purpose; h.Index is not looked at. An error means that
	// there is no list in force that the issuer signed, and never "not set".
	List(ctx context.Context, issuer string, h Handle) (look func(index uint64) (set bool, err error), err error)
}

// Swept is what a sweep found.
type Swept struct {
	Kept      int           `json:"kept"`      // in force
	Suspended int           `json:"suspended"` // not shown for now
	Stale     int           `json:"stale"`     // of which nothing has been known for 45 days
	Dropped   []Review      `json:"dropped"`   // revoked: they are no more
	Unknown   []UnknownList `json:"unknown"`   // the reviews stay as they are
}

// UnknownList is a status list that could not be had.
type UnknownList struct {
	List    string      `json:"list"`
	Reviews int         `json:"reviews"`
	Why     reason.Code `json:"why"`
	Detail  string      `json:"detail"`
}

// place is a handle with who it must be by.
type place struct {
	issuer string
	Handle
}

type answer struct {
	set bool
	err error
}

// Sweep asks the status of every review's credential again. Reviews of revoked
// ones are dropped, of suspended ones hidden until they are in force again.
// What cannot be asked stays as it is, and is stale after 45 days.
func (c *Collector) Sweep(ctx context.Context, source StatusSource) (Swept, error) {
	b, _, err := c.load(ctx)
	if err != nil {
		return Swept{}, err
	}
	answers, err := ask(ctx, source, b.records)
	if err != nil {
		return Swept{}, err
	}
	now := c.cfg.Now()
	var out Swept
	err = c.change(ctx, func(b *book) (bool, error) {
		out = Swept{Dropped: []Review{}, Unknown: []UnknownList{}}
		if len(b.records) == 0 {
			return false, nil
		}
		b.forget(dayOf(now))
		kept := b.records[:0]
		for _, r := range b.records {
			if r.Withdrawn {
				kept = append(kept, r)
				continue
			}
			state, unknown := judge(r, answers)
			switch state {
			case revocation:
				out.Dropped = append(out.Dropped, r.Review)
				continue
			case "":
				r.Suspended, r.Checked = false, weekOf(now)
			case suspension:
				r.Suspended = true
				if len(unknown) == 0 {
					r.Checked = weekOf(now)
				}
			}
			out.count(r, unknown, r.stale(dayOf(now)))
			kept = append(kept, r)
		}
		b.records = kept
		return true, nil
	})
	slices.SortFunc(out.Dropped, func(x, y Review) int { return cmp.Or(cmp.Compare(x.Course, y.Course), cmp.Compare(x.ID, y.ID)) })
	slices.SortFunc(out.Unknown, func(x, y UnknownList) int { return cmp.Or(cmp.Compare(x.List, y.List), cmp.Compare(x.Why, y.Why)) })
	return out, err
}

func (s *Swept) count(r Record, unknown []UnknownList, stale bool) {
	for _, u := range unknown {
		if i := slices.IndexFunc(s.Unknown, func(o UnknownList) bool { return o.List == u.List && o.Why == u.Why }); i >= 0 {
			s.Unknown[i].Reviews++
		} else {
			s.Unknown = append(s.Unknown, u)
		}
	}
	switch {
	case stale:
		s.Stale++
	case r.Suspended:
		s.Suspended++
	case len(unknown) == 0:
		s.Kept++
	}
}

// judge returns what is known of a record: revocation or suspension, "" when
// it is in force, "unknown" when a list is missing and none says revoked. One
// that came in during the sweep has no answers and is unknown without a list.
func judge(r Record, answers map[place]answer) (state string, unknown []UnknownList) {
	for _, h := range r.Handles {
		a, asked := answers[place{r.Issuer, h}]
		switch {
		case asked && a.err != nil:
			unknown = append(unknown, UnknownList{h.List, 1, reason.CodeOf(a.err), a.err.Error()})
			fallthrough
		case !asked:
			if state == "" {
				state = "unknown"
			}
		case a.set && h.Purpose == revocation:
			return revocation, nil
		case a.set:
			state = suspension
		}
	}
	return state, unknown
}

// ask looks every place up, and asks for each list once.
func ask(ctx context.Context, source StatusSource, records []Record) (map[place]answer, error) {
	type list struct {
		look func(uint64) (bool, error)
		err  error
	}
	lists, answers := map[place]list{}, map[place]answer{}
	for _, r := range records {
		for _, h := range r.Handles {
			if err := ctx.Err(); err != nil {
				return nil, reason.Wrap(reason.Canceled, "", err)
			}
			whole := place{r.Issuer, h}
			whole.Index = 0
			l, asked := lists[whole]
			if !asked {
				l.look, l.err = source.List(ctx, r.Issuer, whole.Handle)
				if l.err == nil && l.look == nil {
					l.err = reason.New(reason.StatusUnavailable, h.List, "there is no list")
				}
				lists[whole] = l
			}
			a := answer{err: l.err}
			if l.err == nil {
				a.set, a.err = l.look(h.Index)
			}
			if reason.CodeOf(a.err).Class() == reason.Interrupted {
				return nil, a.err
			}
			answers[place{r.Issuer, h}] = a
		}
	}
	return answers, nil
}
