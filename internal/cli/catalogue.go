package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/formats/export"
	"github.com/kompetansebevis/bevis/catalogue/upkeep"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) catalogueCommand() *cobra.Command {
	folder := ""
	c := s.group("catalogue", s.catalogueImport(&folder), s.catalogueSearch(&folder), s.catalogueShow(&folder), s.catalogueList(&folder), s.catalogueExport(&folder), s.cataloguePublish(&folder), s.catalogueLint(&folder), s.catalogueCheck(&folder), s.catalogueReview(&folder), s.catalogueCollect(&folder), s.catalogueReviews(&folder), s.catalogueStats(&folder))
	c.PersistentFlags().StringVar(&folder, "catalogue", "", s.t("flag.catalogue"))
	return c
}

func (s *session) catalogueFolder(folder string) string {
	return cmp.Or(folder, s.env.Getenv("BEVIS_CATALOGUE"), s.app.CataloguePath())
}

func (s *session) openCatalogue(ctx context.Context, folder string) (*app.Catalogue, error) {
	c, err := s.app.CatalogueOpen(ctx, s.catalogueFolder(folder))
	s.catalogue = c
	return c, err
}

func (s *session) catalogueImport(folder *string) *cobra.Command {
	var o app.ImportOptions
	var columns []string
	name := ""
	c := s.leaf("catalogue.import", "import [FILE…]", 0, -1, []string{
		"bevis catalogue import --example",
		"bevis catalogue import --provider did:web:kurs.example --provider-name \"Kurs AS\" --currency NOK kurs.csv",
	}, func(ctx context.Context, args []string) error {
		if len(args) == 0 && !o.Example {
			return reason.New("usage/words", "", "name files to import, or --example")
		}
		o.Folder = s.catalogueFolder(*folder)
		o.Source.Provider.Name = catalogue.Texts{"und": cmp.Or(name, o.Source.Provider.ID)}
		if o.Source.Provider.ID == "" {
			o.Source.Provider = catalogue.Provider{}
		}
		o.Source.Columns = map[string]string{}
		for _, pair := range columns {
			column, field, ok := strings.Cut(pair, "=")
			if !ok {
				return reason.New(reason.Usage, "--column", "give COLUMN=FIELD")
			}
			o.Source.Columns[column] = field
		}
		done, err := s.app.CatalogueImport(ctx, s.app.ImportInputs(ctx, args, s.stdin), o)
		for _, d := range done {
			if d.Broken > 0 {
				s.class = reason.Failure
			}
		}
		if err != nil && len(done) == 0 {
			return err
		}
		if shown := s.result(done, func(b *strings.Builder) { s.imported(b, done) }); shown != nil {
			return shown
		}
		return err
	})
	f := c.Flags()
	f.BoolVar(&o.Example, "example", false, s.t("flag.example"))
	f.StringVar(&o.Source.Provider.ID, "provider", "", s.t("flag.import-provider"))
	f.StringVar(&name, "provider-name", "", s.t("flag.import-provider-name"))
	s.sourceFlags(c, &o.Source)
	f.StringSliceVar(&o.Issuers, "issuer", nil, s.t("flag.import-issuer"))
	f.StringArrayVar(&columns, "column", nil, s.t("flag.import-column"))
	return c
}

func (s *session) imported(b *strings.Builder, done []app.Imported) {
	for _, d := range done {
		sign := "✓"
		if d.Broken > 0 {
			sign = "✗"
		}
		var what []string
		if c := d.Changes; c != nil {
			what = append(what, s.t("import.offers", c.Added, c.Changed, c.Same))
		}
		if d.Issued != nil && d.Until != nil {
			what = append(what, s.t("import.publication", d.Changes.Removed, show(d.Provider), s.day(*d.Issued), s.day(*d.Until)))
		}
		if d.Skills+d.Jobs > 0 {
			what = append(what, s.t("import.vocabulary", d.Skills, d.Jobs))
		}
		if d.Schemes > 0 {
			what = append(what, s.t("import.schemes", d.Schemes))
		}
		if d.By != "" {
			what = append(what, s.t("import.statistics", show(d.By)))
		}
		fmt.Fprintf(b, "%s %s (%s): %s\n", sign, show(d.Input), d.Format, strings.Join(what, ", "))
		s.problems(b, d.Problems)
	}
}

