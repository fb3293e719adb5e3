package proof

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// ID names a suite: a cryptosuite such as "eddsa-rdfc-2022", or a JOSE or
// COSE form such as "vc+jwt".
type ID string

// Purpose is a proof purpose (Controlled Identifiers 1.0 section 2.3): the
// verification relationship that a key must stand in for the proof to count.
type Purpose string

// The purposes that bevis knows.
const (
	AssertionMethod Purpose = "assertionMethod" // what an issuer says
	Authentication  Purpose = "authentication"  // who presents it
)

// Suite signs and verifies in one way. Implementations are immutable and safe
// for concurrent use.
type Suite interface {
	// ID returns the suite's name.
	ID() ID
	// Open returns the proofs of in that are this suite's to check, none
	// when there are none. An error says that a proof is this suite's and
	// cannot be read.
	Open(in *Input) ([]*Secured, error)
	// Sign returns document, a JSON object, secured by s. The bytes of
	// document are kept where the form allows.
	Sign(ctx context.Context, document []byte, s key.Signer, p Params) ([]byte, error)
	// Verify checks the proof s with the key that keys has for its
	// verification method, and returns what that key covered.
	Verify(ctx context.Context, s *Secured, keys Keys) (*Proven, error)
}

// Keys finds the key of a verification method, if that method may be used
// for the purpose. Errors carry key_invalid, key_unavailable, wrong_purpose or
// remote_fetch_blocked codes.
type Keys interface {
	Key(ctx context.Context, method string, purpose Purpose) (Key, error)
}

// Key is a public key with the verification method that it came from.
type Key struct {
	Public     key.Public
	ID         string    // verification method, a URL with a fragment
	Controller string    // who controls the method: compare it with the issuer
	Expires    time.Time // not to be used for signing after, zero: no limit
	Revoked    time.Time // not to be believed since, zero: never
	AsOf       time.Time // how old this knowledge is, zero: it follows from the id, or was given
}

// Input is a document as it came in: a JSON object, a compact JWS, or a COSE
// message.
type Input struct {
	Raw      []byte            // as received
	Document *strictjson.Value // the object, nil for another form
	Compact  string            // the compact form, empty for another
	COSE     []byte            // the message, nil for another form
	Limits   strictjson.Limits // for what a suite finds inside
}

// IsCOSE reports whether raw is a COSE message, by how it begins: with a tag of
// RFC 9052 section 2, that of a CWT, that of CBOR in general, or without one the
// array of four. No JSON and no compact form begins so. What is accepted of
// these is for the suites to say.
func IsCOSE(raw []byte) bool {
	for _, start := range []string{"\xd2", "\x84", "\xd0\x83", "\xd1\x84", "\xd8\x60", "\xd8\x61", "\xd8\x62", "\xd8\x3d", "\xd9\xd9\xf7"} {
		if bytes.HasPrefix(raw, []byte(start)) {
			return true
		}
	}
	return false
}

// Read tells the forms apart by their first byte and reads JSON strictly. White
// space behind a compact form is passed over, behind a COSE message it is not.
func Read(raw []byte, lim strictjson.Limits) (*Input, error) {
	in := &Input{Raw: raw, Limits: lim}
	text := bytes.TrimRight(raw, " \t\r\n")
	limit := lim.MaxBytes
	if limit <= 0 {
		limit = strictjson.DefaultMaxBytes
	}
	if len(raw) > limit {
		return nil, reason.New(reason.LimitSize, "", "document of %d bytes, the limit is %d", len(raw), limit)
	}
	if IsCOSE(raw) {
		in.COSE = raw
		return in, nil
	}
	if bytes.HasPrefix(text, []byte("eyJ")) {
		in.Compact = string(text)
		return in, nil
	}
	var err error
	in.Document, err = strictjson.ParseObject(raw, lim)
	return in, err
}

// Embedded is a member of a document's "proof".
type Embedded struct {
	At    string // JSON pointer in the document
	Value *strictjson.Value
}

