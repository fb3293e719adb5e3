package link

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/reason"
)

// Linker finds the skills of a vocabulary in text. It is safe for concurrent
// use. The first text that it links has it learn the vocabulary, which takes a
// second or two for all of ESCO.
type Linker struct {
	model func() *model
}

// New returns a linker for a vocabulary.
func New(v *esco.Vocabulary) *Linker {
	return &Linker{sync.OnceValue(func() *model { return newModel(v) })}
}

// Options say how a text is linked.
type Options struct {
	Language string // of the text; labels in others count less. "" or "und" for any
	Limit    int    // of the links; 10 if it is 0
}

// Link is a skill that a text speaks of.
type Link struct {
	Skill    string  `json:"skill"`    // URI
	Score    float64 `json:"score"`    // 0 to 1, how sure it is
	Evidence string  `json:"evidence"` // the words of the text that say so
}

// maxLinked is the length in bytes of the longest text that is linked.
const maxLinked = 200_000

// Link returns the skills that a text most likely speaks of, the surest first,
// equal ones by URI; each once, from the sentence that says it best. Score is how
// many of the links with it were right where people had looked for skills in
// job advertisements: below 0.3 they are guesses. The error is canceled or
// resource_limit/size.
func (l *Linker) Link(ctx context.Context, text string, o Options) ([]Link, error) {
	if len(text) > maxLinked {
		return nil, reason.New(reason.LimitSize, "", "a text of %d bytes, the limit is %d", len(text), maxLinked)
	}
	o.Limit = cmp.Or(max(o.Limit, 0), 10)
	surest := map[string]Link{}
	var m *model
	for _, s := range sentences(text) {
		if err := ctx.Err(); err != nil {
			return nil, reason.Wrap(reason.Canceled, "", err)
		}
		if m == nil {
			m = l.model()
		}
		for _, x := range m.link(s, o) {
			if before, ok := surest[x.Skill]; !ok || x.Score > before.Score {
				surest[x.Skill] = x
			}
		}
	}
	links := make([]Link, 0, len(surest))
	for _, x := range surest {
		links = append(links, x)
	}
	slices.SortFunc(links, func(a, b Link) int { return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Skill, b.Skill)) })
	return links[:min(len(links), o.Limit)], nil
}

const longest = 400 // bytes of a sentence, about; at most maxTokens words of it are looked at

// sentences takes a text apart where sentences and the items of lists end, and
// what is still long between words.
func sentences(text string) []string {
	var out []string
	rest := strings.TrimSpace(text)
	for rest != "" {
		end := len(rest)
		for i, r := range rest {
			after := i + utf8.RuneLen(max(r, 0))
			next := after >= len(rest) || rest[after] == ' ' || rest[after] == '\n'
			if strings.ContainsRune("\n•;", r) || strings.ContainsRune(".!?:", r) && next || i > longest && r == ' ' {
				end = i
				break
			}
		}
		if s := strings.TrimSpace(rest[:end]); s != "" {
			out = append(out, s)
		}
		_, size := utf8.DecodeRuneInString(rest[end:])
		rest = rest[min(len(rest), end+size):]
	}
	return out
}

// What the parts of a score weigh, and how a match of words counts: what gave
// the best ranks on the validation parts of two public test sets. They are in
// English, and say nothing of foreignTo.
const (
	matchPower   = 0.8
	coverPower   = 1.3 // how much of the label is there
	closePower   = 0.6 // how near to each other its words stand
	preferredTo  = 1.4 // a preferred label against others
	foreignTo    = 0.7 // a label in another language than the text
	leastCover   = 0.2
	wholeWeight  = 6 // likeness of the sentence to name and description
	phraseWeight = 2 // of its best six words to the name
	shortWeight  = 2 // of its best three
	wordWeight   = 1 // of the words of the best label each to the likest in the text
	candidates   = 300
)

// match is what words of the text have in common with a label.
type match struct {
	much   float64
	tokens uint64 // which
}

// best is the best label of a skill.
type best struct {
	score, cover float64
	tokens       uint64
}

// scratch is the memory that linking a sentence takes.
type scratch struct {
	matches []match
	best    []best
	touched []int32
}

// candidate is a skill that a sentence may speak of.
type candidate struct {
	skill int32
	best
	sum    float64
	phrase int // the first token of the three likest
}

