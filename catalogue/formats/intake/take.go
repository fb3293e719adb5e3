package intake

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/reason"
)

// Take ends the reading of an offer: it goes into the batch, or is reported.
func (d *Draft) Take() {
	r := d.r
	if r.Stopped() {
		return
	}
	if d.Title.In() == "" {
		r.Broken(d.At, d.Name(), "title", "an offer without a title", "")
		return
	}
	if d.Provider == "" && !d.defaultProvider() {
		return
	}
	if d.ID == "" {
		d.deriveID()
	}
	d.tidy()
	if err := d.Check(); err != nil {
		r.BrokenBy(d.At, d.Name(), err, "")
		return
	}
	ref := d.Ref()
	if i, twice := r.offers[ref]; twice {
		d.meet(&r.Batch.Offers[i])
	} else if !r.add(d) {
		return
	} else {
		for _, l := range d.links {
			l.from = ref
			r.later = append(r.later, l)
		}
	}
	for _, id := range append(d.Aliases, d.URL, ref) {
		if _, there := r.names[id]; !there && id != "" {
			r.names[id] = ref
		}
	}
}

// meet is for a second offer with the ref of a first one. If only the runs
// differ, as where a list has a line for each of them, the first gets those of
// the second.
func (d *Draft) meet(first *catalogue.Offer) {
	a, b := value.Spread(*first), value.Spread(d.Offer)
	runs := slices.Clone(a.Runs)
	for _, run := range b.Runs {
		if !slices.Contains(runs, run) {
			runs = append(runs, run)
		}
	}
	a.Runs, b.Runs = nil, nil
	switch {
	case !same(a, b):
		d.r.Broken(d.At, d.Name(), "duplicate", "another offer of the same provider has the same id, and is kept", d.Title.In())
	case len(runs) > catalogue.MaxItems:
		d.r.Broken(d.At, d.Name(), "size", "more runs than an offer can have", "")
	default:
		d.r.Warn(d.At, d.Name(), "duplicate-joined", "stands twice, and was joined to the first", "")
		a.Runs = runs
		*first = value.Gather(a)
	}
}

// tidy cuts lists at their limit and drops what contradicts itself.
func (d *Draft) tidy() {
	d.Languages, d.Subjects, d.Schemes = limited(d, "languages", d.Languages), limited(d, "subjects", d.Subjects), limited(d, "schemes", d.Schemes)
	d.Requires, d.Outcomes, d.Runs = limited(d, "requirements", d.Requires), limited(d, "outcomes", d.Outcomes), limited(d, "runs", d.Runs)
	d.links = slices.DeleteFunc(d.links, func(l link) bool { return l.requirement >= len(d.Requires) })
	for i := range d.Runs {
		if r := &d.Runs[i]; r.Start != "" && r.End != "" && r.End < r.Start {
			d.Warn(d.At, "date-order", "a run ends before it starts: its end is not kept", string(r.Start)+"/"+string(r.End))
			r.End = ""
		}
	}
	if d.Place = strings.Join(strings.Fields(value.Plain(d.Place)), " "); len(d.Place) > 300 {
		d.Warn(d.At, "text-cut", "the name of the place was cut at 300 bytes", d.Place)
		d.Place = value.Cut(d.Place, 300)
	}
}

func limited[T any](d *Draft, what string, list []T) []T {
	if len(list) <= catalogue.MaxItems {
		return list
	}
	d.Warn(d.At, "size-cut", "more "+what+" than an offer can have: the first ones are kept", "")
	return list[:catalogue.MaxItems]
}

// deriveID names an offer without an id of its own after its address, else
// after its title.
func (d *Draft) deriveID() {
	if u, err := url.Parse(d.URL); err == nil && d.URL != "" {
		id := strings.Trim(u.Path, "/")
		if u.RawQuery != "" {
			id += "?" + u.RawQuery
		}
		if u.Fragment != "" && id != "" {
			id += "#" + u.Fragment
		}
		if id != "" && len(id) <= 300 && !strings.ContainsFunc(id, unicode.IsControl) {
			d.Warn(d.At, "id-address", "has no id, and got one of its address", id)
			d.ID = id
			return
		}
	}
	d.ID = value.Slug(d.Title.In())
	d.Warn(d.At, "id-title", "has no id, and got one of its title", d.ID)
}