// maxProofs bounds the proofs of one document: each may be checked, and each
// check costs as much as the whole document is long.
const maxProofs = 8

// places are the JSON pointers of as many proofs, one behind the other: every
// suite asks for them.
const places = "/proof/0/proof/1/proof/2/proof/3/proof/4/proof/5/proof/6/proof/7"

func placeOf(proof int) string {
	const each = len(places) / maxProofs
	return places[proof*each : (proof+1)*each]
}

// Proofs returns the embedded proofs of a JSON document. A document that has
// none is no_proof; one whose proof is neither an object nor an array of
// objects is malformed/proof, one with more than eight is resource_limit/proofs.
func (in *Input) Proofs() ([]Embedded, error) {
	p := in.Document.Get("proof")
	switch p.Kind() {
	case strictjson.Absent:
		return nil, reason.New(reason.NoProof, "/proof", "the document carries no proof")
	case strictjson.KindObject:
		if len(p.Members()) == 0 {
			return nil, reason.New(reason.NoProof, "/proof", "the proof is empty")
		}
		return []Embedded{{"/proof", p}}, nil
	case strictjson.KindArray:
		if len(p.Items()) == 0 {
			return nil, reason.New(reason.NoProof, "/proof", "the list of proofs is empty")
		}
		if len(p.Items()) > maxProofs {
			return nil, reason.New("resource_limit/proofs", "/proof", "%d proofs, the limit is %d", len(p.Items()), maxProofs)
		}
	default:
		return nil, reason.New(reason.MalformedProof, "/proof", "the proof is %s", p.Kind())
	}
	out := make([]Embedded, len(p.Items()))
	for i, item := range p.Items() {
		at := placeOf(i)
		if item.Kind() != strictjson.KindObject {
			return nil, reason.New(reason.MalformedProof, at, "the proof is %s", item.Kind())
		}
		out[i] = Embedded{at, item}
	}
	return out, nil
}

// Secured is one proof as it is claimed. Nothing in it has been checked.
type Secured struct {
	Suite    ID
	At       string            // JSON pointer of an embedded proof, empty for JOSE and COSE
	Input    *Input            // where it was found
	Document *strictjson.Value // what the proof claims to cover, without proofs
	Proof    *strictjson.Value // the embedded proof, or the header of the JOSE or COSE form

	Method    string    // verification method; empty when none is named
	Purpose   Purpose   // as written; JOSE and COSE forms imply it
	Created   time.Time // zero when absent, as the other times
	NotBefore time.Time
	Expires   time.Time
	Challenge string   // or the nonce of a JWT
	Domains   []string // or the audience of a JWT

	// Mapped says that Document was put together from the claims of a token
	// that is no document of the data model, and so is not held against it.
	Mapped bool
	// Status is what a token says of its status beside the document (Token
	// Status List section 6), nil for nothing.
	Status *strictjson.Value
	// Disclosed and Withheld count what a holder could have kept back and
	// showed, and what is not shown. An issuer may add to the latter what was
	// never there.
	Disclosed, Withheld int

	// ShortOf is set for a short form: the digest of the credential that it is
	// short for, as Digest of package cose has it.
	ShortOf []byte

	// Shown is set for the proof of a holder that stands beside a credential
	// and not around it (key binding): the credential without that proof.
	Shown  []byte
	Holder string // whose key that proof is by: a DID or the URN of a key

	// Legacy says that the proof is of a type that no issuer should sign with any
	// more: it is verified, and remarked upon.
	Legacy bool

	// Problem says why no suite takes this proof; nil otherwise.
	Problem error

	// Opened is what the suite has read, for its own Verify; nil makes it read
	// Input again.
	Opened any
}

// Context is a JSON-LD context that a signature was verified with.
type Context struct {
	URL     string
	SHA256  string // of its bytes, in hexadecimal
	Edition string // tells editions apart that stand under one URL, else empty
	Content []byte // as it was published; not to be changed
}

