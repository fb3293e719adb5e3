package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// oneWalletFlags are for commands beside those of the wallet.
func (s *session) oneWalletFlags(c *cobra.Command, f *walletFlags) {
	c.Flags().StringVar(&f.file, "wallet", "", s.t("flag.wallet"))
	s.openFlags(c, &f.secret)
}

// readCall reads a call and opens the wallet that answers it.
func (s *session) readCall(ctx context.Context, file string, f *walletFlags) (*stats.Call, *wallet.Wallet, error) {
	raw, err := app.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	call, err := s.app.StatsCall(ctx, raw)
	if err != nil {
		return nil, nil, err
	}
	w, err := s.open(ctx, f)
	return call, w, err
}

func (s *session) statsContribute(folder *string) *cobra.Command {
	var f walletFlags
	var r app.StatsGiftRequest
	var o outFlags
	show, yes := false, false
	c := s.leaf("catalogue.stats.contribute", "contribute CALL", 1, 1, []string{
		"bevis catalogue stats contribute foresporsel.jws --show",
		"bevis catalogue stats contribute foresporsel.jws -o bidrag.json",
		"bevis catalogue stats contribute mangler.jws --goal sveiser --region Vestland -o bidrag.json",
	}, func(ctx context.Context, args []string) error {
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		call, w, err := s.readCall(ctx, args[0], &f)
		if err != nil {
			return err
		}
		cat, err := s.openCatalogue(ctx, *folder)
		if err != nil {
			return err
		}
		r.Call, r.Catalogue = call, cat
		gift, err := s.app.StatsPrepare(ctx, w, r)
		if err != nil {
			return err
		}
		var b strings.Builder
		s.gift(ctx, &b, cat, gift)
		if show {
			return s.result(gift.Contribution, func(w *strings.Builder) { w.WriteString(b.String()) })
		}
		fmt.Fprint(s.env.Stderr, b.String())
		if err := s.confirm(yes, "ask.contribute", call.About.By); err != nil {
			return err
		}
		raw, err := s.app.StatsGive(ctx, w, gift)
		if err != nil {
			return err
		}
		s.note("stats.made")
		o.private = true
		return s.deliver(raw, o.file, o)
	})
	s.oneWalletFlags(c, &f)
	s.outFlags(c, &o)
	fl := c.Flags()
	fl.StringVar(&r.Credential, "credential", "", s.t("flag.stats-credential"))
	fl.StringVar(&r.Goal, "goal", "", s.t("flag.stats-goal"))
	fl.StringVar(&r.Region, "region", "", s.t("flag.stats-region"))
	fl.BoolVar(&show, "show", false, s.t("flag.stats-show"))
	fl.BoolVar(&yes, "yes", false, s.t("flag.stats-yes"))
	return c
}

// gift says in words all that a contribution holds, who will see what, and
// what is made of it.
func (s *session) gift(ctx context.Context, b *strings.Builder, cat *app.Catalogue, g app.StatsGift) {
	c := g.Call
	b.WriteString(s.t("stats.gift", s.purpose(c.Purpose), c.About.Period.From, c.About.Period.To, show(c.About.By)) + "\n")
	if c.Purpose == stats.Transitions {
		b.WriteString(s.t("stats.gift.courses", len(g.Contribution.Courses)) + "\n")
		for _, ref := range g.Contribution.Courses {
			fmt.Fprintf(b, "  %s\n", show(s.title(ctx, cat, ref)))
		}
		b.WriteString(s.t("stats.gift.pairs", len(g.Contribution.Pairs)) + "\n")
		for _, p := range g.Contribution.Pairs {
			fmt.Fprintf(b, "  %s → %s (%d)\n", show(s.title(ctx, cat, g.Contribution.Courses[p.From])), show(s.title(ctx, cat, g.Contribution.Courses[p.To])), p.Weight)
		}
		b.WriteString(s.t("stats.gift.not") + "\n")
	} else {
		b.WriteString(s.t("stats.gift.cells", len(g.Contribution.Cells)) + "\n")
		for _, cell := range g.Contribution.Cells {
			fmt.Fprintf(b, "  %s\n", show(strings.Join(s.labels(ctx, cat, cell), " · ")))
		}
		b.WriteString(s.t("stats.gift.not-gaps") + "\n")
	}
	b.WriteString(s.t("stats.gift.shown", show(g.Shown.Title)) + "\n")
	b.WriteString(s.rule(c.Rule) + "\n")
	b.WriteString(s.t("stats.gift.back") + "\n")
}

func (s *session) statsWithdraw() *cobra.Command {
	var f walletFlags
	var o outFlags
	yes := false
	c := s.leaf("catalogue.stats.withdraw", "withdraw CALL", 1, 1, []string{"bevis catalogue stats withdraw foresporsel.jws -o tilbake.json"}, func(ctx context.Context, args []string) error {
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		call, w, err := s.readCall(ctx, args[0], &f)
		if err != nil {
			return err
		}
		if err := s.confirm(yes, "ask.withdraw", call.About.By); err != nil {
			return err
		}
		raw, err := s.app.StatsWithdraw(ctx, w, call)
		if err != nil {
			return err
		}
		s.note("stats.withdrawal-made", show(call.About.By))
		o.private = true
		return s.deliver(raw, o.file, o)
	})
	s.oneWalletFlags(c, &f)
	s.outFlags(c, &o)
	c.Flags().BoolVar(&yes, "yes", false, s.t("flag.yes"))
	return c
}

// purpose names a purpose in the reader's language.
func (s *session) purpose(purpose string) string { return s.t("stats.purpose." + purpose) }

// rule says in words what a rule promises.
func (s *session) rule(r terms.Rule) string {
	if r.Epsilon > 0 {
		return s.t("stats.rule.epsilon", thousandths(r.Epsilon), r.Threshold)
	}
	return s.t("stats.rule.people", r.MinPeople, r.Round)
}

func thousandths(n int) string { return number(float64(n) / 1000) }

// labels names the values of a cell as the catalogue and its vocabulary know
// them.
func (s *session) labels(ctx context.Context, cat *app.Catalogue, values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v
		if cat == nil {
			continue
		}
		if k, ok := cat.Vocabulary.Skill(v); ok {
			out[i] = k.Labels.In(s.p.Lang())
		} else if o, ok := cat.Vocabulary.Occupation(v); ok {
			out[i] = o.Labels.In(s.p.Lang())
		} else if l, err := cat.Store.Get(ctx, v); err == nil && l.Offer.Ref() == v {
			out[i] = l.Offer.Title.In(s.p.Lang())
		}
	}
	return out
}

func missingFlag(flag, text string) error { return reason.New("usage/missing-flag", flag, "%s", text) }
