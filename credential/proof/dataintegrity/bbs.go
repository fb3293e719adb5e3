package dataintegrity

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/bbs"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// BBS2023 is the name of the suite that shows in part, unlinkably.
const BBS2023 proof.ID = "bbs-2023"

// BBS returns the suite bbs-2023 (W3C Data Integrity BBS Cryptosuites 1.0
// section 3.4) over the contexts of p, for keys on BLS12-381 G2. It is a
// proof.Discloser: Sign makes a base proof, which is for the holder alone and
// is not verified; Disclose makes what is shown of it, another each time, and
// Verify checks that. Signers are a [MessageSigner].
//
// Params.Mandatory must be given, if only as an empty list: what it does not
// name, the holder may leave out, be it the end of the credential or its
// status. What it names shows each time, and so do the options of the proof:
// whatever of these only one holder has ties all that they show together,
// which the proof itself does not. The entry of a status list is such a thing,
// the id of the credential is, and so can a time of signing be.
//
// Disclosure.Challenge becomes the presentation header of what is shown, in
// UTF-8, and Open gives it back as Secured.Challenge, unless the issuer put a
// challenge into the options. The standard has no place for an audience.
// Secured.Disclosed and Withheld count statements.
//
// The standard's optional features (anonymous holder binding, pseudonyms) rest
// on drafts that change, and are refused (unsupported_alg/feature). At most
// 4,096 statements may be kept back.
func BBS(p *jsonld.Processor) proof.Suite {
	return &bbsSuite{suite{id: BBS2023, proofType: dataIntegrityProofType, keys: []key.Type{key.BLS12381G2}, processor: p}, bbs.New(), freshHMACKey}
}

// MessageSigner is what a key.Signer for [BBS] is beside: its key puts one
// signature under a header and many messages (draft-irtf-cfrg-bbs-signatures
// section 3.5.1, BLS12-381-SHA-256). bbskey.Private makes one in memory.
type MessageSigner interface {
	key.Signer
	SignMessages(ctx context.Context, header []byte, messages [][]byte) ([]byte, error)
}

type bbsSuite struct {
	suite
	scheme  *bbs.Suite
	secrets func() (hmacKey []byte, err error)
}

// freshHMACKey makes the key that labels are made with, which goes to the
// holder.
func freshHMACKey() ([]byte, error) {
	k := make([]byte, sdHMACBytes)
	_, err := rand.Read(k)
	return k, reason.Wrap(reason.Internal, "", err)
}

// shuffledLabels gives nodes the labels b0, b1, … in the order of their HMACs
// (section 3.2.1): a label of its own for each node, as the HMAC is, would be
// the same each time that the node shows.
func shuffledLabels(hmacKey []byte) func([]string) map[string]string {
	return func(canonical []string) map[string]string {
		labels := selective.HMACLabels(hmacKey, canonical)
		slices.SortFunc(canonical, func(a, b string) int { return bytes.Compare([]byte(labels[a]), []byte(labels[b])) })
		for i, name := range canonical {
			labels[name] = "b" + strconv.Itoa(i)
		}
		return labels
	}
}

// Sign adds a base proof to document.
func (s *bbsSuite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	if p.Mandatory == nil {
		return nil, reason.New("usage/params", "", "%s needs to know what always shows: Params.Mandatory", s.id)
	}
	others := p
	if others.Mandatory = nil; others.Discloses() || len(p.Previous) > 0 {
		return nil, reason.New("usage/params", "", "%s cannot express these options", s.id)
	}
	doc, sec, err := s.prepare(document, signer, p)
	if err != nil {
		return nil, err
	}
	many, ok := signer.(MessageSigner)
	if !ok {
		return nil, reason.New("key_invalid/key-type", "", "suite %s is for signers that sign many messages at once", s.id)
	}
	selections, err := s.processor.Selections(sec.Document)
	if err != nil {
		return nil, err
	}
	said, err := s.processor.Statements(ctx, sec.Document, selections[0])
	if err != nil {
		return nil, err
	}
	value := &bbsBase{mandatory: p.Mandatory, publicKey: signer.Public().BLS12381G2()}
	if value.hmacKey, err = s.secrets(); err != nil {
		return nil, err
	}
	r := reading{selections[0], said}
	labelled, mandatory, err := s.label(ctx, sec, value, r)
	if err != nil {
		return nil, err
	}
	shown, hidden := split(labelled.NQuads, mandatory)
	if value.header, err = s.header(ctx, sec, underContext(sec.Proof, sec.Document), r.selection, shown); err != nil {
		return nil, err
	}
	if value.signature, err = many.SignMessages(ctx, value.header, messages(hidden)); err != nil {
		return nil, err
	}
	return embed(doc, sec.Proof.With("proofValue", strictjson.String(value.encode()))), nil
}

