package sdjwt

import (
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// receiver returns the claims that say for whom a presentation is made.
func receiver(p proof.Params) []strictjson.Member {
	var out []strictjson.Member
	add := func(name string, v *strictjson.Value) { out = append(out, strictjson.Member{Name: name, Value: v}) }
	var audience []*strictjson.Value
	for _, d := range p.Domains {
		audience = append(audience, strictjson.String(d))
	}
	switch len(audience) {
	case 0:
	case 1:
		add("aud", audience[0])
	default:
		add("aud", strictjson.Array(audience...))
	}
	if p.Challenge != "" {
		add("nonce", strictjson.String(p.Challenge))
	}
	if !p.Expires.IsZero() {
		add("exp", strictjson.Int(p.Expires.Unix()))
	}
	return out
}

// presentation reads a presentation and for whom it was made, and holds the
// registered claims against its members.
func presentation(t *jws.Token, out *proof.Secured) error {
	out.Document = t.Payload
	if t.Payload.Get("vc") != nil || t.Payload.Get("vp") != nil {
		return reason.New("malformed/vc-claim", "/vc", "a token of this type has no claim vc or vp")
	}
	if !credential.IsPresentation(out.Document) {
		return reason.New("wrong_type/payload", "/type", "the token is of the type of a presentation and holds none")
	}
	for _, item := range t.Payload.Get("aud").List() {
		s, ok := item.Text()
		if !ok {
			return reason.New(reason.MalformedClaims, "/aud", "is not a string or an array of strings")
		}
		out.Domains = append(out.Domains, s)
	}
	var err error
	if out.Challenge, _, err = t.Text("nonce"); err != nil {
		return err
	}
	jti, ok, err := t.Text("jti")
	if err != nil {
		return err
	}
	if id := credential.ID(out.Document); ok && id != "" && jti != id {
		return reason.New("malformed/jti", "/jti", "the claim jti is not the presentation's id")
	}
	iss, ok, err := t.Text("iss")
	if err != nil {
		return err
	}
	holder := credential.ID(out.Document.Get("holder"))
	speaker := holder
	if speaker == "" {
		speaker = iss
	}
	if out.Method, err = t.Method(speaker); err != nil {
		return err
	}
	if holder == "" { // the member is optional, or kept back: then whoever signs is the holder
		holder, _, _ = strings.Cut(out.Method, "#")
	}
	if ok && iss != holder {
		return reason.New("holder_mismatch/iss", "/iss", "iss names another holder than the presentation")
	}
	return nil
}
