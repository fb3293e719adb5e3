package esco

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/text"
)

// titles finds skills or occupations by the words of their labels.
type titles struct {
	words  []titleWord
	labels []titleLabel
}

type titleWord struct {
	word, stem string
	letters    uint64
	in         []int32 // labels
}

type titleLabel struct {
	of        int32 // skill or occupation
	words     int
	preferred bool
}

func (v *Vocabulary) indexTitles() *titles {
	t, at := &titles{}, map[string]int{}
	for i, o := range v.occupations {
		t.add(at, i, v.Labels(o.URI), len(o.Labels))
	}
	return t
}

func (v *Vocabulary) indexSkills() *titles {
	t, at := &titles{}, map[string]int{}
	for i, s := range v.skills {
		if s.Type != Group {
			t.add(at, i, v.Labels(s.URI), len(s.Labels))
		}
	}
	return t
}

// add takes in the labels of one, the preferred ones first; at is where words
// are.
func (t *titles) add(at map[string]int, of int, labels []string, preferred int) {
	for n, label := range labels {
		words := unique(text.Words(label))
		for _, w := range words {
			id, ok := at[w]
			if !ok {
				id = len(t.words)
				at[w] = id
				t.words = append(t.words, titleWord{word: w, stem: text.Stem(w), letters: text.Letters(w)})
			}
			t.words[id].in = append(t.words[id].in, int32(len(t.labels)))
		}
		t.labels = append(t.labels, titleLabel{int32(of), len(words), n < preferred})
	}
}

// FindOccupations returns at most limit occupations whose labels are most like
// what somebody typed: words in any form, the beginnings of words, parts of
// Norwegian compounds, and words with an error or two. A code finds those that
// have it or a longer one. The best are first, equal ones by URI.
func (v *Vocabulary) FindOccupations(query string, limit int) []Occupation {
	if v == nil || limit <= 0 {
		return nil
	}
	if code := strings.TrimSpace(query); code != "" && strings.Trim(code, "0123456789.") == "" {
		return v.withCode(code, limit)
	}
	var out []Occupation
	for _, at := range v.titles().find(query, limit) {
		out = append(out, v.occupations[at])
	}
	return out
}

// FindSkills returns at most limit skills whose labels are most like what
// somebody typed, as FindOccupations does for occupations. Groups are not
// looked at.
func (v *Vocabulary) FindSkills(query string, limit int) []Skill {
	if v == nil || limit <= 0 {
		return nil
	}
	var out []Skill
	for _, at := range v.skillTitles().find(query, limit) {
		out = append(out, v.skills[at])
	}
	return out
}

// find returns which are most like a query, the best first.
func (t *titles) find(query string, limit int) []int32 {
	words := unique(text.Words(query))
	words = words[:min(len(words), 20)]
	sums := map[int32]float64{}
	for _, w := range words {
		best := map[int32]float64{}
		stem, letters := text.Stem(w), text.Letters(w)
		for i := range t.words {
			if like := t.words[i].like(w, stem, letters); like > 0 {
				for _, label := range t.words[i].in {
					best[label] = max(best[label], like)
				}
			}
		}
		for label, like := range best {
			sums[label] += like
		}
	}
	score := map[int32]float64{}
	for label, sum := range sums {
		l := t.labels[label]
		s := 2 * sum / float64(len(words)+l.words)
		if l.preferred {
			s *= 1.05
		}
		if s > 0.35 {
			score[l.of] = max(score[l.of], s)
		}
	}
	var found []int32
	for o := range score {
		found = append(found, o)
	}
	slices.SortFunc(found, func(a, b int32) int { return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(a, b)) })
	return found[:min(len(found), limit)]
}

// like tells from 0 to 1 how like a word of a label is to one that was typed.
func (t *titleWord) like(w, stem string, letters uint64) float64 {
	n := min(len(w), len(t.word))
	switch {
	case t.word == w:
		return 1
	case t.stem == stem:
		return 0.95
	case n < 4:
		return 0
	case strings.HasPrefix(t.word, w):
		return 0.75
	case n >= 5 && strings.HasSuffix(t.word, w), n >= 5 && strings.HasPrefix(w, t.word):
		return 0.6
	}
	limit := 1
	if n >= 8 {
		limit = 2
	}
	if text.Apart(letters, t.letters, limit) {
		return 0
	}
	if d := text.Distance(w, t.word, limit); d <= limit {
		return 0.9 - 0.15*float64(d)
	}
	return 0
}

func (v *Vocabulary) withCode(code string, limit int) []Occupation {
	var out []Occupation
	for _, o := range v.occupations {
		if strings.HasPrefix(o.Code, code) {
			out = append(out, o)
		}
	}
	slices.SortStableFunc(out, func(a, b Occupation) int { return strings.Compare(a.Code, b.Code) })
	return out[:min(len(out), limit)]
}
