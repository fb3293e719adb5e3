package text

// The parts of a compound have at least minPart bytes, and there are at most
// maxParts of them.
const (
	minPart  = 3
	maxParts = 4
)

// Split takes a folded Norwegian compound apart: "datasikkerhetskurs" is data,
// sikkerhet, kurs. The words are the caller's: head tells whether the last
// part is one, in whatever form, modifier whether one that stands before it
// is, without the s or e that links it. It returns the fewest parts, and of
// those the longest last one; nil for what is no compound. What stands before
// a verb, as in "oppføre", is no part.
func Split(word string, modifier, head func(string) bool) []string {
	n := len(word)
	if n < 2*minPart || n > MaxWord {
		return nil
	}
	type step struct{ parts, next, end int } // the fewest parts from here on; where the next begins, this one ends
	var from [MaxWord + 1]step
	for i := n - minPart; i >= 0; i-- {
		if i > 0 && head(word[i:]) {
			from[i] = step{parts: 1, next: n, end: n}
			continue
		}
		for j := i + minPart; j <= n-minPart; j++ {
			if from[j].parts == 0 || from[j].parts >= maxParts || from[i].parts > 0 && from[j].parts+1 >= from[i].parts {
				continue
			}
			if end := modifierEnd(word[i:j], modifier); end > 0 {
				from[i] = step{parts: from[j].parts + 1, next: j, end: i + end}
			}
		}
	}
	if from[0].parts < 2 {
		return nil
	}
	parts := make([]string, 0, from[0].parts)
	for i := 0; i < n; i = from[i].next {
		parts = append(parts, word[i:from[i].end])
	}
	return parts
}

// modifierEnd returns the length of the modifier that s is, without what links
// it; 0 if it is none.
func modifierEnd(s string, modifier func(string) bool) int {
	if verbal(s) {
		return 0
	}
	if modifier(s) {
		return len(s)
	}
	if n := len(s) - 1; n >= minPart && (s[n] == 's' || s[n] == 'e') && !verbal(s[:n]) && modifier(s[:n]) {
		return n
	}
	return 0
}

// Modifies tells whether s can stand before another word in a compound without
// being known itself.
func Modifies(s string) bool {
	return len(s) >= minPart && hasVowel(s) && !verbal(s) && !verbal(s[:len(s)-1])
}

// verbal tells what stands before verbs, and what they make is no compound of.
func verbal(s string) bool {
	switch s {
	case "for", "fore", "inn", "opp", "paa", "til", "fra", "mot", "ned", "med", "ved", "etter", "under", "over", "gjennom", "mis", "van":
		return true
	}
	return Stop(s)
}
