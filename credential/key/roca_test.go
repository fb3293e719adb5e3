package key

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"
)

func TestWeakModulus(t *testing.T) {
	t.Parallel()
	// The primes of the library are k·M + (65537^a mod M); their product is a
	// power of 65537 modulo M and so modulo each of its primes.
	m := big.NewInt(1)
	for p := int64(2); p <= 167; p++ {
		if big.NewInt(p).ProbablyPrime(0) {
			m.Mul(m, big.NewInt(p))
		}
	}
	like := func(a, k int64) *big.Int {
		x := new(big.Int).Exp(big.NewInt(65537), big.NewInt(a), m)
		return x.Add(x, new(big.Int).Mul(m, big.NewInt(k)))
	}
	if n := new(big.Int).Mul(like(1234, 77), like(98765, 5)); !weakModulus(n) {
		t.Error("a modulus of that form is not noticed")
	}
	if weakModulus(new(big.Int).Add(like(1234, 77), big.NewInt(2))) {
		t.Error("a number of another form is refused")
	}
	sound, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if weakModulus(sound.N) {
		t.Error("a sound key is refused")
	}
}

func BenchmarkWeakModulus(b *testing.B) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		weakModulus(k.N)
	}
}
