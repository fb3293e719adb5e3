package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/gather"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// StatsDesk is where a publisher gathers statistics, under the id and key of
// its issuer.
type StatsDesk struct {
	*gather.Desk
	app *App
	by  string
}

// StatsDesk opens the publisher's statistics: a file beside its other secrets.
// Lists are status lists at hand, by URL.
func (a *App) StatsDesk(ctx context.Context, lists map[string][]byte) (*StatsDesk, error) {
	setup, signer, err := a.ownSigner(ctx)
	if err != nil {
		return nil, err
	}
	d := &StatsDesk{app: a, by: setup.ID}
	d.Desk, err = gather.New(gather.Config{By: setup.ID, Signer: signer, Verifier: statsVerifier{a, lists},
		Store: wallet.NewFileStore(a.StatsPath()), Now: a.cfg.Now})
	return d, err
}

// StatsPath returns where a publisher's statistics are kept.
func (a *App) StatsPath() string { return a.path("statistics.json") }

type statsVerifier struct {
	app   *App
	lists map[string][]byte
}

// Presented implements gather.Verifier.
func (v statsVerifier) Presented(ctx context.Context, r gather.Request) (gather.Presented, error) {
	holder, credentials, err := v.app.presented(ctx, v.lists, r.Raw, r.Audience, r.Challenge, r.Issuers)
	return gather.Presented{Holder: holder, Credentials: credentials}, err
}

// StatsCallRequest is what a call asks for. What is zero has a default, but
// for period, issuers and, of gaps, regions and occupations.
type StatsCallRequest struct {
	Purpose     string
	Period      terms.Period
	Rule        terms.Rule
	Budget      int // thousandths of ε; see gather.Desk.Open
	Issuers     []string
	Achievement string
	Courses     int // of transitions: the most that one person gives
	Pairs       int
	Regions     []string // of gaps
	Occupations []string // of gaps: names, codes or URIs
	Skills      int      // of gaps: the most that one person gives
}

// Call opens a call and returns it signed. Its public lists are those of the
// catalogue as it is now.
func (d *StatsDesk) Call(ctx context.Context, cat *Catalogue, r StatsCallRequest) (*stats.Call, []byte, error) {
	c := &stats.Call{About: terms.About{By: d.by, Period: r.Period, Made: d.app.cfg.Now().UTC().Truncate(time.Second)}, Purpose: r.Purpose, Rule: r.Rule,
		Issuers: r.Issuers, Achievement: r.Achievement}
	once := 0 // the most that one person adds, for a threshold
	if r.Purpose == stats.Transitions {
		listings, err := cat.Listings(ctx)
		if err != nil {
			return nil, nil, err
		}
		for _, l := range listings {
			c.Courses = append(c.Courses, l.Offer.Ref())
		}
		slices.Sort(c.Courses)
		c.Shape = stats.Shape{Courses: cmp.Or(r.Courses, 20), Pairs: cmp.Or(r.Pairs, 40), Weights: []int{4, 2, 1}}
		c.Use = stats.Use{Recency: []int{1000, 500, 250, 125}, Smooth: 10, Popularity: 10}
		once = c.Shape.Pairs * c.Shape.Weights[0] * 100 / 83 // their share of ε
	} else {
		skills := map[string]bool{}
		occupations := stats.Dimension{Name: "occupation"}
		for _, name := range r.Occupations {
			found := cat.Vocabulary.FindOccupations(name, 1)
			if len(found) == 0 {
				return nil, nil, reason.New("not_found/occupation", name, "the vocabulary has no such occupation")
			}
			occupations.Values = append(occupations.Values, found[0].URI)
			for _, uri := range found[0].Essential {
				skills[uri] = true
			}
		}
		all := stats.Dimension{Name: "skill"}
		for uri := range skills {
			all.Values = append(all.Values, uri)
		}
		slices.Sort(all.Values)
		once = cmp.Or(r.Skills, 5)
		c.Table = stats.Spec{Name: "missing skills", Source: "gaps", PerPerson: once, Dimensions: []stats.Dimension{{Name: "region", Values: r.Regions}, occupations, all}}
	}
	c.Rule = withThreshold(c.Rule, once)
	raw, err := d.Open(ctx, c, r.Budget)
	return c, raw, err
}

// withThreshold leaves out what is less than three times the noise, where
// nobody chose otherwise: that looks at nothing but the rule.
func withThreshold(r terms.Rule, once int) terms.Rule {
	if r.Epsilon > 0 && r.Threshold == 0 {
		r.Threshold = min(1_000_000, 3*once*1000/r.Epsilon+1)
	}
	return r
}

// Collect takes in contributions and withdrawals, all in one step.
func (d *StatsDesk) Collect(ctx context.Context, inputs []Input) ([]gather.Taken, error) {
	var files [][]byte
	for _, in := range inputs {
		files = append(files, in.Raw) // of one that could not be read nothing, which is refused
	}
	out, err := d.Take(ctx, files...)
	for i := range out {
		if inputs[i].Err != nil {
			out[i].Err = inputs[i].Err
		}
	}
	return out, err
}

// StatsReportRequest is a table of the publisher's own events.
type StatsReportRequest struct {
	Kind      string // "completions" or "ratings"
	Period    terms.Period
	Rule      terms.Rule
	Budget    int
	PerPerson int // of completions: the most courses of one person that count
}

