package main

import (
	"math"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

func TestInvert(t *testing.T) {
	t.Parallel()
	const n = 150 // more than two blocks, the last one not full
	a := make([]float64, n*n)
	for i := range n {
		for j := range n {
			a[i*n+j] = math.Cos(float64((i+1)*(j+1))) + math.Cos(float64((j+1)*(i+1)))
		}
		a[i*n+i] = 2 * n
	}
	b := slices.Clone(a)
	invert(b, n)
	for i := range n {
		for j := range n {
			sum := 0.0
			for k := range n {
				sum += a[i*n+k] * b[k*n+j]
			}
			if want := map[bool]float64{true: 1}[i == j]; math.Abs(sum-want) > 1e-9 {
				t.Fatalf("%d, %d: %g", i, j, sum)
			}
		}
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	scores := []float32{3, 9, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, float32(math.Inf(-1))}
	if got := best10(scores); !slices.Equal(got, []int{1, 0, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Error(got)
	}
	s := &split{courses: 13, histories: [][]int32{{1}, {1}, {1}}, target: []int32{0, 2, 11}}
	r := evaluate(func(_ int, _ []int32, out []float32) { copy(out, scores) }, s, 1)
	if !slices.Equal(r.gain, []float64{1, 1 / math.Log2(3), 0}) || r.hits != 2 || r.shown[1] != 0 || r.shown[10] != 3 {
		t.Error(r)
	}
	if g := gini([]float64{0, 0, 0, 4}); math.Abs(g-.75) > 1e-12 {
		t.Error(g)
	}
	if g := gini([]float64{2, 2, 2}); math.Abs(g) > 1e-12 {
		t.Error(g)
	}
}

func TestLowRank(t *testing.T) {
	t.Parallel()
	g := newMatrix(4)
	copy(g.a, []float32{2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, .5})
	v := eigenvectors(g, 2)
	if math.Abs(math.Abs(v[0][0])-math.Sqrt2/2) > 1e-3 || math.Abs(v[0][0]-v[0][1]) > 1e-3 || math.Abs(v[0][2]) > 1e-3 {
		t.Error(v)
	}
}

// TestHeldOut: no method sees the course that it is asked for, and the last
// course of the histories is not in the split that weights are chosen on.
func TestHeldOut(t *testing.T) {
	t.Parallel()
	d, err := load(testcorpus.Path(t, "catalogue", "mooccubex-train.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.histories) != 97_722 || len(d.ids) != 3320 {
		t.Fatal(len(d.histories), len(d.ids))
	}
	valid, test := d.holdOut(2), d.holdOut(1)
	for u, h := range d.histories {
		if v, s := valid.histories[u], test.histories[u]; len(v) != len(h)-2 || len(s) != len(h)-1 || valid.target[u] != s[len(s)-1] || test.target[u] != h[len(h)-1] ||
			slices.Contains(v, valid.target[u]) || slices.Contains(s, test.target[u]) {
			t.Fatal(u)
		}
	}
}
