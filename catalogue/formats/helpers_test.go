package formats

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
)

func contextCanceled(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
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
func fuzz(f *testing.F, read func(*intake.Reader) error) {
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

func readAs(t *testing.T, raw []byte, read func(*intake.Reader) error) (Batch, error) {
	r, err := intake.New(t.Context(), raw, Options{Limits: Limits{MaxBytes: 1 << 20}})
	if err == nil {
		err = read(r)
	}
	if err == nil {
		err = r.Finish()
	}
	if err != nil {
		return Batch{}, err
	}
	return r.Batch, nil
}

func FuzzRead(f *testing.F) {
	seeds(f, "html", "json", "jsonl", "xml", "csv")
	f.Fuzz(func(t *testing.T, raw []byte) {
		if b, err := Read(t.Context(), raw, Options{Limits: Limits{MaxBytes: 1 << 20}}); err == nil {
			sound(t, "fuzz", b)
		}
	})
}

func FuzzLines(f *testing.F) {
	seeds(f, "jsonl")
	fuzz(f, func(in *intake.Reader) error { return reader{in}.readLines() })
}
func FuzzCSV(f *testing.F) {
	seeds(f, "csv")
	fuzz(f, func(in *intake.Reader) error { return reader{in}.readCSV() })
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
