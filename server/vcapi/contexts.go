package vcapi

import "github.com/kompetansebevis/bevis/internal/strictjson"

// unwrapContexts returns the bytes of a document in which each context of its
// own that stands inside another, {"@context": {…}}, has taken the other's
// place. JSON-LD 1.1 knows no such form (API section 4.2.2: a keyword cannot be
// redefined) and the library refuses it, but the library that the suites sign
// with reads it so, and one of their chains of proofs has it.
//
// What RDF suites sign is the statements, which are the same without the outer
// object; a suite that signs the text refuses it, as it should. Any other document
// is returned as it was read.
func unwrapContexts(document *strictjson.Value) []byte {
	contexts := document.Get("@context").Items()
	unwrapped := make([]*strictjson.Value, len(contexts))
	changed := false
	for i, c := range contexts {
		unwrapped[i] = c
		if inner := c.Get("@context"); inner.Kind() == strictjson.KindObject && len(c.Members()) == 1 {
			unwrapped[i], changed = inner, true
		}
	}
	if !changed {
		return document.Raw()
	}
	return document.With("@context", strictjson.Array(unwrapped...)).AppendJSON(nil)
}
