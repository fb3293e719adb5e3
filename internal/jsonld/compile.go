package jsonld

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// errDeclined says that a document needs what the direct way does not know.
var errDeclined = errors.New("declined")

// maxCompiled bounds the contexts that one document may make that were not
// kept from another.
const maxCompiled = 1000

// badContext is a context that cannot be worked with.
func badContext(format string, args ...any) error {
	return reason.New("unsigned_data/not-json-ld", "", "the document cannot be read as JSON-LD: "+format, args...)
}

// compiler lays contexts over one another for one document.
type compiler struct {
	plan     *plan
	compiled int
}

// over returns a with the context s laid over it.
func (c *compiler) over(a *active, s *source, how scope) (*active, error) {
	key := step{s, how}
	if made, ok := a.made.Load(key); ok {
		return made.(*active), nil
	}
	if c.compiled++; c.compiled > maxCompiled {
		return nil, reason.New("resource_limit/contexts", "", "more than %d combinations of contexts", maxCompiled)
	}
	local, err := s.local()
	if err != nil {
		return nil, err
	}
	out, err := c.context(a, local, how != ofType, how == ofProperty, 0)
	if err != nil || s.inline {
		return out, err
	}
	if c.plan.kept.Add(1) > maxKept {
		c.plan.kept.Add(-1)
		return out, nil
	}
	made, _ := a.made.LoadOrStore(key, out)
	return made.(*active), nil
}

// context is the algorithm of section 4.1.2.
func (c *compiler) context(a *active, local *strictjson.Value, propagate, override bool, depth int) (*active, error) {
	if depth > 8 {
		return nil, badContext("contexts refer to contexts too deeply")
	}
	if v := local.Get("@propagate"); v != nil {
		ok := false
		if propagate, ok = v.Bool(); !ok {
			return nil, badContext("@propagate is %s", v.Kind())
		}
	}
	result := a.clone()
	if !propagate && result.previous == nil {
		result.previous = a
	}
	for _, item := range local.List() {
		var err error
		switch item.Kind() {
		case strictjson.KindNull:
			if !override {
				for name, t := range result.terms {
					if t.protected {
						return nil, badContext("the context would undefine the protected term %q", name)
					}
				}
			}
			previous := result
			result = &active{terms: map[string]*term{}}
			if !propagate {
				result.previous = previous
			}
		case strictjson.KindString:
			url, _ := item.Text()
			s := c.plan.sources[url]
			if s == nil {
				return nil, errDeclined
			}
			var file *strictjson.Value
			if file, err = s.local(); err == nil {
				result, err = c.context(result, file, propagate, override, depth+1)
			}
		case strictjson.KindObject:
			err = c.define(result, item, override)
		default:
			err = badContext("a context is %s", item.Kind())
		}
		if err != nil {
			return nil, err
		}
	}
	return result, nil
}

// define adds what a context definition says to a context that nobody else
// has seen yet.
func (c *compiler) define(a *active, local *strictjson.Value, override bool) error {
	for _, m := range local.Members() {
		s, isText := m.Value.Text()
		switch m.Name {
		case "@import", "@base", "@direction":
			return errDeclined
		case "@version":
			if f, ok := m.Value.Float(); !ok || f != 1.1 {
				return badContext("@version is not 1.1")
			}
		case "@vocab":
			switch {
			case m.Value.Kind() == strictjson.KindNull:
				a.vocab = ""
			case isText && (s == "" || !absolute(a.expand(s, true))):
				return errDeclined // relative to a base
			case isText:
				a.vocab = a.expand(s, true)
			default:
				return badContext("@vocab is %s", m.Value.Kind())
			}
		case "@language":
			if !isText && m.Value.Kind() != strictjson.KindNull {
				return badContext("@language is %s", m.Value.Kind())
			}
			a.language = strings.ToLower(s)
		}
	}
	protected, _ := local.Get("@protected").Bool()
	d := definer{active: a, local: local, protected: protected, override: override, state: make(map[string]bool, len(local.Members()))}
	for _, m := range local.Members() {
		switch m.Name {
		case "@version", "@propagate", "@protected", "@vocab", "@language":
			continue
		}
		if err := d.term(m.Name); err != nil {
			return err
		}
	}
	return nil
}

