package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential/key"
)

const publisher = "did:web:statistikk.example"

func period() terms.Period { return terms.Period{From: "2014-01-01", To: "2023-12-31"} }

// ref names a course as offers are named.
func (d *data) ref(c int32) string { return fmt.Sprintf("did:web:mooccubex.example#C_%05d", d.ids[c]) }

// aggregate has each person of a split make a contribution. The data has an
// order and no days, so days are made up in that order.
func aggregate(d *data, s *split, shape stats.Shape) (*stats.Aggregator, error) {
	days := make([]catalogue.Date, 3600)
	for i := range days {
		days[i] = catalogue.Date(time.Date(2014, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly))
	}
	refs := make([]string, len(d.ids))
	for c := range refs {
		refs[c] = d.ref(int32(c))
	}
	a, err := stats.NewAggregator(period(), shape, refs)
	if err != nil {
		return nil, err
	}
	for _, h := range s.histories {
		visits := make([]stats.Visit, len(h))
		for i, c := range h {
			visits[i] = stats.Visit{Course: refs[c], Day: days[i]}
		}
		c, err := stats.Contribute(visits, func(string) bool { return true }, stats.Transitions, period(), shape)
		if err != nil {
			return nil, err
		}
		if err := a.Add(c); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// filed is a published file whose weights are chosen.
type filed struct {
	name  string
	shape stats.Shape
	rule  terms.Rule
	use   stats.Use
	draws int // of the noise
}

func about() terms.About {
	return terms.About{By: publisher, Period: period(), Made: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
}

// rows asks the file about each course alone.
func rows(p *stats.Published, d *data, s *split) *matrix {
	m := newMatrix(s.courses)
	place := map[string]int{}
	for c := range d.ids {
		place[d.ref(int32(c))] = c
	}
	parallel(m.n, func(i int) {
		for ref, v := range p.Scores([]string{d.ref(int32(i))}) {
			m.row(i)[place[ref]] = float32(float64(v) / stats.One)
		}
	})
	return m
}

func scores(p *stats.Published, m *matrix) ranker {
	first := float64(p.Use.Recency[0])
	return linear(m, recency{"", func(age int) float64 {
		if age >= len(p.Use.Recency) {
			return 0
		}
		return float64(p.Use.Recency[age]) / first
	}})
}

// release makes the file as it would be published, signs it, opens it as a
// reader would, and scores by what is in it.
func (f filed) release(ctx context.Context, d *data, s *split) (ranker, string, error) {
	a, err := aggregate(d, s, f.shape)
	if err != nil {
		return nil, "", err
	}
	manifest := &terms.Manifest{Budget: f.rule.Epsilon}
	p, err := a.Release(ctx, f.rule, f.use, about(), manifest)
	if err != nil {
		return nil, "", err
	}
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		return nil, "", err
	}
	raw, err := stats.Sign(ctx, p, private.Signer(publisher+"#key-1"))
	if err != nil {
		return nil, "", err
	}
	read, err := stats.Open(raw, func(string) (key.Public, error) { return private.Public(), nil })
	if err != nil {
		return nil, "", err
	}
	if !bytes.Equal(read.Marshal(), p.Marshal()) {
		return nil, "", fmt.Errorf("the file reads as another one")
	}
	checked, err := exact(read, d, s)
	if err != nil {
		return nil, "", err
	}
	note := fmt.Sprintf("%d bytes of JSON, %d signed; %d courses, %d cells, %d people told; ε spent %.3f; %d scores compared with the sum of their contributions, all equal",
		len(p.Marshal()), len(raw), len(read.Courses()), read.Cells(), read.People, float64(manifest.Spent())/1000, checked)
	return scores(read, rows(read, d, s)), note, nil
}

// exact compares scores with the sums of their contributions, for every
// course and every 1,000th person.
func exact(p *stats.Published, d *data, s *split) (compared int, err error) {
	for u := 0; u < len(s.histories); u += 1000 {
		history := make([]string, len(s.histories[u]))
		for i, c := range s.histories[u] {
			history[i] = d.ref(c)
		}
		all := p.Scores(history)
		for _, course := range p.Courses() {
			sum := int64(0)
			for _, part := range p.Contributions(history, course) {
				sum += part.Value
			}
			if sum != all[course] {
				return compared, fmt.Errorf("person %d, course %s: the score is %d, its contributions are %d", u, course, all[course], sum)
			}
			compared++
		}
	}
	return compared, nil
}

func power(p float64) []int {
	out := make([]int, 50)
	for age := range out {
		out[age] = int(math.Round(1000 * math.Pow(float64(age+1), -p)))
	}
	return out
}

// geometric are weights 10·δ^n for pairs up to n apart, 1 at the least.
func geometric(delta float64, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = max(1, int(math.Round(10*math.Pow(delta, float64(i)))))
	}
	return out
}

// tunePublished chooses shapes and weights on valid: for the least number of
// people, and for each ε.
func tunePublished(ctx context.Context, chosen *notes, d *data, valid *split) ([]filed, error) {
	people := []filed{}
	for _, shape := range []stats.Shape{
		{Courses: 200, Pairs: 2000, Weights: geometric(.6, 50)},
		{Courses: 200, Pairs: 2000, Weights: geometric(.6, 10)},
	} {
		for _, pop := range []int{10, 20, 30} {
			people = append(people, filed{shape: shape, rule: terms.Rule{MinPeople: 10, Round: 5}, use: stats.Use{Smooth: 10, Popularity: pop}})
		}
	}
	best, err := choose(ctx, d, valid, people)
	if err != nil {
		return nil, err
	}
	plain := best.filed
	plain.name, plain.draws = "published file, k ≥ 10, directed", 1
	chosen.add("%s: %s", plain.name, best)
	people = []filed{}
	for _, factors := range [][2]int{{64, 30}, {64, 60}, {128, 30}, {128, 60}, {128, 100}} {
		f := plain
		f.use.Rank, f.use.LowRank = factors[0], factors[1]
		people = append(people, f)
	}
	if best, err = choose(ctx, d, valid, people); err != nil {
		return nil, err
	}
	ranked := best.filed
	ranked.name, ranked.draws = "published file, k ≥ 10, directed + low-rank", 1
	chosen.add("%s: %s", ranked.name, best)
	out := []filed{plain, ranked}
	for _, epsilon := range []int{8000, 3000} {
		f, err := tunePrivate(ctx, chosen, d, valid, epsilon)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// tunePrivate chooses first how many pairs a person gives and the threshold,
// then what bounds and steadies the denominators, then factors.
func tunePrivate(ctx context.Context, chosen *notes, d *data, valid *split, epsilon int) (filed, error) {
	options := []filed{}
	for _, pairs := range []int{1, 2, 3, 4} {
		for _, weights := range [][]int{{1}, {1, 1}} {
			scale := float64(pairs) / (float64(epsilon) / 1000 * .83)
			for _, tail := range []float64{3, 4.5} {
				options = append(options, filed{
					shape: stats.Shape{Courses: 4, Pairs: pairs, Weights: weights},
					rule:  terms.Rule{Epsilon: epsilon, Threshold: int(math.Ceil(tail * scale))},
					use:   stats.Use{Smooth: 40},
				})
			}
		}
	}
	best, err := choose(ctx, d, valid, options)
	if err != nil {
		return filed{}, err
	}
	options = []filed{}
	for _, courses := range []int{2, 3, 5} {
		for _, smooth := range []int{20, 40, 80} {
			f := best.filed
			f.shape.Courses, f.use.Smooth = courses, smooth
			options = append(options, f)
		}
	}
	if best, err = choose(ctx, d, valid, options); err != nil {
		return filed{}, err
	}
	options = []filed{best.filed}
	for _, factors := range [][2]int{{32, 30}, {32, 100}, {64, 30}, {64, 100}} {
		f := best.filed
		f.use.Rank, f.use.LowRank = factors[0], factors[1]
		options = append(options, f)
	}
	if best, err = choose(ctx, d, valid, options); err != nil {
		return filed{}, err
	}
	f := best.filed
	f.name, f.draws = fmt.Sprintf("published file, ε = %d", epsilon/1000), 3
	chosen.add("%s: %s", f.name, best)
	return f, nil
}

type choice struct {
	filed
	decay float64
	ndcg  float64
}

func (c choice) String() string {
	return fmt.Sprintf("pairs ≤ %d a person, weights %v, courses ≤ %d; round %d; threshold %d; recency (age+1)^-%.2f; smooth %d; popularity^-%.2f; rank %d × %.3f (%.4f)",
		c.shape.Pairs, c.shape.Weights, c.shape.Courses, c.rule.Round, c.rule.Threshold, c.decay, c.use.Smooth, float64(c.use.Popularity)/100, c.use.Rank, float64(c.use.LowRank)/1000, c.ndcg)
}

// mostBytes is what a signed file may have; signing adds a third.
const mostBytes = 2_000_000

// choose tries all options on valid, several at once, and takes none whose
// file is too large.
func choose(ctx context.Context, d *data, valid *split, options []filed) (choice, error) {
	aggregators := map[string]*stats.Aggregator{}
	for _, f := range options {
		if shape := fmt.Sprint(f.shape); aggregators[shape] == nil {
			a, err := aggregate(d, valid, f.shape)
			if err != nil {
				return choice{}, err
			}
			aggregators[shape] = a
		}
	}
	found, errs := make([]choice, len(options)), make([]error, len(options))
	parallel(len(options), func(i int) {
		f := options[i]
		f.use.Recency = power(1)
		p, err := aggregators[fmt.Sprint(f.shape)].Release(ctx, f.rule, f.use, about(), &terms.Manifest{Budget: f.rule.Epsilon})
		if err != nil {
			errs[i] = err
			return
		}
		if len(p.Marshal())*4/3 > mostBytes {
			return
		}
		m := rows(p, d, valid)
		for _, decay := range []float64{.8, 1, 1.2, 1.5, 2} {
			p.Use.Recency = power(decay)
			if x := evaluate(scores(p, m), valid, tuneStep).ndcg(); x > found[i].ndcg {
				f.use.Recency = power(decay)
				found[i] = choice{f, decay, x}
			}
		}
	})
	best := choice{}
	for _, c := range found {
		if c.ndcg > best.ndcg {
			best = c
		}
	}
	return best, errors.Join(errs...)
}
