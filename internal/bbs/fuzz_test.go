package bbs

import (
	"bytes"
	"testing"
)

// Octets that are read are the only octets of what they say.

func FuzzReadProof(f *testing.F) {
	v := readVectors(f)
	for _, p := range v.Proofs {
		f.Add([]byte(p.Proof))
	}
	f.Add(make([]byte, proofFloor))
	f.Add(bytes.Repeat([]byte{0xc0}, proofFloor+scalarBytes))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if p, err := readProof(octets); err == nil && !bytes.Equal(p.octets(), octets) {
			t.Error("a proof has two forms")
		}
	})
}

func FuzzReadSignature(f *testing.F) {
	v := readVectors(f)
	for _, s := range v.Signatures {
		f.Add([]byte(s.Signature))
	}
	f.Add(make([]byte, SignatureBytes))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if s, err := readSignature(octets); err == nil && !bytes.Equal(appendScalar(appendPoint(nil, &s.a), &s.e), octets) {
			t.Error("a signature has two forms")
		}
	})
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add([]byte(readVectors(f).KeyPair.KeyPair.PublicKey))
	f.Add(outsideG2(f))
	f.Add(append([]byte{0xc0}, make([]byte, PublicKeyBytes-1)...))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if k, err := ParsePublicKey(octets); err == nil && !bytes.Equal(k.point.BytesCompressed(), octets) {
			t.Error("a key has two forms")
		}
	})
}

func FuzzParseSecretKey(f *testing.F) {
	f.Add([]byte(readVectors(f).KeyPair.KeyPair.SecretKey))
	f.Add(make([]byte, SecretKeyBytes))
	f.Fuzz(func(t *testing.T, octets []byte) {
		if k, err := ParseSecretKey(octets); err == nil && !bytes.Equal(k.Bytes(), octets) {
			t.Error("a secret key has two forms")
		}
	})
}
