package stats

import (
	"crypto/rand"
	"encoding/binary"
	"io"

	"github.com/kompetansebevis/bevis/reason"
)

// noise draws from the discrete Laplace distribution exactly: whole numbers
// from secure random bits, no floating point, after Canonne, Kamath and
// Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms
// 1 and 2. What the last bits of a float tell about the number below the noise
// (Mironov 2012) is not there to be told. How long a draw takes depends on the
// noise alone.
type noise struct {
	bits   io.Reader
	buffer [4096]byte
	left   []byte // of buffer
	err    error
}

func newNoise(bits io.Reader) *noise { return &noise{bits: bits} }

func secureNoise() *noise { return newNoise(rand.Reader) }

// below returns a number from 0 to n-1, each equally likely (Lemire 2019). n
// is from 1 to 2^32-1.
func (r *noise) below(n uint32) uint32 {
	m := uint64(r.word()) * uint64(n)
	if low := uint32(m); low < n {
		for skip := -n % n; low < skip && r.err == nil; low = uint32(m) {
			m = uint64(r.word()) * uint64(n)
		}
	}
	return uint32(m >> 32)
}

func (r *noise) word() uint32 {
	if len(r.left) == 0 {
		if _, err := io.ReadFull(r.bits, r.buffer[:]); err != nil && r.err == nil {
			r.err = reason.New(reason.IO, "", "no random numbers: %w", err)
		}
		r.left = r.buffer[:]
	}
	x := binary.LittleEndian.Uint32(r.left)
	r.left = r.left[4:]
	return x
}

// expMinus is true with probability exp(-a/b), for a ≤ b.
func (r *noise) expMinus(a, b uint32) bool {
	k := uint32(1)
	for r.err == nil && r.below(b*k) < a {
		k++
	}
	return k%2 == 1
}

// laplace returns y with probability proportional to exp(-|y|·s/t). Both are
// below 2^27, so that t·k stays below 2^32 for as many k as ever come up: the
// chance of a 32nd is 1 in 32!.
func (r *noise) laplace(s, t uint32) int {
	if d := gcd(s, t); d > 1 {
		s, t = s/d, t/d
	}
	for r.err == nil {
		u := r.below(t)
		if !r.expMinus(u, t) {
			continue
		}
		v := 0
		for r.err == nil && r.expMinus(1, 1) {
			v++
		}
		y := (int(u) + int(t)*v) / int(s)
		negative := r.below(2) == 1
		if negative && y == 0 {
			continue
		}
		if negative {
			return -y
		}
		return y
	}
	return 0
}

func gcd(a, b uint32) uint32 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
