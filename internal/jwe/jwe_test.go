package jwe

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const password = "fire hester i regn"

func read(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestOthers opens what another implementation has locked (Python's joserfc
// 1.6.5), compact and in JSON.
func TestOthers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"joserfc-1.6.5.jwe":  `{"nonDeviceBoundCredentials":[],"listOfCredentials":[],"transactionLog":[]}`,
		"joserfc-1.6.5.json": "Blåbær",
	} {
		raw := read(t, name)
		if !Is(raw) {
			t.Errorf("%s is not recognised", name)
		}
		got, err := Decrypt(t.Context(), append(raw, '\n'), []byte(password))
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if _, err := Decrypt(t.Context(), raw, []byte("feil")); reason.CodeOf(err) != "locked/wrong-file-password" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestRoundTrip: what is locked opens with the password alone, holds nothing
// in the clear, and no two are alike.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	plain := []byte(`{"hemmelig":"kanarifugl"}`)
	locked, err := Encrypt(t.Context(), plain, []byte(password))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Encrypt(t.Context(), plain, []byte(password))
	if err != nil || bytes.Equal(locked, again) {
		t.Error("the same text gives the same file", err)
	}
	header, _ := base64.RawURLEncoding.DecodeString(string(locked[:bytes.IndexByte(locked, '.')]))
	for _, want := range []string{`"alg":"PBES2-HS256+A128KW"`, `"enc":"A128GCM"`, fmt.Sprintf(`"p2c":%d`, rounds)} {
		if !bytes.Contains(header, []byte(want)) {
			t.Errorf("%s lacks %s", header, want)
		}
	}
	if got, err := Decrypt(t.Context(), locked, []byte(password)); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("%q, %v", got, err)
	}
	for n := 0; n < len(locked); n += 31 { // the header is authenticated as well
		broken := bytes.Clone(locked)
		broken[n] ^= 1
		if got, err := Decrypt(t.Context(), broken, []byte(password)); err == nil {
			t.Errorf("byte %d changed: opened as %q", n, got)
		}
	}
}

// TestRefused: what is locked otherwise, asks for too much work, or says
// things twice is refused before the password is worked.
func TestRefused(t *testing.T) {
	t.Parallel()
	compact := func(header string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA"
	}
	good := `{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAAAAAAAAA","p2c":1000}`
	with := func(old, new string) string { return compact(strings.Replace(good, old, new, 1)) }
	joined := func(members string) string {
		return `{"protected":"` + base64.RawURLEncoding.EncodeToString([]byte(good)) + `",` + members + `"encrypted_key":"AAAA","iv":"AAAA","ciphertext":"AAAA","tag":"AAAA"}`
	}
	for name, c := range map[string]struct {
		raw  string
		code reason.Code
	}{
		"nothing wrong but the key":  {compact(good), "locked/wrong-file-password"},
		"a billion rounds":           {with("1000", "1000000000"), "resource_limit/key-derivation"},
		"one round more than worked": {with("1000", "1000001"), "resource_limit/key-derivation"},
		"rounds beyond numbers":      {with("1000", "1e308"), "resource_limit/key-derivation"},
		"few rounds":                 {with("1000", "999"), "malformed/jwe"},
		"negative rounds":            {with("1000", "-1000"), "malformed/jwe"},
		"no rounds":                  {with(`,"p2c":1000`, ""), "malformed/jwe"},
		"rounds in words":            {with("1000", `"1000"`), "malformed/jwe"},
		"no salt":                    {with(`"p2s":"AAAAAAAAAAA",`, ""), "locked/wrong-file-password"},
		"no password":                {with("PBES2-HS256+A128KW", "dir"), "unsupported_alg/jwe"},
		"a public key":               {with("PBES2-HS256+A128KW", "RSA1_5"), "unsupported_alg/jwe"},
		"no algorithm":               {with(`"alg":"PBES2-HS256+A128KW",`, ""), "unsupported_alg/jwe"},
		"another cipher":             {with("A128GCM", "none"), "unsupported_alg/jwe"},
		"packed":                     {with(`{`, `{"zip":"DEF",`), "unsupported_alg/jwe"},
		"critical":                   {with(`{`, `{"crit":["x"],"x":1,`), "unsupported_alg/jwe"},
		"an algorithm twice":         {joined(`"header":{"alg":"dir"},`), "malformed/jwe"},
		"rounds twice":               {joined(`"unprotected":{"p2c":1000000000},`), "malformed/jwe"},
		"two readers":                {joined(`"recipients":[{"header":{}},{"header":{}}],`), "malformed/jwe"},
		"members twice":              {joined(`"iv":"AAAA",`), "malformed/jwe"},
		"a header that is none":      {compact("[]"), "malformed/jwe"},
		"a long header":              {compact(`{"a":"` + strings.Repeat("a", 5000) + `"}`), "malformed/jwe"},
		"not base64":                 {"e$.a.b.c.d", "malformed/jwe"},
		"five dots":                  {compact(good) + ".AAAA", "malformed/jwe"},
		"nothing":                    {"", "unsupported_alg/jwe"},
	} {
		start := time.Now()
		if _, err := Decrypt(t.Context(), []byte(c.raw), []byte(password)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if time.Since(start) > 5*time.Second {
			t.Errorf("%s took %s", name, time.Since(start))
		}
	}
	if _, err := Decrypt(t.Context(), []byte(compact(good)), []byte(" ")); reason.CodeOf(err) != "usage/empty-passphrase" {
		t.Error(err)
	}
	if _, err := Encrypt(t.Context(), []byte("a"), nil); reason.CodeOf(err) != "usage/empty-passphrase" {
		t.Error(err)
	}
	if _, err := Encrypt(t.Context(), make([]byte, MaxSize/2+1), []byte(password)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decrypt(ctx, []byte(compact(good)), []byte(password)); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestIs: credentials and tokens are not taken for locked files.
func TestIs(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{"", "{}", "a.b.c", "a.b.c.d.e", `{"@context":[]}`, "eyJhbGciOiJFZERTQSJ9.e30.AAAA", `{"ciphertext":`} {
		if Is([]byte(raw)) {
			t.Errorf("%q", raw)
		}
	}
}

// FuzzDecrypt: nothing that comes from outside ends the program or opens.
func FuzzDecrypt(f *testing.F) {
	for _, name := range []string{"joserfc-1.6.5.jwe", "joserfc-1.6.5.json"} {
		raw := read(f, name)
		f.Add(raw)
		f.Add(raw[:len(raw)/2])
	}
	f.Add([]byte(`{"recipients":[{"header":{"alg":"PBES2-HS512+A256KW","p2s":"AA","p2c":1000,"enc":"A256GCM"},"encrypted_key":"AA"}],"iv":"AA","ciphertext":"AA","tag":"AA"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if plain, err := Decrypt(t.Context(), raw, []byte("another password")); err == nil {
			t.Fatalf("opened as %q", plain)
		}
		Is(raw)
	})
}
