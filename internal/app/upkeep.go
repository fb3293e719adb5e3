package app

import (
	"context"
	"path/filepath"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/upkeep"
	"github.com/kompetansebevis/bevis/internal/fetch"
	"github.com/kompetansebevis/bevis/reason"
)

const upkeepFile = "upkeep.jsonl"

// staleWeight is what a stale offer's relevance in a search is multiplied by.
const staleWeight = 0.6

func (a *App) today() catalogue.Date { return catalogue.Date(a.cfg.Now().Format(time.DateOnly)) }

// Stale tells why an offer of the catalogue is stale today.
func (a *App) Stale(c *Catalogue, o catalogue.Offer) []string {
	return c.Upkeep.Entry(o.Ref()).Stale(o, a.today())
}

// weight puts what is stale further down in a search.
func (a *App) weight(c *Catalogue) func(catalogue.Offer) float32 {
	return func(o catalogue.Offer) float32 {
		if len(a.Stale(c, o)) > 0 {
			return staleWeight
		}
		return 1
	}
}

// seen notes that an import brought offers.
func (a *App) seen(c *Catalogue, offers []catalogue.Offer) error {
	if !c.Upkeep.Imported(a.today(), offers) {
		return nil
	}
	return c.keepUpkeep(c.Upkeep)
}

func (c *Catalogue) keepUpkeep(b *upkeep.Book) error {
	raw, err := b.Marshal()
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(c.Folder, upkeepFile), raw, false, true)
}

// CheckLinks visits the web addresses of offers that are due, of one provider
// or of all, at most limit of them. What was found is kept, also after an error
// in the middle.
func (a *App) CheckLinks(ctx context.Context, c *Catalogue, provider string, limit int) ([]upkeep.Entry, error) {
	if a.cfg.Offline {
		return nil, reason.New("remote_fetch_blocked/offline", "", "no connection is made offline")
	}
	client, err := a.client()
	if err != nil {
		return nil, err
	}
	checker, err := upkeep.New(upkeep.Config{Visitor: visitor{client}, Now: a.cfg.Now, Wait: wait})
	if err != nil {
		return nil, err
	}
	r := upkeep.Request{Limit: limit, Keep: c.keepUpkeep}
	known := false
	if err := c.Store.Each(ctx, func(l catalogue.Listing) error {
		if provider == "" || l.Provider.ID == provider {
			known = true
			r.Offers = append(r.Offers, l.Offer)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if !known && provider != "" {
		return nil, reason.New("not_found/provider", provider, "the catalogue has no offer of that provider")
	}
	done, err := checker.Check(ctx, c.Upkeep, r)
	if len(done) == 0 {
		return done, err
	}
	if kept := c.keepUpkeep(c.Upkeep); err == nil {
		err = kept
	}
	return done, err
}

// visitor is an upkeep.Visitor over the network.
type visitor struct{ client *fetch.Client }

func (v visitor) Visit(ctx context.Context, address string) (upkeep.Visit, error) {
	status, to, err := v.client.Look(ctx, address)
	switch code := reason.CodeOf(err); {
	case ctx.Err() != nil:
		return upkeep.Visit{}, reason.Wrap(reason.Canceled, "", ctx.Err())
	case code == "remote_fetch_blocked/offline":
		return upkeep.Visit{}, err
	case code.Coarse() == string(reason.RemoteFetchBlocked) && code != "remote_fetch_blocked/tls":
		return upkeep.Visit{Blocked: true}, nil
	}
	return upkeep.Visit{Status: status, To: to}, nil
}

// wait returns when the time has passed, or ctx ended.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// withLink puts what is known of its address into a listing: a link that is dead,
// or one that answered. One failure says nothing yet.
func (c *Catalogue) withLink(l catalogue.Listing) catalogue.Listing {
	e := c.Upkeep.Entry(l.Offer.Ref())
	if l.Offer.Link = nil; e.URL != l.Offer.URL || e.Checked.IsZero() {
		return l
	}
	switch {
	case e.Dead():
		l.Offer.Link = &catalogue.Link{Checked: e.Checked, Status: e.Status}
	case e.Failures == 0:
		l.Offer.Link = &catalogue.Link{Checked: e.Checked, Status: 200}
	}
	return l
}

// old are the offers that nobody has confirmed for long.
func (a *App) old(c *Catalogue, listings []catalogue.Listing) map[string]bool {
	out := map[string]bool{}
	for _, l := range listings {
		for _, why := range a.Stale(c, l.Offer) {
			if why == upkeep.Old {
				out[l.Offer.Ref()] = true
			}
		}
	}
	return out
}
