package agekey_test

import (
	"bytes"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/kompetansebevis/bevis/internal/agekey"
	"github.com/kompetansebevis/bevis/reason"
)

func TestSealFile(t *testing.T) {
	t.Parallel()
	secret := []byte("-----BEGIN PRIVATE KEY-----\n…\n")
	text, to, err := agekey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := agekey.Generate()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(l agekey.Lock) []byte {
		l.Work = 10
		file, err := agekey.SealFile(secret, l)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(file, []byte("PRIVATE KEY")) || !agekey.IsSealed(file) || agekey.ByPassphrase(file) != (l.Passphrase != nil) {
			t.Errorf("%s", file)
		}
		return file
	}
	byWord := seal(agekey.Lock{Passphrase: []byte("hemmelig")})
	byKey := seal(agekey.Lock{Recipients: []age.Recipient{to}})
	damaged := bytes.Clone(byKey)
	damaged[len(damaged)-50] ^= 3
	for name, tt := range map[string]struct {
		file                   []byte
		passphrase, identities string
		code                   reason.Code
	}{
		"passphrase":         {byWord, "hemmelig", "", ""},
		"identity":           {byKey, "", text, ""},
		"another passphrase": {byWord, "Hemmelig", "", "locked/key-passphrase"},
		"no passphrase":      {byWord, "", text, "locked/key-passphrase"},
		"another identity":   {byKey, "", other, "locked/key-identity"},
		"no identity":        {byKey, "hemmelig", "", "usage/identity-file"},
		"damaged":            {damaged, "", text, "key_invalid/sealed"},
		"cut":                {byWord[:len(byWord)/2], "hemmelig", "", "key_invalid/sealed"},
		"garbled":            {[]byte(strings.Replace(string(byWord), "\n", "\nx", 1)), "hemmelig", text, "key_invalid/sealed"},
	} {
		got, err := agekey.OpenFile(t.Context(), tt.file, []byte(tt.passphrase), []byte(tt.identities), nil)
		if reason.CodeOf(err) != tt.code || err == nil && !bytes.Equal(got, secret) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if _, err := agekey.SealFile(secret, agekey.Lock{Passphrase: []byte(" ")}); reason.CodeOf(err) != "usage/empty-passphrase" {
		t.Error(err)
	}
}
