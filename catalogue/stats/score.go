package stats

import (
	"math"
	"slices"
)

// One is the score for a course that everybody took right after the newest
// course of the history.
const One = 1_000_000_000_000

// Part is what one course of a history adds to the score of a candidate; it
// can be below zero.
type Part struct {
	Source string
	Value  int64
}

// factorScale is what factors are parts of: 127 stands for a quarter.
const factorScale = 4 * 127

// compile works out what each cell counts. From here on all is whole numbers.
func (p *Published) compile() {
	n := len(p.courses)
	p.weights, p.from, p.to = make([][]int64, n), make([]float64, n), make([]float64, n)
	damp := make([]float64, n)
	for i, t := range p.taken {
		damp[i] = math.Pow(float64(t), -float64(p.Use.Popularity)/100)
		p.to[i] = math.Sqrt(float64(t))
		p.from[i] = float64(p.Use.LowRank) / 1000 / p.to[i] / (factorScale * factorScale)
	}
	for i, row := range p.next {
		p.weights[i] = make([]int64, len(row))
		people := float64(p.taken[i]+p.Use.Smooth) * float64(p.Shape.Weights[0])
		for k, c := range row {
			p.weights[i][k] = fixed(float64(c.value) / people * damp[c.to])
		}
	}
}

// lowRank is what the factors say of candidate to after course from.
func (p *Published) lowRank(from, to int) int64 {
	a, b := p.factors[from*p.Use.Rank:][:p.Use.Rank], p.factors[to*p.Use.Rank:][:p.Use.Rank]
	dot := int32(0)
	for k, x := range a {
		dot += int32(x) * int32(b[k])
	}
	return fixed(p.from[from] * p.to[to] * float64(dot))
}

// fixed is a share as a whole number, before a thousandth of recency counts.
// Bounds keep the sum over any history far from an overflow.
func fixed(share float64) int64 { return int64(math.Round(One / 1000 * max(-1, min(1, share)))) }

// source is a course of a history that the file knows, and how much it counts.
type source struct {
	at      int
	recency int64
}

// sources finds the courses of a history, newest last. A course that stands
// there twice counts where it is newest.
func (p *Published) sources(history []string) []source {
	var out []source
	for age := 0; age < len(history) && age < len(p.Use.Recency); age++ {
		course := history[len(history)-1-age]
		at, known := slices.BinarySearch(p.courses, course)
		if known && p.Use.Recency[age] > 0 && !slices.Contains(history[len(history)-age:], course) {
			out = append(out, source{at, int64(p.Use.Recency[age])})
		}
	}
	return out
}

// Scores returns the score of each course that the history, newest last, says
// anything of, and that is not in the history itself. The unit is One.
func (p *Published) Scores(history []string) map[string]int64 {
	sums := make([]int64, len(p.courses))
	for _, s := range p.sources(history) {
		for k, c := range p.next[s.at] {
			sums[c.to] += s.recency * p.weights[s.at][k]
		}
		if p.Use.Rank > 0 {
			for to := range sums {
				sums[to] += s.recency * p.lowRank(s.at, to)
			}
		}
	}
	out := map[string]int64{}
	for i, sum := range sums {
		if sum != 0 {
			out[p.courses[i]] = sum
		}
	}
	for _, course := range history {
		delete(out, course)
	}
	return out
}

// Contributions returns what each course of the history adds to the score of a
// candidate, newest first. The sum of the parts is the score, exactly: they
// are whole numbers, so in which order they are added does not matter.
func (p *Published) Contributions(history []string, candidate string) []Part {
	to, known := slices.BinarySearch(p.courses, candidate)
	if !known || slices.Contains(history, candidate) {
		return nil
	}
	var out []Part
	for _, s := range p.sources(history) {
		value := int64(0)
		if k, ok := find(p.next[s.at], to); ok {
			value = p.weights[s.at][k]
		}
		if p.Use.Rank > 0 {
			value += p.lowRank(s.at, to)
		}
		if value != 0 {
			out = append(out, Part{p.courses[s.at], s.recency * value})
		}
	}
	return out
}

func find(row []cell, to int) (at int, ok bool) {
	return slices.BinarySearchFunc(row, to, func(c cell, to int) int { return int(c.to) - to })
}

// After returns what is told of candidate after course: the weighted number
// of people, in people who took it right after, and how many took course.
// Nothing told is 0. Both are rounded or noised on their own, so people is held
// to be no more than there are.
func (p *Published) After(course, candidate string) (people float64, of int) {
	i, known := slices.BinarySearch(p.courses, course)
	j, also := slices.BinarySearch(p.courses, candidate)
	if !known || !also {
		return 0, 0
	}
	if k, ok := find(p.next[i], j); ok {
		people = min(float64(p.next[i][k].value)/float64(p.Shape.Weights[0]), float64(p.taken[i]))
	}
	return people, p.taken[i]
}
