package jws_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TestReadRefuses has tokens that are wrong in one thing each; each of these
// checks could once be taken out without another test of this package failing.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	b64 := base64.RawURLEncoding.EncodeToString
	head := func(more string) string { return b64([]byte(`{"alg":"EdDSA"` + more + `}`)) }
	body := b64([]byte(`{"a":1}`))
	for name, c := range map[string]struct {
		token string
		code  reason.Code
	}{
		"as it should be":              {head("") + "." + body + ".AAAA", ""},
		"encrypted":                    {head("") + "." + body + ".AAAA.AAAA.AAAA", jws.Encrypted},
		"two parts":                    {head("") + "." + body, reason.MalformedJWS},
		"four parts":                   {head("") + "." + body + ".AAAA.AAAA", reason.MalformedJWS},
		"a header without end":         {head(`,"kid":"`+strings.Repeat("x", 16<<10)+`"`) + "." + body + ".AAAA", reason.LimitSize},
		"a header that is no base64":   {"*." + body + ".AAAA", reason.MalformedBase64},
		"a header that is no JSON":     {b64([]byte("{")) + "." + body + ".AAAA", reason.MalformedJWS},
		"a header that is no object":   {b64([]byte("[]")) + "." + body + ".AAAA", reason.MalformedJWS},
		"a header that says it twice":  {head(`,"alg":"EdDSA"`) + "." + body + ".AAAA", reason.MalformedDuplicateMember},
		"a type that is no text":       {head(`,"typ":7`) + "." + body + ".AAAA", "malformed/header"},
		"a payload that is no base64":  {head("") + ".*.AAAA", reason.MalformedBase64},
		"a payload in two lines":       {head("") + "." + body[:4] + "\n" + body[4:] + ".AAAA", reason.MalformedBase64},
		"a payload with a return":      {head("") + "." + body[:4] + "\r" + body[4:] + ".AAAA", reason.MalformedBase64},
		"a payload that is padded":     {head("") + "." + b64([]byte(`{"a":10}`)) + "=.AAAA", reason.MalformedBase64},
		"a payload that is no JSON":    {head("") + "." + b64([]byte("{")) + ".AAAA", reason.MalformedJWS},
		"a payload that is no object":  {head("") + "." + b64([]byte("[]")) + ".AAAA", reason.MalformedJWS},
		"a payload that says it twice": {head("") + "." + b64([]byte(`{"a":1,"a":1}`)) + ".AAAA", reason.MalformedDuplicateMember},
		"a signature that is none":     {head("") + "." + body + ".*", reason.MalformedBase64},
		"bits to spare":                {head("") + "." + body + ".AAB", reason.MalformedBase64},
	} {
		token, err := jws.ReadHead(c.token, strictjson.Limits{})
		if err == nil {
			err = token.ReadBody(strictjson.Limits{})
		}
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
	}
	token := head("") + "." + body + ".AAAA"
	for _, limit := range []int{len(token) - 1, len(token)} {
		if _, err := jws.ReadHead(token, strictjson.Limits{MaxBytes: limit}); (err == nil) != (limit == len(token)) || err != nil && reason.CodeOf(err) != reason.LimitSize {
			t.Errorf("%d bytes, %d allowed: %v", len(token), limit, err)
		}
	}
	// The signature alone is read only behind a payload in its one spelling.
	for payload, code := range map[string]reason.Code{b64([]byte("[]")): "", "*": reason.MalformedBase64} {
		token, err := jws.ReadHead(head("")+"."+payload+".AAAA", strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if err := token.ReadSignature(); reason.CodeOf(err) != code {
			t.Errorf("%q: %v", payload, err)
		}
	}
}

// TestMethodNames has kids that name a verification method, and those that
// could be read in two ways.
func TestMethodNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kid, speaker, want string
		bare               bool
	}{
		{"did:example:a#k", "", "did:example:a#k", false},
		{"#k", "did:example:a", "did:example:a#k", false},
		{"a+b-c.d1:x#k", "", "a+b-c.d1:x#k", false},
		{"Z:x#k", "", "Z:x#k", false}, {"z:x#k", "", "z:x#k", false}, {"a:x#k", "", "a:x#k", false},
		{"", "did:example:a", "", false}, {"#k", "", "", false}, {"k", "did:example:a", "", false}, {"did:example:a#", "", "", false},
		{"did:example:a#k#l", "", "", false}, {"#k", "did:example:a#b", "", false}, {"#k l", "did:example:a", "", false}, {"#k\u007f", "did:example:a", "", false}, {"#k\u00a0", "did:example:a", "", false},
		{"#k\u00a1", "did:example:a", "did:example:a#k\u00a1", false},
		{"#k", "did:exa mple", "", false}, {":x#k", "", "", false}, {"did:#k", "", "", false}, {"1a:x#k", "", "", false}, {"+a:x#k", "", "", false}, {"a_b:x#k", "", "", false}, {"a~:x#k", "", "", false}, {"{:x#k", "", "", false}, {"a{:x#k", "", "", false}, {"a`:x#k", "", "", false},
		{"k", "did:example:a", "k", true}, {"#k", "did:example:a", "did:example:a#k", true}, {"", "did:example:a", "", true},
	} {
		got, err := jws.Lenience{BareKeyID: c.bare}.Method(c.kid, c.speaker)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q by %q: %q %v, want %q", c.kid, c.speaker, got, err, c.want)
		}
	}
}

// TestTimes has times at the edges of what can be written, and texts, which
// only the lenient read.
func TestTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value string
		want  int64 // below zero: refused
		text  bool
	}{
		{`0`, 0, false}, {`253402300799`, 253402300799, false}, {`253402300800`, -1, false}, {`-1`, -1, false}, {`"1970-01-01T00:00:07Z"`, -1, false}, {`null`, -1, false},
		{`"1970-01-01T00:00:07Z"`, 7, true}, {`"soon"`, -1, true}, {`7`, 7, true}, {`true`, -1, true},
	} {
		v, err := strictjson.Parse([]byte(`{"exp":`+c.value+`}`), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		token := &jws.Token{Payload: v, Lenience: jws.Lenience{TextTimes: c.text}}
		at, err := token.Time("exp")
		if (err == nil) != (c.want >= 0) || err == nil && at.Unix() != c.want {
			t.Errorf("%s: %v %v", c.value, at, err)
		}
		if s, ok, err := token.Text("none"); s != "" || ok || err != nil {
			t.Errorf("a claim that is not there: %q %t %v", s, ok, err)
		}
	}
}

// TestSignRefuses: what nobody could read is not signed.
func TestSignRefuses(t *testing.T) {
	t.Parallel()
	ed, err := key.FromSeed(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jws.Sign(t.Context(), ed.Signer("k"), make([]byte, strictjson.DefaultMaxBytes)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	if _, err := jws.Sign(t.Context(), noKey{ed.Signer("k")}, []byte("{}")); reason.CodeOf(err) != "key_invalid/key-type" {
		t.Error(err)
	}
	if _, err := jws.ReadHead(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"EdDSA","typ":""}`))+".e30.AAAA", strictjson.Limits{}); reason.CodeOf(err) != "wrong_type/typ" {
		t.Error(err)
	}
}

// noKey is a signer whose key is of no type.
type noKey struct{ key.Signer }

func (noKey) Public() key.Public { return key.Public{} }
