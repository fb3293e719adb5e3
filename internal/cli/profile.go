package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// The forms of what these commands write as JSON.
const (
	ProfileSchema   = "bevis.profile/v1"
	GapSchema       = "bevis.gap/v1"
	TeamSchema      = "bevis.team/v1"
	RecommendSchema = "bevis.recommend/v1"
)

// personFlags say whose profile, and by which catalogue.
type personFlags struct {
	wallet    walletFlags
	noWallet  bool
	catalogue string
	declared  []string
}

func (s *session) personFlags(c *cobra.Command, f *personFlags) {
	fl := c.Flags()
	s.oneWalletFlags(c, &f.wallet)
	fl.BoolVar(&f.noWallet, "no-wallet", false, s.t("flag.no-wallet"))
	fl.StringVar(&f.catalogue, "catalogue", "", s.t("flag.catalogue"))
	fl.StringArrayVar(&f.declared, "declare", nil, s.t("flag.declare"))
}

// person opens the wallet, nil with --no-wallet, and the catalogue.
func (s *session) person(ctx context.Context, f *personFlags) (*wallet.Wallet, *app.Catalogue, error) {
	cat, err := s.openCatalogue(ctx, f.catalogue)
	if err != nil || f.noWallet {
		return nil, cat, err
	}
	w, err := s.open(ctx, &f.wallet)
	return w, cat, err
}

func (s *session) profileCommand() *cobra.Command {
	return s.group("profile", s.profileShow(), s.profileGap())
}

func (s *session) profileShow() *cobra.Command {
	var f personFlags
	c := s.leaf("profile.show", "show", 0, 0, nil, func(ctx context.Context, _ []string) error {
		w, cat, err := s.person(ctx, &f)
		if err != nil {
			return err
		}
		if w == nil {
			return reason.New(reason.Usage, "--no-wallet", "a profile is of a wallet")
		}
		p, err := s.app.Profile(ctx, w, cat, f.declared)
		if err != nil {
			return err
		}
		listings, err := cat.Listings(ctx)
		if err != nil {
			return err
		}
		stacks := p.Stacks(offersOf(listings))
		out := struct {
			Schema string `json:"schema"`
			competence.Profile
			Stacks []competence.Stack `json:"stacks,omitempty"`
		}{ProfileSchema, p, stacks}
		return s.result(out, func(b *strings.Builder) { s.profile(b, p, stacks) })
	})
	s.personFlags(c, &f)
	return c
}

func offersOf(listings []catalogue.Listing) []catalogue.Offer {
	out := make([]catalogue.Offer, len(listings))
	for i, l := range listings {
		out[i] = l.Offer
	}
	return out
}

// profile writes what is proven, what only texts point to and what the person
// says, apart from one another.
func (s *session) profile(b *strings.Builder, p competence.Profile, stacks []competence.Stack) {
	lang := s.p.Lang()
	for _, part := range []struct {
		title string
		in    func(competence.Grade) bool
	}{
		{"profile.proven", competence.Grade.Proven},
		{"profile.read", func(g competence.Grade) bool { return g == competence.Read }},
		{"profile.recorded", func(g competence.Grade) bool { return g == competence.Recorded }},
		{"profile.declared", func(g competence.Grade) bool { return g == competence.Declared }},
	} {
		n := 0
		for _, k := range p.Skills {
			if !part.in(k.Grade) {
				continue
			}
			if n++; n == 1 {
				b.WriteString(s.t(part.title) + "\n")
			}
			g := k.Grounds[0]
			fmt.Fprintf(b, "  %s\n      %s\n", show(k.Label.In(lang)), s.ground(g))
		}
	}
	if s.records(b, p)+len(p.Skills) == 0 {
		b.WriteString(s.t("profile.empty") + "\n")
	}
	for _, a := range p.Achieved {
		if !a.Verified && !a.Recorded {
			b.WriteString(s.t("profile.unverified", show(a.Title), s.p.Code("reason.", a.Why)) + "\n")
		}
	}
	for _, k := range stacks {
		b.WriteString("\n" + s.t("profile.stack", show(k.Larger.Title.In(lang)), len(k.Done), len(k.Done)+len(k.Left)) + "\n")
		if k.CreditsAll > 0 {
			fmt.Fprintf(b, "  %s\n", s.t("profile.credits", number(k.CreditsDone), number(k.CreditsAll), k.Larger.Credits.Scheme))
		}
		for _, d := range k.Done {
			fmt.Fprintf(b, "  ✓ %s\n", show(d.Offer.Title.In(lang)))
		}
		for _, d := range k.Left {
			fmt.Fprintf(b, "  – %s  %s\n", show(d.Offer.Title.In(lang)), show(d.Offer.Ref()))
		}
	}
}

