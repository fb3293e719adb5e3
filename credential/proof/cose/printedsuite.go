package cose

import (
	"context"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

type printed struct{}

// PrintedSuite returns the suite that opens and verifies short forms. They are
// made by SignPrinted.
func PrintedSuite() proof.Suite { return printed{} }

func (printed) ID() proof.ID { return PrintedForm }

// Open reads a COSE_Sign1 that is a short form by its type.
func (s printed) Open(in *proof.Input) ([]*proof.Secured, error) {
	out, _, err := s.open(in)
	if err != nil || out == nil {
		return nil, err
	}
	return []*proof.Secured{out}, nil
}

// open reads a message; all results are nil when it is for another suite.
func (printed) open(in *proof.Input) (*proof.Secured, *message, error) {
	if in.COSE == nil {
		return nil, nil, nil
	}
	m, err := readMessage(in.COSE, in.Limits)
	if err != nil {
		return nil, nil, err
	}
	if m.typ != PrintedType {
		return nil, nil, nil
	}
	c := &m.claims
	if m.content != "" || c.hasIssuer || c.hasSubject || c.hasExpires || c.hasNotBefore || c.hasDate || c.nonce != "" || len(c.audience) > 0 {
		return nil, nil, reason.New(headerCode, "", "a short form has its claims in the payload and no others in the header")
	}
	if len(in.COSE) > maxPrinted {
		return nil, nil, reason.New("resource_limit/printed", "", "a short form of %d bytes, the limit is %d", len(in.COSE), maxPrinted)
	}
	p, err := readPrinted(m.payload)
	if err != nil {
		return nil, nil, err
	}
	out := &proof.Secured{Suite: PrintedForm, Input: in, Document: p.document(), Proof: m.shown(), Purpose: proof.AssertionMethod,
		Created: p.Created, NotBefore: p.From, Expires: p.Until, Mapped: true, Status: p.tokenStatus(), ShortOf: p.Digest}
	keyID := m.keyID
	if own := onlyKey(p.Issuer); keyID == own { // and a form that says it all the same is another form
		return nil, nil, reason.New("key_invalid/verification-method", "/kid", "is left out where the issuer has one key only, and said where it has more")
	} else if keyID == "" {
		keyID = own
	}
	if out.Method, err = (jws.Lenience{}).Method(keyID, p.Issuer); err != nil {
		return nil, nil, err
	}
	return out, m, nil
}

// onlyKey returns the fragment of the key of an issuer that is a did:key, and
// so has no other; it is left out, since it says the same once more.
func onlyKey(issuer string) string {
	if own, ok := strings.CutPrefix(issuer, "did:key:"); ok {
		return "#" + own
	}
	return ""
}

// Verify checks the signature over the message. Everything in sec is read from
// its bytes once more.
func (s printed) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if sec == nil || sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no message to check")
	}
	own, m, err := s.open(sec.Input)
	if err != nil {
		return nil, err
	}
	if own == nil {
		return nil, reason.New("unsupported_alg/suite", "", "this is no short form")
	}
	k, err := keys.Key(ctx, own.Method, own.Purpose)
	if err != nil {
		return nil, err
	}
	if err := m.verify(k.Public); err != nil {
		return nil, err
	}
	return &proof.Proven{Document: own.Document, Key: k}, nil
}

// Sign refuses: a short form is made of a credential that is signed already,
// by SignPrinted, and is no way to secure one.
func (printed) Sign(context.Context, []byte, key.Signer, proof.Params) ([]byte, error) {
	return nil, reason.New("usage/params", "", "no credential is issued as %s: it is issued in another form, and that is the short form of it", PrintedForm)
}

// SignPrinted signs a short form with a key of its issuer. What the reader would
// refuse is not signed. Who calls it answers for the claims being those of the
// credential that Digest names.
func SignPrinted(ctx context.Context, p Printed, signer key.Signer) ([]byte, error) {
	alg, ok := algorithmFor(signer.Public().Type())
	if !ok {
		return nil, reason.New("key_invalid/key-type", "", "keys of type %s do not sign COSE", signer.Public().Type())
	}
	base, fragment, found := strings.Cut(signer.ID(), "#")
	if !found || base != p.Issuer {
		return nil, reason.New(reason.IssuerMismatch, "", "the key %.120s is not one of %.120s", signer.ID(), p.Issuer)
	}
	if err := p.check(); err != nil {
		return nil, err
	}
	m := &message{alg: alg, keyID: "#" + fragment, typ: PrintedType, payload: p.append(nil)}
	if m.keyID == onlyKey(p.Issuer) {
		m.keyID = ""
	}
	out, err := m.write(ctx, signer)
	if err != nil {
		return nil, err
	}
	read, err := proof.Read(out, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	_, _, err = printed{}.open(read)
	return out, err
}

// Cover implements proof.Coverer: the signature is over the very bytes of both
// parts, and neither is JSON.
func (s printed) Cover(_ context.Context, sec *proof.Secured, _ []proof.Context) ([]proof.Place, error) {
	if sec.Input == nil {
		return nil, reason.New(reason.NoProof, "", "there is no message")
	}
	own, _, err := s.open(sec.Input)
	if err != nil {
		return nil, err
	}
	if own == nil {
		return nil, reason.New("unsupported_alg/suite", "", "this is no short form")
	}
	out := []proof.Place{{Part: proof.PartHeader, State: proof.Protected, Why: proof.SignedText}}
	out = append(out, proof.EveryPlace(proof.PartPayload, "", own.Document, proof.Protected, proof.SignedText)...)
	return append(out, proof.Place{Part: proof.PartSignature, State: proof.OwnValue, Why: proof.TheSignature}), nil
}
