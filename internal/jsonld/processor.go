package jsonld

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/piprate/json-gold/ld"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	defaultMaxQuads   = 50_000
	maxContextsInAll  = 200
	contextCredential = "https://www.w3.org/ns/credentials/v2"
)

// Config is what a Processor may use and spend. Zero limits mean defaults.
type Config struct {
	Contexts *Contexts // required
	MaxQuads int
	MaxWork  int // of canonicalization, see internal/rdfc
}

// Processor reads documents. It is immutable and safe for concurrent use.
type Processor struct{ cfg Config }

// New returns a processor over the given contexts.
func New(cfg Config) (*Processor, error) {
	if cfg.Contexts == nil {
		return nil, reason.New(reason.Usage, "jsonld.Config", "Contexts is nil: use jsonld.Embedded")
	}
	if cfg.MaxQuads <= 0 {
		cfg.MaxQuads = defaultMaxQuads
	}
	return &Processor{cfg}, nil
}

// Selections returns the editions with which doc can be read, the newest
// first. Errors are unsafe_context: a context that is not pinned, or one that
// stands inline.
func (p *Processor) Selections(doc *strictjson.Value) ([]Selection, error) {
	var urls []string
	count := 0
	err := eachContext(doc, "", func(at string, c *strictjson.Value) error {
		if c.Kind() == strictjson.KindArray && len(c.Items()) == 0 {
			return reason.New("unsafe_context/empty", at, "the list of contexts is empty")
		}
		for i, item := range c.List() {
			if count++; count > maxContextsInAll {
				return reason.New("resource_limit/contexts", at, "more than %d contexts", maxContextsInAll)
			}
			place := at
			if c.Kind() == strictjson.KindArray {
				place = strictjson.Pointer(at, strconv.Itoa(i))
			}
			url, ok := item.Text()
			switch {
			case !ok:
				return reason.New("unsafe_context/inline", place, "a context that the document defines itself is not accepted: it could mean anything")
			case p.cfg.Contexts.Lookup(url) == nil:
				return reason.New("unsafe_context/unknown", place, "the context %.200q is not one that is known here, and none is fetched", url)
			case !slices.Contains(urls, url):
				urls = append(urls, url)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if doc.Get("@context") == nil {
		return nil, reason.New("unsafe_context/missing", "/@context", "the document has no context")
	}
	return p.cfg.Contexts.selections(urls), nil
}

func eachContext(v *strictjson.Value, at string, visit func(at string, c *strictjson.Value) error) error {
	for i, item := range v.Items() {
		if err := eachContext(item, strictjson.Pointer(at, strconv.Itoa(i)), visit); err != nil {
			return err
		}
	}
	for _, m := range v.Members() {
		place := strictjson.Pointer(at, m.Name)
		if m.Name == "@context" {
			if err := visit(place, m.Value); err != nil {
				return err
			}
			continue
		}
		if err := eachContext(m.Value, place, visit); err != nil {
			return err
		}
	}
	return nil
}

// Canonicalize returns doc as canonical N-Quads and the contexts that it was
// read with.
func (p *Processor) Canonicalize(ctx context.Context, doc *strictjson.Value, sel Selection, h rdfc.Hash) ([]byte, []*Pinned, error) {
	quads, err := p.Quads(ctx, doc, sel)
	if err != nil {
		return nil, nil, err
	}
	result, err := rdfc.Canonicalize(ctx, quads, rdfc.Options{Hash: h, MaxWork: p.cfg.MaxWork})
	if err != nil {
		return nil, nil, err
	}
	return result.NQuads, sel.used, nil
}

// Quads returns the RDF of doc. Errors are unsafe_context and unsigned_data,
// the latter with the place of what RDF would not hold.
func (p *Processor) Quads(ctx context.Context, doc *strictjson.Value, sel Selection) ([]rdfc.Quad, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	if err := checkForm(doc); err != nil {
		return nil, err
	}
	if len(sel.used) == 0 {
		return nil, reason.New("unsafe_context/missing", "/@context", "no context is selected")
	}
	b := &builder{limit: p.cfg.MaxQuads}
	if err := p.build(b, doc, "", sel, rdfc.Term{}); err != nil {
		return nil, err
	}
	if len(b.quads) == 0 {
		return nil, reason.New("unsigned_data/nothing", "", "the document says nothing that could be signed")
	}
	if id, _ := doc.Get("id").Text(); id != "" && rerooted(b.quads, iri(id)) {
		return nil, reason.New("unsigned_data/ambiguous-root", "/id", "a credential inside, by the same issuer, refers to this one, so the same statements could be written with that one on top")
	}
	return b.quads, nil
}

const issuerIRI = "https://www.w3.org/2018/credentials#issuer"

// rerooted reports whether the statements are those of another document as
// well. RDF has no top: a credential whose nested credential has the same
// issuer and points back to it could be turned inside out, and its end and
// its status would then be those of something mentioned.
func rerooted(quads []rdfc.Quad, root rdfc.Term) bool {
	pointed, issuers := false, map[rdfc.Term]bool{}
	for _, q := range quads {
		pointed = pointed || q.Object == root
		if q.Subject == root && q.Predicate.Value == issuerIRI {
			issuers[q.Object] = true
		}
	}
	return pointed && slices.ContainsFunc(quads, func(q rdfc.Quad) bool {
		return q.Subject != root && q.Predicate.Value == issuerIRI && issuers[q.Object]
	})
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
		return place(at, err)
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
		return place(at, err)
	}
	for i, part := range parts {
		partAt := at + "/verifiableCredential/" + strconv.Itoa(i)
		if part.Kind() != strictjson.KindObject {
			return reason.New("unsigned_data/dropped", partAt, "a credential is %s, which a JSON-LD presentation cannot hold", part.Kind())
		}
		if part.Get("@context") == nil {
			return reason.New("unsafe_context/missing", partAt, "the credential has no context of its own")
		}
		own := b.blank()
		if err := b.add(rdfc.Quad{Subject: subject, Predicate: iri("https://www.w3.org/2018/credentials#verifiableCredential"), Object: own, Graph: graph}); err != nil {
			return err
		}
		if err := p.build(b, part, partAt, sel, own); err != nil {
			return err
		}
	}
	return nil
}

func place(at string, err error) error {
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
	if p := l.sel.find(url); p != nil {
		return &ld.RemoteDocument{DocumentURL: url, Document: p.document}, nil
	}
	return nil, errNotPinned
}

// expand runs json-gold. A panic in it is an error of the document.
func (p *Processor) expand(doc *strictjson.Value, sel Selection) (expanded []any, err error) {
	expanded, err = expandOnce(doc.Any(), sel)
	if err == nil {
		return expanded, nil
	}
	if isUndefinedTerm(err) {
		at, name := locate(doc, sel)
		if name == "" {
			return nil, reason.New("unsigned_data/undefined-term", at, "a term in here is one that no context defines, so it would not be signed")
		}
		return nil, reason.New("unsigned_data/undefined-term", at, "no context defines the term %q, so it would not be signed", name)
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
	return errors.As(err, &e) && e.Code == ld.InvalidProperty && strings.Contains(err.Error(), "absolute IRI")
}

// maxLocate is how often a document is expanded to find a place for a message.
const maxLocate = 200

// locate finds the first term that no context defines, by leaving out
// everything else. It runs only when there is one to be found.
func locate(doc *strictjson.Value, sel Selection) (at, name string) {
	budget := maxLocate
	fails := func(v *strictjson.Value) bool {
		if budget--; budget < 0 { // the message goes without its name
			return false
		}
		_, err := expandOnce(v.Any(), sel)
		return err != nil && isUndefinedTerm(err)
	}
	var walk func(v *strictjson.Value, at string, wrap func(*strictjson.Value) *strictjson.Value) (string, string)
	walk = func(v *strictjson.Value, at string, wrap func(*strictjson.Value) *strictjson.Value) (string, string) {
		for i, item := range v.Items() {
			if fails(wrap(item)) {
				return walk(item, strictjson.Pointer(at, strconv.Itoa(i)), wrap)
			}
		}
		frame := strictjson.Object()
		for _, keep := range []string{"@context", "type"} {
			if m := v.Get(keep); m != nil {
				frame = frame.With(keep, m)
			}
		}
		for _, m := range v.Members() {
			with := func(inner *strictjson.Value) *strictjson.Value { return wrap(frame.With(m.Name, inner)) }
			if !fails(with(m.Value)) {
				continue
			}
			place := strictjson.Pointer(at, m.Name)
			deeper, name := walk(m.Value, place, with)
			if name != "" || budget < 0 {
				return deeper, name
			}
			return place, m.Name
		}
		return at, ""
	}
	return walk(doc, "", func(v *strictjson.Value) *strictjson.Value { return v })
}
