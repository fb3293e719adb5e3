package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/text"
)

// maxWords is how many words of a query are looked at.
const maxWords = 32

// Term is a word of a query.
type Term struct {
	Written string // in small letters
	Folded  string
	Last    bool // nothing follows, so that it may not be written to its end
}

// Terms returns the words of a query, each once. Words that only hold a
// sentence together are left out, unless there are no others.
func Terms(s string) []Term {
	var all, terms []Term
	seen := map[string]bool{}
	for w := range text.Tokens(s) {
		t := Term{strings.ToLower(w), text.Fold(w), strings.HasSuffix(s, w)}
		if t.Folded == "" || seen[t.Folded] || len(all) == maxWords {
			continue
		}
		seen[t.Folded] = true
		all = append(all, t)
		if !text.Stop(t.Folded) {
			terms = append(terms, t)
		}
	}
	if terms == nil {
		return all
	}
	return terms
}

// read makes of a text what is looked for, and tells which words were not
// found as written.
func (x *Index) read(s string) (words []wanted, read map[string][]string) {
	read = map[string][]string{}
	terms := Terms(s)
	for n, t := range terms {
		w, instead := x.readWord(t.Folded, t.Last)
		var joined []match
		if n > 0 {
			joined = x.vocabulary.joined(terms[n-1].Folded, t.Folded)
		}
		if n+1 < len(terms) {
			joined = append(joined, x.vocabulary.joined(t.Folded, terms[n+1].Folded)...)
		}
		if joined != nil {
			w.terms = once(append(w.terms, joined...))
		}
		if instead != nil {
			read[t.Written] = instead
		}
		w.value = value(t.Folded)
		words = append(words, w)
	}
	return words, read
}

// readWord tells what to look for. A word that the catalogue has is looked for
// as it is; another one as it may have been meant: without æ, ø and å, not yet
// written to its end, as a compound, with a typing error.
func (x *Index) readWord(word string, last bool) (w wanted, instead []string) {
	v := x.vocabulary
	stem := text.Stem(word)
	if len(v.stems[stem]) > 0 || len(v.within[stem]) > 0 {
		w.terms = v.forms(word, 1)
		if last && len(word) >= 4 {
			w.terms = merge(w.terms, v.prefixed(word, 40), prefixWeight)
		}
		parts := v.split(word)
		if same := v.stems[stem]; parts == nil && len(same) > 0 {
			parts = v.split(v.terms[same[0]].word) // as the catalogue writes it
		}
		w.parts = x.parts(parts)
		return w, nil
	}
	as := func(ids []int32, weight float32) {
		for _, id := range ids {
			w.terms = append(w.terms, v.forms(v.terms[id].word, weight)...)
			instead = append(instead, v.terms[id].shown)
		}
		w.terms = once(w.terms)
	}
	if ids := v.unmarked(word); len(ids) > 0 {
		as(ids, formWeight)
		return w, instead
	}
	if last && len(word) >= 3 {
		if ids := v.prefixed(word, 40); len(ids) > 0 {
			w.terms = merge(nil, ids, beginWeight)
			for _, id := range ids[:min(len(ids), 5)] {
				instead = append(instead, v.terms[id].shown)
			}
			return w, instead
		}
	}
	if ids := v.nearest(word, min(1, limit(word)), 3); len(ids) > 0 {
		as(ids, typoWeight)
		return w, instead
	}
	if parts := v.split(word); parts != nil {
		for _, p := range parts {
			instead = append(instead, v.show(p))
		}
		return wanted{parts: x.parts(parts)}, instead
	}
	if ids := v.nearest(word, limit(word), 3); len(ids) > 0 {
		as(ids, typoWeight*typoWeight)
	}
	return w, instead
}

// limit is how many typing errors a word of its length can have.
func limit(word string) int {
	switch n := len(word); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

func (x *Index) parts(parts []string) (out []wanted) {
	for _, p := range parts {
		out = append(out, wanted{terms: x.vocabulary.forms(p, 1), value: value(p)})
	}
	return out
}

// forms returns a word's own term, those with the same stem, and the compounds
// that the stem is part of.
func (v *vocabulary) forms(word string, weight float32) []match {
	stem := text.Stem(word)
	var out []match
	for _, id := range v.stems[stem] {
		if v.terms[id].word == word {
			out = append(out, match{id, weight})
		} else {
			out = append(out, match{id, weight * formWeight})
		}
	}
	for _, p := range v.within[stem] {
		out = append(out, match{p.term, weight * p.weight})
	}
	return once(out)
}

// joined returns the compound that two words make which are written apart.
func (v *vocabulary) joined(a, b string) (out []match) {
	for _, link := range [...]string{"", "s", "e"} {
		for _, id := range v.stems[text.Stem(a+link+b)] {
			if v.terms[id].norwegian {
				out = append(out, match{id, formWeight})
			}
		}
	}
	return out
}

// once leaves each term in once, with its best weight.
func once(matches []match) []match {
	slices.SortFunc(matches, func(a, b match) int { return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(b.weight, a.weight)) })
	return slices.CompactFunc(matches, func(a, b match) bool { return a.term == b.term })
}

// unmarked returns the words that are typed as word by those who leave out the
// marks of æ, ø and å.
func (v *vocabulary) unmarked(word string) []int32 {
	bare := text.Bare(word)
	ids := append([]int32(nil), v.bare[bare]...)
	if id, ok := v.ids[bare]; ok && id >= 0 && bare != word {
		ids = append(ids, id)
	}
	v.byFrequency(ids)
	return ids[:min(len(ids), 3)]
}

// show returns a folded part of a compound as some offer writes it.
func (v *vocabulary) show(part string) string {
	if id, ok := v.ids[part]; ok && id >= 0 {
		return v.terms[id].shown
	}
	return part
}

// merge adds those of ids that are not there yet.
func merge(to []match, ids []int32, weight float32) []match {
	have := map[int32]bool{}
	for _, m := range to {
		have[m.term] = true
	}
	for _, id := range ids {
		if !have[id] {
			to = append(to, match{id, weight})
		}
	}
	return to
}
