package stats

import (
	"context"
	"math"

	"github.com/kompetansebevis/bevis/reason"
)

// factor computes Use.Rank numbers for each course from what is released and
// from nothing else, so they tell no more than the cells do: anybody could
// compute them from the file. They are the leading eigenvectors of how alike
// courses are, and score also those pairs that too few people took.
func (p *Published) factor(ctx context.Context) error {
	rank, n := p.Use.Rank, len(p.courses)
	if rank == 0 {
		return nil
	}
	if rank > n {
		return invalid("use", "/use/rank", "%d factors are more than there are courses", rank)
	}
	root := make([]float64, n)
	for i, t := range p.taken {
		root[i] = math.Sqrt(float64(t)) * math.Sqrt(float64(p.Shape.Weights[0]))
	}
	vectors := start(rank, n)
	for range 25 {
		if err := ctx.Err(); err != nil {
			return reason.Wrap(reason.Canceled, "", err)
		}
		for k, x := range vectors {
			y := make([]float64, n)
			copy(y, x) // the diagonal is 1
			for i, row := range p.next {
				for _, c := range row {
					v := float64(c.value) / (root[i] * root[c.to])
					y[i] += v * x[c.to]
					y[c.to] += v * x[i]
				}
			}
			vectors[k] = y
		}
		orthonormal(vectors)
	}
	p.factors = make([]int8, n*rank)
	for k, x := range vectors {
		for i, f := range x {
			p.factors[i*rank+k] = int8(max(-127, min(127, math.Round(f*factorScale))))
		}
	}
	return nil
}

// start fills vectors with numbers that are the same each time and follow no
// pattern.
func start(rank, n int) [][]float64 {
	state := uint64(1)
	out := make([][]float64, rank)
	for k := range out {
		out[k] = make([]float64, n)
		for i := range out[k] {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			out[k][i] = float64(int64(state)) / (1 << 63)
		}
	}
	orthonormal(out)
	return out
}

// orthonormal is Gram and Schmidt's, twice for the digits.
func orthonormal(vectors [][]float64) {
	for k, x := range vectors {
		for range 2 {
			for _, y := range vectors[:k] {
				dot := 0.0
				for i := range x {
					dot += x[i] * y[i]
				}
				for i := range x {
					x[i] -= dot * y[i]
				}
			}
		}
		norm := 0.0
		for _, f := range x {
			norm += f * f
		}
		if norm = math.Sqrt(norm); norm < 1e-12 {
			norm = 1 // no such direction is left; nothing of it counts
		}
		for i := range x {
			x[i] /= norm
		}
	}
}
