package review

import (
	"math"

	"github.com/kompetansebevis/bevis/catalogue"
)

// Rule is the name of a rule that lowers the weight of reviews. docs/reviews.md
// explains each.
type Rule string

// Rules returns the rules in the order in which they are applied.
func Rules() []Rule {
	return []Rule{ruleStale, ruleMinted, ruleIssuer, ruleBurst, ruleMoreThanIssued, ruleShare, ruleIssuedNotTold}
}

// The numbers are choices:
// they make buying a standing dearer and slower, and let an ordinary course of
// thirty people a term through.
const (
	// ruleStale: nobody has been able to say for 45 days whether the
	// credential was revoked. Such reviews do not count.
	ruleStale Rule = "stale"
	// ruleMinted: at least 5 credentials issued within one week were reviewed
	// within that week or the next, and 9 of 10 gave the highest rating. Such
	// a group counts as 2 reviews.
	ruleMinted Rule = "minted"
	// ruleIssuer: half or more of at least 10 reviews over all courses of an
	// issuer are of the kind that ruleMinted is about. All reviews with its
	// credentials count half.
	ruleIssuer Rule = "issuer"
	// ruleBurst: reviews of one week count as 10 at the most.
	ruleBurst Rule = "burst"
	// ruleMoreThanIssued: there are more reviews than credentials, so one of
	// the two figures is wrong. They count as half of what was issued at the
	// most.
	ruleMoreThanIssued Rule = "more-than-issued"
	// ruleShare: more than half of all who got the credential have reviewed
	// the course, and more than 10 have. Half, or 10, is what counts.
	ruleShare Rule = "share"
	// ruleIssuedNotTold: the provider does not tell how many credentials it
	// has issued. Reviews count as 20 at the most.
	ruleIssuedNotTold Rule = "issued-not-told"
)

const (
	mintedLeast, mintedCap, mintedTop = 5, 2, 0.9
	issuerLeast, issuerFactor         = 10, 0.5
	burstCap                          = 10
	shareLeast, sharePart             = 10, 0.5
	notToldCap                        = 20
	topRating                         = 5
)

// limit lowers the weights of the chosen reviews, each by the same factor, so
// that they add up to at most most, and notes the rule if that changed any.
func (c *course) limit(rule Rule, most float64, chosen func(weighed) bool) {
	sum, n := 0.0, 0
	for _, r := range c.reviews {
		if chosen(r) && r.weight > 0 {
			sum, n = sum+r.weight, n+1
		}
	}
	if sum <= most+tiny {
		return
	}
	for i, r := range c.reviews {
		if chosen(r) {
			c.reviews[i].weight *= most / sum
		}
	}
	if last := len(c.rules) - 1; last >= 0 && c.rules[last].Rule == rule {
		c.rules[last].Reviews += n
		c.rules[last].Discount += sum - most
		return
	}
	c.rules = append(c.rules, Applied{rule, n, sum - most})
}

func all(weighed) bool { return true }

func (c *course) stale(today catalogue.Date) {
	c.limit(ruleStale, 0, func(r weighed) bool { return r.stale(today) })
}

// weeks returns the different values of a week, in the order of the reviews.
func (c *course) weeks(of func(weighed) catalogue.Date) []catalogue.Date {
	var out []catalogue.Date
	known := map[catalogue.Date]bool{}
	for _, r := range c.reviews {
		if w := of(r); !known[w] {
			known[w] = true
			out = append(out, w)
		}
	}
	return out
}

func (c *course) mint() {
	for _, issued := range c.weeks(func(r weighed) catalogue.Date { return r.IssuedWeek }) {
		prompt := func(r weighed) bool {
			if r.IssuedWeek != issued || r.weight <= 0 {
				return false
			}
			days := daysBetween(r.IssuedWeek, r.Week)
			return days >= 0 && days <= 7
		}
		n, top := 0.0, 0.0
		for _, r := range c.reviews {
			if prompt(r) {
				n++
				if r.Rating == topRating {
					top++
				}
			}
		}
		if issued == "" || n < mintedLeast || top < mintedTop*n {
			continue
		}
		for i, r := range c.reviews {
			c.reviews[i].minted = r.minted || prompt(r)
		}
		c.limit(ruleMinted, mintedCap, prompt)
	}
}

// mintingIssuers are the issuers that ruleIssuer is about.
func mintingIssuers(courses []*course) map[string]bool {
	reviews, minted := map[string]int{}, map[string]int{}
	for _, c := range courses {
		for _, r := range c.reviews {
			reviews[r.Issuer]++
			if r.minted {
				minted[r.Issuer]++
			}
		}
	}
	out := map[string]bool{}
	for issuer, n := range reviews {
		out[issuer] = n >= issuerLeast && 2*minted[issuer] >= n
	}
	return out
}

func (c *course) distrust(minters map[string]bool) {
	chosen := func(r weighed) bool { return minters[r.Issuer] }
	sum := 0.0
	for _, r := range c.reviews {
		if chosen(r) {
			sum += r.weight
		}
	}
	c.limit(ruleIssuer, sum*issuerFactor, chosen)
}

func (c *course) burst() {
	for _, week := range c.weeks(func(r weighed) catalogue.Date { return r.Week }) {
		c.limit(ruleBurst, burstCap, func(r weighed) bool { return r.Week == week })
	}
}

func (c *course) share() {
	n := len(c.reviews)
	switch {
	case c.issued == 0:
		c.limit(ruleIssuedNotTold, notToldCap, all)
	case n > c.issued:
		c.limit(ruleMoreThanIssued, sharePart*float64(c.issued), all)
	default:
		c.limit(ruleShare, math.Max(shareLeast, sharePart*float64(c.issued)), all)
	}
}