// defaultProvider is for an offer whose source names no provider.
func (d *Draft) defaultProvider() bool {
	p := d.r.Options.Provider
	if p.ID == "" {
		u, err := url.Parse(d.URL)
		if err != nil || u.Host == "" {
			d.r.Broken(d.At, d.Name(), "provider", "nothing tells who offers it", "")
			return false
		}
		p = catalogue.Provider{ID: strings.ToLower(u.Scheme + "://" + u.Host), Name: catalogue.Texts{"und": u.Host}, URL: u.Scheme + "://" + u.Host}
		if _, there := d.r.known[p.ID]; !there {
			d.Warn(d.At, "provider-address", "offers that name no provider got that of their address", u.Host)
		}
	}
	return d.SetProvider(d.At, p)
}

// SetProvider sets who makes the offer and puts it into the batch. Without an id
// it gets one of its address, else of its name.
func (d *Draft) SetProvider(at string, p catalogue.Provider) bool {
	r := d.r
	if r.isDefault(p) {
		p = r.Options.Provider
	}
	if p.Name.In() == "" {
		p.Name = catalogue.Texts{"und": p.ID}
	}
	name := value.Key(p.Name.In())
	if p.ID == "" && p.URL == "" {
		p.ID = r.named[name]
	}
	if p.ID == "" {
		if u, err := url.Parse(p.URL); err == nil && u.Host != "" {
			p.ID = strings.TrimRight(strings.ToLower(u.Scheme+"://"+u.Host)+u.Path, "/")
		} else {
			p.ID = value.Slug(p.Name.In())
			if _, there := r.known[p.ID]; !there {
				d.Warn(at, "provider-id", "has neither id nor address, and got an id of its name", p.Name.In())
			}
		}
	}
	if err := p.Check(); err != nil {
		r.BrokenBy(at, d.Name(), err, p.ID)
		return false
	}
	if _, there := r.known[p.ID]; !there {
		r.known[p.ID] = len(r.Batch.Providers)
		r.Batch.Providers = append(r.Batch.Providers, p)
	}
	if _, there := r.named[name]; !there {
		r.named[name] = p.ID
	}
	d.Provider = p.ID
	return true
}

// isDefault tells whether p is the provider that the options name, by id,
// Name or web host.
func (r *Reader) isDefault(p catalogue.Provider) bool {
	own := r.Options.Provider
	if own.ID == "" {
		return false
	}
	if p.ID == own.ID {
		return true
	}
	a, err1 := url.Parse(p.URL)
	b, err2 := url.Parse(own.URL)
	if err1 == nil && err2 == nil && a.Host != "" && strings.EqualFold(strings.TrimPrefix(a.Host, "www."), strings.TrimPrefix(b.Host, "www.")) {
		return true
	}
	for _, name := range p.Name {
		for _, ours := range own.Name {
			if k := value.Key(name); k != "" && k == value.Key(ours) {
				return true
			}
		}
	}
	return false
}

// Keep ends the reading of an offer that is kept as it is, or not at all.
func (d *Draft) Keep() {
	r := d.r
	if err := d.Check(); err != nil {
		r.BrokenBy(d.At, d.Name(), err, "")
		return
	}
	if i, twice := r.offers[d.Ref()]; !twice {
		r.add(d)
	} else if same(r.Batch.Offers[i], d.Offer) {
		r.Warn(d.At, d.Name(), "duplicate-joined", "stands twice, and was joined to the first", "")
	} else {
		r.Broken(d.At, d.Name(), "duplicate", "another offer of the same provider has the same id, and is kept", "")
	}
}

// add puts an offer into the batch, if there is room for it.
func (r *Reader) add(d *Draft) bool {
	if len(r.Batch.Offers) >= r.Options.Limits.MaxOffers {
		r.Fail(reason.New("resource_limit/offers", d.At, "more than %d offers", r.Options.Limits.MaxOffers))
		return false
	}
	r.offers[d.Ref()] = len(r.Batch.Offers)
	r.Batch.Offers = append(r.Batch.Offers, d.Offer)
	return true
}

// KeepProvider adds a provider as it is.
func (r *Reader) KeepProvider(at string, p catalogue.Provider) {
	if err := p.Check(); err != nil {
		r.BrokenBy(at, p.ID, err, "")
		return
	}
	if i, twice := r.known[p.ID]; twice {
		if !same(r.Batch.Providers[i], p) {
			r.Broken(at, p.ID, "duplicate-provider", "another provider has the same id, and is kept", "")
		}
		return
	}
	r.known[p.ID] = len(r.Batch.Providers)
	r.Batch.Providers = append(r.Batch.Providers, p)
}
