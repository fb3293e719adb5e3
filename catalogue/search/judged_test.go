package search_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/search"
	examples "github.com/kompetansebevis/bevis/examples/catalogue"
)

func lines[T any](t testing.TB, name string) (out []T) {
	t.Helper()
	data, err := fs.ReadFile(examples.Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		var x T
		if err := json.Unmarshal(line, &x); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

// example returns the listings of examples/catalogue and the labels of its
// skills.
func example(t testing.TB) ([]catalogue.Listing, func(string) []string) {
	t.Helper()
	providers := map[string]catalogue.Provider{}
	for _, p := range lines[catalogue.Provider](t, "providers.jsonl") {
		providers[p.ID] = p
	}
	var listings []catalogue.Listing
	for _, o := range lines[catalogue.Offer](t, "offers.jsonl") {
		listings = append(listings, catalogue.Listing{Offer: o, Provider: providers[o.Provider]})
	}
	labels := map[string][]string{}
	type entry struct {
		Skill struct {
			URI    string
			Labels catalogue.Texts
			Alt    map[string][]string
		}
	}
	for _, e := range lines[entry](t, "vocabulary.jsonl") {
		for _, l := range []string{"nb", "nn", "en"} {
			if s := e.Skill.Labels[l]; s != "" {
				labels[e.Skill.URI] = append(labels[e.Skill.URI], s)
			}
		}
		for _, l := range []string{"nb", "nn", "en"} {
			labels[e.Skill.URI] = append(labels[e.Skill.URI], e.Skill.Alt[l]...)
		}
	}
	return listings, func(uri string) []string { return labels[uri] }
}

// TestJudged: nDCG@10 over queries that somebody judged without knowing how
// they are searched for. The floor lies a little under what is reached.
func TestJudged(t *testing.T) {
	t.Parallel()
	const floor = 0.5
	data, err := os.ReadFile("testdata/judged.tsv")
	if err != nil {
		t.Fatal(err)
	}
	grades := map[string]map[string]int{}
	language := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 4 {
			t.Fatalf("%q", line)
		}
		if grades[f[0]] == nil {
			grades[f[0]] = map[string]int{}
		}
		language[f[0]] = f[1]
		if grades[f[0]][f[2]], err = strconv.Atoi(f[3]); err != nil {
			t.Fatal(err)
		}
	}
	listings, labels := example(t)
	for name, labels := range map[string]func(string) []string{"without labels": nil, "with labels": labels} {
		x, err := search.New(t.Context(), listings, search.Config{Labels: labels})
		if err != nil {
			t.Fatal(err)
		}
		type row struct {
			query string
			ndcg  float64
		}
		var all []row
		mean := 0.0
		by := map[string][]float64{}
		for query, want := range grades {
			r, err := x.Search(t.Context(), catalogue.Query{Text: query, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			got := 0.0
			for i, h := range r.Hits {
				got += (math.Exp2(float64(want[h.Offer.Ref()])) - 1) / math.Log2(float64(i+2))
			}
			ideal := []int{}
			for _, g := range want {
				ideal = append(ideal, g)
			}
			slices.SortFunc(ideal, func(a, b int) int { return b - a })
			best := 0.0
			for i, g := range ideal[:min(10, len(ideal))] {
				best += (math.Exp2(float64(g)) - 1) / math.Log2(float64(i+2))
			}
			all = append(all, row{query, got / best})
			by[language[query]] = append(by[language[query]], got/best)
			mean += got / best / float64(len(grades))
		}
		slices.SortFunc(all, func(a, b row) int { return cmp.Or(cmp.Compare(a.ndcg, b.ndcg), strings.Compare(a.query, b.query)) })
		t.Logf("%s: nDCG@10 %.3f over %d queries", name, mean, len(all))
		for _, l := range []string{"nb", "nn", "en"} {
			sum := 0.0
			for _, v := range by[l] {
				sum += v
			}
			t.Logf("  %s %.3f of %d", l, sum/float64(len(by[l])), len(by[l]))
		}
		for _, r := range all {
			if r.ndcg < .7 {
				t.Logf("  %.3f %s", r.ndcg, r.query)
			}
		}
		if mean < floor {
			t.Errorf("%s: %.3f, the floor is %.3f", name, mean, floor)
		}
	}
}
