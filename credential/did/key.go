package did

import (
	"context"
	"encoding/base64"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Key resolves did:key: the identifier is a Multikey, and the only method's
// fragment is the same Multikey again.
type Key struct{}

// Resolve implements Resolver without asking anybody.
func (Key) Resolve(ctx context.Context, id string) (*Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	text, err := methodSpecific(id, "key")
	if err != nil {
		return nil, err
	}
	public, err := key.ParseMultikey(text)
	if err != nil {
		return nil, err
	}
	// A key has one name: another spelling of it is another identifier.
	if again, err := public.Multikey(); err != nil || again != text {
		return nil, reason.New("key_invalid/multikey", id, "the key is not in its canonical form")
	}
	return single(id, id+"#"+text, public), nil
}

// KeyID returns the did:key of a key and the id of its verification method.
func KeyID(public key.Public) (id, method string, err error) {
	text, err := public.Multikey()
	if err != nil {
		return "", "", err
	}
	return "did:key:" + text, "did:key:" + text + "#" + text, nil
}

// JWK resolves did:jwk: the identifier is a JWK in base64url, and its only
// method is #0.
type JWK struct{}

// Resolve implements Resolver without asking anybody.
func (JWK) Resolve(ctx context.Context, id string) (*Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	text, err := methodSpecific(id, "jwk")
	if err != nil {
		return nil, err
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, reason.New("key_invalid/did", id, "the identifier is not base64url")
	}
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxIDBytes, MaxDepth: 4})
	if err != nil {
		return nil, reason.New("key_invalid/jwk", id, "the identifier holds no JWK: %w", err)
	}
	jwk, err := key.ParseJWK(doc)
	if err != nil {
		return nil, err
	}
	if !jwk.ForSignatures() {
		return nil, reason.New("key_invalid/not-a-signing-key", id, "the JWK is not for signatures")
	}
	return single(id, id+"#0", jwk.Public), nil
}

// JWKID returns the did:jwk of a key and the id of its verification method.
func JWKID(public key.Public) (id, method string) {
	id = "did:jwk:" + base64.RawURLEncoding.EncodeToString(public.JWK())
	return id, id + "#0"
}
