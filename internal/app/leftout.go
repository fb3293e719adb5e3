package app

import (
	"bytes"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// What bevis itself writes beside credentials, and what so is no document to be
// judged. It is told by what stands in it, and never by a name, which anybody can
// give to anything.
const (
	LeftOutResults    = "batch-results"     // the table of results of a batch
	LeftOutConversion = "conversion-report" // what a form that nobody signed has lost
	LeftOutReport     = "verify-report"     // what was found out of documents, written by verify
)

// ResultLeftOut is a file that was looked at and is no document to be judged.
type ResultLeftOut struct {
	Input string `json:"input,omitempty"`
	Kind  string `json:"kind"` // one of the constants LeftOut…
}

// tableHead is how much of a file has the names of the columns of a table of
// results in it, whatever forms it has.
const tableHead = 1 << 10

// leftOut tells what of bevis's own an input is, in which no credential was found
// for the reason that is given; empty for any other, and so for all in which there is
// something to judge.
func leftOut(in Input, code reason.Code) string {
	if code.Class() != reason.Unreadable && code != severalInOne {
		return ""
	}
	return leftOutKind(in.beginning(), in.Err == nil)
}

// severalInOne is what is said of lines of JSON that are read as one document.
const severalInOne reason.Code = "malformed/trailing-data"

// leftOutKind tells what of bevis's own a file is that was found to hold no
// credential; empty for any other. Of a table that is too long to be read, its
// beginning is enough: nobody reads a credential out of a table. What is too long
// of anything else could hold one behind that.
func leftOutKind(raw []byte, whole bool) string {
	head, _, ok := bytes.Cut(raw[:min(len(raw), tableHead)], []byte("\n"))
	switch {
	case ok && isResultsHead(string(head)):
		return LeftOutResults
	case ok && isReportTable(string(head)), whole && (isReport(raw) || isReportPage(raw) || isReportText(raw)):
		return LeftOutReport
	case whole && isLostReport(raw):
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
