package key

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"slices"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// JWK is a public key as a JSON Web Key holds it (RFC 7517 section 4).
type JWK struct {
	Public Public
	KeyID  string
	Use    string // "sig", "enc" or empty
	Alg    string
	Ops    []string // nil when the member is absent
}

// ForSignatures reports whether the JWK allows verifying signatures of the
// one form that its type of key has here: its use, key_ops and alg, where
// they are given, must not say otherwise.
func (j JWK) ForSignatures() bool {
	return (j.Use == "" || j.Use == "sig") &&
		(j.Ops == nil || slices.Contains(j.Ops, "verify") || slices.Contains(j.Ops, "sign")) &&
		(j.Alg == "" || slices.Contains(algorithms(j.Public.Type()), j.Alg))
}

// algorithms returns the names by which JOSE calls the signatures of a type.
func algorithms(t Type) []string {
	switch t {
	case Ed25519:
		return []string{"EdDSA", "Ed25519"}
	case P256:
		return []string{"ES256"}
	case P384:
		return []string{"ES384"}
	case P521:
		return []string{"ES512"}
	case RSA:
		return []string{"RS256"}
	case Secp256k1:
		return []string{"ES256K"}
	}
	return nil
}

// ParseJWK reads a public key. A key with private members is refused, since
// whoever reads it could sign; so are symmetric keys, and base64url that is
// not in its one canonical form. Keys are compared, and named, by their value.
// Errors are key_invalid.
func ParseJWK(v *strictjson.Value) (JWK, error) {
	if v.Kind() != strictjson.KindObject {
		return JWK{}, reason.New("key_invalid/jwk", "", "a JWK is an object")
	}
	for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"} {
		if v.Get(private) != nil {
			return JWK{}, reason.New("key_invalid/private", "", "the JWK holds a private or symmetric key")
		}
	}
	out := JWK{}
	for _, m := range []struct {
		name string
		to   *string
	}{{"kid", &out.KeyID}, {"use", &out.Use}, {"alg", &out.Alg}} {
		if member := v.Get(m.name); member != nil {
			s, ok := member.Text()
			if !ok {
				return JWK{}, reason.New("key_invalid/jwk", "/"+m.name, "is not a string")
			}
			*m.to = s
		}
	}
	if ops := v.Get("key_ops"); ops != nil {
		if ops.Kind() != strictjson.KindArray {
			return JWK{}, reason.New("key_invalid/jwk", "/key_ops", "is not a list")
		}
		out.Ops = []string{} // an empty list allows nothing, unlike none
		for _, op := range ops.Items() {
			s, ok := op.Text()
			if !ok {
				return JWK{}, reason.New("key_invalid/jwk", "/key_ops", "holds something that is not a string")
			}
			out.Ops = append(out.Ops, s)
		}
	}
	var err error
	out.Public, err = jwkPublic(v)
	return out, err
}

func jwkPublic(v *strictjson.Value) (Public, error) {
	kty, _ := v.Get("kty").Text()
	crv, _ := v.Get("crv").Text()
	switch {
	case kty == "OKP" && crv == "Ed25519":
		x, err := jwkBytes(v, "x")
		if err != nil {
			return Public{}, err
		}
		return fromEd25519(x)
	case kty == "EC" && slices.Contains(curves(), crv):
		t, size := P256, 32
		switch crv {
		case "P-384":
			t, size = P384, 48
		case "P-521":
			t, size = P521, 66
		case "secp256k1":
			t = Secp256k1
		}
		x, err := jwkBytes(v, "x")
		if err != nil {
			return Public{}, err
		}
		y, err := jwkBytes(v, "y")
		if err != nil {
			return Public{}, err
		}
		if len(x) != size || len(y) != size {
			return Public{}, reason.New("key_invalid/length", "", "coordinates on %s have %d bytes", t, size)
		}
		point := slices.Concat([]byte{4}, x, y)
		if t == Secp256k1 {
			return fromSecp256k1(point)
		}
		return fromPoint(t, point)
	case kty == "RSA":
		n, err := jwkNumber(v, "n")
		if err != nil {
			return Public{}, err
		}
		e, err := jwkNumber(v, "e")
		if err != nil {
			return Public{}, err
		}
		if len(e) > 4 {
			return Public{}, reason.New("key_invalid/rsa-modulus", "", "an RSA key of this size is not accepted")
		}
		return fromRSA(new(big.Int).SetBytes(n), int(new(big.Int).SetBytes(e).Int64()))
	case kty == "oct":
		return Public{}, reason.New("key_invalid/symmetric", "", "a symmetric key proves nothing to others")
	}
	return Public{}, reason.New("key_invalid/type", "", "keys of kty %.20q and crv %.20q are not accepted", kty, crv)
}

// curves are the names that JOSE has for the curves of ECDSA.
func curves() []string { return []string{"P-256", "P-384", "P-521", "secp256k1"} }

func jwkBytes(v *strictjson.Value, name string) ([]byte, error) {
	s, _ := v.Get(name).Text() // empty when there is no text
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || s == "" || base64.RawURLEncoding.EncodeToString(raw) != s {
		return nil, reason.New("key_invalid/jwk", "/"+name, "is not base64url in its canonical form")
	}
	return raw, nil
}

// jwkNumber reads a number, which is to be written in as few bytes as hold it
// (RFC 7518 section 2). One zero in front of it is let pass: Java and others
// write moduli so, as section 6.3.1.1 warns, and a well-known cloud writes the
// exponent in four bytes. It is no part of the number, and so of no name of the
// key either.
func jwkNumber(v *strictjson.Value, name string) ([]byte, error) {
	raw, err := jwkBytes(v, name)
	if err != nil {
		return nil, err
	}
	zero := []byte{0}
	if raw = bytes.TrimPrefix(raw, zero); bytes.HasPrefix(raw, zero) {
		return nil, reason.New("key_invalid/jwk", "/"+name, "is a number with zeros in front")
	}
	return raw, nil
}

// JWK returns the key as a JSON Web Key that has only the members that are
// required, in lexicographic order and without white space (RFC 7638 section
// 3), nil for the zero value and for BLS12-381, whose form is not settled.
func (p Public) JWK() []byte {
	b64 := base64.RawURLEncoding.EncodeToString
	switch k := p.key.(type) {
	case ed25519.PublicKey:
		return []byte(`{"crv":"Ed25519","kty":"OKP","x":"` + b64(k) + `"}`)
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			return nil
		}
		size := (len(point) - 1) / 2
		return []byte(`{"crv":"` + p.typ.String() + `","kty":"EC","x":"` + b64(point[1:1+size]) + `","y":"` + b64(point[1+size:]) + `"}`)
	case secpPublic:
		return []byte(`{"crv":"secp256k1","kty":"EC","x":"` + b64(k[1:1+secpSize]) + `","y":"` + b64(k[1+secpSize:]) + `"}`)
	case *rsa.PublicKey:
		return []byte(`{"e":"` + b64(big.NewInt(int64(k.E)).Bytes()) + `","kty":"RSA","n":"` + b64(k.N.Bytes()) + `"}`)
	}
	return nil
}

// Thumbprint returns the JWK thumbprint of RFC 7638 in base64url, nothing for
// a key without a JWK.
func (p Public) Thumbprint() string {
	jwk := p.JWK()
	if jwk == nil {
		return ""
	}
	sum := sha256.Sum256(jwk)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
