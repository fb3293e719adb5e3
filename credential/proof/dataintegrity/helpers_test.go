package dataintegrity_test

import (
	"crypto"
	"errors"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/internal/jsonld"
)

const (
	hashP256 = crypto.SHA256
	hashP384 = crypto.SHA384
)

// newProcessor reads documents with the contexts of the standards and more.
func newProcessor(t testing.TB, extra ...jsonld.Extra) *jsonld.Processor {
	t.Helper()
	contexts, err := jsonld.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if contexts, err = contexts.With(extra...); err != nil {
		t.Fatal(err)
	}
	p, err := jsonld.New(jsonld.Config{Contexts: contexts})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// decodeSecret returns the seed of an ed25519-priv Multikey (0x1300).
func decodeSecret(text string) ([]byte, error) {
	_, raw, err := multibase.Decode(text)
	if err != nil {
		return nil, err
	}
	if len(raw) != 34 || raw[0] != 0x80 || raw[1] != 0x26 {
		return nil, errors.New("not an ed25519-priv Multikey")
	}
	return raw[2:], nil
}

// newBBSSigner makes a signer for bbs-2023 under a method of its own, or of the
// did:key of the key where none is given.
func newBBSSigner(_ key.Type, method string) (key.Signer, error) {
	private, err := bbskey.Generate()
	if err == nil && method == "" {
		_, method, err = did.KeyID(private.Public())
	}
	if err != nil {
		return nil, err
	}
	return private.Signer(method), nil
}
