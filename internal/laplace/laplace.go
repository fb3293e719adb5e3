package laplace

import (
	"encoding/binary"
	"io"

	"github.com/kompetansebevis/bevis/reason"
)

// Source draws noise. It is for one goroutine.
type Source struct {
	bits   io.Reader
	buffer [4096]byte
	left   []byte // of buffer
	err    error
}

// New returns a source that reads its bits from crypto/rand.Reader, or from
// something that is the same each time in tests.
func New(bits io.Reader) *Source { return &Source{bits: bits} }

// Err returns why there were no random bits (io), if so: then no number that
// was drawn may be used.
func (r *Source) Err() error { return r.err }

// below returns a number from 0 to n-1, each equally likely (Lemire 2019). n
// is from 1 to 2^32-1.
func (r *Source) below(n uint32) uint32 {
	m := uint64(r.word()) * uint64(n)
	if low := uint32(m); low < n {
		for skip := -n % n; low < skip && r.err == nil; low = uint32(m) {
			m = uint64(r.word()) * uint64(n)
		}
	}
	return uint32(m >> 32)
}

func (r *Source) word() uint32 {
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
func (r *Source) expMinus(a, b uint32) bool {
	k := uint32(1)
	for r.err == nil && r.below(b*k) < a {
		k++
	}
	return k%2 == 1
}

// Draw returns y with probability proportional to exp(-|y|·s/t). Both are
// from 1 to below 2^27, so that t·k stays below 2^32 for as many k as ever come up: the
// chance of a 32nd is 1 in 32!.
func (r *Source) Draw(s, t uint32) int {
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
