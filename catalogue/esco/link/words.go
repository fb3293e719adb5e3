package link

import (
	"math"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/text"
)

// lexicon holds the words of the vocabulary's labels and descriptions; forms of
// a word are one, by their stem.
type lexicon struct {
	ids      map[string]int32
	stems    []string
	rare     []float64 // how rare a word is among all texts
	telling  []float64 // how rare it is among labels
	value    []float64 // 1, and less for words that job advertisements are full of
	norse    map[string]bool
	parts    map[int32][]int32 // a compound → its parts
	within   map[int32][]int32 // a word → the compounds it is part of
	byLength [][]int32         // words by the length of the stem, to find errors
}

func newLexicon() *lexicon {
	return &lexicon{ids: map[string]int32{}, norse: map[string]bool{}}
}

// add returns the words of a text, which become part of the lexicon.
func (x *lexicon) add(s string, norwegian bool) []int32 {
	var out []int32
	for _, w := range text.Words(s) {
		if text.Stop(w) {
			continue
		}
		stem := text.Stem(w)
		id, ok := x.ids[stem]
		if !ok {
			id = int32(len(x.stems))
			x.ids[stem] = id
			x.stems = append(x.stems, stem)
			x.value = append(x.value, 1)
			if filler(w) {
				x.value[id] = fillerValue
			}
		}
		if norwegian {
			x.norse[w], x.norse[stem] = true, true
		}
		out = append(out, id)
	}
	return out
}

// known returns the words of a text that are in the lexicon.
func (x *lexicon) known(s string) []int32 {
	var out []int32
	for _, w := range text.Words(s) {
		if id, ok := x.ids[text.Stem(w)]; ok && !text.Stop(w) {
			out = append(out, id)
		}
	}
	return out
}

// rarity turns counts of documents into weights. They are scaled to what they
// would be among ten thousand documents, so that what is made of them means
// the same in a small vocabulary.
func rarity(counts []float64, documents int) []float64 {
	n := float64(documents)
	scale := math.Log(10_000) / math.Log(n+2)
	out := make([]float64, len(counts))
	for i, c := range counts {
		out[i] = scale * math.Log(1+(n-c+0.5)/(c+0.5))
	}
	return out
}

// finish makes what finds parts of compounds and errors.
func (x *lexicon) finish() {
	x.parts, x.within = map[int32][]int32{}, map[int32][]int32{}
	for i, s := range x.stems {
		for len(x.byLength) <= len(s) {
			x.byLength = append(x.byLength, nil)
		}
		x.byLength[len(s)] = append(x.byLength[len(s)], int32(i))
		if !x.norse[s] {
			continue
		}
		for _, p := range x.split(s) {
			x.parts[int32(i)] = append(x.parts[int32(i)], p)
			x.within[p] = append(x.within[p], int32(i))
		}
	}
}

