package jose

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The names of the suites.
const (
	VCJWT        proof.ID = "vc+jwt"
	VPJWT        proof.ID = "vp+jwt"
	OpenBadgeJWT proof.ID = "ob3-jwt"
)

type suite struct{ id proof.ID }

// VC returns the suite for credentials as vc+jwt.
func VC() proof.Suite { return suite{VCJWT} }

// VP returns the suite for presentations as vp+jwt.
func VP() proof.Suite { return suite{VPJWT} }

// OpenBadge returns the suite for credentials in the JWT form of Open Badges
// 3.0.
func OpenBadge() proof.Suite { return suite{OpenBadgeJWT} }

func (s suite) ID() proof.ID { return s.id }

func (s suite) purpose() proof.Purpose {
	if s.id == VPJWT {
		return proof.Authentication
	}
	return proof.AssertionMethod
}

// takes decides by the type header which suite a token is for. Types of other
// tokens are refused by the first suite that is asked, so that no suite takes
// what was made for another purpose.
func (s suite) takes(typ string) (bool, error) {
	switch {
	case isType(typ, "vc+jwt", "vc+ld+json+jwt", "vc+ld+jwt"):
		return s.id == VCJWT, nil
	case isType(typ, "vp+jwt", "vp+ld+json+jwt", "vp+ld+jwt"):
		return s.id == VPJWT, nil
	case typ == "" || isType(typ, "jwt"):
		return s.id == OpenBadgeJWT, nil
	}
	return false, reason.New("wrong_type/typ", "/typ", "a token of type %.40q is no credential", typ)
}

// Open reads a compact JWS that is this suite's by its type.
func (s suite) Open(in *proof.Input) ([]*proof.Secured, error) {
	if in.Document != nil {
		if in.Document.Get("payload") != nil && (in.Document.Get("signatures") != nil || in.Document.Get("signature") != nil) {
			return nil, reason.New("malformed/jws-json", "", "a JWS in JSON form is not accepted, only the compact one")
		}
		return nil, nil
	}
	if strings.Contains(in.Compact, "~") {
		return nil, nil
	}
	t, err := split(in.Compact, in.Limits)
	if err != nil {
		return nil, err
	}
	if mine, err := s.takes(t.typ); err != nil || !mine {
		return nil, err
	}
	out, err := s.secured(in, t)
	if err != nil {
		return nil, err
	}
	return []*proof.Secured{out}, nil
}

func (s suite) secured(in *proof.Input, t *token) (*proof.Secured, error) {
	out := &proof.Secured{Suite: s.id, Input: in, Proof: t.header, Purpose: s.purpose()}
	var err error
	if out.Document, err = s.document(t); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name string
		to   *time.Time
	}{{"exp", &out.Expires}, {"nbf", &out.NotBefore}, {"iat", &out.Created}} {
		if *c.to, err = t.claim(c.name); err != nil {
			return nil, err
		}
	}
	if s.id == VPJWT {
		err = presentationClaims(t, out)
	} else {
		err = credentialClaims(t, out)
	}
	if err != nil {
		return nil, err
	}
	out.Method, err = method(t, out)
	return out, err
}

// method returns the verification method: kid, which may leave out the
// identifier when the token names it as its issuer.
func method(t *token, s *proof.Secured) (string, error) {
	if t.kid == "" {
		return "", reason.New("key_invalid/no-kid", "/kid", "the token does not say which key signed it")
	}
	if strings.HasPrefix(t.kid, "#") {
		id := credential.ID(s.Document.Get("issuer"))
		if s.Purpose == proof.Authentication {
			id = credential.ID(s.Document.Get("holder"))
		}
		return id + t.kid, nil
	}
	base, fragment, _ := strings.Cut(t.kid, "#")
	scheme, _, absolute := strings.Cut(base, ":")
	if !absolute || scheme == "" || fragment == "" {
		return "", reason.New("key_invalid/verification-method", "/kid", "is not an absolute URL with a fragment")
	}
	return t.kid, nil
}

