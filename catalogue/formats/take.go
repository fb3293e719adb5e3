package formats

import (
	"net/url"
	"slices"
	"strings"

	"unicode"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/reason"
)

// take ends the reading of an offer: it goes into the batch, or is reported.
func (d *draft) take() {
	r := d.r
	if r.stopped() {
		return
	}
	if d.Title.In() == "" {
		r.broken(d.at, d.name(), "title", "an offer without a title", "")
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
		r.brokenBy(d.at, d.name(), err, "")
		return
	}
	ref := d.Ref()
	if i, twice := r.offers[ref]; twice {
		d.meet(&r.batch.Offers[i])
	} else {
		if len(r.batch.Offers) >= r.o.Limits.MaxOffers {
			r.err = reason.New("resource_limit/offers", d.at, "more than %d offers", r.o.Limits.MaxOffers)
			return
		}
		r.offers[ref] = len(r.batch.Offers)
		r.batch.Offers = append(r.batch.Offers, d.Offer)
		for _, l := range d.links {
			l.from = ref
			r.later = append(r.later, l)
		}
	}
	for _, id := range append(d.ids, d.URL, ref) {
		if _, there := r.names[id]; !there && id != "" {
			r.names[id] = ref
		}
	}
}

// meet is for a second offer with the ref of a first one. If only the runs
// differ, as where a list has a line for each of them, the first gets those of
// the second.
func (d *draft) meet(first *catalogue.Offer) {
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
		d.r.broken(d.at, d.name(), "duplicate", "another offer of the same provider has the same id, and is kept", d.Title.In())
	case len(runs) > catalogue.MaxItems:
		d.r.broken(d.at, d.name(), "size", "more runs than an offer can have", "")
	default:
		d.r.warn(d.at, d.name(), "duplicate", "stands twice, and was joined to the first", "")
		a.Runs = runs
		*first = value.Gather(a)
	}
}

// tidy cuts lists at their limit and drops what contradicts itself.
func (d *draft) tidy() {
	d.Languages, d.Subjects, d.Schemes = limited(d, "languages", d.Languages), limited(d, "subjects", d.Subjects), limited(d, "schemes", d.Schemes)
	d.Requires, d.Outcomes, d.Runs = limited(d, "requirements", d.Requires), limited(d, "outcomes", d.Outcomes), limited(d, "runs", d.Runs)
	d.links = slices.DeleteFunc(d.links, func(l link) bool { return l.requirement >= len(d.Requires) })
	for i := range d.Runs {
		if r := &d.Runs[i]; r.Start != "" && r.End != "" && r.End < r.Start {
			d.warn(d.at, "date", "a run ends before it starts: its end is not kept", string(r.Start)+"/"+string(r.End))
			r.End = ""
		}
	}
	if d.Place = strings.Join(strings.Fields(value.Plain(d.Place)), " "); len(d.Place) > 300 {
		d.warn(d.at, "text", "the name of the place was cut at 300 bytes", d.Place)
		d.Place = value.Cut(d.Place, 300)
	}
}

func limited[T any](d *draft, what string, list []T) []T {
	if len(list) <= catalogue.MaxItems {
		return list
	}
	d.warn(d.at, "size", "more "+what+" than an offer can have: the first ones are kept", "")
	return list[:catalogue.MaxItems]
}

// deriveID names an offer without an id of its own after its address, else
// after its title.
func (d *draft) deriveID() {
	if u, err := url.Parse(d.URL); err == nil && d.URL != "" {
		id := strings.Trim(u.Path, "/")
		if u.RawQuery != "" {
			id += "?" + u.RawQuery
		}
		if u.Fragment != "" && id != "" {
			id += "#" + u.Fragment
		}
		if id != "" && len(id) <= 300 && !strings.ContainsFunc(id, unicode.IsControl) {
			d.warn(d.at, "id", "has no id, and got one of its address", id)
			d.ID = id
			return
		}
	}
	d.ID = value.Slug(d.Title.In())
	d.warn(d.at, "id", "has no id, and got one of its title", d.ID)
}

// defaultProvider is for an offer whose source names no provider.
func (d *draft) defaultProvider() bool {
	p := d.r.o.Provider
	if p.ID == "" {
		u, err := url.Parse(d.URL)
		if err != nil || u.Host == "" {
			d.r.broken(d.at, d.name(), "provider", "nothing tells who offers it", "")
			return false
		}
		p = catalogue.Provider{ID: strings.ToLower(u.Scheme + "://" + u.Host), Name: catalogue.Texts{"und": u.Host}, URL: u.Scheme + "://" + u.Host}
		if _, there := d.r.known[p.ID]; !there {
			d.warn(d.at, "provider", "offers that name no provider got that of their address", u.Host)
		}
	}
	return d.provider(d.at, p)
}

// provider sets who makes the offer and puts it into the batch. Without an id
// it gets one of its address, else of its name.
func (d *draft) provider(at string, p catalogue.Provider) bool {
	r := d.r
	if r.isDefault(p) {
		p = r.o.Provider
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
				d.warn(at, "provider", "has neither id nor address, and got an id of its name", p.Name.In())
			}
		}
	}
	if err := p.Check(); err != nil {
		r.brokenBy(at, d.name(), err, p.ID)
		return false
	}
	if _, there := r.known[p.ID]; !there {
		r.known[p.ID] = len(r.batch.Providers)
		r.batch.Providers = append(r.batch.Providers, p)
	}
	if _, there := r.named[name]; !there {
		r.named[name] = p.ID
	}
	d.Provider = p.ID
	return true
}

// isDefault tells whether p is the provider that the options name, by id,
// name or web host.
func (r *reader) isDefault(p catalogue.Provider) bool {
	own := r.o.Provider
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
