package link

import (
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/esco"
)

// model is what a linker knows of its vocabulary.
type model struct {
	vocabulary *esco.Vocabulary
	lexicon    *lexicon
	skills     []linkable
	labels     []label   // of all skills
	having     [][]int32 // by word: the labels that have it
	words      matrix    // vectors by word
	named      matrix    // vectors by skill: its labels
	described  matrix    // and its description
	usual      [2][]float32
	spare      sync.Pool // of *scratch
}

// linkable is a skill as text is compared with it.
type linkable struct {
	uri         string
	labels      []label
	description []int32
	prior       float64
}

// label is one name of a skill.
type label struct {
	skill     int32
	words     []int32 // each once
	weight    float64 // of its words
	preferred bool
	norwegian bool
}

// How much more likely skills are that many occupations take, and those for
// everyone. What is added is on the scale of a match, which is about 6 for a
// word of average rarity.
const (
	priorJobs  = 0.1
	priorReuse = 0.12
)

func newModel(v *esco.Vocabulary) *model {
	l := &model{vocabulary: v, lexicon: newLexicon()}
	jobs := map[string]float64{}
	for _, o := range v.Occupations() {
		for _, u := range o.Essential {
			jobs[u]++
		}
		for _, u := range o.Optional {
			jobs[u] += 0.5
		}
	}
	skills := v.Skills()
	for i := range skills {
		s := &skills[i]
		if s.Type == esco.Group {
			continue
		}
		x := linkable{uri: s.URI, prior: priorJobs*math.Log1p(jobs[s.URI]) + priorReuse*reach(s.Reuse)}
		x.labels = l.read(s.Labels, true)
		for _, language := range catalogue.Languages(s.Alt) {
			for _, a := range s.Alt[language] {
				x.labels = append(x.labels, l.read(map[string]string{language: a}, false)...)
			}
		}
		for _, language := range catalogue.Languages(s.Description) {
			x.description = append(x.description, l.lexicon.add(s.Description[language], norwegian(language))...)
		}
		l.skills = append(l.skills, x)
	}
	l.weigh()
	l.lexicon.finish()
	l.words = l.wordVectors()
	l.named, l.described = l.skillVectors()
	l.usual = [2][]float32{average(l.named), average(l.described)}
	l.spare.New = func() any { return &scratch{matches: make([]match, len(l.labels)), best: make([]best, len(l.skills))} }
	return l
}

func reach(reuse string) float64 {
	switch reuse {
	case esco.Transversal:
		return 1
	case esco.CrossSector:
		return 0.5
	case esco.OccupationSpecific:
		return -0.5
	}
	return 0
}

func norwegian(language string) bool {
	return language == "nb" || language == "nn" || language == "no" || strings.HasPrefix(language, "nb-") || strings.HasPrefix(language, "nn-")
}

// read makes labels of texts. What stands in brackets tells a label from others
// like it, as in "Java (computer programming)", and people leave it out.
func (l *model) read(texts map[string]string, preferred bool) []label {
	var out []label
	for _, language := range catalogue.Languages(texts) {
		s := texts[language]
		for _, s := range []string{s, s[:max(0, strings.IndexByte(s, '('))]} {
			words := l.lexicon.add(s, norwegian(language))
			slices.Sort(words)
			if words = slices.Compact(words); len(words) > 0 {
				out = append(out, label{words: words, preferred: preferred, norwegian: norwegian(language)})
			}
		}
	}
	return out
}

// weigh counts in how many skills words stand, and gathers the labels.
func (l *model) weigh() {
	n := len(l.lexicon.stems)
	rare, telling := make([]float64, n), make([]float64, n)
	for i := range l.skills {
		var named []int32
		for _, a := range l.skills[i].labels {
			named = append(named, a.words...)
		}
		for _, c := range []struct {
			counts []float64
			words  []int32
		}{{telling, named}, {rare, append(named[:len(named):len(named)], l.skills[i].description...)}} {
			slices.Sort(c.words)
			for _, w := range slices.Compact(c.words) {
				c.counts[w]++
			}
		}
	}
	l.lexicon.telling, l.lexicon.rare = rarity(telling, len(l.skills)), rarity(rare, len(l.skills))
	l.having = make([][]int32, n)
	for i := range l.skills {
		for k := range l.skills[i].labels {
			a := &l.skills[i].labels[k]
			a.skill = int32(i)
			for _, w := range a.words {
				a.weight += l.lexicon.telling[w]
				l.having[w] = append(l.having[w], int32(len(l.labels)))
			}
			l.labels = append(l.labels, *a)
		}
	}
}
