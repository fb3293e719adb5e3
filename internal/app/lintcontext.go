package app

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// lintContext looks at a JSON-LD context for the mistakes that make a document
// mean something else, or nothing, and that its author does not see: keywords
// without their @, prefixes that are not defined, hosts that are misspelt.
func lintContext(c suites.Context) CredentialLint {
	out := CredentialLint{Input: c.URL, Form: "context", Findings: []profile.Finding{}, Validators: []ValidatorSays{}}
	doc, err := strictjson.ParseObject(c.Bytes, strictjson.Limits{})
	if err != nil {
		out.Err = err
		return out
	}
	if k := doc.Get("@context").Kind(); k != strictjson.KindObject && k != strictjson.KindArray {
		out.Findings = append(out.Findings, profile.Finding{Rule: "context/none", Code: reason.UnsafeContext, At: "/@context", Section: "JSON-LD 1.1, section 9.15"}.
			Saying(saidNoContext.With(), mendContextFile.With()))
		return out
	}
	l := contextLint{prefixes: map[string]bool{}, hosts: map[string]int{}}
	l.contexts(doc.Get("@context"), "/@context", (*contextLint).collect)
	l.contexts(doc.Get("@context"), "/@context", (*contextLint).judge)
	out.Findings = append(out.Findings, l.found...)
	return out
}

type contextLint struct {
	prefixes map[string]bool // terms that are defined anywhere in it
	hosts    map[string]int  // how often an IRI is at a host
	found    []profile.Finding
}

func (l *contextLint) add(severity profile.Severity, rule, at string, said, mend *profile.Sentence, refused profile.Validators) {
	l.found = append(l.found, profile.Finding{Rule: "context/" + rule, Severity: severity, Code: reason.UnsafeContext, At: at,
		Section: "JSON-LD 1.1, section 9.15", Refused: refused}.Saying(said, mend))
}

// contexts visits the term definitions of a context and of those in it. What
// stands beside them as a keyword is not one.
func (l *contextLint) contexts(v *strictjson.Value, at string, visit func(l *contextLint, term string, v *strictjson.Value, at string)) {
	isArray := v.Kind() == strictjson.KindArray
	for i, one := range v.List() {
		place := at
		if isArray {
			place = strictjson.Pointer(at, strconv.Itoa(i))
		}
		for _, m := range one.Members() {
			if strings.HasPrefix(m.Name, "@") {
				continue
			}
			here := strictjson.Pointer(place, m.Name)
			visit(l, m.Name, m.Value, here)
			for _, name := range []string{"@context", "context"} { // the second is a mistake, and holds others
				l.contexts(m.Value.Get(name), strictjson.Pointer(here, name), visit)
			}
		}
	}
}

// iri returns what a term stands for, as it is written.
func iri(v *strictjson.Value) string {
	if s, ok := v.Text(); ok {
		return s
	}
	s, _ := v.Get("@id").Text()
	return s
}

func (l *contextLint) collect(term string, v *strictjson.Value, _ string) {
	l.prefixes[term] = true
	if u, err := url.Parse(iri(v)); err == nil && u.Host != "" {
		l.hosts[u.Host]++
	}
}

func (l *contextLint) judge(term string, v *strictjson.Value, at string) {
	keywords := []string{"context", "id", "type", "container", "language", "direction", "index", "nest", "prefix", "propagate", "protected", "reverse"}
	for _, m := range v.Members() {
		switch {
		case slices.Contains(keywords, m.Name):
			l.add(profile.Error, "keyword", strictjson.Pointer(at, m.Name), saidKeyword.With(term), mendKeyword.With(m.Name), profile.SafeMode)
		case !strings.HasPrefix(m.Name, "@"):
			l.add(profile.Error, "keyword", strictjson.Pointer(at, m.Name), saidNoKeyword.With(term), mendNoKeyword.With(), profile.SafeMode)
		}
	}
	kind, _ := v.Get("@type").Text()
	for _, name := range []string{iri(v), kind} {
		prefix, rest, ok := strings.Cut(name, ":")
		if ok && !strings.HasPrefix(rest, "//") && slices.Contains([]string{"xsd", "rdf", "rdfs", "schema", "sec", "skos", "dcterms", "owl"}, prefix) && !l.prefixes[prefix] {
			l.add(profile.Warning, "prefix", at, saidPrefix.With(prefix, name), mendPrefix.With(), 0)
		}
	}
	u, err := url.Parse(iri(v))
	if err != nil || u.Host == "" {
		return
	}
	for host, n := range l.hosts {
		if n > 2*l.hosts[u.Host] && distance(host, u.Host) <= 2 {
			l.add(profile.Warning, "host", at, saidHost.With(u.Host, strconv.Itoa(n), host), mendHost.With(host), 0)
			return
		}
	}
}

// distance is how many letters must be put in, left out or changed to make one
// short text of another.
func distance(a, b string) int {
	if len(a) > 255 || len(b) > 255 {
		return len(a) + len(b)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			same := before
			if a[i] != b[j] {
				same++
			}
			before = row[j+1]
			row[j+1] = min(same, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