// definer makes the term definitions of one context definition (section 4.2).
type definer struct {
	active    *active
	local     *strictjson.Value
	protected bool
	override  bool
	state     map[string]bool // false: begun, true: done
}

func (d *definer) term(name string) error {
	if done, seen := d.state[name]; done {
		return nil
	} else if seen {
		return badContext("the term %q is defined by itself", name)
	}
	if name == "" {
		return badContext("a term without a name")
	}
	d.state[name] = false
	value := d.local.Get(name)
	if isKeyword(name) {
		if name != "@type" || value.Kind() != strictjson.KindObject {
			return badContext("the keyword %q cannot be redefined", name)
		}
		return errDeclined
	}
	if looksLikeKeyword(name) {
		return nil
	}
	previous := d.active.terms[name]
	delete(d.active.terms, name)
	t, err := d.definition(name, value)
	if err != nil {
		return err
	}
	if t != nil {
		t.absolute = absolute(t.iri)
		if previous != nil && previous.protected && !d.override {
			if !previous.same(t) {
				return badContext("the protected term %q cannot be redefined", name)
			}
			t = previous // which others may be reading: it is not written to
		}
		d.active.terms[name] = t
	}
	d.state[name] = true
	return nil
}

// definition reads one definition; nil when it is to be ignored.
func (d *definer) definition(name string, value *strictjson.Value) (*term, error) {
	t := &term{name: name, protected: d.protected}
	var id *strictjson.Value
	simple := false
	switch value.Kind() {
	case strictjson.KindNull:
		return t, nil
	case strictjson.KindString:
		id, simple = value, true
	case strictjson.KindObject:
		id = value.Get("@id")
		if err := d.details(t, name, value); err != nil {
			return nil, err
		}
	default:
		return nil, badContext("the term %q is %s", name, value.Kind())
	}
	if id.Kind() == strictjson.KindNull {
		return t, nil
	}
	known, err := d.mapping(t, name, id, simple)
	if err != nil || !known {
		return nil, err
	}
	if t.index != "" && !t.has(index) {
		return nil, badContext("the term %q has an @index and is no index", name)
	}
	if t.has(byType) && t.coercion == "" {
		t.coercion = "@id"
	}
	return t, nil
}

// mapping finds what a term means; false when that looks like a keyword.
func (d *definer) mapping(t *term, name string, id *strictjson.Value, simple bool) (bool, error) {
	text, isText := id.Text()
	if id != nil && !isText {
		return false, badContext("the term %q has an @id that is %s", name, id.Kind())
	}
	if isText && text != name {
		if !isKeyword(text) && looksLikeKeyword(text) {
			return false, nil
		}
		iri, err := d.expand(text)
		if err != nil {
			return false, err
		}
		if iri == "@context" || !isKeyword(iri) && !strings.Contains(iri, ":") {
			return false, badContext("the term %q means %q, which is no IRI", name, iri)
		}
		if strings.HasPrefix(iri, "_:") {
			return false, errDeclined
		}
		t.iri = iri
		if strings.Contains(strings.Trim(name, ":"), ":") || strings.Contains(name, "/") {
			d.state[name] = true
			if own, err := d.expand(name); err != nil || own != iri {
				return false, badContext("the term %q is written like an IRI and means another", name)
			}
		} else if simple && strings.ContainsRune(":/?#[]@", rune(iri[len(iri)-1])) {
			t.prefix = true
		}
		return true, nil
	}
	if prefix, suffix, ok := splitCompact(name); ok {
		if d.local.Get(prefix) != nil {
			if err := d.term(prefix); err != nil {
				return false, err
			}
		}
		t.iri = name
		if p := d.active.terms[prefix]; p != nil {
			t.iri = p.iri + suffix
		}
		return true, nil
	}
	switch {
	case strings.Contains(name, "/"):
		t.iri = d.active.expand(name, true)
		if !absolute(t.iri) {
			return false, errDeclined
		}
	case d.active.vocab != "":
		t.iri = d.active.vocab + name
	default:
		return false, badContext("the term %q means no IRI", name)
	}
	return true, nil
}

