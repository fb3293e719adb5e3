package profile

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Severity is how much a finding weighs. The zero value is Error.
type Severity uint8

// The severities.
const (
	Error   Severity = iota // the standard forbids it
	Warning                 // the standard advises against it
	Hint                    // it would help other programs
)

// String returns "error", "warning" or "hint".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "hint"
	}
}

// Finding is a place where a document is not as a rule wants it.
type Finding struct {
	Rule     string // stable, such as "ob3/achievement-criteria"
	Severity Severity
	Code     reason.Code // malformed/…, what an Error is refused with
	At       string      // JSON pointer
	Message  string      // what is wrong
	Next     string      // how to mend it
}

// RuleSet is the rules of one standard.
type RuleSet struct {
	Name  string
	rules []rule
}

// rule looks at one place of a document: select picks the values, check says
// what is wrong with one, empty for nothing.
type rule struct {
	id       string
	severity Severity
	path     []string // member names from the root, "*" for each item of a list
	check    func(v *strictjson.Value, p place) string
	next     string
	code     reason.Code // empty: malformed/data-model
}

// place is what a check may look at beside the value.
type place struct {
	root   *strictjson.Value
	parent *strictjson.Value
	at     string
}

const maxFindings = 1000

// For returns the rule sets that a credential claims to follow.
func For(c *credential.Credential) []RuleSet {
	var out []RuleSet
	if c.Version() == credential.V1 {
		out = append(out, VCDM11())
	} else {
		out = append(out, VCDM20())
	}
	if openbadge.IsBadge(c) {
		out = append(out, OpenBadges30())
	}
	return out
}

// Check holds a document against rule sets. The findings are ordered by
// severity and place, at most a thousand; there are none for a document that
// follows all rules. What is no object follows none.
func Check(doc *strictjson.Value, sets ...RuleSet) []Finding {
	if doc.Kind() != strictjson.KindObject {
		return []Finding{{Rule: "object", Code: reason.MalformedNotObject, Message: "is " + doc.Kind().String() + ", not an object", Next: "give a JSON object"}}
	}
	var out []Finding
	for _, set := range sets {
		for _, r := range set.rules {
			r.run(doc, doc, place{root: doc}, r.path, &out)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.At, b.At))
	})
	return out
}

// run walks down the path. The last name is looked at even if it is absent,
// so that a rule can require it.
func (r rule) run(root, v *strictjson.Value, p place, path []string, out *[]Finding) {
	if len(*out) >= maxFindings {
		return
	}
	if len(path) == 0 {
		if message := r.check(v, p); message != "" {
			code := r.code
			if code == "" {
				code = reason.MalformedModel
			}
			*out = append(*out, Finding{Rule: r.id, Severity: r.severity, Code: code, At: p.at, Message: message, Next: r.next})
		}
		return
	}
	if path[0] == "*" {
		items := v.List()
		for i, item := range items {
			at := p.at
			if v.Kind() == strictjson.KindArray {
				at = strictjson.Pointer(at, strconv.Itoa(i))
			}
			r.run(root, item, place{root, p.parent, at}, path[1:], out)
		}
		return
	}
	// Below something that is absent or no object there is nothing to look
	// at: that it is there is another rule's.
	if v.Kind() != strictjson.KindObject {
		return
	}
	r.run(root, v.Get(path[0]), place{root, v, strictjson.Pointer(p.at, path[0])}, path[1:], out)
}

// Err returns the first Error among findings, nil if there is none.
func Err(findings []Finding) error {
	for _, f := range findings {
		if f.Severity == Error {
			return reason.New(f.Code, f.At, "%s", f.Message)
		}
	}
	return nil
}
