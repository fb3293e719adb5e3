package profile

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The checks return what is wrong, for people, or nothing.

type check = func(v *strictjson.Value, p place) string

// present wants a member and then something of it.
func present(then check) check {
	return func(v *strictjson.Value, p place) string {
		if v == nil {
			return "is missing"
		}
		return then(v, p)
	}
}

// optional looks at a member only if it is there.
func optional(then check) check {
	return func(v *strictjson.Value, p place) string {
		if v == nil {
			return ""
		}
		return then(v, p)
	}
}

func isString(v *strictjson.Value, _ place) string {
	if s, ok := v.Text(); !ok {
		return "is " + v.Kind().String() + ", not a string"
	} else if strings.TrimSpace(s) == "" {
		return "is empty"
	}
	return ""
}

// isText takes a string, or the forms of a text in languages: one object with
// @value, or a list of those (Data Model 2.0 section 11.1).
func isText(v *strictjson.Value, _ place) string {
	if v.Kind() == strictjson.KindString {
		return ""
	}
	for _, item := range v.List() {
		if _, ok := item.Get("@value").Text(); !ok {
			return "is neither a text nor a text with a language"
		}
		for _, m := range item.Members() {
			if !slices.Contains([]string{"@value", "@language", "@direction"}, m.Name) {
				return "has more members than a text with a language has"
			}
			if m.Value.Kind() != strictjson.KindString {
				return "has a member that is " + m.Value.Kind().String() + ", not a string"
			}
		}
		if d, ok := item.Get("@direction").Text(); ok && d != "ltr" && d != "rtl" {
			return "has a direction that is neither ltr nor rtl"
		}
	}
	if len(v.List()) == 0 {
		return "is empty"
	}
	return ""
}

func isURL(v *strictjson.Value, p place) string {
	if why := isString(v, p); why != "" {
		return why
	}
	s, _ := v.Text()
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || scheme == "" || rest == "" || strings.ContainsAny(s, " \t\r\n<>\"") {
		return "is not a URL"
	}
	return ""
}

func isTime(v *strictjson.Value, _ place) string {
	if _, err := credential.Time(v); err != nil {
		return "is " + err.Error()
	}
	return ""
}

func isBool(v *strictjson.Value, _ place) string {
	if _, ok := v.Bool(); !ok {
		return "is " + v.Kind().String() + ", not true or false"
	}
	return ""
}

func isNumber(v *strictjson.Value, _ place) string {
	if f, ok := v.Float(); !ok {
		return "is " + v.Kind().String() + ", not a number"
	} else if f < 0 {
		return "is negative"
	}
	return ""
}

func isObject(v *strictjson.Value, _ place) string {
	if v.Kind() != strictjson.KindObject {
		return "is " + v.Kind().String() + ", not an object"
	}
	if len(v.Members()) == 0 {
		return "is an empty object"
	}
	return ""
}

// one wants a single value where JSON would also hold a list.
func one(then check) check {
	return func(v *strictjson.Value, p place) string {
		if v.Kind() == strictjson.KindArray {
			return "is a list, there can be one only"
		}
		return then(v, p)
	}
}

func hasType(want ...string) check {
	return func(v *strictjson.Value, _ place) string {
		list := v.List()
		for _, item := range list {
			if s, ok := item.Text(); !ok || s == "" {
				return "holds something that is no name of a type"
			}
		}
		if len(list) == 0 {
			return "is empty"
		}
		if len(want) == 0 {
			return ""
		}
		for _, item := range list {
			for _, w := range want {
				if s, _ := item.Text(); s == w {
					return ""
				}
			}
		}
		return "does not hold " + strings.Join(want, " or ")
	}
}

// among wants one of the names that a vocabulary has, or one with the prefix
// for names of one's own.
func among(valid func(string) bool) check {
	return func(v *strictjson.Value, p place) string {
		if why := isString(v, p); why != "" {
			return why
		}
		if s, _ := v.Text(); !valid(s) {
			return "is not one of the standard's names, and does not begin with ext:"
		}
		return ""
	}
}

func all(checks ...check) check {
	return func(v *strictjson.Value, p place) string {
		for _, c := range checks {
			if why := c(v, p); why != "" {
				return why
			}
		}
		return ""
	}
}
