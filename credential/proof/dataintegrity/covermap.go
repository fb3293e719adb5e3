package dataintegrity

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

const (
	rdfFirst = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
	rdfJSON  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"
)

// coverMap finds which places of a document make statements that no other
// place makes. RDF is a set: what is said twice is signed once, so taking away
// one of the two changes nothing.
type coverMap struct {
	doc   *strictjson.Value
	said  map[string]bool   // places in which statements are made
	alone map[string]bool   // places in which one is made that is made nowhere else
	also  map[string]string // of the others, where else it is said
	whole map[string]bool   // places whose value is one literal: a JSON value, a text with its language
	lists map[string]bool   // places of ordered lists
	out   map[string]proof.Place
}

func newMap(doc *strictjson.Value, statements []jsonld.Statement) *coverMap {
	m := &coverMap{doc: doc, said: map[string]bool{}, alone: map[string]bool{}, also: map[string]string{}, whole: map[string]bool{}, lists: map[string]bool{}}
	places := map[rdfc.Quad][]string{}
	var order []rdfc.Quad // so that the same is said each time
	for i := range statements {
		s := &statements[i]
		if places[s.Quad] == nil {
			order = append(order, s.Quad)
		}
		places[s.Quad] = append(places[s.Quad], s.From)
		if s.Quad.Predicate.Value == rdfFirst {
			m.lists[s.From] = true
		}
		if s.Quad.Object.Kind == rdfc.Literal && (s.Quad.Object.Datatype == rdfJSON || doc.Lookup(s.From).Get("@value") != nil) {
			m.whole[s.From] = true
		}
	}
	for _, q := range order {
		m.count(places[q])
	}
	return m
}

// count takes in the places that make one and the same statement. It is made
// in all that hold one of them, and nowhere else than in those that hold all.
func (m *coverMap) count(from []string) {
	within := map[string]int{}
	for _, at := range from {
		for {
			within[at]++
			if at == "" {
				break
			}
			at = at[:strings.LastIndexByte(at, '/')]
		}
	}
	for at, n := range within {
		m.said[at] = true
		if n == len(from) {
			m.alone[at] = true
			continue
		}
		for _, other := range from {
			if other != at && !strings.HasPrefix(other, at+"/") {
				m.also[at] = other
				break
			}
		}
	}
}

func (m *coverMap) places() map[string]proof.Place {
	m.out = map[string]proof.Place{}
	m.walk("", m.doc)
	return m.out
}

// walk tells of what is inside v.
func (m *coverMap) walk(at string, v *strictjson.Value) {
	for _, member := range v.Members() {
		place := strictjson.Pointer(at, member.Name)
		switch {
		case member.Name == "@context":
			m.all(place, member.Value, proof.Place{Why: proof.ContextOnly})
		case member.Name == "id" && !m.said[place]:
			// It stands in every statement that its object makes.
			m.out[place] = m.state(at)
		default:
			m.place(place, member.Value)
		}
	}
	for i, item := range v.Items() {
		place := strictjson.Pointer(at, strconv.Itoa(i))
		m.place(place, item)
	}
}

func (m *coverMap) place(at string, v *strictjson.Value) {
	m.out[at] = m.state(at)
	if !m.said[at] && v.Kind() == strictjson.KindArray && len(v.Items()) == 0 {
		m.out[at] = proof.Place{Why: proof.SaysNothing}
	}
	m.inside(at, v)
}

func (m *coverMap) inside(at string, v *strictjson.Value) {
	if m.whole[at] {
		state := m.out[at]
		proof.WalkPlaces(at, v, func(place string, _ *strictjson.Value) bool {
			m.out[place] = state
			if inContext(place[len(at):]) && v.Get("@value") != nil {
				m.out[place] = proof.Place{Why: proof.ContextOnly}
			}
			return true
		})
		return
	}
	m.walk(at, v)
}

// state is what the statements made in a place come to.
func (m *coverMap) state(at string) proof.Place {
	switch {
	case m.alone[at] || m.heldInList(at):
		return proof.Place{State: proof.Protected, Why: proof.SignedMeaning}
	case m.said[at]:
		return proof.Place{Why: proof.SaidElsewhere, Detail: m.also[at]}
	}
	return proof.Place{Why: proof.CannotBeTold}
}

// heldInList reports whether at is an item of an ordered list: the list names
// it.
func (m *coverMap) heldInList(at string) bool {
	cut := strings.LastIndexByte(at, '/')
	return cut >= 0 && m.lists[at[:cut]] && m.doc.Lookup(at[:cut]).Kind() == strictjson.KindArray
}

func (m *coverMap) all(at string, v *strictjson.Value, p proof.Place) {
	m.out[at] = p
	proof.WalkPlaces(at, v, func(place string, _ *strictjson.Value) bool {
		m.out[place] = p
		return true
	})
}
