package jsonld

import (
	"math"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// checkForm refuses what the same RDF could be written with in another way.
func checkForm(doc *strictjson.Value) error {
	id, _ := doc.Get("id").Text()
	return checkObject(doc, "", id, true)
}

func checkObject(v *strictjson.Value, at, rootID string, root bool) error {
	switch v.Kind() {
	case strictjson.KindNull:
		return reason.New("unsigned_data/null", at, "a null value would not be signed")
	case strictjson.KindNumber:
		return checkNumber(v, at)
	case strictjson.KindArray:
		for i, item := range v.Items() {
			if err := checkObject(item, strictjson.Pointer(at, strconv.Itoa(i)), rootID, false); err != nil {
				return err
			}
		}
	case strictjson.KindObject:
		return checkMembers(v, at, rootID, root)
	}
	return nil
}

func checkMembers(v *strictjson.Value, at, rootID string, root bool) error {
	if id, ok := v.Get("id").Text(); ok {
		if strings.HasPrefix(id, "_:") {
			return reason.New("unsigned_data/blank-id", strictjson.Pointer(at, "id"), "an id that begins with _: names nothing outside and would not be signed as it stands")
		}
		if !root && id == rootID && id != "" && len(v.Without("id", "type").Members()) > 0 {
			return reason.New("unsigned_data/ambiguous-node", at, "this object has the id of the whole document, so its members could stand there as well")
		}
	}
	isValue := v.Get("@value") != nil
	for _, m := range v.Members() {
		place := strictjson.Pointer(at, m.Name)
		switch {
		case m.Name == "@context":
			continue
		case isValue && (m.Name == "@value" || m.Name == "@language"):
			s, ok := m.Value.Text()
			if !ok || m.Name == "@language" && !languageTag(s) {
				return reason.New("unsigned_data/language", place, "a text with a language is two strings, the second a language tag")
			}
			continue
		case m.Name == "@direction":
			return reason.New("unsigned_data/direction", place, "a text direction would not be signed")
		case strings.HasPrefix(m.Name, "@"):
			return reason.New("unsigned_data/keyword", place, "a member that looks like a JSON-LD keyword would not be signed as it stands")
		case strings.Contains(m.Name, ":"):
			return reason.New("unsigned_data/expanded-name", place, "a member named by an IRI hides from readers of the JSON what it says: use the term")
		}
		if m.Name == "verifiableCredential" {
			for i, part := range m.Value.Items() {
				if part.Kind() == strictjson.KindArray {
					return reason.New("unsigned_data/dropped", strictjson.Pointer(place, strconv.Itoa(i)), "an array of credentials in an array would be signed as if its items stood alone")
				}
			}
		}
		// A part of a presentation is a document of its own.
		if root && m.Name == "verifiableCredential" && holdsCredentials(v) {
			for i, part := range m.Value.List() {
				if err := place2(strictjson.Pointer(place, strconv.Itoa(i)), checkForm(part)); err != nil {
					return err
				}
			}
			continue
		}
		if err := checkObject(m.Value, place, rootID, false); err != nil {
			return err
		}
	}
	return nil
}

func place2(at string, err error) error {
	if err == nil {
		return nil
	}
	return under(at, err)
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

// checkNumber refuses numbers whose RDF form is another number: the canonical
// xsd:double has 16 digits, and a double may need 17.
func checkNumber(v *strictjson.Value, at string) error {
	f, ok := v.Float()
	if ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return nil
	}
	back, err := strconv.ParseFloat(canonicalDouble(f), 64)
	if !ok || err != nil || back != f {
		return reason.New("unsigned_data/number", at, "the number would be signed with fewer digits than it has")
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
