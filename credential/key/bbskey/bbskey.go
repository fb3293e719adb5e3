package bbskey

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/bbs"
	"github.com/kompetansebevis/bevis/reason"
)

// pemType is what stands on the first line of a key file. PKCS #8 has no name
// for these keys, so the file has a form of its own: the bytes that the key has
// as secretKeyMultibase, the code of its type before the scalar.
const pemType = "BLS12-381 G2 PRIVATE KEY"

// codec is the multicodec bls12_381-g2-priv, 0x130a, as a varint.
const codec = "\x8a\x26"

// Private is a private key in memory. It formats as its type.
type Private struct {
	secret *bbs.SecretKey
	public key.Public
	suite  *bbs.Suite
}

// Generate makes a new key.
func Generate() (*Private, error) {
	secret, err := bbs.GenerateKey()
	if err != nil {
		return nil, err
	}
	return newPrivate(secret)
}

// FromScalar returns the key of a scalar of 32 bytes, from 1 to the order of
// the group less one. Errors are key_invalid/scalar.
func FromScalar(scalar []byte) (*Private, error) {
	secret, err := bbs.ParseSecretKey(scalar)
	if err != nil {
		return nil, err
	}
	return newPrivate(secret)
}

func newPrivate(secret *bbs.SecretKey) (*Private, error) {
	public, err := key.FromBLS12381G2(secret.Public().Bytes())
	if err != nil {
		return nil, err
	}
	return &Private{secret, public, bbs.New()}, nil
}

// Public returns the public part.
func (p *Private) Public() key.Public { return p.public }

// Format writes the type of the key for every verb, never the key.
func (p *Private) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "private %s key", p.public.Type()) }

// MarshalPEM returns the key in PEM, unencrypted: for a file that only its
// owner can read. The error is always nil, and is there because other keys have
// one.
func (p *Private) MarshalPEM() ([]byte, error) {
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: append([]byte(codec), p.secret.Bytes()...)}), nil
}

// ParsePEM reads what MarshalPEM writes. Errors are key_invalid.
func ParsePEM(text []byte) (*Private, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemType || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, reason.New("key_invalid/pem", "", "not a PEM file with one %s", pemType)
	}
	scalar, ok := bytes.CutPrefix(block.Bytes, []byte(codec))
	if !ok {
		return nil, reason.New("key_invalid/pem", "", "the PEM file holds no key that can be read")
	}
	return FromScalar(scalar)
}

// IsPEM reports whether a file says that it holds a key for ParsePEM.
func IsPEM(text []byte) bool {
	block, _ := pem.Decode(text)
	return block != nil && block.Type == pemType
}

// Signer returns a signer that names its key by the verification method id. It
// has the method SignMessages beside those of key.Signer.
func (p *Private) Signer(id string) key.Signer { return signer{p, id} }

type signer struct {
	*Private
	id string
}

func (s signer) ID() string { return s.id }

// Sign refuses: there is no such signature.
func (s signer) Sign(context.Context, []byte) ([]byte, error) {
	return nil, reason.New("key_invalid/type", "", "a %s key signs for bbs-2023 only", s.public.Type())
}

// SignMessages returns the BBS signature over a header and messages.
func (s signer) SignMessages(ctx context.Context, header []byte, messages [][]byte) ([]byte, error) {
	return s.suite.Sign(ctx, s.secret, header, messages)
}
