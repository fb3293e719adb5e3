package verifier

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// SchemaValidator has JSON schemas that the relying party keeps, and holds
// documents against them. It fetches nothing. Implementations are safe for
// concurrent use.
type SchemaValidator interface {
	// Schema returns what is kept for a URL: a JSON schema, or a credential
	// that holds one (JsonSchemaCredential).
	Schema(url string) (text []byte, ok bool)
	// Validate holds a document against a schema. The URL is what references
	// in the schema are relative to. Errors carry malformed/schema and the
	// place in the document when it does not conform, and schema_unavailable
	// or resource_limit when that cannot be found out.
	Validate(ctx context.Context, url string, schema []byte, document *credential.Value) error
}

// The types of credentialSchema that are known.
const (
	schemaPlain      = "JsonSchema"
	schemaCredential = "JsonSchemaCredential"
	schema1EdTech    = "1EdTechJsonSchemaValidator2019"
)

// maxSchemas bounds the schemas that one credential is held against.
const maxSchemas = 16

// schemas holds a credential against the schemas that it names (Data Model 2.0
// section 4.11). The standard says that it must conform; a schema that is not
// at hand is no reason to doubt the credential, though, and is shown as a
// check that was not made, unless the request requires it.
func (j *judgement) schemas(ctx context.Context, c *credential.Credential, holds bool) {
	r := j.report
	parts := partsOf(c.Document(), "", "credentialSchema")
	if len(parts) == 0 && j.req.RequireSchema {
		r.refuse(CheckSchema, reason.New("schema_unavailable/none", "/credentialSchema", "the credential names no schema"))
		return
	}
	if len(parts) > maxSchemas {
		j.schemaNotMade("/credentialSchema", reason.New("resource_limit/schemas", "", "%d schemas, the limit is %d", len(parts), maxSchemas))
		return
	}
	for _, part := range parts {
		err := j.schema(ctx, c, part, holds)
		switch {
		case err == nil:
			r.passAsOf(CheckSchema, part.At, time.Time{}, NoteSchemaFollowed)
		case reason.CodeOf(err).Class() == reason.Invalid:
			r.refuse(CheckSchema, err)
		default:
			j.schemaNotMade(part.At, err)
		}
	}
}

// schemaNotMade records a check that could not be made.
func (j *judgement) schemaNotMade(at string, err error) {
	out := Check{ID: CheckSchema, Outcome: NotRun, Reason: reason.CodeOf(err), At: at, Detail: detailOf(err)}
	if j.req.RequireSchema {
		out.Outcome = Unknown
	}
	j.report.add(out)
}

// schema holds the credential, without its proof, against one schema.
func (j *judgement) schema(ctx context.Context, c *credential.Credential, part credential.Part, holds bool) error {
	url, types := credential.ID(part.Value), credential.Types(part.Value)
	known := slices.ContainsFunc(types, func(t string) bool {
		return t == schemaPlain || t == schemaCredential || t == schema1EdTech
	})
	switch {
	case !known:
		return reason.New("schema_unavailable/type", part.At, "a schema of type %.60q is not one that is known here", strings.Join(types, ", "))
	case j.cfg.Schemas == nil:
		return reason.New("schema_unavailable/not-at-hand", part.At, "no schemas are kept here, and none is fetched")
	}
	text, ok := j.cfg.Schemas.Schema(url)
	if !ok {
		return reason.New("schema_unavailable/not-at-hand", part.At, "this schema is not kept here, and none is fetched")
	}
	for _, d := range digestsOf(part.Value) {
		if !d.of(text) {
			return reason.New("schema_unavailable/digest", part.At, "the schema that is kept here is not the one that the credential names by its digest")
		}
	}
	if slices.Contains(types, schemaCredential) {
		var err error
		if text, err = j.schemaIn(ctx, text, url, part.At, holds); err != nil {
			return err
		}
	}
	return j.cfg.Schemas.Validate(ctx, url, text, c.Document())
}

// schemaIn returns the schema out of a credential (Verifiable Credentials JSON
// Schema section 2.2), which must be valid itself and name itself by the URL.
func (j *judgement) schemaIn(ctx context.Context, raw []byte, url, at string, holds bool) ([]byte, error) {
	if j.req.within == CheckSchema { // a schema's schema is not followed
		return nil, reason.New("schema_unavailable/credential", at, "the schema of a schema is not followed")
	}
	report := j.inner(holds).verify(ctx, Request{Raw: raw, At: j.req.At, StatusLists: j.req.StatusLists, within: CheckSchema})
	if report.Verdict != Valid {
		return nil, reason.New("schema_unavailable/credential", at, "the credential that holds the schema is %s: %s", report.Verdict, detailOf(report.Err()))
	}
	c := report.Credential()
	subjects := c.Subjects()
	if c.ID() != url || !c.HasType(schemaCredential) || len(subjects) != 1 || !credential.HasType(subjects[0], schemaPlain) {
		return nil, reason.New("schema_unavailable/credential", at, "what is kept for the schema is no credential that holds it")
	}
	schema := subjects[0].Get("jsonSchema")
	if schema.Kind() != strictjson.KindObject {
		return nil, reason.New("schema_unavailable/credential", at, "the credential holds no schema: its jsonSchema is %s", schema.Kind())
	}
	return schema.AppendJSON(nil), nil
}
