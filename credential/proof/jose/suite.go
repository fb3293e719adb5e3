package jose

import (
	"context"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The names of the suites.
const (
	VCJWT        proof.ID = "vc+jwt"
	VPJWT        proof.ID = "vp+jwt"
	OpenBadgeJWT proof.ID = "ob3-jwt"
)

type suite struct {
	id       proof.ID
	lenience jws.Lenience
}

// VC returns the suite for credentials as vc+jwt.
func VC() proof.Suite { return suite{id: VCJWT} }

// VP returns the suite for presentations as vp+jwt.
func VP() proof.Suite { return suite{id: VPJWT} }

// OpenBadge returns the suite for credentials in the JWT form of Open Badges
// 3.0.
func OpenBadge() proof.Suite { return suite{id: OpenBadgeJWT} }

// LenientUnsafe returns a suite that passes over what l names, for test suites alone.
func LenientUnsafe(id proof.ID, l jws.Lenience) proof.Suite { return suite{id, l} }

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
func (s suite) takes(t *jws.Token) (bool, error) {
	var id proof.ID
	switch { // the last three of each row are from drafts of the standard
	case jws.IsType(t.Type, "vc+jwt", "vc-ld+jwt", "vc+ld+jwt", "vc+ld+json+jwt"):
		id = VCJWT
	case jws.IsType(t.Type, "vp+jwt", "vp-ld+jwt", "vp+ld+jwt", "vp+ld+json+jwt"):
		id = VPJWT
	case t.Type == "" || jws.IsType(t.Type, "jwt"):
		id = OpenBadgeJWT
	default:
		return false, reason.New("wrong_type/typ", "/typ", "a token of type %.40q is no credential", t.Type)
	}
	isCredential, isPresentation := jws.IsType(t.Content, "vc", "vc+ld+json"), jws.IsType(t.Content, "vp", "vp+ld+json")
	if isCredential && id == VPJWT || isPresentation && id != VPJWT || jws.IsType(t.Content, "jwt") {
		return false, reason.New("wrong_type/cty", "/cty", "a token of type %.40q does not hold content of type %.40q", t.Type, t.Content)
	}
	return s.id == id, nil
}

// opened is a token that was read, with a copy of what was said of it.
type opened struct {
	secured proof.Secured
	token   *jws.Token
}

// Open reads a compact JWS that is this suite's by its type.
func (s suite) Open(in *proof.Input) ([]*proof.Secured, error) {
	if in.Document != nil {
		return nil, refuseJSONForms(in.Document)
	}
	out, t, err := s.open(in)
	if err != nil || out == nil {
		return nil, err
	}
	out.Opened = opened{*out, t}
	return []*proof.Secured{out}, nil
}

// refuseJSONForms names the JSON forms of JOSE, so that they are not taken for
// documents that lack a proof (RFC 7515 section 7.2, RFC 7516 section 7.2).
func refuseJSONForms(doc *strictjson.Value) error {
	has := func(name string) bool { return doc.Get(name) != nil }
	switch {
	case has("payload") && (has("signatures") || has("signature") || has("protected")):
		return reason.New("malformed/jws-json", "", "a JWS in JSON form is not accepted, only the compact one")
	case has("ciphertext") && (has("recipients") || has("encrypted_key") || has("protected")):
		return reason.New(jws.Encrypted, "", "an encrypted token is not a credential that can be checked")
	}
	return nil
}

// open reads a token; both results are nil when it is for another suite.
func (s suite) open(in *proof.Input) (*proof.Secured, *jws.Token, error) {
	if in.Compact == "" || strings.Contains(in.Compact, "~") { // with "~" it is an SD-JWT
		return nil, nil, nil
	}
	t, err := jws.ReadHead(in.Compact, in.Limits)
	if err != nil {
		return nil, nil, err
	}
	if mine, err := s.takes(t); err != nil || !mine {
		return nil, nil, err
	}
	t.Lenience = s.lenience
	if err := t.ReadBody(in.Limits); err != nil {
		return nil, nil, err
	}
	out, err := s.secured(t)
	if err != nil {
		return nil, nil, err
	}
	out.Input = in
	return out, t, nil
}

// secured says what a token claims, if it does so in one voice.
func (s suite) secured(t *jws.Token) (*proof.Secured, error) {
	if t.JWK != nil && s.id != OpenBadgeJWT {
		return nil, reason.New(jws.KeyInHeader, "/jwk", "a key that the token brings itself says nothing about the issuer")
	}
	out := &proof.Secured{Suite: s.id, Proof: t.Header, Purpose: s.purpose()}
	var err error
	if out.Document, err = s.document(t); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name string
		to   *time.Time
	}{{"exp", &out.Expires}, {"nbf", &out.NotBefore}, {"iat", &out.Created}} {
		if *c.to, err = t.Time(c.name); err != nil {
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
	return out, nil
}

// document returns what the token says, and refuses what is of another kind
// than its type.
func (s suite) document(t *jws.Token) (*strictjson.Value, error) {
	doc := t.Payload
	vc, vp := doc.Get("vc"), doc.Get("vp")
	switch {
	case s.id == OpenBadgeJWT && vc != nil:
		if vp != nil || vc.Kind() != strictjson.KindObject || speaksTwice(doc) {
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

// Verify checks the signature over the token's text. What counts is the token:
// everything else in sec is read from it once more.
func (s suite) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if sec == nil || sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no token to check")
	}
	read, ok := sec.Opened.(opened)
	if !ok || read.secured.Suite != s.id || read.secured.Input != sec.Input {
		own, t, err := s.open(sec.Input)
		if err != nil {
			return nil, err
		}
		if own == nil {
			return nil, reason.New("unsupported_alg/suite", "", "this is no token of %s", s.id)
		}
		read = opened{*own, t}
	}
	own, t := &read.secured, read.token
	if own.Method == "" {
		return nil, unknownSigner(t)
	}
	k, err := keys.Key(ctx, own.Method, own.Purpose)
	if err != nil {
		return nil, err
	}
	if err := t.Verify(k.Public); err != nil {
		return nil, err
	}
	if t.JWK != nil {
		if jwk, err := key.ParseJWK(t.JWK); err != nil || !jwk.Public.Equal(k.Public) {
			return nil, reason.New(jws.KeyInHeader, "/jwk", "the key in the header is not the one that kid names")
		}
	}
	return &proof.Proven{Document: own.Document, Key: k}, nil
}
