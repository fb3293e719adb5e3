package key

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// codecEd25519Secret is the code of the multicodec table for Ed25519 private
// keys.
const codecEd25519Secret = 0x1300

// secretMembers are the members in which verification methods hold a private
// key: Multikey and JsonWebKey (Controlled Identifiers 1.0 section 2.2.2 and
// 2.2.3), and what the suites before them called it.
func secretMembers() []string {
	return []string{"secretKeyMultibase", "privateKeyMultibase", "privateKeyBase58", "secretKeyJwk", "privateKeyJwk"}
}

// HasSecret reports whether a verification method holds a private key, of
// whatever type.
func HasSecret(method *strictjson.Value) bool {
	for _, name := range secretMembers() {
		if method.Get(name) != nil {
			return true
		}
	}
	return false
}

// ParseSecret reads the private key of a verification method with an Ed25519
// key, as other wallets write them into their backups. A public key that stands
// beside it must be the one that belongs to it. Errors are key_invalid; they
// never hold any of the key.
func ParseSecret(method *strictjson.Value) (*Private, error) {
	var raw []byte
	for _, name := range secretMembers() {
		v := method.Get(name)
		if v == nil {
			continue
		}
		if raw != nil {
			return nil, reason.New("key_invalid/secret", "", "the private key stands there in two forms")
		}
		var err error
		if raw, err = secretBytes(name, v); err != nil {
			return nil, err
		}
	}
	var private *Private
	var err error
	switch len(raw) {
	case ed25519.SeedSize:
		private, err = FromSeed(raw)
	case ed25519.PrivateKeySize: // the seed, and the public key behind it
		if private, err = FromSeed(raw[:ed25519.SeedSize]); err == nil && !bytes.Equal(private.key.Public().(ed25519.PublicKey), raw[ed25519.SeedSize:]) {
			err = reason.New("key_invalid/secret", "", "the public key behind the private one is another")
		}
	default:
		err = reason.New("key_invalid/secret", "", "no Ed25519 private key stands there")
	}
	if err != nil {
		return nil, err
	}
	if !besides(method, private.public) {
		return nil, reason.New("key_invalid/secret", "", "the public key beside the private one is another")
	}
	return private, nil
}

// secretBytes decodes a member with a private key.
func secretBytes(name string, v *strictjson.Value) ([]byte, error) {
	wrong := reason.New("key_invalid/secret", "", "no Ed25519 private key stands there")
	if name == "secretKeyJwk" || name == "privateKeyJwk" {
		kty, _ := v.Get("kty").Text()
		crv, _ := v.Get("crv").Text()
		d, _ := v.Get("d").Text()
		raw, err := base64.RawURLEncoding.Strict().DecodeString(d)
		if kty != "OKP" || crv != "Ed25519" || err != nil || len(raw) != ed25519.SeedSize {
			return nil, wrong
		}
		return raw, nil
	}
	text, _ := v.Text()
	if name == "privateKeyBase58" {
		text = "z" + text
	}
	if len(text) > longestMultikey || len(text) == 0 || text[0] != 'z' {
		return nil, wrong
	}
	_, raw, err := multibase.Decode(text)
	if err != nil {
		return nil, wrong
	}
	if name == "privateKeyBase58" {
		return raw, nil
	}
	rest, ok := bytes.CutPrefix(raw, binary.AppendUvarint(nil, codecEd25519Secret))
	if !ok {
		return nil, wrong
	}
	return rest, nil
}

// besides reports whether the public key that stands beside a private one, if
// one does, is the one that belongs to it.
func besides(method *strictjson.Value, public Public) bool {
	for _, form := range []struct {
		name string
		read func(*strictjson.Value) (Public, error)
	}{
		{"publicKeyMultibase", func(v *strictjson.Value) (Public, error) { return inText(v, ParseMultikey) }},
		{"publicKeyBase58", func(v *strictjson.Value) (Public, error) { return inText(v, ParseBase58Ed25519) }},
		{"publicKeyJwk", jwkPublic},
	} {
		v := method.Get(form.name)
		if v == nil {
			continue
		}
		if said, err := form.read(v); err != nil || !said.Equal(public) {
			return false
		}
	}
	return true
}

// inText reads a key from a text, and none from anything else.
func inText(v *strictjson.Value, read func(string) (Public, error)) (Public, error) {
	text, _ := v.Text()
	return read(text)
}