func (m *model) link(sentence string, o Options) []Link {
	tokens := m.lexicon.read(sentence)
	if len(tokens) == 0 || len(m.skills) == 0 {
		return nil
	}
	s := m.spare.Get().(*scratch)
	defer m.spare.Put(s)
	m.match(tokens, o, s)
	found := m.likest(tokens, s)
	clear(s.best)
	m.refine(tokens, found)
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.skill, b.skill)) })
	var out []Link
	for _, c := range found[:min(len(found), o.Limit)] {
		out = append(out, Link{m.skills[c.skill].uri, c.sure(), c.evidence(sentence, tokens)})
	}
	return out
}

// match finds the best label of every skill.
func (m *model) match(tokens []token, o Options, s *scratch) {
	type source struct {
		much   float64
		tokens uint64
	}
	words, order := map[int32]source{}, []int32(nil)
	say := func(word int32, much float64, at int) {
		before, ok := words[word]
		if !ok {
			order = append(order, word)
		}
		switch {
		case much > before.much:
			words[word] = source{much, 1 << at}
		case much == before.much:
			words[word] = source{much, before.tokens | 1<<at}
		}
	}
	upTo := make([]float64, len(tokens)+1) // weight of the tokens before
	for i, t := range tokens {
		upTo[i+1] = upTo[i] + m.weight(t)
		value := 1.
		if t.id >= 0 {
			value = m.lexicon.value[t.id]
			say(t.id, value, i)
		}
		for _, x := range t.like {
			say(x.id, value*float64(x.much), i)
		}
	}
	s.touched = s.touched[:0]
	for _, w := range order {
		from := words[w]
		much := m.lexicon.telling[w] * from.much
		for _, a := range m.having[w] {
			x := &s.matches[a]
			if x.tokens == 0 {
				s.touched = append(s.touched, a)
			}
			x.much += much
			x.tokens |= from.tokens
		}
	}
	foreign, norwegian := o.Language != "" && o.Language != "und", norwegian(o.Language)
	for _, a := range s.touched {
		x, l := s.matches[a], &m.labels[a]
		s.matches[a] = match{}
		cover := x.much / l.weight
		if cover < leastCover {
			continue
		}
		near := min(1, x.much/narrowest(tokens, x.tokens, upTo))
		score := math.Pow(x.much, matchPower) * math.Pow(cover, coverPower) * math.Pow(near, closePower)
		if l.preferred {
			score *= preferredTo
		}
		if foreign && norwegian != l.norwegian {
			score *= foreignTo
		}
		if b := &s.best[l.skill]; score > b.score {
			*b = best{score, cover * near, x.tokens}
		}
	}
}

// weight returns how much a token says; an unknown word separates those around
// it like one of middling weight.
func (m *model) weight(t token) float64 {
	switch {
	case t.id >= 0:
		return m.lexicon.telling[t.id] * m.lexicon.value[t.id]
	case len(t.like) > 0:
		return m.lexicon.telling[t.like[0].id]
	}
	return 0
}

// narrowest returns the weight of the shortest stretch of text that has each of
// the words in set at least once.
func narrowest(tokens []token, set uint64, upTo []float64) float64 {
	var at, last [maxTokens]int
	var kinds [maxTokens]int // the first token with the same word
	n, different := 0, 0
	for i := range tokens {
		if set&(1<<i) == 0 {
			continue
		}
		kinds[n] = different
		for k := range n {
			if tokens[i].id >= 0 && tokens[at[k]].id == tokens[i].id {
				kinds[n] = kinds[k]
			}
		}
		if kinds[n] == different {
			different++
		}
		at[n] = i
		n++
	}
	for k := range different {
		last[k] = -1
	}
	least := math.Inf(1)
	for k := range n {
		last[kinds[k]] = at[k]
		if from := slices.Min(last[:different]); from >= 0 {
			least = min(least, upTo[at[k]+1]-upTo[from])
		}
	}
	return least
}

// likest returns the candidates: those skills for which words and vectors speak
// most.
func (m *model) likest(tokens []token, s *scratch) []candidate {
	whole := m.direction(tokens, m.usual[1])
	phrases, _ := m.stretches(tokens, 6)
	off := -dot(whole, m.usual[1])
	most := 0. // that phrases can add
	for _, d := range phrases {
		most = max(most, phraseWeight*float64(1.001-dot(d, m.usual[0])))
	}
	var found []candidate
	least := math.Inf(-1)
	cut := func() {
		slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.skill, b.skill)) })
		if len(found) >= candidates {
			found = found[:candidates]
			least = found[candidates-1].sum
		}
	}
	for _, matched := range []bool{true, false} { // those with words in common first, as few others get past them
		for i := range m.skills {
			c := candidate{skill: int32(i), best: s.best[i]}
			if (c.score > 0) != matched {
				continue
			}
			c.sum = c.score + m.skills[i].prior + wholeWeight*float64(off+dot(whole, m.described.row(i)))
			if c.sum+most < least {
				continue
			}
			like, _ := m.nearest(phrases, i)
			if c.sum += phraseWeight * float64(like); c.sum >= least {
				if found = append(found, c); len(found) == 2*candidates {
					cut()
				}
			}
		}
	}
	cut()
	return found
}

