package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestLeftOutKind: what bevis itself writes is told by what stands in it, to the
// letter.
func TestLeftOutKind(t *testing.T) {
	t.Parallel()
	const lost = `{"schema":"bevis.convert/v1","from":"ob3","to":"elm","sourceSecured":true,"lost":[]}`
	const (
		one   = `{"input":"a.json","verdict":"invalid","reason":"no_proof","judgedAt":"2026-06-01T12:00:00Z","checks":[{"id":"proof","outcome":"fail"}]}`
		head  = `{"schema":"bevis.verify/v1","run":"x"}` + "\n"
		foot  = `{"schema":"bevis.verify/v1","summary":{"total":1,"verdicts":{"invalid":1},"complete":true}}` + "\n"
		lines = one + "\n" + one + "\n" + foot
		whole = `{"schema":"bevis.verify/v1","results":[` + one + `],"summary":{"total":1,"verdicts":{"invalid":1},"complete":true}}` + "\n"
		page  = `<!DOCTYPE html>
<html lang="nb">
<head>
<meta charset="utf-8">
<meta name="generator" content="bevis.verify/v1">
<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-gHye1BokJkLHw0Xzh/0ABusLWaOUNqW0&#43;IfxYmpzlH0=&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">
<title>a</title>
</head>
<body>
<p>{&#34;proof&#34;:{}}</p>
</body>
</html>
`
	)
	for text, want := range map[string]string{
		"line;outcome;id;file\n2;issued;urn:uuid:1;1.json\n":            LeftOutResults,
		"line;outcome;id;file\n":                                        LeftOutResults,
		"line;outcome;id;file;name;email;recipient\n":                   LeftOutResults,
		"line;outcome;id;ob3\n":                                         LeftOutResults,
		"line;outcome;id;ob3;vc-jwt;vc+cose;pdf;name;email;recipient\n": LeftOutResults,
		"line;outcome;id;file":                                          "",
		"line;outcome;id\n":                                             "",
		"line;outcome;id;name;email;recipient\n":                        "",
		"line;outcome;id;file;ob3\n":                                    "",
		"line;outcome;id;ob3;ob3\n":                                     "",
		"line;outcome;id;ob3;papyrus\n":                                 "",
		"line;outcome;id;file;name;email\n":                             "",
		"line;outcome;id;file;\n":                                       "",
		"line,outcome,id,file\n":                                        "",
		"\ufeffline;outcome;id;file\n":                                  "",
		"Line;outcome;id;file\n":                                        "",
		"line;outcome;id;file\r\n":                                      "",
		"\nline;outcome;id;file\n":                                      "",
		strings.Repeat(" ", tableHead) + "line;outcome;id;file\n":       "",
		lost:                                 LeftOutConversion,
		strings.Replace(lost, "v1", "v2", 1): "",
		strings.Replace(lost, `"lost":[]`, `"lost":[],"document":{}`, 1):     "",
		strings.Replace(lost, `"lost":[]`, `"lost":[],"type":["Badge"]`, 1):  "",
		strings.Replace(lost, `,"lost":[]`, "", 1):                           "",
		strings.Replace(lost, `"to"`, `"schema":"bevis.convert/v1","to"`, 1): "",
		lost + "x":                             "",
		whole:                                  LeftOutReport,
		strings.ReplaceAll(whole, ",", ",\n "): LeftOutReport,
		`{"schema":"bevis.verify/v1","results":[],"summary":{}}`: LeftOutReport,
		lines:             LeftOutReport,
		head + lines:      LeftOutReport,
		head + one + "\n": LeftOutReport,
		head:              LeftOutReport,
		foot:              LeftOutReport,
		strings.Join(ReportColumns(), ",") + "\r\nx\r\n": LeftOutReport,
		page: LeftOutReport,
		ReportHead + "\n\n✓ GYLDIG  a.json\n  {\"a\"\n":               "",
		ReportHead + "\n\n✓ GYLDIG  a.json\n  Utsteder  {x}\n\n· b\n": LeftOutReport,
		ReportHead + "\n\n":                                    LeftOutReport,
		ReportHead + "\n":                                      "",
		ReportHead + "\r\n\r\n✓\r\n":                           "",
		"\ufeff" + ReportHead + "\n\n✓\n":                      "",
		strings.Replace(ReportHead, "v1", "v2", 1) + "\n\n✓\n": "",
		ReportHead + "\n\n" + one + "\n":                       "",
		ReportHead + "\n\n✓\n[" + one + "]":                    "",
		ReportHead + "\n\n✓\n<svg/>\n":                         "",
		ReportHead + "\n\n✓\neyJhbGciOiJFZERTQSJ9.e30.AA\n":    "",
		ReportHead + "\n\n✓\n  eyJhbGciOiJFZERTQSJ9.e30.AA~\n": "",
		ReportHead + "\n\n%PDF-1.7\n":                          "",
		ReportHead + "\n\n✓\n BEVIS1:6BF\n":                    "",
		ReportHead + "\n\n✓\x00\n":                             "",
		ReportHead + "\n\n✓\u2028{}\n":                         "",
		ReportHead + "\n\n\x89PNG\n":                           "",
		ReportHead + "\n\n\t{}\n":                              "",
		ReportHead + "\n\n`{}`\n":                              "",
		"✓ GYLDIG  a.json\n" + ReportHead + "\n\n✓\n":          "",
		// A credential that is dressed as a report is none.
		strings.Replace(whole, `,"summary"`, `,"proof":{},"summary"`, 1):                                        "",
		strings.Replace(whole, `{"schema"`, `{"@context":["https://www.w3.org/ns/credentials/v2"],"schema"`, 1): "",
		strings.Replace(whole, `"checks"`, `"proof":{},"checks"`, 1):                                            "",
		strings.Replace(whole, `"checks"`, `"verifiableCredential":[],"checks"`, 1):                             "",
		strings.Replace(whole, `"checks"`, `"claims":{"proof":{}},"checks"`, 1):                                 "",
		strings.Replace(whole, `"checks"`, `"credentials":[{"@context":[]}],"checks"`, 1):                       "",
		strings.Replace(whole, `"schema"`, `"schema":"bevis.verify/v1","schema"`, 1):                            "",
		strings.Replace(whole, "v1", "v2", 1):                                                                   "",
		`{"results":[],"schema":"bevis.verify/v1","summary":{}}`:                                                "",
		`{"schema":"bevis.verify/v1","summary":{},"results":[]}`:                                                "",
		whole + whole:                                          "",
		whole + `{"@context":[],"proof":{}}`:                   "",
		lines + `{"@context":[],"proof":{}}`:                   "",
		`{"@context":[],"proof":{}}` + "\n" + lines:            "",
		head + `{"@context":[],"proof":{}}`:                    "",
		head + "\n" + one:                                      "",
		one + "\n" + foot + one + "\n":                         "",
		one + "\n" + one + "\n":                                "",
		one:                                                    "",
		strings.Join(ReportColumns(), ",") + "\nx\n":           "",
		strings.Join(ReportColumns(), ";") + "\r\n":            "",
		"\ufeff" + strings.Join(ReportColumns(), ",") + "\r\n": "",
		strings.Join(ReportColumns()[1:], ",") + "\r\n":        "",
		strings.Replace(page, "<p>", `<script type="application/vc">{}</script><p>`, 1):     "",
		strings.Replace(page, "<p>", "<!-- {} --><p>", 1):                                   "",
		strings.Replace(page, "<p>", `<img alt="" src="data:image/png;base64,AA=="><p>`, 1): "",
		strings.Replace(page, "<p>", `<a href="https://a.example"><p>`, 1):                  "",
		strings.Replace(page, "<p>", `<p onclick="x">`, 1):                                  "",
		strings.Replace(page, "<p>", `<p style="x">`, 1):                                    "",
		strings.Replace(page, "<p>", `<meta http-equiv="refresh" content="0;x"><p>`, 1):     "",
		strings.Replace(page, "<p>", "<p", 1):                                               "",
		strings.Replace(page, "<p>", "<<p>script>", 1):                                      "",
		strings.Replace(page, "<p>", "<svg><p>", 1):                                         "",
		strings.Replace(page, "form-action &#39;none&#39;", "img-src data:", 1):             "",
		strings.Replace(page, "v1", "v2", 1):                                                "",
		"\n" + page:                                                                         "",
		"":                                                                                  "",
	} {
		if got := leftOutKind([]byte(text), true); got != want {
			t.Errorf("%.80q is %q, want %q", text, got, want)
		}
	}
}

