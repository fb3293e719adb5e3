package laplace

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// steady is a source of numbers that are the same each time.
type steady struct{ state uint64 }

func (s *steady) Read(p []byte) (int, error) {
	for i := 0; i+8 <= len(p); i += 8 {
		s.state += 0x9e3779b97f4a7c15
		z := s.state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		binary.LittleEndian.PutUint64(p[i:], z^z>>31)
	}
	return len(p) &^ 7, nil
}

// TestDraw compares draws with the distribution that the accounting rests
// on.
func TestDraw(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ s, t uint32 }{{1, 1}, {6640, 8000}, {3, 20}, {2490, 12000}, {5, 1}} {
		const draws = 300_000
		n := New(&steady{7})
		counts := map[int]int{}
		for range draws {
			counts[n.Draw(c.s, c.t)]++
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
	n := New(&steady{3})
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

func TestDrawsDiffer(t *testing.T) {
	t.Parallel()
	one, two := New(rand.Reader), New(rand.Reader)
	for range 100 {
		if one.Draw(1, 1000) != two.Draw(1, 1000) {
			return
		}
	}
	t.Error("100 equal draws")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestNoBits(t *testing.T) {
	t.Parallel()
	n := New(broken{})
	n.Draw(1, 1000)
	if reason.CodeOf(n.Err()) != reason.IO {
		t.Error(n.Err())
	}
}