// label returns the statements under the labels of a base proof, with the
// indexes of those that always show.
func (s *bbsSuite) label(ctx context.Context, sec *proof.Secured, value *bbsBase, r reading) (*selective.Document, []int, error) {
	d, err := selective.New(ctx, sec.Document, r.said, shuffledLabels(value.hmacKey))
	if err != nil {
		return nil, nil, err
	}
	mandatory, err := d.Select(value.mandatory)
	return d, mandatory, err
}

// header is what shows with every proof (section 3.4.5): the hashes of the
// proof's options and of the statements that always show.
func (s *bbsSuite) header(ctx context.Context, sec *proof.Secured, options *strictjson.Value, selection jsonld.Selection, mandatory []string) ([]byte, error) {
	config, _, err := s.processor.Canonicalize(ctx, options, selection, rdfc.SHA256)
	if err != nil {
		return nil, inProof(sec.At, err)
	}
	own := sha256.Sum256(config)
	h := sha256.New()
	for _, line := range mandatory {
		h.Write([]byte(line))
	}
	return h.Sum(own[:]), nil
}

func messages(lines []string) [][]byte {
	out := make([][]byte, len(lines))
	for i, line := range lines {
		out[i] = []byte(line)
	}
	return out
}

// readValue returns the proof value of sec, of one kind or the other.
func (s *bbsSuite) readValue(sec *proof.Secured) (*bbsBase, *bbsDerived, error) {
	at := sec.At + "/proofValue"
	text, ok := sec.Proof.Get("proofValue").Text()
	if !ok {
		return nil, nil, reason.New(reason.MalformedProofValue, at, "the proof value is %s, not a string", sec.Proof.Get("proofValue").Kind())
	}
	return readBBS(text, at)
}

// Open returns the proofs that name this suite. What is wrong with a proof
// value is left to Verify to say.
func (s *bbsSuite) Open(in *proof.Input) ([]*proof.Secured, error) {
	opened, err := s.suite.Open(in)
	if err != nil {
		return nil, err
	}
	for _, sec := range opened {
		_, value, err := s.readValue(sec)
		if err != nil || value == nil {
			continue
		}
		sec.Disclosed = len(value.chosen)
		if n, err := bbs.Hidden(len(value.proof)); err == nil {
			sec.Withheld = n
		}
		if sec.Proof.Get("challenge") == nil && utf8.Valid(value.presentation) {
			sec.Challenge = string(value.presentation)
		}
	}
	return opened, nil
}

// Verify checks what a holder shows and returns it. A base proof is refused:
// with it, whoever sees it could show other parts.
func (s *bbsSuite) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	at := sec.At + "/proofValue"
	_, value, err := s.readValue(sec)
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, reason.New("disclosure_invalid/base-proof", at, "this is a base proof, which is for the holder alone: show what is derived from it")
	}
	k, err := keys.Key(ctx, sec.Method, sec.Purpose)
	if err != nil {
		return nil, err
	}
	if err := s.checkKey(k.Public, sec.At+"/verificationMethod"); err != nil {
		return nil, err
	}
	public, err := bbs.ParsePublicKey(k.Public.BLS12381G2())
	if err != nil {
		return nil, placed(sec.At+"/verificationMethod", err)
	}
	options, err := coveredOptions(sec)
	if err != nil {
		return nil, err
	}
	tried := map[string]error{} // by what was to be proven
	used, err := s.tryEditions(sec, func(selection jsonld.Selection) error {
		quads, err := s.processor.Quads(ctx, sec.Document, selection)
		if err != nil {
			return err
		}
		lines, err := selective.Lines(ctx, quads, value.labels)
		if err != nil {
			return err
		}
		if n := len(value.mandatory); n > 0 && value.mandatory[n-1] >= len(lines) {
			return reason.New("disclosure_invalid/indexes", at, "an index of what always shows is out of range")
		}
		always, chosen := split(lines, value.mandatory)
		header, err := s.header(ctx, sec, options, selection, always)
		if err != nil {
			return err
		}
		said := string(header) + strings.Join(chosen, "")
		if err, again := tried[said]; again { // by an edition that makes no difference
			return err
		}
		tried[said] = placed(at, s.scheme.ProofVerify(ctx, bbs.Shown{Key: public, Proof: value.proof, Header: header,
			PresentationHeader: value.presentation, Messages: messages(chosen), Indexes: value.chosen}))
		return tried[said]
	})
	if err != nil {
		return nil, err
	}
	return &proof.Proven{Document: sec.Document, Key: k, Contexts: used}, nil
}

// placed says where in a document an error of the signature scheme belongs.
func placed(at string, err error) error {
	switch code := reason.CodeOf(err); {
	case err == nil || code == reason.Canceled:
		return err
	case code == "malformed/indexes":
		return reason.New("disclosure_invalid/indexes", at, "%w", err)
	default:
		return reason.New(code, at, "%w", err)
	}
}

