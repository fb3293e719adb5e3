package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/text"
)

// vocabulary holds the words of the catalogue.
type vocabulary struct {
	raw    map[string]int32 // words as written
	ids    map[string]int32 // folded words
	terms  []term
	stems  map[string][]int32 // the words that a stem has
	within map[string][]part  // the compounds that a stem is part of
	bare   map[string][]int32 // words by how they are typed without æ, ø and å, where that differs
	sorted []int32            // by folded word
}

type term struct {
	word      string // folded
	shown     string // as first written, in small letters
	stem      string
	letters   uint64
	norwegian bool // stands in a text that is not English
	postings  []posting
}

// posting is how much a term says of a document, before its rarity.
type posting struct {
	document int32
	weight   float32
}

// part is a compound with what it counts for whoever asks for the part.
type part struct {
	term   int32
	weight float32
}

func newVocabulary() *vocabulary {
	return &vocabulary{raw: map[string]int32{}, ids: map[string]int32{}}
}

// id returns the number of a word as written; none for what folds to nothing.
func (v *vocabulary) id(written string, norwegian bool) (int32, bool) {
	id, ok := v.raw[written]
	if !ok {
		folded := text.Fold(written)
		if id, ok = v.ids[folded]; !ok {
			if id = int32(len(v.terms)); folded == "" {
				id = -1
			} else {
				v.terms = append(v.terms, term{word: folded, shown: strings.ToLower(written), letters: text.Letters(folded)})
			}
			v.ids[folded] = id
		}
		v.raw[written] = id
	}
	if id < 0 {
		return 0, false
	}
	if norwegian {
		v.terms[id].norwegian = true
	}
	return id, true
}

// finish makes what looks up words from the words that are there.
func (v *vocabulary) finish() {
	v.raw = nil
	v.stems, v.within, v.bare = map[string][]int32{}, map[string][]part{}, map[string][]int32{}
	v.sorted = make([]int32, len(v.terms))
	for i := range v.terms {
		t := &v.terms[i]
		t.stem = text.Stem(t.word)
		v.stems[t.stem] = append(v.stems[t.stem], int32(i))
		if b := text.Bare(t.word); b != t.word {
			v.bare[b] = append(v.bare[b], int32(i))
		}
		v.sorted[i] = int32(i)
	}
	slices.SortFunc(v.sorted, func(a, b int32) int { return strings.Compare(v.terms[a].word, v.terms[b].word) })
	for i := range v.terms {
		if t := &v.terms[i]; t.norwegian {
			for _, p := range v.partsOf(t.word) {
				v.within[p.stem] = append(v.within[p.stem], part{int32(i), p.weight})
			}
		}
	}
}

// What a compound counts for whoever asks for a part of it: the last part says
// what it is, those before what it is about.
const (
	headWeight     = 0.5
	modifierWeight = 0.45
)

type stemWeight struct {
	stem   string
	weight float32
}

// partsOf returns the stems of the parts of a compound. Where what stands
// before is no word of the catalogue, as in "lysbuesveising", the last part is
// found alone.
func (v *vocabulary) partsOf(word string) []stemWeight {
	parts := v.split(word)
	var out []stemWeight
	for i, p := range parts {
		w := stemWeight{text.Stem(p), modifierWeight}
		if i == len(parts)-1 {
			w.weight = headWeight
		}
		out = append(out, w)
	}
	if parts != nil {
		return out
	}
	for at := 3; at <= len(word)-5; at++ {
		if head := word[at:]; v.isHead(head) && text.Modifies(word[:at]) {
			return []stemWeight{{text.Stem(head), modifierWeight}}
		}
	}
	return nil
}

func (v *vocabulary) split(word string) []string {
	if len(word) < 7 {
		return nil
	}
	return text.Split(word, v.isModifier, func(s string) bool { return v.isHead(s) && !v.sameStem(s, word) })
}

func (v *vocabulary) sameStem(a, b string) bool { return text.Stem(a) == text.Stem(b) }

func (v *vocabulary) isModifier(s string) bool {
	if id, ok := v.ids[s]; ok {
		return id >= 0 && v.terms[id].norwegian
	}
	return v.norwegianStem(s)
}

// isHead knows the fillers as well: "kurs" makes a compound of "datakurs" even
// where all offers leave it out.
func (v *vocabulary) isHead(s string) bool {
	if value(s) < 1 {
		return true
	}
	if id, ok := v.ids[s]; ok && id >= 0 {
		return v.terms[id].norwegian
	}
	return len(s) > 3 && v.norwegianStem(text.Stem(s))
}

func (v *vocabulary) norwegianStem(stem string) bool {
	return slices.ContainsFunc(v.stems[stem], func(id int32) bool { return v.terms[id].norwegian })
}

// prefixed returns the terms that begin with a folded word, the most frequent
// first, at most n.
func (v *vocabulary) prefixed(word string, n int) []int32 {
	from, _ := slices.BinarySearchFunc(v.sorted, word, func(id int32, w string) int { return strings.Compare(v.terms[id].word, w) })
	to := from
	for to < len(v.sorted) && strings.HasPrefix(v.terms[v.sorted[to]].word, word) {
		to++
	}
	found := slices.Clone(v.sorted[from:to])
	v.byFrequency(found)
	return found[:min(n, len(found))]
}

func (v *vocabulary) byFrequency(ids []int32) {
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(len(v.terms[b].postings), len(v.terms[a].postings)), strings.Compare(v.terms[a].word, v.terms[b].word))
	})
}

// nearest returns the terms nearest to a word that is none, none further than
// limit, the most frequent first, at most n. People rarely get the first
// letter wrong, so at two errors it has to be right.
func (v *vocabulary) nearest(word string, limit, n int) []int32 {
	var found []int32
	letters := text.Letters(word)
	for i := range v.terms {
		t := &v.terms[i]
		if len(t.word) < 4 || text.Apart(letters, t.letters, limit) || limit > 1 && t.word[0] != word[0] {
			continue
		}
		d := text.Distance(word, t.word, limit)
		if d < limit {
			limit, found = d, found[:0]
		}
		if d <= limit {
			found = append(found, int32(i))
		}
	}
	v.byFrequency(found)
	return found[:min(n, len(found))]
}
