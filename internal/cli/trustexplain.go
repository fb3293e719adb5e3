package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// TrustExplainSchema names the form of what "trust explain" says in JSON.
const TrustExplainSchema = "bevis.trust-explain/v1"

type trustExplainJSON struct {
	Schema       string               `json:"schema"`
	Issuer       string               `json:"issuer"`
	At           time.Time            `json:"at"`
	Types        []string             `json:"types"`
	Trusted      bool                 `json:"trusted"`
	Code         string               `json:"code,omitempty"` // why not, or why it cannot be told
	Name         string               `json:"name"`
	NameBy       string               `json:"nameBy,omitempty"`
	Source       string               `json:"source"`
	Why          string               `json:"why"`
	Quorum       int                  `json:"quorum"`
	Sources      int                  `json:"sources"` // independent ones that vouch
	MaxStatusAge string               `json:"maxStatusAge,omitempty"`
	Findings     []trustFindingJSON   `json:"findings"`
	ContinuedBy  *app.ResultContinued `json:"continuedBy,omitempty"`
}

type trustFindingJSON struct {
	app.ResultVoucher
	Vouches bool      `json:"vouches"`
	Because string    `json:"because,omitempty"` // why not
	When    time.Time `json:"when,omitzero"`
}

func (s *session) trustExplain() *cobra.Command {
	var at string
	var types []string
	c := s.leaf("trust.explain", "explain ISSUER", 1, 1, []string{
		`bevis trust explain did:web:uib.no`,
		`bevis trust explain did:web:uib.no --at 2026-01-01 --type OpenBadgeCredential --json`,
	}, func(ctx context.Context, args []string) error {
		if _, err := os.Stat(args[0]); err == nil {
			return reason.New(reason.Usage, args[0], "a file: give the id of its issuer, which bevis inspect FILE shows")
		}
		var when time.Time
		if at != "" {
			var err error
			if when, err = app.ParseDay(at); err != nil {
				return err
			}
		}
		x, err := s.app.TrustExplain(ctx, args[0], when, types)
		if err != nil {
			return err
		}
		switch {
		case x.Trusted:
		case x.Err != nil:
			s.class = reason.Undetermined
		default:
			s.class = reason.Untrusted
		}
		return s.result(explainJSON(x), func(w *strings.Builder) { s.explain(w, x) })
	})
	c.Flags().StringVar(&at, "at", "", s.t("flag.at"))
	c.Flags().StringArrayVar(&types, "type", nil, s.t("flag.trust-explain-type"))
	return c
}

func explainJSON(x trust.Explanation) trustExplainJSON {
	out := trustExplainJSON{
		Schema: TrustExplainSchema, Issuer: x.Issuer, At: x.At.UTC(), Types: x.Query.Types, Trusted: x.Trusted, Code: string(x.Code), Name: x.Name, NameBy: x.NameBy,
		Source: x.Source, Why: x.Why, Quorum: x.Quorum, Sources: x.Sources, MaxStatusAge: age(x.MaxStatusAge), Findings: []trustFindingJSON{},
	}
	if c := x.Continued; c != nil {
		out.ContinuedBy = &app.ResultContinued{ID: c.ID, Name: c.Name, Since: c.Since}
	}
	if x.Err != nil {
		out.Code = string(reason.CodeOf(x.Err))
	}
	for _, f := range x.Findings {
		out.Findings = append(out.Findings, trustFindingJSON{app.VoucherOf(f.Voucher), f.Vouches, string(f.Because), f.When})
	}
	return out
}

// explain says who vouches, within what limits, and what is missing.
func (s *session) explain(w *strings.Builder, x trust.Explanation) {
	code := string(reason.CodeOf(x.Err))
	switch {
	case x.Trusted:
		fmt.Fprintf(w, "✓ %s\n", s.t("trust.yes", show(x.Issuer), show(report.Place(s.p, x.Source))))
	case x.Err != nil:
		fmt.Fprintf(w, "? %s\n", s.t("trust.perhaps", show(x.Issuer)))
	default:
		code = string(x.Code)
		fmt.Fprintf(w, "✗ %s\n", s.t("trust.no", show(x.Issuer)))
	}
	if x.Name != "" {
		s.row(w, "label.name", x.Name)
		s.row(w, "label.name-by", report.Place(s.p, x.NameBy))
	}
	if c := x.Continued; c != nil {
		s.row(w, "label.continued", s.t("succession.covers", strings.TrimSpace(c.Name+" "+c.ID), s.day(c.Since)))
	}
	if x.Quorum > 1 {
		s.row(w, "label.sources", s.t("trust.sources", x.Sources, x.Quorum))
	}
	if x.Trusted && x.MaxStatusAge != 0 {
		s.row(w, "label.status", s.t("trust.status-age", trust.FormatAge(x.MaxStatusAge)))
	}
	if !x.Trusted && code != "" {
		fmt.Fprintf(w, "  %s [%s]\n", s.p.Code("reason.", code), code)
		s.row(w, "label.next", s.p.Code("next.", code))
	} else if !x.Trusted && len(x.Findings) == 0 && strings.Contains(x.Issuer, ":") {
		s.row(w, "label.next", s.t("trust.explain-next", show(x.Issuer)))
	}
	for _, f := range x.Findings {
		s.finding(w, f)
	}
}

func (s *session) finding(w *strings.Builder, f trust.Finding) {
	sign := "✗"
	switch {
	case f.Vouches:
		sign = "✓"
	case f.Err != nil:
		sign = "?"
	}
	fmt.Fprintf(w, "  %s %s\n", sign, show(report.Voucher(s.here(), app.VoucherOf(f.Voucher))))
	detail := func(text string) {
		if text != "" {
			fmt.Fprintf(w, "      %s\n", show(text))
		}
	}
	if !f.Vouches {
		detail(s.t("trust.because."+string(f.Because), s.day(f.When)))
	}
	detail(s.limits(f.Voucher))
	if f.Name != "" && f.By != "" && f.Because != trust.BecauseItself {
		detail(s.t("trust.calls-it", f.Name))
	}
	if f.Vouches && f.StatusAge != 0 {
		detail(s.t("trust.status-age", trust.FormatAge(f.StatusAge)))
	}
	detail(f.Note)
}

func (s *session) limits(v trust.Voucher) string {
	var all []string
	if !v.Since.IsZero() {
		all = append(all, s.t("trust.limit.since", s.day(v.Since)))
	}
	if !v.Until.IsZero() {
		all = append(all, s.t("trust.limit.until", s.day(v.Until)))
	}
	if v.Types != nil {
		all = append(all, s.t("trust.limit.types", strings.Join(v.Types, ", ")))
	}
	return strings.Join(all, "; ")
}
