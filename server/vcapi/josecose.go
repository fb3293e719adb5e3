package vcapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Enveloping answers the test suite for VC-JOSE-COSE, which runs a command for
// each test instead of calling over HTTPS: one document, one key, one feature.
type Enveloping struct {
	lossless  proof.Set // over the contexts that are known
	standards *profile.Standards
	now       func() time.Time
}

// NewEnveloping returns what answers, with contexts beside those of the
// standards.
func NewEnveloping(contexts []suites.Context, now func() time.Time) (*Enveloping, error) {
	set, err := lenientSuites(contexts)
	if err != nil {
		return nil, err
	}
	return &Enveloping{set, profile.NewStandards(), now}, nil
}

// EnvelopingTest is what a test of the suite asks.
type EnvelopingTest struct {
	Feature string   // such as credential_jose
	Input   []byte   // the document to sign, or what is to be verified
	Key     []byte   // a verification method with publicKeyJwk and secretKeyJwk
	Paths   []string // what can be kept back, such as credentialSubject.address.city
}

// suite returns the suite of a feature. It lets pass what the test suite has in
// its tokens: iat as a text, kid as a bare name.
func (t EnvelopingTest) suite() (proof.Suite, error) {
	l := jws.Lenience{TextTimes: true, BareKeyID: true}
	switch t.Feature {
	case "credential_jose":
		return jose.LenientUnsafe(jose.VCJWT, l), nil
	case "presentation_jose":
		return jose.LenientUnsafe(jose.VPJWT, l), nil
	case "credential_sdjwt":
		return sdjwt.LenientUnsafe(sdjwt.VCSDJWT, l), nil
	case "presentation_sdjwt":
		return sdjwt.LenientUnsafe(sdjwt.VPSDJWT, l), nil
	case "credential_cose":
		return cose.LenientUnsafe(cose.VCCOSE, l), nil
	case "presentation_cose":
		return cose.LenientUnsafe(cose.VPCOSE, l), nil
	}
	return nil, reason.New(reason.Usage, "--feature", "%.40q is no feature of the test suite", t.Feature)
}

func (t EnvelopingTest) isPresentation() bool { return strings.HasPrefix(t.Feature, "presentation_") }

func (t EnvelopingTest) isCOSE() bool { return strings.HasSuffix(t.Feature, "_cose") }

// Issue signs the document of a test. COSE is returned in base64, as the suite
// has it. What would be refused is not given out.
func (e *Enveloping) Issue(ctx context.Context, t EnvelopingTest) ([]byte, error) {
	s, err := t.suite()
	if err != nil {
		return nil, err
	}
	m, err := readMethod(t.Key)
	if err != nil {
		return nil, err
	}
	signer, err := m.signer()
	if err != nil {
		return nil, err
	}
	document, err := strictjson.ParseObject(t.Input, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	if err := foreign(document); err != nil {
		return nil, err
	}
	// Not asked of presentations: the suite has line breaks in a data: URL of
	// one, and so no absolute id.
	if !t.isPresentation() {
		if err := dataintegrity.Lossless(ctx, e.lossless, document); err != nil {
			return nil, err
		}
	}
	p := proof.Params{Purpose: proof.AssertionMethod, Created: e.now()}
	if t.isPresentation() {
		p.Purpose = proof.Authentication
	}
	for _, path := range t.Paths {
		p.Disclosable = append(p.Disclosable, pointer(path))
	}
	signed, err := s.Sign(ctx, t.Input, signer, p)
	if err != nil {
		return nil, err
	}
	if t.isCOSE() {
		signed = []byte(base64.RawStdEncoding.EncodeToString(signed))
	}
	t.Input = signed
	return signed, e.Verify(ctx, t)
}

// Verify returns what is wrong with what a test has verified. The credentials
// in a presentation are looked at and not opened: the suite gives no key for
// them, and one that it wants accepted is no token. Nor is it asked whose the
// key is, and whether the time is right.
func (e *Enveloping) Verify(ctx context.Context, t EnvelopingTest) error {
	s, err := t.suite()
	if err != nil {
		return err
	}
	m, err := readMethod(t.Key)
	if err != nil {
		return err
	}
	raw := bytes.TrimSpace(t.Input)
	if t.isCOSE() {
		if raw, err = base64.RawStdEncoding.Strict().DecodeString(string(raw)); err != nil {
			return reason.New(reason.MalformedBase64, "", "COSE is in base64 here")
		}
	}
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		return err
	}
	set := proof.Set{s}
	secured, err := set.Open(in)
	if err != nil {
		return err
	}
	proven, err := set.Verify(ctx, secured[0], m)
	if err != nil {
		return err
	}
	if t.isPresentation() {
		if err := profile.Err(profile.Check(proven.Document, e.standards.Presentation())); err != nil {
			return err
		}
		return enveloped(proven.Document)
	}
	c, err := credential.New(proven.Document, nil)
	if err != nil {
		return err
	}
	return profile.Err(profile.Check(proven.Document, e.standards.Model(c)))
}

