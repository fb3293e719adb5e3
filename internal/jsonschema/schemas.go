package jsonschema

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxWork is how often a schema may look at a part of a document. A credential
// of 1 MiB against the schema of Open Badges takes some hundred thousand.
const maxWork = 4_000_000

// Schemas are the schemas that were given, by URL. It is safe for concurrent
// use.
type Schemas struct {
	texts map[string][]byte

	mu       sync.Mutex
	compiled map[[sha256.Size]byte]compiled // by URL and text; no more than there are texts
}

type compiled struct {
	schema *jsonschema.Schema
	err    error
}

// New returns the schemas at the URLs. A text that is no strict JSON is
// usage/schema.
func New(texts map[string][]byte) (*Schemas, error) {
	s := &Schemas{texts: maps.Clone(texts), compiled: map[[sha256.Size]byte]compiled{}}
	for url, text := range texts {
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte("eyJ")) {
			continue // a credential in a compact form
		}
		if _, err := strictjson.Parse(text, strictjson.Limits{}); err != nil {
			return nil, reason.New("usage/schema", url, "what was given for the schema is no JSON: %w", err)
		}
	}
	return s, nil
}

// Schema implements verifier.SchemaValidator.
func (s *Schemas) Schema(url string) ([]byte, bool) {
	text, ok := s.texts[url]
	return text, ok
}

// Validate implements verifier.SchemaValidator. What it says of a document
// names places and keywords of the schema, never values.
func (s *Schemas) Validate(ctx context.Context, url string, text []byte, document *strictjson.Value) error {
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, url, err)
	}
	schema, err := s.compile(url, text)
	if err != nil {
		return err
	}
	c := counter{done: map[visit]float64{}}
	if work, err := c.count(schema, document); err != nil || work > maxWork {
		return reason.New("resource_limit/schema", url, "the schema asks for more work than is done")
	}
	failed := schema.Validate(document.Any())
	var invalid *jsonschema.ValidationError
	switch {
	case failed == nil:
		return nil
	case errors.As(failed, &invalid):
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[0]
		}
		at := ""
		for _, token := range invalid.InstanceLocation {
			at = strictjson.Pointer(at, token)
		}
		return reason.New("malformed/schema", at, "not as the schema wants it: %s", keyword(invalid))
	}
	return reason.New("schema_unavailable/broken", url, "the schema cannot be used on this document")
}

// keyword names the rule that is not met.
func keyword(e *jsonschema.ValidationError) string {
	path := e.ErrorKind.KeywordPath()
	if len(path) == 0 {
		return "nothing is allowed here"
	}
	return "its rule “" + strings.Join(path, "/") + "” is not met"
}

// compile makes a schema ready once. Schemas inside credentials come with a
// URL that is kept as well, so there are never more than were given.
func (s *Schemas) compile(url string, text []byte) (*jsonschema.Schema, error) {
	id := sha256.Sum256(append([]byte(url+"\x00"), text...))
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.compiled[id]; ok {
		return c.schema, c.err
	}
	var c compiled
	c.schema, c.err = s.build(url, text)
	if len(s.compiled) < len(s.texts) {
		s.compiled[id] = c
	}
	return c.schema, c.err
}

func (s *Schemas) build(url string, text []byte) (*jsonschema.Schema, error) {
	broken := func(err error) error {
		return reason.New("schema_unavailable/broken", url, "the schema cannot be used: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, broken(err)
	}
	loader := &given{schemas: s}
	c := jsonschema.NewCompiler()
	c.UseLoader(loader)
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource(url, document); err != nil {
		return nil, broken(err)
	}
	schema, err := c.Compile(url)
	if loader.missing != "" {
		return nil, reason.New("schema_unavailable/reference", url, "the schema refers to %s, which is not kept here, and none is fetched", loader.missing)
	}
	if err != nil {
		return nil, broken(err)
	}
	return schema, nil
}

// given loads the schemas that references lead to, from what was given.
type given struct {
	schemas *Schemas
	missing string
}

// Load implements jsonschema.URLLoader.
func (g *given) Load(url string) (any, error) {
	text, ok := g.schemas.Schema(url)
	if !ok {
		g.missing = url
		return nil, errors.New("not kept here")
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}
