package sdjwt

import (
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// maxDisclosures bounds what one SD-JWT brings: each is hashed, and each may
// be a document.
const maxDisclosures = 2000

// compact is an SD-JWT taken apart (RFC 9901 section 4): what the issuer
// signed, what the holder discloses of it, and the holder's signature.
type compact struct {
	jwt         string   // what the issuer signed
	disclosures []string // as they came
	binding     string   // the key binding JWT, empty when there is none
	shown       string   // all before the key binding JWT, with the last tilde
}

// split takes an SD-JWT apart at its tildes. One that does not end with a
// tilde ends with a key binding JWT.
func split(text string) (*compact, error) {
	end := strings.LastIndexByte(text, '~')
	if end < 0 {
		return nil, reason.New(malformed, "", "an SD-JWT has a tilde behind the part that the issuer signed")
	}
	if n := strings.Count(text, "~"); n > maxDisclosures+1 {
		return nil, reason.New("resource_limit/disclosures", "", "%d disclosures, the limit is %d", n-1, maxDisclosures)
	}
	parts := strings.Split(text[:end], "~")
	c := &compact{jwt: parts[0], disclosures: parts[1:], binding: text[end+1:], shown: text[:end+1]}
	for i, d := range c.disclosures {
		if d == "" {
			return nil, reason.New(malformed, "", "disclosure %d is empty", i+1)
		}
	}
	if c.binding != "" && !strings.Contains(c.binding, ".") {
		return nil, reason.New(malformed, "", "the last tilde is missing, or what follows it is no key binding JWT")
	}
	return c, nil
}
