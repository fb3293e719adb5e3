package sdjwt

import (
	"context"
	"hash"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The names of the suites.
const (
	DCSDJWT proof.ID = "dc+sd-jwt"
	VCSDJWT proof.ID = "vc+sd-jwt"
	VPSDJWT proof.ID = "vp+sd-jwt"
)

const (
	malformed reason.Code = "malformed/sd-jwt"
	badForm   reason.Code = "disclosure_invalid/form"
)

type suite struct {
	id       proof.ID
	lenience jws.Lenience
}

// DC returns the suite for SD-JWT VC and SD-JWT VCLD.
func DC() proof.Suite { return suite{id: DCSDJWT} }

// VC returns the suite for tokens of type vc+sd-jwt.
func VC() proof.Suite { return suite{id: VCSDJWT} }

// VP returns the suite for presentations of type vp+sd-jwt.
func VP() proof.Suite { return suite{id: VPSDJWT} }

// LenientUnsafe returns a suite that passes over what l names, for test suites alone.
func LenientUnsafe(id proof.ID, l jws.Lenience) proof.Suite { return suite{id, l} }

func (s suite) ID() proof.ID { return s.id }

// purpose is what the signature around the document is for.
func (s suite) purpose() proof.Purpose {
	if s.id == VPSDJWT {
		return proof.Authentication
	}
	return proof.AssertionMethod
}

// read is an SD-JWT with everything in it taken apart.
type read struct {
	compact  *compact
	token    *jws.Token // Payload has the claims as disclosed
	revealed *revealed
	model    model
	hash     func() hash.Hash
	issuer   *proof.Secured
	binding  *binding // nil when there is none
}

// Open reads an SD-JWT that is this suite's by its type: the issuer's proof,
// and behind it the holder's if there is one.
func (s suite) Open(in *proof.Input) ([]*proof.Secured, error) {
	r, err := s.read(in)
	if err != nil || r == nil {
		return nil, err
	}
	out := []*proof.Secured{r.handed(r.issuer)}
	if r.binding != nil {
		out = append(out, r.handed(r.binding.secured))
	}
	return out, nil
}

// handed returns a copy for the caller, who may change it, and from which
// Verify finds back to what was read.
func (r *read) handed(s *proof.Secured) *proof.Secured {
	out := *s
	out.Opened = r
	return &out
}

// read returns nil without an error for what is another suite's.
func (s suite) read(in *proof.Input) (*read, error) {
	if !strings.Contains(in.Compact, "~") {
		return nil, nil
	}
	c, err := split(in.Compact)
	if err != nil {
		return nil, err
	}
	t, err := jws.ReadHead(c.jwt, in.Limits)
	if err != nil {
		return nil, err
	}
	if mine, err := s.takes(t); err != nil || !mine {
		return nil, err
	}
	t.Lenience = s.lenience
	if err := t.ReadBody(in.Limits); err != nil {
		return nil, err
	}
	r := &read{compact: c, token: t}
	if r.hash, err = hashOf(t.Payload); err != nil {
		return nil, err
	}
	if err := s.alwaysShown(t.Payload); err != nil {
		return nil, err
	}
	if r.revealed, err = reveal(t.Payload, r.hash, c.disclosures, in.Limits); err != nil {
		return nil, err
	}
	needed := s.always()
	for _, o := range r.revealed.opened {
		if name := firstName(o.at); slices.Contains(needed, name) {
			return nil, reason.New("disclosure_invalid/registered-claim", o.at, "the claim %s can be kept back", name)
		}
	}
	t.Payload = r.revealed.claims
	if r.issuer, r.model, err = s.secured(t); err != nil {
		return nil, err
	}
	r.issuer.Input, r.issuer.Disclosed, r.issuer.Withheld = in, len(r.revealed.opened), r.revealed.withheld
	if c.binding != "" {
		if s.id == VPSDJWT {
			return nil, reason.New(malformed, "", "a presentation is signed by its holder, and no second time by a key binding")
		}
		if r.binding, err = r.readBinding(in); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// takes decides by the type header which suite a token is for. A type that is
// nobody's is refused by whichever is asked.
func (s suite) takes(t *jws.Token) (bool, error) {
	var id proof.ID
	switch {
	case jws.IsType(t.Type, string(DCSDJWT)):
		id = DCSDJWT
	case jws.IsType(t.Type, string(VCSDJWT)):
		id = VCSDJWT
	case jws.IsType(t.Type, string(VPSDJWT)):
		id = VPSDJWT
	default:
		return false, reason.New("wrong_type/typ", "/typ", "an SD-JWT of type %.40q is no credential", t.Type)
	}
	isCredential, isPresentation := jws.IsType(t.Content, "vc"), jws.IsType(t.Content, "vp")
	if isCredential && id == VPSDJWT || isPresentation && id != VPSDJWT {
		return false, reason.New("wrong_type/cty", "/cty", "a token of type %.40q does not hold content of type %.40q", t.Type, t.Content)
	}
	if s.id != id {
		return false, nil
	}
	if t.JWK != nil {
		return false, reason.New(jws.KeyInHeader, "/jwk", "a key that the token brings itself says nothing about the issuer")
	}
	return true, nil
}

// Verify checks the issuer's or the holder's signature, by the purpose of sec.
// What counts is the token: nothing else in sec is believed.
func (s suite) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if sec == nil || sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no token to check")
	}
	r, ok := sec.Opened.(*read)
	if !ok || r.issuer.Suite != s.id || r.issuer.Input != sec.Input {
		var err error
		if r, err = s.read(sec.Input); err != nil {
			return nil, err
		}
		if r == nil {
			return nil, reason.New("unsupported_alg/suite", "", "this is no token of %s", s.id)
		}
	}
	if sec.Purpose == proof.Authentication && s.id != VPSDJWT {
		if r.binding == nil {
			return nil, noBinding()
		}
		return r.verifyBinding(ctx, keys)
	}
	k, err := keys.Key(ctx, r.issuer.Method, r.issuer.Purpose)
	if err != nil {
		return nil, err
	}
	if err := r.token.Verify(k.Public); err != nil {
		return nil, err
	}
	return &proof.Proven{Document: r.issuer.Document, Key: k}, nil
}

func noBinding() error {
	return reason.New("holder_mismatch/no-key-binding", "", "the credential is shown without the holder's signature")
}

// Document returns what an SD-JWT of any of the suites says, as disclosed in
// it. Nothing of it has been checked.
func Document(raw []byte) (*strictjson.Value, error) {
	r, err := open(raw)
	if err != nil {
		return nil, err
	}
	return r.issuer.Document, nil
}

// HolderKey returns the key that a credential is bound to, the zero value when
// it is bound to none, or to one that it only names.
func HolderKey(raw []byte) (key.Public, error) {
	r, err := open(raw)
	if err != nil {
		return key.Public{}, err
	}
	v := r.token.Payload.Get("cnf").Get("jwk")
	if v == nil {
		return key.Public{}, nil
	}
	jwk, err := key.ParseJWK(v)
	return jwk.Public, err
}

// open reads an SD-JWT of whichever suite.
func open(raw []byte) (*read, error) {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	for _, s := range []suite{{id: DCSDJWT}, {id: VCSDJWT}, {id: VPSDJWT}} {
		if r, err := s.read(in); err != nil || r != nil {
			return r, err
		}
	}
	return nil, reason.New(malformed, "", "this is no SD-JWT")
}