// problems writes what is wrong in a source, in the reader's language, with
// the place and the value as they stand there.
func (s *session) problems(b *strings.Builder, problems []formats.Problem) {
	for _, p := range problems {
		sign, text := "!", p.Message
		if p.Severity == formats.Broken {
			sign = "✗"
		}
		if fine, ok := strings.CutPrefix(string(p.Code), string(reason.OfferInvalid)+"/"); ok && s.p.Has("problem."+fine) {
			text = s.t("problem." + fine)
		} else if of := s.p.Code("reason.", string(p.Code)); of != "" && s.p.Lang() != "en" {
			text = of
		}
		if p.Value != "" {
			text += ": " + strconv.Quote(p.Value)
		}
		if p.As != "" {
			text += ", " + s.t("import.read-as", p.As)
		}
		fmt.Fprintf(b, "  %s %s\n", sign, show(strings.TrimSpace(p.At+" "+p.Offer)+": "+text+" ["+string(p.Code)+"]"))
	}
}

// queryFlags are the conditions of a search.
type queryFlags struct {
	q        catalogue.Query
	modes    []string
	types    []string
	maxPrice float64
	from, to string
}

func (s *session) catalogueSearch(folder *string) *cobra.Command {
	var f queryFlags
	c := s.leaf("catalogue.search", "search [WORDS…]", 0, -1, []string{"bevis catalogue search sveising --place bergen", "bevis catalogue search norskkurs --max-price 0 --mode online"},
		func(ctx context.Context, args []string) error {
			cat, err := s.openCatalogue(ctx, *folder)
			if err != nil {
				return err
			}
			f.q.Text = strings.Join(args, " ")
			for _, m := range f.modes {
				f.q.Modes = append(f.q.Modes, catalogue.Mode(m))
			}
			for _, t := range f.types {
				f.q.Types = append(f.q.Types, catalogue.Type(t))
			}
			if f.maxPrice >= 0 {
				f.q.MaxPrice = &catalogue.Price{Amount: f.maxPrice, Currency: "NOK"}
			}
			f.q.StartFrom, f.q.StartTo = catalogue.Date(f.from), catalogue.Date(f.to)
			found, err := cat.Store.Search(ctx, f.q)
			if err != nil {
				return err
			}
			return s.result(found, func(b *strings.Builder) { s.found(b, f.q, found) })
		})
	fl := c.Flags()
	fl.StringSliceVar(&f.modes, "mode", nil, s.t("flag.mode"))
	fl.StringSliceVar(&f.types, "type", nil, s.t("flag.offer-type"))
	fl.StringSliceVar(&f.q.Languages, "language", nil, s.t("flag.teaching-language"))
	fl.StringSliceVar(&f.q.Providers, "provider", nil, s.t("flag.provider"))
	fl.StringVar(&f.q.Place, "place", "", s.t("flag.place"))
	fl.Float64Var(&f.maxPrice, "max-price", -1, s.t("flag.max-price"))
	fl.IntVar(&f.q.MinEQF, "min-eqf", 0, s.t("flag.min-eqf"))
	fl.IntVar(&f.q.MaxEQF, "max-eqf", 0, s.t("flag.max-eqf"))
	fl.Float64Var(&f.q.MinCredits, "min-credits", 0, s.t("flag.min-credits"))
	fl.StringVar(&f.from, "start-from", "", s.t("flag.start-from"))
	fl.StringVar(&f.to, "start-to", "", s.t("flag.start-to"))
	fl.IntVar(&f.q.Limit, "limit", 10, s.t("flag.limit"))
	fl.IntVar(&f.q.Offset, "offset", 0, s.t("flag.offset"))
	return c
}

func (s *session) found(b *strings.Builder, q catalogue.Query, found catalogue.Results) {
	for _, word := range slices.Sorted(maps.Keys(found.Read)) {
		b.WriteString(s.t("search.read", show(word), show(strings.Join(found.Read[word], ", "))) + "\n")
	}
	for n, h := range found.Hits {
		fmt.Fprintf(b, "%3d. ", q.Offset+n+1)
		s.offerLines(b, h.Listing, "     ")
	}
	switch {
	case found.Total == 0:
		b.WriteString(s.t("search.none") + "\n")
	case found.Total > q.Offset+len(found.Hits):
		b.WriteString(s.t("search.more", len(found.Hits), found.Total, q.Offset+len(found.Hits)) + "\n")
	}
}

// offerLines writes an offer in three lines; the first is where the writer
// stands.
func (s *session) offerLines(b *strings.Builder, l catalogue.Listing, indent string) {
	o := l.Offer
	fmt.Fprintf(b, "%s\n%s%s\n%s%s\n", show(o.Title.In(s.p.Lang())), indent, show(strings.Join(s.offerFacts(l), " · ")), indent, show(o.Ref()))
}