// enveloped refuses credentials of a presentation that are not in an envelope.
func enveloped(document *strictjson.Value) error {
	for _, part := range credential.NewPresentation(document).Credentials() {
		rest, ok := strings.CutPrefix(credential.ID(part.Value), "data:application/")
		media, _, hasData := strings.Cut(rest, ",")
		known := slices.Contains([]string{"vc+jwt", "vc+sd-jwt", "vc+cose;base64"}, media)
		if !credential.HasType(part.Value, "EnvelopedVerifiableCredential") || !ok || !hasData || !known {
			return reason.New("wrong_type/envelope", part.At, "a credential in a presentation is secured, and in an envelope")
		}
	}
	return nil
}

// foreign refuses members of a document that the data model has no name for.
// Whoever issues may add terms by a context; the suite wants two refused that a
// context defines as it defines every word there is, by @vocab.
func foreign(document *strictjson.Value) error {
	for _, m := range document.Members() {
		switch m.Name {
		case "@context", "id", "type", "name", "description", "issuer", "validFrom", "validUntil", "credentialSubject", "credentialStatus",
			"credentialSchema", "evidence", "termsOfUse", "refreshService", "relatedResource", "renderMethod", "confidenceMethod",
			"holder", "verifiableCredential":
		default:
			return reason.New("malformed/data-model", strictjson.Pointer("", m.Name), "the data model has no member of this name")
		}
	}
	return nil
}

// pointer writes a path such as a.b[0] as a JSON pointer.
func pointer(path string) string {
	out := ""
	for token := range strings.SplitSeq(strings.ReplaceAll(path, "[", ".["), ".") {
		if n, err := strconv.Atoi(strings.Trim(token, "[]")); err == nil && strings.HasPrefix(token, "[") {
			token = strconv.Itoa(n)
		}
		out = strictjson.Pointer(out, token)
	}
	return out
}

// method is a verification method with both its keys, and finds the one key
// that a test speaks of.
type method struct {
	id, controller, keyID string
	public                key.Public
	secret                *strictjson.Value
}

func readMethod(raw []byte) (*method, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	jwk, err := key.ParseJWK(v.Get("publicKeyJwk"))
	if err != nil {
		return nil, err
	}
	m := &method{id: credential.ID(v), public: jwk.Public, secret: v.Get("secretKeyJwk")}
	m.controller, _ = v.Get("controller").Text()
	m.keyID, _ = v.Get("publicKeyJwk").Get("kid").Text()
	return m, nil
}

// Key implements proof.Keys: the method may be named in full or, as the suite
// does it, by the kid of its JWK.
func (m *method) Key(ctx context.Context, name string, _ proof.Purpose) (proof.Key, error) {
	if err := ctx.Err(); err != nil {
		return proof.Key{}, reason.Wrap(reason.Canceled, "", err)
	}
	_, fragment, _ := strings.Cut(name, "#")
	if name != m.id && (m.keyID == "" || name != m.keyID && fragment != m.keyID) {
		return proof.Key{}, reason.New("key_invalid/unknown-key", name, "is not the key of this test")
	}
	return proof.Key{Public: m.public, ID: m.id, Controller: m.controller}, nil
}
