package main

import (
	"math"
	"sync"
)

// matrix is square, by rows.
type matrix struct {
	n int
	a []float32
}

func newMatrix(n int) *matrix { return &matrix{n, make([]float32, n*n)} }

func (m *matrix) row(i int) []float32 { return m.a[i*m.n : (i+1)*m.n] }

// plus returns m + w·o.
func (m *matrix) plus(o *matrix, w float32) *matrix {
	out := newMatrix(m.n)
	copy(out.a, m.a)
	axpy(out.a, o.a, w)
	return out
}

// axpy adds a·x to y.
func axpy(y, x []float32, a float32) {
	for len(y) >= 8 && len(x) >= 8 {
		p, q := (*[8]float32)(y), (*[8]float32)(x)
		p[0] += a * q[0]
		p[1] += a * q[1]
		p[2] += a * q[2]
		p[3] += a * q[3]
		p[4] += a * q[4]
		p[5] += a * q[5]
		p[6] += a * q[6]
		p[7] += a * q[7]
		y, x = y[8:], x[8:]
	}
	for i := range y {
		y[i] += a * x[i]
	}
}

// parallel calls f for 0 to n-1 from several goroutines.
func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
			}
		})
	}
	wg.Wait()
}

// invert inverts a symmetric positive definite matrix of n rows in place, by
// Gauss and Jordan in blocks, which needs no pivots there.
func invert(a []float64, n int) {
	const block = 64
	row := func(i int) []float64 { return a[i*n : (i+1)*n] }
	panel := make([]float64, block*n)
	for k0 := 0; k0 < n; k0 += block {
		b := min(block, n-k0)
		corner := make([]float64, b*b)
		for i := range b {
			copy(corner[i*b:], row(k0 + i)[k0:k0+b])
		}
		invertSmall(corner, b)
		parallel(b, func(i int) {
			y := panel[i*n : (i+1)*n]
			clear(y)
			for t, f := range corner[i*b : (i+1)*b] {
				for j, x := range row(k0 + t) {
					y[j] += f * x
				}
			}
			copy(y[k0:], corner[i*b:(i+1)*b])
		})
		parallel(n, func(i int) {
			if i >= k0 && i < k0+b {
				return
			}
			y := row(i)
			var f [block]float64
			copy(f[:b], y[k0:])
			clear(y[k0 : k0+b])
			t := 0
			for ; t+4 <= b; t += 4 {
				subtract4(y, panel[t*n:], f[t:])
			}
			for ; t < b; t++ {
				for j, x := range panel[t*n : (t+1)*n] {
					y[j] -= f[t] * x
				}
			}
		})
		for i := range b {
			copy(row(k0+i), panel[i*n:(i+1)*n])
		}
	}
}

// subtract4 subtracts the first four rows of panel from y, times f.
func subtract4(y, panel, f []float64) {
	n := len(y)
	x0, x1, x2, x3 := panel[:n], panel[n:2*n], panel[2*n:3*n], panel[3*n:4*n]
	f0, f1, f2, f3 := f[0], f[1], f[2], f[3]
	for i := range y {
		y[i] -= f0*x0[i] + f1*x1[i] + f2*x2[i] + f3*x3[i]
	}
}

func invertSmall(a []float64, n int) {
	for k := range n {
		pivot := 1 / a[k*n+k]
		a[k*n+k] = 1
		for j := range n {
			a[k*n+j] *= pivot
		}
		for i := range n {
			if i == k {
				continue
			}
			f := a[i*n+k]
			a[i*n+k] = 0
			for j := range n {
				a[i*n+j] -= f * a[k*n+j]
			}
		}
	}
}

// eigenvectors returns the rank leading ones of the symmetric matrix g, by
// block power iteration over its cells that are not 0.
func eigenvectors(g *matrix, rank int) [][]float64 {
	type cell struct {
		j int32
		v float64
	}
	cells := make([][]cell, g.n)
	for i := range cells {
		for j, v := range g.row(i) {
			if v != 0 {
				cells[i] = append(cells[i], cell{int32(j), float64(v)})
			}
		}
	}
	vectors := make([][]float64, rank)
	for k := range vectors {
		vectors[k] = make([]float64, g.n)
		for i := range vectors[k] {
			vectors[k][i] = math.Sin(float64(k*g.n+i) * 1.7)
		}
	}
	orthonormal(vectors)
	for range 15 {
		parallel(rank, func(k int) {
			x, y := vectors[k], make([]float64, g.n)
			for i, row := range cells {
				for _, c := range row {
					y[i] += c.v * x[c.j]
				}
			}
			vectors[k] = y
		})
		orthonormal(vectors)
	}
	return vectors
}

func orthonormal(vectors [][]float64) {
	for k, x := range vectors {
		for _, y := range vectors[:k] {
			dot := 0.0
			for i := range x {
				dot += x[i] * y[i]
			}
			for i := range x {
				x[i] -= dot * y[i]
			}
		}
		norm := 0.0
		for _, f := range x {
			norm += f * f
		}
		norm = math.Sqrt(norm)
		for i := range x {
			x[i] /= norm
		}
	}
}
