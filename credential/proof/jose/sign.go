package jose

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Sign returns document as a compact JWS. Its bytes are the payload; what the
// form and the parameters want beside them is put behind the last member. What
// Open would refuse is not signed.
func (s suite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	if p.Purpose != s.purpose() {
		return nil, reason.New(reason.WrongPurpose, "", "%s is for %s, not for %q", s.id, s.purpose(), string(p.Purpose))
	}
	if p.Discloses() || p.ProofID != "" || len(p.Previous) > 0 || s.id != VPJWT && (p.Challenge != "" || len(p.Domains) > 0 || !p.Expires.IsZero()) {
		return nil, reason.New("usage/params", "", "%s cannot express these options", s.id)
	}
	doc, err := strictjson.ParseObject(document, strictjson.Limits{MaxBytes: p.MaxBytes})
	if err != nil {
		return nil, err
	}
	t := &jws.Token{Payload: doc, KeyID: signer.ID()}
	if _, err := s.document(t); err != nil {
		return nil, err
	}
	if doc.Get("proof") != nil {
		return nil, reason.New(reason.Conflict, "/proof", "the document carries a proof already")
	}
	added, err := s.claims(doc, p)
	if err != nil {
		return nil, err
	}
	for _, m := range added {
		if doc.Get(m.Name) != nil {
			return nil, reason.New(reason.Conflict, "/"+m.Name, "the document has a member of this name already")
		}
		t.Payload = t.Payload.With(m.Name, m.Value)
	}
	if _, err := s.secured(t); err != nil {
		return nil, err
	}
	return jws.SignUpTo(ctx, p.MaxBytes, signer, splice(document, added), s.header(signer.ID())...)
}

// header returns the members of the protected header, but for alg.
func (s suite) header(kid string) []strictjson.Member {
	str := strictjson.String
	if s.id == OpenBadgeJWT {
		return []strictjson.Member{{Name: "kid", Value: str(kid)}, {Name: "typ", Value: str("JWT")}}
	}
	return []strictjson.Member{
		{Name: "kid", Value: str(kid)}, {Name: "typ", Value: str(string(s.id))},
		{Name: "cty", Value: str(strings.TrimSuffix(string(s.id), "+jwt"))},
	}
}

// claims returns the members to be added to the payload.
func (s suite) claims(doc *strictjson.Value, p proof.Params) ([]strictjson.Member, error) {
	var out []strictjson.Member
	add := func(name string, v *strictjson.Value) { out = append(out, strictjson.Member{Name: name, Value: v}) }
	str := strictjson.String
	switch s.id {
	case OpenBadgeJWT:
		c, err := credential.New(doc, nil)
		if err != nil {
			return nil, err
		}
		subjects := c.SubjectIDs()
		if c.ID() == "" || c.IssuerID() == "" || len(subjects) != 1 || len(c.Subjects()) != 1 {
			return nil, reason.New("malformed/claims", "", "a badge in JWT form needs an id, an issuer and one recipient with an id")
		}
		from, until, err := c.Period()
		if err != nil || from.IsZero() {
			return nil, reason.New("malformed/claims", "/validFrom", "a badge in JWT form needs validFrom")
		}
		add("iss", str(c.IssuerID()))
		add("jti", str(c.ID()))
		add("sub", str(subjects[0]))
		add("nbf", strictjson.Int(from.Unix()))
		if !until.IsZero() {
			add("exp", strictjson.Int(until.Unix()))
		}
	case VPJWT:
		if len(p.Domains) == 1 {
			add("aud", str(p.Domains[0]))
		} else if len(p.Domains) > 1 {
			items := make([]*strictjson.Value, len(p.Domains))
			for i, d := range p.Domains {
				items[i] = str(d)
			}
			add("aud", strictjson.Array(items...))
		}
		if p.Challenge != "" {
			add("nonce", str(p.Challenge))
		}
		if !p.Expires.IsZero() {
			add("exp", strictjson.Int(p.Expires.Unix()))
		}
	}
	if !p.Created.IsZero() {
		// Without it, nobody can tell what a key that was retired since signed
		// while it was in use.
		add("iat", strictjson.Int(p.Created.Unix()))
	}
	return out, nil
}

// splice puts members behind the last one of an object without touching its
// bytes.
func splice(document []byte, members []strictjson.Member) []byte {
	if len(members) == 0 {
		return document
	}
	end := bytes.LastIndexByte(document, '}')
	added := strictjson.Object(members...).AppendJSON(nil)
	return slices.Concat(document[:end], []byte{','}, added[1:], document[end+1:])
}
