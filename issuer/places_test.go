package issuer_test

import (
	"fmt"
	"testing"

	"github.com/kompetansebevis/bevis/issuer"
)

// TestEveryPlaceOnce: the order has each place of a list once.
func TestEveryPlaceOnce(t *testing.T) {
	t.Parallel()
	sizes := []int{1000, 4096, 131_072}
	for n := range 70 {
		sizes = append(sizes, n+1)
	}
	for _, size := range sizes {
		p := issuer.Secret{1}.Places("revocation", 1, size)
		seen := make([]bool, size)
		for n := range uint64(size) {
			at := p.At(n)
			if at >= uint64(size) || seen[at] {
				t.Fatalf("number %d of %d is the place %d, which is taken or outside", n, size, at)
			}
			seen[at] = true
		}
	}
}

// TestOrderIsForEver pins the order: a ledger that is kept goes on in it, and
// another one would give places again.
func TestOrderIsForEver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		secret  issuer.Secret
		purpose string
		list    int
		size    int
		want    string
	}{
		{issuer.Secret{}, "revocation", 1, 131_072, "[65138 87303 27829 38435 44474]"},
		{issuer.Secret{1}, "revocation", 1, 131_072, "[109417 29087 10501 122055 93746]"},
		{issuer.Secret{}, "suspension", 1, 131_072, "[102111 23159 56493 24291 131028]"},
		{issuer.Secret{}, "revocation", 2, 131_072, "[41023 115416 76261 54528 77174]"},
		{issuer.Secret{}, "revocation", 1, 100_000_000, "[40514069 58491145 98922767 15460601 86658950]"},
		{issuer.Secret{}, "revocation", 1, 5, "[1 2 3 4 0]"},
	} {
		p := tt.secret.Places(tt.purpose, tt.list, tt.size)
		var got []uint64
		for n := range uint64(5) {
			got = append(got, p.At(n))
		}
		if fmt.Sprint(got) != tt.want {
			t.Errorf("%x %s %d %d: %v, not %s", tt.secret[0], tt.purpose, tt.list, tt.size, got, tt.want)
		}
	}
}

// TestOrderTellsNothing: over many lists, the place of a number falls into each
// part of the list as often, and so does the way to that of the next number.
func TestOrderTellsNothing(t *testing.T) {
	t.Parallel()
	const size, lists, parts = 1 << 17, 4000, 16
	var at, step [parts]float64
	for l := range lists {
		p := issuer.Secret{7}.Places("revocation", l, size)
		first, next := p.At(uint64(l%97)), p.At(uint64(l%97)+1)
		at[first*parts/size]++
		step[(next+size-first)%size*parts/size]++
	}
	for name, counts := range map[string][parts]float64{"places": at, "steps": step} {
		chi := 0.0
		for _, c := range counts {
			chi += (c - lists/parts) * (c - lists/parts) / (lists / parts)
		}
		if chi > 58 { // 15 degrees of freedom: beyond 58 less than once in 10^6
			t.Errorf("%s: chi-square %.1f, %v", name, chi, counts)
		}
	}
}

// TestSmallListsHaveEveryOrder: of four places, all 24 orders come as often.
func TestSmallListsHaveEveryOrder(t *testing.T) {
	t.Parallel()
	const lists = 4800
	orders := map[string]float64{}
	for l := range lists {
		p := issuer.Secret{9}.Places("revocation", l, 4)
		orders[fmt.Sprint(p.At(0), p.At(1), p.At(2), p.At(3))]++
	}
	chi := 0.0
	for _, c := range orders {
		chi += (c - lists/24) * (c - lists/24) / (lists / 24)
	}
	if len(orders) != 24 || chi > 72 { // 23 degrees of freedom: beyond 72 about once in 10^6
		t.Errorf("%d orders, chi-square %.1f", len(orders), chi)
	}
}

func BenchmarkPlaces(b *testing.B) {
	for _, size := range []int{131_072, 100_000_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			p := issuer.Secret{}.Places("revocation", 1, size)
			b.ReportAllocs()
			for n := uint64(0); b.Loop(); n++ {
				p.At(n % uint64(size))
			}
		})
	}
}