func (s *session) offerFacts(l catalogue.Listing) []string {
	o := l.Offer
	facts := []string{cmp.Or(l.Provider.Name.In(s.p.Lang()), o.Provider)}
	if o.Mode != "" {
		facts = append(facts, s.t("mode."+string(o.Mode)))
	}
	if o.Place != "" {
		facts = append(facts, o.Place)
	}
	if c := o.Credits; c != nil {
		facts = append(facts, number(c.Value)+" "+c.Scheme)
	}
	if h, err := catalogue.ParseDuration(o.Workload); err == nil {
		facts = append(facts, s.t("offer.hours", number(h)))
	}
	facts = append(facts, s.price(o.Price))
	var starts []string
	for _, r := range o.Runs {
		if string(r.Start) >= s.app.Now().Format("2006-01-02") {
			starts = append(starts, string(r.Start))
		}
	}
	switch {
	case len(starts) > 0:
		facts = append(facts, s.t("offer.starts", slices.Min(starts)))
	case len(o.Runs) > 0:
		facts = append(facts, s.t("offer.over"))
	}
	facts = append(facts, s.staleness(o)...)
	facts = append(facts, s.signedFacts(l.Provider)...)
	if st := l.Standing; st.Lower > 0 {
		facts = append(facts, s.t("offer.rated", number(float64(int(st.Mean*10+0.5))/10), st.Reviews))
	}
	return facts
}

