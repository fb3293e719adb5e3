package cli

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// ruleFlags are a period and the rule under which its sum leaves.
type ruleFlags struct {
	from, to         string
	minPeople, round int
	epsilon, budget  float64
	threshold        int
}

func (s *session) ruleFlags(c *cobra.Command, f *ruleFlags) {
	fl := c.Flags()
	fl.StringVar(&f.from, "from", "", s.t("flag.stats-from"))
	fl.StringVar(&f.to, "to", "", s.t("flag.stats-to"))
	fl.IntVar(&f.minPeople, "min-people", 10, s.t("flag.stats-min-people"))
	fl.IntVar(&f.round, "round", 5, s.t("flag.stats-round"))
	fl.Float64Var(&f.epsilon, "epsilon", 0, s.t("flag.stats-epsilon"))
	fl.IntVar(&f.threshold, "threshold", 0, s.t("flag.stats-threshold"))
	fl.Float64Var(&f.budget, "budget", 0, s.t("flag.stats-budget"))
}

func (f *ruleFlags) read(c *cobra.Command) (p terms.Period, r terms.Rule, budget int, err error) {
	p = terms.Period{From: catalogue.Date(f.from), To: catalogue.Date(f.to)}
	if f.from == "" || f.to == "" {
		return p, r, 0, missingFlag("--from, --to", "give the first and the last day of the period, such as 2026-01-01 and 2026-12-31")
	}
	given := func(name string) bool { return c.Flags().Changed(name) }
	if given("epsilon") && (given("min-people") || given("round")) {
		return p, r, 0, reason.New(reason.Usage, "--epsilon", "a rule is a least number of people or an epsilon, one of the two")
	}
	for _, x := range []float64{f.epsilon, f.budget} {
		if math.IsNaN(x) || x < 0 || x > 1e6 {
			return p, r, 0, reason.New(reason.Usage, "--epsilon, --budget", "give a number such as 0.5 or 3")
		}
	}
	if given("epsilon") {
		return p, terms.Rule{Epsilon: int(math.Round(f.epsilon * 1000)), Threshold: f.threshold}, int(math.Round(f.budget * 1000)), nil
	}
	return p, terms.Rule{MinPeople: f.minPeople, Round: f.round}, int(math.Round(f.budget * 1000)), nil
}

func (s *session) statsCall(folder *string) *cobra.Command {
	var f ruleFlags
	var r app.StatsCallRequest
	var o outFlags
	var c *cobra.Command
	c = s.leaf("catalogue.stats.call", "call transitions|gaps", 1, 1, []string{
		"bevis catalogue stats call transitions --from 2026-01-01 --to 2026-12-31 --issuer did:web:kurs.example -o foresporsel.jws",
		"bevis catalogue stats call gaps --from 2026-01-01 --to 2026-12-31 --issuer did:web:kurs.example --region Vestland --region Troms --occupation sveiser --epsilon 1 --budget 3 -o mangler.jws",
	}, func(ctx context.Context, args []string) error {
		var err error
		if r.Period, r.Rule, r.Budget, err = f.read(c); err != nil {
			return err
		}
		if len(r.Issuers) == 0 {
			return missingFlag("--issuer", "name the issuers whose credentials let a person in, once each")
		}
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		cat, err := s.openCatalogue(ctx, *folder)
		if err != nil {
			return err
		}
		desk, err := s.app.StatsDesk(ctx, nil)
		if err != nil {
			return err
		}
		r.Purpose = args[0]
		call, raw, err := desk.Call(ctx, cat, r)
		if err != nil {
			return err
		}
		s.note("stats.called", s.purpose(call.Purpose), call.About.Period.From, call.About.Period.To)
		fmt.Fprintln(s.env.Stderr, s.rule(call.Rule))
		return s.deliver(raw, o.file, o)
	})
	s.ruleFlags(c, &f)
	s.outFlags(c, &o)
	fl := c.Flags()
	fl.StringArrayVar(&r.Issuers, "issuer", nil, s.t("flag.stats-issuer"))
	fl.StringVar(&r.Achievement, "achievement", "", s.t("flag.stats-achievement"))
	fl.IntVar(&r.Courses, "max-courses", 0, s.t("flag.stats-max-courses"))
	fl.IntVar(&r.Pairs, "max-pairs", 0, s.t("flag.stats-max-pairs"))
	fl.IntVar(&r.Skills, "max-skills", 0, s.t("flag.stats-max-skills"))
	fl.StringArrayVar(&r.Regions, "region", nil, s.t("flag.stats-regions"))
	fl.StringArrayVar(&r.Occupations, "occupation", nil, s.t("flag.stats-occupations"))
	return c
}

