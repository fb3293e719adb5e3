package dataintegrity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// ECDSASD2023 is the name of the suite that shows in part.
const ECDSASD2023 proof.ID = "ecdsa-sd-2023"

// ECDSASD returns the suite ecdsa-sd-2023 (Data Integrity ECDSA Cryptosuites
// 1.0 section 3.6) over the contexts of p, for keys on P-256. It is a
// proof.Discloser: Sign makes a base proof, which is for the holder alone and
// is not verified; Disclose makes what is shown of it, and Verify checks that.
//
// Params.Mandatory must be given, if only as an empty list: what it does not
// name, the holder may leave out, be it the end of the credential or its
// status.
func ECDSASD(p *jsonld.Processor) proof.Suite {
	return &ecdsaSD{suite{id: ECDSASD2023, proofType: dataIntegrityProofType, keys: []key.Type{key.P256}, processor: p}, freshSecrets}
}

type ecdsaSD struct {
	suite
	secrets func() (hmacKey []byte, scoped key.Signer, err error)
}

// freshSecrets makes the secrets of one proof: the key that labels are made
// with, which goes to the holder, and the key that signs the statements, which
// is forgotten.
func freshSecrets() ([]byte, key.Signer, error) {
	hmacKey := make([]byte, sdHMACBytes)
	if _, err := rand.Read(hmacKey); err != nil {
		return nil, nil, reason.Wrap(reason.Internal, "", err)
	}
	scoped, err := key.Generate(key.P256)
	if err != nil {
		return nil, nil, err
	}
	return hmacKey, scoped.Signer(""), nil
}

// Sign adds a base proof to document.
func (s *ecdsaSD) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
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
	selections, err := s.processor.Selections(sec.Document)
	if err != nil {
		return nil, err
	}
	config, _, err := s.processor.Canonicalize(ctx, underContext(sec.Proof, sec.Document), selections[0], rdfc.SHA256)
	if err != nil {
		return nil, inProof(sec.At, err)
	}
	statements, err := s.processor.Statements(ctx, sec.Document, selections[0])
	if err != nil {
		return nil, err
	}
	hmacKey, scoped, err := s.secrets()
	if err != nil {
		return nil, err
	}
	labelled, err := selective.New(ctx, sec.Document, statements, hmacLabels(hmacKey))
	if err != nil {
		return nil, err
	}
	mandatory, err := labelled.Select(p.Mandatory)
	if err != nil {
		return nil, err
	}
	shown, hidden := split(labelled.NQuads, mandatory)
	if len(hidden) > maxStatements {
		return nil, reason.New("resource_limit/signatures", "", "%d statements to sign, the limit is %d", len(hidden), maxStatements)
	}
	value := &sdBase{hmacKey: hmacKey, mandatory: p.Mandatory, signatures: make([][]byte, len(hidden))}
	for i, statement := range hidden {
		if value.signatures[i], err = scoped.Sign(ctx, []byte(statement)); err != nil {
			return nil, err
		}
	}
	if value.publicKey, err = encodeKey(scoped.Public()); err != nil {
		return nil, err
	}
	if value.signature, err = signer.Sign(ctx, sdSigned(config, value.publicKey, shown)); err != nil {
		return nil, err
	}
	return embed(doc, sec.Proof.With("proofValue", strictjson.String(value.encode()))), nil
}

func hmacLabels(hmacKey []byte) func([]string) map[string]string {
	return func(canonical []string) map[string]string { return selective.HMACLabels(hmacKey, canonical) }
}

// sdSigned is what the issuer's key signs (section 3.5.1): the hashes of the
// proof's options and of what always shows, and between them the key of the
// statements.
func sdSigned(config, publicKey []byte, mandatory []string) []byte {
	options := sha256.Sum256(config)
	h := sha256.New()
	for _, line := range mandatory {
		h.Write([]byte(line))
	}
	return h.Sum(append(options[:], publicKey...))
}

// encodeKey returns a key as the bytes in a Multikey.
func encodeKey(k key.Public) ([]byte, error) {
	text, err := k.Multikey()
	if err != nil {
		return nil, err
	}
	_, raw, err := multibase.Decode(text)
	return raw, reason.Wrap(reason.Internal, "", err)
}

