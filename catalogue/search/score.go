package search

import (
	"math"

	"github.com/kompetansebevis/bevis/catalogue/text"
)

// saturation is how soon saying a word again says no more: k1 of BM25.
const saturation = 1.4

// Weights of what a word finds beside itself.
const (
	formWeight   = 0.9  // another form of it
	prefixWeight = 0.4  // what it is the beginning of, where it is a word itself
	beginWeight  = 0.8  // … where it is none
	typoWeight   = 0.85 // the word that it was meant to be
	partsWeight  = 0.7  // its parts, where it is a compound
	fillerWeight = 0.25 // a word that nearly every offer could have
)

// wanted is a word of the query, as what it is looked for as.
type wanted struct {
	terms []match  // any of them
	parts []wanted // and, of a compound, as many of them as there are
	value float32  // what the word says, 1 unless it is a filler
}

type match struct {
	term   int32
	weight float32
}

// column holds, for all documents, what one word or more come to.
type column struct {
	score []float32
	match []float32 // how well the words were met, from 0 to 1
	rows  []int32   // documents with a match
}

func newColumn(n int) *column { return &column{score: make([]float32, n), match: make([]float32, n)} }

// word scores a wanted word, and returns its rarity.
func (x *Index) word(w wanted, c *column) (rarity float32) {
	for _, m := range w.terms {
		for _, p := range x.vocabulary.terms[m.term].postings {
			if c.match[p.document] == 0 {
				c.rows = append(c.rows, p.document)
			}
			c.score[p.document] += p.weight
			c.match[p.document] = max(c.match[p.document], m.weight)
		}
	}
	exact := 0
	for _, d := range c.rows {
		if c.match[d] >= typoWeight {
			exact++
		}
	}
	if exact == 0 {
		exact = len(c.rows)
	}
	rarity = x.rarity(exact)
	for _, d := range c.rows {
		tf := c.score[d]
		c.score[d] = rarity * c.match[d] * tf * (saturation + 1) / (tf + saturation)
	}
	if len(w.parts) == 0 {
		return rarity
	}
	sum := newColumn(len(x.documents))
	total := float32(0)
	for _, p := range w.parts {
		total += x.add(p, sum, p.value)
	}
	if len(w.terms) == 0 {
		rarity = total
	}
	for _, d := range sum.rows {
		share := sum.match[d] / total
		score, match := partsWeight*share*sum.score[d]/total*rarity, partsWeight*share // together they say as much as the compound
		if c.match[d] == 0 {
			c.rows = append(c.rows, d)
		}
		c.score[d], c.match[d] = max(c.score[d], score), max(c.match[d], match)
	}
	return rarity
}

// rarity is the inverse document frequency of BM25.
func (x *Index) rarity(documents int) float32 {
	n := float64(len(x.documents))
	return float32(math.Log(1 + (n-float64(documents)+.5)/(float64(documents)+.5)))
}

// add scores a word and adds it to sum, matches by their rarity.
func (x *Index) add(w wanted, sum *column, value float32) (rarity float32) {
	c := newColumn(len(x.documents))
	rarity = x.word(w, c) * value
	for _, d := range c.rows {
		if sum.match[d] == 0 {
			sum.rows = append(sum.rows, d)
		}
		sum.score[d] += c.score[d] * value
		sum.match[d] += c.match[d] * rarity
	}
	return rarity
}

// cut is how well a document has to meet a query, measured by the one that
// meets it best, to be found at all.
const cut = 0.3

// texts scores all words of a query: from 0 to about 1, in proportion to how
// much of what was asked for is there.
func (x *Index) texts(words []wanted) *column {
	sum := newColumn(len(x.documents))
	total := float32(0)
	for _, w := range words {
		total += x.add(w, sum, w.value)
	}
	best := float32(0)
	for _, d := range sum.rows {
		best = max(best, sum.match[d])
	}
	kept := sum.rows[:0]
	for _, d := range sum.rows {
		if sum.match[d] < cut*best {
			sum.score[d], sum.match[d] = 0, 0
			continue
		}
		met := sum.match[d] / total
		sum.score[d] *= (.4 + .6*met) / (total * (saturation + 1))
		sum.match[d] = met
		kept = append(kept, d)
	}
	sum.rows = kept
	return sum
}

// value returns what a folded word says: little, if it is one that could stand
// with nearly every course.
func value(word string) float32 {
	switch text.Stem(word) {
	case "kur", "cour", "utdan", "opplaer", "laer", "learn", "train", "clas", "stud", "studium", "emn", "modul", "educ",
		"nybegyn", "begin", "innfoer", "introduksjon", "introduction", "grunnkur", "grunnleg", "basic":
		return fillerWeight
	}
	return 1
}
