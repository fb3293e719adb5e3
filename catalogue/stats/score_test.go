package stats

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
)

// TestContributionsAreTheScore: for every course, the parts add up to the
// score to the last unit, in whatever order.
func TestContributionsAreTheScore(t *testing.T) {
	t.Parallel()
	factors := use()
	factors.Rank, factors.LowRank = 8, 100
	for name, p := range map[string]*Published{
		"people":  release(t, crowd(t, shape(), 400), people(), use()),
		"factors": release(t, crowd(t, shape(), 400), people(), factors),
		"noise":   release(t, crowd(t, shape(), 400), terms.Rule{Epsilon: 8000, Threshold: 40}, factors),
	} {
		rng := rand.New(rand.NewPCG(1, 2))
		compared, nonzero, negative := 0, 0, 0
		for range 200 {
			var h []string
			for range rng.IntN(8) {
				h = append(h, fmt.Sprintf("did:web:kurs.example#c%02d", rng.IntN(45)))
			}
			scores := p.Scores(h)
			for i := range 45 {
				course := fmt.Sprintf("did:web:kurs.example#c%02d", i)
				parts := p.Contributions(h, course)
				rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
				sum := int64(0)
				for _, part := range parts {
					sum += part.Value
					if !slices.Contains(h, part.Source) || part.Value == 0 {
						t.Fatalf("%s: %+v is no part of %v", name, part, h)
					}
					if part.Value < 0 {
						negative++
					}
				}
				score, told := scores[course]
				if sum != score || told && slices.Contains(h, course) {
					t.Fatalf("%s: %v, %s: the score is %d, the parts make %d", name, h, course, score, sum)
				}
				compared++
				if sum != 0 {
					nonzero++
				}
			}
		}
		if nonzero < compared/20 || nonzero == compared || (negative > 0) != (p.Use.Rank > 0) {
			t.Errorf("%s: %d of %d scores are not 0, %d parts below 0", name, nonzero, compared, negative)
		}
	}
}

// TestRemovingASource: leaving a course out of the history takes away its part
// where its place is at the end, and nothing else.
func TestRemovingASource(t *testing.T) {
	t.Parallel()
	p := release(t, crowd(t, shape(), 400), people(), use())
	h := []string{p.courses[0], p.courses[3], p.courses[6]}
	with, without := p.Scores(h), p.Scores(h[1:])
	changed := 0
	for _, course := range p.courses {
		part := int64(0)
		for _, x := range p.Contributions(h, course) {
			if x.Source == h[0] {
				part = x.Value
			}
		}
		if course == h[0] {
			continue
		}
		if with[course]-without[course] != part {
			t.Errorf("%s: %d without, %d with, the part is %d", course, without[course], with[course], part)
		}
		if part != 0 {
			changed++
		}
	}
	if changed == 0 {
		t.Error("the source changes nothing")
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	s := Shape{Courses: 10, Pairs: 10, Weights: []int{2, 1}}
	a := crowd(t, s, 0)
	for range 20 {
		if err := a.Add(contribute(t, s, a.courses[0], a.courses[1])); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		if err := a.Add(contribute(t, s, a.courses[0], a.courses[2], a.courses[1])); err != nil {
			t.Fatal(err)
		}
	}
	p := release(t, a, people(), Use{Recency: []int{1000, 500}})
	// c00 to c01: 20 right after and 20 with one between, of 40.
	if n, of := p.After(a.courses[0], a.courses[1]); n != 30 || of != 40 {
		t.Error(n, of)
	}
	if got := p.Scores(a.courses[:1])[a.courses[1]]; got != One*3/4 {
		t.Error(got)
	}
	// One course later it counts half; what is not known changes ages only.
	if got := p.Scores([]string{a.courses[0], "unknown"})[a.courses[1]]; got != One*3/8 {
		t.Error(got)
	}
	if got := p.Scores([]string{a.courses[0], "x", "y"}); len(got) != 0 {
		t.Error(got)
	}
	// Twice in the history counts once, where it is newest.
	if got := p.Scores([]string{a.courses[0], a.courses[0]})[a.courses[1]]; got != One*3/4 {
		t.Error(got)
	}
	if p.Scores(nil) == nil || len(p.Scores(nil)) != 0 || p.Contributions(nil, a.courses[1]) != nil {
		t.Error("no history has no scores")
	}
	if n, of := p.After("x", a.courses[1]); n != 0 || of != 0 {
		t.Error(n, of)
	}
}

// TestFactorsComeFromTheCells: who has the file alone computes the same
// factors, so they tell no more than its cells.
func TestFactorsComeFromTheCells(t *testing.T) {
	t.Parallel()
	u := use()
	u.Rank, u.LowRank = 8, 100
	p := release(t, crowd(t, shape(), 400), people(), u)
	bare := *p
	bare.factors = nil
	if err := bare.factor(t.Context()); err != nil || !slices.Equal(bare.factors, p.factors) {
		t.Error("other factors", err)
	}
	if slices.Max(p.factors) == 0 {
		t.Error("no factors")
	}
	u.Rank = 41
	_, err := crowd(t, shape(), 400).Release(t.Context(), people(), u, about(), &terms.Manifest{})
	wantCode(t, "rank", err, "statistics_invalid/use")
}

func TestConcurrentReaders(t *testing.T) {
	t.Parallel()
	p := release(t, crowd(t, shape(), 400), people(), use())
	want := fmt.Sprint(p.Scores(p.courses[:3]))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := fmt.Sprint(p.Scores(p.courses[:3])); got != want {
				t.Error(got)
			}
		})
	}
	wg.Wait()
}

