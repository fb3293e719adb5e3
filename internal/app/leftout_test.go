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
		lost + "x": "",
		"":         "",
	} {
		if got := leftOutKind([]byte(text)); got != want {
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
		"e/same.json": `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"schema":"bevis.convert/v1","lost":[]}`,
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
	got, sum := run(VerifyRequest{LeaveOut: true})
	if !strings.HasPrefix(got, others) || sum.Total != 3 || len(sum.LeftOut) != 2 || sum.Class() != reason.Invalid ||
		sum.LeftOut[0] != (ResultLeftOut{filepath.Join(folder, "a", "result.csv"), LeftOutResults}) || sum.LeftOut[1].Kind != LeftOutResults {
		t.Errorf("%s %+v", got, sum)
	}
	got, sum = run(VerifyRequest{})
	if want := "a/result.csv malformed/json\nb/long.csv resource_limit/size\n" + others; !strings.HasPrefix(got, want) || sum.Total != 5 || len(sum.LeftOut) != 0 {
		t.Errorf("%s %+v", got, sum)
	}
}
