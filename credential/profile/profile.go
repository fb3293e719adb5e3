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
	Message  string      // what is wrong, in English
	Next     string      // how to mend it, in English
	Said     *Sentence   // Message, to be said in any language
	Mend     *Sentence   // Next, the same; nil without one
	Section  string      // of the specification that says so
	Refused  Validators  // who else would refuse the document for this, as far as it is known here
}

// RuleSet is the rules of one standard.
type RuleSet struct {
	Name  string
	rules []rule
	root  *step
}

// step is a place that paths of rules lead to or through. All rules walk a
// document together, so that it is walked once.
type step struct {
	name  string
	rules []int // that look at this place, by their number in the set
	next  []*step
}

func newRuleSet(name string, rules []rule) RuleSet {
	root := &step{}
	for i, r := range rules {
		at := root
		for _, name := range r.path {
			n := slices.IndexFunc(at.next, func(s *step) bool { return s.name == name })
			if n < 0 {
				n = len(at.next)
				at.next = append(at.next, &step{name: name})
			}
			at = at.next[n]
		}
		at.rules = append(at.rules, i)
	}
	return RuleSet{name, rules, root}
}

// rule looks at one place of a document: select picks the values, check says
// what is wrong with one, nil for nothing.
type rule struct {
	id       string
	severity Severity
	path     []string // member names from the root, "*" for each item of a list
	check    check
	next     *Sentence
	code     reason.Code // empty: malformed/data-model
}

// place is what a check may look at beside the value.
type place struct {
	root   *strictjson.Value
	parent *strictjson.Value
}

const maxFindings = 1000

// Standards are the rule sets of all standards, made once to be used on many
// documents. They are immutable.
type Standards struct {
	vcdm11, vcdm20, openBadges30, endorsement30, record20, presentation RuleSet

	model map[string]class
}

// NewStandards returns the rule sets.
func NewStandards() *Standards {
	return &Standards{VCDM11(), VCDM20(), OpenBadges30(), Endorsement30(), LearnerRecord20(), Presentation(), model()}
}

// Model returns the rules of the data model that a credential follows.
func (s *Standards) Model(c *credential.Credential) RuleSet {
	if c.Version() == credential.V1 {
		return s.vcdm11
	}
	return s.vcdm20
}

// Vocabulary returns the rules for what a credential says in the terms of
// another standard, of which it claims to be: those of Open Badges 3.0, of the
// Comprehensive Learner Record 2.0, or none.
func (s *Standards) Vocabulary(c *credential.Credential) []RuleSet {
	switch {
	case openbadge.IsBadge(c):
		return []RuleSet{s.openBadges30}
	case c.HasType(typeRecord):
		return []RuleSet{s.record20}
	case c.HasType(typeEndorsement):
		return []RuleSet{s.endorsement30}
	}
	return nil
}

// Presentation returns the rules for presentations.
func (s *Standards) Presentation() RuleSet { return s.presentation }

// For returns all rule sets that a credential claims to follow.
func (s *Standards) For(c *credential.Credential) []RuleSet {
	return append([]RuleSet{s.Model(c)}, s.Vocabulary(c)...)
}

// For returns the rule sets that a credential claims to follow. Who has many
// keeps Standards.
func For(c *credential.Credential) []RuleSet { return NewStandards().For(c) }

// Check holds a document against rule sets. The findings are ordered by
// severity and place, at most a thousand; there are none for a document that
// follows all rules. What is no object follows none.
func Check(doc *strictjson.Value, sets ...RuleSet) []Finding {
	if doc.Kind() != strictjson.KindObject {
		return []Finding{Finding{Rule: "object", Code: reason.MalformedNotObject}.Saying(notA(doc, wantObject), give(wantJSONObject))}
	}
	var out []Finding
	for _, set := range sets {
		w := walk{rules: set.rules, root: doc, item: make([]int, 0, 8)}
		w.run(set.root, doc, nil)
		for _, found := range w.found {
			out = append(out, found[:min(len(found), maxFindings-len(out))]...)
		}
	}
	return sorted(out)
}

// walk is the rules of a set on their way through a document.
type walk struct {
	rules []rule
	root  *strictjson.Value
	found [][]Finding // by rule, nil when there are none
	item  []int       // by step of the path: the index of the item, or -1
}

// run looks at what is at a step, and walks on. The last name of a path is
// looked at even if it is absent, so that a rule can require it.
func (w *walk) run(s *step, v, parent *strictjson.Value) {
	for _, i := range s.rules {
		if said := w.rules[i].check(v, place{w.root, parent}); said != nil {
			w.add(i, said)
		}
	}
	w.item = append(w.item, -1)
	last := len(w.item) - 1
	for _, next := range s.next {
		switch {
		case next.name == "*":
			isArray := v.Kind() == strictjson.KindArray
			for i, item := range v.List() {
				if isArray {
					w.item[last] = i
				}
				w.run(next, item, parent)
			}
			w.item[last] = -1
		case v.Kind() == strictjson.KindObject:
			// Below something that is absent or no object there is nothing to
			// look at: that it is there is another rule's.
			w.run(next, v.Get(next.name), v)
		}
	}
	w.item = w.item[:last]
}

// add notes what rule i found where the walk is.
func (w *walk) add(i int, said *Sentence) {
	if w.found == nil {
		w.found = make([][]Finding, len(w.rules))
	}
	if r := &w.rules[i]; len(w.found[i]) < maxFindings {
		w.found[i] = append(w.found[i], Finding{
			Rule: r.id, Severity: r.severity, Code: cmp.Or(r.code, reason.MalformedModel), At: w.at(r.path), Section: sectionOfRule(r.id),
		}.Saying(said, r.next))
	}
}

// at writes out where the walk is.
func (w *walk) at(path []string) string {
	out := ""
	for n, name := range path {
		switch {
		case name != "*":
			out = strictjson.Pointer(out, name)
		case w.item[n] >= 0:
			out = strictjson.Pointer(out, strconv.Itoa(w.item[n]))
		}
	}
	return out
}

// Err returns the first Error among findings, nil if there is none. It is a
// reason.Error with the finding's code and place, and wraps a *Refusal.
func Err(findings []Finding) error {
	for _, f := range findings {
		if f.Severity == Error {
			return reason.Wrap(f.Code, f.At, &Refusal{f})
		}
	}
	return nil
}

// Refuse returns an error with a code and a place that says a sentence, so that it can be
// said in any language: a reason.Error that wraps a *Refusal.
func Refuse(code reason.Code, at string, said *Sentence) error {
	return reason.Wrap(code, at, &Refusal{Finding{Severity: Error, Code: code, At: at}.Saying(said, nil)})
}

// Refusal is the finding for which a document was refused. As an error it says
// what is wrong.
type Refusal struct{ Finding Finding }

// Error returns the finding's message.
func (r *Refusal) Error() string { return r.Finding.Message }
