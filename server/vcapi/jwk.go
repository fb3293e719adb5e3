package vcapi

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// signer returns a signer with the private key of a test, which comes as a JWK
// (RFC 7518 section 6.2, RFC 8037). No command of the product reads such.
func (m *method) signer() (key.Signer, error) {
	private, err := privateKey(m.secret)
	if err != nil {
		return nil, reason.New("key_invalid/jwk", "/secretKeyJwk", "is no private key of a type that is known here")
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	parsed, err := key.ParsePEM(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		return nil, err
	}
	if !parsed.Public().Equal(m.public) {
		return nil, reason.New("key_invalid/jwk", "/secretKeyJwk", "does not belong to the public key")
	}
	return parsed.Signer(m.id), nil
}

func privateKey(jwk *strictjson.Value) (crypto.Signer, error) {
	text, _ := jwk.Get("d").Text()
	d, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, err
	}
	var curve elliptic.Curve
	switch name, _ := jwk.Get("crv").Text(); name {
	case "Ed25519":
		if len(d) == ed25519.SeedSize {
			return ed25519.NewKeyFromSeed(d), nil
		}
	case "P-256":
		curve = elliptic.P256()
	case "P-384":
		curve = elliptic.P384()
	case "P-521":
		curve = elliptic.P521()
	}
	if curve == nil {
		return nil, reason.New("key_invalid/jwk", "/crv", "unknown")
	}
	return ecdsa.ParseRawPrivateKey(curve, d)
}
