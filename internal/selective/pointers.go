package selective

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxPointers bounds the work of choosing, which grows with the pointers times
// the statements.
const maxPointers = 1000

// check refuses pointers that lead to nothing, or to what cannot be shown
// without more.
func (d *Document) check(pointers []string) error {
	if len(pointers) > maxPointers {
		return reason.New("resource_limit/pointers", "", "%d pointers, the limit is %d", len(pointers), maxPointers)
	}
	for _, p := range pointers {
		if d.source.Lookup(p) == nil {
			return refuse(p, "leads to nothing in the document")
		}
		for up := parent(p); up != ""; up = parent(up) {
			if d.lists[up] {
				return refuse(p, "leads into an ordered list, which shows whole or not at all: name the list")
			}
		}
		if !d.says(p) {
			return refuse(p, "leads into a value that shows whole or not at all, or to one that says nothing")
		}
	}
	return nil
}

func refuse(pointer, text string) error {
	return reason.New("disclosure_invalid/pointer", pointer, "%s", text)
}

// parent returns the pointer to what holds the value, empty at the top.
func parent(pointer string) string {
	return pointer[:max(0, strings.LastIndexByte(pointer, '/'))]
}

// says reports whether anything is said at p or below it. What a document says
// of a thing by its id, type and context is said with everything else of it.
func (d *Document) says(p string) bool {
	switch p[strings.LastIndexByte(p, '/')+1:] {
	case "id", "type", "@context":
		return true
	}
	if up := parent(p); strings.HasSuffix(up, "/type") || strings.HasSuffix(up, "/@context") {
		return true
	}
	for i := range d.statements {
		if within(d.statements[i].At, p) {
			return true
		}
	}
	return false
}

// within reports whether at is the pointer p or below it.
func within(at, p string) bool {
	return strings.HasPrefix(at, p) && (len(at) == len(p) || at[len(p)] == '/')
}

// cut returns what of v the pointers show.
func cut(v *strictjson.Value, pointers []string) *strictjson.Value {
	root := &mask{}
	for _, p := range pointers {
		m := root
		for p != "" {
			token := p[1:]
			if end := strings.IndexByte(token, '/'); end >= 0 {
				token = token[:end]
			}
			p = p[1+len(token):]
			m = m.inner(token)
		}
		m.whole = true
	}
	return root.apply(v)
}

// mask says what of a value shows.
type mask struct {
	whole bool
	parts map[string]*mask // by tokens of pointers
}

func (m *mask) inner(token string) *mask {
	if m.parts == nil {
		m.parts = map[string]*mask{}
	}
	if m.parts[token] == nil {
		m.parts[token] = &mask{}
	}
	return m.parts[token]
}

func (m *mask) apply(v *strictjson.Value) *strictjson.Value {
	if m.whole {
		return v
	}
	switch v.Kind() {
	case strictjson.KindArray:
		var items []*strictjson.Value
		for i, item := range v.Items() {
			if part := m.parts[strconv.Itoa(i)]; part != nil {
				items = append(items, part.apply(item))
			}
		}
		return strictjson.Array(items...)
	case strictjson.KindObject:
		var members []strictjson.Member
		for _, member := range v.Members() {
			part := m.parts[strictjson.Pointer("", member.Name)[1:]]
			switch {
			case member.Name == "id", member.Name == "type", member.Name == "@context":
				members = append(members, member)
			case part != nil:
				members = append(members, strictjson.Member{Name: member.Name, Value: part.apply(member.Value)})
			}
		}
		return strictjson.Object(members...)
	default:
		return v
	}
}

// walk visits every value below v in document order, and goes into those for
// which visit says so.
func walk(v *strictjson.Value, at string, visit func(at string) bool) {
	for i, item := range v.Items() {
		if here := strictjson.Pointer(at, strconv.Itoa(i)); visit(here) {
			walk(item, here, visit)
		}
	}
	for _, m := range v.Members() {
		if here := strictjson.Pointer(at, m.Name); m.Name != "@context" && visit(here) {
			walk(m.Value, here, visit)
		}
	}
}
