package dataintegrity

import (
	"context"
	"slices"
	"strings"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The names of the suites.
const (
	EdDSARDFC2022          proof.ID = "eddsa-rdfc-2022"
	EdDSAJCS2022           proof.ID = "eddsa-jcs-2022"
	EdDSA2022ID            proof.ID = "eddsa-2022"
	Ed25519Signature2020ID proof.ID = "Ed25519Signature2020"
	longestProofValue               = 160 // base58 characters of a signature of 96 bytes, with room
	dataIntegrityProofType          = "DataIntegrityProof"
)

type suite struct {
	id         proof.ID
	proofType  string
	text       bool // canonicalize the JSON, not what it means
	verifyOnly bool
	detached   bool       // signed by a JWS without its payload, as before Data Integrity
	keys       []key.Type // that it signs and verifies with
	processor  *jsonld.Processor
}

func ed25519Only() []key.Type { return []key.Type{key.Ed25519} }

// EdDSARDFC returns the suite eddsa-rdfc-2022 (Data Integrity EdDSA
// Cryptosuites 1.0 section 3.2) over the contexts of p.
func EdDSARDFC(p *jsonld.Processor) proof.Suite {
	return &suite{id: EdDSARDFC2022, proofType: dataIntegrityProofType, keys: ed25519Only(), processor: p}
}

// EdDSAJCS returns the suite eddsa-jcs-2022 (section 3.3). Its signatures
// need no context; p is used to refuse signing undefined terms.
func EdDSAJCS(p *jsonld.Processor) proof.Suite {
	return &suite{id: EdDSAJCS2022, proofType: dataIntegrityProofType, text: true, keys: ed25519Only(), processor: p}
}

// EdDSA2022 returns the suite eddsa-2022, the name that eddsa-rdfc-2022 had
// in drafts and that Open Badges 3.0 still mentions. It verifies and does not
// sign.
func EdDSA2022(p *jsonld.Processor) proof.Suite {
	return &suite{id: EdDSA2022ID, proofType: dataIntegrityProofType, verifyOnly: true, keys: ed25519Only(), processor: p}
}

// Ed25519Signature2020 returns the suite of the older proof type of that name
// (section A). It verifies and does not sign.
func Ed25519Signature2020(p *jsonld.Processor) proof.Suite {
	return &suite{id: Ed25519Signature2020ID, proofType: string(Ed25519Signature2020ID), verifyOnly: true, keys: ed25519Only(), processor: p}
}

func (s *suite) ID() proof.ID { return s.id }

// Verify checks the signature and returns the document that it covers.
func (s *suite) Verify(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	if s.detached {
		return s.verifyDetached(ctx, sec, keys)
	}
	signature, err := s.decodeProofValue(sec)
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
	if want := signatureBytes(k.Public.Type()); len(signature) != want {
		return nil, reason.New(reason.MalformedProofValue, sec.At+"/proofValue", "a signature by a key of type %s has %d bytes, this has %d", k.Public.Type(), want, len(signature))
	}
	if s.text {
		return s.verifyText(sec, k, signature)
	}
	return s.verifyMeaning(ctx, sec, k, signature)
}

// checkKey refuses keys that the suite does not sign with. The curve of an
// ECDSA signature is the key's, never one that the document names.
func (s *suite) checkKey(k key.Public, at string) error {
	if slices.Contains(s.keys, k.Type()) {
		return nil
	}
	names := make([]string, len(s.keys))
	for i, t := range s.keys {
		names[i] = t.String()
	}
	return reason.New("key_invalid/key-type", at, "suite %s is for keys of type %s, not %s", s.id, strings.Join(names, " or "), k.Type())
}

// signatureBytes is the length of the one form that signatures by a type of
// key have.
func signatureBytes(t key.Type) int {
	if t == key.P384 {
		return 96
	}
	return 64
}

// verifyMeaning verifies a signature over what the document means.
func (s *suite) verifyMeaning(ctx context.Context, sec *proof.Secured, k proof.Key, signature []byte) (*proof.Proven, error) {
	options, err := coveredOptions(sec)
	if err != nil {
		return nil, err
	}
	used, err := s.tryEditions(sec, func(selection jsonld.Selection) error {
		hash, err := s.hashMeaning(ctx, sec, options, selection, k.Public.Type())
		if err != nil {
			return err
		}
		return k.Public.Verify(hash, signature)
	})
	if err != nil {
		return nil, err
	}
	return &proof.Proven{Document: sec.Document, Key: k, Contexts: used}, nil
}

// coveredOptions returns the proof's options as they are signed: without the
// value, and under the context of the document.
func coveredOptions(sec *proof.Secured) (*strictjson.Value, error) {
	if own := sec.Proof.Get("@context"); own != nil && !equalJSON(own, sec.Document.Get("@context")) {
		return nil, reason.New("unsigned_data/proof-context", sec.At+"/@context", "the proof's context is not the document's and is not covered")
	}
	return underContext(sec.Proof, sec.Document, "proofValue"), nil
}

// tryEditions calls verify with each edition of the contexts that stand under
// the document's URLs, because a signature holds only with the one that it was
// made with. It returns the contexts of the first that holds.
func (s *suite) tryEditions(sec *proof.Secured, verify func(jsonld.Selection) error) ([]proof.Context, error) {
	selections, err := s.processor.Selections(sec.Document)
	if err != nil {
		return nil, err
	}
	var first error
	for _, selection := range selections {
		err := verify(selection)
		if err == nil {
			return contextsOf(selection.Contexts()), nil
		}
		if final(err) {
			return nil, err
		}
		// Of several editions the error that is not about the signature
		// says more: it is kept only if no edition got that far.
		if first == nil || reason.CodeOf(err) == reason.BadSignature {
			first = err
		}
	}
	if reason.CodeOf(first) == reason.BadSignature {
		return nil, reason.New(reason.BadSignature, sec.At, "the signature does not match the document")
	}
	return nil, first
}

// final reports whether an error says nothing of the edition that it came with:
// another one would cost as much again.
func final(err error) bool {
	return reason.CodeOf(err) == reason.Canceled || reason.CodeOf(err).Coarse() == string(reason.ResourceLimit)
}

func contextsOf(used []*jsonld.Pinned) []proof.Context {
	out := make([]proof.Context, len(used))
	for i, c := range used {
		out[i] = proof.Context{URL: c.URL, SHA256: c.SHA256, Edition: c.Edition, Content: c.Bytes()}
	}
	return out
}

// hashMeaning canonicalizes with the hash function that goes with the key, and
// returns what such a key signs: the hashes of the canonical proof options and
// the canonical document (EdDSA Cryptosuites section 3.2.4, ECDSA Cryptosuites
// section 3.2.4).
func (s *suite) hashMeaning(ctx context.Context, sec *proof.Secured, options *strictjson.Value, selection jsonld.Selection, t key.Type) ([]byte, error) {
	document, err := s.processor.Hash(ctx, sec.Document, selection, hashFor(t))
	if err != nil {
		return nil, err
	}
	config, err := s.processor.Hash(ctx, options, selection, hashFor(t))
	if err != nil {
		return nil, inProof(sec.At, err)
	}
	return append(config, document...), nil
}

// inProof moves the place of an error from the proof options, which are a
// document of their own when canonicalized, to where they stand.
func inProof(at string, err error) error {
	return reason.New(reason.CodeOf(err), at+reason.AtOf(err), "proof options: %w", err)
}

func (s *suite) verifyText(sec *proof.Secured, k proof.Key, signature []byte) (*proof.Proven, error) {
	options := sec.Proof.Without("proofValue")
	document := sec.Document
	if own := options.Get("@context"); own != nil {
		// EdDSA Cryptosuites 3.3.2: the document's context must begin with
		// the proof's, and the proof's is what was signed.
		if !beginsWith(document.Get("@context"), own) {
			return nil, reason.New("unsigned_data/proof-context", sec.At+"/@context", "the document's context does not begin with the one that was signed")
		}
		document = document.With("@context", own)
	}
	hash, err := hashText(options, document, k.Public.Type())
	if err != nil {
		return nil, err
	}
	if err := k.Public.Verify(hash, signature); err != nil {
		return nil, reason.New(reason.BadSignature, sec.At, "the signature does not match the document")
	}
	contexts, err := s.readable(document)
	if err != nil {
		return nil, err
	}
	return &proof.Proven{Document: document, Key: k, Contexts: contexts}, nil
}

// readable returns the contexts by which a document is read whose text was
// signed, each in all its editions. That the text is covered does not settle
// what it means: a context that is not pinned, or that the document defines
// itself, can make its members mean anything.
func (s *suite) readable(document *strictjson.Value) ([]proof.Context, error) {
	editions, err := s.processor.Editions(document)
	return contextsOf(editions), err
}

// hashText joins the hashes of the canonical proof options and the canonical
// document (EdDSA Cryptosuites section 3.3.4, ECDSA Cryptosuites section 3.3.4).
func hashText(options, document *strictjson.Value, t key.Type) (joined []byte, err error) {
	text := make([]byte, 0, sizeOf(document))
	for _, part := range [...]*strictjson.Value{options, document} {
		if text, err = jcs.Append(text[:0], part); err != nil {
			return nil, err
		}
		h := hashFor(t).New()
		h.Write(text)
		joined = h.Sum(joined)
	}
	return joined, nil
}

// sizeOf is about how many bytes an object takes.
func sizeOf(v *strictjson.Value) int {
	n := len("{}")
	for _, m := range v.Members() {
		n += len(m.Name) + len(m.Value.Raw()) + len(`"":,`)
	}
	return n
}

// hashFor is the hash function that goes with a type of key: SHA-384 for keys
// on P-384 and SHA-256 for all others.
func hashFor(t key.Type) rdfc.Hash {
	if t == key.P384 {
		return rdfc.SHA384
	}
	return rdfc.SHA256
}

// decodeProofValue returns a signature in base58btc, of a length that one of
// the suite's types of key has.
func (s *suite) decodeProofValue(sec *proof.Secured) ([]byte, error) {
	at := sec.At + "/proofValue"
	text, ok := sec.Proof.Get("proofValue").Text()
	if !ok {
		return nil, reason.New(reason.MalformedProofValue, at, "the proof value is %s, not a string", sec.Proof.Get("proofValue").Kind())
	}
	if !strings.HasPrefix(text, "z") || len(text) > longestProofValue {
		return nil, reason.New(reason.MalformedProofValue, at, "the proof value is not a signature in base58btc")
	}
	_, signature, err := multibase.Decode(text)
	if err != nil || !slices.ContainsFunc(s.keys, func(t key.Type) bool { return len(signature) == signatureBytes(t) }) {
		return nil, reason.New(reason.MalformedProofValue, at, "the proof value is not a signature of %s in base58btc", s.id)
	}
	return signature, nil
}

func equalJSON(a, b *strictjson.Value) bool {
	x, errX := jcs.Append(nil, a)
	y, errY := jcs.Append(nil, b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// beginsWith reports whether the contexts begin with those of prefix, each a
// single value or an array.
func beginsWith(contexts, prefix *strictjson.Value) bool {
	all, first := contexts.List(), prefix.List()
	if len(all) < len(first) {
		return false
	}
	for i := range first {
		if !equalJSON(all[i], first[i]) {
			return false
		}
	}
	return true
}

// Sign adds a proof to document. A document that carries proofs already gets
// one more in the set; Params.Previous makes it a link of a chain.
func (s *suite) Sign(ctx context.Context, document []byte, signer key.Signer, p proof.Params) ([]byte, error) {
	if s.verifyOnly {
		return nil, reason.New("unsupported_alg/verify-only", "", "%s is only verified; sign with eddsa-rdfc-2022", s.id)
	}
	if p.Discloses() {
		return nil, reason.New("usage/params", "", "%s shows whole documents only", s.id)
	}
	doc, sec, err := s.prepare(document, signer, p)
	if err != nil {
		return nil, err
	}
	hash, err := s.signingHash(ctx, sec, signer.Public().Type())
	if err != nil {
		return nil, err
	}
	signature, err := signer.Sign(ctx, hash)
	if err != nil {
		return nil, err
	}
	value, err := multibase.Encode(multibase.Base58BTC, signature)
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return embed(doc, sec.Proof.With("proofValue", strictjson.String(value))), nil
}

// prepare reads a document that is to be signed. It returns it as it stands,
// and what the new proof is to cover: the document with the proofs that this
// one names, and the proof's options.
func (s *suite) prepare(document []byte, signer key.Signer, p proof.Params) (*strictjson.Value, *proof.Secured, error) {
	if err := s.checkKey(signer.Public(), ""); err != nil {
		return nil, nil, err
	}
	if p.Purpose == "" {
		return nil, nil, reason.New("malformed/proof-purpose", "", "a proof needs a purpose")
	}
	doc, err := strictjson.ParseObject(document, strictjson.Limits{MaxBytes: p.MaxBytes})
	if err != nil {
		return nil, nil, err
	}
	options := s.options(doc, signer.ID(), p)
	sec := &proof.Secured{At: "/proof", Proof: options, Document: doc.Without("proof")}
	all, err := existingProofs(doc)
	if err != nil {
		return nil, nil, err
	}
	covered, err := previousProofs(proof.Embedded{At: "/proof/new", Value: options}, p.Previous, all)
	if err != nil {
		return nil, nil, err
	}
	if len(covered) > 0 {
		sec.Document = sec.Document.With("proof", strictjson.Array(covered...))
	}
	return doc, sec, nil
}

// signingHash canonicalizes with the newest edition of each context. Both
// forms take the lossless check, so that nothing goes out unsigned.
func (s *suite) signingHash(ctx context.Context, sec *proof.Secured, t key.Type) ([]byte, error) {
	selections, err := s.processor.Selections(sec.Document)
	if err != nil {
		return nil, err
	}
	options := underContext(sec.Proof, sec.Document)
	if !s.text {
		return s.hashMeaning(ctx, sec, options, selections[0], t)
	}
	if err := s.processor.Check(ctx, sec.Document, selections[0]); err != nil {
		return nil, err
	}
	if err := s.processor.Check(ctx, options, selections[0]); err != nil {
		return nil, inProof(sec.At, err)
	}
	return hashText(sec.Proof, sec.Document, t)
}

// underContext returns the options of a proof, without some, under the context of
// the document, as they are canonicalized.
func underContext(options, document *strictjson.Value, without ...string) *strictjson.Value {
	members := make([]strictjson.Member, 1, 1+len(options.Members()))
	members[0] = strictjson.Member{Name: "@context", Value: document.Get("@context")}
	for _, m := range options.Members() {
		if m.Name != "@context" && !slices.Contains(without, m.Name) {
			members = append(members, m)
		}
	}
	return strictjson.Object(members...)
}

func (s *suite) options(doc *strictjson.Value, method string, p proof.Params) *strictjson.Value {
	var members []strictjson.Member
	add := func(name, value string) {
		if value != "" {
			members = append(members, strictjson.Member{Name: name, Value: strictjson.String(value)})
		}
	}
	list := func(name string, values []string) {
		switch len(values) {
		case 0:
		case 1:
			add(name, values[0])
		default:
			items := make([]*strictjson.Value, len(values))
			for i, v := range values {
				items[i] = strictjson.String(v)
			}
			members = append(members, strictjson.Member{Name: name, Value: strictjson.Array(items...)})
		}
	}
	if c := doc.Get("@context"); s.text && c != nil {
		members = append(members, strictjson.Member{Name: "@context", Value: c})
	}
	add("id", p.ProofID)
	add("type", s.proofType)
	add("cryptosuite", string(s.id))
	if !p.Created.IsZero() {
		add("created", credential.FormatTime(p.Created))
	}
	if !p.Expires.IsZero() {
		add("expires", credential.FormatTime(p.Expires))
	}
	add("verificationMethod", method)
	add("proofPurpose", string(p.Purpose))
	list("domain", p.Domains)
	add("challenge", p.Challenge)
	list("previousProof", p.Previous)
	return strictjson.Object(members...)
}

func existingProofs(doc *strictjson.Value) ([]proof.Embedded, error) {
	if doc.Get("proof") == nil {
		return nil, nil
	}
	return (&proof.Input{Document: doc}).Proofs()
}

// embed writes the document with its members as they came and the proof
// behind them, or behind the proofs that were there: always an array, which is
// what the JSON schema of Open Badges asks for.
func embed(doc, added *strictjson.Value) []byte {
	out := append(make([]byte, 0, sizeOf(doc)+sizeOf(added)+1024), '{')
	for _, m := range doc.Members() {
		if m.Name == "proof" {
			continue
		}
		out = append(strictjson.AppendString(out, m.Name), ':')
		out = append(out, m.Value.Raw()...)
		out = append(out, ',')
	}
	out = append(out, `"proof":[`...)
	for _, p := range doc.Get("proof").List() {
		out = append(append(out, p.Raw()...), ',')
	}
	return append(added.AppendJSON(out), ']', '}')
}

// Lossless reports what of a document without proofs an RDF signature would
// not cover: unsigned_data and unsafe_context errors with the place. It uses
// the contexts of the first suite of set that has some.
func Lossless(ctx context.Context, set proof.Set, document *strictjson.Value) error {
	for _, s := range set {
		own, ok := s.(*suite)
		if !ok {
			continue
		}
		selections, err := own.processor.Selections(document)
		if err != nil {
			return err
		}
		err = own.processor.Check(ctx, document, selections[0])
		return err
	}
	return reason.New(reason.Usage, "", "no suite of the set reads JSON-LD")
}
