package text

import "strings"

// Stem returns the key under which the forms of a folded word meet: those of
// nouns, verbs and adjectives, who does it and the doing of it, in bokmål,
// nynorsk and English alike, since a query does not tell its language. It
// takes off endings of forms until none is left, so that what stems alike with
// an ending stems alike without, and one that makes words of others. It is a key, not a word: compare it, never show
// it.
func Stem(word string) string {
	if len(word) < 4 || word[0] >= '0' && word[0] <= '9' {
		return variant(word)
	}
	w := variant(word)
	for derived := false; ; {
		shorter, derives := strip(w, derived)
		if shorter == w {
			break
		}
		w, derived = shorter, derived || derives
	}
	if strings.HasSuffix(w, "gj") || strings.HasSuffix(w, "kj") { // byggje, tenkjer
		w = w[:len(w)-1]
	}
	if n := len(w); n > 3 && w[n-1] == w[n-2] && !isVowel(w[n-1]) {
		w = w[:n-1] // bygg, byg-ning
	}
	return w
}

// strip takes off the longest ending that leaves enough of a word, and tells
// whether it makes words of others: of those at most one is taken off, or of
// "datasikkerhet" nothing would be left.
func strip(w string, derived bool) (shorter string, derives bool) {
	for n := min(len(w)-3, maxEnding); n > 0; n-- {
		at := len(w) - n
		keep, put, ok := inflection(w[at:])
		if !ok && !derived {
			keep, put, ok = derivation(w[at:])
			derives = ok
		}
		if ok && at+len(put) >= keep && hasVowel(w[:at]) && !protected(w[:at], w[at:]) {
			return w[:at] + put, derives
		}
	}
	return w, false
}

const maxEnding = 7

// inflection tells whether s is an ending of forms of one word, of its doer or
// its doing, how many letters have to stay for it to be one, and what stands
// in its place.
func inflection(s string) (keep int, put string, ok bool) {
	switch s {
	case "e", "a", "en", "et", "er", "ar", "ane", "ene", "ens", "ets", "enes", "anes", "ende", "ande":
		return 3, "", true
	case "erne", "arne", "arane", "ernes", "aranes":
		return 3, "er", true
	case "ere", "are", "est", "ast", "este", "aste":
		return 4, "", true
	case "ing":
		return 3, "", true
	case "inga", "ingen", "inger", "ingar", "ingene", "ingane", "ings":
		return 3, "ing", true
	case "sning":
		return 3, "s", true
	case "kning":
		return 3, "k", true
	case "alt":
		return 5, "al", true
	case "ivt":
		return 5, "iv", true
	case "elt":
		return 5, "el", true
	case "ert":
		return 5, "er", true
	case "ies", "y":
		return 4, "i", true
	case "i", "ed", "es", "or":
		return 4, "", true
	case "s":
		return 3, "", true
	}
	return 0, "", false
}

// derivation is inflection for endings that make words of others.
func derivation(s string) (keep int, put string, ok bool) {
	switch s {
	case "else", "elsen", "elser", "elsene", "elsar", "elsane":
		return 3, "", true
	case "het", "heten", "heter", "hetene", "hets", "hetens":
		return 4, "", true
	case "asjon", "atoer", "ator", "ation", "isk", "iske", "iskt", "ikk", "ikken", "iker", "ikar":
		return 4, "", true
	case "ics", "ical":
		return 4, "ic", true
	case "itet", "itets", "iteten", "iteter", "ity", "ities":
		return 4, "", true
	case "at":
		return 5, "", true
	case "ly", "ate", "ement", "ness", "able", "ible", "less", "ful":
		return 4, "", true
	}
	return 0, "", false
}

// protected keeps what only looks like an ending.
func protected(rest, ending string) bool {
	last := rest[len(rest)-1]
	if ending[0] == 'e' && (last == 'a' || last == 'o') || ending[0] == 'a' && last == 'a' {
		return true // the ae, oe or aa of opplær, innfør and mål
	}
	switch ending {
	case "ikk", "ikken": // sikker, drikk, blikk
		return strings.IndexByte("srlk", last) >= 0
	case "s":
		return last == 's' || last == 'u' || last == 'i'
	case "er", "or", "ed", "et", "en", "e", "a", "i":
		return len(rest) <= 3 && last == rest[len(rest)-2] // "maa-e": å, and doubled vowels
	case "y":
		return isVowel(last)
	}
	return false
}

func hasVowel(s string) bool { return strings.ContainsAny(s, "aeiouy") }

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u', 'y':
		return true
	}
	return false
}
