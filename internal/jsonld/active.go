package jsonld

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// plan is what contexts mean with one choice of editions, worked out as documents ask
// for it and kept: the context at the top, those that a term or a type brings
// along, and those on top of these. All that it holds is immutable.
type plan struct {
	sources map[string]*source
	root    *active
	kept    atomic.Int32
}

// maxKept bounds the contexts that a plan keeps. Documents that combine more
// are read slower.
const maxKept = 512

func newPlan(all *Contexts, sel Selection) *plan {
	p := &plan{sources: make(map[string]*source, len(all.byURL)), root: &active{}}
	for url, editions := range all.byURL {
		p.sources[url] = &source{file: editions[0]}
	}
	for _, chosen := range sel.used {
		p.sources[chosen.URL] = &source{file: chosen}
	}
	return p
}

// source is a local context: of a pinned file, or the scoped one of a term.
type source struct {
	file   *Pinned // nil for others
	value  *strictjson.Value
	inline bool // stands in a document, so it is not kept
}

// local returns the context itself.
func (s *source) local() (*strictjson.Value, error) {
	if s.file == nil {
		return s.value, nil
	}
	c, err := s.file.read()
	return c.context, err
}

// scope says how a local context is laid over another.
type scope uint8

const (
	embedded scope = iota // "@context" in an object
	ofProperty
	ofType
)

// active is an active context (JSON-LD 1.1 Processing Algorithms section 4.1).
type active struct {
	terms    map[string]*term
	vocab    string // an absolute IRI, or empty
	language string
	previous *active // what holds again in nested objects

	made sync.Map // step → *active

	compared sync.Once
	same     map[*term][]*term // terms that mean the same
	aliases  []*term           // of keywords: few, so that they need no map
}

// step is what was laid over a context.
type step struct {
	source *source
	scope  scope
}

type container uint8

const (
	list container = 1 << iota
	set
	graph
	language
	index
	byID
	byType
)

// term is a term definition.
type term struct {
	name      string
	iri       string // or a keyword; empty: the term means nothing
	absolute  bool   // iri can stand in a statement
	container container
	coercion  string  // "@id", "@vocab", "@json", "@none", a datatype, or empty
	language  *string // nil: that of the context
	index     string
	nest      string
	prefix    bool
	protected bool
	scoped    *source
}

func (t *term) has(c container) bool { return t != nil && t.container&c != 0 }

// better returns the term by which v should have been said instead of t, nil
// if t is the right one. Some vocabularies give a class the IRI of a property,
// as Open Badges does with Criteria and criteria. Whichever is used, the
// statements are the same, and who reads the JSON finds only one. The right one
// is, as in compaction (JSON-LD 1.1 Processing Algorithms section 6.3), that
// which says what kind of value it takes; of equal ones the one that is written
// as a property, then the shortest, then the least.
func (a *active) better(t *term, v *strictjson.Value) *term {
	a.compared.Do(a.compare)
	same := a.same[t]
	if len(same) == 0 {
		return nil
	}
	toNode := slices.ContainsFunc(v.List(), func(item *strictjson.Value) bool {
		return item.Kind() == strictjson.KindObject && item.Get("@value") == nil
	})
	for _, other := range same {
		if other.container&(list|graph) != t.container&(list|graph) {
			continue
		}
		by := cmp.Or(capital(other)-capital(t), cmp.Compare(len(other.name), len(t.name)), strings.Compare(other.name, t.name))
		if toNode {
			by = cmp.Or(cmp.Compare(rank(other), rank(t)), by)
		} else if other.coercion != t.coercion || (other.language == nil) != (t.language == nil) || t.language != nil && *t.language != *other.language {
			continue
		}
		if by < 0 {
			return other
		}
	}
	return nil
}

// rank is how well a term says that its value is a node.
func rank(t *term) int {
	switch t.coercion {
	case "@id":
		return 0
	case "@vocab":
		return 1
	default:
		return 2
	}
}

// capital is 1 for a term that is written as a class.
func capital(t *term) int {
	if t.name != "" && t.name[0] >= 'A' && t.name[0] <= 'Z' {
		return 1
	}
	return 0
}

func (a *active) compare() {
	byIRI := make(map[string][]*term, len(a.terms))
	for _, t := range a.terms {
		if strings.HasPrefix(t.iri, "@") {
			a.aliases = append(a.aliases, t)
		} else if t.iri != "" {
			byIRI[t.iri] = append(byIRI[t.iri], t)
		}
	}
	a.same = map[*term][]*term{}
	for _, terms := range byIRI {
		for _, t := range terms {
			if len(terms) > 1 {
				a.same[t] = terms
			}
		}
	}
}

func (a *active) clone() *active {
	out := &active{terms: make(map[string]*term, len(a.terms)+16), vocab: a.vocab, language: a.language, previous: a.previous}
	for name, t := range a.terms {
		out.terms[name] = t
	}
	return out
}

// keyword returns the keyword that a member name stands for, or nothing.
func (a *active) keyword(name string) string {
	if isKeyword(name) { // which no term can be named
		return name
	}
	a.compared.Do(a.compare)
	for _, t := range a.aliases {
		if t.name == name {
			return t.iri
		}
	}
	return ""
}

// expand makes an IRI of what a document wrote (section 5.2). vocab says
// whether terms count. What is no IRI comes back as it was.
func (a *active) expand(s string, vocab bool) string {
	switch {
	case isKeyword(s):
		return s
	case vocab:
		if t := a.terms[s]; t != nil {
			return t.iri
		}
	default:
		if k := a.keyword(s); k != "" {
			return k
		}
	}
	if looksLikeKeyword(s) {
		return ""
	}
	if prefix, suffix, ok := splitCompact(s); ok {
		if prefix == "_" || strings.HasPrefix(suffix, "//") {
			return s
		}
		if t := a.terms[prefix]; t != nil && t.prefix && t.iri != "" {
			return t.iri + suffix
		}
		if absolute(s) {
			return s
		}
	}
	if vocab {
		return a.vocab + s
	}
	return s
}

// splitCompact splits at the first colon that is not the first character.
func splitCompact(s string) (prefix, suffix string, ok bool) {
	if len(s) < 2 {
		return "", "", false
	}
	i := strings.IndexByte(s[1:], ':')
	if i < 0 {
		return "", "", false
	}
	return s[:i+1], s[i+2:], true
}

func isKeyword(s string) bool {
	if s == "" || s[0] != '@' {
		return false
	}
	switch s {
	case "@base", "@container", "@context", "@default", "@direction", "@graph", "@id", "@import", "@included", "@index", "@json",
		"@language", "@list", "@nest", "@none", "@prefix", "@propagate", "@protected", "@reverse", "@set", "@type", "@value", "@version", "@vocab":
		return true
	}
	return false
}

// looksLikeKeyword reports whether s is @ and letters: reserved, and ignored
// by the algorithms.
func looksLikeKeyword(s string) bool {
	if len(s) < 2 || s[0] != '@' {
		return false
	}
	for _, c := range []byte(s[1:]) {
		if c|0x20 < 'a' || c|0x20 > 'z' {
			return false
		}
	}
	return true
}
