package text

import "math/bits"

// Distance returns how many letters have to be put in, left out, changed or
// swapped with their neighbour to make b of a, or limit+1 if it is more than
// limit. Letters are bytes, and what lies beyond MaxWord is not looked at.
func Distance(a, b string, limit int) int {
	a, b = a[:min(len(a), MaxWord)], b[:min(len(b), MaxWord)]
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	var rows [3][MaxWord + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			best = min(best, d)
		}
		if best > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}

// Letters returns the set of the letters of a folded word, for Apart.
func Letters(word string) uint64 {
	var set uint64
	for i := range len(word) {
		set |= 1 << (word[i] & 63)
	}
	return set
}

// Apart tells from the letters alone that two words have a Distance of more
// than limit: an error puts in at most one letter and takes away one.
func Apart(a, b uint64, limit int) bool { return bits.OnesCount64(a^b) > 2*limit }
