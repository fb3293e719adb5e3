package rdfc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// Hash is the hash function that tells blank nodes apart.
type Hash uint8

// The hash functions of RDFC-1.0.
const (
	SHA256 Hash = iota
	SHA384
)

// DefaultMaxWork bounds the search for an order of blank nodes that look
// alike.
const DefaultMaxWork = 50_000

// Options are those of a canonicalization. The zero value is SHA-256 and
// DefaultMaxWork.
type Options struct {
	Hash    Hash
	MaxWork int
}

// Result is a canonical dataset.
type Result struct {
	NQuads []byte            // canonical N-Quads
	Issued map[string]string // canonical label of each blank node, by its label in the input
}

// Canonicalize returns the canonical form of quads, which is a set: a quad
// that occurs twice counts once. Errors are resource_limit/canonicalization-work
// and canceled.
func Canonicalize(ctx context.Context, quads []Quad, opt Options) (*Result, error) {
	c := &canonicalizer{ctx: ctx, hash: opt.Hash, work: opt.MaxWork}
	if c.work <= 0 {
		c.work = DefaultMaxWork
	}
	if err := c.prepare(quads); err != nil {
		return nil, err
	}
	if err := c.label(); err != nil {
		return nil, err
	}
	return c.result(), nil
}

// quad is a Quad with its blank nodes as numbers: the index of the label, or
// -1 for another term.
type quad struct {
	*Quad
	subject, object, graph int
}

// append writes q with the given labels for its blank nodes.
func (q *quad) append(dst []byte, label func(node int) string) []byte {
	term := func(dst []byte, t *Term, node int) []byte {
		if node < 0 {
			return appendTerm(dst, t)
		}
		return append(append(dst, '_', ':'), label(node)...)
	}
	dst = append(term(dst, &q.Subject, q.subject), ' ')
	dst = append(appendTerm(dst, &q.Predicate), ' ')
	dst = append(term(dst, &q.Object, q.object), ' ')
	if q.Graph.Kind != None {
		dst = append(term(dst, &q.Graph, q.graph), ' ')
	}
	return append(dst, '.', '\n')
}

type canonicalizer struct {
	ctx  context.Context
	hash Hash
	work int

	quads     []quad
	labels    []string // of the input, by number
	mentions  [][]int  // quads by blank node
	first     []string // first-degree hashes by blank node
	canonical *issuer
	buf       []byte // lines, one behind the other,
	ends      []int  // which end here
}

// issuer gives labels in the order of asking (RDFC-1.0 section 4.3).
type issuer struct {
	prefix string
	number []int32 // 1 + number of the label by blank node, 0: none
	order  []int
}

func newIssuer(prefix string, nodes int) *issuer {
	return &issuer{prefix: prefix, number: make([]int32, nodes)}
}

func (i *issuer) clone() *issuer {
	return &issuer{i.prefix, slices.Clone(i.number), slices.Clone(i.order)}
}

func (i *issuer) has(node int) bool { return i.number[node] != 0 }

func (i *issuer) issue(node int) {
	if i.number[node] == 0 {
		i.order = append(i.order, node)
		i.number[node] = int32(len(i.order))
	}
}

func (i *issuer) label(node int) string { return i.prefix + strconv.Itoa(int(i.number[node]-1)) }

func (c *canonicalizer) prepare(quads []Quad) error {
	numbers := make(map[string]int)
	number := func(t *Term) int {
		if t.Kind != Blank {
			return -1
		}
		n, ok := numbers[t.Value]
		if !ok {
			n = len(c.labels)
			numbers[t.Value] = n
			c.labels = append(c.labels, t.Value)
			c.mentions = append(c.mentions, nil)
		}
		return n
	}
	seen := newSet(quads)
	c.quads = make([]quad, 0, len(quads))
	for i := range quads {
		if i%1024 == 0 && c.ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", c.ctx.Err())
		}
		if !seen.add(i) {
			continue
		}
		q := &quads[i]
		n := len(c.quads)
		added := quad{q, number(&q.Subject), number(&q.Object), number(&q.Graph)}
		c.quads = append(c.quads, added)
		for k, node := range [...]int{added.subject, added.object, added.graph} {
			if node < 0 || k > 0 && node == added.subject || k == 2 && node == added.object {
				continue
			}
			c.mentions[node] = append(c.mentions[node], n)
		}
	}
	return nil
}

