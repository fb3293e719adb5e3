package jsonschema

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// maxVisits bounds the counting itself: the pairs of a schema and a value that
// can meet.
const maxVisits = 1_000_000

var errTooMuch = errors.New("too much work")

// visit is a schema that looks at a value.
type visit struct {
	schema *jsonschema.Schema
	value  *strictjson.Value
}

// counter tells how much work it is to hold a document against a schema,
// without doing it: each pair of a schema and a value is worked out once,
// however many ways lead there. It counts too much rather than too little:
// every branch is taken, and every rule on members meets every member that it
// could.
type counter struct {
	done  map[visit]float64 // below zero: begun, and not done
	depth int
}

// count returns the number of visits. A schema that leads back to itself on
// the same value, or whose references turn about at run time ($dynamicRef), is
// more than can be counted.
func (c *counter) count(s *jsonschema.Schema, v *strictjson.Value) (float64, error) {
	if s == nil {
		return 0, nil
	}
	key := visit{s, v}
	if work, ok := c.done[key]; ok {
		if work < 0 {
			return 0, errTooMuch
		}
		return work, nil
	}
	if len(c.done) >= maxVisits || c.depth > 2000 || s.DynamicRef != nil || s.RecursiveRef != nil {
		return 0, errTooMuch
	}
	c.done[key] = -1
	c.depth++
	defer func() { c.depth-- }()
	total := 1.0
	add := func(s *jsonschema.Schema, v *strictjson.Value) error {
		work, err := c.count(s, v)
		total += work
		return err
	}
	for _, same := range onTheSame(s) {
		if err := add(same, v); err != nil {
			return 0, err
		}
	}
	for _, m := range v.Members() {
		for _, below := range onMember(s, m.Name) {
			if err := add(below, m.Value); err != nil {
				return 0, err
			}
		}
		if s.PropertyNames != nil { // a string has nothing below it
			if err := add(s.PropertyNames, strictjson.String(m.Name)); err != nil {
				return 0, err
			}
		}
	}
	for i, item := range v.Items() {
		for _, below := range onItem(s, i) {
			if err := add(below, item); err != nil {
				return 0, err
			}
		}
	}
	c.done[key] = total
	return total, nil
}

// onTheSame are the schemas that look at the same value.
func onTheSame(s *jsonschema.Schema) []*jsonschema.Schema {
	out := []*jsonschema.Schema{s.Ref, s.Not, s.If, s.Then, s.Else}
	out = append(out, s.AllOf...)
	out = append(out, s.AnyOf...)
	out = append(out, s.OneOf...)
	for _, d := range s.DependentSchemas {
		out = append(out, d)
	}
	for _, d := range s.Dependencies {
		out = appendSchema(out, d)
	}
	return out
}

// onMember are the schemas that may look at a member of that name.
func onMember(s *jsonschema.Schema, name string) []*jsonschema.Schema {
	out := []*jsonschema.Schema{s.Properties[name], s.UnevaluatedProperties}
	for _, p := range s.PatternProperties {
		out = append(out, p)
	}
	return appendSchema(out, s.AdditionalProperties)
}

// onItem are the schemas that may look at the nth item.
func onItem(s *jsonschema.Schema, n int) []*jsonschema.Schema {
	out := []*jsonschema.Schema{s.Items2020, s.Contains, s.UnevaluatedItems}
	if n < len(s.PrefixItems) {
		out = append(out, s.PrefixItems[n])
	}
	if list, ok := s.Items.([]*jsonschema.Schema); ok && n < len(list) {
		out = append(out, list[n])
	}
	return appendSchema(appendSchema(out, s.Items), s.AdditionalItems)
}

// appendSchema appends what may be a schema, or a bool, or nothing.
func appendSchema(out []*jsonschema.Schema, v any) []*jsonschema.Schema {
	if s, ok := v.(*jsonschema.Schema); ok {
		out = append(out, s)
	}
	return out
}
