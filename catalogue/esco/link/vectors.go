package link

import (
	"cmp"
	"math"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
)

// How word vectors are made.
const (
	vectorWidth = 150
	mostVectors = 300_000 // words; in a vocabulary of more, words are compared as such only
	windowWidth = 4       // words on either side that a word is seen with
	labelCount  = 8       // what standing in a label of a skill counts, against 1 in its description
	jobCount    = 0.5     // what standing in the name of a skill that an occupation takes counts
	smoothing   = 0.75
	describes   = 0.5 // what the description counts in the vector of a skill, against its labels
)

// counts are how often each word is seen with each context: with words around
// it, in the texts of a skill, in those of an occupation.
type counts struct {
	rows    [][]cell
	columns int
}

func (c *counts) see(word int32, context int, much float32) {
	c.rows[word] = append(c.rows[word], cell{int32(context), much})
}

// running counts the words of a text with those around them, and all of them
// with one context.
func (c *counts) running(words []int32, context int) {
	for i, w := range words {
		c.see(w, context, 1)
		for j := max(0, i-windowWidth); j < min(len(words), i+windowWidth+1); j++ {
			if j != i {
				c.see(w, int(words[j]), float32(1/math.Sqrt(math.Abs(float64(i-j)))))
			}
		}
	}
}

// associations turns counts into positive pointwise mutual information.
func (c *counts) associations() [][]cell {
	in, of, all := make([]float64, c.columns), make([]float64, len(c.rows)), 0.
	for w, cells := range c.rows {
		slices.SortStableFunc(cells, func(a, b cell) int { return cmp.Compare(a.column, b.column) })
		kept := cells[:0]
		for _, x := range cells {
			if n := len(kept); n > 0 && kept[n-1].column == x.column {
				kept[n-1].value += x.value
			} else {
				kept = append(kept, x)
			}
			in[x.column] += float64(x.value)
			of[w] += float64(x.value)
		}
		c.rows[w] = kept
	}
	for i := range in {
		in[i] = math.Pow(in[i], smoothing)
		all += in[i]
	}
	for w, cells := range c.rows {
		kept := cells[:0]
		for _, x := range cells {
			if p := math.Log(float64(x.value) / of[w] * all / in[x.column]); p > 0 {
				kept = append(kept, cell{x.column, float32(p)})
			}
		}
		c.rows[w] = kept
	}
	return c.rows
}

// vectors returns a vector of length 1 for each word of the lexicon: words have
// similar ones if they are seen in similar company in the vocabulary's texts.
func (l *model) wordVectors() matrix {
	words, skills, jobs := len(l.lexicon.stems), len(l.skills), l.vocabulary.Occupations()
	if words > mostVectors {
		return newMatrix(words, 0)
	}
	c := &counts{make([][]cell, words), words + skills + len(jobs)}
	at := make(map[string]int, skills)
	for i := range l.skills {
		s := &l.skills[i]
		at[s.uri] = i
		c.running(s.description, words+i)
		much := float32(labelCount / math.Sqrt(float64(len(s.labels))))
		for _, label := range s.labels {
			for _, w := range label.words {
				c.see(w, words+i, much)
			}
		}
	}
	for i, o := range jobs {
		context := words + skills + i
		for _, language := range catalogue.Languages(o.Description) {
			c.running(l.lexicon.known(o.Description[language]), context)
		}
		for _, label := range l.vocabulary.Labels(o.URI) {
			for _, w := range l.lexicon.known(label) {
				c.see(w, context, 1)
			}
		}
		for _, uri := range o.Essential {
			if n, ok := at[uri]; ok {
				for _, w := range l.skills[n].labels[0].words {
					c.see(w, context, jobCount)
				}
			}
		}
	}
	m := reduce(c.associations(), c.columns, min(vectorWidth, words/4))
	for i := range m.rows() {
		normalize(m.row(i))
	}
	return m
}

// mean adds up the vectors of words by how rare they are, each word once.
func (l *model) mean(words []int32) []float32 {
	v := make([]float32, l.words.width)
	for i, w := range words {
		if !slices.Contains(words[:i], w) {
			add(v, l.words.row(int(w)), float32(l.lexicon.rare[w]))
		}
	}
	normalize(v)
	return v
}

// skillVectors returns the mean of each skill's labels, and that with its
// description.
func (l *model) skillVectors() (named, described matrix) {
	named = newMatrix(len(l.skills), l.words.width)
	described = newMatrix(len(l.skills), l.words.width)
	for i := range l.skills {
		s := &l.skills[i]
		row := named.row(i)
		for _, label := range s.labels {
			add(row, l.mean(label.words), 1)
		}
		normalize(row)
		full := described.row(i)
		copy(full, row)
		add(full, l.mean(s.description), describes)
		normalize(full)
	}
	return named, described
}

// average is the mean of all rows: what all skills have in common tells none
// of them from the others.
func average(m matrix) []float32 {
	v := make([]float32, m.width)
	for i := range m.rows() {
		add(v, m.row(i), 1/float32(m.rows()))
	}
	return v
}
