package cose

import (
	"context"
	"slices"
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
	VCCOSE proof.ID = "vc+cose"
	VPCOSE proof.ID = "vp+cose"
)

type suite struct {
	id       proof.ID
	lenience jws.Lenience
}

// VC returns the suite for credentials as vc+cose.
func VC() proof.Suite { return suite{id: VCCOSE} }

// VP returns the suite for presentations as vp+cose.
func VP() proof.Suite { return suite{id: VPCOSE} }

// LenientUnsafe returns a suite that passes over what l names, for test suites alone.
func LenientUnsafe(id proof.ID, l jws.Lenience) proof.Suite { return suite{id, l} }

func (s suite) ID() proof.ID { return s.id }

func (s suite) purpose() proof.Purpose {
	if s.id == VPCOSE {
		return proof.Authentication
	}
	return proof.AssertionMethod
}

func (s suite) typ() string { return "application/" + string(s.id) }

func (s suite) content() string { return strings.TrimSuffix(s.typ(), "+cose") }

// takes decides by the type which suite a message is for. Types of other
// messages are refused by the first suite that is asked, so that no suite takes
// what was made for another purpose.
func (s suite) takes(m *message) (bool, error) {
	if m.typ != s.typ() {
		if m.typ == (suite{id: VCCOSE}).typ() || m.typ == (suite{id: VPCOSE}).typ() || m.typ == PrintedType {
			return false, nil
		}
		return false, reason.New("wrong_type/typ", "/typ", "a message of type %.40q is no credential", m.typ)
	}
	if m.content != "" && m.content != s.content() {
		return false, reason.New("wrong_type/cty", "/cty", "a message of type %.40q does not hold content of type %.40q", m.typ, m.content)
	}
	return true, nil
}

// opened is a message that was read, with a copy of what was said of it.
type opened struct {
	secured proof.Secured
	message *message
}

// Open reads a COSE_Sign1 that is this suite's by its type.
func (s suite) Open(in *proof.Input) ([]*proof.Secured, error) {
	out, m, err := s.open(in)
	if err != nil || out == nil {
		return nil, err
	}
	out.Opened = opened{*out, m}
	return []*proof.Secured{out}, nil
}

// open reads a message; both results are nil when it is for another suite.
func (s suite) open(in *proof.Input) (*proof.Secured, *message, error) {
	if in.COSE == nil {
		return nil, nil, nil
	}
	m, err := readMessage(in.COSE, in.Limits)
	if err != nil {
		return nil, nil, err
	}
	if mine, err := s.takes(m); err != nil || !mine {
		return nil, nil, err
	}
	doc, err := strictjson.ParseObject(m.payload, in.Limits)
	if err != nil {
		return nil, nil, reason.New(reason.CodeOf(err), reason.AtOf(err), "payload: %w", err)
	}
	out, err := s.secured(m, doc)
	if err != nil {
		return nil, nil, err
	}
	out.Input = in
	return out, m, nil
}

