package key

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/kompetansebevis/bevis/reason"
)

// Signer signs with a private key, wherever that is. Implementations are safe
// for concurrent use.
type Signer interface {
	// Public returns the key that verifies what the signer signs.
	Public() Public
	// ID returns the verification method, a URL with a fragment, by which
	// others find the key.
	ID() string
	// Sign returns a signature over msg in the form of the key's type.
	Sign(ctx context.Context, msg []byte) ([]byte, error)
}

// Private is a private key in memory. It formats as its public part.
type Private struct {
	public Public
	key    crypto.Signer
}

// Generate makes a new key. RSA keys get 3,072 bits.
func Generate(t Type) (*Private, error) {
	var k crypto.Signer
	var err error
	switch t {
	case Ed25519:
		_, k, err = ed25519.GenerateKey(rand.Reader)
	case P256:
		k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		k, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case P521:
		k, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case RSA:
		k, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		return nil, reason.New("key_invalid/type", "", "keys of this type are not made")
	}
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return FromSigner(k)
}

// FromSigner takes a key of the standard library.
func FromSigner(k crypto.Signer) (*Private, error) {
	public, err := FromCrypto(k.Public())
	if err != nil {
		return nil, err
	}
	return &Private{public, k}, nil
}

// FromSeed returns the Ed25519 key of a seed of 32 bytes (RFC 8032 section
// 5.1.5).
func FromSeed(seed []byte) (*Private, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, reason.New("key_invalid/length", "", "an Ed25519 seed has %d bytes", ed25519.SeedSize)
	}
	return FromSigner(ed25519.NewKeyFromSeed(seed))
}

// Public returns the public part.
func (p *Private) Public() Public { return p.public }

// Format writes the type of the key for every verb, never the key.
func (p *Private) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "private %s key", p.public.typ) }

// MarshalPEM returns the key as PKCS #8 in PEM, unencrypted: for a file that
// only its owner can read.
func (p *Private) MarshalPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		return nil, reason.New("key_invalid/pem", "", "this key has no PEM form")
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParsePEM reads what MarshalPEM writes.
func ParsePEM(text []byte) (*Private, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" || len(bytes.Trim(rest, "\r\n ")) > 0 {
		return nil, reason.New("key_invalid/pem", "", "not a PEM file with one PRIVATE KEY (PKCS #8)")
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, reason.New("key_invalid/pem", "", "the PEM file holds no key that can be read")
	}
	signer, ok := k.(crypto.Signer)
	if !ok {
		return nil, reason.New("key_invalid/not-a-signing-key", "", "the key signs nothing")
	}
	return FromSigner(signer)
}

// Signer returns a signer that names its key by the verification method id.
func (p *Private) Signer(id string) Signer { return memorySigner{p, id} }

type memorySigner struct {
	*Private
	id string
}

func (s memorySigner) ID() string { return s.id }

func (s memorySigner) Sign(ctx context.Context, msg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	switch k := s.key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(k, msg), nil
	case *ecdsa.PrivateKey:
		r, sv, err := ecdsa.Sign(rand.Reader, k, digest(s.public.typ, msg))
		if err != nil {
			return nil, reason.Wrap(reason.Internal, "", err)
		}
		size := (k.Curve.Params().BitSize + 7) / 8
		sig := make([]byte, 2*size)
		r.FillBytes(sig[:size])
		sv.FillBytes(sig[size:])
		return sig, nil
	case *rsa.PrivateKey:
		sig, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, digest(s.public.typ, msg))
		return sig, reason.Wrap(reason.Internal, "", err)
	}
	return nil, reason.New("key_invalid/type", "", "keys of this type do not sign here")
}
