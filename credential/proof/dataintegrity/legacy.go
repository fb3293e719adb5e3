package dataintegrity

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/secp256k1"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The names of the suites from before Data Integrity, which sign with a JWS
// without its payload. They are only verified.
const (
	Ed25519Signature2018ID        proof.ID = "Ed25519Signature2018"
	JSONWebSignature2020ID        proof.ID = "JsonWebSignature2020"
	EcdsaSecp256k1Signature2019ID proof.ID = "EcdsaSecp256k1Signature2019"

	longestJWS = 2048 // characters: one by an RSA key of 8192 bits takes 1400
)

// Ed25519Signature2018 returns the suite of that proof type (W3C CCG, Ed25519
// Signature 2018): EdDSA by a detached JWS (RFC 7797) over the hashes of the
// canonical proof options and document.
func Ed25519Signature2018(p *jsonld.Processor) proof.Suite {
	return legacy(p, Ed25519Signature2018ID, key.Ed25519)
}

// JSONWebSignature2020 returns the suite JsonWebSignature2020 (W3C, JSON Web
// Signatures for Data Integrity Proofs, 2022): the same with EdDSA, ES256,
// ES384, ES256K or PS256, whichever is the key's.
func JSONWebSignature2020(p *jsonld.Processor) proof.Suite {
	return legacy(p, JSONWebSignature2020ID, key.Ed25519, key.P256, key.P384, key.Secp256k1, key.RSA)
}

// EcdsaSecp256k1Signature2019 returns the suite of that proof type (W3C CCG,
// Ecdsa Secp256k1 Signature 2019): the same with ES256K.
func EcdsaSecp256k1Signature2019(p *jsonld.Processor) proof.Suite {
	return legacy(p, EcdsaSecp256k1Signature2019ID, key.Secp256k1)
}

func legacy(p *jsonld.Processor, id proof.ID, keys ...key.Type) proof.Suite {
	return &suite{id: id, proofType: string(id), verifyOnly: true, detached: true, keys: keys, processor: p}
}

// valueName is the member of the proof that holds its signature.
func (s *suite) valueName() string {
	if s.detached {
		return "jws"
	}
	return "proofValue"
}

