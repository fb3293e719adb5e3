package link_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/catalogue/esco/link"
	"github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/reason"
)

// small is the vocabulary of the tests of package esco.
func small(t testing.TB) *esco.Vocabulary {
	t.Helper()
	raw, err := os.ReadFile("../testdata/small.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	v, err := esco.ReadLines(t.Context(), bytes.NewReader(raw), esco.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const arc = "http://data.europa.eu/esco/skill/27d26fd6-5795-4f0a-884e-112df7c68314"

// TestLink reads sentences of all three languages over a small vocabulary.
func TestLink(t *testing.T) {
	t.Parallel()
	v := small(t)
	l := link.New(v)
	for _, c := range []struct {
		sentence, language, want, evidence string
	}{
		{"Du kan lysbuesveising", "nb", "lysbuesveising", "lysbuesveising"},
		{"Du må kunne sveise", "nb", "bruke sveiseutstyr", "sveise"},
		{"erfaring med buesveising på verft", "nb", "lysbuesveising", "buesveising"},
		{"å lese arbeidsteikningar og skjema", "nn", "lese arbeidstegninger", "lese arbeidsteikningar"},
		{"Reads technical drawings without help", "en", "lese arbeidstegninger", "Reads technical drawings"},
		{"dele ut medisinane til rett tid", "nn", "gi legemidler", "dele ut medisinane"},
		{"administering first aid", "en", "gi førstehjelp", "first aid"},
		{"Kurs i førstehjelp", "nb", "gi førstehjelp", "førstehjelp"},
		{"programs in Pyhton", "en", "Python (programmering)", "programs in Pyhton"},
		{"God kjennskap til Python", "nb", "Python (programmering)", "Python"},
		{"regnskapsførere", "nb", "regnskap", "regnskapsførere"},
		{"You will be managing our team", "en", "lede et team", "managing our team"},
		{"forklift truck driver", "", "kjøre truck", "forklift truck driver"},
		{"smittevernrutiner", "nb", "smittevern", "smittevernrutiner"},
		{"risk assesment", "en", "vurdere risiko", "risk"},
	} {
		links, err := l.Link(t.Context(), c.sentence, link.Options{Language: c.language, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		if len(links) == 0 || v.Labels(links[0].Skill)[0] != c.want || links[0].Evidence != c.evidence {
			t.Errorf("%s:", c.sentence)
			for _, x := range links {
				t.Errorf("    %.2f %s: %q", x.Score, v.Labels(x.Skill)[0], x.Evidence)
			}
		}
	}
	for _, s := range []string{"", "og i på", "... !?", "\xff\xfe", "zzzzzz qqqqqq"} {
		links, err := l.Link(t.Context(), s, link.Options{})
		if err != nil || len(links) > 0 && links[0].Score > 0.2 {
			t.Errorf("%q: %v %v", s, links, err)
		}
	}
}

// TestLinkLongText takes each sentence for itself, names a skill once, and
// gives the same every time, from several goroutines.
func TestLinkLongText(t *testing.T) {
	t.Parallel()
	v := small(t)
	l := link.New(v)
	long := strings.Repeat("Vi trenger deg som kan lysbuesveising. Du gir førstehjelp; leder et team\n• snakker engelsk: hver dag!\n", 20) + strings.Repeat("x ", 3000)
	first, err := l.Link(t.Context(), long, link.Options{Limit: 4})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range first {
		got = append(got, v.Labels(x.Skill)[0])
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"gi førstehjelp", "lede et team", "lysbuesveising", "snakke engelsk"}) {
		t.Error(got)
	}
	var wait sync.WaitGroup
	for _, other := range []*link.Linker{l, link.New(v), link.New(small(t)), l} {
		wait.Go(func() {
			if again, err := other.Link(t.Context(), long, link.Options{Limit: 4}); err != nil || !slices.Equal(again, first) {
				t.Error(again, err)
			}
		})
	}
	wait.Wait()
	if links, err := l.Link(t.Context(), long, link.Options{}); err != nil || len(links) != 10 {
		t.Error(len(links), err)
	}
	if _, err := l.Link(t.Context(), strings.Repeat("x", 200_001), link.Options{}); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Link(ctx, "sveise", link.Options{}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

func TestLinkerOfLittle(t *testing.T) {
	t.Parallel()
	one, err := esco.New([]esco.Skill{{URI: arc, Labels: map[string]string{"en": "weld"}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*esco.Vocabulary{nil, one} {
		links, err := link.New(v).Link(t.Context(), "welding of pipes", link.Options{})
		if err != nil || len(links) != len(v.Skills()) {
			t.Error(links, err)
		}
	}
}

// FuzzLink: whatever the text, links are of the vocabulary, sorted, and their
// evidence is in the text.
func FuzzLink(f *testing.F) {
	v := small(f)
	l := link.New(v)
	for _, s := range []string{"Du må kunne sveise", "care for patients; C++ (and c#)", "\xff a\u0301 •\u00ad:", strings.Repeat("å", 300)} {
		f.Add(s, "nb")
	}
	f.Fuzz(func(t *testing.T, s, language string) {
		if len(s) > 2000 {
			return
		}
		links, err := l.Link(t.Context(), s, link.Options{Language: language, Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range links {
			if _, ok := v.Skill(x.Skill); !ok || !(x.Score > 0 && x.Score < 1) || i > 0 && x.Score > links[i-1].Score {
				t.Fatalf("%+v", links)
			}
			for part := range strings.SplitSeq(x.Evidence, " … ") {
				if part == "" || !strings.Contains(s, part) {
					t.Fatalf("%q is not in %q", x.Evidence, s)
				}
			}
		}
	})
}

// whole is ESCO 1.1.1 in English.
func whole(t testing.TB) *esco.Vocabulary {
	var sources []esco.Source
	for _, name := range []string{"esco-v1.1.1-en-csv.zip", "esco-v1.1.1-relations-csv.zip"} {
		raw := testcorpus.Read(t, "catalogue", name)
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, esco.Source{Files: z})
	}
	v, err := esco.ReadCSV(t.Context(), esco.Limits{}, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestWholeESCO reads all of it and links the three public test sets.
func TestWholeESCO(t *testing.T) {
	v := whole(t)
	types, relations := map[string]int{}, 0
	for _, s := range v.Skills() {
		types[s.Type]++
	}
	for _, o := range v.Occupations() {
		relations += len(o.Essential) + len(o.Optional)
	}
	if types[esco.Knowledge]+types[esco.Competence]+types[""] != 13_896 || types[esco.Group] != 640 || len(v.Occupations()) != 3007 || relations != 123_788 {
		t.Error(types, len(v.Occupations()), relations)
	}
	l := link.New(v)
	var gold map[string][]string
	var sure, right float64
	ours := func(sentence string) []string {
		links, err := l.Link(t.Context(), sentence, link.Options{Limit: 300})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range links {
			if s, _ := v.Skill(x.Skill); x.Score >= 0.6 {
				if sure++; slices.Contains(gold[sentence], s.Labels["en"]) {
					right++
				}
			}
		}
		return names(v, links)
	}
	ours("weld")
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	if m.HeapAlloc > 200<<20 {
		t.Errorf("vocabulary and linker take %d MB", m.HeapAlloc>>20)
	}
	plain := newLexical(v)
	t.Logf("%-24s %7s %12s %12s %12s   (MRR / RP@5; vocabulary and linker %d MB)", "", "", "BM25", "best label", "linker", m.HeapAlloc>>20)
	for _, set := range []struct {
		name      string
		sentences int
		floor     measures // for ours, just under what is reached
	}{
		{"house_test", 262, measures{0.48, 0.47}},
		{"tech_test", 338, measures{0.53, 0.56}},
		{"techwolf_test", 326, measures{0.48, 0.46}},
		// The weights were chosen on these two. They are not part of the corpus as
		// it is published, and passed over where they are not beside the others.
		{"house_validation", 61, measures{0.56, 0.53}},
		{"tech_validation", 75, measures{0.69, 0.69}},
	} {
		t.Run(set.name, func(t *testing.T) {
			if set.name != "house_test" && !testdepth.Thorough() {
				t.Skip("one set shows what all do: BEVIS_THOROUGH=1 takes all")
			}
			qs := questions(t, set.name)
			gold, sure, right = map[string][]string{}, 0, 0
			for _, q := range qs {
				gold[q.sentence] = q.gold
			}
			bm, label, linker := measure(qs, plain.bm25), measure(qs, plain.label), measure(qs, ours)
			t.Logf("%-16s %4d  %.3f / %.3f  %.3f / %.3f  %.3f / %.3f   of %3.0f links above 0.6 %.2f are right", set.name, len(qs), bm.mrr, bm.rp5, label.mrr, label.rp5, linker.mrr, linker.rp5, sure, right/sure)
			if sure == 0 || right/sure < 0.6 {
				t.Errorf("of %.0f links above 0.6 %.0f are right", sure, right)
			}
			if len(qs) != set.sentences {
				t.Errorf("%d sentences", len(qs))
			}
			if linker.mrr < set.floor.mrr || linker.rp5 < set.floor.rp5 || linker.mrr < label.mrr || linker.rp5 < label.rp5 {
				t.Errorf("below the floor %+v or the plain matching", set.floor)
			}
		})
	}
}

// question is a sentence and the names of the skills that people found in it.
type question struct {
	sentence string
	gold     []string
}

// questions reads a test set as its benchmark does: sentence by sentence,
// without the spans that ESCO has no name for.
func questions(t testing.TB, set string) []question {
	rows, err := csv.NewReader(bytes.NewReader(testcorpus.Read(t, "catalogue", "skillextraction-"+set+"_annotations.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []question
	at := map[string]int{}
	for _, row := range rows[1:] {
		sentence, label := row[0], strings.TrimSpace(row[len(row)-1])
		if label == "LABEL NOT PRESENT" || label == "UNDERSPECIFIED" {
			continue
		}
		i, ok := at[sentence]
		if !ok {
			i = len(out)
			at[sentence] = i
			out = append(out, question{sentence: sentence})
		}
		if !slices.Contains(out[i].gold, label) {
			out[i].gold = append(out[i].gold, label)
		}
	}
	return out
}

// measures are the mean reciprocal rank of the first right skill, and the
// R-precision at 5: the right ones among the first five, of as many as could be.
type measures struct{ mrr, rp5 float64 }

func measure(qs []question, rank func(sentence string) []string) measures {
	var m measures
	for _, q := range qs {
		hits := 0
		for i, label := range rank(q.sentence) {
			if !slices.Contains(q.gold, label) {
				continue
			}
			if hits++; hits == 1 {
				m.mrr += 1 / float64(i+1)
			}
			if i < 5 {
				m.rp5 += 1 / float64(min(5, len(q.gold)))
			}
		}
	}
	n := float64(len(qs))
	return measures{m.mrr / n, m.rp5 / n}
}

// names turns links to the preferred labels of their skills.
func names(v *esco.Vocabulary, links []link.Link) []string {
	var out []string
	for _, l := range links {
		s, _ := v.Skill(l.Skill)
		out = append(out, s.Labels["en"])
	}
	return firsts(out)
}

func firsts(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(s string) bool {
		before := seen[s]
		seen[s] = true
		return before
	})
}

// occurrence is how often a skill has a word.
type occurrence struct {
	skill int
	n     float64
}

// lexical is what the linker is compared with: words by their stems, BM25 over
// all texts of a skill, and the best label by the share of its words.
type lexical struct {
	ids      map[string]int
	names    []string
	texts    [][]occurrence // by word
	lengths  []float64
	mean     float64
	labels   [][][]int
	all, own []float64 // rarity of words by skills, and by skills that have it in a label
}

func newLexical(v *esco.Vocabulary) *lexical {
	x := &lexical{ids: map[string]int{}}
	for _, s := range v.Skills() {
		if s.Type == esco.Group {
			continue
		}
		counts, labels := map[int]float64{}, [][]int(nil)
		for _, l := range v.Labels(s.URI) {
			words := x.words(l)
			for _, w := range words {
				counts[w]++
			}
			slices.Sort(words)
			labels = append(labels, slices.Compact(words))
		}
		for w := range counts {
			x.own[w]++
		}
		for _, w := range x.words(s.Description["en"]) {
			counts[w]++
		}
		length := 0.
		for w, n := range counts {
			x.all[w]++
			x.texts[w] = append(x.texts[w], occurrence{len(x.names), n})
			length += n
		}
		x.names, x.labels, x.lengths = append(x.names, s.Labels["en"]), append(x.labels, labels), append(x.lengths, length)
		x.mean += length
	}
	n := float64(len(x.names))
	x.mean /= n
	for _, rarity := range [][]float64{x.all, x.own} {
		for w, df := range rarity {
			rarity[w] = math.Log(1 + (n-df+0.5)/(df+0.5))
		}
	}
	return x
}

func (x *lexical) words(s string) []int {
	var out []int
	for _, w := range text.Words(s) {
		if text.Stop(w) {
			continue
		}
		id, ok := x.ids[text.Stem(w)]
		if !ok {
			id = len(x.ids)
			x.ids[text.Stem(w)] = id
			x.all, x.own, x.texts = append(x.all, 0), append(x.own, 0), append(x.texts, nil)
		}
		out = append(out, id)
	}
	return out
}

func (x *lexical) rank(scores []float64) []string {
	var order []int
	for i := range scores {
		if scores[i] > 0 {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	var out []string
	for _, i := range order {
		out = append(out, x.names[i])
	}
	return firsts(out)
}

func (x *lexical) bm25(sentence string) []string {
	words := x.words(sentence)
	slices.Sort(words)
	scores := make([]float64, len(x.names))
	for _, w := range slices.Compact(words) {
		for _, o := range x.texts[w] {
			scores[o.skill] += x.all[w] * o.n * 2.2 / (o.n + 1.2*(0.25+0.75*x.lengths[o.skill]/x.mean))
		}
	}
	return x.rank(scores)
}

func (x *lexical) label(sentence string) []string {
	words := x.words(sentence)
	has := make([]bool, len(x.ids))
	for _, w := range words {
		has[w] = true
	}
	scores := make([]float64, len(x.names))
	for i := range scores {
		for _, label := range x.labels[i] {
			common, all := 0., 0.
			for _, w := range label {
				if all += x.own[w]; has[w] {
					common += x.own[w]
				}
			}
			if common > 0 {
				scores[i] = max(scores[i], common*common/all)
			}
		}
	}
	return x.rank(scores)
}

func BenchmarkLink(b *testing.B) {
	l := link.New(whole(b))
	const sentence = "You are fluent in English, manage the budget of several projects and write automated tests in Python"
	if _, err := l.Link(b.Context(), sentence, link.Options{}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := l.Link(b.Context(), sentence, link.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkModel(b *testing.B) {
	v := whole(b)
	for b.Loop() {
		if _, err := link.New(v).Link(b.Context(), "weld", link.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		whole(b)
	}
}