// Proven is what a key covered with its signature.
type Proven struct {
	Document *strictjson.Value // exactly what was covered
	Key      Key
	Contexts []Context // by which it is read; all editions where the suite signs the JSON text itself, none where it reads no contexts
}

// Params are the options of a signature. Suites refuse what they cannot
// express.
type Params struct {
	Purpose   Purpose // required
	Created   time.Time
	Expires   time.Time
	Challenge string
	Domains   []string
	ProofID   string   // id of the new proof, for chains
	Previous  []string // ids of proofs of the document that this one covers

	// For suites that are a Discloser; others refuse them. JSON pointers
	// (RFC 6901) into the document. A suite takes the one that its standard
	// speaks of: data integrity proofs say what always shows, SD-JWT what may
	// be kept back.
	Mandatory   []string   // what always shows; all else may be kept back
	Disclosable []string   // what may be kept back; all else always shows
	Holder      key.Public // the key that the holder is to prove to have, for key binding
	Decoys      int        // digests of nothing, put among the others of an object

	Status *strictjson.Value // what the token is to say of its status, see Secured.Status

	// MaxBytes bounds the document and what is made of it, zero: 1 MiB. It is
	// for suites that show whole documents; the others keep to a MiB.
	MaxBytes int
}

// Discloses reports whether p has an option that only a Discloser can express.
func (p Params) Discloses() bool {
	return p.Mandatory != nil || p.Disclosable != nil || p.Holder.Type() != key.Unknown || p.Decoys != 0 || p.Status != nil
}

// Set is the suites that a caller accepts.
type Set []Suite

// Open returns every proof of in, in document order. A proof that no suite
// of the set takes is returned with its Problem, never left out. A compact form
// or a COSE message is of one type and so one suite's: the first that takes it.
func (set Set) Open(in *Input) ([]*Secured, error) {
	var out []*Secured
	for _, suite := range set {
		found, err := suite.Open(in)
		if err != nil {
			return nil, err
		}
		if in.Document == nil && len(found) > 0 {
			return found, nil
		}
		out = append(out, found...)
	}
	if in.Document == nil {
		return nil, reason.New("unsupported_alg/suite", "", "no accepted suite reads this form")
	}
	proofs, err := in.Proofs()
	if err != nil {
		return nil, err
	}
	ordered := make([]*Secured, 0, len(proofs))
	for _, p := range proofs {
		i := slices.IndexFunc(out, func(s *Secured) bool { return s.At == p.At })
		if i >= 0 {
			ordered = append(ordered, out[i])
			continue
		}
		ordered = append(ordered, &Secured{At: p.At, Input: in, Document: in.Document.Without("proof"), Proof: p.Value, Problem: unknown(p)})
	}
	return ordered, nil
}

func unknown(p Embedded) error {
	kind, _ := p.Value.Get("type").Text()
	suite, ok := p.Value.Get("cryptosuite").Text()
	switch {
	case kind == "":
		return reason.New(reason.MalformedProof, p.At, "the proof has no type")
	case kind == "DataIntegrityProof" && !ok:
		return reason.New(reason.MalformedProof, p.At, "the proof names no cryptosuite")
	case kind == "DataIntegrityProof":
		return reason.New("unsupported_alg/suite", p.At, "cryptosuite %q is not one that is accepted here", suite)
	default:
		return reason.New("unsupported_alg/proof-type", p.At, "proof type %q is not one that is accepted here", kind)
	}
}

// Verify checks s with the suite that opened it.
func (set Set) Verify(ctx context.Context, s *Secured, keys Keys) (*Proven, error) {
	if s.Problem != nil {
		return nil, s.Problem
	}
	suite, err := set.Suite(s.Suite)
	if err != nil {
		return nil, err
	}
	return suite.Verify(ctx, s, keys)
}

// Suite returns the suite of that name.
func (set Set) Suite(id ID) (Suite, error) {
	for _, suite := range set {
		if suite.ID() == id {
			return suite, nil
		}
	}
	return nil, reason.New("unsupported_alg/suite", "", "suite %q is not one that is accepted here", string(id))
}
