package rdfc

import (
	"bytes"
	"slices"

	"github.com/kompetansebevis/bevis/reason"
)

// This file tells blank nodes apart that look alike, by what they are related
// to (RDFC-1.0 sections 4.7 and 4.8).

// hashRelated hashes how a node is related by a quad (section 4.7.3).
func (c *canonicalizer) hashRelated(related int, predicate string, issued *issuer, position byte) string {
	buf := append(make([]byte, 0, 128), position)
	if position != 'g' {
		buf = append(append(append(buf, '<'), predicate...), '>')
	}
	switch {
	case c.canonical.has(related):
		buf = append(append(buf, '_', ':'), c.canonical.label(related)...)
	case issued.has(related):
		buf = append(append(buf, '_', ':'), issued.label(related)...)
	default:
		buf = append(buf, c.first[related]...)
	}
	return c.sum(buf)
}

// spend counts work and looks whether the caller has given up.
func (c *canonicalizer) spend(units int) error {
	c.work -= units
	if c.work < 0 {
		return reason.New(reason.LimitCanonicalization, "", "telling the blank nodes of the document apart takes too much work")
	}
	if c.ctx.Err() != nil {
		return reason.Wrap(reason.Canceled, "", c.ctx.Err())
	}
	return nil
}

// hashNDegree hashes a node by the paths that lead away from it (section
// 4.8.3). It returns the issuer that belongs to the path it chose.
func (c *canonicalizer) hashNDegree(node int, issued *issuer) (string, *issuer, error) {
	if err := c.spend(1 + len(c.mentions[node]) + len(c.labels)/32); err != nil {
		return "", nil, err
	}
	relatedBy := make(map[string][]int)
	for _, n := range c.mentions[node] {
		q := c.quads[n]
		for _, component := range [...]struct {
			node     int
			position byte
		}{{int(q.subject), 's'}, {int(q.object), 'o'}, {int(q.graph), 'g'}} {
			if component.node < 0 || component.node == node {
				continue
			}
			hash := c.hashRelated(component.node, c.in[q.place].Predicate.Value, issued, component.position)
			relatedBy[hash] = append(relatedBy[hash], component.node)
		}
	}
	hashes := make([]string, 0, len(relatedBy))
	for hash := range relatedBy {
		hashes = append(hashes, hash)
	}
	slices.Sort(hashes)
	var data []byte
	for _, hash := range hashes {
		path, chosen, err := c.shortestPath(relatedBy[hash], issued)
		if err != nil {
			return "", nil, err
		}
		data = append(append(data, hash...), path...)
		issued = chosen
	}
	return c.sum(data), issued, nil
}

// shortestPath tries the nodes in every order and returns the least path.
func (c *canonicalizer) shortestPath(nodes []int, issued *issuer) (string, *issuer, error) {
	var best []byte
	var chosen *issuer
	order := slices.Clone(nodes)
	slices.Sort(order)
	for more := true; more; more = nextPermutation(order) {
		path, result, err := c.tryPath(order, issued, best)
		if err != nil {
			return "", nil, err
		}
		if result != nil && (chosen == nil || bytes.Compare(path, best) < 0) {
			best, chosen = path, result
		}
	}
	return string(best), chosen, nil
}

// tryPath follows the nodes in one order. It returns no issuer when the path
// cannot become less than best.
func (c *canonicalizer) tryPath(order []int, issued *issuer, best []byte) ([]byte, *issuer, error) {
	if err := c.spend(1 + len(order) + len(c.labels)/32); err != nil {
		return nil, nil, err
	}
	issued = issued.clone()
	var path []byte
	var recurse []int
	hopeless := func() bool { return best != nil && len(path) >= len(best) && bytes.Compare(path, best) > 0 }
	for _, node := range order {
		if c.canonical.has(node) {
			path = append(append(path, '_', ':'), c.canonical.label(node)...)
		} else {
			if !issued.has(node) {
				recurse = append(recurse, node)
				issued.issue(node)
			}
			path = append(append(path, '_', ':'), issued.label(node)...)
		}
		if hopeless() {
			return nil, nil, nil
		}
	}
	for _, node := range recurse {
		hash, result, err := c.hashNDegree(node, issued)
		if err != nil {
			return nil, nil, err
		}
		issued.issue(node)
		path = append(append(path, '_', ':'), issued.label(node)...)
		path = append(append(append(path, '<'), hash...), '>')
		issued = result
		if hopeless() {
			return nil, nil, nil
		}
	}
	return path, issued, nil
}

// nextPermutation turns p into the next order, false after the last. Equal
// elements are not exchanged, so no order comes twice.
func nextPermutation(p []int) bool {
	i := len(p) - 2
	for i >= 0 && p[i] >= p[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(p) - 1
	for p[j] <= p[i] {
		j--
	}
	p[i], p[j] = p[j], p[i]
	slices.Reverse(p[i+1:])
	return true
}