func decodeKey(raw []byte, at string) (key.Public, error) {
	text, err := multibase.Encode(multibase.Base58BTC, raw)
	if err != nil {
		return key.Public{}, reason.Wrap(reason.Internal, at, err)
	}
	k, err := key.ParseMultikey(text)
	if err != nil {
		return k, reason.New(reason.CodeOf(err), at, "the key of the statements: %w", err)
	}
	if k.Type() != key.P256 {
		return k, reason.New("key_invalid/key-type", at, "the key of the statements is of type %s, not P-256", k.Type())
	}
	return k, nil
}

// readValue returns the proof value of sec, of one kind or the other.
func (s *ecdsaSD) readValue(sec *proof.Secured) (*sdBase, *sdDerived, error) {
	at := sec.At + "/proofValue"
	text, ok := sec.Proof.Get("proofValue").Text()
	if !ok {
		return nil, nil, reason.New(reason.MalformedProofValue, at, "the proof value is %s, not a string", sec.Proof.Get("proofValue").Kind())
	}
	raw, base, err := openValue(text, at)
	if err != nil {
		return nil, nil, err
	}
	if base {
		v, err := decodeBase(raw, at)
		return v, nil, err
	}
	v, err := decodeDerived(raw, at)
	return nil, v, err
}

// Verify checks what a holder shows and returns it. A base proof is refused:
// with it, whoever sees it could show other parts.
func (s *ecdsaSD) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	_, value, err := s.readValue(sec)
	if err != nil {
		return nil, err
	}
	if value == nil {
		return nil, reason.New("disclosure_invalid/base-proof", sec.At+"/proofValue", "this is a base proof, which is for the holder alone: show what is derived from it")
	}
	scoped, err := decodeKey(value.publicKey, sec.At+"/proofValue")
	if err != nil {
		return nil, err
	}
	k, err := keys.Key(ctx, sec.Method, sec.Purpose)
	if err != nil {
		return nil, err
	}
	if err := s.checkKey(k.Public, sec.At+"/verificationMethod"); err != nil {
		return nil, err
	}
	options, err := coveredOptions(sec)
	if err != nil {
		return nil, err
	}
	var tried []string
	used, err := s.tryEditions(sec, func(selection jsonld.Selection) error {
		config, _, err := s.processor.Canonicalize(ctx, options, selection, rdfc.SHA256)
		if err != nil {
			return inProof(sec.At, err)
		}
		quads, err := s.processor.Quads(ctx, sec.Document, selection)
		if err != nil {
			return err
		}
		lines, err := selective.Lines(ctx, quads, value.labels)
		if err != nil {
			return err
		}
		if n := len(value.mandatory); n > 0 && value.mandatory[n-1] >= len(lines) {
			return reason.New("disclosure_invalid/indexes", sec.At+"/proofValue", "an index of what always shows is out of range")
		}
		shown, chosen := split(lines, value.mandatory)
		if len(chosen) != len(value.signatures) {
			return reason.New("disclosure_invalid/signatures", sec.At+"/proofValue", "%d signatures for %d statements", len(value.signatures), len(chosen))
		}
		signed := sdSigned(config, value.publicKey, shown)
		said := strings.Join(append(chosen, string(signed)), "")
		if slices.Contains(tried, said) { // by an edition that makes no difference
			return reason.New(reason.BadSignature, sec.At, "the signature does not match the document")
		}
		tried = append(tried, said)
		if err := k.Public.Verify(signed, value.signature); err != nil {
			return err
		}
		return verifyStatements(ctx, scoped, chosen, value.signatures)
	})
	if err != nil {
		return nil, err
	}
	return &proof.Proven{Document: sec.Document, Key: k, Contexts: used}, nil
}

func verifyStatements(ctx context.Context, scoped key.Public, lines []string, signatures [][]byte) error {
	for i, line := range lines {
		if i%64 == 0 && ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		if err := scoped.Verify([]byte(line), signatures[i]); err != nil {
			return err
		}
	}
	return nil
}

// held is a credential with a base proof, as its holder has it.
type held struct {
	sec   *proof.Secured
	value *sdBase // nil for one that shows in part already
}

