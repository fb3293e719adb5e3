package link

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// cell is one entry of a sparse matrix.
type cell struct {
	column int32
	value  float32
}

// matrix is dense, row after row.
type matrix struct {
	width int
	data  []float32
}

func newMatrix(rows, width int) matrix { return matrix{width, make([]float32, rows*width)} }

func (m matrix) rows() int { return len(m.data) / max(1, m.width) }

func (m matrix) row(i int) []float32 { return m.data[i*m.width : (i+1)*m.width : (i+1)*m.width] }

// How the decomposition is computed: with so many directions more than are
// kept, so many times over, from the same random start each time.
const (
	oversample = 10
	rounds     = 2
	seed       = 20
)

// reduce returns for each row of a sparse matrix a vector of width numbers whose
// products are near those of the rows: the left singular vectors times the
// square roots of the singular values, by randomized subspace iteration
// (Halko, Martinsson and Tropp 2011).
func reduce(rows [][]cell, columns, width int) matrix {
	k := min(width+oversample, len(rows), columns)
	width = min(width, k)
	if width == 0 {
		return newMatrix(len(rows), 0)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	right := newMatrix(columns, k)
	for i := range right.data {
		right.data[i] = float32(random.NormFloat64())
	}
	left := newMatrix(len(rows), k)
	times(rows, right, left)
	for range rounds {
		orthogonalize(left)
		timesTransposed(rows, left, right)
		times(rows, right, left)
	}
	orthogonalize(left)
	timesTransposed(rows, left, right)
	values, vectors := eigen(gram(right))
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case values[a] > values[b]:
			return -1
		case values[a] < values[b]:
			return 1
		}
		return 0
	})
	turn := newMatrix(width, k) // the rows are directions
	for j := range width {
		scale := math.Sqrt(math.Sqrt(max(values[order[j]], 0))) // the values are squares
		for i := range k {
			turn.row(j)[i] = float32(vectors[i][order[j]] * scale)
		}
	}
	out := newMatrix(len(rows), width)
	for i := range rows {
		from, to := left.row(i), out.row(i)
		for j := range to {
			to[j] = dot(from, turn.row(j))
		}
	}
	return out
}

// times computes rows · right.
func times(rows [][]cell, right, left matrix) {
	clear(left.data)
	inHalves(right.width, func(from, to int) {
		for i, cells := range rows {
			sum := left.row(i)[from:to]
			for _, c := range cells {
				add(sum, right.row(int(c.column))[from:to], c.value)
			}
		}
	})
}

// timesTransposed computes the transpose of rows · left.
func timesTransposed(rows [][]cell, left, right matrix) {
	clear(right.data)
	inHalves(right.width, func(from, to int) {
		for i, cells := range rows {
			part := left.row(i)[from:to]
			for _, c := range cells {
				add(right.row(int(c.column))[from:to], part, c.value)
			}
		}
	})
}

// inHalves does two parts of the columns at the same time. Each number is
// computed as if it were done alone, so that the result is the same.
func inHalves(columns int, do func(from, to int)) {
	var wait sync.WaitGroup
	wait.Go(func() { do(0, columns/2) })
	do(columns/2, columns)
	wait.Wait()
}

// gram returns the products of the columns with each other.
func gram(m matrix) [][]float64 {
	k := m.width
	g := make([][]float64, k)
	for i := range g {
		g[i] = make([]float64, k)
	}
	sums := newMatrix(k, k)
	for r := range m.rows() {
		row := m.row(r)
		for i, x := range row {
			add(sums.row(i)[:i+1], row[:i+1], x)
		}
		if r%64 == 63 || r == m.rows()-1 { // in blocks, to lose no precision
			for i := range g {
				for j, x := range sums.row(i)[:i+1] {
					g[i][j] += float64(x)
				}
			}
			clear(sums.data)
		}
	}
	for i := range g {
		for j := range i {
			g[j][i] = g[i][j]
		}
	}
	return g
}

// orthogonalize makes the columns orthonormal, by the Cholesky factor of their
// products.
func orthogonalize(m matrix) {
	g := gram(m)
	for i := range g {
		for j := 0; j <= i; j++ {
			s := g[i][j]
			for a := range j {
				s -= g[i][a] * g[j][a]
			}
			if i == j {
				g[i][i] = math.Sqrt(max(s, 1e-9))
			} else {
				g[i][j] = s / g[j][j]
			}
		}
	}
	factor := newMatrix(m.width, m.width)
	for i := range g {
		for j := 0; j <= i; j++ {
			factor.row(i)[j] = float32(g[i][j])
		}
	}
	for r := range m.rows() {
		row := m.row(r)
		for i := range row {
			f := factor.row(i)
			row[i] = (row[i] - dot(f[:i], row[:i])) / f[i]
		}
	}
}

// eigen returns the eigenvalues of a symmetric matrix, and the eigenvectors as
// columns, by Jacobi's rotations. It works in a.
func eigen(a [][]float64) (values []float64, vectors [][]float64) {
	n := len(a)
	vectors = make([][]float64, n)
	for i := range vectors {
		vectors[i] = make([]float64, n)
		vectors[i][i] = 1
	}
	for range 8 {
		for p := range n {
			for q := p + 1; q < n; q++ {
				if math.Abs(a[p][q]) > 1e-7*math.Sqrt(math.Abs(a[p][p]*a[q][q])) {
					rotate(a, vectors, p, q)
				}
			}
		}
	}
	values = make([]float64, n)
	for i := range values {
		values[i] = a[i][i]
	}
	return values, vectors
}

func rotate(a, vectors [][]float64, p, q int) {
	theta := (a[q][q] - a[p][p]) / (2 * a[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range a {
		x, y := a[k][p], a[k][q]
		a[k][p], a[k][q] = c*x-s*y, s*x+c*y
	}
	for k := range a {
		x, y := a[p][k], a[q][k]
		a[p][k], a[q][k] = c*x-s*y, s*x+c*y
	}
	for k := range vectors {
		x, y := vectors[k][p], vectors[k][q]
		vectors[k][p], vectors[k][q] = c*x-s*y, s*x+c*y
	}
}

// add adds x times from to to.
func add(to, from []float32, x float32) {
	from = from[:len(to)]
	for len(to) >= 4 {
		to[0] += x * from[0]
		to[1] += x * from[1]
		to[2] += x * from[2]
		to[3] += x * from[3]
		to, from = to[4:], from[4:]
	}
	for i := range to {
		to[i] += x * from[i]
	}
}

func dot(a, b []float32) float32 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// normalize makes a vector as long as 1, if it has a direction.
func normalize(v []float32) {
	if n := dot(v, v); n > 0 {
		f := float32(1 / math.Sqrt(float64(n)))
		for i := range v {
			v[i] *= f
		}
	}
}