// document returns what the token says, and refuses what is of another kind
// than its type.
func (s suite) document(t *token) (*strictjson.Value, error) {
	doc := t.payload
	vc, vp := doc.Get("vc"), doc.Get("vp")
	switch {
	case s.id == OpenBadgeJWT && vc != nil:
		if vp != nil || vc.Kind() != strictjson.KindObject || doc.Get("credentialSubject") != nil || doc.Get("@context") != nil {
			return nil, reason.New("malformed/vc-claim", "/vc", "the token says in two places what it certifies")
		}
		doc = completed(t, vc)
	case vc != nil || vp != nil:
		return nil, reason.New("malformed/vc-claim", "/vc", "a token of this type is the credential and has no claim vc or vp")
	}
	isPresentation := credential.IsPresentation(doc)
	if s.id == VPJWT && !isPresentation {
		return nil, reason.New("wrong_type/payload", "/type", "the token is of the type of a presentation and holds none")
	}
	if s.id != VPJWT && isPresentation {
		return nil, reason.New("wrong_type/payload", "/type", "the token is of the type of a credential and holds a presentation")
	}
	if s.id != VPJWT && !credential.HasType(doc, "VerifiableCredential") {
		return nil, reason.New("wrong_type/payload", "/type", "the token holds no credential")
	}
	return doc, nil
}

// completed puts the registered claims where Data Model 1.1 section 6.3.1
// maps them, if the member is not there.
func completed(t *token, vc *strictjson.Value) *strictjson.Value {
	set := func(name string, v *strictjson.Value) {
		if v != nil && vc.Get(name) == nil {
			vc = vc.With(name, v)
		}
	}
	set("id", t.payload.Get("jti"))
	set("issuer", t.payload.Get("iss"))
	for name, claim := range map[string]string{"issuanceDate": "nbf", "expirationDate": "exp"} {
		if at, err := t.claim(claim); err == nil && !at.IsZero() && vc.Get("validFrom") == nil {
			set(name, strictjson.String(credential.FormatTime(at)))
		}
	}
	if sub := t.payload.Get("sub"); sub != nil {
		if subject := vc.Get("credentialSubject"); subject.Kind() == strictjson.KindObject && subject.Get("id") == nil {
			vc = vc.With("credentialSubject", subject.With("id", sub))
		}
	}
	return vc
}

// credentialClaims holds the registered claims against the members that say
// the same.
func credentialClaims(t *token, out *proof.Secured) error {
	iss, ok, err := t.text("iss")
	if err != nil {
		return err
	}
	if ok && iss != credential.ID(out.Document.Get("issuer")) {
		return reason.New("issuer_mismatch/iss", "/iss", "the claim iss names another issuer than the credential")
	}
	jti, ok, err := t.text("jti")
	if err != nil {
		return err
	}
	if id := credential.ID(out.Document); ok && jti != id {
		return reason.New("malformed/jti", "/jti", "the claim jti is not the credential's id")
	}
	sub, ok, err := t.text("sub")
	if err != nil || !ok {
		return err
	}
	for _, subject := range out.Document.Get("credentialSubject").List() {
		if credential.ID(subject) == sub {
			return nil
		}
	}
	return reason.New("holder_mismatch/sub", "/sub", "the claim sub is not whom the credential is about")
}

func presentationClaims(t *token, out *proof.Secured) error {
	for _, item := range t.payload.Get("aud").List() {
		s, ok := item.Text()
		if !ok {
			return reason.New(reason.MalformedClaims, "/aud", "is not a string or an array of strings")
		}
		out.Domains = append(out.Domains, s)
	}
	var err error
	if out.Challenge, _, err = t.text("nonce"); err != nil {
		return err
	}
	iss, ok, err := t.text("iss")
	if err != nil {
		return err
	}
	if holder := credential.ID(out.Document.Get("holder")); ok && holder != "" && iss != holder {
		return reason.New("holder_mismatch/iss", "/iss", "the claim iss names another holder than the presentation")
	}
	return nil
}

