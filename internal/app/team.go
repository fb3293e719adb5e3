package app

import (
	"cmp"
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/recommend"
)

// TeamOffer is a course that closes what nobody of a team has shown, and whom
// to offer it to.
type TeamOffer struct {
	Listing catalogue.Listing `json:"listing"`
	Closes  []catalogue.Texts `json:"closes"`
	// For are those for whom it fits best by what they shared: an offer to
	// make, and no judgement of anybody.
	For []string `json:"for"`
}

// maxTeamOffers is how many courses are proposed, and to how many people each.
const (
	maxTeamOffers = 5
	maxTeamFor    = 3
)

// TeamOffers proposes, one after another, the course that closes most of what
// is still open, with those of the team whom it suits best.
func (a *App) TeamOffers(ctx context.Context, c *Catalogue, team competence.Team, gap competence.TeamGap) ([]TeamOffer, error) {
	offers, err := c.Listings(ctx)
	if err != nil {
		return nil, err
	}
	on := catalogue.Date(a.cfg.Now().Format("2006-01-02"))
	// By member and ref: what the course is for that person.
	scores := map[string]map[string]int64{}
	for _, m := range team.Members {
		open := m.Profile.Gap(c.Vocabulary, gap.Open())
		r := recommend.Rank(recommend.Input{Profile: m.Profile, Gap: &open, Offers: offers, Vocabulary: c.Vocabulary, On: on})
		scores[m.Name] = map[string]int64{}
		for _, s := range r.All() {
			scores[m.Name][s.Listing.Offer.Ref()] = s.Score
		}
	}
	var out []TeamOffer
	open := gap.Open().Wanted
	for len(out) < maxTeamOffers && len(open) > 0 {
		best, bestLeft := TeamOffer{}, open
		for _, l := range offers {
			if len(l.Offer.Runs) > 0 && !slices.ContainsFunc(l.Offer.Runs, func(r catalogue.Run) bool { return r.Start == "" || r.Start >= on }) {
				continue
			}
			var left []competence.Wanted
			var closes []catalogue.Texts
			for _, w := range open {
				if slices.ContainsFunc(l.Offer.Outcomes, func(o catalogue.Outcome) bool { return c.Vocabulary.Similar(o.Skill, w.URI) >= 0.7 }) {
					closes = append(closes, w.Label)
				} else {
					left = append(left, w)
				}
			}
			if len(closes) > len(best.Closes) {
				best, bestLeft = TeamOffer{Listing: l, Closes: closes}, left
			}
		}
		if len(best.Closes) == 0 {
			break
		}
		best.For = suits(team, scores, best.Listing.Offer.Ref())
		out, open = append(out, best), bestLeft
	}
	return out, nil
}

// suits returns those for whom a course has most to say for it; those who
// completed it have no score.
func suits(team competence.Team, scores map[string]map[string]int64, ref string) []string {
	var names []string
	for _, m := range team.Members {
		if scores[m.Name][ref] > 0 {
			names = append(names, m.Name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(scores[b][ref], scores[a][ref]) })
	return names[:min(len(names), maxTeamFor)]
}
