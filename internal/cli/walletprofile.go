package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/internal/app"
)

func (s *session) walletProfile(f *walletFlags) *cobra.Command {
	folder := ""
	var declared, issuers []string
	c := s.leaf("wallet.profile", "profile", 0, 0, []string{"bevis wallet profile", "bevis wallet profile --json", "bevis wallet profile --declare tysk"},
		func(ctx context.Context, _ []string) error {
			cat, err := s.walletCatalogue(ctx, folder)
			if err != nil {
				return err
			}
			w, err := s.open(ctx, f)
			if err != nil {
				return err
			}
			p, err := s.app.WalletProfile(ctx, w, cat, declared, issuers)
			if err != nil {
				return err
			}
			return s.result(p, func(b *strings.Builder) { s.provenProfile(b, p) })
		})
	fl := c.Flags()
	fl.StringVar(&folder, "catalogue", "", s.t("flag.catalogue"))
	fl.StringArrayVar(&declared, "declare", nil, s.t("flag.declare"))
	fl.StringArrayVar(&issuers, "issuer", nil, s.t("flag.verify-issuer"))
	return c
}

// walletCatalogue opens the catalogue. Only one that is named has to be there:
// what credentials say themselves needs none.
func (s *session) walletCatalogue(ctx context.Context, folder string) (*app.Catalogue, error) {
	if folder != "" {
		return s.openCatalogue(ctx, folder)
	}
	c, err := s.app.CatalogueIfThere(ctx, s.catalogueFolder(""))
	if err == nil && c.Store != nil {
		s.catalogue = c
	}
	return c, err
}

// provenProfile writes what is proven, and apart from it, under headings of
// their own, what is not.
func (s *session) provenProfile(b *strings.Builder, p app.WalletProfile) {
	s.skills(b, "profile.proven", p.Proven)
	if p.EQF > 0 {
		fmt.Fprintf(b, "  %s\n", s.t("profile.eqf", p.EQF))
	}
	s.achieved(b, "profile.achieved", p.Achieved)
	s.skills(b, "profile.read", p.Read)
	if len(p.Proven)+len(p.Achieved)+len(p.Read) == 0 {
		b.WriteString(s.t("profile.nothing-proven") + "\n")
	}
	for n, a := range p.NotProven {
		if n == 0 {
			b.WriteString("\n" + s.t("profile.not-proven") + "\n")
		}
		fmt.Fprintf(b, "  %s\n      %s [%s]\n", show(a.Title), s.p.Code("reason.", a.Why), a.Why)
	}
	if len(p.Claimed.Skills)+len(p.Claimed.Achieved) > 0 {
		b.WriteString("\n" + s.t("profile.claimed-apart") + "\n")
		s.skills(b, "profile.declared", p.Claimed.Skills)
		s.achieved(b, "profile.self-issued", p.Claimed.Achieved)
	}
	if len(p.Histories.Skills)+len(p.Histories.Achieved) > 0 {
		b.WriteString("\n" + s.t("profile.histories-apart") + "\n")
		s.skills(b, "profile.recorded", p.Histories.Skills)
		s.records(b, competence.Profile{Achieved: p.Histories.Achieved})
	}
}

// skills writes skills under a heading, each with all its grounds.
func (s *session) skills(b *strings.Builder, title string, skills []competence.Skill) {
	for n, k := range skills {
		if n == 0 {
			b.WriteString(s.t(title) + "\n")
		}
		fmt.Fprintf(b, "  %s\n", show(k.Label.In(s.p.Lang())))
		for _, g := range k.Grounds {
			ground := s.ground(g)
			if g.Grade == competence.Declared && g.Source != "" {
				ground = s.t("ground.self-issued", show(g.Title))
			}
			fmt.Fprintf(b, "      %s\n", ground)
		}
	}
}

func (s *session) achieved(b *strings.Builder, title string, achieved []competence.Achieved) {
	for n, a := range achieved {
		if n == 0 {
			b.WriteString(s.t(title) + "\n")
		}
		date, until := "", ""
		if !a.On.IsZero() {
			date = s.day(a.On)[:10]
		}
		if !a.Until.IsZero() {
			until = "– " + s.day(a.Until)[:10]
		}
		s.resultLine(b, a.Title, a.IssuerName, date, until)
	}
}
