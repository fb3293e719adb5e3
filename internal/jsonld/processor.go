package jsonld

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	defaultMaxQuads  = 50_000
	maxContextsInAll = 200
	maxScratch       = 4096
)

// Config is what a Processor may use and spend. Zero limits mean defaults.
type Config struct {
	Contexts *Contexts // required
	MaxQuads int
	MaxWork  int // of canonicalization, see internal/rdfc

	// InlineContextsUnsafe accepts contexts that a document defines itself.
	// It is for conformance tests: who adds a context to a document that is
	// signed already can change what readers of its JSON take it to say.
	InlineContextsUnsafe bool
}

// Processor reads documents. It is safe for concurrent use. What it works out
// of contexts it keeps.
type Processor struct {
	cfg     Config
	plans   sync.Map  // choice of editions → *plan
	scratch sync.Pool // of *scratch
}

// scratch is memory that canonicalizing was done with, which is most of what
// it would allocate.
type scratch struct {
	path  strictjson.Path
	quads []rdfc.Quad
	space rdfc.Workspace
}

// New returns a processor over the given contexts.
func New(cfg Config) (*Processor, error) {
	if cfg.Contexts == nil {
		return nil, reason.New(reason.Usage, "jsonld.Config", "Contexts is nil: use jsonld.Embedded")
	}
	if cfg.MaxQuads <= 0 {
		cfg.MaxQuads = defaultMaxQuads
	}
	return &Processor{cfg: cfg}, nil
}

// Selections returns the editions with which doc can be read, the newest
// first. Errors are unsafe_context: a context that is not pinned, or one that
// stands inline.
func (p *Processor) Selections(doc *strictjson.Value) ([]Selection, error) {
	urls, err := p.named(doc)
	if err != nil {
		return nil, err
	}
	return p.cfg.Contexts.selections(urls), nil
}

// Editions returns the contexts that doc names, each in all its editions, with
// the errors of Selections.
func (p *Processor) Editions(doc *strictjson.Value) ([]*Pinned, error) {
	urls, err := p.named(doc)
	if err != nil {
		return nil, err
	}
	var out []*Pinned
	for _, url := range urls {
		out = append(out, p.cfg.Contexts.Lookup(url)...)
	}
	return out, nil
}

// named returns the URLs of the contexts that doc names, all of which are
// pinned, each once.
func (p *Processor) named(doc *strictjson.Value) ([]string, error) {
	f := finder{path: path{strictjson.NewPath()}, contexts: p.cfg.Contexts, inline: p.cfg.InlineContextsUnsafe}
	if err := f.walk(doc); err != nil {
		return nil, err
	}
	if doc.Get("@context") == nil {
		return nil, reason.New("unsafe_context/missing", "/@context", "the document has no context")
	}
	return f.urls, nil
}

// finder collects the contexts that a document names.
type finder struct {
	path
	contexts *Contexts
	inline   bool
	urls     []string
	count    int
}

func (f *finder) walk(v *strictjson.Value) error {
	for i, item := range v.Items() {
		f.EnterItem(i)
		if err := f.walk(item); err != nil {
			return err
		}
		f.Leave()
	}
	for _, m := range v.Members() {
		f.Enter(m.Name)
		var err error
		if m.Name == "@context" {
			err = f.take(m.Value)
		} else {
			err = f.walk(m.Value)
		}
		if err != nil {
			return err
		}
		f.Leave()
	}
	return nil
}

// take looks at one "@context".
func (f *finder) take(c *strictjson.Value) error {
	inArray := c.Kind() == strictjson.KindArray
	if inArray && len(c.Items()) == 0 {
		return f.refuse("unsafe_context/empty", "the list of contexts is empty")
	}
	for i, item := range c.List() {
		if f.count++; f.count > maxContextsInAll {
			return f.refuse("resource_limit/contexts", "more than %d contexts", maxContextsInAll)
		}
		if inArray {
			f.EnterItem(i)
		}
		url, ok := item.Text()
		switch {
		case f.inline && item.Kind() == strictjson.KindObject:
		case !ok:
			return f.refuse("unsafe_context/inline", "a context that the document defines itself is not accepted: it could mean anything")
		case f.contexts.Lookup(url) == nil:
			return f.refuse("unsafe_context/unknown", "the context %.200q is not one that is known here, and none is fetched", url)
		case !slices.Contains(f.urls, url):
			f.urls = append(f.urls, url)
		}
		if inArray {
			f.Leave()
		}
	}
	return nil
}