// secured says what a message claims, if it does so in one voice.
func (s suite) secured(m *message, doc *strictjson.Value) (*proof.Secured, error) {
	isPresentation := credential.IsPresentation(doc)
	switch {
	case s.id == VPCOSE && !isPresentation:
		return nil, reason.New("wrong_type/payload", "/type", "the message is of the type of a presentation and holds none")
	case s.id != VPCOSE && isPresentation:
		return nil, reason.New("wrong_type/payload", "/type", "the message is of the type of a credential and holds a presentation")
	case s.id != VPCOSE && !credential.HasType(doc, "VerifiableCredential"):
		return nil, reason.New("wrong_type/payload", "/type", "the message holds no credential")
	}
	c := &m.claims
	out := &proof.Secured{Suite: s.id, Document: doc, Proof: m.shown(), Purpose: s.purpose(), Challenge: c.nonce, Domains: slices.Clone(c.audience)}
	for _, t := range []struct {
		is      bool
		seconds int64
		to      *time.Time
	}{{c.hasExpires, c.expires, &out.Expires}, {c.hasNotBefore, c.notBefore, &out.NotBefore}, {c.hasDate, c.issued, &out.Created}} {
		if t.is {
			*t.to = time.Unix(t.seconds, 0).UTC()
		}
	}
	var err error
	if s.id == VPCOSE {
		err = s.presentation(m, out)
	} else {
		err = s.credential(m, out)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// credential holds the claims against the members that say the same (Securing
// Verifiable Credentials using JOSE and COSE section 4.1).
func (s suite) credential(m *message, out *proof.Secured) (err error) {
	issuer := credential.ID(out.Document.Get("issuer"))
	if m.claims.hasIssuer && m.claims.issuer != issuer {
		return reason.New("issuer_mismatch/iss", "/iss", "iss names another issuer than the credential")
	}
	if m.claims.hasSubject && !slices.ContainsFunc(out.Document.Get("credentialSubject").List(), func(v *strictjson.Value) bool { return credential.ID(v) == m.claims.subject }) {
		return reason.New("holder_mismatch/sub", "/sub", "the claim sub is not whom the credential is about")
	}
	out.Method, err = s.method(m, issuer)
	return err
}

// presentation finds out who presents.
func (s suite) presentation(m *message, out *proof.Secured) (err error) {
	holder := credential.ID(out.Document.Get("holder"))
	speaker := holder
	if speaker == "" {
		speaker = m.claims.issuer
	}
	if out.Method, err = s.method(m, speaker); err != nil {
		return err
	}
	if holder == "" { // the member is optional: then whoever signs is the holder
		holder, _, _ = strings.Cut(out.Method, "#")
	}
	if m.claims.hasIssuer && m.claims.issuer != holder {
		return reason.New("holder_mismatch/iss", "/iss", "iss names another holder than the presentation")
	}
	return nil
}

// method returns the verification method: kid, which may leave out the
// identifier of who speaks.
func (s suite) method(m *message, speaker string) (string, error) {
	return s.lenience.Method(m.keyID, speaker)
}

// shown returns the header as a token would have it, for who inspects it.
func (m *message) shown() *strictjson.Value {
	var members []strictjson.Member
	for _, f := range [][2]string{{"alg", m.alg.name}, {"cty", m.content}, {"kid", m.keyID}, {"typ", m.typ}} {
		if f[1] != "" {
			members = append(members, strictjson.Member{Name: f[0], Value: strictjson.String(f[1])})
		}
	}
	return strictjson.Object(members...)
}

// Verify checks the signature over the message. What counts are its bytes:
// everything else in sec is read from them once more.
func (s suite) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if sec == nil || sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no message to check")
	}
	read, ok := sec.Opened.(opened)
	if !ok || read.secured.Suite != s.id || read.secured.Input != sec.Input {
		own, m, err := s.open(sec.Input)
		if err != nil {
			return nil, err
		}
		if own == nil {
			return nil, reason.New("unsupported_alg/suite", "", "this is no message of %s", s.id)
		}
		read = opened{*own, m}
	}
	own := &read.secured
	k, err := keys.Key(ctx, own.Method, own.Purpose)
	if err != nil {
		return nil, err
	}
	if err := read.message.verify(k.Public); err != nil {
		return nil, err
	}
	return &proof.Proven{Document: own.Document, Key: k}, nil
}

// Sign returns document as a COSE_Sign1. Its bytes are the payload. What Open
// would refuse is not signed.
func (s suite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	alg, ok := algorithmFor(signer.Public().Type())
	if !ok {
		return nil, reason.New("key_invalid/key-type", "", "keys of type %s do not sign COSE", signer.Public().Type())
	}
	if p.Purpose != s.purpose() {
		return nil, reason.New(reason.WrongPurpose, "", "%s is for %s, not for %q", s.id, s.purpose(), string(p.Purpose))
	}
	if p.Discloses() || p.ProofID != "" || len(p.Previous) > 0 || s.id != VPCOSE && (p.Challenge != "" || len(p.Domains) > 0 || !p.Expires.IsZero()) {
		return nil, reason.New("usage/params", "", "%s cannot express these options", s.id)
	}
	if p.Challenge != "" && (len(p.Challenge) < minNonce || len(p.Challenge) > maxNonce) {
		return nil, reason.New("usage/params", "", "%s has challenges of 8 to 64 bytes", s.id)
	}
	lim := strictjson.Limits{MaxBytes: p.MaxBytes}
	doc, err := strictjson.ParseObject(document, lim)
	if err != nil {
		return nil, err
	}
	if doc.Get("proof") != nil {
		return nil, reason.New(reason.Conflict, "/proof", "the document carries a proof already")
	}
	m := &message{alg: alg, keyID: signer.ID(), typ: s.typ(), content: s.content(), payload: document,
		claims: claims{nonce: p.Challenge, audience: p.Domains}}
	for _, t := range []struct {
		at time.Time
		is *bool
		to *int64
	}{{p.Expires, &m.claims.hasExpires, &m.claims.expires}, {p.Created, &m.claims.hasDate, &m.claims.issued}} {
		if !t.at.IsZero() {
			*t.is, *t.to = true, t.at.Unix()
		}
	}
	if _, err := s.secured(m, doc); err != nil {
		return nil, err
	}
	out, err := m.write(ctx, signer)
	if err != nil {
		return nil, err
	}
	if _, err := readMessage(out, lim); err != nil {
		return nil, err
	}
	return out, nil
}

// Document returns what a message of either suite says. Nothing of it has been
// checked.
func Document(raw []byte) (*strictjson.Value, error) {
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	for _, s := range []suite{{id: VCCOSE}, {id: VPCOSE}} {
		if out, _, err := s.open(in); err != nil {
			return nil, err
		} else if out != nil {
			return out.Document, nil
		}
	}
	if short, _, err := (printed{}).open(in); err == nil && short != nil {
		return nil, reason.New("wrong_type/printed", "", "a short form for paper is no whole credential")
	}
	return nil, reason.New("wrong_type/cose", "", "this is no COSE message")
}
