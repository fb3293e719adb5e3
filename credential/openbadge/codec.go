package openbadge

import (
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Member is a member of a JSON object that no field of a class holds.
type Member = strictjson.Member

// field ties a member name to a struct field.
type field struct {
	name string
	codec
	// always is true for a field that is written even when it was not read.
	always bool
}

// codec reads and writes a struct field that it points to. The fields of an
// object are listed anew for each object that is read, so a codec is no larger
// than its pointer where that will do: then it takes no memory of its own.
type codec interface {
	// read sets the struct field as well as it can, and reports whether write
	// would give the same value again.
	read(v *strictjson.Value) bool
	// write returns the member's value, nil when the field is absent.
	write() *strictjson.Value
}

// class is a pointer to a struct of the vocabulary.
type class interface {
	fields() []field
	extra() *[]Member
}

// readTop reads the object that a caller handed in.
func readTop(v *strictjson.Value, c class, name string) error {
	if v.Kind() != strictjson.KindObject {
		return reason.New(reason.MalformedModel, "", "%s where an object of class %s was expected", v.Kind(), name)
	}
	read(v, c)
	return nil
}

// read fills c from an object. It reports false when write would add a member
// that v lacks.
func read(v *strictjson.Value, c class) (exact bool) {
	fields, more := c.fields(), c.extra()
	exact = !slices.ContainsFunc(fields, func(f field) bool { return f.always && v.Get(f.name) == nil })
	for _, m := range v.Members() {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == m.Name })
		if i < 0 || !fields[i].read(m.Value) {
			*more = append(*more, m)
		}
	}
	return exact
}

// write gives the object for c: its fields in order, then what else there is.
func write(c class) *strictjson.Value {
	fields, more := c.fields(), *c.extra()
	members := make([]Member, 0, len(fields)+len(more))
	for _, f := range fields {
		if i := slices.IndexFunc(more, func(m Member) bool { return m.Name == f.name }); i >= 0 {
			members = append(members, more[i])
		} else if v := f.write(); v != nil {
			members = append(members, Member{Name: f.name, Value: v})
		}
	}
	for _, m := range more {
		if !slices.ContainsFunc(members, func(have Member) bool { return have.Name == m.Name }) {
			members = append(members, m)
		}
	}
	return strictjson.Object(members...)
}

// text is a string; a language map is read as its first text.
func text(name string, to *string) field { return field{name: name, codec: textCodec{to}} }

type textCodec struct{ to *string }

func (c textCodec) read(v *strictjson.Value) bool {
	*c.to = credential.Text(v)
	return v.Kind() == strictjson.KindString && *c.to != ""
}

func (c textCodec) write() *strictjson.Value {
	if *c.to == "" {
		return nil
	}
	return strictjson.String(*c.to)
}

// texts is a list of strings, also when one stands alone.
func texts(name string, to *[]string) field { return field{name: name, codec: textsCodec{to}} }

type textsCodec struct{ to *[]string }

func (c textsCodec) read(v *strictjson.Value) bool {
	list := v.List()
	*c.to = nil
	exact := len(list) > 0
	for _, item := range list {
		s, ok := item.Text()
		exact = exact && ok
		if ok {
			*c.to = append(*c.to, s)
		}
	}
	return exact
}

func (c textsCodec) write() *strictjson.Value { return stringArray(*c.to) }

// types is the member "type" as an array, by default the class's name.
func types(to *[]string, class string) field {
	return field{name: "type", codec: typesCodec{textsCodec{to}, class}, always: true}
}

type typesCodec struct {
	textsCodec
	class string
}

func (c typesCodec) write() *strictjson.Value {
	if len(*c.to) == 0 {
		return stringArray([]string{c.class})
	}
	return c.textsCodec.write()
}

// oneType is the member "type" of the classes that the schemas want as a
// single string, always the class's name.
func oneType(class string) field {
	return field{name: "type", codec: oneTypeCodec(class), always: true}
}

type oneTypeCodec string

func (c oneTypeCodec) read(v *strictjson.Value) bool {
	s, _ := v.Text()
	return s == string(c)
}

func (c oneTypeCodec) write() *strictjson.Value { return strictjson.String(string(c)) }

func number(name string, to *float64) field { return field{name: name, codec: numberCodec{to}} }

type numberCodec struct{ to *float64 }

func (c numberCodec) read(v *strictjson.Value) bool { return readNumber(v, c.to, c) }

func (c numberCodec) write() *strictjson.Value {
	if *c.to == 0 {
		return nil
	}
	return strictjson.Float(*c.to)
}

