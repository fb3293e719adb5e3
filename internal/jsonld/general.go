package jsonld

import (
	"errors"
	"slices"
	"strconv"

	"github.com/piprate/json-gold/ld"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const contextCredential = "https://www.w3.org/ns/credentials/v2"

// general makes the quads of doc by way of json-gold.
func (p *Processor) general(doc *strictjson.Value, sel Selection) ([]rdfc.Quad, error) {
	b := &builder{limit: p.cfg.MaxQuads}
	if err := p.build(b, doc, "", sel, rdfc.Term{}); err != nil {
		return nil, err
	}
	return b.quads, nil
}

// build expands doc and adds its quads to a graph. The credentials of a
// presentation of Data Model 2.0 are expanded apart: their term sets the
// context to null, so that each begins anew, and puts each into a graph of
// its own. json-gold loses that graph.
func (p *Processor) build(b *builder, doc *strictjson.Value, at string, sel Selection, graph rdfc.Term) error {
	var parts []*strictjson.Value
	rest := doc
	if holdsCredentials(doc) {
		parts = doc.Get("verifiableCredential").List()
		rest = doc.Without("verifiableCredential")
	}
	expanded, err := p.expand(rest, sel)
	if err != nil {
		return under(at, err)
	}
	if in, out := leaves(rest), expandedLeaves(expanded); in != out {
		return reason.New("unsigned_data/dropped", at, "of %d values in the document only %d would be signed", in, out)
	}
	root, ok := single(expanded)
	if !ok {
		return reason.New("unsigned_data/dropped", at, "the document does not describe one thing")
	}
	subject, err := b.node(root, graph)
	if err != nil {
		return under(at, err)
	}
	for i, part := range parts {
		partAt := at + "/verifiableCredential/" + strconv.Itoa(i)
		own := b.blank()
		if err := b.add(&rdfc.Quad{Subject: subject, Predicate: iri("https://www.w3.org/2018/credentials#verifiableCredential"), Object: own, Graph: graph}); err != nil {
			return err
		}
		if err := p.build(b, part, partAt, sel, own); err != nil {
			return err
		}
	}
	return nil
}

func under(at string, err error) error {
	var e *reason.Error
	if at == "" || !errors.As(err, &e) {
		return err
	}
	return &reason.Error{Code: e.Code, At: at + e.At, Err: e.Err}
}

// holdsCredentials reports whether doc is a presentation of Data Model 2.0.
func holdsCredentials(doc *strictjson.Value) bool {
	contexts := doc.Get("@context").List()
	if len(contexts) == 0 || doc.Get("verifiableCredential") == nil {
		return false
	}
	if first, _ := contexts[0].Text(); first != contextCredential {
		return false
	}
	return slices.ContainsFunc(doc.Get("type").List(), func(v *strictjson.Value) bool {
		s, _ := v.Text()
		return s == "VerifiablePresentation"
	})
}

func single(expanded []any) (map[string]any, bool) {
	if len(expanded) != 1 {
		return nil, false
	}
	root, ok := expanded[0].(map[string]any)
	return root, ok
}

// loader serves the selected contexts to json-gold and nothing else.
type loader struct{ sel Selection }

var errNotPinned = errors.New("context is not pinned")

func (l loader) LoadDocument(url string) (*ld.RemoteDocument, error) {
	p := l.sel.find(url)
	if p == nil {
		return nil, errNotPinned
	}
	c, err := p.read()
	if err != nil {
		return nil, err
	}
	return &ld.RemoteDocument{DocumentURL: url, Document: c.document}, nil
}

// expand runs json-gold. A panic in it is an error of the document.
func (p *Processor) expand(doc *strictjson.Value, sel Selection) (expanded []any, err error) {
	expanded, err = expandOnce(doc.Any(), sel)
	if err == nil {
		return expanded, nil
	}
	if isUndefinedTerm(err) {
		return nil, reason.New("unsigned_data/undefined-term", "", "a term that no context defines would not be signed")
	}
	return nil, reason.New("unsigned_data/not-json-ld", "", "the document cannot be read as JSON-LD: %w", err)
}

func expandOnce(doc any, sel Selection) (expanded []any, err error) {
	defer func() {
		if r := recover(); r != nil {
			expanded, err = nil, errors.New("expansion does not cope with it")
		}
	}()
	opts := ld.NewJsonLdOptions("")
	opts.ProcessingMode = ld.JsonLd_1_1
	opts.DocumentLoader = loader{sel}
	opts.SafeMode = true
	return ld.NewJsonLdProcessor().Expand(doc, opts)
}

func isUndefinedTerm(err error) bool {
	var e *ld.JsonLdError
	return errors.As(err, &e) && e.Code == ld.InvalidProperty // which safe mode has for nothing else
}
