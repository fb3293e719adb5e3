package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/piprate/json-gold/ld"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

var sizes = []string{"0.6 KB", "3 KB", "30 KB"}

// workshop is what all tasks share.
type workshop struct {
	set       proof.Set
	processor *jsonld.Processor
	contexts  *jsonld.Contexts
	learner   string
}

// newWorkshop returns what the tasks need.
func newWorkshop() (*workshop, error) {
	set, err := suites.All()
	if err != nil {
		return nil, err
	}
	contexts, err := jsonld.Embedded()
	if err != nil {
		return nil, err
	}
	processor, err := jsonld.New(jsonld.Config{Contexts: contexts})
	if err != nil {
		return nil, err
	}
	learner, err := key.Generate(key.Ed25519)
	if err != nil {
		return nil, err
	}
	id, _, err := did.KeyID(learner.Public())
	if err != nil {
		return nil, err
	}
	return &workshop{set, processor, contexts, id}, nil
}

// tasks returns those that need nothing installed.
func (w *workshop) tasks(ctx context.Context) ([]*task, error) {
	var out []*task
	for _, size := range sizes {
		tasks, err := w.canonicalize(ctx, size)
		if err != nil {
			return nil, err
		}
		out = append(out, tasks...)
	}
	for _, size := range sizes {
		for _, id := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt"} {
			tasks, err := w.signing(ctx, size, id, key.Ed25519)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			out = append(out, tasks...)
		}
		for _, id := range []proof.ID{"ecdsa-rdfc-2019", "ecdsa-sd-2023", "dc+sd-jwt"} {
			tasks, err := w.signing(ctx, size, id, key.P256)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			out = append(out, tasks...)
		}
		tasks, err := w.signing(ctx, size, dataintegrity.BBS2023, key.BLS12381G2)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dataintegrity.BBS2023, err)
		}
		out = append(out, tasks...)
	}
	return out, nil
}

// newKey makes a key of any type.
func newKey(kind key.Type) (interface {
	Public() key.Public
	Signer(id string) key.Signer
}, error) {
	if kind == key.BLS12381G2 {
		return bbskey.Generate()
	}
	return key.Generate(kind)
}

// canonicalize compares with json-gold's own canonicalization, its contexts in
// memory.
func (w *workshop) canonicalize(ctx context.Context, size string) ([]*task, error) {
	raw := credential(size, "did:web:kurs.example", w.learner)
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	canonical := func(ctx context.Context) ([]byte, error) {
		selections, err := w.processor.Selections(doc)
		if err != nil {
			return nil, err
		}
		text, _, err := w.processor.Canonicalize(ctx, doc, selections[0], rdfc.SHA256)
		return text, err
	}
	want, err := canonical(ctx)
	if err != nil {
		return nil, err
	}
	var generic any
	if err := json.Unmarshal(raw, &generic); err != nil {
		return nil, err
	}
	loader := documents{}
	for _, c := range w.contexts.All() {
		if loader[c.URL] == nil {
			if err := json.Unmarshal(c.Bytes(), &generic); err != nil {
				return nil, err
			}
			loader[c.URL] = generic
		}
	}
	if err := json.Unmarshal(raw, &generic); err != nil {
		return nil, err
	}
	gold := func(context.Context) (any, error) {
		o := ld.NewJsonLdOptions("")
		o.DocumentLoader, o.Format, o.Algorithm = loader, "application/n-quads", "URDNA2015"
		return ld.NewJsonLdProcessor().Normalize(generic, o)
	}
	if got, err := gold(ctx); err != nil || got != string(want) {
		return nil, fmt.Errorf("json-gold has another canonical form: %w", err)
	}
	group := "canonicalize " + size
	return []*task{
		{group: group, name: "bevis", bytes: len(raw), run: once(func(ctx context.Context) error { _, err := canonical(ctx); return err })},
		{group: group, name: "json-gold", bytes: len(raw), run: once(func(ctx context.Context) error { _, err := gold(ctx); return err })},
	}, nil
}

// documents serves contexts to json-gold.
type documents map[string]any

func (d documents) LoadDocument(url string) (*ld.RemoteDocument, error) {
	return &ld.RemoteDocument{DocumentURL: url, Document: d[url]}, nil
}

