package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/catalogue/text"
)

// word is what a word of the query is looked for as, in the language of
// to_tsquery.
type word struct {
	plain string // for the dictionaries
	keys  string // for the keys of package text
}

// known is a word of the catalogue.
type known struct{ word, stem, shown string }

// read makes of a text what is looked for, and tells which words were not
// found as written: as package search does, but for compounds that offers
// have.
func (s *Store) read(ctx context.Context, query string) (words []word, read map[string][]string, err error) {
	for _, t := range search.Terms(clean(query)) {
		w, instead, err := s.readWord(ctx, t)
		if err != nil {
			return nil, nil, err
		}
		if instead != nil {
			if read == nil {
				read = map[string][]string{}
			}
			read[t.Written] = instead
		}
		words = append(words, w)
	}
	return words, read, nil
}

func (s *Store) readWord(ctx context.Context, t search.Term) (word, []string, error) {
	stem := text.Stem(t.Folded)
	asked := word{plain: quote(t.Written), keys: quote(stem) + "|" + quote(t.Folded)}
	begins := t.Last && len(t.Folded) >= 3
	if begins {
		asked.keys += ":*"
	}
	same, err := s.words(ctx, "word = $1 OR stem = $2 OR ($3 AND starts_with(word, $1)) ORDER BY word LIMIT 20", t.Folded, stem, begins)
	if err != nil {
		return word{}, nil, err
	}
	if len(same) > 0 {
		var instead []string
		if !slices.ContainsFunc(same, func(k known) bool { return k.word == t.Folded || k.stem == stem }) {
			for _, k := range same[:min(len(same), 5)] {
				instead = append(instead, k.shown)
			}
		}
		return asked, instead, nil
	}
	near, err := s.near(ctx, t.Folded)
	if err != nil {
		return word{}, nil, err
	}
	if len(near) == 0 || text.Distance(t.Folded, near[0].word, 2) > 1 {
		parts, err := s.parts(ctx, t.Folded)
		if err != nil || parts != nil {
			return anyOf(parts), parts, err
		}
	}
	var instead []string
	for _, k := range near {
		instead = append(instead, k.shown)
	}
	if instead == nil {
		return asked, nil, nil
	}
	return anyOf(instead), instead, nil
}

// words returns words of the catalogue.
func (s *Store) words(ctx context.Context, where string, args ...any) ([]known, error) {
	rows, err := s.pool.Query(ctx, "SELECT word, stem, shown FROM catalogue_word WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(r pgx.CollectableRow) (k known, err error) { return k, r.Scan(&k.word, &k.stem, &k.shown) })
}

// near returns the words nearest to one that is none, at most three.
func (s *Store) near(ctx context.Context, folded string) ([]known, error) {
	limit := 2
	switch n := len(folded); {
	case n < 4:
		return nil, nil
	case n < 8:
		limit = 1
	}
	bare := text.Bare(folded)
	letters := text.Letters(folded)
	// Leaving out the marks of æ, ø and å takes a letter each.
	all, err := s.words(ctx, "length(word) BETWEEN $1 AND $2 AND length(word) > 3 ORDER BY word", len(folded)-limit, len(folded)+max(limit, 4))
	if err != nil {
		return nil, err
	}
	var found []known
	for _, k := range all {
		d := limit + 1
		switch {
		case text.Bare(k.word) == bare:
			d = 0
		case !text.Apart(letters, text.Letters(k.word), limit) && (limit == 1 || k.word[0] == folded[0]):
			d = text.Distance(folded, k.word, limit)
		}
		if d < limit {
			limit, found = d, found[:0]
		}
		if d <= limit {
			found = append(found, k)
		}
	}
	return found[:min(len(found), 3)], nil
}

// parts takes a compound apart by the words of the catalogue.
func (s *Store) parts(ctx context.Context, folded string) ([]string, error) {
	if len(folded) < 7 || len(folded) > text.MaxWord {
		return nil, nil
	}
	var pieces, stems []string
	for i := range folded {
		for j := i + 3; j <= len(folded); j++ {
			pieces = append(pieces, folded[i:j])
		}
		stems = append(stems, text.Stem(folded[i:]))
	}
	for i := range pieces {
		pieces[i] = clean(pieces[i])
	}
	have, err := s.words(ctx, "word = ANY($1) OR stem = ANY($1) OR stem = ANY($2)", pieces, stems)
	if err != nil {
		return nil, err
	}
	word := map[string]bool{}
	for _, k := range have {
		word[k.word], word[k.stem] = true, true
	}
	return text.Split(folded, func(p string) bool { return word[p] }, func(p string) bool {
		return word[p] || len(p) > 3 && word[text.Stem(p)]
	}), nil
}

// anyOf looks for any of some words.
func anyOf(words []string) word {
	var plain, keys []string
	for _, w := range words {
		folded := text.Fold(w)
		plain, keys = append(plain, quote(w)), append(keys, quote(text.Stem(folded)), quote(folded))
	}
	return word{strings.Join(plain, "|"), strings.Join(keys, "|")}
}

// quote writes a word for to_tsquery.
func quote(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}
