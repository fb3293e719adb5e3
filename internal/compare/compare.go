package compare

import (
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Document is one of the two.
type Document struct {
	Value    *strictjson.Value // without what secures it
	Status   *strictjson.Value // what a token says of its status beside that, nil for nothing
	Type     string            // a type that says how the token is written, and not what it says; empty for none
	Withheld int               // how much its holder does not show
}

// Outcome is what became of one member. The zero value says that nobody knows.
type Outcome uint8

// The outcomes.
const (
	Unknown    Outcome = iota // it cannot be told: see Row.Why
	Same                      // both say the same
	Differs                   // both say something, and not the same
	OnlyFirst                 // the second says nothing of it
	OnlySecond                // the first says nothing of it
)

// String returns "unknown", "same", "differs", "only-first" or "only-second".
func (o Outcome) String() string {
	switch o {
	case Same:
		return "same"
	case Differs:
		return "differs"
	case OnlyFirst:
		return "only-first"
	case OnlySecond:
		return "only-second"
	}
	return "unknown"
}

// MarshalText writes the outcome as String does.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Why it cannot be told whether a member is the same.
const (
	Withheld = "withheld" // its holder may keep it back in the other
	Salted   = "salted"   // both are hashes, with other salts or by other rules
)

// Row is one member of either document.
type Row struct {
	Member  string  `json:"member"` // by the names of the data model and of Open Badges, such as "credentialSubject.achievement.name"
	Outcome Outcome `json:"outcome"`
	Why     string  `json:"why,omitempty"` // of Unknown
	First   *Side   `json:"first,omitempty"`
	Second  *Side   `json:"second,omitempty"`
}

// Side is what one document says.
type Side struct {
	At       string `json:"at"`    // JSON pointer in the document that was compared
	Value    string `json:"value"` // shortened where it is long
	Language string `json:"language,omitempty"`
}

// Result is what came of it.
type Result struct {
	// Outcome is the worst of all rows: Same, Unknown or Differs.
	Outcome Outcome `json:"outcome"`
	// SameCredential is the rule of Open Badges 3.0 for equality: see
	// credential.Identity.
	SameCredential bool `json:"sameCredential"`
	// Newer says which of two editions of one credential is in force from later,
	// and so replaces the other: "first", "second" or "".
	Newer string `json:"newer,omitempty"`
	Rows  []Row  `json:"rows"` // in the order of the first, then what only the second has
}

// Count returns how many rows have an outcome.
func (r Result) Count(o Outcome) int {
	n := 0
	for _, row := range r.Rows {
		if row.Outcome == o {
			n++
		}
	}
	return n
}

// Documents compares two documents.
func Documents(first, second Document) Result {
	one, other := factsOf(first), factsOf(second)
	pairs := matched(one, other)
	out := Result{Rows: []Row{}}
	taken := map[int]bool{}
	for n, f := range one {
		k, ok := pairs[n]
		row := Row{Member: f.name, First: f.side()}
		switch {
		case ok:
			taken[k] = true
			row.Second = other[k].side()
			row.Outcome, row.Why = judge(f, other[k])
		case second.Withheld > 0:
			row.Outcome, row.Why = Unknown, Withheld
		default:
			row.Outcome = OnlyFirst
		}
		out.Rows = append(out.Rows, row)
	}
	for k, f := range other {
		if taken[k] {
			continue
		}
		row := Row{Member: f.name, Second: f.side(), Outcome: OnlySecond}
		if first.Withheld > 0 {
			row.Outcome, row.Why = Unknown, Withheld
		}
		out.Rows = append(out.Rows, row)
	}
	out.conclude(first.Value, second.Value)
	return out
}

func (f fact) side() *Side {
	shown := f.shown
	if shown == "" {
		shown = f.value
	}
	return &Side{At: f.at, Value: short(shown), Language: f.language}
}

// matched returns which fact of the second document is to be held against which
// of the first: that of the same name and language, and where one of the two
// does not say the language, one of the same text, else the only one.
func matched(one, other []fact) map[int]int {
	type key struct {
		name, language, value string
		said                  bool // in which language it is
	}
	out := map[int]int{}
	taken := map[int]bool{}
	// Each pass is one walk over both: a name may be there in thousands of languages.
	pass := func(wanted, offered func(f fact) key) {
		by := map[key][]int{}
		for k, g := range other {
			if !taken[k] {
				by[offered(g)] = append(by[offered(g)], k)
			}
		}
		for n, f := range one {
			if _, ok := out[n]; ok {
				continue
			}
			if left := by[wanted(f)]; len(left) > 0 {
				out[n], taken[left[0]] = left[0], true
				by[wanted(f)] = left[1:]
			}
		}
	}
	inLanguage := func(f fact) key { return key{name: f.name, language: f.language} }
	pass(inLanguage, inLanguage)
	pass(func(f fact) key { return key{name: f.name, value: f.value, said: f.language == ""} },
		func(g fact) key { return key{name: g.name, value: g.value, said: g.language != ""} })
	pass(func(f fact) key { return key{name: f.name, said: f.language == ""} },
		func(g fact) key { return key{name: g.name, said: g.language != ""} })
	return out
}

// judge says whether two facts are one.
func judge(f, g fact) (o Outcome, why string) {
	if f.identity == nil || g.identity == nil {
		if f.value == g.value {
			return Same, ""
		}
		return Differs, ""
	}
	a, b := *f.identity, *g.identity
	switch {
	case !a.Hashed && b.Hashed:
		a, b = b, a
		fallthrough
	case a.Hashed && !b.Hashed:
		switch {
		case a.Matches(b.IdentityHash):
			return Same, ""
		case algorithm(a.IdentityHash) != "sha256" && algorithm(a.IdentityHash) != "md5":
			return Unknown, Salted // which Matches does not know
		}
		return Differs, ""
	case a.IdentityHash == b.IdentityHash && (!a.Hashed || a.Salt == b.Salt):
		return Same, ""
	case a.Hashed && (a.Salt != b.Salt || algorithm(a.IdentityHash) != algorithm(b.IdentityHash)):
		return Unknown, Salted
	case a.Hashed && strings.EqualFold(a.IdentityHash, b.IdentityHash):
		return Same, ""
	}
	return Differs, ""
}

func algorithm(hash string) string {
	name, _, _ := strings.Cut(hash, "$")
	return name
}

// conclude works out what holds of the whole.
func (r *Result) conclude(first, second *strictjson.Value) {
	r.Outcome = Same
	for _, row := range r.Rows {
		switch row.Outcome {
		case Same:
		case Unknown:
			if r.Outcome == Same {
				r.Outcome = Unknown
			}
		default:
			r.Outcome = Differs
		}
	}
	if len(r.Rows) == 0 {
		r.Outcome = Unknown // nothing was compared
	}
	r.SameCredential = identity(first).Same(identity(second))
	if !r.SameCredential {
		return
	}
	from, otherFrom := begins(first), begins(second)
	switch {
	case from.IsZero() || otherFrom.IsZero():
	case from.After(otherFrom):
		r.Newer = "first"
	case otherFrom.After(from):
		r.Newer = "second"
	}
}

func identity(v *strictjson.Value) credential.Identity {
	return credential.IdentityOf(credential.ID(v.Get("issuer")), credential.ID(v))
}

// begins returns from when a credential is in force.
func begins(v *strictjson.Value) time.Time {
	for _, name := range []string{"validFrom", "issuanceDate"} {
		if t, err := credential.Time(v.Get(name)); err == nil {
			return t
		}
	}
	return time.Time{}
}
