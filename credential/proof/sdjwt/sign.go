package sdjwt

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Sign returns document as an SD-JWT with all disclosures. A credential of the
// data model goes whole into ld for DC and is the payload for VC, as a
// presentation is for VP; an object with vct is the payload of an SD-JWT VC. The credential is bound to
// Params.Holder, or else to the key that its only subject's did:key or did:jwk
// is.
//
// What Params.Disclosable names can be kept back; what a verifier needs for
// its checks cannot be named: usage/params. What Open would refuse is not
// signed.
func (s suite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	if p.Purpose != s.purpose() {
		return nil, reason.New(reason.WrongPurpose, "", "%s is for %s, not for %q", s.id, s.purpose(), string(p.Purpose))
	}
	toSomebody := p.Challenge != "" || len(p.Domains) > 0 || !p.Expires.IsZero()
	ofSomebody := p.Status != nil || p.Holder.Type() != key.Unknown
	if p.ProofID != "" || len(p.Previous) > 0 || p.Mandatory != nil || s.id != VPSDJWT && toSomebody || s.id == VPSDJWT && ofSomebody || p.Decoys < 0 || p.Decoys > maxDecoys {
		return nil, reason.New("usage/params", "", "%s cannot express these options", s.id)
	}
	doc, err := strictjson.ParseObject(document, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	if at, found := holdsReserved(doc, ""); found {
		return nil, reason.New("malformed/reserved-name", at, "the name is kept for what is not shown")
	}
	if doc.Get("proof") != nil {
		return nil, reason.New(reason.Conflict, "/proof", "the document carries a proof already")
	}
	if err := s.checkDisclosable(doc, p.Disclosable); err != nil {
		return nil, err
	}
	claims, err := s.claims(ctx, doc, p)
	if err != nil {
		return nil, err
	}
	if _, _, err := s.secured(&jws.Token{Payload: claims.around(doc), KeyID: signer.ID()}); err != nil {
		return nil, err
	}
	c := &concealer{hash: sha256.New, decoys: p.Decoys}
	concealed := c.value(doc, treeOf(p.Disclosable))
	if len(c.disclosures) > maxDisclosures {
		return nil, reason.New("resource_limit/disclosures", "", "%d disclosures, the limit is %d", len(c.disclosures), maxDisclosures)
	}
	whole := claims.around(concealed)
	if len(c.disclosures) > 0 {
		whole = whole.With(hashName, strictjson.String("sha-256"))
	}
	str := strictjson.String
	header := []strictjson.Member{{Name: "kid", Value: str(signer.ID())}, {Name: "typ", Value: str(string(s.id))}}
	if s.id != DCSDJWT {
		header = append(header, strictjson.Member{Name: "cty", Value: str(strings.TrimSuffix(string(s.id), "+sd-jwt"))})
	}
	token, err := jws.Sign(ctx, signer, whole.AppendJSON(nil), header...)
	if err != nil {
		return nil, err
	}
	size := len(token) + 1
	for _, d := range c.disclosures {
		size += len(d) + 1
	}
	out := append(append(make([]byte, 0, size), token...), '~')
	for _, d := range c.disclosures {
		out = append(append(out, d...), '~')
	}
	if len(out) > strictjson.DefaultMaxBytes {
		return nil, reason.New(reason.LimitSize, "", "a token of %d bytes, the limit is %d", len(out), strictjson.DefaultMaxBytes)
	}
	return out, nil
}

// maxDecoys bounds what an issuer adds to hide how much there is.
const maxDecoys = 100

// checkDisclosable refuses pointers that lead nowhere, and those that would
// let a holder keep back what a verifier must see.
func (s suite) checkDisclosable(doc *strictjson.Value, pointers []string) error {
	needed := s.neverHidden()
	for i, p := range pointers {
		if p == "" || doc.Lookup(p) == nil {
			return reason.New("disclosure_invalid/pointer", p, "there is nothing at this place")
		}
		if slices.Contains(pointers[:i], p) {
			return reason.New("usage/params", p, "the place is named twice")
		}
		name := firstName(p)
		last := p[strings.LastIndexByte(p, '/')+1:]
		if slices.Contains(needed, name) || p == "/"+subjectMember || last == "type" || strings.HasPrefix(last, "@") {
			return reason.New("usage/params", p, "a verifier needs this, so it cannot be kept back")
		}
	}
	return nil
}

// neverHidden are the members of a document that decide what it is, who vouches
// for it and until when (besides those of tokens: W3C Securing Verifiable
// Credentials using JOSE and COSE section 3.2).
func (s suite) neverHidden() []string {
	return append(s.always(), "@context", "type", "issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate",
		"credentialStatus", "credentialSchema", "relatedResource", "refreshService", "termsOfUse")
}

// envelope is the claims of a token, and where among them the document goes.
type envelope struct {
	inside string // the claim that holds the document, empty when it is the payload
	claims []strictjson.Member
}

// around returns the payload with the document in it.
func (e envelope) around(doc *strictjson.Value) *strictjson.Value {
	if e.inside == "" {
		for _, m := range e.claims {
			doc = doc.With(m.Name, m.Value)
		}
		return doc
	}
	return strictjson.Object(append(slices.Clone(e.claims), strictjson.Member{Name: e.inside, Value: doc})...)
}

// claims returns what stands beside the document.
func (s suite) claims(ctx context.Context, doc *strictjson.Value, p proof.Params) (e envelope, err error) {
	str := strictjson.String
	add := func(name string, v *strictjson.Value) {
		e.claims = append(e.claims, strictjson.Member{Name: name, Value: v})
	}
	isDocument := doc.Get("@context") != nil || credential.HasType(doc, "VerifiableCredential")
	if s.id == DCSDJWT && isDocument {
		c, err := credential.New(doc, nil)
		if err != nil {
			return e, err
		}
		from, until, err := c.Period()
		if err != nil {
			return e, err
		}
		e.inside = "ld"
		add("iss", str(c.IssuerID()))
		add("vct", str(typeOf(c)))
		for _, bound := range []struct {
			name string
			at   time.Time
		}{{"nbf", from}, {"exp", until}} {
			if !bound.at.IsZero() {
				add(bound.name, strictjson.Int(bound.at.Unix()))
			}
		}
	}
	if !p.Created.IsZero() {
		add("iat", strictjson.Int(p.Created.Unix()))
	}
	if p.Status != nil {
		add("status", p.Status)
	}
	var holder key.Public
	if s.id == VPSDJWT {
		e.claims = append(e.claims, receiver(p)...)
	} else if holder, err = holderKey(ctx, doc, p); err != nil {
		return e, err
	}
	if holder.Type() != key.Unknown {
		jwk, err := strictjson.ParseObject(holder.JWK(), strictjson.Limits{})
		if err != nil {
			return e, reason.New("key_invalid/key-type", "", "the holder's key has no form for a token")
		}
		add("cnf", strictjson.Object(strictjson.Member{Name: "jwk", Value: jwk}))
	}
	if e.inside == "" {
		for _, m := range e.claims {
			if doc.Get(m.Name) != nil {
				return e, reason.New(reason.Conflict, "/"+m.Name, "the document has a member of this name already")
			}
		}
	}
	return e, nil
}

// typeOf names the type of a document for vct: the IRI that its context gives
// the type.
func typeOf(c *credential.Credential) string {
	const ob, clr = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#", "https://purl.imsglobal.org/spec/vc/clr/vocab.html#"
	for _, t := range c.Types() {
		switch t {
		case "OpenBadgeCredential", "AchievementCredential", "EndorsementCredential":
			return ob + t
		case "ClrCredential":
			return clr + t
		}
	}
	return "https://www.w3.org/2018/credentials#VerifiableCredential"
}

// holderKey returns the key that the credential is to be bound to, the zero
// value for none.
func holderKey(ctx context.Context, doc *strictjson.Value, p proof.Params) (key.Public, error) {
	if p.Holder.Type() != key.Unknown || doc.Get("cnf") != nil {
		return p.Holder, nil
	}
	subjects := doc.Get(subjectMember).List()
	if len(subjects) != 1 {
		return key.Public{}, nil
	}
	id := credential.ID(subjects[0])
	var resolver did.Resolver
	switch {
	case strings.HasPrefix(id, "did:key:"):
		resolver = did.Key{}
	case strings.HasPrefix(id, "did:jwk:"):
		resolver = did.JWK{}
	default:
		return key.Public{}, nil
	}
	document, err := resolver.Resolve(ctx, id)
	if err != nil {
		return key.Public{}, err
	}
	return document.Methods[0].Public, nil
}
