package search

import (
	"cmp"
	"context"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// skillFirst is what an offer that leads to a skill that was asked for has
// above all that was only found by words.
const skillFirst = 2

// maxLabels is how many labels of a skill are looked for.
const maxLabels = 8

type candidate struct {
	document int32
	score    float32
}

// Search answers a query. Errors are those of Normal, and canceled.
func (x *Index) Search(ctx context.Context, q catalogue.Query) (catalogue.Results, error) {
	q, err := Normal(q)
	if err != nil {
		return catalogue.Results{}, err
	}
	found, read := x.find(q)
	if err := ctx.Err(); err != nil {
		return catalogue.Results{}, reason.Wrap(reason.Canceled, "", err)
	}
	counts := make([]int, len(x.facets))
	kept := found[:0]
	for _, c := range found {
		if d := &x.documents[c.document]; d.meets(&q) {
			for _, f := range d.facets {
				counts[f]++
			}
			kept = append(kept, c)
		}
	}
	results := catalogue.Results{Total: len(kept), Hits: []catalogue.Hit{}, Facets: map[string]map[string]int{}, Read: read}
	for id, n := range counts {
		if f := x.facets[id]; n > 0 {
			if results.Facets[f.Name] == nil {
				results.Facets[f.Name] = map[string]int{}
			}
			results.Facets[f.Name][f.Value] = n
		}
	}
	for _, c := range page(kept, q.Offset, q.Limit) {
		results.Hits = append(results.Hits, catalogue.Hit{Listing: x.documents[c.document].listing, Score: float64(c.score)})
	}
	return results, nil
}

// find returns what text and skills find; all by standing when there are
// neither.
func (x *Index) find(q catalogue.Query) ([]candidate, map[string][]string) {
	var found []candidate
	if q.Text == "" && len(q.Skills) == 0 {
		for _, d := range x.byStanding {
			found = append(found, candidate{d, x.documents[d].factor})
		}
		return found, nil
	}
	words, read := x.read(q.Text)
	sum := x.texts(words)
	if len(q.Skills) > 0 {
		x.skillsInto(q.Skills, sum)
	}
	for _, d := range sum.rows {
		found = append(found, candidate{d, sum.score[d] * x.documents[d].factor})
	}
	if len(read) == 0 {
		read = nil
	}
	return found, read
}

// skillsInto adds what skills find: offers that lead to one, and below them
// those that speak of one by all words of a label.
func (x *Index) skillsInto(skills []string, sum *column) {
	add := func(d int32, score float32) {
		if sum.match[d] == 0 {
			sum.rows = append(sum.rows, d)
			sum.match[d] = 1
		}
		sum.score[d] += score
	}
	skills = slices.Compact(slices.Sorted(slices.Values(skills)))
	leads := make([]bool, len(x.documents))
	for _, uri := range skills {
		for _, d := range x.skills[uri] {
			if !leads[d] {
				leads[d] = true
				add(d, skillFirst)
			}
			add(d, 1/float32(len(skills)))
		}
	}
	if x.config.Labels == nil {
		return
	}
	for _, uri := range skills {
		best := map[int32]float32{}
		labels := x.config.Labels(uri)
		for _, label := range labels[:min(len(labels), maxLabels)] {
			words, read := x.read(label)
			if len(read) > 0 {
				continue // words that no offer has
			}
			c := x.texts(words)
			for _, d := range c.rows {
				if c.match[d] >= .85 {
					best[d] = max(best[d], c.score[d])
				}
			}
		}
		for d := range x.documents {
			if s := best[int32(d)]; s > 0 {
				add(int32(d), s/float32(len(skills)))
			}
		}
	}
}

// page sorts as much of found as the page needs, and returns it.
func page(found []candidate, offset, limit int) []candidate {
	order := func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.document, b.document))
	}
	if offset >= len(found) {
		return nil
	}
	end := min(offset+limit, len(found))
	if end < len(found)/8 {
		found = best(found, end, order)
	}
	slices.SortFunc(found, order)
	return found[offset:end]
}

// best returns the first n of found by order, in any order: by a heap of the n
// best so far, the worst of them on top.
func best(found []candidate, n int, order func(a, b candidate) int) []candidate {
	heap := slices.Clone(found[:n])
	down := func(i int) {
		for {
			worst := i
			for child := 2*i + 1; child <= 2*i+2 && child < n; child++ {
				if order(heap[child], heap[worst]) > 0 {
					worst = child
				}
			}
			if worst == i {
				return
			}
			heap[i], heap[worst] = heap[worst], heap[i]
			i = worst
		}
	}
	for i := n/2 - 1; i >= 0; i-- {
		down(i)
	}
	for _, c := range found[n:] {
		if order(c, heap[0]) < 0 {
			heap[0] = c
			down(0)
		}
	}
	return heap
}