// split returns the parts of a compound that are words of their own. Where what
// stands before or after is no word of the vocabulary, as "rutiner" in
// "smittevernrutiner" may be, the other part is returned alone.
func (x *lexicon) split(word string) []int32 {
	if len(word) < 7 {
		return nil
	}
	stem := text.Stem(word)
	is := func(s string) bool {
		_, ok := x.ids[s]
		return ok && len(s) > 3 || x.norse[s]
	}
	parts := text.Split(word, is, func(s string) bool { return len(s) > 3 && text.Stem(s) != stem && is(text.Stem(s)) })
	for at := minPart; parts == nil && at <= len(word)-minPart; at++ { // the longest last part
		if s := text.Stem(word[at:]); s != stem && x.norse[s] && text.Modifies(word[:at]) {
			parts = []string{word[at:]}
		}
	}
	for at := len(word) - minPart; parts == nil && at >= minPart; at-- {
		if s := text.Stem(word[:at]); s != stem && x.norse[word[:at]] {
			parts = []string{word[:at]}
		}
	}
	var out []int32
	for _, p := range parts {
		if id, ok := x.ids[text.Stem(p)]; ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

const minPart = 5 // letters of a part that is found alone

// nearest returns the first word that differs from an unknown one by one error.
func (x *lexicon) nearest(stem string) (int32, bool) {
	if len(stem) < 6 {
		return 0, false
	}
	letters := text.Letters(stem)
	for _, n := range []int{len(stem), len(stem) + 1, len(stem) - 1} {
		if n >= len(x.byLength) {
			continue
		}
		for _, id := range x.byLength[n] {
			if s := x.stems[id]; s[0] == stem[0] && !text.Apart(letters, text.Letters(s), 1) && text.Distance(s, stem, 1) == 1 {
				return id, true
			}
		}
	}
	return 0, false
}

// token is a word of the text that is linked.
type token struct {
	from, to int    // where in the text
	id       int32  // -1 for one that is not in the lexicon
	like     []like // other words that it stands for as well
}

type like struct {
	id   int32
	much float32
}

// What a part counts for a compound and the other way round, and a word with an
// error for the right one.
const (
	partLike  = 0.6
	wholeLike = 0.5
	errorLike = 0.8
	maxLike   = 12
)

const maxTokens = 64 // of a sentence, so that a set of them is a number

// read takes a sentence apart.
func (x *lexicon) read(s string) []token {
	var out []token
	end := 0
	for word := range text.Tokens(s) {
		if len(out) == maxTokens {
			break
		}
		from := end + max(0, strings.Index(s[end:], word))
		end = min(len(s), from+len(word))
		w := text.Fold(word)
		if w == "" || text.Stop(w) {
			continue
		}
		t := token{from: from, to: end, id: -1}
		stem := text.Stem(w)
		if id, ok := x.ids[stem]; ok {
			t.id = id
			for _, p := range x.parts[id] {
				t.like = append(t.like, like{p, partLike})
			}
			for _, c := range x.within[id][:min(len(x.within[id]), maxLike)] {
				t.like = append(t.like, like{c, wholeLike})
			}
		} else if parts := x.split(w); parts != nil {
			for _, p := range parts {
				t.like = append(t.like, like{p, partLike})
			}
		} else if id, ok := x.nearest(stem); ok {
			t.like = []like{{id, errorLike}}
		}
		out = append(out, t)
	}
	return out
}

const fillerValue = 0.6

// filler tells the words that advertisements and course descriptions are made
// of whatever they are about. Labels have few of them, so that they look rare.
func filler(word string) bool {
	const (
		en = " experience experienced strong highly high level good great excellent knowledge knowledgeable understanding understand ability able capable" +
			" proven proficiency proficient solid skilled skill skills competent competence expertise expert advanced basic minimum preferably preferred" +
			" ideally essential desirable required requirement requirements require must responsible responsibility responsibilities role position job" +
			" candidate candidates applicant year years month months background degree bachelor master diploma qualification qualifications qualified" +
			" equivalent relevant similar related including include includes etc various different well new join offer offers looking look seek seeking" +
			" opportunity opportunities company organisation organization plus advantage bonus passionate passion love enjoy interest interested willing" +
			" willingness ready comfortable familiar familiarity exposure demonstrated demonstrable demonstrate track record least more most other others" +
			" also both within across through using use used us day daily ensure ensuring part help key main duties tasks task work working environment" +
			" field area areas make need needs needed should could may every each any all some very successful success course participants student students "
		no = " erfaring erfaringer god gode godt sterk kunnskap kunnskaper kunnskapar kjennskap forståelse evne evner kompetanse ferdigheter ferdigheiter dugleik" +
			" ønskelig ønskjeleg fordel krav kreves krever ansvar ansvarlig stilling stillingen stillinga søker søkjer relevant relevante utdanning bakgrunn år" +
			" gjerne nødvendig ulike andre bidra bidrar jobbe jobber arbeide arbeid oppgaver oppgåver innen innan minst høy høyt høg selskap bedrift" +
			" deltaker deltakere deltakar deltakarar kurs kurset lærer lære få får student studenten kandidat kandidaten "
	)
	return strings.Contains(en, " "+word+" ") || strings.Contains(text.Fold(no), " "+word+" ")
}
