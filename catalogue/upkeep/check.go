package upkeep

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// Visit is what came of a look at an address.
type Visit struct {
	Status  int    // HTTP; 0: nobody answered
	To      string // where it sends
	Blocked bool   // it may not be visited
}

// Visitor looks at web addresses, and at nothing but their answer's head.
type Visitor interface {
	// Visit returns an error only if it cannot visit anything at all, or ctx
	// ended. That nobody answers is a Visit.
	Visit(ctx context.Context, address string) (Visit, error)
}

// Config is what a Checker works with.
type Config struct {
	Visitor Visitor                                    // required
	Now     func() time.Time                           // required
	Wait    func(context.Context, time.Duration) error // required; waits unless ctx ends
	Pace    time.Duration                              // between visits to one host; 0: two seconds
	Every   time.Duration                              // an address is left alone for so long; 0: a week, or a day after a failure
}

// Checker visits the addresses of offers.
type Checker struct{ cfg Config }

// New returns a checker.
func New(cfg Config) (*Checker, error) {
	if cfg.Visitor == nil || cfg.Now == nil || cfg.Wait == nil {
		return nil, reason.New(reason.Usage, "upkeep.Config", "Visitor, Now and Wait are required")
	}
	cfg.Pace, cfg.Every = cmp.Or(max(cfg.Pace, 0), 2*time.Second), cmp.Or(max(cfg.Every, 0), 7*24*time.Hour)
	return &Checker{cfg}, nil
}

// Request says what to visit.
type Request struct {
	Offers []catalogue.Offer
	Limit  int // of addresses; required
	// Keep is called now and then with what has been entered, so that a run
	// that is broken off is not lost; nil: at the end only, by the caller.
	Keep func(*Book) error
}

const keepEach = 20 // visits

// Check visits the addresses that are due, the longest unvisited first, and
// enters what it finds. Offers with the same address share a visit. If not one
// of all answers, it is the network that cannot be had: nothing is entered, and
// the error is fetch_failed/network. After canceled what was found stands.
func (c *Checker) Check(ctx context.Context, b *Book, r Request) ([]Entry, error) {
	due := c.due(b, r)
	var done []Entry
	var silent []func() // entered once anybody has answered
	answered, unkept := false, 0
	free := map[string]time.Time{}
	for len(due) > 0 {
		i, at := next(due, free)
		if wait := at.Sub(c.cfg.Now()); wait > 0 {
			if err := c.cfg.Wait(ctx, wait); err != nil {
				return done, reason.Wrap(reason.Canceled, "", err)
			}
		}
		to := due[i]
		due = slices.Delete(due, i, i+1)
		v, err := c.cfg.Visitor.Visit(ctx, to.address)
		if err != nil {
			return done, err
		}
		now := c.cfg.Now().UTC().Truncate(time.Second)
		free[to.host] = c.cfg.Now().Add(c.cfg.Pace)
		enter := func() {
			for _, ref := range to.refs {
				e := b.Entry(ref).visited(to.address, v, now)
				b.set(e)
				done = append(done, e)
			}
		}
		if answered = answered || v.Status > 0; !answered && !v.Blocked {
			silent = append(silent, enter)
			continue
		}
		for _, f := range append(silent, enter) {
			f()
		}
		silent = nil
		if unkept++; unkept >= keepEach && r.Keep != nil {
			if err := r.Keep(b); err != nil {
				return done, err
			}
			unkept = 0
		}
	}
	if len(silent) > 0 {
		return done, reason.New("fetch_failed/network", "", "not one of %d addresses answered, so nothing is noted of them", len(silent))
	}
	return done, nil
}

type address struct {
	address, host string
	refs          []string
	checked       time.Time
}

// due are the addresses to visit, the longest unvisited first.
func (c *Checker) due(b *Book, r Request) []address {
	at := map[string]int{}
	var all []address
	for _, o := range r.Offers {
		u, err := url.Parse(o.URL)
		if o.URL == "" || err != nil {
			continue
		}
		e := b.Entry(o.Ref())
		if e.URL != o.URL {
			e.Checked = time.Time{}
		}
		i, seen := at[o.URL]
		if !seen {
			i = len(all)
			at[o.URL] = i
			all = append(all, address{address: o.URL, host: strings.ToLower(u.Host), checked: c.cfg.Now().Add(1)})
		}
		every := c.cfg.Every
		if e.Failures > 0 {
			every = min(every, apart)
		}
		if e.Checked.IsZero() || c.cfg.Now().Sub(e.Checked) >= every {
			all[i].refs = append(all[i].refs, o.Ref())
			if e.Checked.Before(all[i].checked) {
				all[i].checked = e.Checked
			}
		}
	}
	all = slices.DeleteFunc(all, func(a address) bool { return len(a.refs) == 0 })
	slices.SortFunc(all, func(x, y address) int {
		return cmp.Or(x.checked.Compare(y.checked), strings.Compare(x.address, y.address))
	})
	return all[:min(len(all), max(r.Limit, 0))]
}

// next is the first address whose host is free, else the one whose is free
// first, and when.
func next(due []address, free map[string]time.Time) (best int, at time.Time) {
	for i, a := range due {
		if t := free[a.host]; i == 0 || t.Before(at) {
			best, at = i, t
		}
	}
	return best, at
}
