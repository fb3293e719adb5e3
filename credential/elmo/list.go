package elmo

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/tally"
)

// Result is a line of what an ELMO document tells.
type Result struct {
	Part                string // as in Options.Part
	Title, Type         string
	Issuer, Learner     string
	Date, Grade, Status string
}

// List returns the results of a document and their parts, each after the one that
// it is part of, in the first of the languages that there is. Errors are those of
// ToOpenBadge.
func List(raw []byte, languages ...string) ([]Result, error) {
	root, err := read(raw)
	if err != nil {
		return nil, err
	}
	t := toBadge{book: tally.New(root, nil), languages: languages}
	doc := t.book.Root()
	learner := doc.Path("learner")
	who := strings.TrimSpace(content(learner.Get("givenNames")) + " " + content(learner.Get("familyName")))
	var out []Result
	var list func(specs []tally.Node, before, issuer string)
	list = func(specs []tally.Node, before, issuer string) {
		for i, spec := range specs {
			part := before + strconv.Itoa(i+1)
			did := spec.Path("specifies", "learningOpportunityInstance")
			out = append(out, Result{part, t.pick(spec.Get("title")), content(spec.Get("type")), issuer, who, content(did.Get("date")), content(did.Get("resultLabel")), content(did.Get("status"))})
			var parts []tally.Node
			for _, p := range spec.Get("hasPart").List() {
				parts = append(parts, p.Path("learningOpportunitySpecification"))
			}
			list(parts, part+".", issuer)
		}
	}
	n := 0
	for _, report := range doc.Get("report").List() {
		specs := report.Get("learningOpportunitySpecification").List()
		from := len(out)
		list(specs, "", t.pick(report.Path("issuer").Get("title")))
		for i := range out[from:] { // numbers go on from one report to the next
			first, rest, _ := strings.Cut(out[from+i].Part, ".")
			number, _ := strconv.Atoi(first)
			out[from+i].Part = strings.TrimSuffix(strconv.Itoa(number+n)+"."+rest, ".")
		}
		n += len(specs)
	}
	return out, nil
}
