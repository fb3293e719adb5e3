package profile

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The checks return what is wrong, or nil.

type check = func(v *strictjson.Value, p place) *Sentence

// notA is what a value is, and what it should be.
func notA(v *strictjson.Value, want Text) *Sentence {
	return saidNot.Of(want.With(), v.Kind().String())
}

// present wants a member and then something of it.
func present(then check) check {
	return func(v *strictjson.Value, p place) *Sentence {
		if v == nil {
			return saidMissing.With()
		}
		return then(v, p)
	}
}

// optional looks at a member only if it is there.
func optional(then check) check {
	return func(v *strictjson.Value, p place) *Sentence {
		if v == nil {
			return nil
		}
		return then(v, p)
	}
}

func isString(v *strictjson.Value, _ place) *Sentence {
	if s, ok := v.Text(); !ok {
		return notA(v, wantString)
	} else if strings.TrimSpace(s) == "" {
		return saidEmpty.With()
	}
	return nil
}

// isText takes a string, or the forms of a text in languages: one object with
// @value, or a list of those (Data Model 2.0 section 11.1).
func isText(v *strictjson.Value, _ place) *Sentence {
	if v.Kind() == strictjson.KindString {
		return nil
	}
	for _, item := range v.List() {
		if _, ok := item.Get("@value").Text(); !ok {
			return saidNotText.With()
		}
		for _, m := range item.Members() {
			if !slices.Contains([]string{"@value", "@language", "@direction"}, m.Name) {
				return saidTextMembers.With()
			}
			if m.Value.Kind() != strictjson.KindString {
				return saidTextMember.With(m.Value.Kind().String())
			}
		}
		if d, ok := item.Get("@direction").Text(); ok && d != "ltr" && d != "rtl" {
			return saidTextDirection.With()
		}
	}
	if len(v.List()) == 0 {
		return saidEmpty.With()
	}
	return nil
}

func isURL(v *strictjson.Value, p place) *Sentence {
	if why := isString(v, p); why != nil {
		return why
	}
	s, _ := v.Text()
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" || strings.ContainsAny(s, " \t\r\n<>\"") {
		return saidNotURL.With()
	}
	return nil
}

func isTime(v *strictjson.Value, _ place) *Sentence {
	if _, err := credential.Time(v); err != nil {
		return saidNotTime.With()
	}
	return nil
}

func isBool(v *strictjson.Value, _ place) *Sentence {
	if _, ok := v.Bool(); !ok {
		return notA(v, wantBool)
	}
	return nil
}

func isNumber(v *strictjson.Value, _ place) *Sentence {
	if f, ok := v.Float(); !ok {
		return notA(v, wantNumber)
	} else if f < 0 {
		return saidNegative.With()
	}
	return nil
}

func isObject(v *strictjson.Value, _ place) *Sentence {
	if v.Kind() != strictjson.KindObject {
		return notA(v, wantObject)
	}
	if len(v.Members()) == 0 {
		return saidEmptyObject.With()
	}
	return nil
}

// one wants a single value where JSON would also hold a list.
func one(then check) check {
	return func(v *strictjson.Value, p place) *Sentence {
		if v.Kind() == strictjson.KindArray {
			return saidList.With()
		}
		return then(v, p)
	}
}

func hasType(want ...string) check {
	return func(v *strictjson.Value, _ place) *Sentence {
		list := v.List()
		for _, item := range list {
			if s, ok := item.Text(); !ok || s == "" {
				return saidTypeName.With()
			}
		}
		if len(list) == 0 {
			return saidEmpty.With()
		}
		if len(want) == 0 {
			return nil
		}
		for _, item := range list {
			for _, w := range want {
				if s, _ := item.Text(); s == w {
					return nil
				}
			}
		}
		return saidLacks.With(strings.Join(want, "|"))
	}
}

// among wants one of the names that a vocabulary has, or one with the prefix
// for names of one's own.
func among(valid func(string) bool) check {
	return func(v *strictjson.Value, p place) *Sentence {
		if why := isString(v, p); why != nil {
			return why
		}
		if s, _ := v.Text(); !valid(s) {
			return saidNotListed.With()
		}
		return nil
	}
}

func all(checks ...check) check {
	return func(v *strictjson.Value, p place) *Sentence {
		for _, c := range checks {
			if why := c(v, p); why != nil {
				return why
			}
		}
		return nil
	}
}
