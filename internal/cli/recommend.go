package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/recommend"
	"github.com/kompetansebevis/bevis/catalogue/support"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// recommendFlags are what is taken into account, and what is shown.
type recommendFlags struct {
	person   personFlags
	goal     string
	facts    []string
	without  []string
	modes    []string
	langs    []string
	place    string
	maxPrice float64
	maxHours float64
	start    string
	limit    int
	explain  bool
	why      string
}

func (s *session) recommendCommand() *cobra.Command {
	var f recommendFlags
	c := s.leaf("recommend", "recommend", 0, 0, []string{
		"bevis recommend --goal sveiser --explain",
		"bevis recommend --goal sveiser --why sveis-kontroll",
		"bevis recommend --goal sveiser --without history --fact person.age=35 --max-price 5000",
	}, func(ctx context.Context, _ []string) error { return s.recommend(ctx, &f) })
	s.personFlags(c, &f.person)
	fl := c.Flags()
	fl.StringVar(&f.goal, "goal", "", s.t("flag.goal"))
	fl.StringArrayVar(&f.facts, "fact", nil, s.t("flag.fact"))
	fl.StringSliceVar(&f.without, "without", nil, s.t("flag.without"))
	fl.StringSliceVar(&f.modes, "mode", nil, s.t("flag.mode"))
	fl.StringSliceVar(&f.langs, "language", nil, s.t("flag.teaching-language"))
	fl.StringVar(&f.place, "place", "", s.t("flag.place"))
	fl.Float64Var(&f.maxPrice, "max-price", -1, s.t("flag.max-price"))
	fl.Float64Var(&f.maxHours, "max-hours", 0, s.t("flag.max-hours"))
	fl.StringVar(&f.start, "start-from", "", s.t("flag.start-from"))
	fl.IntVar(&f.limit, "limit", 5, s.t("flag.limit"))
	fl.BoolVar(&f.explain, "explain", false, s.t("flag.explain"))
	fl.StringVar(&f.why, "why", "", s.t("flag.why"))
	return c
}

// request reads the flags.
func (f *recommendFlags) request() (app.RecommendRequest, error) {
	r := app.RecommendRequest{Goal: f.goal, Declared: f.person.declared, Facts: support.Facts{}}
	for _, fact := range f.facts {
		name, value, ok := strings.Cut(fact, "=")
		if !ok || !strings.HasPrefix(name, "person.") && !strings.HasPrefix(name, "employer.") {
			return r, reason.New(reason.Usage, "--fact", "give a fact such as person.age=35")
		}
		r.Facts[name] = append(r.Facts[name], support.ParseValue(value))
	}
	for _, w := range f.without {
		if !slices.Contains(recommend.Sources(), recommend.Source(w)) {
			return r, reason.New(reason.Usage, "--without", "%q is none of %v", w, recommend.Sources())
		}
		r.Without = append(r.Without, recommend.Source(w))
	}
	r.Conditions = recommend.Conditions{Languages: f.langs, Place: f.place, MaxHours: f.maxHours, StartFrom: catalogue.Date(f.start)}
	for _, m := range f.modes {
		r.Conditions.Modes = append(r.Conditions.Modes, catalogue.Mode(m))
	}
	if f.maxPrice >= 0 {
		r.Conditions.MaxPrice = &catalogue.Price{Amount: f.maxPrice, Currency: "NOK"}
	}
	if f.start != "" && !catalogue.Date(f.start).Valid() {
		return r, reason.New(reason.Usage, "--start-from", "give a day such as 2027-01-31")
	}
	return r, nil
}

func (s *session) recommend(ctx context.Context, f *recommendFlags) error {
	r, err := f.request()
	if err != nil {
		return err
	}
	w, cat, err := s.person(ctx, &f.person)
	if err != nil {
		return err
	}
	done, err := s.app.Recommend(ctx, w, cat, r)
	if err != nil {
		return err
	}
	if f.why != "" {
		return s.why(ctx, cat, f.why, done)
	}
	shown := done.Ranking.Suggestions[:min(len(done.Ranking.Suggestions), f.limit)]
	out := struct {
		Schema      string                 `json:"schema"`
		Goal        *competence.Goal       `json:"goal,omitempty"`
		Suggestions []recommend.Suggestion `json:"suggestions"`
		Paths       []recommend.Path       `json:"paths,omitempty"`
		SetAside    []recommend.Aside      `json:"setAside,omitempty"`
		Without     []recommend.Source     `json:"without,omitempty"`
		Before      map[string]int         `json:"positionsBefore,omitempty"`
	}{Schema: RecommendSchema, Suggestions: shown, Paths: done.Paths, SetAside: done.Ranking.SetAside, Without: r.Without, Before: done.Before}
	if done.Gap != nil {
		out.Goal = &done.Gap.Goal
	}
	return s.result(out, func(b *strings.Builder) {
		if done.Gap != nil {
			b.WriteString(s.t("recommend.goal", show(done.Gap.Goal.Title.In(s.p.Lang())), int(100*done.Gap.Share+0.5)) + "\n\n")
		}
		for _, x := range shown {
			fmt.Fprintf(b, "%3d. ", x.Position)
			s.offerLines(b, x.Listing, "     ")
			if was, ok := done.Before[x.Listing.Offer.Ref()]; ok && was != x.Position {
				fmt.Fprintf(b, "     %s\n", s.t("recommend.was", was))
			}
			parts := x.Parts
			if !f.explain {
				parts = parts[:min(len(parts), 3)]
			}
			s.parts(ctx, b, cat, x, parts, f.explain)
		}
		if len(shown) == 0 {
			b.WriteString(s.t("recommend.none") + "\n")
		}
		s.paths(b, done.Paths, f.explain)
		if n := len(done.Ranking.SetAside); n > 0 {
			b.WriteString("\n" + s.t("recommend.aside", n) + "\n")
		}
		b.WriteString("\n" + s.t("recommend.local") + "\n")
	})
}

