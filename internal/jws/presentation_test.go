package jws_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// TestReadPresentation: for whom a presentation was made and by whom, said in one
// voice by its members, its claims and the header.
func TestReadPresentation(t *testing.T) {
	t.Parallel()
	b64 := base64.RawURLEncoding.EncodeToString
	for name, c := range map[string]struct {
		header, payload string
		want            string // for whom, the challenge, and the key
		code            reason.Code
	}{
		"by its holder":                  {`"kid":"did:x:k#1"`, `"holder":"did:x:k"`, `[] "" did:x:k#1`, ""},
		"by an object":                   {`"kid":"did:x:k#1"`, `"holder":{"id":"did:x:k"}`, `[] "" did:x:k#1`, ""},
		"by who signs":                   {`"kid":"did:x:k#1"`, ``, `[] "" did:x:k#1`, ""},
		"by who signs, who is named":     {`"kid":"did:x:k#1"`, `"iss":"did:x:k"`, `[] "" did:x:k#1`, ""},
		"by who signs, for another":      {`"kid":"did:x:k#1"`, `"iss":"did:x:o"`, "", "holder_mismatch/iss"},
		"the key of who is named":        {`"kid":"#1"`, `"iss":"did:x:k"`, `[] "" did:x:k#1`, ""},
		"the key of the holder":          {`"kid":"#1"`, `"holder":"did:x:k","iss":"did:x:k"`, `[] "" did:x:k#1`, ""},
		"the key of nobody":              {`"kid":"#1"`, ``, "", "key_invalid/verification-method"},
		"no key":                         {`"typ":"vp+jwt"`, `"holder":"did:x:k"`, "", "key_invalid/no-kid"},
		"another speaks":                 {`"kid":"#1"`, `"holder":"did:x:k","iss":"did:x:o"`, "", "holder_mismatch/iss"},
		"another speaks, above":          {`"kid":"did:x:k#1","iss":"did:x:o"`, `"holder":"did:x:k"`, "", "holder_mismatch/iss"},
		"the same speaks, above":         {`"kid":"did:x:k#1","iss":"did:x:k"`, `"holder":"did:x:k"`, `[] "" did:x:k#1`, ""},
		"nobody speaks, above":           {`"kid":"did:x:k#1","iss":""`, `"holder":"did:x:k"`, "", "holder_mismatch/iss"},
		"who speaks is a number":         {`"kid":"did:x:k#1"`, `"holder":"did:x:k","iss":7`, "", reason.MalformedClaims},
		"for one":                        {`"kid":"did:x:k#1"`, `"aud":"a"`, `[a] "" did:x:k#1`, ""},
		"for two":                        {`"kid":"did:x:k#1"`, `"aud":["a","b"],"nonce":"n"`, `[a b] "n" did:x:k#1`, ""},
		"for a number":                   {`"kid":"did:x:k#1"`, `"aud":["a",7]`, "", reason.MalformedClaims},
		"a challenge that is a number":   {`"kid":"did:x:k#1"`, `"nonce":7`, "", reason.MalformedClaims},
		"its id":                         {`"kid":"did:x:k#1"`, `"id":"urn:a","jti":"urn:a"`, `[] "" did:x:k#1`, ""},
		"another id":                     {`"kid":"did:x:k#1"`, `"id":"urn:a","jti":"urn:b"`, "", "malformed/jti"},
		"no claim for its id":            {`"kid":"did:x:k#1"`, `"id":"urn:a"`, `[] "" did:x:k#1`, ""},
		"no id for its claim":            {`"kid":"did:x:k#1"`, `"jti":"urn:a"`, `[] "" did:x:k#1`, ""},
		"a claim for its id is a number": {`"kid":"did:x:k#1"`, `"jti":7`, "", reason.MalformedClaims},
	} {
		token, err := jws.ReadHead(b64([]byte(`{"alg":"EdDSA",`+c.header+`}`))+"."+b64([]byte(`{`+c.payload+`}`))+".AAAA", strictjson.Limits{})
		if err == nil {
			err = token.ReadBody(strictjson.Limits{})
		}
		if err != nil {
			t.Fatal(name, err)
		}
		p, err := token.ReadPresentation(token.Payload)
		if reason.CodeOf(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		} else if got := fmt.Sprintf("%v %q %s", p.Domains, p.Challenge, p.Method); err == nil && got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
