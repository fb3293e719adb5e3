package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/compare"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) credentialCompare() *cobra.Command {
	details, part := false, ""
	c := s.leaf("credential.compare", "compare FILE FILE", 2, 2, []string{
		"bevis credential compare bevis.json bevis.sdjwt",
		"bevis credential compare vitnemal.png europass.jsonld --part 2 --details",
	}, func(ctx context.Context, args []string) error {
		first, err := s.app.OneInput(ctx, args[0], s.stdin)
		if err != nil {
			return err
		}
		second, err := s.app.OneInput(ctx, args[1], s.stdin)
		if err != nil {
			return err
		}
		done, err := s.app.Compare(ctx, first, second, part)
		if err != nil {
			return err
		}
		switch done.Outcome {
		case compare.Same:
		case compare.Unknown:
			s.class = reason.Undetermined
		default: // as diff and cmp have it; 3 to 6 say something of authenticity
			s.class = reason.Failure
		}
		if !s.json {
			s.note("compare.unchecked")
		}
		return s.result(done, func(w *strings.Builder) { s.comparison(w, done, details) })
	})
	c.Flags().BoolVar(&details, "details", false, s.t("flag.compare-details"))
	c.Flags().StringVar(&part, "part", "", s.t("flag.part"))
	return c
}

// comparison says where two documents say the same, and where not.
func (s *session) comparison(w *strings.Builder, c app.Comparison, details bool) {
	for n, f := range []app.ComparedFile{c.First, c.Second} {
		how := strings.TrimSpace(f.Form + " " + f.Carrier)
		if f.Kind != "" {
			how = s.t("compare.converted", strings.TrimSpace(string(f.Kind)+" "+f.Carrier), len(f.Lost))
		}
		fmt.Fprintf(w, "%c  %s  (%s)\n", 'A'+n, show(f.Input), how)
	}
	same, all := c.Count(compare.Same), len(c.Rows)
	differ := all - same - c.Count(compare.Unknown)
	switch c.Outcome {
	case compare.Same:
		fmt.Fprintf(w, "✓ %s\n", s.t("compare.same", all))
	case compare.Unknown:
		fmt.Fprintf(w, "? %s\n", s.t("compare.unknown", same, all))
	default:
		fmt.Fprintf(w, "✗ %s\n", s.t("compare.differs", differ, all))
	}
	switch {
	case c.Newer == "first":
		fmt.Fprintf(w, "  %s\n", s.t("compare.newer", "A", "B"))
	case c.Newer == "second":
		fmt.Fprintf(w, "  %s\n", s.t("compare.newer", "B", "A"))
	case c.SameCredential:
		fmt.Fprintf(w, "  %s\n", s.t("compare.one-credential"))
	default:
		fmt.Fprintf(w, "  %s\n", s.t("compare.two-credentials"))
	}
	for _, row := range c.Rows {
		if row.Outcome != compare.Same || details {
			s.compareRow(w, row)
		}
	}
}

func (s *session) compareRow(w *strings.Builder, row compare.Row) {
	sign, what := "✗", "compare."+row.Outcome.String()
	switch row.Outcome {
	case compare.Same:
		sign, what = "✓", "compare.row-same"
	case compare.Differs:
		what = "compare.row-differs"
	case compare.Unknown:
		sign, what = "?", "compare."+row.Why
	}
	fmt.Fprintf(w, "\n%s %s: %s\n", sign, show(row.Member), s.t(what))
	for n, side := range []*compare.Side{row.First, row.Second} {
		if side == nil {
			continue
		}
		language := ""
		if side.Language != "" {
			language = " @" + show(side.Language)
		}
		fmt.Fprintf(w, "    %c  %s%s  (%s)\n", 'A'+n, show(side.Value), language, show(side.At))
	}
}
