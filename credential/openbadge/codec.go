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
	// read sets the struct field as well as it can, and reports whether write
	// would give the same value again.
	read func(v *strictjson.Value) bool
	// write returns the member's value, nil when the field is absent.
	write func() *strictjson.Value
	// always is true for a field that is written even when it was not read.
	always bool
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
func text(name string, to *string) field {
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			*to = credential.Text(v)
			return v.Kind() == strictjson.KindString && *to != ""
		},
		write: func() *strictjson.Value {
			if *to == "" {
				return nil
			}
			return strictjson.String(*to)
		},
	}
}

// texts is a list of strings, also when one stands alone.
func texts(name string, to *[]string) field {
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			*to = nil
			exact := len(v.List()) > 0
			for _, item := range v.List() {
				s, ok := item.Text()
				exact = exact && ok
				if ok {
					*to = append(*to, s)
				}
			}
			return exact
		},
		write: func() *strictjson.Value { return stringArray(*to) },
	}
}

// types is the member "type" as an array, by default the class's name.
func types(to *[]string, class string) field {
	f := texts("type", to)
	f.always = true
	f.write = func() *strictjson.Value {
		if len(*to) == 0 {
			return stringArray([]string{class})
		}
		return stringArray(*to)
	}
	return f
}

// oneType is the member "type" of the classes that the schemas want as a
// single string, always the class's name.
func oneType(class string) field {
	return field{name: "type", always: true,
		read: func(v *strictjson.Value) bool {
			s, _ := v.Text()
			return s == class
		},
		write: func() *strictjson.Value { return strictjson.String(class) },
	}
}

func number(name string, to *float64) field {
	w := func() *strictjson.Value {
		if *to == 0 {
			return nil
		}
		return strictjson.Float(*to)
	}
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			*to, _ = v.Float()
			have, _ := v.Literal()
			again, _ := w().Literal()
			return have != "" && have == again
		}, write: w,
	}
}

// exactNumber is a number that must be there, so that 0 is a value too.
func exactNumber(name string, to *float64) field {
	f := number(name, to)
	f.always = true
	f.write = func() *strictjson.Value { return strictjson.Float(*to) }
	f.read = func(v *strictjson.Value) bool {
		*to, _ = v.Float()
		have, _ := v.Literal()
		again, _ := strictjson.Float(*to).Literal()
		return have != "" && have == again
	}
	return f
}

func boolean(name string, to *bool) field {
	return field{name: name, always: true,
		read: func(v *strictjson.Value) bool {
			b, ok := v.Bool()
			*to = b
			return ok
		},
		write: func() *strictjson.Value { return strictjson.Bool(*to) },
	}
}

func moment(name string, to *time.Time) field {
	w := func() *strictjson.Value {
		if to.IsZero() {
			return nil
		}
		return strictjson.String(credential.FormatTime(*to))
	}
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			t, err := credential.Time(v)
			if err != nil {
				*to = time.Time{}
				return false
			}
			*to = t
			have, _ := v.Text()
			again, _ := w().Text()
			return have == again
		}, write: w,
	}
}

// values is a list of values that are kept as they came.
func values(name string, to *[]*strictjson.Value) field {
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			*to = slices.Clone(v.List())
			return len(*to) > 0 && !slices.ContainsFunc(*to, func(one *strictjson.Value) bool {
				return one.Kind() != strictjson.KindObject
			})
		},
		write: func() *strictjson.Value {
			if len(*to) == 0 {
				return nil
			}
			return strictjson.Array(*to...)
		},
	}
}

// object is a nested object of class T. Where T has an id, a bare string is
// read as that id.
func object[T any, P interface {
	*T
	class
}](name string, to **T) field {
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			t, exact := item[T, P](v)
			*to = t
			return exact
		},
		write: func() *strictjson.Value {
			if *to == nil {
				return nil
			}
			return write(P(*to))
		},
	}
}

// objects is a list of nested objects of class T.
func objects[T any, P interface {
	*T
	class
}](name string, to *[]T) field {
	return field{name: name,
		read: func(v *strictjson.Value) bool {
			*to = nil
			exact := len(v.List()) > 0
			for _, one := range v.List() {
				t, ok := item[T, P](one)
				exact = exact && ok
				if t != nil {
					*to = append(*to, *t)
				}
			}
			return exact
		},
		write: func() *strictjson.Value {
			if len(*to) == 0 {
				return nil
			}
			items := make([]*strictjson.Value, len(*to))
			for i := range *to {
				items[i] = write(P(&(*to)[i]))
			}
			return strictjson.Array(items...)
		},
	}
}

func item[T any, P interface {
	*T
	class
}](v *strictjson.Value) (t *T, exact bool) {
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
