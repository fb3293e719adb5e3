package graph

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
)

// What each source gives stands with package formats, whose sources these are.

func read(t testing.TB, raw []byte, by func(*intake.Reader) error) (intake.Batch, error) {
	r, err := intake.New(t.Context(), raw, intake.Options{Limits: intake.Limits{MaxBytes: 1 << 20}})
	if err == nil {
		err = by(r)
	}
	if err == nil {
		err = r.Finish()
	}
	if err != nil {
		return intake.Batch{}, err
	}
	return r.Batch, nil
}

// fuzz reads whatever comes, and checks what holds for every batch.
func fuzz(f *testing.F, ending string, by func(*intake.Reader) error) {
	names, err := filepath.Glob("../testdata/in/*")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, ending) {
			raw, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := read(t, raw, by)
		if err != nil {
			return
		}
		refs, ids := map[string]bool{}, map[string]bool{}
		for _, p := range b.Providers {
			if err := p.Check(); err != nil || ids[p.ID] {
				t.Errorf("%s: %v", p.ID, err)
			}
			ids[p.ID] = true
		}
		for _, o := range b.Offers {
			if err := o.Check(); err != nil || refs[o.Ref()] || !ids[o.Provider] {
				t.Errorf("%s: %v", o.Ref(), err)
			}
			refs[o.Ref()] = true
		}
		if again, err := read(t, raw, by); err != nil || !reflect.DeepEqual(b, again) {
			t.Errorf("a second import differs: %v", err)
		}
	})
}

func FuzzPage(f *testing.F) { fuzz(f, "html", Page) }
func FuzzJSON(f *testing.F) { fuzz(f, "json", JSON) }