// Canonicalize returns doc as canonical N-Quads and the contexts that it was
// read with.
func (p *Processor) Canonicalize(ctx context.Context, doc *strictjson.Value, sel Selection, h rdfc.Hash) ([]byte, []*Pinned, error) {
	var result *rdfc.Result
	err := p.borrow(ctx, doc, sel, func(quads []rdfc.Quad, space *rdfc.Workspace) (err error) {
		result, err = rdfc.Canonicalize(ctx, quads, rdfc.Options{Hash: h, MaxWork: p.cfg.MaxWork, Workspace: space})
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return result.NQuads, sel.used, nil
}

// Hash is Canonicalize for who wants no more than the hash of the canonical
// form.
func (p *Processor) Hash(ctx context.Context, doc *strictjson.Value, sel Selection, h rdfc.Hash) (sum []byte, err error) {
	err = p.borrow(ctx, doc, sel, func(quads []rdfc.Quad, space *rdfc.Workspace) (err error) {
		sum, err = rdfc.Digest(ctx, quads, rdfc.Options{Hash: h, MaxWork: p.cfg.MaxWork, Workspace: space})
		return err
	})
	return sum, err
}

// Check reports what RDF would not hold of doc, with the errors of Quads.
func (p *Processor) Check(ctx context.Context, doc *strictjson.Value, sel Selection) error {
	return p.borrow(ctx, doc, sel, func([]rdfc.Quad, *rdfc.Workspace) error { return nil })
}

// borrow lets use have the RDF of doc for as long as it runs.
func (p *Processor) borrow(ctx context.Context, doc *strictjson.Value, sel Selection, use func([]rdfc.Quad, *rdfc.Workspace) error) error {
	mem, _ := p.scratch.Get().(*scratch)
	if mem == nil {
		mem = &scratch{path: strictjson.NewPath()}
	}
	quads, err := p.quads(ctx, doc, sel, mem)
	if err != nil {
		return err
	}
	defer func() {
		if cap(quads) <= maxScratch {
			clear(quads)
			clear(mem.path[:cap(mem.path)])
			mem.quads = quads[:0]
			p.scratch.Put(mem)
		}
	}()
	return use(quads, &mem.space)
}

// Quads returns the RDF of doc. Errors are unsafe_context and unsigned_data,
// the latter with the place of what RDF would not hold.
func (p *Processor) Quads(ctx context.Context, doc *strictjson.Value, sel Selection) ([]rdfc.Quad, error) {
	return p.quads(ctx, doc, sel, new(scratch))
}

// quads returns the RDF of a document, in the memory of mem where that is
// enough.
func (p *Processor) quads(ctx context.Context, doc *strictjson.Value, sel Selection, mem *scratch) ([]rdfc.Quad, error) {
	if err := ready(ctx, doc, sel, mem); err != nil {
		return nil, err
	}
	quads, err := p.statements(ctx, doc, sel, mem, nil)
	if errors.Is(err, errDeclined) {
		quads, err = p.general(doc, sel)
	}
	if err != nil {
		return nil, err
	}
	if err := checkWhole(doc, quads); err != nil {
		return nil, err
	}
	return quads, nil
}

// ready refuses what cannot be read with a selection, whichever way.
func ready(ctx context.Context, doc *strictjson.Value, sel Selection, mem *scratch) error {
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	if len(sel.used) == 0 {
		return reason.New("unsafe_context/missing", "/@context", "no context is selected")
	}
	return (&former{path: path{mem.path}}).document(doc)
}

// Statement is a statement of a document with the place that says it.
type Statement struct {
	Quad rdfc.Quad
	// At is the JSON pointer of the value that says it. For the type of an
	// object and for the link to it, it is the object; for what holds a list
	// together, the list.
	At string
	// Node tells that the statement comes with its object: a type, or the
	// link to the object from the one that holds it.
	Node bool
	// From is the JSON pointer of the very member or item that says it: as At,
	// but for a type, which stands in a member of its own.
	From string
}

// Statements is Quads with the place of each statement in the document.
// A document that needs what the direct way does not know is
// unsafe_context/no-places.
func (p *Processor) Statements(ctx context.Context, doc *strictjson.Value, sel Selection) ([]Statement, error) {
	mem := new(scratch)
	if err := ready(ctx, doc, sel, mem); err != nil {
		return nil, err
	}
	var origins []origin
	quads, err := p.statements(ctx, doc, sel, mem, &origins)
	if errors.Is(err, errDeclined) {
		return nil, reason.New("unsafe_context/no-places", "", "the document uses JSON-LD in a way in which its parts cannot be told apart")
	}
	if err != nil {
		return nil, err
	}
	if err := checkWhole(doc, quads); err != nil {
		return nil, err
	}
	out := make([]Statement, len(quads))
	for i, q := range quads {
		out[i] = Statement{q, origins[i].at, origins[i].node, origins[i].from}
	}
	return out, nil
}

// statements takes the direct way, or says errDeclined.
func (p *Processor) statements(ctx context.Context, doc *strictjson.Value, sel Selection, mem *scratch, origins *[]origin) ([]rdfc.Quad, error) {
	d := direct{ctx: ctx, path: path{mem.path}, compiler: compiler{plan: p.plan(sel)}, origins: origins}
	// Documents have about a statement for each 24 bytes.
	d.builder = builder{limit: p.cfg.MaxQuads, quads: slices.Grow(mem.quads, min(len(doc.Raw())/24, p.cfg.MaxQuads))}
	err := d.object(&target{}, d.plan.root, nil, doc)
	return d.quads, err
}

// plan returns the plan for a selection: the same for all that choose the same
// editions.
func (p *Processor) plan(sel Selection) *plan {
	if made, ok := p.plans.Load(sel.editions); ok {
		return made.(*plan)
	}
	made, _ := p.plans.LoadOrStore(sel.editions, newPlan(p.cfg.Contexts, sel))
	return made.(*plan)
}

// checkWhole refuses a document whose statements, taken together, are not what
// one reads.
func checkWhole(doc *strictjson.Value, quads []rdfc.Quad) error {
	if len(quads) == 0 {
		return reason.New("unsigned_data/nothing", "", "the document says nothing that could be signed")
	}
	if id, _ := doc.Get("id").Text(); id != "" && rerooted(quads, iri(id)) {
		return reason.New("unsigned_data/ambiguous-root", "/id", "a credential inside, by the same issuer, refers to this one, so the same statements could be written with that one on top")
	}
	return nil
}

const issuerIRI = "https://www.w3.org/2018/credentials#issuer"

// rerooted reports whether the statements are those of another document as
// well. RDF has no top: a credential whose nested credential has the same
// issuer and points back to it could be turned inside out, and its end and
// its status would then be those of something mentioned.
func rerooted(quads []rdfc.Quad, root rdfc.Term) bool {
	pointed := false
	for i := range quads {
		pointed = pointed || quads[i].Object == root
	}
	if !pointed { // as mostly
		return false
	}
	issuers := map[rdfc.Term]bool{}
	for _, q := range quads {
		if q.Subject == root && q.Predicate.Value == issuerIRI {
			issuers[q.Object] = true
		}
	}
	return slices.ContainsFunc(quads, func(q rdfc.Quad) bool {
		return q.Subject != root && q.Predicate.Value == issuerIRI && issuers[q.Object]
	})
}
