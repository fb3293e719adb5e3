package jws

import (
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Presentation is what a token says by registered claims of the presentation
// that it holds.
type Presentation struct {
	Domains   []string // aud: for whom it was made
	Challenge string   // nonce
	Method    string   // the verification method of who presents
}

// ReadPresentation reads for whom a presentation was made and by whom, and
// holds the registered claims against its members (Securing Verifiable
// Credentials using JOSE and COSE section 4.1): a token speaks in one voice.
func (t *Token) ReadPresentation(doc *strictjson.Value) (p Presentation, err error) {
	for _, item := range t.Payload.Get("aud").List() {
		s, ok := item.Text()
		if !ok {
			return p, reason.New(reason.MalformedClaims, "/aud", "is not a string or an array of strings")
		}
		p.Domains = append(p.Domains, s)
	}
	if p.Challenge, _, err = t.Text("nonce"); err != nil {
		return p, err
	}
	jti, ok, err := t.Text("jti")
	if err != nil {
		return p, err
	}
	if id := credential.ID(doc); ok && id != "" && jti != id {
		return p, reason.New("malformed/jti", "/jti", "the claim jti is not the presentation's id")
	}
	iss, ok, err := t.Text("iss")
	if err != nil {
		return p, err
	}
	holder := credential.ID(doc.Get("holder"))
	speaker := holder
	if speaker == "" {
		speaker = iss
	}
	if p.Method, err = t.Method(speaker); err != nil {
		return p, err
	}
	if holder == "" { // the member is optional, or kept back: then whoever signs is the holder
		holder, _, _ = strings.Cut(p.Method, "#")
	}
	if ok && iss != holder || t.OtherIssuer(holder) {
		return p, reason.New("holder_mismatch/iss", "/iss", "iss names another holder than the presentation")
	}
	return p, nil
}

// OtherIssuer reports whether the header repeats iss (RFC 7519 section 5.3), and
// names somebody else than who speaks.
func (t *Token) OtherIssuer(speaker string) bool {
	return t.Header.Get("iss") != nil && t.Issuer != speaker
}
