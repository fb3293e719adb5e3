package strictjson

import (
	"strconv"
	"strings"
)

// Kind is the kind of a JSON value. The zero Kind belongs to no value.
type Kind uint8

// The kinds of RFC 8259 section 3.
const (
	Absent Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

// String returns the kind's name as errors use it.
func (k Kind) String() string {
	switch k {
	case KindNull:
		return "null"
	case KindBool:
		return "a boolean"
	case KindNumber:
		return "a number"
	case KindString:
		return "a string"
	case KindArray:
		return "an array"
	case KindObject:
		return "an object"
	default:
		return "nothing"
	}
}

// Member is a member of an object.
type Member struct {
	Name  string
	Value *Value
}

// Value is a JSON value. It is immutable; all methods accept a nil receiver,
// which stands for an absent value, so that look-ups can be chained.
type Value struct {
	kind    Kind
	truth   bool
	text    string // the string, or the number as written
	items   []*Value
	members []Member
	raw     []byte
}

// Object returns an object with the members in the given order. The caller
// sees to it that names differ.
func Object(members ...Member) *Value { return &Value{kind: KindObject, members: members} }

// Array returns an array of items.
func Array(items ...*Value) *Value { return &Value{kind: KindArray, items: items} }

// String returns a string.
func String(s string) *Value {
	return &Value{kind: KindString, text: strings.ToValidUTF8(s, "\uFFFD")}
}

// Int returns a number.
func Int(n int64) *Value { return &Value{kind: KindNumber, text: strconv.FormatInt(n, 10)} }

// Float returns a number in its shortest form. NaN and infinities, which JSON
// cannot hold, become null.
func Float(f float64) *Value {
	if f-f != 0 {
		return Null()
	}
	return &Value{kind: KindNumber, text: strconv.FormatFloat(f, 'g', -1, 64)}
}

// Bool returns a boolean.
func Bool(b bool) *Value { return &Value{kind: KindBool, truth: b} }

// Null returns null.
func Null() *Value { return &Value{kind: KindNull} }

// Kind returns the kind of v, Absent for nil.
func (v *Value) Kind() Kind {
	if v == nil {
		return Absent
	}
	return v.kind
}

// Get returns the member of that exact name, or nil when v is no object or
// has no such member.
func (v *Value) Get(name string) *Value {
	if v == nil {
		return nil
	}
	for i := range v.members {
		if v.members[i].Name == name {
			return v.members[i].Value
		}
	}
	return nil
}

// Members returns the members of an object in source order. The caller must
// not change the slice.
func (v *Value) Members() []Member {
	if v == nil {
		return nil
	}
	return v.members
}

// Items returns the items of an array. The caller must not change the slice.
func (v *Value) Items() []*Value {
	if v == nil {
		return nil
	}
	return v.items
}

// List reads "single or array": the items of an array, v itself otherwise,
// and nothing when v is absent.
func (v *Value) List() []*Value {
	switch v.Kind() {
	case Absent:
		return nil
	case KindArray:
		return v.items
	default:
		return []*Value{v}
	}
}

// Text returns the string that v holds.
func (v *Value) Text() (s string, ok bool) {
	if v.Kind() != KindString {
		return "", false
	}
	return v.text, true
}

// Literal returns a number as it was written.
func (v *Value) Literal() (s string, ok bool) {
	if v.Kind() != KindNumber {
		return "", false
	}
	return v.text, true
}

// Float returns the number that v holds.
func (v *Value) Float() (f float64, ok bool) {
	if v.Kind() != KindNumber {
		return 0, false
	}
	f, err := strconv.ParseFloat(v.text, 64)
	return f, err == nil
}

// Bool returns the boolean that v holds.
func (v *Value) Bool() (b, ok bool) {
	if v.Kind() != KindBool {
		return false, false
	}
	return v.truth, true
}

// Raw returns the bytes that v was read from, nil for a value that was built.
// The caller must not change them.
func (v *Value) Raw() []byte {
	if v == nil {
		return nil
	}
	return v.raw
}

// Without returns an object like v that lacks the named members. The copy has
// no Raw.
func (v *Value) Without(names ...string) *Value {
	if v.Kind() != KindObject {
		return v
	}
	out := &Value{kind: KindObject, members: make([]Member, 0, len(v.members))}
next:
	for _, m := range v.members {
		for _, name := range names {
			if m.Name == name {
				continue next
			}
		}
		out.members = append(out.members, m)
	}
	return out
}

// With returns an object like v in which the member name has the given value,
// in its old place or at the end. The copy has no Raw.
func (v *Value) With(name string, value *Value) *Value {
	out := &Value{kind: KindObject, members: make([]Member, 0, len(v.Members())+1)}
	found := false
	for _, m := range v.Members() {
		if m.Name == name {
			m.Value, found = value, true
		}
		out.members = append(out.members, m)
	}
	if !found {
		out.members = append(out.members, Member{Name: name, Value: value})
	}
	return out
}

// Lookup returns the value at a JSON pointer (RFC 6901), nil when there is
// none. The empty pointer is v itself.
func (v *Value) Lookup(pointer string) *Value {
	if pointer == "" {
		return v
	}
	if pointer[0] != '/' {
		return nil
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		switch v.Kind() {
		case KindObject:
			v = v.Get(unescapePointer.Replace(token))
		case KindArray:
			n, err := strconv.Atoi(token)
			if err != nil || n < 0 || n >= len(v.items) || strconv.Itoa(n) != token {
				return nil
			}
			v = v.items[n]
		default:
			return nil
		}
	}
	return v
}

var (
	unescapePointer = strings.NewReplacer("~1", "/", "~0", "~")
	escapePointer   = strings.NewReplacer("~", "~0", "/", "~1")
)

// Pointer appends a member name or an array index to a JSON pointer.
func Pointer(base, token string) string { return base + "/" + escapePointer.Replace(token) }

// Any returns v as the types of encoding/json: map[string]any, []any, string,
// float64, bool or nil.
func (v *Value) Any() any {
	switch v.Kind() {
	case KindBool:
		return v.truth
	case KindNumber:
		f, _ := v.Float()
		return f
	case KindString:
		return v.text
	case KindArray:
		out := make([]any, len(v.items))
		for i, item := range v.items {
			out[i] = item.Any()
		}
		return out
	case KindObject:
		out := make(map[string]any, len(v.members))
		for _, m := range v.members {
			out[m.Name] = m.Value.Any()
		}
		return out
	default:
		return nil
	}
}

// AppendJSON appends v as compact JSON: members in order, numbers as they
// were written, strings with the shortest escapes.
func (v *Value) AppendJSON(dst []byte) []byte {
	switch v.Kind() {
	case KindBool:
		return strconv.AppendBool(dst, v.truth)
	case KindNumber:
		return append(dst, v.text...)
	case KindString:
		return AppendString(dst, v.text)
	case KindArray:
		dst = append(dst, '[')
		for i, item := range v.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.AppendJSON(dst)
		}
		return append(dst, ']')
	case KindObject:
		dst = append(dst, '{')
		for i, m := range v.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendString(dst, m.Name)
			dst = append(dst, ':')
			dst = m.Value.AppendJSON(dst)
		}
		return append(dst, '}')
	default:
		return append(dst, "null"...)
	}
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string with the escapes of RFC 8785
// section 3.2.2.2: only what must be escaped is.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' { // also each byte of what is no ASCII
			i++
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\r':
			dst = append(dst, '\\', 'r')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
