package jsonld

import (
	"context"
	"slices"
	"strconv"

	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// direct makes quads of a compact document without expanding it first: the
// algorithms of expansion (JSON-LD 1.1 Processing Algorithms section 5.1) and
// of making RDF (section 8.1) in one walk. It refuses wherever they would drop
// something. Language tags are put in lower case, which the algorithms leave
// open and all who sign do.
type direct struct {
	compiler
	builder
	path
	ctx     context.Context
	values  int
	origins *[]origin // where each statement comes from, if that is asked for
}

type origin struct {
	at   string
	node bool
	from string
}

// target is where the value of a property goes.
type target struct {
	subject, predicate, graph rdfc.Term
	items                     *[]rdfc.Term // of a list, instead
	inList                    bool
}

// deliver puts a value where it belongs. node tells that it comes with its
// object when that is chosen.
func (d *direct) deliver(to *target, value rdfc.Term, node bool) error {
	if to.inList {
		*to.items = append(*to.items, value)
		return nil
	}
	return d.say(&rdfc.Quad{Subject: to.subject, Predicate: to.predicate, Object: value, Graph: to.graph}, node, 0)
}

// say adds a statement that the place up levels above the current one makes.
func (d *direct) say(q *rdfc.Quad, node bool, up int) error {
	if err := d.add(q); err != nil {
		return err
	}
	if d.origins != nil {
		o := origin{at: d.Up(up).String(), node: node}
		if o.from = o.at; up > 0 {
			o.from = d.String()
		}
		*d.origins = append(*d.origins, o)
	}
	return nil
}

// itemSaid puts right where the statement that was said last comes from: item i
// of a list that is not entered, since what is chosen is the whole of it.
func (d *direct) itemSaid(list *strictjson.Value, i int) {
	if d.origins != nil && list.Kind() == strictjson.KindArray {
		last := &(*d.origins)[len(*d.origins)-1]
		last.from = strictjson.Pointer(d.String(), strconv.Itoa(i))
	}
}

// value walks the value of a property whose term is t.
func (d *direct) value(to *target, a *active, t *term, v *strictjson.Value) error {
	if d.values++; d.values%256 == 0 && d.ctx.Err() != nil {
		return reason.Wrap(reason.Canceled, "", d.ctx.Err())
	}
	switch v.Kind() {
	case strictjson.KindArray:
		for i, item := range v.Items() {
			d.EnterItem(i)
			var err error
			if to.inList && t.has(list) && item.Kind() == strictjson.KindArray {
				err = d.list(to, a, t, item)
			} else {
				err = d.value(to, a, t, item)
			}
			if err != nil {
				return err
			}
			d.Leave()
		}
		return nil
	case strictjson.KindObject:
		return d.object(to, a, t, v)
	default:
		return d.scalar(to, a, t, v)
	}
}

// object walks a JSON object: a node, a value, a list or a set. t is the term
// of the property that it is a value of, nil at the top.
func (d *direct) object(to *target, a *active, t *term, v *strictjson.Value) error {
	if a.previous != nil && !staysInType(a, v) {
		a = a.previous
	}
	var err error
	if t != nil && t.scoped != nil {
		if a, err = d.over(a, t.scoped, ofProperty); err != nil {
			return d.placed(err)
		}
	}
	if local := v.Get("@context"); local != nil {
		if a, err = d.local(a, local); err != nil {
			return d.placed(err)
		}
	}
	beforeTypes := a
	if a, err = d.types(a, v); err != nil {
		return d.placed(err)
	}
	id, form := -1, ""
	for i, m := range v.Members() {
		switch k := a.keyword(m.Name); k {
		case "@id":
			if m.Value.Kind() != strictjson.KindString || id >= 0 {
				d.Enter(m.Name)
				return d.refuse("unsigned_data/relative-id", "an id that is no string would not be signed")
			}
			id = i
		case "@value", "@list", "@set":
			form = k
		}
	}
	if form != "" && t.has(graph) {
		return errDeclined
	}
	switch form {
	case "@value":
		return d.valueObject(to, a, beforeTypes, v)
	case "@list", "@set":
		return d.listObject(to, a, t, v, form)
	}
	var subject rdfc.Term
	if id < 0 {
		subject = d.blank()
	} else {
		m := v.Members()[id]
		s, _ := m.Value.Text()
		d.Enter(m.Name)
		if subject, err = d.iri(a, s, false, "id"); err != nil {
			return err
		}
		d.Leave()
	}
	return d.node(to, a, beforeTypes, t, v, subject)
}

// staysInType reports whether v does not end the scope of a type: a value, or
// a reference to a node.
func staysInType(a *active, v *strictjson.Value) bool {
	for _, m := range v.Members() {
		switch a.keyword(m.Name) {
		case "@value":
			return true
		case "@id":
			if len(v.Members()) == 1 {
				return true
			}
		}
	}
	return false
}

// local lays the "@context" of an object over a.
func (d *direct) local(a *active, local *strictjson.Value) (*active, error) {
	for _, item := range local.List() {
		url, isText := item.Text()
		s := d.plan.sources[url]
		if !isText {
			s = &source{value: item, inline: true}
		} else if s == nil {
			return nil, errDeclined
		}
		next, err := d.over(a, s, embedded)
		if err != nil {
			return nil, err
		}
		a = next
	}
	return a, nil
}

// types lays the contexts of an object's types over a.
func (d *direct) types(a *active, v *strictjson.Value) (*active, error) {
	var scoped []string
	for _, m := range v.Members() {
		if a.keyword(m.Name) != "@type" {
			continue
		}
		for _, item := range m.Value.List() {
			s, _ := item.Text()
			if t := a.terms[s]; t != nil && t.scoped != nil {
				scoped = append(scoped, s)
			}
		}
	}
	if len(scoped) > 1 {
		slices.Sort(scoped)
		scoped = slices.Compact(scoped)
	}
	out := a
	for _, s := range scoped {
		next, err := d.over(out, a.terms[s].scoped, ofType)
		if err != nil {
			return nil, err
		}
		out = next
	}
	return out, nil
}

func (d *direct) node(to *target, a, beforeTypes *active, t *term, v *strictjson.Value, subject rdfc.Term) error {
	object, in, linked := subject, to.graph, to.predicate.Kind != rdfc.None || to.inList
	if t.has(graph) {
		if slices.ContainsFunc(v.Members(), func(m strictjson.Member) bool { return a.keyword(m.Name) == "@graph" }) {
			return errDeclined
		}
		object = d.blank()
		in = object
	}
	if linked {
		if err := d.deliver(to, object, true); err != nil {
			return err
		}
	}
	before := len(d.quads)
	if err := d.members(a, beforeTypes, v, subject, in); err != nil {
		return err
	}
	// Where nothing refers to it, an object is there by what it says alone.
	if len(d.quads) == before && len(d.Path) > 0 && (!linked || t.has(graph)) {
		return d.refuse("unsigned_data/dropped", "an object that says nothing would not be signed here")
	}
	return nil
}

// members says what the members of v tell of a subject.
func (d *direct) members(a, beforeTypes *active, v *strictjson.Value, subject, in rdfc.Term) error {
	for _, m := range v.Members() {
		if m.Name == "@context" {
			continue
		}
		d.Enter(m.Name)
		var err error
		if k := a.keyword(m.Name); k != "" {
			inner := a
			if t := a.terms[m.Name]; k == "@nest" && t != nil && t.scoped != nil {
				if inner, err = d.over(a, t.scoped, ofProperty); err != nil {
					return d.placed(err)
				}
			}
			err = d.keywordMember(k, inner, beforeTypes, m.Value, subject, in)
		} else {
			err = d.property(a, m.Name, m.Value, subject, in)
		}
		if err != nil {
			return d.placed(err)
		}
		d.Leave()
	}
	return nil
}

func (d *direct) keywordMember(k string, a, beforeTypes *active, v *strictjson.Value, subject, in rdfc.Term) error {
	switch k {
	case "@id":
		return nil
	case "@type":
		for i, item := range v.List() {
			s, ok := item.Text()
			if !ok {
				return d.refuse("unsigned_data/relative-type", "a type is %s", item.Kind())
			}
			kind, err := d.iri(beforeTypes, s, true, "type")
			if err != nil {
				return err
			}
			if err := d.say(&rdfc.Quad{Subject: subject, Predicate: iri(rdfType), Object: kind, Graph: in}, true, 1); err != nil {
				return err
			}
			d.itemSaid(v, i)
		}
		return nil
	case "@graph":
		if len(d.Path) == 1 {
			return errDeclined // at the top it may mean the default graph
		}
		return d.value(&target{graph: subject}, a, nil, v)
	case "@included":
		return d.value(&target{graph: in}, a, nil, v)
	case "@nest":
		for _, item := range v.List() {
			if item.Kind() != strictjson.KindObject {
				return errDeclined
			}
			if err := d.members(a, beforeTypes, item, subject, in); err != nil {
				return err
			}
		}
		return nil
	case "@reverse":
		return errDeclined
	}
	return d.refuse("unsigned_data/keyword", "%s would not be signed", k)
}

// property says one property of a subject.
func (d *direct) property(a *active, name string, v *strictjson.Value, subject, in rdfc.Term) error {
	t := a.terms[name]
	predicate := rdfc.Term{Kind: rdfc.IRI}
	switch {
	case t == nil:
		predicate.Value = a.expand(name, true)
		if !absolute(predicate.Value) {
			return d.undefinedTerm(name)
		}
		t = &term{name: name, iri: predicate.Value}
	case t.iri == "":
		return d.undefinedTerm(name)
	case !t.absolute:
		return d.refuse("unsigned_data/relative-property", "%.120q is not an absolute property, so it would not be signed", t.iri)
	default:
		predicate.Value = t.iri
		if other := a.better(t, v); other != nil {
			return d.refuse("unsigned_data/another-term", "%.120q says the same here, and whoever looks for that would not find it", other.name)
		}
	}
	to := &target{subject: subject, predicate: predicate, graph: in}
	switch {
	case t.coercion == "@json":
		literal := rdfc.Term{Kind: rdfc.Literal, Datatype: rdfNS + "JSON"}
		text, err := jcs.Append(nil, v)
		if err != nil {
			return d.placed(err)
		}
		literal.Value = string(text)
		return d.deliver(to, literal, false)
	case t.has(list):
		if isListObject(a, v) {
			return d.value(to, a, t, v)
		}
		return d.list(to, a, t, v)
	case t.container&(language|index|byID|byType) != 0 && v.Kind() == strictjson.KindObject:
		if t.container&^(language|set) == 0 {
			return d.languageMap(to, a, v)
		}
		return errDeclined
	}
	return d.value(to, a, t, v)
}

func (d *direct) undefinedTerm(name string) error {
	return d.refuse("unsigned_data/undefined-term", "no context defines the term %q, so it would not be signed", name)
}