// exactNumber is a number that must be there, so that 0 is a value too.
func exactNumber(name string, to *float64) field {
	return field{name: name, codec: exactNumberCodec{to}, always: true}
}

type exactNumberCodec struct{ to *float64 }

func (c exactNumberCodec) read(v *strictjson.Value) bool { return readNumber(v, c.to, c) }
func (c exactNumberCodec) write() *strictjson.Value      { return strictjson.Float(*c.to) }

func readNumber(v *strictjson.Value, to *float64, c codec) (exact bool) {
	*to, _ = v.Float()
	have, _ := v.Literal()
	again, _ := c.write().Literal()
	return have != "" && have == again
}

func boolean(name string, to *bool) field {
	return field{name: name, codec: booleanCodec{to}, always: true}
}

type booleanCodec struct{ to *bool }

func (c booleanCodec) read(v *strictjson.Value) bool {
	b, ok := v.Bool()
	*c.to = b
	return ok
}

func (c booleanCodec) write() *strictjson.Value { return strictjson.Bool(*c.to) }

func moment(name string, to *time.Time) field { return field{name: name, codec: momentCodec{to}} }

type momentCodec struct{ to *time.Time }

func (c momentCodec) read(v *strictjson.Value) bool {
	t, err := credential.Time(v)
	if err != nil {
		*c.to = time.Time{}
		return false
	}
	*c.to = t
	have, _ := v.Text()
	again, _ := c.write().Text()
	return have == again
}

func (c momentCodec) write() *strictjson.Value {
	if c.to.IsZero() {
		return nil
	}
	return strictjson.String(credential.FormatTime(*c.to))
}

// values is a list of values that are kept as they came.
func values(name string, to *[]*strictjson.Value) field {
	return field{name: name, codec: valuesCodec{to}}
}

type valuesCodec struct{ to *[]*strictjson.Value }

func (c valuesCodec) read(v *strictjson.Value) bool {
	*c.to = slices.Clone(v.List())
	return len(*c.to) > 0 && !slices.ContainsFunc(*c.to, func(one *strictjson.Value) bool {
		return one.Kind() != strictjson.KindObject
	})
}

func (c valuesCodec) write() *strictjson.Value {
	if len(*c.to) == 0 {
		return nil
	}
	return strictjson.Array(*c.to...)
}

// classOf is the pointer to a struct of the vocabulary.
type classOf[T any] interface {
	*T
	class
}

// object is a nested object of class T. Where T has an id, a bare string is
// read as that id.
func object[T any, P classOf[T]](name string, to **T) field {
	return field{name: name, codec: objectCodec[T, P]{to}}
}

type objectCodec[T any, P classOf[T]] struct{ to **T }

func (c objectCodec[T, P]) read(v *strictjson.Value) bool {
	t, exact := item[T, P](v)
	*c.to = t
	return exact
}

func (c objectCodec[T, P]) write() *strictjson.Value {
	if *c.to == nil {
		return nil
	}
	return write(P(*c.to))
}

// objects is a list of nested objects of class T.
func objects[T any, P classOf[T]](name string, to *[]T) field {
	return field{name: name, codec: objectsCodec[T, P]{to}}
}

type objectsCodec[T any, P classOf[T]] struct{ to *[]T }

func (c objectsCodec[T, P]) read(v *strictjson.Value) bool {
	list := v.List()
	*c.to = nil
	exact := len(list) > 0
	for _, one := range list {
		t, ok := item[T, P](one)
		exact = exact && ok
		if t != nil {
			*c.to = append(*c.to, *t)
		}
	}
	return exact
}

func (c objectsCodec[T, P]) write() *strictjson.Value {
	if len(*c.to) == 0 {
		return nil
	}
	items := make([]*strictjson.Value, len(*c.to))
	for i := range *c.to {
		items[i] = write(P(&(*c.to)[i]))
	}
	return strictjson.Array(items...)
}

func item[T any, P classOf[T]](v *strictjson.Value) (t *T, exact bool) {
	t = new(T)
	if id, ok := v.Text(); ok && id != "" {
		for _, f := range P(t).fields() {
			if f.name == "id" {
				f.read(v)
				return t, false
			}
		}
	}
	if v.Kind() != strictjson.KindObject {
		return nil, false
	}
	return t, read(v, P(t))
}

func stringArray(list []string) *strictjson.Value {
	if len(list) == 0 {
		return nil
	}
	items := make([]*strictjson.Value, len(list))
	for i, s := range list {
		items[i] = strictjson.String(s)
	}
	return strictjson.Array(items...)
}