// heldBBS is a credential with a base proof, as its holder has it, under its
// labels.
type heldBBS struct {
	sec       *proof.Secured
	value     *bbsBase
	labelled  *selective.Document
	mandatory []int
}

// hold reads a credential that its holder has. It returns nil for one that
// shows in part already.
func (s *bbsSuite) hold(ctx context.Context, secured []byte) (*heldBBS, *proof.Secured, error) {
	sec, err := s.openOne(secured)
	if err != nil {
		return nil, nil, err
	}
	value, _, err := s.readValue(sec)
	if err != nil || value == nil {
		return nil, sec, err
	}
	options, err := coveredOptions(sec)
	if err != nil {
		return nil, nil, err
	}
	readings, err := s.readings(ctx, sec.Document)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range readings {
		d, mandatory, err := s.label(ctx, sec, value, r)
		if err != nil {
			return nil, nil, err
		}
		always, hidden := split(d.NQuads, mandatory)
		header, err := s.header(ctx, sec, options, r.selection, always)
		if err != nil {
			return nil, nil, err
		}
		if !bytes.Equal(header, value.header) {
			continue
		}
		if len(readings) > 1 { // which may say the same of what always shows
			switch err := s.checkBase(ctx, sec, value, hidden); {
			case reason.CodeOf(err) == reason.BadSignature:
				continue
			case err != nil:
				return nil, nil, err
			}
		}
		return &heldBBS{sec, value, d, mandatory}, sec, nil
	}
	return nil, nil, reason.New(reason.BadSignature, sec.At, "the base proof is not that of the document")
}

// checkBase verifies a base proof by the key that stands in it.
func (s *bbsSuite) checkBase(ctx context.Context, sec *proof.Secured, value *bbsBase, hidden []string) error {
	at := sec.At + "/proofValue"
	public, err := bbs.ParsePublicKey(value.publicKey)
	if err != nil {
		return placed(at, err)
	}
	return placed(at, s.scheme.Verify(ctx, public, value.signature, value.header, messages(hidden)))
}

// Choices implements proof.Discloser.
func (s *bbsSuite) Choices(ctx context.Context, secured []byte) ([]proof.Choice, error) {
	h, _, err := s.hold(ctx, secured)
	if err != nil || h == nil {
		return nil, err
	}
	pointers, err := h.labelled.Choices(h.value.mandatory)
	if err != nil {
		return nil, err
	}
	out := make([]proof.Choice, len(pointers))
	for i, p := range pointers {
		out[i].Pointer = p
	}
	return out, nil
}

// Disclose implements proof.Discloser.
func (s *bbsSuite) Disclose(ctx context.Context, secured []byte, d proof.Disclosure) ([]byte, error) {
	if d.Holder != nil || d.Audience != "" || !d.Expires.IsZero() || len(d.Challenge) > maxPresentation {
		return nil, reason.New("usage/params", "", "%s binds what it shows to a challenge and to nothing else: put it into a presentation", s.id)
	}
	h, sec, err := s.hold(ctx, secured)
	if err != nil {
		return nil, err
	}
	at := sec.At + "/proofValue"
	if h == nil {
		return nil, reason.New("disclosure_invalid/derived", at, "what shows in part already cannot be cut down further")
	}
	public, err := bbs.ParsePublicKey(h.value.publicKey)
	if err != nil {
		return nil, placed(at, err)
	}
	shown, err := h.labelled.Reveal(ctx, slices.Concat(h.value.mandatory, d.Pointers))
	if err != nil {
		return nil, err
	}
	if err := s.checkShown(ctx, shown); err != nil {
		return nil, err
	}
	_, hidden := split(h.labelled.NQuads, h.mandatory)
	value := &bbsDerived{labels: shown.Labels, presentation: []byte(d.Challenge)}
	next := 0 // message, one for each statement that is not mandatory
	for i := range h.labelled.NQuads {
		position, visible := slices.BinarySearch(shown.Indexes, i)
		if _, always := slices.BinarySearch(h.mandatory, i); always {
			value.mandatory = append(value.mandatory, position)
			continue
		}
		if visible {
			value.chosen = append(value.chosen, next)
		}
		next++
	}
	value.proof, err = s.scheme.ProofGen(ctx, bbs.ProofRequest{Key: public, Signature: h.value.signature, Header: h.value.header,
		PresentationHeader: value.presentation, Messages: messages(hidden), Disclosed: value.chosen})
	if err != nil {
		return nil, placed(at, err)
	}
	text, err := value.encode()
	if err != nil {
		return nil, err
	}
	return withProof(shown.Document, sec, text), nil
}
