package bbs

import "testing"

// The figures are for a badge of the usual size: 64 statements that may be kept
// back, of which eight show.
const benchMessages = 64

func benchShown() []int { return []int{1, 5, 8, 13, 21, 34, 55, 63} }

func BenchmarkSign(b *testing.B) {
	s := newSigned(b, benchMessages)
	for b.Loop() {
		if _, err := s.suite.Sign(b.Context(), s.secret, s.header, s.messages); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProofGen(b *testing.B) {
	s := newSigned(b, benchMessages)
	for b.Loop() {
		s.prove(b, "nonce", benchShown()...)
	}
}

func BenchmarkProofVerify(b *testing.B) {
	s := newSigned(b, benchMessages)
	shown := s.prove(b, "nonce", benchShown()...)
	for b.Loop() {
		if err := s.suite.ProofVerify(b.Context(), shown); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGenerators is what the first signature of a process costs more.
func BenchmarkGenerators(b *testing.B) {
	for b.Loop() {
		if _, err := New().generators(b.Context(), benchMessages); err != nil {
			b.Fatal(err)
		}
	}
}