// sum returns the hexadecimal hash of data.
func (c *canonicalizer) sum(data []byte) string {
	if c.hash == SHA384 {
		s := sha512.Sum384(data)
		return hex.EncodeToString(s[:])
	}
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// label gives every blank node its canonical label (RDFC-1.0 section 4.4.3).
func (c *canonicalizer) label() error {
	nodes := len(c.labels)
	c.canonical = newIssuer("c14n", nodes)
	c.first = make([]string, nodes)
	byHash := make([]int, nodes)
	for node := range nodes {
		if node%256 == 0 && c.ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", c.ctx.Err())
		}
		c.first[node] = c.hashFirstDegree(node)
		byHash[node] = node
	}
	slices.SortStableFunc(byHash, func(a, b int) int { return strings.Compare(c.first[a], c.first[b]) })
	var alike [][]int
	for i := 0; i < nodes; {
		j := i + 1
		for j < nodes && c.first[byHash[j]] == c.first[byHash[i]] {
			j++
		}
		if j == i+1 {
			c.canonical.issue(byHash[i])
		} else {
			alike = append(alike, byHash[i:j])
		}
		i = j
	}
	for _, group := range alike {
		if err := c.labelAlike(group); err != nil {
			return err
		}
	}
	return nil
}

func (c *canonicalizer) labelAlike(group []int) error {
	type path struct {
		hash   string
		issuer *issuer
	}
	var paths []path
	for _, node := range group {
		if c.canonical.has(node) {
			continue
		}
		temporary := newIssuer("b", len(c.labels))
		temporary.issue(node)
		hash, result, err := c.hashNDegree(node, temporary)
		if err != nil {
			return err
		}
		paths = append(paths, path{hash, result})
	}
	slices.SortStableFunc(paths, func(a, b path) int { return strings.Compare(a.hash, b.hash) })
	for _, p := range paths {
		for _, node := range p.issuer.order {
			c.canonical.issue(node)
		}
	}
	return nil
}

// hashFirstDegree hashes the quads that mention a node, with the node as _:a
// and every other as _:z (section 4.6.3).
func (c *canonicalizer) hashFirstDegree(node int) string {
	label := func(other int) string {
		if other == node {
			return "a"
		}
		return "z"
	}
	c.buf, c.ends = c.buf[:0], c.ends[:0]
	for _, n := range c.mentions[node] {
		c.buf = c.quads[n].append(c.buf, label)
		c.ends = append(c.ends, len(c.buf))
	}
	return c.sum(c.sorted())
}

// sorted returns the lines of buf, which end at ends, in order.
func (c *canonicalizer) sorted() []byte {
	lines := make([][]byte, len(c.ends))
	start := 0
	for i, end := range c.ends {
		lines[i] = c.buf[start:end]
		start = end
	}
	slices.SortFunc(lines, bytes.Compare)
	return bytes.Join(lines, nil)
}

// hashRelated hashes how a node is related by a quad (section 4.7.3).
func (c *canonicalizer) hashRelated(related int, q *quad, issued *issuer, position byte) string {
	buf := append(make([]byte, 0, 128), position)
	if position != 'g' {
		buf = append(append(append(buf, '<'), q.Predicate.Value...), '>')
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
		q := &c.quads[n]
		for _, component := range [...]struct {
			node     int
			position byte
		}{{q.subject, 's'}, {q.object, 'o'}, {q.graph, 'g'}} {
			if component.node < 0 || component.node == node {
				continue
			}
			hash := c.hashRelated(component.node, q, issued, component.position)
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

func (c *canonicalizer) result() *Result {
	out := &Result{Issued: make(map[string]string, len(c.labels))}
	names := make([]string, len(c.labels))
	for node, label := range c.labels {
		names[node] = c.canonical.label(node)
		out.Issued[label] = names[node]
	}
	c.buf, c.ends = make([]byte, 0, 128*len(c.quads)), make([]int, 0, len(c.quads))
	for i := range c.quads {
		c.buf = c.quads[i].append(c.buf, func(node int) string { return names[node] })
		c.ends = append(c.ends, len(c.buf))
	}
	out.NQuads = c.sorted()
	return out
}