// signing measures one suite: issuing, verifying, and where the holder may cut
// down what is signed, that.
func (w *workshop) signing(ctx context.Context, size string, id proof.ID, kind key.Type) ([]*task, error) {
	suite, err := w.set.Suite(id)
	if err != nil {
		return nil, err
	}
	private, err := newKey(kind)
	if err != nil {
		return nil, err
	}
	issuer, method, err := did.KeyID(private.Public())
	if err != nil {
		return nil, err
	}
	v, err := verifier.New(verifier.Config{
		Suites: w.set, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(issuer), Status: verifier.NoStatus{}, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	raw, signer := credential(size, issuer, w.learner), private.Signer(method)
	params := proof.Params{Purpose: proof.AssertionMethod, Created: time.Now()}
	discloser, cuts := suite.(proof.Discloser)
	if cuts {
		params.Mandatory, params.Disclosable = []string{"/issuer", "/validFrom"}, nil
		if id == "dc+sd-jwt" {
			params.Mandatory, params.Disclosable = nil, []string{"/credentialSubject/achievement/name", "/credentialSubject/achievement/description"}
		}
	}
	sign := func(ctx context.Context) ([]byte, error) { return suite.Sign(ctx, raw, signer, params) }
	signed, err := sign(ctx)
	if err != nil {
		return nil, err
	}
	checked := signed
	name := string(id) + " " + size
	var out []*task
	if cuts {
		cut := func(ctx context.Context) ([]byte, error) {
			return discloser.Disclose(ctx, signed, proof.Disclosure{Pointers: []string{"/credentialSubject/achievement/name"}})
		}
		if checked, err = cut(ctx); err != nil {
			return nil, err
		}
		out = append(out, &task{group: "disclose " + name, name: "bevis", bytes: len(signed), run: once(func(ctx context.Context) error { _, err := cut(ctx); return err })})
	}
	verify := func(ctx context.Context) error {
		_, err := v.Verify(ctx, verifier.Request{Raw: checked})
		return err
	}
	if err := verify(ctx); err != nil {
		return nil, err
	}
	out = append(out,
		&task{group: "issue " + name, name: "bevis", bytes: len(raw), run: once(func(ctx context.Context) error { _, err := sign(ctx); return err })},
		&task{group: "verify " + name, name: "bevis", bytes: len(checked), run: once(verify)})
	if kind == key.Ed25519 {
		issue, check, err := w.floor(ctx, id, raw, signed)
		if err != nil {
			return nil, err
		}
		out = append(out,
			&task{group: "issue " + name, name: "floor", bytes: len(raw), run: once(issue)},
			&task{group: "verify " + name, name: "floor", bytes: len(signed), run: once(check)})
	}
	return out, nil
}

// floor is what any program must do: read the JSON, hash what is signed, and
// one signature. For eddsa-rdfc-2022 the canonical text is there already; for
// eddsa-jcs-2022 writing it counts.
func (w *workshop) floor(ctx context.Context, id proof.ID, raw, signed []byte) (issue, check func(context.Context) error, err error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, nil, err
	}
	parse := func(raw []byte) (*strictjson.Value, error) { return strictjson.ParseObject(raw, strictjson.Limits{}) }
	if id == "vc+jwt" {
		signature := ed25519.Sign(private, signed)
		issue = func(context.Context) error {
			if _, err := parse(raw); err != nil {
				return err
			}
			ed25519.Sign(private, base64.RawURLEncoding.AppendEncode(nil, raw))
			return nil
		}
		payload := bytes.Split(signed, []byte("."))[1]
		check = func(context.Context) error {
			text, err := base64.RawURLEncoding.Strict().AppendDecode(nil, payload)
			if err != nil {
				return err
			}
			if _, err := parse(text); err != nil {
				return err
			}
			return wrong(ed25519.Verify(public, signed, signature))
		}
		return issue, check, nil
	}
	doc, err := parse(raw)
	if err != nil {
		return nil, nil, err
	}
	selections, err := w.processor.Selections(doc)
	if err != nil {
		return nil, nil, err
	}
	text, _, err := w.processor.Canonicalize(ctx, doc, selections[0], rdfc.SHA256)
	if err != nil {
		return nil, nil, err
	}
	hash := func(doc *strictjson.Value) ([]byte, error) {
		if id == "eddsa-jcs-2022" {
			text, err = jcs.Append(text[:0], doc)
		}
		options, document := sha256.Sum256(text[:256]), sha256.Sum256(text)
		return append(options[:], document[:]...), err
	}
	digest, err := hash(doc)
	if err != nil {
		return nil, nil, err
	}
	signature := ed25519.Sign(private, digest)
	issue = func(context.Context) error {
		doc, err := parse(raw)
		if err != nil {
			return err
		}
		digest, err := hash(doc)
		ed25519.Sign(private, digest)
		return err
	}
	check = func(context.Context) error {
		if _, err := parse(signed); err != nil {
			return err
		}
		digest, err := hash(doc)
		if err != nil {
			return err
		}
		return wrong(ed25519.Verify(public, digest, signature))
	}
	return issue, check, nil
}

func wrong(ok bool) error {
	if !ok {
		return fmt.Errorf("a signature of the floor does not hold")
	}
	return nil
}