// TestLeftOut: what is left out is named in the summary and changes nothing else;
// all other files are judged, whatever they are called.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	long := "line;outcome;id;file\n" + strings.Repeat("2;issued;urn:uuid:1;1.json\n", maxInput/25)
	for name, text := range map[string]string{
		"a/result.csv": "line;outcome;id;file\n", "b/long.csv": long, "c/result.csv": "line;outcome;id\n", "d/long.csv": "x" + long,
		"f/dressed.json": `{"schema":"bevis.verify/v1","@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"results":[],"summary":{}}`,
		"g/long.json":    `{"schema":"bevis.verify/v1","results":[],"summary":{}}` + strings.Repeat(" ", maxInput),
		"e/same.json":    `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"schema":"bevis.convert/v1","lost":[]}`,
	} {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := bulkApp(t)
	run := func(r VerifyRequest) (got string, sum VerifySummary) {
		sum, err := a.VerifyEach(t.Context(), r, a.Sources(context.Background(), []string{folder}, nil), func(one VerifyResult) error {
			name, err := filepath.Rel(folder, one.Input)
			got += filepath.ToSlash(name) + " " + one.Reason + "\n"
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return got, sum
	}
	const others = "c/result.csv malformed/json\nd/long.csv resource_limit/size\ne/same.json "
	const behind = "g/long.json resource_limit/size\n" // which may be another behind what was looked at
	got, sum := run(VerifyRequest{LeaveOut: true})
	if !strings.HasPrefix(got, others) || !strings.HasSuffix(got, behind) || sum.Total != 5 || len(sum.LeftOut) != 2 || sum.Class() != reason.Invalid ||
		sum.LeftOut[0] != (ResultLeftOut{filepath.Join(folder, "a", "result.csv"), LeftOutResults}) || sum.LeftOut[1].Kind != LeftOutResults {
		t.Errorf("%s %+v", got, sum)
	}
	got, sum = run(VerifyRequest{})
	if want := "a/result.csv malformed/json\nb/long.csv resource_limit/size\n" + others; !strings.HasPrefix(got, want) || sum.Total != 7 || len(sum.LeftOut) != 0 {
		t.Errorf("%s %+v", got, sum)
	}
}