// records writes the results of files, which prove nothing, apart from all
// that is said of skills, and counts them.
func (s *session) records(b *strings.Builder, p competence.Profile) (n int) {
	for _, a := range p.Achieved {
		if !a.Recorded {
			continue
		}
		if n++; n == 1 {
			b.WriteString(s.t("profile.records") + "\n")
		}
		date, credits := "", ""
		if !a.On.IsZero() {
			date = a.On.Format("2006-01-02")
		}
		if a.Credits > 0 {
			credits = s.t("profile.record-credits", number(a.Credits))
		}
		s.resultLine(b, a.Title, a.IssuerName, date, credits, a.Result)
	}
	return n
}

func (s *session) ground(g competence.Ground) string {
	switch {
	case g.Source == "":
		return s.t("ground.own")
	case g.Grade == competence.Read:
		return s.t("ground.read", show(g.Title), show(g.Words))
	}
	date := ""
	if !g.On.IsZero() {
		date = ", " + s.day(g.On)[:10]
	}
	return s.t("ground."+g.Grade.String(), show(g.Title)+date)
}

func (s *session) profileGap() *cobra.Command {
	var f personFlags
	var team, audience, goal string
	var issuers []string
	c := s.leaf("profile.gap", "gap", 0, 0, []string{
		"bevis profile gap --goal sveiser",
		"bevis profile gap --goal stilling.txt",
		"bevis profile gap --goal helsefagarbeider --team delt/ --audience https://arbeidsgiver.example",
	}, func(ctx context.Context, _ []string) error {
		if goal == "" {
			return reason.New("usage/missing-flag", "--goal", "name an occupation, a skill, an offer or a file with a job's text")
		}
		if team != "" {
			return s.teamGap(ctx, f.catalogue, goal, team, audience, issuers)
		}
		w, cat, err := s.person(ctx, &f)
		if err != nil {
			return err
		}
		r, err := s.app.Recommend(ctx, w, cat, app.RecommendRequest{Goal: goal, Declared: f.declared})
		if err != nil {
			return err
		}
		out := struct {
			Schema string `json:"schema"`
			competence.Gap
		}{GapSchema, *r.Gap}
		return s.result(out, func(b *strings.Builder) { s.gap(b, *r.Gap) })
	})
	s.personFlags(c, &f)
	fl := c.Flags()
	fl.StringVar(&goal, "goal", "", s.t("flag.goal"))
	fl.StringVar(&team, "team", "", s.t("flag.team"))
	fl.StringVar(&audience, "audience", "", s.t("flag.audience"))
	fl.StringArrayVar(&issuers, "issuer", nil, s.t("flag.verify-issuer"))
	return c
}

