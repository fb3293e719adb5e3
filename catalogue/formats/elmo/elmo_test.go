package elmo

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

var update = flag.Bool("update", false, "write what is read to testdata")

// input is the transcript among the sources of package formats.
func input(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../testdata/in/11-vitnemal.xml")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func indented(t testing.TB, v any) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as before (go test -update writes it):\n%s", name, got)
	}
}

// offered is what a catalogue takes from a file.
func offered(t testing.TB, raw []byte) (intake.Batch, error) {
	t.Helper()
	r, err := intake.New(t.Context(), raw, intake.Options{Limits: intake.Limits{MaxBytes: 1 << 20}})
	if err == nil {
		err = Offers(r)
	}
	if err == nil {
		err = r.Finish()
	}
	if err != nil {
		return intake.Batch{}, err
	}
	return r.Batch, nil
}

func TestTranscript(t *testing.T) {
	t.Parallel()
	raw := input(t)
	tr, problems, err := Read(t.Context(), raw, intake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	got := indented(t, struct {
		Transcript Transcript
		Problems   []intake.Problem
	}{tr, problems})
	golden(t, "transcript.json", got)
	for _, secret := range []string{"Personsen", "Prøve\"", "1990", "01019012345"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("%q of the learner is in it", secret)
		}
	}
	b, err := offered(t, raw)
	if err != nil || len(b.Offers) != 1 || b.Offers[0].ID != "GEO400" {
		t.Errorf("what is offered: %v %s", err, indented(t, b))
	}
}

// TestCorpusELMO reads the example that the authors of ELMO publish.
func TestCorpusELMO(t *testing.T) {
	t.Parallel()
	raw := testcorpus.Read(t, "catalogue", "elmo-1.5-example.xml")
	tr, problems, err := Read(t.Context(), raw, intake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	// One element specifies one result; the learner of the example is Wojciech.
	if want := bytes.Count(raw, []byte("<learningOpportunitySpecification>")); len(tr.Results) != want {
		t.Errorf("%d results of %d", len(tr.Results), want)
	}
	out := indented(t, tr)
	for _, secret := range []string{"Wojciech", "Rygielski", "83041200000", "1983-04-12"} {
		if bytes.Contains(out, []byte(secret)) {
			t.Errorf("%q of the learner is in it", secret)
		}
	}
	found := map[string]Result{}
	for i, r := range tr.Results {
		found[r.ID+r.Title.In("en")] = r
		if r.Parent >= i || r.Parent < -1 {
			t.Errorf("result %d is part of %d", i, r.Parent)
		}
	}
	if r := found["1000-217bMRJCompiler construction"]; r.Grade != "45.1" || r.Date != "2015-03-17" || r.Credits == nil || *r.Credits != (catalogue.Credits{Value: 6, Scheme: "ECTS"}) ||
		r.Level.EQF != 5 || r.Level.ISCEDF != "0612" || r.GradeScheme["en"] == "" || r.Language != "pl" || r.Status != "passed" {
		t.Errorf("%+v", r)
	}
	if _, ok := found["The importance of <br> in HTML"]; !ok {
		t.Error("a title that only looks like HTML was read as HTML")
	}
	if tr.Issuers[0].ID != "https://uw.edu.pl" || tr.Issuers[0].Country != "PL" {
		t.Errorf("%+v", tr.Issuers)
	}
	for _, p := range problems {
		t.Logf("%+v", p)
	}
	b, err := offered(t, raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range b.Offers {
		if strings.Contains(o.Title.In("en"), "Compiler") {
			t.Error("a result became an offer")
		}
	}
}

func FuzzELMO(f *testing.F) {
	f.Add(input(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := offered(t, raw); err == nil {
			for _, o := range b.Offers {
				if err := o.Check(); err != nil {
					t.Error(err)
				}
			}
		}
		tr, _, err := Read(t.Context(), raw, intake.Limits{MaxBytes: 1 << 20})
		if err != nil {
			return
		}
		for i, r := range tr.Results {
			if r.Parent >= i || r.Parent < -1 || r.Title.In() == "" {
				t.Errorf("%+v", r)
			}
		}
	})
}
