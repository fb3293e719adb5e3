// Package jsonschema holds documents against JSON schemas that somebody gave,
// for verifier.SchemaValidator. It is apart from the verifier so that those who
// embed that one do not link a schema library.
//
// Nothing is fetched: a reference leads to another schema that was given, or
// the schema cannot be used. How often a schema would look at a document is
// counted before it does, since a few hundred bytes of references can ask for
// more work than there is time.
package jsonschema
