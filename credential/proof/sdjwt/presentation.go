package sdjwt

import (
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
	p, err := t.ReadPresentation(out.Document)
	out.Domains, out.Challenge, out.Method = p.Domains, p.Challenge, p.Method
	return err
}
