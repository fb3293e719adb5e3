package gather

import (
	"context"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// Verifier judges presentations, as package verifier does.
type Verifier interface {
	// Presented returns what a presentation shows. An error means that it is
	// not valid: signed by its holder for the audience, in answer to the
	// challenge, with credentials that are valid, of those issuers alone, and
	// about the holder. What cannot be told is not valid.
	Presented(ctx context.Context, r Request) (Presented, error)
}

// Request is a presentation and what is expected of it.
type Request struct {
	Raw       []byte
	Audience  string
	Challenge string
	Issuers   []string // whose credentials may count here
}

// Presented is what a valid presentation shows.
type Presented struct {
	Holder      string
	Credentials []*credential.Credential
}

// Config is who gathers, and how. Everything is required.
type Config struct {
	By       string     // the publisher's DID, for which presentations are made
	Signer   key.Signer // of what is released; its key is one of By's
	Verifier Verifier
	Store    Store
	Now      func() time.Time
}

// Desk takes contributions in and releases statistics. It is safe for
// concurrent use, also beside other programs with the same store.
type Desk struct{ cfg Config }

// New returns a desk, or a usage error that names the first gap.
func New(cfg Config) (*Desk, error) {
	for _, gap := range []struct {
		missing bool
		text    string
	}{
		{!strings.HasPrefix(cfg.By, "did:"), "By is no DID"}, {cfg.Signer == nil, "Signer is nil"},
		{cfg.Verifier == nil, "Verifier is nil"}, {cfg.Store == nil, "Store is nil"}, {cfg.Now == nil, "Now is nil: use time.Now"},
	} {
		if gap.missing {
			return nil, reason.New(reason.Usage, "gather.Config", "%s", gap.text)
		}
	}
	return &Desk{cfg}, nil
}

// Open begins to gather for a call and returns the call, signed, as people
// are to get it. Budget is the most ε, in thousandths, that all releases may
// spend together; it is settled once, and 0 leaves it as it is. A call that
// the manifest could not release later, beside what is open already, is
// refused before anybody contributes: statistics_invalid/overlap or /budget.
func (d *Desk) Open(ctx context.Context, c *stats.Call, budget int) ([]byte, error) {
	if c.About.By != d.cfg.By {
		return nil, reason.New(reason.Usage, "gather.Desk", "the call is by %.100q and the desk is of %.100q", c.About.By, d.cfg.By)
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	signed, err := stats.Sign(ctx, c, d.cfg.Signer)
	if err != nil {
		return nil, err
	}
	return signed, d.change(ctx, func(b *book) (bool, bool, error) {
		if b.find(c.Digest()) != nil {
			return false, false, nil
		}
		if err := b.settle(budget); err != nil {
			return false, false, err
		}
		for i := range b.Collections {
			if have := b.Collections[i].call; have.Purpose == c.Purpose && have.About.Period.Overlaps(c.About.Period) {
				return false, false, reason.New("statistics_invalid/overlap", "", "people are asked for %s of days of this period already", c.Purpose)
			}
		}
		if err := b.allow(c.Entry(), nil); err != nil {
			return false, false, err
		}
		b.Collections = append(b.Collections, collection{call: c, digest: c.Digest()})
		return true, false, nil
	})
}

func (b *book) settle(budget int) error {
	switch have := b.manifest.Budget; {
	case budget == 0 || budget == have:
	case have != 0:
		return reason.New("conflict/budget", "", "the budget is %d thousandths, and people contributed under it", have)
	default:
		b.manifest.Budget = budget
	}
	return nil
}

// Release adds up what was given for a call, enters the release in the
// manifest, deletes what people gave and returns the signed file. All of that
// is one change of the store: after a crash there is the file, or everything
// is as before. A call that is released already gives the same file again.
// Errors are not_found/call, and statistics_invalid/… of the manifest and the
// rule, after which nothing has changed.
func (d *Desk) Release(ctx context.Context, digest string) ([]byte, error) {
	var out []byte
	err := d.change(ctx, func(b *book) (bool, bool, error) {
		c := b.find(digest)
		if c == nil {
			return false, false, reason.New("not_found/call", "", "this desk has no such call")
		}
		if c.File == "" {
			if err := d.release(ctx, b, c); err != nil {
				return false, false, err
			}
		}
		out = []byte(c.File)
		return true, true, nil // again too: what was interrupted may have left the version before
	})
	return out, err
}

func (d *Desk) release(ctx context.Context, b *book, c *collection) error {
	if err := b.allow(c.call.Entry(), c); err != nil {
		return err
	}
	var all []stats.Contribution
	for _, g := range c.Given {
		if len(g.Contribution) == 0 {
			continue
		}
		one, err := stats.ParseContribution(g.Contribution)
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	file, err := c.call.Release(ctx, all, d.cfg.Now(), b.manifest)
	if err != nil {
		return err
	}
	c.File, err = d.sign(ctx, file)
	c.Given = nil
	return err
}

// sign refuses a table in which nothing is told: it would use the days of its
// period up.
func (d *Desk) sign(ctx context.Context, file stats.File) (string, error) {
	if t, ok := file.(*stats.Table); ok && t.Rule.Epsilon == 0 && len(t.Cells) == 0 {
		return "", reason.New("statistics_invalid/people", "", "too few people for anything to be told")
	}
	signed, err := stats.Sign(ctx, file, d.cfg.Signer)
	return string(signed), err
}

// Publish releases a table of events that the publisher has anyway, by the
// same manifest. Entry is what the manifest is asked for: name, source, period
// and rule of the table. The same entry gives the same file again.
func (d *Desk) Publish(ctx context.Context, entry terms.Release, counter *stats.Counter, budget int) ([]byte, error) {
	entry.Cells, entry.Withheld = 0, 0
	var out []byte
	err := d.change(ctx, func(b *book) (bool, bool, error) {
		for _, r := range b.Reports {
			if r.Entry == entry {
				out = []byte(r.File)
				return false, false, nil
			}
		}
		if err := b.settle(budget); err != nil {
			return false, false, err
		}
		if err := b.allow(entry, nil); err != nil {
			return false, false, err
		}
		table, err := counter.Release(ctx, entry.Rule, terms.About{By: d.cfg.By, Period: entry.Period, Made: d.cfg.Now()}, b.manifest)
		if err != nil {
			return false, false, err
		}
		file, err := d.sign(ctx, table)
		out = []byte(file)
		b.Reports = append(b.Reports, report{entry, file})
		return true, false, err
	})
	return out, err
}

// State is what a publisher sees of its own desk.
type State struct {
	Manifest *terms.Manifest
	Calls    []CallState
}

// CallState is a call and how many people have given for it; of a call that
// is released that number is gone.
type CallState struct {
	Call     *stats.Call
	People   int
	Released bool
}

// State returns what there is.
func (d *Desk) State(ctx context.Context) (State, error) {
	b, _, err := d.load(ctx)
	if err != nil {
		return State{}, err
	}
	out := State{Manifest: b.manifest}
	for _, c := range b.Collections {
		s := CallState{Call: c.call, Released: c.File != ""}
		for _, g := range c.Given {
			if len(g.Contribution) > 0 {
				s.People++
			}
		}
		out.Calls = append(out.Calls, s)
	}
	return out, nil
}

// SignManifest returns the manifest, signed, to be published beside the files.
func (d *Desk) SignManifest(ctx context.Context) ([]byte, error) {
	b, _, err := d.load(ctx)
	if err != nil {
		return nil, err
	}
	return stats.Sign(ctx, b.manifest, d.cfg.Signer)
}