func (s *session) statsCollect() *cobra.Command {
	var lists []string
	c := s.leaf("catalogue.stats.collect", "collect FILE…", 1, -1, []string{"bevis catalogue stats collect innboks/"}, func(ctx context.Context, args []string) error {
		known, err := statusLists(lists)
		if err != nil {
			return err
		}
		desk, err := s.app.StatsDesk(ctx, known)
		if err != nil {
			return err
		}
		inputs := s.app.Inputs(ctx, args, s.stdin)
		taken, err := desk.Collect(ctx, inputs)
		if err != nil {
			return err
		}
		type line struct {
			Input     string `json:"input"`
			Purpose   string `json:"purpose,omitempty"`
			Withdrawn bool   `json:"withdrawn,omitempty"`
			Same      bool   `json:"same,omitempty"` // was here already
			Reason    string `json:"reason,omitempty"`
			Detail    string `json:"detail,omitempty"`
		}
		var lines []line
		for i, t := range taken {
			l := line{Input: inputs[i].Name, Withdrawn: t.Withdrawn, Same: t.Same}
			if t.Call != nil {
				l.Purpose = t.Call.Purpose
			}
			if t.Err != nil {
				l.Reason, l.Detail, s.class = string(reason.CodeOf(t.Err)), detail(t.Err), reason.CodeOf(t.Err).Class()
			}
			lines = append(lines, l)
		}
		return s.result(lines, func(b *strings.Builder) {
			for _, l := range lines {
				switch {
				case l.Reason != "":
					fmt.Fprintf(b, "✗ %s: %s [%s]\n  %s\n", show(l.Input), s.p.Code("reason.", l.Reason), l.Reason, show(s.technical(l.Detail)))
				case l.Same:
					fmt.Fprintf(b, "= %s: %s\n", show(l.Input), s.t("stats.same"))
				case l.Withdrawn:
					fmt.Fprintf(b, "✓ %s: %s\n", show(l.Input), s.t("stats.withdrawn"))
				default:
					fmt.Fprintf(b, "✓ %s: %s\n", show(l.Input), s.t("stats.taken", s.purpose(l.Purpose)))
				}
			}
		})
	})
	c.Flags().StringArrayVar(&lists, "status-list", nil, s.t("flag.status-list"))
	return c
}

func (s *session) statsRelease(folder *string) *cobra.Command {
	var f ruleFlags
	var o outFlags
	perPerson, manifest := 0, ""
	var c *cobra.Command
	c = s.leaf("catalogue.stats.release", "release CALL|completions|ratings", 1, 1, []string{
		"bevis catalogue stats release foresporsel.jws -o statistikk.jws --manifest-to utgitt.jws",
		"bevis catalogue stats release completions --from 2026-01-01 --to 2026-12-31 -o fullfort.jws",
	}, func(ctx context.Context, args []string) error {
		for _, file := range []string{o.file, manifest} {
			if err := app.Free(file, o.force); err != nil {
				return err
			}
		}
		desk, err := s.app.StatsDesk(ctx, nil)
		if err != nil {
			return err
		}
		var raw []byte
		if args[0] == "completions" || args[0] == "ratings" {
			raw, err = s.statsOwn(ctx, c, *folder, desk, &f, args[0], perPerson)
		} else {
			for _, name := range []string{"from", "to", "epsilon", "min-people", "round", "threshold", "budget", "per-person"} {
				if c.Flags().Changed(name) {
					return reason.New(reason.Usage, "--"+name, "period, rule and bounds are those of the call: people have agreed to them")
				}
			}
			raw, err = s.statsCalled(ctx, desk, args[0])
		}
		if err != nil {
			return err
		}
		o.precious = true
		if err := s.deliver(raw, o.file, o); err != nil || manifest == "" {
			return err
		}
		signed, err := desk.SignManifest(ctx)
		if err != nil {
			return err
		}
		return s.deliver(signed, manifest, o)
	})
	s.ruleFlags(c, &f)
	s.outFlags(c, &o)
	c.Flags().IntVar(&perPerson, "per-person", 0, s.t("flag.stats-per-person"))
	c.Flags().StringVar(&manifest, "manifest-to", "", s.t("flag.stats-manifest-to"))
	return c
}

func (s *session) statsCalled(ctx context.Context, desk *app.StatsDesk, file string) ([]byte, error) {
	raw, err := app.ReadFile(file)
	if err != nil {
		return nil, err
	}
	call, err := s.app.StatsCall(ctx, raw)
	if err != nil {
		return nil, err
	}
	out, err := desk.Release(ctx, call.Digest())
	if err == nil {
		s.note("stats.released", s.purpose(call.Purpose))
	}
	return out, err
}

func (s *session) statsOwn(ctx context.Context, c *cobra.Command, folder string, desk *app.StatsDesk, f *ruleFlags, kind string, perPerson int) ([]byte, error) {
	r := app.StatsReportRequest{Kind: kind, PerPerson: perPerson}
	var err error
	if r.Period, r.Rule, r.Budget, err = f.read(c); err != nil {
		return nil, err
	}
	var cat *app.Catalogue
	if kind == "ratings" {
		if cat, err = s.openCatalogue(ctx, folder); err != nil {
			return nil, err
		}
	}
	raw, left, err := desk.Report(ctx, cat, r)
	if err == nil && left > 0 {
		s.note("stats.left-out", left)
	}
	return raw, err
}