// direction is the vector of some words, without what all skills have in
// common.
func (m *model) direction(tokens []token, usual []float32) []float32 {
	v := make([]float32, m.words.width)
	for i, t := range tokens {
		if t.id >= 0 && !slices.ContainsFunc(tokens[:i], func(u token) bool { return u.id == t.id }) {
			add(v, m.words.row(int(t.id)), float32(m.lexicon.rare[t.id]*m.lexicon.value[t.id]))
		}
		for _, x := range t.like {
			if t.id < 0 {
				add(v, m.words.row(int(x.id)), float32(m.lexicon.rare[x.id])*x.much)
			}
		}
	}
	normalize(v)
	add(v, usual, -1)
	normalize(v)
	return v
}

// stretches returns the directions of so many words each, half overlapping, and
// where they begin.
func (m *model) stretches(tokens []token, width int) (directions [][]float32, from []int) {
	width = min(width, len(tokens))
	for i := 0; i+width <= len(tokens); i += max(1, width/2) {
		directions = append(directions, m.direction(tokens[i:i+width], m.usual[0]))
		from = append(from, i)
	}
	return directions, from
}

// nearest tells how near the nearest of directions comes to a skill's name.
func (m *model) nearest(directions [][]float32, skill int) (like float32, which int) {
	like = -1
	row := m.named.row(skill)
	for i, d := range directions {
		if x := dot(d, row) - dot(d, m.usual[0]); x > like {
			like, which = x, i
		}
	}
	return like, which
}

// refine compares the candidates more closely.
func (m *model) refine(tokens []token, found []candidate) {
	short, from := m.stretches(tokens, 3)
	near := map[int32]float64{}
	for i := range found {
		c := &found[i]
		like, which := m.nearest(short, int(c.skill))
		c.phrase = from[which]
		closest := 0.
		for _, l := range m.skills[c.skill].labels {
			sum := 0.
			for _, w := range l.words {
				x, ok := near[w]
				if !ok {
					x = m.likeness(w, tokens)
					near[w] = x
				}
				sum += m.lexicon.telling[w] * x * x
			}
			closest = max(closest, sum/l.weight)
		}
		c.sum += shortWeight*float64(like) + wordWeight*closest
	}
}

// likeness tells how like a word is to the likest in the text.
func (m *model) likeness(word int32, tokens []token) float64 {
	like := 0.
	for _, t := range tokens {
		if t.id == word {
			return 1
		}
		if t.id >= 0 {
			like = max(like, float64(dot(m.words.row(int(t.id)), m.words.row(int(word))))*m.lexicon.value[t.id])
		}
		for _, x := range t.like {
			if x.id == word {
				like = max(like, float64(x.much))
			}
		}
	}
	return like
}

// sure turns the sum into a probability, by logistic regression on the validation
// sets.
func (c candidate) sure() float64 {
	return 1 / (1 + math.Exp(-(sureAt + sureSum*c.sum + sureCover*c.cover)))
}

const (
	sureAt    = -6.7
	sureSum   = 0.36
	sureCover = 1.57
)

// evidence returns the words that speak for a candidate: those of its label, or
// else the three that are likest to it.
func (c candidate) evidence(sentence string, tokens []token) string {
	if c.cover < leastCover {
		last := min(c.phrase+2, len(tokens)-1)
		return sentence[tokens[c.phrase].from:tokens[last].to]
	}
	var b strings.Builder
	end := -1
	for i, t := range tokens {
		if c.tokens&(1<<i) == 0 {
			continue
		}
		switch between := max(end, 0); {
		case end < 0:
		case t.from-between <= 12:
			b.WriteString(sentence[between:t.from])
		default:
			b.WriteString(" … ")
		}
		b.WriteString(sentence[t.from:t.to])
		end = t.to
	}
	return b.String()
}
