package formats

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

func contextCanceled(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

// TestCorpusELMO reads the example that the authors of ELMO publish.
func TestCorpusELMO(t *testing.T) {
	t.Parallel()
	raw := testcorpus.Read(t, "catalogue", "elmo-1.5-example.xml")
	tr, problems, err := ReadELMO(t.Context(), raw, Limits{})
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
	b, err := Read(t.Context(), raw, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, "corpus", b)
	for _, o := range b.Offers {
		if strings.Contains(o.Title.In("en"), "Compiler") {
			t.Error("a result became an offer")
		}
	}
}

// seeds are the sources whose names end so.
func seeds(f *testing.F, endings ...string) {
	f.Helper()
	names, err := filepath.Glob("testdata/in/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		for _, ending := range endings {
			if strings.HasSuffix(name, ending) {
				raw, err := os.ReadFile(name)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(raw)
			}
		}
	}
}

// fuzz reads whatever comes as one format, and checks what holds for every
// batch.
func fuzz(f *testing.F, read func(*reader) error) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := readAs(t, raw, read)
		if err != nil {
			return
		}
		sound(t, "fuzz", b)
		again, err := readAs(t, raw, read)
		if err != nil || !bytes.Equal(indented(t, b), indented(t, again)) {
			t.Errorf("a second import differs: %v", err)
		}
	})
}

func readAs(t *testing.T, raw []byte, read func(*reader) error) (Batch, error) {
	r, err := newReader(t.Context(), raw, Options{Limits: Limits{MaxBytes: 1 << 20}})
	if err == nil {
		err = read(r)
	}
	if err == nil {
		err = r.finish()
	}
	if err != nil {
		return Batch{}, err
	}
	return r.batch, nil
}

func FuzzRead(f *testing.F) {
	seeds(f, "html", "json", "jsonl", "xml", "csv")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := Read(t.Context(), raw, Options{Limits: Limits{MaxBytes: 1 << 20}}); err == nil {
			sound(t, "fuzz", b)
		}
	})
}

func FuzzPage(f *testing.F)  { seeds(f, "html"); fuzz(f, (*reader).readPage) }
func FuzzJSON(f *testing.F)  { seeds(f, "json"); fuzz(f, (*reader).readJSON) }
func FuzzLines(f *testing.F) { seeds(f, "jsonl"); fuzz(f, (*reader).readLines) }
func FuzzCSV(f *testing.F)   { seeds(f, "csv"); fuzz(f, (*reader).readCSV) }

func FuzzELMO(f *testing.F) {
	seeds(f, "xml")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := readAs(t, raw, (*reader).readELMO); err == nil {
			sound(t, "fuzz", b)
		}
		tr, _, err := ReadELMO(t.Context(), raw, Limits{MaxBytes: 1 << 20})
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

// BenchmarkRead reads 26,000 offers in each of the formats that hold lists.
func BenchmarkRead(b *testing.B) {
	const n = 26_000
	var table, lines, graph bytes.Buffer
	table.WriteString("kode;tittel;beskrivelse;leverandør;form;språk;startdato;timer;pris;studiepoeng\n")
	lines.WriteString(`{"provider":{"id":"did:web:p.example","name":{"nb":"P"}}}` + "\n")
	graph.WriteString(`{"@context":"https://schema.org","@graph":[{"@type":"Organization","@id":"did:web:p.example","name":"P"}`)
	text := strings.Repeat("Et kurs som handler om noe. ", 20)
	for i := range n {
		fmt.Fprintf(&table, "K-%d;Kurs %d;\"%s\";P;nett;nb;17.08.2027;40;kr 4 900,-;7,5\n", i, i, text)
		fmt.Fprintf(&lines, `{"offer":{"id":"K-%d","provider":"did:web:p.example","title":{"nb":"Kurs %d"},"description":{"nb":"%s"},"mode":"online","languages":["nb"],"runs":[{"start":"2027-08-17"}],"workload":"PT40H","price":{"amount":4900,"currency":"NOK"}}}`+"\n", i, i, text)
		fmt.Fprintf(&graph, `,{"@type":"Course","identifier":"K-%d","name":"Kurs %d","description":"%s","provider":{"@id":"did:web:p.example"},"inLanguage":"nb","offers":{"price":"kr 4 900,-"},"hasCourseInstance":{"courseMode":"online","startDate":"2027-08-17","courseWorkload":"PT40H"}}`, i, i, text)
	}
	graph.WriteString("]}")
	for _, c := range []struct {
		name string
		raw  []byte
	}{{"csv", table.Bytes()}, {"jsonl", lines.Bytes()}, {"schema.org", graph.Bytes()}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.raw)))
			b.ReportAllocs()
			for b.Loop() {
				if batch, err := Read(b.Context(), c.raw, Options{}); err != nil || len(batch.Offers) != n {
					b.Fatal(len(batch.Offers), err)
				}
			}
		})
	}
}
