package status_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	listURL = "https://kurs.example/status/1.jwt"
	owner   = "did:web:kurs.example"
)

// TestPublishedTokenLists has the lists of Token Status List section 4.1 and
// 4.2.
func TestPublishedTokenLists(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bits string
		lst  string
		want []uint8
	}{
		{"1", "eNrbuRgAAhcBXQ", []uint8{1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1}},
		{"2", "eNo76fITAAPfAgc", []uint8{1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3}},
	} {
		l, err := status.ParseTokenList(t.Context(), value(t, `{"bits":`+c.bits+`,"lst":"`+c.lst+`"}`))
		if err != nil || l.Len() != len(c.want) {
			t.Fatal(l, err)
		}
		for i, want := range c.want {
			if got, err := l.Get(uint64(i)); err != nil || got != want {
				t.Errorf("%s bits, %d: %d %v, want %d", c.bits, i, got, err, want)
			}
		}
		if _, err := l.Get(uint64(len(c.want))); reason.CodeOf(err) != "status_invalid/index" {
			t.Error(err)
		}
	}
}

func TestTokenList(t *testing.T) {
	t.Parallel()
	for _, bits := range []int{1, 2, 4, 8} {
		l, err := status.NewTokenList(bits, 1000)
		if err != nil {
			t.Fatal(err)
		}
		limit := 1 << bits
		for i := range 1000 {
			if err := l.Set(uint64(i), uint8(i*7%limit)); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Set(500, 0); err != nil {
			t.Fatal(err)
		}
		v, err := l.Value()
		if err != nil {
			t.Fatal(err)
		}
		again, err := status.ParseTokenList(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			want := uint8(i * 7 % limit)
			if i == 500 {
				want = 0
			}
			if got, err := again.Get(uint64(i)); err != nil || got != want {
				t.Fatalf("%d bits, %d: %d %v, want %d", bits, i, got, err, want)
			}
		}
		if err := l.Set(uint64(l.Len()), 0); reason.CodeOf(err) != "status_invalid/index" {
			t.Error(err)
		}
		if bits < 8 && reason.CodeOf(l.Set(0, uint8(limit))) != "status_invalid/size" {
			t.Error("a status is wider than its place")
		}
	}
	for _, wrong := range [][2]int{{3, 10}, {0, 10}, {16, 10}, {1, 0}, {8, status.MaxEntries}} {
		if _, err := status.NewTokenList(wrong[0], wrong[1]); reason.CodeOf(err) != "status_invalid/size" {
			t.Error(wrong, err)
		}
	}
}

func deflate(t testing.TB, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func TestTokenListRefuses(t *testing.T) {
	t.Parallel()
	good := deflate(t, []byte{1, 2, 3})
	bomb := deflate(t, make([]byte, status.MaxEntries/8+1))
	for name, c := range map[string]struct {
		list string
		code reason.Code
	}{
		"no bits":         {`{"lst":"` + good + `"}`, "status_invalid/size"},
		"bits 3":          {`{"bits":3,"lst":"` + good + `"}`, "status_invalid/size"},
		"bits 1.5":        {`{"bits":1.5,"lst":"` + good + `"}`, "status_invalid/size"},
		"bits as text":    {`{"bits":"1","lst":"` + good + `"}`, "status_invalid/size"},
		"no list":         {`{"bits":1}`, "status_invalid/encoding"},
		"padded":          {`{"bits":1,"lst":"` + good + `="}`, "status_invalid/encoding"},
		"gzip":            {`{"bits":1,"lst":"H4sIAAAAAAAAA2MAAI3vAtIBAAAA"}`, "status_invalid/encoding"},
		"cut":             {`{"bits":1,"lst":"` + good[:len(good)-4] + `"}`, "status_invalid/encoding"},
		"empty":           {`{"bits":1,"lst":"` + deflate(t, nil) + `"}`, "status_invalid/size"},
		"something after": {`{"bits":1,"lst":"` + good + base64.RawURLEncoding.EncodeToString([]byte("abc")) + `"}`, "status_invalid/encoding"},
		"a bomb":          {`{"bits":1,"lst":"` + bomb + `"}`, reason.LimitInflate},
	} {
		if _, err := status.ParseTokenList(t.Context(), value(t, c.list)); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

func TestTokenEntry(t *testing.T) {
	t.Parallel()
	e := status.TokenEntry{ListURL: listURL, Index: 7}
	if got, err := status.ParseTokenEntry(e.Value(), "/status"); err != nil || got != e {
		t.Error(got, err)
	}
	for text, code := range map[string]reason.Code{
		`{}`:                                          "status_unavailable/unknown-type",
		`{"other":{}}`:                                "status_unavailable/unknown-type",
		`{"status_list":{"idx":1}}`:                   "status_invalid/entry",
		`{"status_list":{"uri":"u"}}`:                 "status_invalid/index",
		`{"status_list":{"idx":-1,"uri":"u"}}`:        "status_invalid/index",
		`{"status_list":{"idx":1.5,"uri":"u"}}`:       "status_invalid/index",
		`{"status_list":{"idx":1e3,"uri":"u"}}`:       "status_invalid/index",
		`{"status_list":{"idx":"1","uri":"u"}}`:       "status_invalid/index",
		`{"status_list":{"idx":134217728,"uri":"u"}}`: "status_invalid/index",
	} {
		if _, err := status.ParseTokenEntry(value(t, text), "/status"); reason.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
}

func signed(t testing.TB, r status.ListTokenRequest) ([]byte, key.Public) {
	t.Helper()
	private, err := key.FromSeed(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := r.Sign(t.Context(), private.Signer(owner+"#key-1"))
	if err != nil {
		t.Fatal(err)
	}
	return raw, private.Public()
}

func request(t testing.TB) status.ListTokenRequest {
	t.Helper()
	l, err := status.NewTokenList(2, 100)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Set(42, status.TokenSuspended); err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return status.ListTokenRequest{URL: listURL, List: l, Created: from, Expires: from.AddDate(0, 1, 0), MaxAge: time.Hour}
}

func TestListToken(t *testing.T) {
	t.Parallel()
	r := request(t)
	raw, public := signed(t, r)
	got, err := status.ReadListToken(t.Context(), append(raw, '\n'), listURL, owner, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verify(public) != nil || got.Method != owner+"#key-1" || !got.Created.Equal(r.Created) || !got.Expires.Equal(r.Expires) || got.MaxAge != time.Hour {
		t.Errorf("%+v", got)
	}
	if s, err := got.List.Get(42); err != nil || s != status.TokenSuspended {
		t.Error(s, err)
	}
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i] ^= 1
		if got, err := status.ReadListToken(t.Context(), changed, listURL, owner, strictjson.Limits{}); err == nil && got.Verify(public) == nil {
			t.Fatalf("a list with another byte %d holds", i)
		}
	}
}

func TestListTokenRefuses(t *testing.T) {
	t.Parallel()
	l, err := request(t).List.Value()
	if err != nil {
		t.Fatal(err)
	}
	body := `{"sub":"` + listURL + `","iat":1767225600,"status_list":` + string(l.AppendJSON(nil)) + `}`
	const head = `{"alg":"EdDSA","kid":"did:web:kurs.example#key-1","typ":"statuslist+jwt"}`
	b64 := base64.RawURLEncoding.EncodeToString
	for name, c := range map[string]struct {
		head, body string
		code       reason.Code
	}{
		"as it should be":  {head, body, ""},
		"another type":     {strings.Replace(head, "statuslist+jwt", "vc+jwt", 1), body, "status_invalid/wrong-type"},
		"none":             {strings.Replace(head, "EdDSA", "none", 1), body, "unsupported_alg/alg"},
		"a key of its own": {strings.Replace(head, `"typ"`, `"jwk":{},"typ"`, 1), body, "key_invalid/key-in-header"},
		"another URL":      {head, strings.Replace(body, "kurs", "evil", 1), "status_invalid/id-mismatch"},
		"no URL":           {head, strings.Replace(body, `"sub"`, `"s"`, 1), "status_invalid/id-mismatch"},
		"another issuer":   {head, strings.Replace(body, `{"sub"`, `{"iss":"did:web:evil.example","sub"`, 1), "status_invalid/list-issuer"},
		"no date":          {head, strings.Replace(body, `"iat"`, `"i"`, 1), "status_invalid/no-date"},
		"no list":          {head, strings.Replace(body, `"status_list"`, `"s"`, 1), "status_invalid/size"},
		"ttl below zero":   {head, strings.Replace(body, `{"sub"`, `{"ttl":-1,"sub"`, 1), "status_invalid/ttl"},
		"ttl as text":      {head, strings.Replace(body, `{"sub"`, `{"ttl":"1","sub"`, 1), "status_invalid/ttl"},
		"exp as text":      {head, strings.Replace(body, `{"sub"`, `{"exp":"1","sub"`, 1), reason.MalformedClaims},
		"no kid":           {strings.Replace(head, `"kid":"did:web:kurs.example#key-1",`, "", 1), body, "key_invalid/no-kid"},
		"no object":        {head, `[]`, reason.MalformedJWS},
	} {
		_, err := status.ReadListToken(t.Context(), []byte(b64([]byte(c.head))+"."+b64([]byte(c.body))+".AAAA"), listURL, owner, strictjson.Limits{})
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %s (%v), want %s", name, reason.CodeOf(err), err, c.code)
		}
	}
}

func FuzzReadListToken(f *testing.F) {
	raw, _ := signed(f, request(f))
	f.Add(raw)
	f.Add([]byte("eyJ0eXAiOiJzdGF0dXNsaXN0K2p3dCJ9.e30."))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := status.ReadListToken(t.Context(), raw, listURL, owner, strictjson.Limits{})
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Fatal(err)
			}
			return
		}
		if got.List.Len() < 1 || got.URL != listURL || got.Method == "" {
			t.Errorf("%+v", got)
		}
	})
}
