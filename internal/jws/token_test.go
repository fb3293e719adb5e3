package jws_test

import (
	"encoding/json"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// TestWycheproof runs the JWS cases below the payload, which there is no
// credential: of the invalid ones none may pass, of the valid ones all must
// that have a public key.
func TestWycheproof(t *testing.T) {
	t.Parallel()
	var file struct {
		TestGroups []struct {
			Comment string
			Public  json.RawMessage
			Tests   []struct {
				ID      int `json:"tcId"`
				Comment string
				JWS     json.RawMessage
				Result  string
			}
		}
	}
	if err := json.Unmarshal(testcorpus.Read(t, "wycheproof/json_web_crypto_test.json"), &file); err != nil {
		t.Fatal(err)
	}
	accepted, run := 0, 0
	for _, group := range file.TestGroups {
		var public key.Public
		if v, err := strictjson.Parse(group.Public, strictjson.Limits{}); err == nil {
			if jwk, err := key.ParseJWK(v); err == nil {
				public = jwk.Public
			} else if group.Comment != "jws_rsa_roca_key" {
				t.Errorf("%s: %v", group.Comment, err)
			}
		}
		for _, test := range group.Tests {
			if test.JWS == nil {
				continue
			}
			run++
			var text string
			err := json.Unmarshal(test.JWS, &text)
			if err == nil {
				err = signatureOf(text, public)
			}
			wanted := test.Result == "valid" && public.Type() != key.Unknown
			if (err == nil) != wanted {
				t.Errorf("%d, %s %s (%s): %v", test.ID, group.Comment, test.Comment, test.Result, err)
			}
			if err == nil {
				accepted++
			}
		}
	}
	if run < 45 || accepted != 2 {
		t.Errorf("%d cases, %d accepted", run, accepted)
	}
}

func signatureOf(text string, public key.Public) error {
	t, err := jws.ReadHead(text, strictjson.Limits{})
	if err != nil {
		return err
	}
	if t.JWK != nil {
		return errKeyInHeader
	}
	if err := t.ReadSignature(); err != nil {
		return err
	}
	return t.Verify(public)
}

var errKeyInHeader = errString("a key in the header")

type errString string

func (e errString) Error() string { return string(e) }
