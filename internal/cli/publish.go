package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/charter"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/lint"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

// issuerCharter makes the commands for a provider's self-declaration.
func (s *session) issuerCharter() *cobra.Command {
	return s.group("charter", s.charterSign(), s.charterShow())
}

func (s *session) charterSign() *cobra.Command {
	var c charter.Charter
	var accredited []string
	until := ""
	cmd := s.leaf("issuer.charter.sign", "sign", 0, 0, []string{
		`bevis issuer charter sign --staff "…" --material "…" --services "…" \`,
		`    --accredited "NOKUT=https://www.nokut.no/…" --accredited "NOKUT=https://www.nokut.no/…=ECTS"`,
	}, func(ctx context.Context, _ []string) error {
		for _, gap := range []struct{ text, flag string }{{c.Staff, "--staff"}, {c.Material, "--material"}, {c.Services, "--services"}} {
			if strings.TrimSpace(gap.text) == "" {
				return reason.New(reason.Usage, gap.flag, "a charter makes all three commitments, each in your own words")
			}
		}
		for _, text := range accredited {
			by, address, ok := strings.Cut(text, "=")
			if !ok || strings.TrimSpace(by) == "" {
				return reason.New(reason.Usage, "--accredited", "give WHO=URL, or WHO=URL=SCHEME such as \"NOKUT=https://…=studiepoeng\"")
			}
			a := charter.Accreditation{By: by, URL: address}
			if at := strings.LastIndexByte(address, '='); at > 0 && !strings.ContainsAny(address[at:], "/?&.") && catalogue.WebAddress(address[:at]) && !strings.Contains(address[:at], "?") {
				a.URL, a.Scheme = address[:at], address[at+1:]
			}
			c.Accreditations = append(c.Accreditations, a)
		}
		if until != "" {
			var err error
			if c.Until, err = app.ParseUntil(until, s.app.Now()); err != nil {
				return err
			}
		}
		signed, err := s.app.CharterSign(ctx, c)
		if err != nil {
			return err
		}
		if err := s.showCharter(signed); err != nil {
			return err
		}
		s.note("charter.next")
		return nil
	})
	f := cmd.Flags()
	f.StringVar(&c.Staff, "staff", "", s.t("flag.charter-staff"))
	f.StringVar(&c.Material, "material", "", s.t("flag.charter-material"))
	f.StringVar(&c.Services, "services", "", s.t("flag.charter-services"))
	f.StringArrayVar(&accredited, "accredited", nil, s.t("flag.charter-accredited"))
	f.StringVar(&until, "valid-until", "", s.t("flag.charter-until"))
	return cmd
}

func (s *session) charterShow() *cobra.Command {
	var o outFlags
	c := s.leaf("issuer.charter.show", "show", 0, 0, []string{"bevis issuer charter show", "bevis issuer charter show -o charter.json"}, func(ctx context.Context, _ []string) error {
		c, raw, err := s.app.CharterShow(ctx)
		if err != nil && c.Provider == "" {
			return err
		}
		if o.file != "" {
			return s.deliver(raw, o.file, o)
		}
		if shown := s.showCharter(c); shown != nil {
			return shown
		}
		return err
	})
	s.outFlags(c, &o)
	return c
}

func (s *session) showCharter(c charter.Charter) error {
	return s.result(c, func(w *strings.Builder) {
		s.row(w, "label.name", c.Name)
		s.row(w, "label.id", c.Provider)
		s.commitments(w, c)
		s.row(w, "label.from", s.day(c.From))
		s.row(w, "label.until", s.day(c.Until))
	})
}

// commitments says what a provider declares, in its own words.
func (s *session) commitments(w *strings.Builder, c charter.Charter) {
	s.row(w, "label.staff", c.Staff)
	s.row(w, "label.material", c.Material)
	s.row(w, "label.services", c.Services)
	for _, a := range c.Accreditations {
		s.row(w, "label.accredited", strings.TrimSpace(a.By+" "+a.URL+" "+a.Scheme))
	}
}

func (s *session) cataloguePublish(folder *string) *cobra.Command {
	var r app.PublishRequest
	var o outFlags
	until := ""
	c := s.leaf("catalogue.publish", "publish [FILE…]", 0, -1, []string{
		"bevis catalogue publish courses.csv --currency NOK --country NO -o offers.bevis",
		"bevis catalogue publish --provider https://kurs.example -o offers.bevis",
	}, func(ctx context.Context, args []string) error {
		if o.file == "" {
			return reason.New(reason.Usage, "--output", "name the file to write: -o offers.bevis")
		}
		if err := app.Free(o.file, o.force); err != nil {
			return err
		}
		if until != "" {
			var err error
			if r.Until, err = app.ParseUntil(until, s.app.Now()); err != nil {
				return err
			}
		}
		r.Folder = s.catalogueFolder(*folder)
		r.Inputs = s.app.ImportInputs(ctx, args, s.stdin)
		done, err := s.app.Publish(ctx, r)
		if err != nil {
			var b strings.Builder
			s.problems(&b, done.Problems)
			if b.Len() > 0 {
				fmt.Fprint(s.env.Stderr, b.String())
			}
			return err
		}
		if err := s.deliver(done.Raw, o.file, o); err != nil {
			return err
		}
		return s.result(done, func(b *strings.Builder) {
			s.problems(b, done.Problems)
			b.WriteString(s.t("publish.done", done.Offers, show(done.Provider), s.day(done.Issued), s.day(done.Until)) + "\n")
			if done.Charter.Before(done.Until) {
				b.WriteString(s.t("publish.charter-ends", s.day(done.Charter)) + "\n")
			}
			if done.Lacking > 0 {
				b.WriteString(s.t("publish.lacking", done.Lacking) + "\n")
			}
		})
	})
	f := c.Flags()
	s.outFlags(c, &o)
	f.StringVar(&r.Provider, "provider", "", s.t("flag.publish-provider"))
	f.StringVar(&r.Country, "country", "", s.t("flag.publish-country"))
	f.StringVar(&until, "valid-until", "", s.t("flag.publish-until"))
	f.BoolVar(&r.LeaveOut, "leave-out-broken", false, s.t("flag.publish-leave-out"))
	s.sourceFlags(c, &r.Source)
	return c
}

// sourceFlags are those by which a source is read.
func (s *session) sourceFlags(c *cobra.Command, o *formats.Options) {
	c.Flags().StringVar(&o.Base, "base", "", s.t("flag.import-base"))
	c.Flags().StringVar(&o.Language, "text-language", "", s.t("flag.import-language"))
	c.Flags().StringVar(&o.Currency, "currency", "", s.t("flag.import-currency"))
}

func (s *session) catalogueLint(folder *string) *cobra.Command {
	var source formats.Options
	provider := ""
	c := s.leaf("catalogue.lint", "lint [FILE…]", 0, -1, []string{"bevis catalogue lint courses.csv", "bevis catalogue lint --provider did:web:kurs.example"},
		func(ctx context.Context, args []string) error {
			if provider != "" {
				source.Provider = catalogue.Provider{ID: provider, Name: catalogue.Texts{"und": provider}}
			}
			results, err := s.app.LintOffers(ctx, s.app.ImportInputs(ctx, args, s.stdin), source, s.catalogueFolder(*folder), provider)
			if err != nil {
				return err
			}
			out := struct {
				Schema  string           `json:"schema"`
				AtIssue []lint.Element   `json:"atIssue"` // what no offer can lack: it comes with the credential
				Results []app.OffersLint `json:"results"`
			}{"bevis.catalogue-lint/v1", lint.AtIssue(), results}
			for _, r := range results {
				for _, p := range r.Problems {
					if p.Severity == formats.Broken {
						s.class = reason.Failure
					}
				}
				for _, o := range r.Offers {
					if lint.Lacks(o.Findings) {
						s.class = reason.Failure
					}
				}
			}
			return s.result(out, func(b *strings.Builder) {
				for _, r := range results {
					s.linted(b, r)
				}
			})
		})
	c.Flags().StringVar(&provider, "provider", "", s.t("flag.lint-provider"))
	s.sourceFlags(c, &source)
	return c
}

// linted writes what each offer lacks, and then what each lacking element
// means for the learner and how to say it, once.
func (s *session) linted(b *strings.Builder, r app.OffersLint) {
	s.problems(b, r.Problems)
	counts := map[lint.Element]int{}
	say := map[lint.Element]string{}
	lacking := 0
	for _, o := range r.Offers {
		sign := "✓"
		var words []string
		for _, f := range o.Findings {
			word := s.t("lint.element." + string(f.Element))
			if f.Severity == lint.IfApplicable {
				word += " (" + s.t("lint.if-applicable") + ")"
			}
			words = append(words, word)
			counts[f.Element]++
			say[f.Element] = f.Say
		}
		if len(words) > 0 {
			sign = "!"
		}
		if lint.Lacks(o.Findings) {
			sign = "✗"
			lacking++
		}
		if len(words) > 0 {
			fmt.Fprintf(b, "%s %s: %s\n    %s\n", sign, show(o.Title.In(s.p.Lang())), strings.Join(words, ", "), show(o.Ref))
		}
	}
	b.WriteString(s.t("lint.summary", show(r.Input), string(r.Format), len(r.Offers), lacking) + "\n")
	for _, e := range lint.Elements() {
		if counts[e] == 0 {
			continue
		}
		fmt.Fprintf(b, "  %s (%d): %s\n", s.t("lint.element."+string(e)), counts[e], s.t("lint.means."+string(e)))
		if say[e] != "" {
			fmt.Fprintf(b, "    → %s\n", s.t("lint.say", string(r.Format), say[e]))
		} else {
			fmt.Fprintf(b, "    → %s\n", s.t("lint.unsayable", string(r.Format), lint.Say(e, formats.JSONLines)))
		}
	}
	var later []string
	for _, e := range lint.AtIssue() {
		later = append(later, s.t("lint.element."+string(e)))
	}
	b.WriteString(s.t("lint.at-issue", strings.Join(later, ", ")) + "\n")
}

// signedRows says of an offer's provider what it signed and declared.
func (s *session) signedRows(b *strings.Builder, p catalogue.Provider) {
	now := s.app.Now()
	if p.Signed == nil {
		return
	}
	text := "offer.signed-by"
	if !p.Signed.InForce(now) {
		text = "offer.signed-ended"
	}
	s.row(b, "label.signed", s.t(text, p.Signed.Key, s.day(p.Signed.Issued), s.day(p.Signed.Until)))
	if !p.Signed.Declares(now) {
		s.row(b, "label.charter", s.t("charter.ended", s.day(p.Signed.Declared)))
		return
	}
	s.row(b, "label.charter", s.t("charter.own-word", s.day(p.Signed.Declared)))
	if c, err := s.app.CharterRead(p.Charter); err == nil {
		s.commitments(b, c)
	}
}

// signedFacts are the same in few words.
func (s *session) signedFacts(p catalogue.Provider) []string {
	switch now := s.app.Now(); {
	case p.Signed.InForce(now) && p.Signed.Declares(now):
		return []string{s.t("offer.signed-declared")}
	case p.Signed.InForce(now):
		return []string{s.t("offer.signed")}
	}
	return nil
}
