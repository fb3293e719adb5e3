package wallet

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/reason"
)

// State is where a credential stands by what the wallet knows of it: what a
// verifier found last, and the dates that it has itself.
type State string

// The states. What is not verified at all, or could not be, is Unchecked; what
// was found valid and has ended since is Expired.
const (
	StateValid      State = "valid"
	StateExpired    State = "expired"
	StateRevoked    State = "revoked"
	StateUnchecked  State = "unchecked"
	StateUntrusted  State = "untrusted"
	StateNotInForce State = "not-in-force" // suspended, or not yet in force
	StateInvalid    State = "invalid"      // wrong in another way, such as its signature
)

// States returns all states.
func States() []State {
	return []State{StateValid, StateExpired, StateRevoked, StateUnchecked, StateUntrusted, StateNotInForce, StateInvalid}
}

// State tells where a credential stands at a time.
func (i Item) State(now time.Time) State {
	verdict, code := "", reason.Code("")
	if i.Verified != nil {
		verdict, code = i.Verified.Verdict, reason.Code(i.Verified.Reason)
	}
	switch ended := !i.ValidUntil.IsZero() && i.ValidUntil.Before(now); {
	case code.Coarse() == string(reason.Revoked):
		return StateRevoked
	case verdict == "invalid" || verdict == "unreadable":
		return StateInvalid
	case ended || verdict == "not-in-force" && code.Coarse() == string(reason.Expired):
		return StateExpired
	case verdict == "not-in-force":
		return StateNotInForce
	case verdict == "untrusted":
		return StateUntrusted
	case verdict == "valid":
		return StateValid
	}
	return StateUnchecked
}

// Query says which credentials are looked for: those for which all of it holds.
// The zero Query holds for all.
type Query struct {
	// Text is words as they are typed: each has to stand somewhere in what the
	// credential says, or in its tags or note, as the beginning of a word or
	// inside one.
	Text   string
	Issuer string // part of the issuer's name, or the beginning of its id
	Skill  string // part of a skill's name
	// Level is "EQF 6", or "6" for that level of any framework, which 6.1 and 6.2 of
	// the Norwegian one are in.
	Level string
	Tags  []string // all of them
	State State    // at Now
	Now   time.Time
	// Since and Until bound the day from which the credential is valid: not
	// before Since, and before Until. Credentials without a day are in no bounds.
	Since, Until time.Time

	levels map[string]bool // that were compared with Level
}

// Find returns the credentials that a query is for: those that have its words in
// their title before those that have them elsewhere, and equals in the order in
// which they were added.
func (w *Wallet) Find(q Query) []Item {
	w.mu.Lock()
	items := w.state.current() // which no change touches: it makes others
	w.mu.Unlock()
	q.normalise()
	places := matching(items, wordsOf(q.Text), func(i *Item) bool { return q.holds(i) })
	out := make([]Item, len(places))
	for n, at := range places {
		out[n] = items[at].own()
	}
	return out
}

// Search is Find by words alone.
func (w *Wallet) Search(query string) []Item { return w.Find(Query{Text: query}) }

func (q *Query) normalise() {
	q.Issuer, q.Skill, q.Level = Fold(strings.TrimSpace(q.Issuer)), Fold(strings.TrimSpace(q.Skill)), levelKey(q.Level)
	q.Tags, q.levels = slices.Clone(q.Tags), map[string]bool{}
	for n := range q.Tags {
		q.Tags[n] = Fold(strings.TrimSpace(q.Tags[n]))
	}
}