// verifyDetached checks a proof whose signature is a detached JWS.
func (s *suite) verifyDetached(ctx context.Context, sec *proof.Secured, keys proof.Keys) (*proof.Proven, error) {
	token, err := readDetached(sec)
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
	if want := detachedAlgorithm(k.Public.Type()); token.alg != want {
		return nil, reason.New("unsupported_alg/key-mismatch", sec.At+"/jws", "a %s key signs by %s here, and the signature says %.20q", k.Public.Type(), want, token.alg)
	}
	own := sec.Proof.Get("@context")
	if own != nil && !equalJSON(own, sec.Document.Get("@context")) {
		return nil, reason.New("unsigned_data/proof-context", sec.At+"/@context", "the proof's context is not the document's and is not covered")
	}
	var beside []proof.Context
	used, err := s.tryEditions(sec, func(selection jsonld.Selection) error {
		document, err := s.processor.Hash(ctx, sec.Document, selection, rdfc.SHA256)
		if err != nil {
			return err
		}
		beside, err = s.signsOptions(ctx, sec, selection, func(options []byte) bool {
			return token.holds(k.Public, append(options, document...))
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return &proof.Proven{Document: sec.Document, Key: k, Contexts: append(used, beside...)}, nil
}

// underSecurityV2 is the context by which the first programs read the options
// of a proof, whatever the document said.
const underSecurityV2 = "https://w3id.org/security/v2"

// signsOptions tries the ways in which programs of the time read the options of
// a proof: under the context of the document, and under that of the suites. All
// their members are covered either way. It returns the contexts that were needed
// beside the document's.
func (s *suite) signsOptions(ctx context.Context, sec *proof.Secured, selection jsonld.Selection, holds func(options []byte) bool) ([]proof.Context, error) {
	hash, err := s.processor.Hash(ctx, underContext(sec.Proof, sec.Document, "jws"), selection, rdfc.SHA256)
	if err == nil && holds(hash) {
		return nil, nil
	}
	options := optionsUnderV2(sec)
	others, other := s.processor.Selections(options)
	if other == nil {
		var sum []byte
		if sum, other = s.processor.Hash(ctx, options, others[0], rdfc.SHA256); other == nil {
			if holds(sum) {
				return contextsOf(others[0].Contexts()), nil
			}
			return nil, reason.New(reason.BadSignature, sec.At, "the signature does not match the document")
		}
	}
	if err == nil {
		return nil, reason.New(reason.BadSignature, sec.At, "the signature does not match the document")
	}
	return nil, inProof(sec.At, err)
}

func optionsUnderV2(sec *proof.Secured) *strictjson.Value {
	members := []strictjson.Member{{Name: "@context", Value: strictjson.String(underSecurityV2)}}
	return strictjson.Object(append(members, sec.Proof.Without("jws", "@context").Members()...)...)
}

// detachedAlgorithm is what a type of key signs by in these suites.
func detachedAlgorithm(t key.Type) string {
	switch t {
	case key.Ed25519:
		return "EdDSA"
	case key.P256:
		return "ES256"
	case key.P384:
		return "ES384"
	case key.Secp256k1:
		return "ES256K"
	case key.RSA:
		return "PS256"
	}
	return ""
}

// detached is a JWS whose payload stands elsewhere (RFC 7797).
type detached struct {
	head      string // as it came
	alg       string
	signature []byte
}

// readDetached reads the member "jws". Its header says the algorithm, and that
// the payload is signed as it is, and nothing else: each other member could ask
// for another reading.
func readDetached(sec *proof.Secured) (*detached, error) {
	at := sec.At + "/jws"
	bad := func(format string, args ...any) (*detached, error) {
		return nil, reason.New(reason.MalformedProofValue, at, format, args...)
	}
	text, ok := sec.Proof.Get("jws").Text()
	head, signature, cut := strings.Cut(text, "..")
	switch {
	case !ok:
		return bad("the signature is %s, not a string", sec.Proof.Get("jws").Kind())
	case len(text) > longestJWS || !cut || strings.Contains(signature, "."):
		return bad("the signature is not a JWS without its payload")
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(head)
	if err != nil {
		return bad("the header is not base64url")
	}
	header, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: longestJWS, MaxDepth: 4})
	if err != nil {
		return nil, reason.New(reason.MalformedProofValue, at, "the header cannot be read: %w", err)
	}
	out := &detached{head: head}
	out.alg, _ = header.Get("alg").Text()
	b64, isBool := header.Get("b64").Bool()
	critical := header.Get("crit").Items()
	if out.alg == "" || !isBool || b64 || len(critical) != 1 || len(header.Members()) != 3 {
		return bad("the header does not say alg, b64 false and crit, and these alone")
	}
	if name, _ := critical[0].Text(); name != "b64" {
		return bad("the header wants something to be understood that is not")
	}
	// Line breaks are passed over by the decoder, and are no base64url.
	if out.signature, err = base64.RawURLEncoding.Strict().DecodeString(signature); err != nil || base64.RawURLEncoding.EncodeToString(out.signature) != signature || base64.RawURLEncoding.EncodeToString(raw) != head {
		return bad("the signature is not base64url in its one spelling")
	}
	return out, nil
}

// holds reports whether the signature is by a key over the two hashes.
func (d *detached) holds(public key.Public, payload []byte) bool {
	input := append([]byte(d.head+"."), payload...)
	switch public.Type() {
	case key.Secp256k1:
		return secp256k1.Verify(public.Secp256k1(), input, d.signature)
	case key.RSA: // PS256, where everything else here has PKCS #1 v1.5
		k, ok := public.Crypto().(*rsa.PublicKey)
		sum := sha256.Sum256(input)
		return ok && rsa.VerifyPSS(k, crypto.SHA256, sum[:], d.signature, &rsa.PSSOptions{SaltLength: sha256.Size}) == nil
	}
	return public.Verify(input, d.signature) == nil
}
