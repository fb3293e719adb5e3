package jsonld

import (
	"math"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// former walks a document and refuses what the same RDF could be written with
// in another way.
type former struct {
	path
	rootID string
}

func (f *former) document(doc *strictjson.Value) error {
	f.rootID, _ = doc.Get("id").Text()
	return f.members(doc, true)
}

func (f *former) value(v *strictjson.Value) error {
	switch v.Kind() {
	case strictjson.KindNull:
		return f.refuse("unsigned_data/null", "a null value would not be signed")
	case strictjson.KindNumber:
		return f.number(v)
	case strictjson.KindArray:
		for i, item := range v.Items() {
			f.EnterItem(i)
			if err := f.value(item); err != nil {
				return err
			}
			f.Leave()
		}
	case strictjson.KindObject:
		return f.members(v, false)
	}
	return nil
}

func (f *former) members(v *strictjson.Value, root bool) error {
	if id, ok := v.Get("id").Text(); ok {
		if strings.HasPrefix(id, "_:") {
			f.Enter("id")
			return f.refuse("unsigned_data/blank-id", "an id that begins with _: names nothing outside and would not be signed as it stands")
		}
		if !root && id == f.rootID && id != "" && len(v.Without("id", "type").Members()) > 0 {
			return f.refuse("unsigned_data/ambiguous-node", "this object has the id of the whole document, so its members could stand there as well")
		}
	}
	isValue := v.Get("@value") != nil
	for _, m := range v.Members() {
		f.Enter(m.Name)
		if err := f.member(v, m, root, isValue); err != nil {
			return err
		}
		f.Leave()
	}
	return nil
}

func (f *former) member(of *strictjson.Value, m strictjson.Member, root, isValue bool) error {
	switch {
	case m.Name == "@context":
		return nil
	case isValue && (m.Name == "@value" || m.Name == "@language"):
		s, ok := m.Value.Text()
		if !ok || m.Name == "@language" && !languageTag(s) {
			return f.refuse("unsigned_data/language", "a text with a language is two strings, the second a language tag")
		}
		return nil
	case isValue && m.Name == "@direction":
		if s, ok := m.Value.Text(); !ok || s != "ltr" && s != "rtl" {
			return f.refuse("unsigned_data/direction", "a text direction is ltr or rtl")
		}
		return nil
	case isValue && m.Name == "type":
		if s, _ := m.Value.Text(); strings.HasPrefix(s, i18nNS) {
			return f.refuse("unsigned_data/direction", "a text direction is written as @direction, where readers look for it")
		}
	case strings.HasPrefix(m.Name, "@"):
		return f.refuse("unsigned_data/keyword", "a member that looks like a JSON-LD keyword would not be signed as it stands")
	case strings.Contains(m.Name, ":"):
		return f.refuse("unsigned_data/expanded-name", "a member named by an IRI hides from readers of the JSON what it says: use the term")
	case m.Name == "verifiableCredential":
		return f.credentials(m.Value, root && holdsCredentials(of))
	}
	return f.value(m.Value)
}

// credentials looks at what a presentation holds. There each is a document of
// its own, and elsewhere what it is written as.
func (f *former) credentials(v *strictjson.Value, documents bool) error {
	rootID, isArray := f.rootID, v.Kind() == strictjson.KindArray
	for i, part := range v.List() {
		if isArray {
			f.EnterItem(i)
		}
		if err := f.credential(part, documents); err != nil {
			return err
		}
		if isArray {
			f.Leave()
		}
	}
	f.rootID = rootID
	return nil
}

func (f *former) credential(v *strictjson.Value, document bool) error {
	switch {
	case v.Kind() == strictjson.KindArray:
		return f.refuse("unsigned_data/dropped", "an array of credentials in an array would be signed as if its items stood alone")
	case !document:
		return f.value(v)
	case v.Kind() != strictjson.KindObject:
		return f.refuse("unsigned_data/dropped", "a credential is %s, which a JSON-LD presentation cannot hold", v.Kind())
	case v.Get("@context") == nil:
		return f.refuse("unsafe_context/missing", "the credential has no context of its own")
	}
	return f.document(v)
}

// languageTag reports whether s has the form of BCP 47.
func languageTag(s string) bool {
	for i, part := range strings.Split(s, "-") {
		if len(part) < 1 || len(part) > 8 {
			return false
		}
		for _, c := range part {
			letter := c|0x20 >= 'a' && c|0x20 <= 'z'
			if !letter && (i == 0 || c < '0' || c > '9') {
				return false
			}
		}
	}
	return true
}

// number refuses numbers whose RDF form is another number: the canonical
// xsd:double has 16 digits, and a double may need 17.
func (f *former) number(v *strictjson.Value) error {
	n, ok := v.Float()
	if ok && n == math.Trunc(n) && math.Abs(n) < 1<<53 {
		return nil
	}
	back, err := strconv.ParseFloat(canonicalDouble(n), 64)
	if !ok || err != nil || back != n {
		return f.refuse("unsigned_data/number", "the number would be signed with fewer digits than it has")
	}
	return nil
}

// leaves counts the values of a compact document that must come out again:
// scalars, value objects, and objects that are empty.
func leaves(v *strictjson.Value) int {
	switch v.Kind() {
	case strictjson.KindArray:
		n := 0
		for _, item := range v.Items() {
			n += leaves(item)
		}
		return n
	case strictjson.KindObject:
		if v.Get("@value") != nil || len(v.Without("@context").Members()) == 0 {
			return 1
		}
		n := 0
		for _, m := range v.Members() {
			if m.Name != "@context" {
				n += leaves(m.Value)
			}
		}
		return n
	case strictjson.KindNull:
		return 0
	default:
		return 1
	}
}

// expandedLeaves counts the same in the expanded form.
func expandedLeaves(v any) int {
	switch v := v.(type) {
	case []any:
		n := 0
		for _, item := range v {
			n += expandedLeaves(item)
		}
		return n
	case map[string]any:
		if value, ok := v["@value"]; ok {
			if v["@type"] == "@json" {
				return rawLeaves(value)
			}
			return 1
		}
		if len(v) == 0 {
			return 1
		}
		n := 0
		for _, item := range v {
			n += expandedLeaves(item)
		}
		return n
	case nil:
		return 0
	default:
		return 1
	}
}

func rawLeaves(v any) int {
	switch v := v.(type) {
	case []any:
		n := 0
		for _, item := range v {
			n += rawLeaves(item)
		}
		return n
	case map[string]any:
		if _, value := v["@value"]; value || len(v) == 0 {
			return 1
		}
		n := 0
		for _, item := range v {
			n += rawLeaves(item)
		}
		return n
	case nil:
		return 0
	default:
		return 1
	}
}