func (s *session) price(p *catalogue.Price) string {
	switch {
	case p == nil:
		return s.t("offer.price-untold")
	case p.Amount == 0:
		return s.t("offer.free")
	}
	return number(p.Amount) + " " + p.Currency
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func (s *session) catalogueShow(folder *string) *cobra.Command {
	return s.leaf("catalogue.show", "show ID", 1, 1, []string{"bevis catalogue show sveis-metallaere"}, func(ctx context.Context, args []string) error {
		cat, err := s.openCatalogue(ctx, *folder)
		if err != nil {
			return err
		}
		l, err := cat.Store.Get(ctx, args[0])
		if err != nil {
			return err
		}
		out := struct {
			catalogue.Listing
			Upkeep upkeep.Entry `json:"upkeep"`
			Stale  []string     `json:"stale,omitempty"`
		}{l, cat.Upkeep.Entry(l.Offer.Ref()), s.app.Stale(cat, l.Offer)}
		return s.result(out, func(b *strings.Builder) { s.offerPage(b, cat, l) })
	})
}

func (s *session) offerPage(b *strings.Builder, cat *app.Catalogue, l catalogue.Listing) {
	o, lang := l.Offer, s.p.Lang()
	s.offerLines(b, l, "")
	if text := o.Description.In(lang); text != "" {
		fmt.Fprintf(b, "\n%s\n", show(text))
	}
	b.WriteByte('\n')
	s.row(b, "label.provider", strings.TrimSpace(l.Provider.Name.In(lang)+" "+o.Provider))
	s.row(b, "label.type", s.offerType(o.Type))
	s.row(b, "label.languages", strings.Join(o.Languages, ", "))
	for _, r := range o.Runs {
		s.row(b, "label.run", strings.Join(slices.DeleteFunc([]string{string(r.Start) + "–" + string(r.End), r.Place, s.deadline(r)}, func(x string) bool { return x == "" || x == "–" }), " · "))
	}
	if o.Level.EQF > 0 {
		s.row(b, "label.level", strings.TrimSpace(fmt.Sprintf("EQF %d %s", o.Level.EQF, o.Level.NQF)))
	}
	for _, q := range o.Requires {
		s.row(b, "label.requires", s.requirement(cat, q))
	}
	for _, x := range o.Outcomes {
		known, _ := cat.Vocabulary.Skill(x.Skill)
		s.row(b, "label.outcome", cmp.Or(x.Text.In(lang), known.Labels.In(lang), x.Skill))
	}
	for _, ref := range o.PartOf {
		s.row(b, "label.part-of", ref)
	}
	if o.Accreditation != nil {
		s.row(b, "label.accredited", strings.TrimSpace(o.Accreditation.By+" "+o.Accreditation.URL))
	}
	if o.Awards != nil {
		s.row(b, "label.awards", strings.TrimSpace(o.Awards.Type+" "+o.Awards.Achievement))
	}
	for _, scheme := range cat.Schemes {
		if slices.Contains(o.Schemes, scheme.ID) {
			s.row(b, "label.scheme", scheme.Name.In(lang)+" "+scheme.Source)
		}
	}
	s.row(b, "label.url", o.URL)
	s.signedRows(b, l.Provider)
	s.linkRow(b, cat.Upkeep.Entry(o.Ref()), o)
}

func (s *session) deadline(r catalogue.Run) string {
	if r.Deadline == "" {
		return ""
	}
	return s.t("offer.deadline", string(r.Deadline))
}

func (s *session) offerType(t catalogue.Type) string {
	if t == "" {
		return ""
	}
	return s.t("offer-type." + string(t))
}

// requirement says what an offer requires, in words where there are any.
func (s *session) requirement(cat *app.Catalogue, q catalogue.Requirement) string {
	known, _ := cat.Vocabulary.Skill(q.Skill)
	text := cmp.Or(q.Text.In(s.p.Lang()), known.Labels.In(s.p.Lang()), q.Skill, q.Offer)
	if text == "" && q.EQF > 0 {
		text = "EQF " + strconv.Itoa(q.EQF)
	}
	return text
}

func (s *session) catalogueList(folder *string) *cobra.Command {
	return s.leaf("catalogue.list", "list", 0, 0, nil, func(ctx context.Context, _ []string) error {
		cat, err := s.openCatalogue(ctx, *folder)
		if err != nil {
			return err
		}
		type line struct {
			Provider catalogue.Provider `json:"provider"`
			Offers   int                `json:"offers"`
		}
		byID := map[string]*line{}
		total := 0
		if err := cat.Store.Each(ctx, func(l catalogue.Listing) error {
			if byID[l.Provider.ID] == nil {
				byID[l.Provider.ID] = &line{Provider: l.Provider}
			}
			byID[l.Provider.ID].Offers++
			total++
			return nil
		}); err != nil {
			return err
		}
		lines := make([]line, 0, len(byID))
		for _, id := range slices.Sorted(maps.Keys(byID)) {
			lines = append(lines, *byID[id])
		}
		return s.result(lines, func(b *strings.Builder) {
			for _, l := range lines {
				facts := append([]string{l.Provider.Name.In(s.p.Lang()), l.Provider.ID}, s.signedFacts(l.Provider)...)
				fmt.Fprintf(b, "%5d  %s\n", l.Offers, show(strings.Join(facts, "  ")))
			}
			b.WriteString(s.t("catalogue.total", total, len(lines), len(cat.Vocabulary.Skills()), len(cat.Schemes)) + "\n")
		})
	})
}

func (s *session) catalogueExport(folder *string) *cobra.Command {
	var o outFlags
	format := ""
	c := s.leaf("catalogue.export", "export", 0, 0, []string{"bevis catalogue export --format schema.org -o kurs.json"}, func(ctx context.Context, _ []string) error {
		cat, err := s.openCatalogue(ctx, *folder)
		if err != nil {
			return err
		}
		write, ok := map[string]func(context.Context, *bytes.Buffer, []catalogue.Provider, []catalogue.Offer) error{
			string(formats.JSONLines): func(ctx context.Context, b *bytes.Buffer, p []catalogue.Provider, o []catalogue.Offer) error {
				return export.JSONLines(ctx, b, p, o)
			},
			string(formats.SchemaOrg): func(ctx context.Context, b *bytes.Buffer, p []catalogue.Provider, o []catalogue.Offer) error {
				return export.SchemaOrg(ctx, b, p, o)
			},
			string(formats.LOQ): func(ctx context.Context, b *bytes.Buffer, p []catalogue.Provider, o []catalogue.Offer) error {
				return export.LOQ(ctx, b, p, o)
			},
		}[format]
		if !ok {
			return reason.New(reason.Usage, "--format", "one of jsonl, schema.org and loq")
		}
		var offers []catalogue.Offer
		providers := map[string]catalogue.Provider{}
		if err := cat.Store.Each(ctx, func(l catalogue.Listing) error {
			offers = append(offers, l.Offer)
			providers[l.Provider.ID] = l.Provider
			return nil
		}); err != nil {
			return err
		}
		var list []catalogue.Provider
		for _, id := range slices.Sorted(maps.Keys(providers)) {
			list = append(list, providers[id])
		}
		var b bytes.Buffer
		if err := write(ctx, &b, list, offers); err != nil {
			return err
		}
		return s.deliver(b.Bytes(), o.file, o)
	})
	s.outFlags(c, &o)
	c.Flags().StringVar(&format, "format", string(formats.JSONLines), s.t("flag.export-format"))
	return c
}
