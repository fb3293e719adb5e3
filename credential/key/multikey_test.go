package key_test

import (
	"crypto/ed25519"
	"slices"
	"strings"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

func TestParseMultikeyRefuses(t *testing.T) {
	t.Parallel()
	const good = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	_, raw, err := multibase.Decode(good)
	if err != nil {
		t.Fatal(err)
	}
	point := raw[2:]
	encode := func(base multibase.Encoding, parts ...[]byte) string {
		s, err := multibase.Encode(base, slices.Concat(parts...))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	b58 := func(parts ...[]byte) string { return encode(multibase.Base58BTC, parts...) }
	p256 := []byte{0x80, 0x24}
	p384 := []byte{0x81, 0x24}
	p521 := []byte{0x82, 0x24}
	fill := func(n int, b byte) []byte { return slices.Repeat([]byte{b}, n) }
	if again := b58([]byte{0xed, 0x01}, point); again != good {
		t.Fatal(again)
	}
	for name, c := range map[string]struct {
		text string
		code reason.Code
	}{
		"empty":                   {"", "key_invalid/multikey"},
		"only the prefix":         {"z", "key_invalid/multikey"},
		"no prefix":               {good[1:], "key_invalid/multikey"},
		"capital prefix":          {"Z" + good[1:], "key_invalid/multikey"},
		"base64url":               {encode(multibase.Base64url, raw), "key_invalid/multikey"},
		"base16":                  {encode(multibase.Base16, raw), "key_invalid/multikey"},
		"Flickr's base58":         {encode(multibase.Base58Flickr, raw), "key_invalid/multikey"},
		"no letter of base58":     {good[:len(good)-1] + "0", "key_invalid/multikey"},
		"a space":                 {good + " ", "key_invalid/multikey"},
		"a line break":            {good + "\n", "key_invalid/multikey"},
		"a soft hyphen":           {good[:10] + "\u00ad" + good[10:], "key_invalid/multikey"},
		"very long":               {"z" + strings.Repeat("6", 200), "key_invalid/multikey"},
		"varint of three bytes":   {b58([]byte{0xed, 0x81, 0x00}, point), "key_invalid/multikey"},
		"varint without end":      {b58(fill(20, 0x80)), "key_invalid/multikey"},
		"no varint":               {b58(nil), "key_invalid/multikey"},
		"31 bytes":                {b58([]byte{0xed, 0x01}, point[:31]), "key_invalid/length"},
		"33 bytes":                {b58([]byte{0xed, 0x01}, point, []byte{0}), "key_invalid/length"},
		"no bytes":                {b58([]byte{0xed, 0x01}), "key_invalid/length"},
		"small order":             {b58([]byte{0xed, 0x01}, fill(32, 0)), "key_invalid/small-order"},
		"not canonical":           {b58([]byte{0xed, 0x01}, []byte{0xed}, fill(30, 0xff), []byte{0x7f}), "key_invalid/point"},
		"X25519":                  {b58([]byte{0xec, 0x01}, point), "key_invalid/not-a-signing-key"},
		"a private key":           {b58([]byte{0x80, 0x26}, point), "key_invalid/type"}, // ed25519-priv
		"secp256k1, not on it":    {b58([]byte{0xe7, 0x01}, []byte{2}, point), "key_invalid/point"},
		"secp256k1, x too large":  {b58([]byte{0xe7, 0x01}, []byte{2}, fill(32, 0xff)), "key_invalid/point"},
		"secp256k1, short":        {b58([]byte{0xe7, 0x01}, []byte{2}, fill(31, 0)), "key_invalid/length"},
		"secp256k1, uncompressed": {b58([]byte{0xe7, 0x01}, []byte{4}, fill(64, 0)), "key_invalid/length"},
		"P-521, not on it":        {b58(p521, []byte{2}, fill(65, 0), []byte{3}), "key_invalid/point"},
		"P-521, x too large":      {b58(p521, []byte{2}, fill(66, 0xff)), "key_invalid/point"},
		"P-521, short":            {b58(p521, []byte{2}, fill(65, 0)), "key_invalid/point"},
		"another thing":           {b58([]byte{0x12, 0x20}, point), "key_invalid/type"},
		"P-256, x too large":      {b58(p256, []byte{2}, fill(32, 0xff)), "key_invalid/point"},
		"P-256, not on it":        {b58(p256, []byte{2}, fill(31, 0), []byte{1}), "key_invalid/point"},
		"P-256, sign 5":           {b58(p256, []byte{5}, fill(32, 0)), "key_invalid/point"},
		"P-256, uncompressed":     {b58(p256, []byte{4}, fill(64, 0)), "key_invalid/point"},
		"P-256, infinity":         {b58(p256, []byte{0}), "key_invalid/point"},
		"P-256, short":            {b58(p256, []byte{2}, fill(31, 0)), "key_invalid/point"},
		"P-384 of P-256's length": {b58(p384, []byte{2}, fill(32, 0)), "key_invalid/point"},
		"P-384, x too large":      {b58(p384, []byte{3}, fill(48, 0xff)), "key_invalid/point"},
	} {
		if public, err := key.ParseMultikey(c.text); reason.CodeOf(err) != c.code || public.Type() != key.Unknown {
			t.Errorf("%s: %v (%s), not %s", name, err, reason.CodeOf(err), c.code)
		}
	}
}

// TestParseMultikeyP521 reads an example of the did:key method.
func TestParseMultikeyP521(t *testing.T) {
	t.Parallel()
	const text = "z2J9gaYxrKVpdoG9A4gRnmpnRCcxU6agDtFVVBVdn1JedouoZN7SzcyREXXzWgt3gGiwpoHq7K68X4m32D8HgzG8wv3sY5j7"
	public, err := key.ParseMultikey(text)
	if err != nil || public.Type() != key.P521 {
		t.Fatal(public.Type(), err)
	}
	readsBack(t, public)
	if again, err := public.Multikey(); err != nil || again != text {
		t.Error(again, err)
	}
}

func TestParseBase58Ed25519(t *testing.T) {
	t.Parallel()
	want, err := key.ParseMultikey("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK")
	if err != nil {
		t.Fatal(err)
	}
	bare, err := multibase.Encode(multibase.Base58BTC, want.Crypto().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.ParseBase58Ed25519(bare[1:]); err != nil || !got.Equal(want) {
		t.Error(err)
	}
	for text, code := range map[string]reason.Code{
		"":                       "key_invalid/multikey",
		"1":                      "key_invalid/length",
		"0":                      "key_invalid/multikey",
		strings.Repeat("1", 32):  "key_invalid/small-order",
		strings.Repeat("2", 200): "key_invalid/multikey",
		"z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK": "key_invalid/length",
	} {
		if _, err := key.ParseBase58Ed25519(text); reason.CodeOf(err) != code {
			t.Errorf("%.60q: %v (%s), not %s", text, err, reason.CodeOf(err), code)
		}
	}
}
