package review

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
)

// minCounted is how many reviews must count before a course gets a standing.
const minCounted = 5

// The numbers behind a standing. They are choices, not measurements.
const (
	priorMean     = 3.0   // of a catalogue without reviews
	priorWeight   = 5.0   // reviews that a course is taken to have at the catalogue's mean …
	priorVariance = 1.0   // … with this variance
	z             = 1.645 // one-sided 95 %
)

// Facts is what is known of a course beside its reviews.
type Facts struct {
	// Issued is how many credentials for the course there are, as the
	// provider tells; 0: not told.
	Issued int `json:"issued,omitempty"`
}

// Ranking is what reviews say of the courses of a catalogue.
type Ranking struct {
	Standings map[string]catalogue.Standing // by course; for catalogue.Store's Rate
	Courses   []Explanation                 // by course
	Mean      float64                       // of all reviews that count, shrunk to the middle of the scale
	// Neutral is the lower bound of a course that nobody has reviewed: where
	// lists are sorted by standing, courses without one take this place, so
	// that a new one comes before those with a bad standing and behind those
	// with a good one.
	Neutral float64
}

// Explanation says how a standing came about.
type Explanation struct {
	Course   string             `json:"course"`
	Reviews  int                `json:"reviews"` // that are shown
	Counted  float64            `json:"counted"` // the sum of their weights
	Issued   int                `json:"issued,omitempty"`
	Rules    []Applied          `json:"rules,omitempty"`
	Standing catalogue.Standing `json:"standing"`
}

// Applied is a rule that lowered the weight of reviews.
type Applied struct {
	Rule     Rule    `json:"rule"`
	Reviews  int     `json:"reviews"`  // whose weight it lowered
	Discount float64 `json:"discount"` // by how much in all
}

// Rank returns standings for records by the rules and the formula of
// docs/reviews.md. It depends on nothing but its arguments, and not on their
// order.
//
// With weights w and ratings r of a course, the mean m of the catalogue and
// C, v and z as above:
//
//	μ = (C·m + Σ w·r) / (C + Σw)
//	σ² = (C·(v + (m-μ)²) + Σ w·(r-μ)²) / (C + Σw)
//	lower = μ - z·sqrt(σ² / (C + Σw)), at least 1 and at most the plain mean
//
// The mean and the lower bound are left out under minCounted.
func Rank(records []Record, facts map[string]Facts, now time.Time) Ranking {
	courses := weigh(records, facts, dayOf(now))
	out := Ranking{Standings: map[string]catalogue.Standing{}}
	sum, weight := priorMean*priorWeight, priorWeight
	for _, c := range courses {
		for _, r := range c.reviews {
			sum, weight = sum+r.weight*float64(r.Rating), weight+r.weight
		}
	}
	out.Mean = sum / weight
	out.Neutral = out.Mean - z*math.Sqrt(priorVariance/priorWeight)
	for _, c := range courses {
		e := Explanation{Course: c.ref, Reviews: len(c.reviews), Issued: c.issued, Rules: c.rules}
		e.Counted = total(c.reviews)
		e.Standing = standing(c.reviews, out.Mean)
		out.Courses = append(out.Courses, e)
		out.Standings[c.ref] = e.Standing
	}
	return out
}

func standing(reviews []weighed, mean float64) catalogue.Standing {
	weight := total(reviews)
	out := catalogue.Standing{Reviews: int(weight + tiny)}
	if weight+tiny < minCounted {
		return out
	}
	sum := 0.0
	for _, r := range reviews {
		sum += r.weight * float64(r.Rating)
	}
	all := priorWeight + weight
	shrunk := (priorWeight*mean + sum) / all
	spread := priorWeight * (priorVariance + (mean-shrunk)*(mean-shrunk))
	for _, r := range reviews {
		d := float64(r.Rating) - shrunk
		spread += r.weight * d * d
	}
	out.Mean = sum / weight
	out.Lower = math.Max(1, math.Min(out.Mean, shrunk-z*math.Sqrt(spread/all/all)))
	return out
}

// tiny keeps sums of weights that make a whole number from being taken for
// less.
const tiny = 1e-9

// weighed is a review with what it counts.
type weighed struct {
	Record
	weight float64
	minted bool // ruleMinted is about it
}

// course is what the rules work on.
type course struct {
	ref     string
	issued  int
	reviews []weighed // by id
	rules   []Applied
}

func total(reviews []weighed) float64 {
	sum := 0.0
	for _, r := range reviews {
		sum += r.weight
	}
	return sum
}

// weigh applies the rules.
func weigh(records []Record, facts map[string]Facts, today catalogue.Date) []*course {
	by := map[string]*course{}
	for _, r := range records {
		if r.Withdrawn || r.Suspended {
			continue
		}
		c := by[r.Course]
		if c == nil {
			c = &course{ref: r.Course, issued: max(0, facts[r.Course].Issued)}
			by[r.Course] = c
		}
		c.reviews = append(c.reviews, weighed{Record: r, weight: 1})
	}
	courses := make([]*course, 0, len(by))
	for _, ref := range slices.Sorted(maps.Keys(by)) {
		c := by[ref]
		slices.SortFunc(c.reviews, func(x, y weighed) int { return cmp.Compare(x.ID, y.ID) })
		c.stale(today)
		c.mint()
		courses = append(courses, c)
	}
	minters := mintingIssuers(courses)
	for _, c := range courses {
		c.distrust(minters)
		c.burst()
		c.share()
	}
	return courses
}
