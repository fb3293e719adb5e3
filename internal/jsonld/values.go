package jsonld

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// This file has the values of properties that are no objects of their own:
// texts, numbers, truths, ids, and lists of them.

// list makes a list of all that v holds.
func (d *direct) list(to *target, a *active, t *term, v *strictjson.Value) error {
	var items []rdfc.Term
	if err := d.value(&target{graph: to.graph, items: &items, inList: true}, a, t, v); err != nil {
		return err
	}
	rest := iri(rdfNil)
	for _, item := range slices.Backward(items) {
		cell := d.blank()
		if err := d.say(&rdfc.Quad{Subject: cell, Predicate: iri(rdfFirst), Object: item, Graph: to.graph}, false, 0); err != nil {
			return err
		}
		if err := d.say(&rdfc.Quad{Subject: cell, Predicate: iri(rdfRest), Object: rest, Graph: to.graph}, false, 0); err != nil {
			return err
		}
		rest = cell
	}
	return d.deliver(to, rest, false)
}

// scalar is the algorithm of value expansion (section 5.3).
func (d *direct) scalar(to *target, a *active, t *term, v *strictjson.Value) error {
	if v.Kind() == strictjson.KindNull {
		return d.refuse("unsigned_data/null", "a null value would not be signed")
	}
	if t == nil {
		return d.refuse("unsigned_data/free-floating", "a value that belongs to nothing would not be signed")
	}
	inGraph := t.has(graph)
	if t.scoped != nil {
		var err error
		if a, err = d.over(a, t.scoped, ofProperty); err != nil {
			return d.placed(err)
		}
		if t = a.terms[t.name]; t == nil {
			t = &term{}
		}
	}
	text, isText := v.Text()
	if isText && (t.coercion == "@id" || t.coercion == "@vocab") {
		node, err := d.iri(a, text, t.coercion == "@vocab", "id")
		if err != nil {
			return err
		}
		if inGraph {
			return d.refuse("unsigned_data/dropped", "an id in place of an object would not be signed here")
		}
		return d.deliver(to, node, false)
	}
	if inGraph {
		return errDeclined
	}
	literal, err := d.literal(v, t.coercion)
	if err != nil {
		return err
	}
	if isText && (t.coercion == "" || t.coercion == "@none") {
		tag := a.language
		if t.language != nil {
			tag = *t.language
		}
		if tag != "" {
			literal.Language, literal.Datatype = tag, rdfc.RDFLangString
		}
	}
	return d.deliver(to, literal, false)
}

// literal makes a literal of a text, a number or a truth.
func (d *direct) literal(v *strictjson.Value, datatype string) (rdfc.Term, error) {
	if strings.HasPrefix(datatype, "@") {
		datatype = ""
	}
	t := rdfc.Term{Kind: rdfc.Literal}
	switch v.Kind() {
	case strictjson.KindString:
		t.Value, _ = v.Text()
	case strictjson.KindBool:
		b, _ := v.Bool()
		t.Value = strconv.FormatBool(b)
		if datatype == "" {
			datatype = xsdBoolean
		}
	case strictjson.KindNumber:
		f, _ := v.Float()
		t.Value, datatype = numberLiteral(f, datatype)
	default:
		return t, d.refuse("unsigned_data/dropped", "a value that is neither text, number nor truth would not be signed")
	}
	if datatype != rdfc.XSDString {
		t.Datatype = datatype
	}
	return t, nil
}

// iri makes a node of what a document wrote as an id or a type.
func (d *direct) iri(a *active, s string, vocab bool, what string) (rdfc.Term, error) {
	expanded := a.expand(s, vocab)
	if !absolute(expanded) {
		return rdfc.Term{}, d.refuse(reason.Code("unsigned_data/relative-"+what), "%.120q is not an absolute %s, so it would not be signed", s, what)
	}
	return rdfc.Term{Kind: rdfc.IRI, Value: expanded}, nil
}

func isListObject(a *active, v *strictjson.Value) bool {
	return slices.ContainsFunc(v.Members(), func(m strictjson.Member) bool { return a.keyword(m.Name) == "@list" })
}

// languageMap reads texts by their language (section 13.7 of expansion).
func (d *direct) languageMap(to *target, a *active, v *strictjson.Value) error {
	for _, m := range v.Members() {
		d.Enter(m.Name)
		text := rdfc.Term{Kind: rdfc.Literal}
		switch {
		case a.keyword(m.Name) == "@none":
		case languageTag(m.Name):
			text.Language, text.Datatype = strings.ToLower(m.Name), rdfc.RDFLangString
		default:
			return d.refuse("unsigned_data/language", "a member that is no language tag")
		}
		for i, item := range m.Value.List() {
			ok := false
			if text.Value, ok = item.Text(); !ok {
				return d.refuse("unsigned_data/language", "a text with a language is %s", item.Kind())
			}
			if err := d.deliver(to, text, false); err != nil {
				return err
			}
			d.itemSaid(m.Value, i)
		}
		d.Leave()
	}
	return nil
}

// valueObject reads an object with "@value".
func (d *direct) valueObject(to *target, a, beforeTypes *active, v *strictjson.Value) error {
	if to.predicate.Kind == rdfc.None && !to.inList {
		return d.refuse("unsigned_data/free-floating", "a value that belongs to nothing would not be signed")
	}
	var value *strictjson.Value
	datatype, tag, direction := "", "", ""
	for _, m := range v.Members() {
		d.Enter(m.Name)
		text, isText := m.Value.Text()
		switch k := a.keyword(m.Name); {
		case m.Name == "@context":
		case k == "@value":
			value = m.Value
		case k == "@type" && isText:
			kind := beforeTypes.expand(text, true)
			if kind != "@json" && !absolute(kind) {
				return d.refuse("unsigned_data/relative-type", "%.120q is not an absolute type, so it would not be signed", text)
			}
			datatype = kind
		case k == "@language" && isText:
			tag = text
		case k == "@direction" && isText:
			direction = text
		case k == "@direction" || k == "@index":
			return d.refuse("unsigned_data/direction", "an index, or what is no text direction, would not be signed")
		default:
			return errDeclined
		}
		d.Leave()
	}
	if datatype == "@json" {
		return errDeclined
	}
	literal, err := d.literal(value, datatype)
	if err != nil {
		return err
	}
	if tag != "" {
		if value.Kind() != strictjson.KindString || datatype != "" || !languageTag(tag) {
			return errDeclined
		}
		literal.Language, literal.Datatype = strings.ToLower(tag), rdfc.RDFLangString
	}
	if direction != "" {
		if value.Kind() != strictjson.KindString || datatype != "" {
			return errDeclined
		}
		literal.Language, literal.Datatype = "", i18nDatatype(tag, direction)
	}
	return d.deliver(to, literal, false)
}

// listObject reads an object with "@list" or "@set".
func (d *direct) listObject(to *target, a *active, t *term, v *strictjson.Value, form string) error {
	if to.predicate.Kind == rdfc.None && !to.inList {
		return errDeclined
	}
	for _, m := range v.Members() {
		k := a.keyword(m.Name)
		switch {
		case m.Name == "@context":
		case k != form:
			return errDeclined
		}
	}
	for _, m := range v.Members() {
		if m.Name == "@context" {
			continue
		}
		d.Enter(m.Name)
		var err error
		if form == "@list" {
			err = d.list(to, a, t, m.Value)
		} else {
			err = d.value(to, a, t, m.Value)
		}
		if err != nil {
			return err
		}
		d.Leave()
	}
	return nil
}