// Report releases a table of what the publisher knows anyway, and says how
// many events could not be counted.
func (d *StatsDesk) Report(ctx context.Context, cat *Catalogue, r StatsReportRequest) (raw []byte, left int, err error) {
	var counter *stats.Counter
	entry := terms.Release{Period: r.Period}
	switch r.Kind {
	case "completions":
		entry.Name, entry.Source = "completions by achievement", stats.Completions
		r.PerPerson = cmp.Or(r.PerPerson, 5)
		entry.Rule = withThreshold(r.Rule, r.PerPerson)
		counter, left, err = d.completions(ctx, r, entry)
	case "ratings":
		if r.Rule.Epsilon > 0 {
			return nil, 0, reason.New("usage/no-epsilon", "--epsilon", "nobody can tell which reviews of two courses are of one person, so no bound holds for a person: use a least number of people")
		}
		entry.Name, entry.Source, entry.Rule = "ratings by course", "ratings", r.Rule
		counter, err = d.ratings(ctx, cat, r, entry)
	default:
		err = reason.New(reason.Usage, r.Kind, "one of completions and ratings, or the file of a call")
	}
	if err != nil {
		return nil, 0, err
	}
	raw, err = d.Publish(ctx, entry, counter, r.Budget)
	return raw, left, err
}

// completions counts people by achievement: those that the ledger names by an
// id, since two credentials with an address each can't be told to be one
// person's. left is how many credentials name nobody so.
func (d *StatsDesk) completions(ctx context.Context, r StatsReportRequest, entry terms.Release) (counter *stats.Counter, left int, err error) {
	achievements, err := d.app.AchievementList()
	if err != nil {
		return nil, 0, err
	}
	public := stats.Dimension{Name: "achievement"}
	for _, a := range achievements {
		if !slices.Contains(public.Values, a.ID) {
			public.Values = append(public.Values, a.ID)
		}
	}
	if counter, err = stats.NewCounter(stats.Spec{Name: entry.Name, Source: entry.Source, PerPerson: r.PerPerson, Dimensions: []stats.Dimension{public}}, r.Period); err != nil {
		return nil, 0, err
	}
	people := map[string][]string{} // achievements by person, in the order of issue
	err = d.app.withIssuer(ctx, func(_ *issuer.Issuer, ledger books) error {
		revoked, err := revokedSlots(ctx, ledger)
		if err != nil {
			return err
		}
		return ledger.Each(ctx, func(one issuer.Record) error {
			day := catalogue.Date(one.IssuedAt.UTC().Format(time.DateOnly))
			if day < r.Period.From || day > r.Period.To || !slices.Contains(public.Values, one.Achievement) || slices.ContainsFunc(one.Slots, func(s issuer.Slot) bool { return revoked[s] }) {
				return nil
			}
			person := subjectOf(one.Credential)
			if person == "" {
				left++
			} else if !slices.Contains(people[person], one.Achievement) {
				people[person] = append(people[person], one.Achievement)
			}
			return nil
		})
	})
	for _, took := range people {
		var cells [][]string
		for _, a := range took[max(0, len(took)-r.PerPerson):] {
			cells = append(cells, []string{a})
		}
		if err == nil {
			err = counter.Add(cells...)
		}
	}
	return counter, left, err
}

func revokedSlots(ctx context.Context, ledger issuer.Ledger) (map[issuer.Slot]bool, error) {
	lists, err := ledger.Lists(ctx)
	out := map[issuer.Slot]bool{}
	for _, l := range lists {
		for _, index := range l.Set {
			if l.Purpose == status.Revocation {
				out[issuer.Slot{Purpose: l.Purpose, List: l.List, Index: index}] = true
			}
		}
	}
	return out, err
}

// subjectOf returns the id of whom a credential of our own is about, "" if it
// names nobody by an id.
func subjectOf(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if parts := strings.Split(string(raw), "."); bytes.HasPrefix(raw, []byte("eyJ")) && len(parts) == 3 {
		raw, _ = base64.RawURLEncoding.DecodeString(parts[1]) // what can't be decoded is no document
	}
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return ""
	}
	if vc := doc.Get("vc"); vc.Kind() == strictjson.KindObject {
		doc = vc
	}
	c, err := credential.New(doc, raw)
	if err != nil || len(c.SubjectIDs()) != 1 {
		return ""
	}
	return c.SubjectIDs()[0]
}

// ratings counts the public reviews of whole months within the period, by
// course and rating: within a course one pseudonym is one person.
func (d *StatsDesk) ratings(ctx context.Context, cat *Catalogue, r StatsReportRequest, entry terms.Release) (*stats.Counter, error) {
	listings, err := cat.Listings(ctx)
	if err != nil {
		return nil, err
	}
	courses, marks := stats.Dimension{Name: "course"}, stats.Dimension{Name: "rating"}
	for _, l := range listings {
		if l.Offer.Awards != nil {
			courses.Values = append(courses.Values, l.Offer.Ref())
		}
	}
	for n := 1; n <= 5; n++ {
		marks.Values = append(marks.Values, strconv.Itoa(n))
	}
	counter, err := stats.NewCounter(stats.Spec{Name: entry.Name, Source: entry.Source, PerPerson: max(1, min(1000, len(courses.Values))), Dimensions: []stats.Dimension{courses, marks}}, r.Period)
	if err != nil {
		return nil, err
	}
	desk, err := d.app.ReviewDesk(cat, d.by, nil)
	if err != nil {
		return nil, err
	}
	reviews, err := desk.collector.Publish(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range reviews {
		first, err := time.Parse("2006-01", one.Month)
		last := first.AddDate(0, 1, -1)
		if err != nil || one.Stale || !slices.Contains(courses.Values, one.Course) ||
			string(r.Period.From) > first.Format(time.DateOnly) || string(r.Period.To) < last.Format(time.DateOnly) {
			continue
		}
		if err := counter.Add([]string{one.Course, strconv.Itoa(one.Rating)}); err != nil {
			return nil, err
		}
	}
	return counter, nil
}
