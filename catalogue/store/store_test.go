package store_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/catalogue/store"
	examples "github.com/kompetansebevis/bevis/examples/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

func open(t *testing.T, folder string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), folder, store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("memory", func(t *testing.T) {
		bevistest.TestCatalogue(t, func(*testing.T) catalogue.Store { return store.Memory(store.Config{}) })
	})
	t.Run("folder", func(t *testing.T) {
		bevistest.TestCatalogue(t, func(t *testing.T) catalogue.Store { return open(t, t.TempDir()) })
	})
	t.Run("folder seen by another", func(t *testing.T) {
		bevistest.TestCatalogue(t, func(t *testing.T) catalogue.Store {
			folder := t.TempDir()
			return two{open(t, folder), open(t, folder)}
		})
	})
}

// two writes through one store and reads through another.
type two struct {
	*store.Store
	reads *store.Store
}

func (s two) Get(ctx context.Context, ref string) (catalogue.Listing, error) {
	return s.reads.Get(ctx, ref)
}
func (s two) Search(ctx context.Context, q catalogue.Query) (catalogue.Results, error) {
	return s.reads.Search(ctx, q)
}
func (s two) Each(ctx context.Context, f func(catalogue.Listing) error) error {
	return s.reads.Each(ctx, f)
}

const provider = `{"id":"did:web:a.example","name":{"nb":"A"}}`

func offer(id string) string {
	return fmt.Sprintf(`{"id":%q,"provider":"did:web:a.example","title":{"nb":"Kurs %s"}}`, id, id)
}

