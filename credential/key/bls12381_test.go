package key_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// blsKey and blsPoint are one key, of the test vectors of Data Integrity BBS
// Cryptosuites 1.0.
const (
	blsKey = "zUC7DerdEmfZ8f4pFajXgGwJoMkV1ofMTmEG5UoNvnWiPiLuGKNeqgRpLH2TV4Xe5mJ2cXV76gRN7LFQwapF1VFu6x2yrr5ci1mXqC1WNUrnHnLgvfZfMH7h6xP6qsf9EKRQrPQ"

	blsPoint = "a4ef1afa3da575496f122b9b78b8c24761531a8a093206ae7c45b80759c168ba4f7a260f9c3367b6c019b4677841104b" +
		"10665edbe70ba3ebe7d9cfbffbf71eb016f70abfbb163317f372697dc63efd21fc55764f63926a8f02eaea325a2a888f"
	blsPrime = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab"
)

func TestBLS12381G2(t *testing.T) {
	t.Parallel()
	octets, err := hex.DecodeString(blsPoint)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.FromBLS12381G2(octets)
	if err != nil {
		t.Fatal(err)
	}
	read, err := key.ParseMultikey(blsKey)
	if err != nil || !read.Equal(public) || read.Type() != key.BLS12381G2 || !bytes.Equal(read.BLS12381G2(), octets) {
		t.Error(read, err)
	}
	if text, err := public.Multikey(); err != nil || text != blsKey {
		t.Error(text, err)
	}
	octets[95] ^= 1
	if hex.EncodeToString(public.BLS12381G2()) != blsPoint {
		t.Error("a key changed with the bytes that it was made of")
	}
	other, err := key.FromBLS12381G2(octets)
	if err != nil || other.Equal(public) {
		t.Error("two keys are one", err)
	}
	ed, err := key.Generate(key.Ed25519)
	if err != nil || ed.Public().BLS12381G2() != nil || ed.Public().Equal(public) || public.Equal(ed.Public()) {
		t.Error("an Ed25519 key is one of BLS12-381", err)
	}
	if err := public.Verify([]byte("x"), make([]byte, 80)); reason.CodeOf(err) != reason.BadSignature {
		t.Error(err)
	}
	if _, err := public.VerifyVRF(nil, make([]byte, 80)); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
	if _, err := key.Generate(key.BLS12381G2); reason.CodeOf(err) != "key_invalid/type" {
		t.Error(err)
	}
	readsBack(t, public)
}

func TestBLS12381G2Refuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		point string
		code  reason.Code
	}{
		"short":                        {blsPoint[2:], "key_invalid/length"},
		"long":                         {blsPoint + "00", "key_invalid/length"},
		"not compressed":               {"04" + blsPoint[2:], "key_invalid/point"},
		"the identity":                 {"c0" + strings.Repeat("0", 190), "key_invalid/point"},
		"marked as the identity":       {"e4" + blsPoint[2:], "key_invalid/point"},
		"a first part not reduced":     {"9" + blsPrime[1:] + blsPoint[96:], "key_invalid/point"},
		"a second part not reduced":    {blsPoint[:96] + blsPrime, "key_invalid/point"},
		"a second part that has flags": {blsPoint[:96] + "8" + blsPoint[97:], "key_invalid/point"},
	} {
		octets, err := hex.DecodeString(tt.point)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := key.FromBLS12381G2(octets); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
		text, err := multibase.Encode(multibase.Base58BTC, append([]byte{0xeb, 0x01}, octets...))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := key.ParseMultikey(text); reason.CodeOf(err) != tt.code {
			t.Errorf("%s, as a Multikey: %v", name, err)
		}
	}
}
