// Command catalogue measures the catalogue's store and search on offers made
// of the English texts of ESCO:
//
//	go run ./bench/catalogue ../shared/corpus/catalogue/esco-v1.1.1-en-csv.zip
//
// and, where BEVIS_POSTGRES has the address of an empty database, PostgreSQL
// beside it (bench/catalogue/postgres.sh go run ./bench/catalogue …).
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/store"
	"github.com/kompetansebevis/bevis/catalogue/store/postgres"
)

const (
	wanted  = 26_000 // offers
	perKind = 100    // queries
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./bench/catalogue esco-v1.1.1-en-csv.zip")
		os.Exit(2)
	}
	if err := run(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string) error {
	all, err := concepts(path)
	if err != nil {
		return err
	}
	providers, offers := generate(all, wanted)
	asked := queries(all, perKind)
	fmt.Printf("%d offers of %d providers, %d queries, %s/%s, %d CPUs\n", len(offers), len(providers), perKind*len(asked), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if err := folder(ctx, providers, offers, asked); err != nil {
		return err
	}
	if err := growth(ctx); err != nil {
		return err
	}
	dsn := os.Getenv("BEVIS_POSTGRES")
	if dsn == "" {
		fmt.Println("\nSKIP PostgreSQL: no database (BEVIS_POSTGRES)")
		return nil
	}
	return database(ctx, dsn, providers, offers, asked)
}

// took prints how long f takes.
func took(what string, f func() error) error {
	start := time.Now()
	err := f()
	fmt.Printf("%-44s %9.0f ms\n", what, float64(time.Since(start).Microseconds())/1000)
	return err
}

func folder(ctx context.Context, providers []catalogue.Provider, offers []catalogue.Offer, asked map[string][]string) error {
	dir, err := os.MkdirTemp("", "bevis-catalogue")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("\nembedded store")
	s, err := store.Open(ctx, dir, store.Config{})
	if err != nil {
		return err
	}
	put := func() error { _, err := s.Put(ctx, providers, offers); return err }
	if err := errors.Join(took("Put, first", put), took("Put, the same again", put)); err != nil {
		return err
	}
	one := slices.Clone(offers[:1])
	one[0].Workload = "PT7H"
	if err := took("Put, one changed", func() error { _, err := s.Put(ctx, nil, one); return err }); err != nil {
		return err
	}
	if info, err := os.Stat(filepath.Join(dir, "offers.jsonl")); err == nil {
		fmt.Printf("%-44s %9.1f MB\n", "offers.jsonl", float64(info.Size())/1e6)
	}
	if err := took("Open", func() error { s, err = store.Open(ctx, dir, store.Config{}); return err }); err != nil {
		return err
	}
	if err := took("first search, which makes the index", func() error { _, err := s.Search(ctx, catalogue.Query{Text: "welding"}); return err }); err != nil {
		return err
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	fmt.Printf("%-44s %9.0f MB\n", "heap in use, the offers made here included", float64(memory.HeapInuse)/1e6)
	return searches(ctx, s, asked)
}

// searches prints how long queries of each kind take.
func searches(ctx context.Context, s catalogue.Store, asked map[string][]string) error {
	var all []float64
	fmt.Printf("%-20s %7s %9s %9s %9s %9s\n", "search, ms", "queries", "p50", "p95", "max", "found")
	row := func(name string, times []float64, found int) {
		sort.Float64s(times)
		fmt.Printf("%-20s %7d %9.2f %9.2f %9.2f %9d\n", name, len(times), times[len(times)/2], times[len(times)*95/100], times[len(times)-1], found/len(times))
	}
	kinds := []string{"name", "one word", "typing error", "letter left out", "beginning", "sentence", "with conditions", "no text"}
	total := 0
	for _, kind := range kinds {
		texts, q := asked[kind], catalogue.Query{}
		switch kind {
		case "with conditions":
			texts, q = asked["name"], catalogue.Query{Place: "oslo", Modes: []catalogue.Mode{catalogue.Online}, MaxPrice: &catalogue.Price{Amount: 5000, Currency: "NOK"}, StartFrom: "2027-03-01"}
		case "no text":
			texts = make([]string, perKind)
		}
		var times []float64
		found := 0
		for _, text := range texts {
			q.Text = text
			start := time.Now()
			r, err := s.Search(ctx, q)
			if err != nil {
				return err
			}
			times = append(times, float64(time.Since(start).Microseconds())/1000)
			found += r.Total
		}
		all, total = append(all, times...), total+found
		row(kind, times, found)
	}
	row("all", all, total)
	return nil
}

func database(ctx context.Context, dsn string, providers []catalogue.Provider, offers []catalogue.Offer, asked map[string][]string) error {
	fmt.Println("\nPostgreSQL")
	s, err := postgres.Open(ctx, dsn, postgres.Config{})
	if err != nil {
		return err
	}
	defer s.Close()
	put := func() error { _, err := s.Put(ctx, providers, offers); return err }
	if err := errors.Join(took("Put, first", put), took("Put, the same again", put)); err != nil {
		return err
	}
	return searches(ctx, s, asked)
}

// growth builds a program with and without the packages.
func growth(ctx context.Context) error {
	module, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(string(slices.Clone(module[:len(module)-1])), ".growth")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("\nsize of a program, stripped")
	base := int64(0)
	for _, p := range []struct{ name, imports, use string }{
		{"that reads and writes JSON and the types", `"github.com/kompetansebevis/bevis/catalogue"`, `var q catalogue.Query; d := json.NewDecoder(os.Stdin); fmt.Println(d.Decode(&q), q); var l catalogue.Listing; fmt.Println(d.Decode(&l), json.NewEncoder(os.Stdout).Encode(l), l.Offer.Check())`},
		{"and searches in memory", `"context"; "github.com/kompetansebevis/bevis/catalogue"; "github.com/kompetansebevis/bevis/catalogue/search"`, `var q catalogue.Query; d := json.NewDecoder(os.Stdin); fmt.Println(d.Decode(&q), q); var l catalogue.Listing; fmt.Println(d.Decode(&l), json.NewEncoder(os.Stdout).Encode(l), l.Offer.Check()); x, err := search.New(context.Background(), []catalogue.Listing{l}, search.Config{}); fmt.Println(err); fmt.Println(x.Search(context.Background(), q))`},
		{"and keeps a folder", `"context"; "github.com/kompetansebevis/bevis/catalogue"; "github.com/kompetansebevis/bevis/catalogue/store"`, `var q catalogue.Query; d := json.NewDecoder(os.Stdin); fmt.Println(d.Decode(&q), q); var l catalogue.Listing; fmt.Println(d.Decode(&l), json.NewEncoder(os.Stdout).Encode(l), l.Offer.Check()); s, err := store.Open(context.Background(), "x", store.Config{}); fmt.Println(err); fmt.Println(s.Put(context.Background(), nil, nil)); fmt.Println(s.Search(context.Background(), q))`},
	} {
		source := fmt.Sprintf("package main\n\nimport (\"encoding/json\"; \"fmt\"; \"os\"; %s)\n\nfunc main() { %s }\n", p.imports, p.use)
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o600); err != nil {
			return err
		}
		program := filepath.Join(dir, "program")
		build := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-trimpath", "-o", program, filepath.Join(dir, "main.go"))
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		info, err := os.Stat(program)
		if err != nil {
			return err
		}
		if base == 0 {
			base = info.Size()
		}
		fmt.Printf("%-44s %9.2f MB (+%.2f)\n", p.name, float64(info.Size())/1e6, float64(info.Size()-base)/1e6)
	}
	return nil
}
