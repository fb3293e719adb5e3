package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

func popularity(s *split) ranker {
	return func(_ int, _ []int32, out []float32) {
		for c, n := range s.taken {
			out[c] = float32(n)
		}
	}
}

// recency is how much a course counts by how many came after it.
type recency struct {
	name string
	at   func(age int) float64
}

// recencies are those tried for each method; the first is none.
func recencies() []recency {
	out := []recency{{"no decay", func(int) float64 { return 1 }}}
	for _, g := range []float64{.9, .8, .7, .6} {
		out = append(out, recency{fmt.Sprintf("decay %.1f^age", g), func(age int) float64 { return math.Pow(g, float64(age)) }})
	}
	for _, p := range []float64{.75, 1, 1.25, 1.5} {
		out = append(out, recency{fmt.Sprintf("decay (age+1)^-%.2f", p), func(age int) float64 { return math.Pow(float64(age+1), -p) }})
	}
	return out
}

// linear sums the rows of a history.
func linear(m *matrix, r recency) ranker {
	weights := make([]float32, 2000)
	for age := range weights {
		weights[age] = float32(r.at(age))
	}
	return func(_ int, history []int32, out []float32) {
		for i, c := range history {
			axpy(out, m.row(int(c)), weights[len(history)-1-i])
		}
	}
}

// base is what methods are made of, for one split.
type base struct {
	*split
	kept map[string]*matrix
}

func (b *base) keep(name string, f func() *matrix) *matrix {
	if b.kept[name] == nil {
		b.kept[name] = f()
	}
	return b.kept[name]
}

// together counts the people who took both courses.
func (b *base) together() *matrix {
	return b.keep("together", func() *matrix {
		m := newMatrix(b.courses)
		for _, h := range b.histories {
			for _, i := range h {
				row := m.row(int(i))
				for _, j := range h {
					row[j]++
				}
			}
		}
		return m
	})
}

// directed counts those who took j after i, by delta to the power of how many
// came between, for each who took i, divided by a power of who took j.
func (b *base) directed(delta, beta float64) *matrix {
	return b.keep(fmt.Sprint("directed", delta, beta), func() *matrix {
		m := newMatrix(b.courses)
		for _, h := range b.histories {
			for p, i := range h {
				row, w := m.row(int(i)), 1.
				for _, j := range h[p+1:] {
					if w < 1e-6 {
						break
					}
					row[j] += float32(w)
					w *= delta
				}
			}
		}
		damp := make([]float32, m.n)
		for j, n := range b.taken {
			damp[j] = float32(math.Pow(max(1, n), -beta))
		}
		for i := range m.n {
			people := float32(b.taken[i] + 10)
			for j := range m.row(i) {
				m.row(i)[j] *= damp[j] / people
			}
		}
		return m
	})
}

// cosine keeps the k most alike of each course.
func (b *base) cosine(k int, shrink float64) *matrix {
	return b.keep(fmt.Sprint("cosine", k, shrink), func() *matrix {
		g, m := b.together(), newMatrix(b.courses)
		parallel(m.n, func(j int) {
			type near struct {
				i int
				v float32
			}
			var all []near
			for i := range m.n {
				if v := float64(g.row(i)[j]); v > 0 && i != j {
					all = append(all, near{i, float32(v / (math.Sqrt(b.taken[i]*b.taken[j]) + shrink))})
				}
			}
			slices.SortFunc(all, func(a, b near) int { return cmp.Or(cmp.Compare(b.v, a.v), cmp.Compare(a.i, b.i)) })
			for _, x := range all[:min(k, len(all))] {
				m.row(x.i)[j] = x.v
			}
		})
		return m
	})
}

// ease is Steck's closed-form autoencoder (2019).
func (b *base) ease(lambda float64) *matrix {
	return b.keep(fmt.Sprint("ease", lambda), func() *matrix {
		g, n := b.together(), b.courses
		a := make([]float64, n*n)
		for i, v := range g.a {
			a[i] = float64(v)
		}
		for i := range n {
			a[i*n+i] += lambda
		}
		invert(a, n)
		m := newMatrix(n)
		for i := range n {
			for j := range n {
				if i != j {
					m.a[i*n+j] = float32(-a[i*n+j] / a[j*n+j])
				}
			}
		}
		return m
	})
}

const mostFactors = 256

