package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// bpr is matrix factorisation by Bayesian personalised ranking (Rendle and
// others, 2009).
type bpr struct {
	dims, epochs   int
	rate, restrain float32
}

func (b bpr) String() string {
	return fmt.Sprintf("%d dimensions, rate %.3f, regularisation %.3f, %d epochs", b.dims, b.rate, b.restrain, b.epochs)
}

// fit trains on a split. It is the same each time.
func (b bpr) fit(s *split) ranker {
	rng := rand.New(rand.NewPCG(1, 2))
	vectors := func(n int) []float32 {
		v := make([]float32, n*b.dims)
		for i := range v {
			v[i] = float32(rng.NormFloat64() * .1)
		}
		return v
	}
	people, courses, bias := vectors(len(s.histories)), vectors(s.courses), make([]float32, s.courses)
	type taken struct{ u, c int32 }
	var all []taken
	for u, h := range s.histories {
		for _, c := range h {
			all = append(all, taken{int32(u), c})
		}
	}
	for epoch := range b.epochs {
		rate := b.rate * (1 - float32(epoch)/float32(b.epochs))
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, t := range all {
			other := int32(rng.IntN(s.courses))
			for slices.Contains(s.histories[t.u], other) {
				other = int32(rng.IntN(s.courses))
			}
			p := people[int(t.u)*b.dims:][:b.dims]
			x, y := courses[int(t.c)*b.dims:][:len(p)], courses[int(other)*b.dims:][:len(p)]
			score := bias[t.c] - bias[other]
			for k := range p {
				score += p[k] * (x[k] - y[k])
			}
			g := rate / (1 + float32(math.Exp(float64(score))))
			shrink := rate * b.restrain
			bias[t.c] += g - shrink*bias[t.c]
			bias[other] -= g + shrink*bias[other]
			for k, f := range p {
				p[k] += g*(x[k]-y[k]) - shrink*f
				x[k] += g*f - shrink*x[k]
				y[k] -= g*f + shrink*y[k]
			}
		}
	}
	// By dimension, so that all courses are scored along rows.
	turned := make([]float32, len(courses))
	for c := range s.courses {
		for k := range b.dims {
			turned[k*s.courses+c] = courses[c*b.dims+k]
		}
	}
	return func(u int, _ []int32, out []float32) {
		copy(out, bias)
		for k, f := range people[u*b.dims:][:b.dims] {
			axpy(out, turned[k*s.courses:][:s.courses], f)
		}
	}
}

// tuneBPR tries rates of learning and of regularisation, then dimensions and
// epochs.
func tuneBPR(chosen *notes, valid, test *split) ranker {
	best, ndcg := bpr{}, 0.
	try := func(options []bpr) {
		scores := make([]float64, len(options))
		parallel(len(options), func(i int) { scores[i] = evaluate(options[i].fit(valid), valid, tuneStep).ndcg() })
		for i, x := range scores {
			if x > ndcg {
				best, ndcg = options[i], x
			}
		}
	}
	try([]bpr{{64, 30, .2, .002}, {64, 30, .2, .005}, {64, 30, .4, .002}, {64, 30, .4, .005}})
	try([]bpr{{best.dims, 100, best.rate, best.restrain}, {128, 60, best.rate, best.restrain}})
	chosen.add("BPR matrix factorisation: %s (%.4f)", best, ndcg)
	return best.fit(test)
}
