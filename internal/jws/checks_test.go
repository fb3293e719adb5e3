package jws_test

import (
	"encoding/base64"
	"strings"
	"testing"

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