func (s *session) gap(b *strings.Builder, g competence.Gap) {
	lang := s.p.Lang()
	b.WriteString(s.t("gap.title", show(g.Goal.Title.In(lang)), int(100*g.Share+0.5)) + "\n")
	if len(g.Skills) == 0 {
		b.WriteString(s.t("gap.nothing-read") + "\n")
	}
	for _, c := range g.Skills {
		sign := map[competence.Cover]string{competence.Proven: "✓", competence.Partly: "~", competence.Said: "?", competence.Missing: "–"}[c.Cover]
		optional := ""
		if !c.Essential {
			optional = s.t("gap.optional")
		}
		fmt.Fprintf(b, "  %s %s%s", sign, show(c.Label.In(lang)), optional)
		switch {
		case c.Cover == competence.Proven:
			fmt.Fprintf(b, ": %s", s.ground(c.By.Grounds[0]))
		case c.By != nil:
			fmt.Fprintf(b, ": %s", s.t("gap."+c.Cover.String(), show(c.By.Label.In(lang)), s.ground(c.By.Grounds[0])))
		case c.Words != "":
			fmt.Fprintf(b, ": %s", s.t("gap.asked", show(c.Words)))
		}
		b.WriteByte('\n')
	}
	b.WriteString(s.t("gap.signs") + "\n")
}

func (s *session) teamGap(ctx context.Context, folder, goalName, team, audience string, issuers []string) error {
	if audience == "" {
		return reason.New("usage/missing-flag", "--audience", "say who you are: what was shared with others is not for you")
	}
	cat, err := s.openCatalogue(ctx, folder)
	if err != nil {
		return err
	}
	goal, err := s.app.Goal(ctx, cat, goalName)
	if err != nil {
		return err
	}
	found, refused, err := s.app.Team(ctx, app.VerifyRequest{Inputs: s.app.Inputs(ctx, []string{team}, s.stdin), Audience: audience, Issuers: issuers}, cat)
	if err != nil {
		return err
	}
	gap := found.Gap(cat.Vocabulary, goal)
	offers, err := s.app.TeamOffers(ctx, cat, found, gap)
	if err != nil {
		return err
	}
	out := struct {
		Schema  string                 `json:"schema"`
		Team    competence.Team        `json:"team"`
		Map     []competence.TeamSkill `json:"skills"`
		Gap     competence.TeamGap     `json:"gap"`
		Offers  []app.TeamOffer        `json:"offers"`
		Refused []app.VerifyResult     `json:"refused,omitempty"`
	}{TeamSchema, found, found.Skills(), gap, offers, refused}
	return s.result(out, func(b *strings.Builder) {
		lang := s.p.Lang()
		b.WriteString(s.t("team.title", len(found.Members), show(goal.Title.In(lang))) + "\n")
		for _, c := range gap.Skills {
			switch {
			case len(c.Proven) > 0:
				fmt.Fprintf(b, "  ✓ %s: %s\n", show(c.Label.In(lang)), show(strings.Join(c.Proven, ", ")))
			case len(c.Partly) > 0:
				fmt.Fprintf(b, "  ~ %s: %s\n", show(c.Label.In(lang)), show(strings.Join(c.Partly, ", ")))
			default:
				fmt.Fprintf(b, "  – %s\n", show(c.Label.In(lang)))
			}
		}
		if len(offers) > 0 {
			b.WriteString("\n" + s.t("team.offers") + "\n")
		}
		for n, o := range offers {
			fmt.Fprintf(b, "%3d. ", n+1)
			s.offerLines(b, o.Listing, "     ")
			var closes []string
			for _, label := range o.Closes {
				closes = append(closes, label.In(lang))
			}
			fmt.Fprintf(b, "     %s\n", s.t("team.closes", show(strings.Join(closes, ", "))))
			if len(o.For) > 0 {
				fmt.Fprintf(b, "     %s\n", s.t("team.for", show(strings.Join(o.For, ", "))))
			}
		}
		if len(refused) > 0 {
			b.WriteString("\n" + s.t("team.refused") + "\n")
		}
		for _, r := range refused {
			fmt.Fprintf(b, "  %s: %s [%s]\n", show(r.Input), s.p.Code("reason.", r.Reason), r.Reason)
		}
		b.WriteString("\n" + s.t("team.note") + "\n")
	})
}
