package app

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/internal/papercode"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/unseen"
)

// ReportColumns are the names of the columns of a report as a table.
func ReportColumns() []string {
	return []string{"input", "verdict", "exit_code", "code", "message", "next", "kind", "form", "carrier", "judged_at",
		"issuer_id", "issuer_name", "issuer_claims_name", "trusted_by", "holder", "subject", "achievement", "achievement_type",
		"credits", "results", "valid_from", "valid_until", "status", "status_as_of", "display_warnings", "credentials", "remarks"}
}

// ReportGenerator is what a report that is a page says of who wrote it.
const ReportGenerator = VerifySchema

// ReportHead is the first line of a report as text, and an empty one is the second.
// It is the same in each language.
const ReportHead = "bevis verify [" + VerifySchema + "]"

// isReportText reports whether a file is a report as text: it begins as one does, and
// what follows are lines for people. No line of it begins as a credential could, in
// whatever form: with a bracket, a quotation mark, a token or the mark of a format that
// is read behind other text, here or elsewhere.
func isReportText(raw []byte) bool {
	rest, ok := bytes.CutPrefix(raw, []byte(ReportHead+"\n\n"))
	if !ok || !utf8.Valid(rest) {
		return false
	}
	for line := range strings.Lines(string(rest)) {
		line = strings.TrimSuffix(line, "\n")
		if strings.ContainsFunc(line, unseen.Is) {
			return false
		}
		line = strings.TrimLeft(line, " ")
		if strings.HasPrefix(line, "eyJ") || strings.HasPrefix(line, "%PDF-") || strings.HasPrefix(line, papercode.Mark) || line != "" && strings.ContainsRune("{[<\"'`", rune(line[0])) {
			return false
		}
	}
	return true
}

// isReportTable reports whether a line, without its end, is the first of a report
// as a table.
func isReportTable(line string) bool {
	return line == strings.Join(ReportColumns(), ",")+"\r"
}

// isReport reports whether a file is a report of a verification in JSON, whole or by
// lines, or one that can be resumed: what is written there, each member of a name
// that such a report has, and nothing else. So there is no place in it for a proof
// or a context, and nobody who reads credentials finds one in it.
func isReport(raw []byte) bool {
	if !bytes.Contains(raw, []byte(VerifySchema)) {
		return false
	}
	if isReportLine[VerifyResults](raw, "schema", "results", "summary") {
		return true
	}
	rest, known := bytes.TrimSuffix(raw, []byte("\n")), false
	if first, after, _ := bytes.Cut(rest, []byte("\n")); isReportLine[reportHead](first, "schema", "run") {
		rest, known = after, true
	}
	if last := bytes.LastIndexByte(rest, '\n'); isReportLine[reportFoot](rest[last+1:], "schema", "summary") {
		rest, known = rest[:max(last, 0)], true
	}
	for line := range bytes.Lines(rest) {
		if known = known && isReportLine[VerifyResult](line); !known {
			return false
		}
	}
	return known
}

// reportFoot is the last line of a report by lines.
type reportFoot struct {
	Schema  string        `json:"schema"`
	Summary VerifySummary `json:"summary"`
}

// isReportLine reports whether text is one JSON object with exactly the members
// named, in that order and of our schema, or, where none is named, with those that
// each result has; and holds nothing that T has no place for.
func isReportLine[T any](text []byte, members ...string) bool {
	v, err := strictjson.ParseObject(text, strictjson.Limits{MaxBytes: maxInput, MaxValues: 1 << 20})
	if err != nil {
		return false
	}
	var names []string
	for _, m := range v.Members() {
		names = append(names, m.Name)
	}
	if len(members) > 0 {
		if schema, _ := v.Get("schema").Text(); schema != VerifySchema || !slices.Equal(names, members) {
			return false
		}
	} else if v.Get("verdict") == nil || v.Get("reason") == nil || v.Get("judgedAt") == nil || v.Get("checks") == nil {
		return false
	}
	var into T
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(&into) == nil
}

// isReportPage reports whether a file is a report as a page: it says so, and is
// made of nothing but what such a page is made of. That is text: no script, picture,
// link or comment that could hold a credential, and nothing that a browser loads.
func isReportPage(raw []byte) bool {
	if !bytes.Contains(raw[:min(len(raw), tableHead)], []byte(`"`+ReportGenerator+`"`)) {
		return false
	}
	head := regexp.MustCompile(`^<!DOCTYPE html>\n<html lang="[a-z]{2}">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="` +
		regexp.QuoteMeta(ReportGenerator) + `">\n<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; ` +
		`style-src &#39;sha256-[A-Za-z0-9/=&#;]+&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">\n`)
	tag := regexp.MustCompile(`</?(?:article|bdi|body|code|d[dlt]|details|div|h[123]|head|header|html|li|main|meta|p|pre|section|small|span|strong|style|summary|` +
		`table|tbody|t[dhr]|thead|title|ul)(?: (?:aria-hidden|class|content|lang|name|role|scope|tabindex)="[^"<>]*")*>`)
	begins := head.FindIndex(raw)
	return begins != nil && bytes.IndexByte(tag.ReplaceAllLiteral(raw[begins[1]:], nil), '<') < 0
}
