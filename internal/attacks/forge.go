package attacks

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/multiformats/go-multibase"
)

// party is somebody with a key whose DID is the key.
type party struct {
	id, method string
	private    *key.Private
	signer     key.Signer
}

// forge makes the cases.
type forge struct {
	ctx       context.Context
	processor *jsonld.Processor
	cases     []Case
	wrong     []error

	issuer, second, attacker, holder, p256, p256holder party // second is trusted too
}

func newForge(ctx context.Context) (*forge, error) {
	contexts, err := jsonld.Embedded()
	if err != nil {
		return nil, err
	}
	f := &forge{ctx: ctx}
	if f.processor, err = jsonld.New(jsonld.Config{Contexts: contexts}); err != nil {
		return nil, err
	}
	for name, to := range map[string]*party{"issuer": &f.issuer, "second": &f.second, "attacker": &f.attacker, "holder": &f.holder} {
		seed := sha256.Sum256([]byte("bevis attacks " + name))
		private, err := key.FromSeed(seed[:])
		if err != nil {
			return nil, err
		}
		if *to, err = newParty(private); err != nil {
			return nil, err
		}
	}
	for name, to := range map[string]*party{"p256": &f.p256, "p256 holder": &f.p256holder} {
		seed := sha256.Sum256([]byte("bevis attacks " + name))
		k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
		if err != nil {
			return nil, err
		}
		private, err := key.FromSigner(k)
		if err != nil {
			return nil, err
		}
		if *to, err = newParty(private); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func newParty(private *key.Private) (party, error) {
	id, method, err := did.KeyID(private.Public())
	return party{id, method, private, private.Signer(method)}, err
}

// add takes a case in, with the issuers that every case trusts.
func (f *forge) add(c Case) {
	if c.Ext == "" {
		c.Ext = "json"
	}
	if c.Trusted == nil {
		c.Trusted = []string{f.issuer.id, f.second.id, f.p256.id}
	}
	f.cases = append(f.cases, c)
}

// bad takes in a credential that must be refused.
func (f *forge) bad(row, name, what, raw string, want ...string) {
	f.add(Case{Row: row, Name: name, What: what, Raw: []byte(raw), Want: want})
}

func (f *forge) fail(format string, args ...any) {
	f.wrong = append(f.wrong, fmt.Errorf(format, args...))
}

// swap replaces the first occurrence of what must be there: an attack that
// changes nothing is none.
func (f *forge) swap(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			f.fail("nothing to replace: %s", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

const contextsV2OB = `["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]`

// badge is the text of an unsigned badge by an issuer about the holder, with
// pairs of what to replace in it.
func (f *forge) badge(by party, pairs ...string) string {
	return f.swap(`{"@context":`+contextsV2OB+`,"id":"urn:uuid:0b1d3a52-77aa-4c55-9d3f-2c6f0a9b1c11","type":["VerifiableCredential","OpenBadgeCredential"],`+
		`"name":"Sveising, grunnkurs","issuer":{"id":"`+by.id+`","type":["Profile"],"name":"Kursstedet"},"validFrom":"2026-01-01T00:00:00Z",`+
		`"credentialSubject":{"id":"`+f.holder.id+`","type":["AchievementSubject"],"achievement":{"id":"urn:uuid:4b7b6a5e-1f0a-4d6a-8f0e-6b0c8b7d2e22",`+
		`"type":["Achievement"],"name":"Sveising, grunnkurs","description":"Førti timer.","criteria":{"narrative":"Bestått prøve."}}}}`, pairs...)
}

// options is the text of proof options, without the value.
func options(suite, method, purpose string) string {
	return `{"type":"DataIntegrityProof","cryptosuite":"` + suite + `","created":"2026-01-01T00:00:00Z","verificationMethod":"` + method + `","proofPurpose":"` + purpose + `"}`
}

const (
	rdfcSuite = "eddsa-rdfc-2022"
	jcsSuite  = "eddsa-jcs-2022"
	assertion = "assertionMethod"
)

// with puts a member at the end of an object's text.
func with(object, name, value string) string {
	return strings.TrimSuffix(object, "}") + `,"` + name + `":` + value + "}"
}

// sign returns the proof of a document with options, as the suite of that name
// makes it, without any of the checks that a suite makes.
func (f *forge) sign(suite, document, options string, by party) string {
	canonical := f.canonicalJCS
	if suite == rdfcSuite {
		canonical = f.canonicalRDF
	}
	context := f.parse(document).Get("@context")
	signedOptions := options
	if suite == jcsSuite && context != nil && !strings.Contains(options, `"@context"`) {
		options = with(options, "@context", string(context.Raw()))
		signedOptions = options
	} else if suite == rdfcSuite && context != nil {
		signedOptions = with(options, "@context", string(context.Raw()))
	}
	a, b := sha256.Sum256(canonical(signedOptions)), sha256.Sum256(canonical(document))
	sig, err := by.signer.Sign(f.ctx, append(a[:], b[:]...))
	if err != nil {
		f.fail("sign: %w", err)
		return "null"
	}
	return with(options, "proofValue", `"`+base58(sig)+`"`)
}

// signed returns a document with its proof.
func (f *forge) signed(suite, document string, by party) string {
	return with(document, "proof", f.sign(suite, document, options(suite, by.method, assertion), by))
}

func (f *forge) parse(text string) *strictjson.Value {
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		f.fail("%w: %.200s", err, text)
	}
	return v
}

func (f *forge) canonicalJCS(text string) []byte {
	out, err := jcs.Append(nil, f.parse(text))
	if err != nil {
		f.fail("jcs: %w", err)
	}
	return out
}

func (f *forge) canonicalRDF(text string) []byte {
	doc := f.parse(text)
	selections, err := f.processor.Selections(doc)
	if err != nil {
		f.fail("contexts: %w", err)
		return nil
	}
	out, _, err := f.processor.Canonicalize(f.ctx, doc, selections[0], rdfc.SHA256)
	if err != nil {
		f.fail("rdfc: %w", err)
	}
	return out
}

func base58(raw []byte) string {
	text, err := multibase.Encode(multibase.Base58BTC, raw)
	if err != nil { // the encoding is one that the package knows
		return ""
	}
	return text
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// token signs a payload as a compact JWS with exactly that header.
func (f *forge) token(header, payload string, by party) string {
	input := b64([]byte(header)) + "." + b64([]byte(payload))
	sig, err := by.signer.Sign(f.ctx, []byte(input))
	if err != nil {
		f.fail("token: %w", err)
	}
	return input + "." + b64(sig)
}

// head is the header of a token.
func head(typ, alg, kid string) string {
	return `{"alg":"` + alg + `","typ":"` + typ + `","kid":"` + kid + `"}`
}