// why answers for one offer, wherever it stands.
func (s *session) why(ctx context.Context, cat *app.Catalogue, id string, done app.Recommendation) error {
	l, err := cat.Store.Get(ctx, id)
	if err != nil {
		return err
	}
	ranked := done.Ranking.All()
	for _, x := range ranked {
		if x.Listing.Offer.Ref() == l.Offer.Ref() {
			return s.result(struct {
				Schema     string               `json:"schema"`
				Suggestion recommend.Suggestion `json:"suggestion"`
				Of         int                  `json:"of"`
			}{RecommendSchema, x, len(ranked)}, func(b *strings.Builder) {
				s.offerLines(b, l, "")
				b.WriteString(s.t("why.position", x.Position, len(ranked), x.Score) + "\n")
				s.parts(ctx, b, cat, x, x.Parts, true)
			})
		}
	}
	for _, aside := range done.Ranking.SetAside {
		if aside.Ref == l.Offer.Ref() {
			return s.result(struct {
				Schema string          `json:"schema"`
				Aside  recommend.Aside `json:"setAside"`
			}{RecommendSchema, aside}, func(b *strings.Builder) {
				s.offerLines(b, l, "")
				b.WriteString(s.t("aside."+aside.Why) + "\n")
			})
		}
	}
	return reason.New(reason.Internal, id, "neither ranked nor set aside")
}

// parts writes the terms of a score, what is required and who may pay.
func (s *session) parts(ctx context.Context, b *strings.Builder, cat *app.Catalogue, x recommend.Suggestion, parts []recommend.Part, all bool) {
	lang := s.p.Lang()
	for _, p := range parts {
		key := "part." + string(p.Source)
		if p.What != "" {
			key += "." + p.What
		}
		what := p.Skill.In(lang)
		if p.Offer != "" {
			what = s.title(ctx, cat, p.Offer)
		}
		if p.Scheme != "" {
			for _, scheme := range cat.Schemes {
				if scheme.ID == p.Scheme {
					what = scheme.Name.In(lang)
				}
			}
		}
		if p.Source == recommend.FromReviews {
			what = number(float64(int(x.Listing.Standing.Lower*10)) / 10)
		}
		text := s.t(key, show(what))
		if what == "" {
			text = s.t(key)
		}
		fmt.Fprintf(b, "     %+5d  %s\n", p.Points, text)
	}
	if !all {
		return
	}
	for _, q := range x.Requires {
		fmt.Fprintf(b, "     %s\n", s.t("requires."+q.Met.String(), show(s.requirement(cat, q.Requirement))))
	}
	for _, a := range x.Support {
		for _, scheme := range cat.Schemes {
			if scheme.ID == a.Scheme {
				s.supportLines(b, scheme, a)
			}
		}
	}
	for _, u := range x.Unknown {
		fmt.Fprintf(b, "     %s\n", s.t("unknown."+u))
	}
}

func (s *session) supportLines(b *strings.Builder, scheme support.Scheme, a support.Answer) {
	lang := s.p.Lang()
	fmt.Fprintf(b, "     %s\n", s.t("support."+a.Outcome.String(), show(scheme.Name.In(lang))))
	if a.Pays != nil && a.Pays.Amount > 0 {
		fmt.Fprintf(b, "       %s\n", s.t("support.pays", s.price(a.Pays)))
	}
	for _, q := range a.Missing {
		fmt.Fprintf(b, "       ? %s  (--fact %s=…)\n", show(q.Ask.In(lang)), q.Fact)
	}
	fmt.Fprintf(b, "       %s\n", show(scheme.Source))
}

func (s *session) title(ctx context.Context, cat *app.Catalogue, ref string) string {
	if l, err := cat.Store.Get(ctx, ref); err == nil {
		return l.Offer.Title.In(s.p.Lang())
	}
	return ref // one that this catalogue does not have
}

func (s *session) paths(b *strings.Builder, paths []recommend.Path, all bool) {
	if len(paths) == 0 {
		return
	}
	b.WriteString("\n" + s.t("path.title") + "\n")
	if !all {
		paths = paths[:1]
	}
	for _, p := range paths {
		fmt.Fprintf(b, "  %s\n", s.t("path."+string(p.Aim), len(p.Steps), number(p.Price), number(p.Hours)))
		if p.NoPrice > 0 || p.NoHours > 0 {
			fmt.Fprintf(b, "    %s\n", s.t("path.untold", p.NoPrice, p.NoHours))
		}
		for n, step := range p.Steps {
			when := ""
			if step.Run != nil {
				when = "  " + string(step.Run.Start)
			}
			fmt.Fprintf(b, "    %d. %s%s\n", n+1, show(step.Listing.Offer.Title.In(s.p.Lang())), when)
		}
		if len(p.Left) > 0 {
			fmt.Fprintf(b, "    %s\n", s.t("path.left", len(p.Left)))
		}
	}
}
