package stats

import (
	"errors"
	"math"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestLaplace compares draws with the distribution that the accounting rests
// on.
func TestLaplace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ s, t uint32 }{{1, 1}, {6640, 8000}, {3, 20}, {2490, 12000}, {5, 1}} {
		const draws = 300_000
		n := steadyNoise(7)
		counts := map[int]int{}
		for range draws {
			counts[n.laplace(c.s, c.t)]++
		}
		rate := float64(c.s) / float64(c.t)
		a := math.Exp(-rate)
		for y := -5; y <= 5; y++ {
			p := (1 - a) / (1 + a) * math.Pow(a, math.Abs(float64(y)))
			sigma := math.Sqrt(p * (1 - p) * draws)
			if diff := math.Abs(float64(counts[y]) - p*draws); diff > 5*sigma+1 {
				t.Errorf("%d/%d: %d was drawn %d times, expected %.0f ± %.0f", c.s, c.t, y, counts[y], p*draws, sigma)
			}
		}
		// Far out, where thresholds lie.
		far := int(math.Ceil(6 / rate))
		p, beyond := math.Pow(a, float64(far))/(1+a), 0
		for y, k := range counts {
			if y >= far {
				beyond += k
			}
		}
		if diff := math.Abs(float64(beyond) - p*draws); diff > 5*math.Sqrt(p*draws)+1 {
			t.Errorf("%d/%d: %d draws of %d or more, expected %.0f", c.s, c.t, beyond, far, p*draws)
		}
	}
}

func TestBelowIsEven(t *testing.T) {
	t.Parallel()
	n := steadyNoise(3)
	counts := make([]int, 7)
	for range 70_000 {
		counts[n.below(7)]++
	}
	for i, k := range counts {
		if k < 9500 || k > 10_500 {
			t.Errorf("%d: %d times", i, k)
		}
	}
	if n.below(1) != 0 {
		t.Error("below 1 is 0")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

// TestNoNoiseNoRelease: without random numbers nothing is released.
func TestNoNoiseNoRelease(t *testing.T) {
	t.Parallel()
	m := &Manifest{Budget: 8000}
	p, err := crowd(t, shape(), 100).release(t.Context(), Rule{Epsilon: 8000, Threshold: 5}, use(), about(), m, newNoise(broken{}))
	if p != nil || reason.CodeOf(err) != reason.IO || len(m.Releases) != 0 {
		t.Error(p, err, m)
	}
}

func TestSecureNoiseDiffers(t *testing.T) {
	t.Parallel()
	one, two := secureNoise(), secureNoise()
	for range 100 {
		if one.laplace(1, 1000) != two.laplace(1, 1000) {
			return
		}
	}
	t.Error("100 equal draws")
}
