package app

import (
	"bytes"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// What bevis itself writes beside credentials, and what so is no document to be
// judged. It is told by what stands in it, and never by a name, which anybody can
// give to anything.
const (
	LeftOutResults    = "batch-results"     // the table of results of a batch
	LeftOutConversion = "conversion-report" // what a form that nobody signed has lost
)

// ResultLeftOut is a file that was looked at and is no document to be judged.
type ResultLeftOut struct {
	Input string `json:"input,omitempty"`
	Kind  string `json:"kind"` // one of the constants LeftOut…
}

// tableHead is how much of a file has the names of the columns of a table of
// results in it, whatever forms it has.
const tableHead = 1 << 10

// leftOutKind tells what of bevis's own a file is that was found to hold no
// credential; empty for any other. Of one that is too long to be read, its
// beginning is enough.
func leftOutKind(raw []byte) string {
	head, _, ok := bytes.Cut(raw[:min(len(raw), tableHead)], []byte("\n"))
	switch {
	case ok && isResultsHead(string(head)):
		return LeftOutResults
	case isLostReport(raw):
		return LeftOutConversion
	}
	return ""
}

// isResultsHead reports whether a line is the first of a table of results, exactly
// as resultsHead makes it.
func isResultsHead(line string) bool {
	head := strings.Split(line, tableComma)
	before, after := resultsHead(nil, false), resultsHead(nil, true)[len(resultsHead(nil, false)):]
	if slices.Equal(head, before) || slices.Equal(head, slices.Concat(before, after)) {
		return true
	}
	before = before[:len(before)-1] // and a column for each form, for that of the file
	if len(head) <= len(before) || !slices.Equal(head[:len(before)], before) {
		return false
	}
	forms := head[len(before):]
	if n := len(forms) - len(after); n > 0 && slices.Equal(forms[n:], after) {
		forms = forms[:n]
	}
	for n, form := range forms {
		if slices.Contains(forms[:n], form) || !slices.Contains(FormNames(), form) && !slices.Contains(SuiteNames(), form) {
			return false
		}
	}
	return true
}

// isLostReport reports whether a file is what stands beside a form that nobody
// signed: a Conversion without its document, and nothing else.
func isLostReport(raw []byte) bool {
	if !bytes.Contains(raw[:min(len(raw), tableHead)], []byte(ConvertSchema)) {
		return false
	}
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return false
	}
	schema, _ := v.Get("schema").Text()
	for _, m := range v.Members() {
		if !slices.Contains([]string{"schema", "input", "from", "to", "sourceSecured", "lost"}, m.Name) {
			return false
		}
	}
	return schema == ConvertSchema && v.Get("lost") != nil
}