func (s *ecdsaSD) read(secured []byte) (*held, error) {
	sec, err := s.openOne(secured)
	if err != nil {
		return nil, err
	}
	value, _, err := s.readValue(sec)
	return &held{sec, value}, err
}

// statements returns those of the document in the edition of its contexts that
// they were signed in. Mostly all editions give the same.
func (s *ecdsaSD) statements(ctx context.Context, h *held) (*selective.Document, []int, error) {
	readings, err := s.readings(ctx, h.sec.Document)
	if err != nil {
		return nil, nil, err
	}
	var first error
	for _, r := range readings {
		d, mandatory, err := s.reading(ctx, h, r.said, len(readings) > 1)
		if err == nil || final(err) {
			return d, mandatory, err
		}
		first = err
	}
	return nil, nil, first
}

func (s *ecdsaSD) reading(ctx context.Context, h *held, statements []jsonld.Statement, verify bool) (*selective.Document, []int, error) {
	d, err := selective.New(ctx, h.sec.Document, statements, hmacLabels(h.value.hmacKey))
	if err != nil {
		return nil, nil, err
	}
	mandatory, err := d.Select(h.value.mandatory)
	if err != nil {
		return nil, nil, err
	}
	_, hidden := split(d.NQuads, mandatory)
	if len(hidden) != len(h.value.signatures) {
		return nil, nil, reason.New("disclosure_invalid/signatures", h.sec.At+"/proofValue", "%d signatures for %d statements", len(h.value.signatures), len(hidden))
	}
	if !verify {
		return d, mandatory, nil
	}
	scoped, err := decodeKey(h.value.publicKey, h.sec.At+"/proofValue")
	if err == nil {
		err = verifyStatements(ctx, scoped, hidden, h.value.signatures)
	}
	return d, mandatory, err
}

// Choices implements proof.Discloser.
func (s *ecdsaSD) Choices(ctx context.Context, secured []byte) ([]proof.Choice, error) {
	h, err := s.read(secured)
	if err != nil || h.value == nil {
		return nil, err
	}
	d, _, err := s.statements(ctx, h)
	if err != nil {
		return nil, err
	}
	pointers, err := d.Choices(h.value.mandatory)
	if err != nil {
		return nil, err
	}
	out := make([]proof.Choice, len(pointers))
	for i, p := range pointers {
		out[i].Pointer = p
	}
	return out, nil
}

// Disclose implements proof.Discloser. The suite does not bind what it shows
// to a receiver: sign a presentation of it.
func (s *ecdsaSD) Disclose(ctx context.Context, secured []byte, d proof.Disclosure) ([]byte, error) {
	if d.Holder != nil || d.Challenge != "" || d.Audience != "" || !d.Expires.IsZero() {
		return nil, reason.New("usage/params", "", "%s does not bind what it shows to a receiver: put it into a presentation", s.id)
	}
	h, err := s.read(secured)
	if err != nil {
		return nil, err
	}
	at := h.sec.At + "/proofValue"
	if h.value == nil {
		return nil, reason.New("disclosure_invalid/derived", at, "what shows in part already cannot be cut down further")
	}
	labelled, mandatory, err := s.statements(ctx, h)
	if err != nil {
		return nil, err
	}
	shown, err := labelled.Reveal(ctx, slices.Concat(h.value.mandatory, d.Pointers))
	if err != nil {
		return nil, err
	}
	value := &sdDerived{signature: h.value.signature, publicKey: h.value.publicKey, labels: shown.Labels}
	next := 0 // signature, one for each statement that is not mandatory
	for i := range labelled.NQuads {
		position, chosen := slices.BinarySearch(shown.Indexes, i)
		_, always := slices.BinarySearch(mandatory, i)
		switch {
		case always:
			value.mandatory = append(value.mandatory, position)
			continue
		case chosen:
			value.signatures = append(value.signatures, h.value.signatures[next])
		}
		next++
	}
	if err := s.checkShown(ctx, shown); err != nil {
		return nil, err
	}
	text, err := value.encode()
	if err != nil {
		return nil, err
	}
	return withProof(shown.Document, h.sec, text), nil
}
