package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// StatsSchema names the form of what the command tells of statistics as JSON.
const StatsSchema = "bevis.statistics-told/v1"

func (s *session) catalogueStats(folder *string) *cobra.Command {
	explain := false
	c := s.leaf("catalogue.stats", "stats [FILE…]", 0, -1, []string{"bevis catalogue stats --explain", "bevis catalogue stats statistikk.jws utgitt.jws --explain"},
		func(ctx context.Context, args []string) error {
			files, err := s.told(ctx, *folder, args)
			if err != nil {
				return err
			}
			out := struct {
				Schema string `json:"schema"`
				Files  []told `json:"files"`
			}{StatsSchema, append([]told{}, files...)}
			return s.result(out, func(b *strings.Builder) {
				for n, t := range files {
					if n > 0 {
						b.WriteByte('\n')
					}
					s.tell(b, t, explain)
				}
				if len(files) == 0 {
					b.WriteString(s.t("stats.none") + "\n")
				} else if explain {
					b.WriteString("\n" + s.t("stats.explain.not") + "\n")
				}
			})
		})
	c.Flags().BoolVar(&explain, "explain", false, s.t("flag.stats-explain"))
	c.AddCommand(s.statsCall(folder), s.statsContribute(folder), s.statsWithdraw(), s.statsCollect(), s.statsRelease(folder), s.statsReport(folder))
	return c
}

// told is what is said of a file of statistics, of the catalogue's own, or of
// this publisher's desk.
type told struct {
	Input    string        `json:"input,omitempty"` // the file; empty for what is here
	Kind     string        `json:"kind"`            // transitions, table, manifest or call
	By       string        `json:"by"`
	Name     string        `json:"name,omitempty"`
	Period   *terms.Period `json:"period,omitempty"`
	Rule     *ruleTold     `json:"rule,omitempty"`
	People   int           `json:"people,omitempty"` // rounded or with noise; of a call at this desk: exact, and for its publisher alone
	Courses  int           `json:"courses,omitempty"`
	Cells    int           `json:"cells,omitempty"`
	Withheld int           `json:"withheld,omitempty"`
	Released *bool         `json:"released,omitempty"` // of a call at this desk
	Budget   float64       `json:"budget,omitempty"`   // of ε
	Spent    float64       `json:"spent,omitempty"`
	Releases []releaseTold `json:"releases,omitempty"`
}

type ruleTold struct {
	MinPeople int     `json:"minPeople,omitempty"`
	Round     int     `json:"round,omitempty"`
	Epsilon   float64 `json:"epsilon,omitempty"`
	Threshold int     `json:"threshold,omitempty"`

	rule terms.Rule
}

type releaseTold struct {
	Name     string       `json:"name"`
	Source   string       `json:"source"`
	Period   terms.Period `json:"period"`
	Rule     *ruleTold    `json:"rule"`
	Cells    int          `json:"cells"`
	Withheld int          `json:"withheld"`
}

func ruleOf(r terms.Rule) *ruleTold {
	return &ruleTold{r.MinPeople, r.Round, float64(r.Epsilon) / 1000, r.Threshold, r}
}

