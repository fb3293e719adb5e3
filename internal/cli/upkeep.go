package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/upkeep"
	"github.com/kompetansebevis/bevis/reason"
)

// maxChecked is how many addresses one run visits at the most.
const maxChecked = 5000

func (s *session) catalogueCheck(folder *string) *cobra.Command {
	provider, limit := "", 0
	c := s.leaf("catalogue.check", "check", 0, 0, []string{"bevis catalogue check", "bevis catalogue check --provider did:web:kurs.example --limit 50"}, func(ctx context.Context, _ []string) error {
		if limit < 1 || limit > maxChecked {
			return reason.New(reason.Usage, "--limit", "give a number from 1 to %d", maxChecked)
		}
		cat, err := s.openCatalogue(ctx, *folder)
		if err != nil {
			return err
		}
		done, err := s.app.CheckLinks(ctx, cat, provider, limit)
		if err != nil && len(done) == 0 {
			return err
		}
		if done == nil {
			done = []upkeep.Entry{}
		}
		if shown := s.result(done, func(b *strings.Builder) { s.checked(b, done) }); shown != nil {
			return shown
		}
		return err
	})
	c.Flags().StringVar(&provider, "provider", "", s.t("flag.check-provider"))
	c.Flags().IntVar(&limit, "limit", 200, s.t("flag.check-limit"))
	return c
}

func (s *session) checked(b *strings.Builder, done []upkeep.Entry) {
	counts := map[upkeep.State]int{}
	for _, e := range done {
		if counts[e.State]++; e.State == upkeep.OK {
			continue
		}
		fmt.Fprintf(b, "  %s\n      %s: %s\n", show(e.Ref), show(e.URL), s.linkState(e))
	}
	b.WriteString(s.t("check.done", len(done), counts[upkeep.OK], counts[upkeep.Moved], counts[upkeep.Gone], counts[upkeep.Away]+counts[upkeep.Untold]) + "\n")
}

// linkState says what is known of an address.
func (s *session) linkState(e upkeep.Entry) string {
	switch {
	case e.State == upkeep.Moved:
		return s.t("link.moved", show(e.To), s.day(e.Checked)[:10])
	case e.Dead() && e.Answered.IsZero():
		return s.t("link.dead", s.day(e.Since)[:10])
	case e.Dead():
		return s.t("link.dead-since", s.day(e.Since)[:10], s.day(e.Answered)[:10])
	}
	return s.t("link."+string(e.State), s.day(e.Checked)[:10])
}

// staleness are the marks of an offer that is not fresh. That it is over is
// told with its dates.
func (s *session) staleness(o catalogue.Offer) []string {
	if s.catalogue == nil {
		return nil
	}
	var marks []string
	e, why := s.catalogue.Upkeep.Entry(o.Ref()), s.app.Stale(s.catalogue, o)
	if slices.Contains(why, upkeep.Old) {
		marks = append(marks, s.t("offer.old", string(e.Imported)))
	}
	if slices.Contains(why, upkeep.Dead) {
		marks = append(marks, s.linkState(e))
	}
	return marks
}

func (s *session) linkRow(b *strings.Builder, e upkeep.Entry, o catalogue.Offer) {
	if e.URL == o.URL && !e.Checked.IsZero() {
		s.row(b, "label.link", s.linkState(e))
	}
}