// holds reports whether a normalised query's conditions hold, but for its words.
func (q *Query) holds(i *Item) bool {
	has := func(list []string, with func(string) bool) bool { return slices.ContainsFunc(list, with) }
	switch {
	case q.Issuer != "" && !strings.Contains(Fold(i.IssuerName), q.Issuer) && !strings.HasPrefix(Fold(i.Issuer), q.Issuer),
		q.Skill != "" && !has(i.Skills, func(s string) bool { return strings.Contains(Fold(s), q.Skill) }),
		q.Level != "" && !has(i.Levels, q.holdsLevel),
		q.State != "" && i.State(q.Now) != q.State,
		!q.Since.IsZero() && (i.ValidFrom.IsZero() || i.ValidFrom.Before(q.Since)),
		!q.Until.IsZero() && (i.ValidFrom.IsZero() || !i.ValidFrom.Before(q.Until)):
		return false
	}
	for _, tag := range q.Tags {
		if !has(i.Tags, func(t string) bool { return Fold(t) == tag }) {
			return false
		}
	}
	return true
}

// holdsLevel reports whether a level is the one that is asked for. There are
// few, so each is compared once.
func (q *Query) holdsLevel(level string) bool {
	holds, known := q.levels[level]
	if !known {
		holds = levelHolds(levelKey(level), q.Level)
		q.levels[level] = holds
	}
	return holds
}

// levelKey writes a level as it is compared: "eqf6".
func levelKey(s string) string {
	return strings.NewReplacer(" ", "", "nivaa", "", "level", "", "-", "").Replace(Fold(s))
}

func levelHolds(has, wanted string) bool {
	if wanted[0] >= '0' && wanted[0] <= '9' {
		has = strings.TrimLeft(has, "abcdefghijklmnopqrstuvwxyz")
	}
	rest, ok := strings.CutPrefix(has, wanted)
	return ok && (rest == "" || rest[0] == '.')
}

// The parts of what is searched, by how much it says that a word stands there.
// The mark between them is in no text.
const (
	inTitle = iota
	inSkills
	inIssuer
	inDescription
	inFacts
	asTyped // without the rings and strokes of å, ø and æ
	between = "\x00"
)

// searchable returns what a credential says as it is searched: folded, part for
// part.
func (i *Item) searchable() string {
	var b strings.Builder
	from := ""
	if !i.ValidFrom.IsZero() {
		from = i.ValidFrom.Format(time.DateOnly)
	}
	for n, part := range []string{i.Title, strings.Join(i.Skills, "\n"), i.IssuerName + "\n" + i.Type + "\n" + strings.Join(i.Levels, "\n"),
		i.Description, from + "\n" + i.Issuer + "\n" + i.Credential} {
		if n > 0 {
			b.WriteString(between)
		}
		b.WriteString(strings.ReplaceAll(Fold(part), between, " "))
	}
	b.WriteString(between)
	for _, part := range []string{i.Title, strings.Join(i.Skills, " "), i.IssuerName, i.Description} {
		for word := range strings.FieldsSeq(Fold(part)) {
			if bare := text.Bare(word); bare != word {
				b.WriteString(bare + " ")
			}
		}
	}
	return b.String()
}

// maxWords is how many words of a query are looked at.
const maxWords = 32

// wordsOf returns the folded words of what was typed.
func wordsOf(query string) []string {
	var words []string
	for word := range strings.FieldsSeq(Fold(query)) {
		if word = strings.Trim(word, `.,;!?"'()«»`); word != "" && len(words) < maxWords && !slices.Contains(words, word) {
			words = append(words, date(word))
		}
	}
	return words
}

// date turns a day as it is written here, 1.6.2026 or 06.2026, into the way in
// which it is searched. Other words stay.
func date(word string) string {
	for written, sought := range map[string]string{"2.1.2006": time.DateOnly, "1.2006": "2006-01"} {
		if t, err := time.Parse(written, word); err == nil {
			return t.Format(sought)
		}
	}
	return word
}

// What a place adds to the place of a hit, the best first.
const (
	nowhere  = 0
	likeWord = 100 // found by another form of the word
)