// told reads the files that are named, or else what the catalogue has imported
// and what this publisher has released.
func (s *session) told(ctx context.Context, folder string, files []string) ([]told, error) {
	var out []told
	for _, name := range files {
		raw, err := app.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := s.app.StatsOpen(ctx, raw)
		if err != nil {
			return nil, reason.New(reason.CodeOf(err), strings.TrimSpace(name+" "+reason.AtOf(err)), "%s", detail(err))
		}
		out = append(out, toldOf(name, f))
	}
	if len(files) > 0 {
		return out, nil
	}
	cat, err := s.openCatalogue(ctx, folder)
	switch {
	case err == nil && cat.Statistics != nil:
		out = append(out, toldOf("", app.StatsFile{By: cat.Statistics.About.By, Published: cat.Statistics}))
	case err != nil && reason.CodeOf(err) != "not_found/catalogue":
		return nil, err
	}
	desk, err := s.app.StatsDesk(ctx, nil)
	if reason.CodeOf(err) == "not_found/issuer" {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	state, err := desk.State(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range state.Calls {
		t := toldOf("", app.StatsFile{By: c.Call.About.By, Call: c.Call})
		t.People, t.Released = c.People, &c.Released
		out = append(out, t)
	}
	if len(state.Manifest.Releases) > 0 {
		out = append(out, toldOf("", app.StatsFile{Manifest: state.Manifest}))
	}
	return out, nil
}

func toldOf(input string, f app.StatsFile) told {
	t := told{Input: input, By: f.By}
	switch {
	case f.Published != nil:
		p := f.Published
		t.Kind, t.Name, t.Period, t.Rule = stats.Transitions, stats.Transitions, &p.About.Period, ruleOf(p.Rule)
		t.People, t.Courses, t.Cells = p.People, len(p.Courses()), p.Cells()
	case f.Table != nil:
		p := f.Table
		t.Kind, t.Name, t.Period, t.Rule, t.Cells, t.Withheld = "table", p.Spec.Name, &p.About.Period, ruleOf(p.Rule), len(p.Cells), p.Withheld
	case f.Call != nil:
		t.Kind, t.Name, t.Period, t.Rule = "call", f.Call.Purpose, &f.Call.About.Period, ruleOf(f.Call.Rule)
	case f.Manifest != nil:
		t.Kind, t.Budget, t.Spent = "manifest", float64(f.Manifest.Budget)/1000, float64(f.Manifest.Spent())/1000
		for _, r := range f.Manifest.Releases {
			t.Releases = append(t.Releases, releaseTold{r.Name, r.Source, r.Period, ruleOf(r.Rule), r.Cells, r.Withheld})
		}
	}
	return t
}

// tell says what a file is, and with explain what its rule promises.
func (s *session) tell(b *strings.Builder, t told, explain bool) {
	from := show(t.Input)
	switch {
	case from != "":
	case t.Kind == stats.Transitions:
		from = s.t("stats.imported")
	default:
		from = s.t("stats.here")
	}
	fmt.Fprintf(b, "%s: %s\n", from, s.t("stats.kind."+t.Kind))
	s.row(b, "label.by", t.By)
	if t.Kind == "manifest" {
		for _, r := range t.Releases {
			fmt.Fprintf(b, "  %s\n", s.t("stats.release-line", show(r.Name), r.Period.From, r.Period.To, r.Cells, r.Withheld))
			fmt.Fprintf(b, "    %s\n", s.rule(r.Rule.rule))
		}
		if t.Budget > 0 {
			fmt.Fprintf(b, "  %s\n", s.t("stats.spent", number(t.Spent), number(t.Budget)))
		}
		if explain {
			fmt.Fprintf(b, "  %s\n", s.t("stats.explain.manifest"))
		}
		return
	}
	s.row(b, "label.name", t.Name)
	s.row(b, "label.period", string(t.Period.From)+" – "+string(t.Period.To))
	switch {
	case t.Kind == stats.Transitions:
		fmt.Fprintf(b, "  %s\n", s.t("stats.transitions-line", t.People, t.Courses, t.Cells))
	case t.Kind == "table":
		fmt.Fprintf(b, "  %s\n", s.t("stats.table-line", t.Cells, t.Withheld))
	case t.Released != nil && *t.Released:
		fmt.Fprintf(b, "  %s\n", s.t("stats.call-released"))
	case t.Released != nil:
		fmt.Fprintf(b, "  %s\n", s.t("stats.call-open", t.People))
	}
	fmt.Fprintf(b, "  %s\n", s.rule(t.Rule.rule))
	if explain {
		key := "stats.explain.people"
		if t.Rule.rule.Epsilon > 0 {
			key = "stats.explain.epsilon"
		}
		fmt.Fprintf(b, "  %s\n", s.t(key))
	}
}

func (s *session) statsReport(folder *string) *cobra.Command {
	var o outFlags
	format := "text"
	c := s.leaf("catalogue.stats.report", "report FILE", 1, 1, []string{"bevis catalogue stats report mangler.jws", "bevis catalogue stats report fullfort.jws --format csv -o fullfort.csv"},
		func(ctx context.Context, args []string) error {
			raw, err := app.ReadFile(args[0])
			if err != nil {
				return err
			}
			f, err := s.app.StatsOpen(ctx, raw)
			if err != nil {
				return err
			}
			if f.Table == nil {
				return reason.New("statistics_invalid/table", args[0], "is signed, and no table: see bevis catalogue stats FILE")
			}
			cat, err := s.openCatalogue(ctx, *folder) // for names, if there is one
			if err != nil && reason.CodeOf(err) != "not_found/catalogue" {
				return err
			}
			err = nil
			var text strings.Builder
			switch {
			case s.json || format == "json":
				e := json.NewEncoder(&text)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				err = e.Encode(tableTold(f.Table))
			case format == "csv":
				err = tableCSV(&text, f.Table)
			case format == "text":
				s.table(ctx, &text, cat, f.Table)
			default:
				err = reason.New(reason.Usage, "--format", "one of text, csv and json")
			}
			if err != nil {
				return err
			}
			return s.deliver([]byte(text.String()), o.file, o)
		})
	s.outFlags(c, &o)
	c.Flags().StringVar(&format, "format", format, s.t("flag.stats-format"))
	return c
}

type cellTold struct {
	Values []string `json:"values"`
	Count  int      `json:"count"`
}

func tableTold(t *stats.Table) any {
	out := struct {
		Schema     string       `json:"schema"`
		By         string       `json:"by"`
		Name       string       `json:"name"`
		Source     string       `json:"source"`
		Period     terms.Period `json:"period"`
		Rule       *ruleTold    `json:"rule"`
		Dimensions []string     `json:"dimensions"`
		Cells      []cellTold   `json:"cells"`
		Withheld   int          `json:"withheld"`
	}{"bevis.statistics-table/v1", t.About.By, t.Spec.Name, t.Spec.Source, t.About.Period, ruleOf(t.Rule), nil, []cellTold{}, t.Withheld}
	for _, d := range t.Spec.Dimensions {
		out.Dimensions = append(out.Dimensions, d.Name)
	}
	for _, c := range t.Cells {
		out.Cells = append(out.Cells, cellTold{c.Values, c.Count})
	}
	return out
}

func (s *session) table(ctx context.Context, b *strings.Builder, cat *app.Catalogue, t *stats.Table) {
	fmt.Fprintf(b, "%s, %s – %s\n", show(t.Spec.Name), t.About.Period.From, t.About.Period.To)
	s.row(b, "label.by", t.About.By)
	for _, c := range t.Cells {
		fmt.Fprintf(b, "%6d  %s\n", c.Count, show(strings.Join(s.labels(ctx, cat, c.Values), " · ")))
	}
	if len(t.Spec.Dimensions) > 1 {
		for _, v := range t.Spec.Dimensions[0].Values {
			if sum, complete := t.Sum(t.Spec.Dimensions[0].Name, v); sum > 0 && complete {
				b.WriteString(s.t("stats.sum", show(s.labels(ctx, cat, []string{v})[0]), sum) + "\n")
			}
		}
	}
	b.WriteString(s.t("stats.withheld", t.Withheld, t.Withheld+len(t.Cells)) + "\n" + s.rule(t.Rule) + "\n")
}

// tableCSV writes the released cells, with the values as they are in the file.
// What a spreadsheet would read as a formula gets an apostrophe in front.
func tableCSV(b *strings.Builder, t *stats.Table) error {
	w := csv.NewWriter(b)
	var lines [][]string
	var head []string
	for _, d := range t.Spec.Dimensions {
		head = append(head, d.Name)
	}
	lines = append(lines, append(head, "count"))
	for _, c := range t.Cells {
		lines = append(lines, append(append([]string{}, c.Values...), strconv.Itoa(c.Count)))
	}
	for _, line := range lines {
		for i, v := range line {
			if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
				line[i] = "'" + v
			}
		}
	}
	return reason.Wrap(reason.Internal, "", w.WriteAll(lines))
}