func fill(t *testing.T, files map[string]string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestDamage: a line that cannot be read is named, and nothing is written over
// it.
func TestDamage(t *testing.T) {
	t.Parallel()
	good := offer("a") + "\n\n" + offer("b") + "\n"
	for name, c := range map[string]struct {
		file, text, at string
		code           reason.Code
	}{
		"cut off":          {"offers.jsonl", good + offer("c")[:20], "offers.jsonl:4/provider", reason.MalformedJSON},
		"member twice":     {"offers.jsonl", good + `{"id":"c","id":"d"}`, "offers.jsonl:4/id", reason.MalformedDuplicateMember},
		"member of nobody": {"offers.jsonl", good + `{"id":"c","provider":"did:web:a.example","title":{"nb":"x"},"shoeSize":4}` + "\n" + offer("e"), "offers.jsonl:4", reason.MalformedModel},
		"wrong type":       {"offers.jsonl", `{"id":7}`, "offers.jsonl:1", reason.MalformedModel},
		"no object":        {"offers.jsonl", good + `[]`, "offers.jsonl:4", reason.MalformedNotObject},
		"no offer":         {"offers.jsonl", good + `{"id":"c","provider":"did:web:a.example"}`, "offers.jsonl:4/title", "offer_invalid/title"},
		"offer twice":      {"offers.jsonl", good + offer("a"), "offers.jsonl:4", "conflict/duplicate"},
		"no provider":      {"offers.jsonl", good + strings.Replace(offer("c"), "a.example", "c.example", 1), "offers.jsonl:4", "offer_invalid/provider"},
		"long line":        {"offers.jsonl", good + strings.Repeat(" ", 1<<20) + offer("c"), "offers.jsonl:4", reason.LimitSize},
		"not UTF-8":        {"offers.jsonl", good + "\"\xff\"", "offers.jsonl:4", reason.MalformedUTF8},
		"provider":         {"providers.jsonl", provider + "\n" + provider, "providers.jsonl:2", "conflict/duplicate"},
		"provider's name":  {"providers.jsonl", `{"id":"x"}`, "providers.jsonl:1/name", "offer_invalid/provider"},
		"standing":         {"standings.jsonl", `{"reviews":1}`, "standings.jsonl:1/ref", "conflict/duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := map[string]string{"offers.jsonl": good, "providers.jsonl": provider + "\n", "standings.jsonl": ""}
			folder := fill(t, whole)
			s := open(t, folder)
			path := filepath.Join(folder, c.file)
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, opened := store.Open(t.Context(), folder, store.Config{})
			_, put := s.Put(t.Context(), nil, []catalogue.Offer{{ID: "z", Provider: "did:web:a.example", Title: catalogue.Texts{"nb": "z"}}})
			for did, err := range map[string]error{"open": opened, "put": put} {
				if at := strings.TrimPrefix(reason.AtOf(err), folder+string(filepath.Separator)); reason.CodeOf(err) != c.code || at != c.at {
					t.Errorf("%s: %s at %s, want %s at %s (%v)", did, reason.CodeOf(err), at, c.code, c.at, err)
				}
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != c.text {
				t.Errorf("the file was changed: %q %v", text, err)
			}
		})
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	if _, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "none"), store.Config{}); reason.CodeOf(err) != reason.IO {
		t.Error(err)
	}
	folder := fill(t, map[string]string{"offers.jsonl": offer("b") + "\r\n" + offer("a"), "providers.jsonl": provider})
	s := open(t, folder)
	if err := s.Rate(t.Context(), map[string]catalogue.Standing{"did:web:a.example#a": {Reviews: 7, Lower: 4, Mean: 4.5}}); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(filepath.Join(folder, "offers.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	same := catalogue.Offer{ID: "a", Provider: "did:web:a.example", Title: catalogue.Texts{"nb": "Kurs a"}}
	if c, err := s.Put(t.Context(), nil, []catalogue.Offer{same}); err != nil || c.Same != 1 {
		t.Error(c, err)
	}
	if after, err := os.Stat(filepath.Join(folder, "offers.jsonl")); err != nil || !os.SameFile(before, after) {
		t.Error("what was there already was written", err)
	}
	same.Workload = "PT2H"
	if c, err := s.Put(t.Context(), nil, []catalogue.Offer{same}); err != nil || c.Changed != 1 {
		t.Error(c, err)
	}
	text, err := os.ReadFile(filepath.Join(folder, "offers.jsonl"))
	if want := `{"id":"a","provider":"did:web:a.example","title":{"nb":"Kurs a"},"workload":"PT2H"}` + "\n" + offer("b") + "\n"; err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
	if l, err := open(t, folder).Get(t.Context(), "a"); err != nil || l.Standing.Reviews != 7 || l.Offer.Workload != "PT2H" {
		t.Error(l, err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 4 {
		t.Error(entries, err)
	}
}

// TestExample: the example catalogue is a folder that opens as it is, and that
// says the same after it was put into another.
func TestExample(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range []string{"providers.jsonl", "offers.jsonl"} {
		text, err := fs.ReadFile(examples.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	first, second := open(t, fill(t, files)), open(t, t.TempDir())
	n := 0
	if err := first.Each(t.Context(), func(l catalogue.Listing) error {
		n++
		_, err := second.Put(t.Context(), []catalogue.Provider{l.Provider}, []catalogue.Offer{l.Offer})
		return err
	}); err != nil || n < 60 {
		t.Fatal(n, err)
	}
	for _, text := range []string{"", "sveising", "first aid", "rekneskap"} {
		a, errA := first.Search(t.Context(), catalogue.Query{Text: text})
		b, errB := second.Search(t.Context(), catalogue.Query{Text: text})
		if errA != nil || errB != nil || a.Total == 0 || !reflect.DeepEqual(a, b) {
			t.Errorf("%q: %d and %d, %v %v", text, a.Total, b.Total, errA, errB)
		}
	}
}

// TestProcesses has several processes put offers into one folder at once.
func TestProcesses(t *testing.T) {
	const writers, each = 4, 15
	if folder := os.Getenv("BEVIS_TEST_FOLDER"); folder != "" {
		s := open(t, folder)
		for n := range each {
			o := catalogue.Offer{ID: fmt.Sprintf("%s-%d", os.Getenv("BEVIS_TEST_WRITER"), n), Provider: "did:web:a.example", Title: catalogue.Texts{"nb": "x"}}
			if _, err := s.Put(t.Context(), nil, []catalogue.Offer{o}); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	folder := fill(t, map[string]string{"providers.jsonl": provider})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			c := exec.Command(program, "-test.run", "^TestProcesses$")
			c.Env = append(os.Environ(), "BEVIS_TEST_FOLDER="+folder, fmt.Sprintf("BEVIS_TEST_WRITER=%d", w))
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	wg.Wait()
	if r, err := open(t, folder).Search(t.Context(), catalogue.Query{}); err != nil || r.Total != writers*each {
		t.Error(r.Total, err)
	}
}

// TestLabels: skills are found by what they are called.
func TestLabels(t *testing.T) {
	t.Parallel()
	s := store.Memory(store.Config{Search: search.Config{Labels: func(uri string) []string { return []string{"buesveising"} }}})
	_, err := s.Put(t.Context(), []catalogue.Provider{{ID: "a", Name: catalogue.Texts{"nb": "A"}}},
		[]catalogue.Offer{{ID: "1", Provider: "a", Title: catalogue.Texts{"nb": "Metall"}, Outcomes: []catalogue.Outcome{{Skill: "urn:x"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := s.Search(t.Context(), catalogue.Query{Text: "buesveising"}); err != nil || r.Total != 1 {
		t.Error(r.Total, err)
	}
}

func FuzzOpen(f *testing.F) {
	for _, s := range []string{"", offer("a"), offer("a") + "\n" + offer("a"), offer("a") + "\n\n" + offer("b"), "{}\n[", "\xff", `{"id":"a","provider":"did:web:a.example","title":{"nb":"x"},"price":{"amount":1e400}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		folder := fill(t, map[string]string{"offers.jsonl": text, "providers.jsonl": provider})
		s, err := store.Open(t.Context(), folder, store.Config{})
		if err != nil {
			if reason.CodeOf(err) == reason.Internal {
				t.Error(err)
			}
			return
		}
		// What can be read can be written, and then read again.
		o := catalogue.Offer{ID: "zzz", Provider: "did:web:a.example", Title: catalogue.Texts{"nb": "z"}}
		if _, err := s.Put(t.Context(), nil, []catalogue.Offer{o}); err != nil {
			t.Fatal(err)
		}
		if _, err := open(t, folder).Search(t.Context(), catalogue.Query{Text: "kurs"}); err != nil {
			t.Error(err)
		}
	})
}