// Verify checks the signature over the token's text.
func (s suite) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	t, err := split(sec.Input.Compact, sec.Input.Limits)
	if err != nil {
		return nil, err
	}
	k, err := keys.Key(ctx, sec.Method, sec.Purpose)
	if err != nil {
		return nil, err
	}
	if !fits(t.alg, k.Public.Type()) {
		return nil, reason.New("unsupported_alg/key-mismatch", "/alg", "the algorithm %s does not fit a key of type %s", t.alg, k.Public.Type())
	}
	if err := k.Public.Verify([]byte(t.signed), t.signature); err != nil {
		return nil, reason.New(reason.BadSignature, "", "the signature does not match the token")
	}
	return &proof.Proven{Document: sec.Document, Key: k}, nil
}

func fits(alg string, t key.Type) bool {
	for _, a := range Algorithms(t) {
		if a == alg {
			return true
		}
	}
	return false
}

// Sign returns document as a compact JWS. Its bytes are the payload; what the
// form wants beside them is put behind the last member.
func (s suite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	algorithms := Algorithms(signer.Public().Type())
	if len(algorithms) == 0 {
		return nil, reason.New("key_invalid/key-type", "", "keys of type %s do not sign tokens", signer.Public().Type())
	}
	if p.Purpose != s.purpose() {
		return nil, reason.New(reason.WrongPurpose, "", "%s is for %s, not for %q", s.id, s.purpose(), string(p.Purpose))
	}
	if p.ProofID != "" || len(p.Previous) > 0 || s.id != VPJWT && (p.Challenge != "" || len(p.Domains) > 0 || !p.Expires.IsZero()) {
		return nil, reason.New("usage/params", "", "%s cannot express these options", s.id)
	}
	doc, err := strictjson.ParseObject(document, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	if _, err := s.document(&token{payload: doc}); err != nil {
		return nil, err
	}
	if doc.Get("proof") != nil {
		return nil, reason.New(reason.Conflict, "/proof", "the document carries a proof already")
	}
	added, err := s.claims(doc, p)
	if err != nil {
		return nil, err
	}
	payload := splice(document, added)
	typ, content := string(s.id), `,"cty":"`+strings.TrimSuffix(string(s.id), "+jwt")+`"`
	if s.id == OpenBadgeJWT {
		typ, content = "JWT", ""
	}
	header := append([]byte(`{"alg":"`+algorithms[0]+`","kid":`), strictjson.AppendString(nil, signer.ID())...)
	header = append(header, `,"typ":"`+typ+`"`+content+`}`...)
	b64 := base64.RawURLEncoding
	signed := b64.EncodeToString(header) + "." + b64.EncodeToString(payload)
	signature, err := signer.Sign(ctx, []byte(signed))
	if err != nil {
		return nil, err
	}
	return []byte(signed + "." + b64.EncodeToString(signature)), nil
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
		if !p.Created.IsZero() {
			add("iat", strictjson.Int(p.Created.Unix()))
		}
		if !p.Expires.IsZero() {
			add("exp", strictjson.Int(p.Expires.Unix()))
		}
	}
	for _, m := range out {
		if doc.Get(m.Name) != nil {
			return nil, reason.New(reason.Conflict, "/"+m.Name, "the document has a member of this name already")
		}
	}
	return out, nil
}

// splice puts members behind the last one of an object without touching its
// bytes.
func splice(document []byte, members []strictjson.Member) []byte {
	if len(members) == 0 {
		return document
	}
	end := strings.LastIndexByte(string(document), '}')
	added := strictjson.Object(members...).AppendJSON(nil)
	out := append([]byte{}, document[:end]...)
	out = append(out, ',')
	out = append(out, added[1:]...)
	return append(out, document[end+1:]...)
}