func TestParse(t *testing.T) {
	t.Parallel()
	u := use()
	u.Rank, u.LowRank = 4, 100
	p := release(t, crowd(t, shape(), 400), people(), u)
	raw := p.Marshal()
	read, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read.Marshal(), raw) || fmt.Sprint(read.Scores(p.courses[:4])) != fmt.Sprint(p.Scores(p.courses[:4])) || !slices.Equal(read.Courses(), p.courses) {
		t.Error("reads as another file")
	}
	text := string(raw)
	for change, to := range map[string]string{
		`"type":"bevis-transitions/1"`: `"type":"bevis-transitions/2"`,
		`"minPeople":10`:               `"minPeople":9`,
		`"round":5`:                    `"round":5,"epsilonThousandths":1,"threshold":1`,
		`"people":400`:                 `"people":-1`,
		`"people":`:                    `"secret":1,"people":`,
		`"smooth":2`:                   `"smooth":2.5`,
		`"rank":4`:                     `"rank":5`,
		`"recency":[1000`:              `"recency":[1001`,
		`"2026-12-31"]`:                `"2025-12-31"]`,
		`"made":"2027`:                 `"made":"20x7`,
		`"courses":["`:                 `"courses":["zzz","`,
		`"taken":[`:                    `"taken":[1,`,
		`"next":["`:                    `"next":["1 1 `,
		`"factors":"`:                  `"factors":"AA`,
		`"weights":[4,2,1]`:            `"weights":[1,2,4]`,
	} {
		bad := strings.Replace(text, change, to, 1)
		if bad == text {
			t.Errorf("%s is not in the file", change)
		}
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s for %s is read", to, change)
		}
	}
	for _, row := range []string{"0 5", "1", "1 5 ", " 1 5", "1 05", "1 -5", "1 5 40 5", "+1 5", "1 99999999999", "1  5", strings.Repeat("1 5 ", 101)} {
		r := newReader("file")
		if got := r.row(row, "/next/0", 5, 40); r.Err() == nil {
			t.Errorf("%q is read as %v", row, got)
		}
	}
	r := newReader("file")
	if r.row("1 5", "/next/0", 0, 40); r.Err() == nil {
		t.Error("a course after itself is read")
	}
}

// FuzzParse: see testdata for the seeds.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := Parse(raw)
		if err != nil {
			return
		}
		again, err := Parse(p.Marshal())
		if err != nil || !bytes.Equal(again.Marshal(), p.Marshal()) {
			t.Fatalf("%s\n%s: %v", raw, p.Marshal(), err)
		}
		h := p.Courses()[:min(3, len(p.courses))]
		scores := p.Scores(h)
		for _, course := range p.courses {
			sum := int64(0)
			for _, part := range p.Contributions(h, course) {
				sum += part.Value
			}
			if sum != scores[course] {
				t.Fatalf("%s: %s: %d, %d", raw, course, sum, scores[course])
			}
		}
	})
}

// BenchmarkScores is a file of 3,300 courses and a history of 10.
func BenchmarkScores(b *testing.B) {
	for _, rank := range []int{0, 128} {
		p := &Published{Shape: shape(), Use: Use{Recency: []int{1000, 900, 800, 700, 600, 500, 400, 300, 200, 100}, Rank: rank, LowRank: rank}}
		for i := range 3300 {
			p.courses, p.taken = append(p.courses, fmt.Sprintf("did:web:kurs.example#c%04d", i)), append(p.taken, 100+i)
			row := make([]cell, 30)
			for k := range row {
				row[k] = cell{int32(k*110 + i%110), int32(10 + k)}
			}
			p.next = append(p.next, row)
		}
		p.factors = make([]int8, rank*len(p.courses))
		for i := range p.factors {
			p.factors[i] = int8(i % 17)
		}
		p.compile()
		b.Run(fmt.Sprintf("rank=%d", rank), func(b *testing.B) {
			for b.Loop() {
				p.Scores(p.courses[:10])
			}
		})
	}
}
