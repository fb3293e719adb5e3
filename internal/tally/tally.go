package tally

import (
	"strconv"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// NoPlace is why something stands in a report that no converter spoke of.
const NoPlace = "no-place"

// Book is the account of one document. It is for one goroutine.
type Book struct {
	root  *strictjson.Value
	used  map[string]bool // places of leaves, and of what was used with all below it
	notes map[string]loss.Report
	rest  loss.Report // what belongs to no place in the source

	empty func(name string, v *strictjson.Value) bool
}

// New opens the account of a document. Empty names the members that say nothing
// by themselves, such as the class of an object; nil for none.
func New(root *strictjson.Value, empty func(name string, v *strictjson.Value) bool) *Book {
	if empty == nil {
		empty = func(string, *strictjson.Value) bool { return false }
	}
	return &Book{root, map[string]bool{}, map[string]loss.Report{}, nil, empty}
}

// Root returns the whole document.
func (b *Book) Root() Node { return Node{b, b.root, ""} }

// Assume notes what the target says and the source does not.
func (b *Book) Assume(to, why, what string) {
	b.rest.Add(loss.Item{Kind: loss.Assumed, To: to, Why: why, What: what})
}

// Report returns what was noted and what was never used, in the order of the
// source, and then what was assumed. Of an object or list of which nothing was
// used, it names the whole.
func (b *Book) Report() loss.Report {
	var out loss.Report
	b.walk(b.root, "", false, &out)
	return append(out, b.rest...)
}

// walk goes through what stands at a place; settled is true where all of it was
// used, and only remarks are looked for.
func (b *Book) walk(v *strictjson.Value, at string, settled bool, out *loss.Report) {
	notes := b.notes[at]
	*out = append(*out, notes...) // which differ, as the places do: a report may be long
	settled = settled || b.used[at]
	leaf := v.Kind() != strictjson.KindObject && v.Kind() != strictjson.KindArray
	if !settled && (leaf || !b.touched(v, at)) {
		*out = append(*out, loss.Item{Kind: loss.Dropped, From: at, Why: NoPlace, What: Brief(v)})
		return
	}
	for _, m := range v.Members() {
		if !b.empty(m.Name, m.Value) {
			b.walk(m.Value, strictjson.Pointer(at, m.Name), settled, out)
		}
	}
	for n, item := range v.Items() {
		b.walk(item, at+"/"+strconv.Itoa(n), settled, out)
	}
}

// touched reports whether anything at a place or below was used or noted.
func (b *Book) touched(v *strictjson.Value, at string) bool {
	if b.used[at] || len(b.notes[at]) > 0 {
		return true
	}
	for _, m := range v.Members() {
		if !b.empty(m.Name, m.Value) && b.touched(m.Value, strictjson.Pointer(at, m.Name)) {
			return true
		}
	}
	for n, item := range v.Items() {
		if b.touched(item, at+"/"+strconv.Itoa(n)) {
			return true
		}
	}
	return false
}

// maxBrief is how many characters of a value stand in a report.
const maxBrief = 60

// Brief returns a short form of a value for people: its text or number, or a
// text that stands in it, cut.
func Brief(v *strictjson.Value) string {
	switch v.Kind() {
	case strictjson.KindString:
		s, _ := v.Text()
		return Cut(s)
	case strictjson.KindNumber:
		s, _ := v.Literal()
		return s
	case strictjson.KindBool:
		return string(v.AppendJSON(nil))
	}
	for _, name := range []string{"name", "title", "legalName", "prefLabel", "fullName", "targetName", "noteLiteral", "contentURL", "notation", "#text", "en", "nb"} {
		if m := v.Get(name); m != nil {
			return Brief(m)
		}
	}
	return ""
}

// Cut returns the beginning of a text, in one line.
func Cut(s string) string {
	out := make([]rune, 0, maxBrief)
	for _, r := range s {
		if len(out) == maxBrief {
			return string(out) + "…"
		}
		if r < ' ' {
			r = ' '
		}
		out = append(out, r)
	}
	return string(out)
}

// Node is a value at its place. The zero Node, and one that is not there, read
// as nothing.
type Node struct {
	book  *Book
	value *strictjson.Value
	at    string
}

// At returns the node's JSON pointer.
func (n Node) At() string { return n.at }

// Value returns the value, nil when it is not there. To look at it is not to
// use it.
func (n Node) Value() *strictjson.Value { return n.value }

// Is reports whether there is a value.
func (n Node) Is() bool { return n.value != nil }

// Get returns a member.
func (n Node) Get(name string) Node {
	v := n.value.Get(name)
	if v == nil {
		return Node{}
	}
	return Node{n.book, v, strictjson.Pointer(n.at, name)}
}

// Path returns a member of a member, each the first where there are several.
func (n Node) Path(names ...string) Node {
	for _, name := range names {
		n = n.Get(name).First()
	}
	return n
}

// List returns the items of a list, or the value alone.
func (n Node) List() []Node {
	if n.value == nil {
		return nil
	}
	if n.value.Kind() != strictjson.KindArray {
		return []Node{n}
	}
	out := make([]Node, 0, len(n.value.Items()))
	for i, item := range n.value.Items() {
		out = append(out, Node{n.book, item, n.at + "/" + strconv.Itoa(i)})
	}
	return out
}

// First returns the first of List.
func (n Node) First() Node {
	if all := n.List(); len(all) > 0 {
		return all[0]
	}
	return Node{}
}

// Members returns the members of an object.
func (n Node) Members() (names []string, nodes []Node) {
	for _, m := range n.value.Members() {
		names = append(names, m.Name)
		nodes = append(nodes, Node{n.book, m.Value, strictjson.Pointer(n.at, m.Name)})
	}
	return names, nodes
}

// Use says that the value was carried over, with all that stands in it.
func (n Node) Use() {
	if n.value != nil {
		n.book.used[n.at] = true
	}
}

// Text returns a string and uses it; any other value is left, and an empty text,
// and is "".
func (n Node) Text() string {
	s, _ := n.value.Text()
	if s != "" {
		n.Use()
	}
	return s
}

// Peek returns a string without using it.
func (n Node) Peek() string {
	s, _ := n.value.Text()
	return s
}

// Note says what became of the value with all that stands in it, and uses it.
func (n Node) Note(kind loss.Kind, to, why string) {
	n.Remark(kind, to, why)
	n.Use()
}

// Remark says something of the value without using it.
func (n Node) Remark(kind loss.Kind, to, why string) {
	if n.value == nil {
		return
	}
	item := loss.Item{Kind: kind, From: n.at, To: to, Why: why, What: Brief(n.value)}
	notes := n.book.notes[n.at]
	notes.Add(item)
	n.book.notes[n.at] = notes
}