// expand is active.expand where terms of the same context may be needed that
// are not yet defined.
func (d *definer) expand(s string) (string, error) {
	if !isKeyword(s) {
		if d.local.Get(s) != nil {
			if err := d.term(s); err != nil {
				return "", err
			}
		}
		if prefix, suffix, ok := splitCompact(s); ok && prefix != "_" && !strings.HasPrefix(suffix, "//") {
			if d.local.Get(prefix) != nil {
				if err := d.term(prefix); err != nil {
					return "", err
				}
			}
		}
	}
	return d.active.expand(s, true), nil
}

// details reads the members of an expanded term definition but @id.
func (d *definer) details(t *term, name string, value *strictjson.Value) error {
	for _, m := range value.Members() {
		text, isText := m.Value.Text()
		truth, isTruth := m.Value.Bool()
		bad := badContext("the term %q: %s is %s", name, m.Name, m.Value.Kind())
		switch m.Name {
		case "@id":
		case "@reverse", "@direction":
			return errDeclined
		case "@protected":
			if !isTruth {
				return bad
			}
			t.protected = truth
		case "@prefix":
			if !isTruth {
				return bad
			}
			t.prefix = truth
		case "@type":
			if !isText {
				return bad
			}
			coercion, err := d.expand(text)
			if err != nil {
				return err
			}
			switch {
			case coercion == "@id", coercion == "@vocab", coercion == "@json", coercion == "@none":
			case !absolute(coercion):
				return badContext("the term %q has the type %q, which is no IRI", name, coercion)
			}
			t.coercion = coercion
		case "@container":
			if err := t.contain(name, m.Value); err != nil {
				return err
			}
		case "@index":
			if !isText {
				return bad
			}
			t.index = text
		case "@nest":
			if !isText || isKeyword(text) && text != "@nest" {
				return bad
			}
			t.nest = text
		case "@language":
			if !isText && m.Value.Kind() != strictjson.KindNull {
				return bad
			}
			if text = strings.ToLower(text); value.Get("@type") == nil {
				t.language = &text
			}
		case "@context":
			t.scoped = &source{value: m.Value}
		default:
			return badContext("the term %q has an unknown member %q", name, m.Name)
		}
	}
	return nil
}

func (t *term) contain(name string, value *strictjson.Value) error {
	for _, item := range value.List() {
		text, _ := item.Text()
		switch text {
		case "@list":
			t.container |= list
		case "@set":
			t.container |= set
		case "@graph":
			t.container |= graph
		case "@language":
			t.container |= language
		case "@index":
			t.container |= index
		case "@id":
			t.container |= byID
		case "@type":
			t.container |= byType
		default:
			return badContext("the term %q has an unknown container", name)
		}
	}
	if t.has(list) && t.container != list || t.container == 0 {
		return badContext("the term %q has containers that exclude each other", name)
	}
	return nil
}

// same compares definitions but for being protected.
func (t *term) same(o *term) bool {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return fmt.Sprintf("%q", *s)
	}
	scoped := func(s *source) []byte {
		if s == nil {
			return nil
		}
		return s.value.AppendJSON(nil)
	}
	return t.iri == o.iri && t.container == o.container && t.coercion == o.coercion && text(t.language) == text(o.language) &&
		t.index == o.index && t.nest == o.nest && t.prefix == o.prefix && bytes.Equal(scoped(t.scoped), scoped(o.scoped))
}