// matching returns the places of the items that hold and have all words, the best
// first. A word that no item has as it was typed is looked for in its other
// forms.
func matching(items []Item, words []string, holds func(*Item) bool) []int {
	var places []int
	for n := range items {
		if holds(&items[n]) {
			places = append(places, n)
		}
	}
	if len(words) == 0 {
		return places
	}
	rank := make([]int, len(items))
	for _, word := range words {
		matched := keep(places, rank, func(n int) int { return items[n].rank(word) })
		if len(matched) == 0 {
			other := formsOf(word)
			matched = keep(places, rank, func(n int) int { return items[n].rankLike(other) })
		}
		places = matched
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(rank[a], rank[b]) })
	return places
}

// keep returns the places that have a word, and adds to their rank.
func keep(places, rank []int, of func(n int) int) (out []int) {
	found := make([]int, len(places))
	inParts(len(places), func(from, to int) {
		for k := from; k < to; k++ {
			found[k] = of(places[k])
		}
	})
	for k, n := range places {
		if found[k] != nowhere {
			rank[n] += found[k]
			out = append(out, n)
		}
	}
	return out
}

// rank tells how good the best place is at which a word stands, from 1; it is
// nowhere if it does not stand in the item.
func (i *Item) rank(word string) int {
	best := rankIn(i.search, word)
	for _, tag := range i.Tags {
		if r := rankIn(between+Fold(tag), word); r != nowhere && (best == nowhere || r < best) {
			best = r // as a skill
		}
	}
	if best == nowhere && i.Note != "" {
		if r := rankIn(Fold(i.Note), word); r != nowhere {
			best = r + 3*inDescription
		}
	}
	return best
}

// rankIn looks for a word in searchable text. In each part, a whole word is
// better than the beginning of one, and that is better than its inside. Of
// numbers and of what is very short, only the beginning counts.
func rankIn(searched, word string) int {
	best, part, from := nowhere, 0, 0
	short := len(word) < 3 || word[0] >= '0' && word[0] <= '9'
	for {
		at := strings.Index(searched[from:], word)
		if at < 0 {
			return best
		}
		part += strings.Count(searched[from:from+at], between)
		at += from
		end := at + len(word)
		r := 3*part + 1
		switch begins := at == 0 || !inWord(searched[at-1]); {
		case !begins && short:
			r = nowhere
		case !begins:
			r += 2
		case end < len(searched) && inWord(searched[end]):
			r++
		}
		if r != nowhere && (best == nowhere || r < best) {
			best = r
		}
		if best != nowhere && best <= 3*part+1 {
			return best // nothing better can follow
		}
		from = at + 1
	}
}

func inWord(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c >= 0x80
}

// forms are what may have been meant by a word.
type forms struct {
	word string
	stem string // "" if it says too little
	bare string // without the rings and strokes of its letters, "" if it has none
}

func formsOf(word string) forms {
	f := forms{word: word, stem: text.Stem(word), bare: text.Bare(word)}
	if len(f.stem) < 3 || 2*len(f.stem) < len(word) {
		f.stem = ""
	}
	if f.bare == word || len(f.bare) < 4 {
		f.bare = ""
	}
	return f
}

// rankLike looks for a word in another form than it was typed: by its stem, by
// the parts of a compound, all of which have to be there, or without the rings
// and strokes of its letters.
func (i *Item) rankLike(f forms) int {
	if f.stem != "" {
		if r := rankIn(i.search, f.stem); begins(r) {
			return likeWord + r
		}
	}
	if f.bare != "" {
		if r := rankIn(i.search, f.bare); r != nowhere {
			return likeWord + r
		}
	}
	part := func(s string) bool { return begins(rankIn(i.search, s)) }
	if len(f.word) >= 8 && strings.Contains(i.search, f.word[:4]) && text.Split(f.word, part, part) != nil {
		return 2 * likeWord
	}
	return nowhere
}

// begins reports whether a rank of rankIn is that of the beginning of a word.
func begins(rank int) bool { return rank != nowhere && rank%3 != 0 }
