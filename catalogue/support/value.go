package support

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Value is a number, a text or a boolean. The zero Value is none of them.
type Value struct {
	kind byte // 'n', 't', 'b'
	n    float64
	t    string
	b    bool
}

// Number returns a number.
func Number(n float64) Value { return Value{kind: 'n', n: n} }

// Text returns a text.
func Text(t string) Value { return Value{kind: 't', t: t} }

// Bool returns a boolean.
func Bool(b bool) Value { return Value{kind: 'b', b: b} }

// ParseValue reads a value as people type it: true, false, a number, or else a
// text.
func ParseValue(s string) Value {
	switch s {
	case "true":
		return Bool(true)
	case "false":
		return Bool(false)
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return Number(n)
	}
	return Text(s)
}

// String returns the value as text.
func (v Value) String() string {
	switch v.kind {
	case 'n':
		return strconv.FormatFloat(v.n, 'f', -1, 64)
	case 't':
		return v.t
	case 'b':
		return strconv.FormatBool(v.b)
	}
	return ""
}

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case 'n':
		return json.Marshal(v.n)
	case 'b':
		return json.Marshal(v.b)
	case 't':
		return json.Marshal(v.t)
	}
	return []byte("null"), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *Value) UnmarshalJSON(data []byte) error {
	var any any
	if err := json.Unmarshal(data, &any); err != nil {
		return err
	}
	switch x := any.(type) {
	case float64:
		*v = Number(x)
	case bool:
		*v = Bool(x)
	case string:
		*v = Text(x)
	default:
		return &json.UnsupportedValueError{Str: "neither number, text nor boolean"}
	}
	return nil
}

// Facts are what is known, by name ("person.age"). A name that is absent is
// unknown; one with an empty list is known to have nothing.
type Facts map[string][]Value

// compare returns -1, 0 or 1, or ok false for values of different kinds.
// Texts are equal whatever their case.
func compare(a, b Value) (order int, ok bool) {
	if a.kind != b.kind {
		return 0, false
	}
	switch {
	case a.kind == 'n' && a.n < b.n:
		return -1, true
	case a.kind == 'n' && a.n > b.n:
		return 1, true
	case a.kind == 't':
		return strings.Compare(strings.ToLower(a.t), strings.ToLower(b.t)), true
	case a.kind == 'b' && a.b != b.b:
		return 1, true
	}
	return 0, true
}