// lowRank is the ideal low-pass filter of graph filtering (Shen and others,
// GF-CF, 2021): the rank leading eigenvectors of the normalised counts.
func (b *base) lowRank(rank int) *matrix {
	return b.keep(fmt.Sprint("low rank", rank), func() *matrix {
		// The vectors lie in the first rows of a matrix.
		kept := b.keep("vectors", func() *matrix {
			g, m := newMatrix(b.courses), newMatrix(b.courses)
			for i := range g.n {
				for j, v := range b.together().row(i) {
					g.row(i)[j] = v / float32(math.Sqrt(max(1, b.taken[i])*max(1, b.taken[j])))
				}
			}
			for k, x := range eigenvectors(g, mostFactors) {
				for i, v := range x {
					m.row(k)[i] = float32(v)
				}
			}
			return m
		})
		m, root := newMatrix(b.courses), make([]float32, b.courses)
		for i, n := range b.taken {
			root[i] = float32(math.Sqrt(max(1, n)))
		}
		parallel(m.n, func(i int) {
			out := m.row(i)
			for k := range rank {
				axpy(out, kept.row(k), kept.row(k)[i])
			}
			for j := range out {
				out[j] *= root[j] / root[i]
			}
		})
		return m
	})
}

// variant is one choice of weights of a family.
type variant struct {
	name string
	rows func(*base) *matrix
}

// family is a method with its choices. A steady one is shown
// without recency too.
type family struct {
	name     string
	steady   bool
	variants func(best map[string]variant) []variant
}

// pick is a method whose weights are chosen.
type pick struct {
	name string
	fit  func(*split) ranker
}

func families() *suite {
	s := &suite{bases: map[*split]*base{}, best: map[string]variant{}}
	s.families = []family{
		{"item-kNN cosine", true, func(map[string]variant) (out []variant) {
			for _, k := range []int{50, 200, 4000} {
				for _, shrink := range []float64{0, 10} {
					out = append(out, variant{fmt.Sprintf("%d neighbours, shrink %.0f", k, shrink), func(b *base) *matrix { return b.cosine(k, shrink) }})
				}
			}
			return out
		}},
		{"EASE", true, func(map[string]variant) (out []variant) {
			for _, lambda := range []float64{20, 50, 100, 200} {
				out = append(out, variant{fmt.Sprintf("λ %.0f", lambda), func(b *base) *matrix { return b.ease(lambda) }})
			}
			return out
		}},
		{"directed counts", false, func(map[string]variant) (out []variant) {
			for _, delta := range []float64{0, .4, .5, .6, .7, .8} {
				for _, beta := range []float64{0, .1, .2} {
					out = append(out, variant{fmt.Sprintf("δ %.1f, popularity^-%.1f", delta, beta), func(b *base) *matrix { return b.directed(delta, beta) }})
				}
			}
			return out
		}},
		{"directed + low-rank filter", false, func(best map[string]variant) (out []variant) {
			directed := best["directed counts"]
			for _, rank := range []int{128, 256} {
				for _, w := range []float32{.05, .1, .2} {
					out = append(out, variant{fmt.Sprintf("%s + %.2f × rank %d", directed.name, w, rank), func(b *base) *matrix { return directed.rows(b).plus(b.lowRank(rank), w) }})
				}
			}
			return out
		}},
		{"directed + EASE", false, func(best map[string]variant) (out []variant) {
			directed := best["directed counts"]
			for _, lambda := range []float64{50, 100, 200} {
				for _, w := range []float32{.2, .3, .5, .7} {
					out = append(out, variant{fmt.Sprintf("%s + %.1f × EASE λ %.0f", directed.name, w, lambda), func(b *base) *matrix { return directed.rows(b).plus(b.ease(lambda), w) }})
				}
			}
			return out
		}},
	}
	return s
}

type suite struct {
	families []family
	bases    map[*split]*base
	best     map[string]variant // by family, what was chosen
}

func (s *suite) base(of *split) *base {
	if s.bases[of] == nil {
		s.bases[of] = &base{of, map[string]*matrix{}}
	}
	return s.bases[of]
}

// forget lets go of what was computed for a split.
func (s *suite) forget() { clear(s.bases) }

// tune chooses weights on valid.
func (s *suite) tune(f family, chosen *notes, valid *split) []pick {
	type choice struct {
		variant
		recency
		ndcg float64
	}
	var plain, decayed choice
	for _, v := range f.variants(s.best) {
		m := v.rows(s.base(valid))
		for i, r := range recencies() {
			to := &decayed
			if i == 0 {
				to = &plain
			}
			if x := evaluate(linear(m, r), valid, tuneStep).ndcg(); x > to.ndcg {
				*to = choice{v, r, x}
			}
		}
	}
	s.best[f.name] = decayed.variant
	var out []pick
	take := func(name string, c choice) {
		chosen.add("%s: %s, %s (%.4f)", name, c.variant.name, c.recency.name, c.ndcg)
		out = append(out, pick{name, func(on *split) ranker { return linear(c.rows(s.base(on)), c.recency) }})
	}
	if f.steady {
		take(f.name, plain)
	}
	take(f.name+" + recency decay", decayed)
	return out
}
