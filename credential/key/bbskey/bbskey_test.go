package bbskey_test

import (
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/reason"
)

// The pair of the test vectors of Data Integrity BBS Cryptosuites 1.0.
const (
	secretHex = "66d36e118832af4c5e28b2dfe1b9577857e57b042a33e06bdea37b811ed09ee0"
	multikey  = "zUC7DerdEmfZ8f4pFajXgGwJoMkV1ofMTmEG5UoNvnWiPiLuGKNeqgRpLH2TV4Xe5mJ2cXV76gRN7LFQwapF1VFu6x2yrr5ci1mXqC1WNUrnHnLgvfZfMH7h6xP6qsf9EKRQrPQ"
)

func vectorKey(t testing.TB) *bbskey.Private {
	t.Helper()
	scalar, err := hex.DecodeString(secretHex)
	if err != nil {
		t.Fatal(err)
	}
	k, err := bbskey.FromScalar(scalar)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVectorKey(t *testing.T) {
	t.Parallel()
	k := vectorKey(t)
	if text, err := k.Public().Multikey(); err != nil || text != multikey {
		t.Error(text, err)
	}
	id, method, err := did.KeyID(k.Public())
	if err != nil || id != "did:key:"+multikey || method != id+"#"+multikey {
		t.Fatal(id, method, err)
	}
	doc, err := did.Key{}.Resolve(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	m, ok := doc.Method(method)
	if !ok || !m.Public.Equal(k.Public()) || m.Public.Type() != key.BLS12381G2 {
		t.Error(m, ok)
	}
}

func TestPEM(t *testing.T) {
	t.Parallel()
	for _, make := range []func() (*bbskey.Private, error){bbskey.Generate, func() (*bbskey.Private, error) { return vectorKey(t), nil }} {
		k, err := make()
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.MarshalPEM()
		if err != nil || !bbskey.IsPEM(text) {
			t.Fatal(err)
		}
		again, err := bbskey.ParsePEM(text)
		if err != nil || !again.Public().Equal(k.Public()) {
			t.Error(err)
		}
		if _, err := key.ParsePEM(text); reason.CodeOf(err) != "key_invalid/pem" {
			t.Error(err)
		}
	}
	a, errA := bbskey.Generate()
	b, errB := bbskey.Generate()
	if errA != nil || errB != nil || a.Public().Equal(b.Public()) {
		t.Error("two new keys are one", errA, errB)
	}
	ed, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ed.MarshalPEM()
	if err != nil || bbskey.IsPEM(other) {
		t.Error(err)
	}
	good, err := vectorKey(t).MarshalPEM()
	if err != nil {
		t.Fatal(err)
	}
	block := func(raw string) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "BLS12-381 G2 PRIVATE KEY", Bytes: []byte(raw)})
	}
	scalar, _ := hex.DecodeString(secretHex)
	for name, tt := range map[string]struct {
		text []byte
		code reason.Code
	}{
		"nothing":         {nil, "key_invalid/pem"},
		"another key":     {other, "key_invalid/pem"},
		"two keys":        {append(bytes.Clone(good), good...), "key_invalid/pem"},
		"a header":        {bytes.Replace(good, []byte("KEY-----\n"), []byte("KEY-----\nA: b\n\n"), 1), "key_invalid/pem"},
		"no code":         {block(string(scalar)), "key_invalid/pem"},
		"another code":    {block("\x89\x26" + string(scalar)), "key_invalid/pem"},
		"a short scalar":  {block("\x8a\x26" + string(scalar[1:])), "key_invalid/scalar"},
		"a long scalar":   {block("\x8a\x26" + string(scalar) + "x"), "key_invalid/scalar"},
		"the scalar zero": {block("\x8a\x26" + strings.Repeat("\x00", 32)), "key_invalid/scalar"},
	} {
		if _, err := bbskey.ParsePEM(tt.text); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSecretStaysSecret: neither the key nor its signer prints it.
func TestSecretStaysSecret(t *testing.T) {
	t.Parallel()
	k := vectorKey(t)
	for _, v := range []any{k, k.Signer("did:example:1#k")} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			if text := fmt.Sprintf(verb, v); text != "private BLS12-381 G2 key" {
				t.Errorf("%s prints %s", verb, text)
			}
		}
	}
}

func TestSigner(t *testing.T) {
	t.Parallel()
	s := vectorKey(t).Signer("did:example:1#k")
	if s.ID() != "did:example:1#k" || s.Public().Type() != key.BLS12381G2 {
		t.Error(s.ID(), s.Public())
	}
	if _, err := s.Sign(t.Context(), []byte("x")); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
}

func FuzzParsePEM(f *testing.F) {
	good, err := vectorKey(f).MarshalPEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(bytes.ToLower(good))
	f.Add([]byte("-----BEGIN BLS12-381 G2 PRIVATE KEY-----\n-----END BLS12-381 G2 PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := bbskey.ParsePEM(text)
		if err != nil {
			if reason.CodeOf(err).Coarse() != string(reason.KeyInvalid) {
				t.Error(err)
			}
			return
		}
		written, err := k.MarshalPEM()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := bbskey.ParsePEM(written); err != nil || !again.Public().Equal(k.Public()) {
			t.Error("a key is not read back", err)
		}
	})
}
