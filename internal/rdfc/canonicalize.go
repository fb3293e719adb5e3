package rdfc

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
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

// New returns the hash function.
func (h Hash) New() hash.Hash {
	if h == SHA384 {
		return sha512.New384()
	}
	return sha256.New()
}

// DefaultMaxWork bounds the search for an order of blank nodes that look
// alike.
const DefaultMaxWork = 50_000

// Options are those of a canonicalization. The zero value is SHA-256 and
// DefaultMaxWork.
type Options struct {
	Hash    Hash
	MaxWork int
	// Workspace is memory that is used again; nil makes some.
	Workspace *Workspace
}

// Workspace is memory for one canonicalization at a time.
type Workspace struct {
	quads   []quad
	slots   []int32
	numbers map[string]int32 // of blank nodes, by their labels
	counts  []int32          // of the quads that mention a blank node
	room    []int32          // for mentions
	buf     []byte
	lines   []line
}

// line is where in buf a line of N-Quads stands.
type line struct{ from, to int32 }

// Result is a canonical dataset.
type Result struct {
	NQuads []byte // canonical N-Quads

	labels, canonical []string // of the blank nodes, in the input and here
}

// Issued returns the canonical label of each blank node, by its label in the
// input.
func (r *Result) Issued() map[string]string {
	out := make(map[string]string, len(r.labels))
	for i, label := range r.labels {
		out[label] = r.canonical[i]
	}
	return out
}

// Canonicalize returns the canonical form of quads, which is a set: a quad
// that occurs twice counts once. Errors are resource_limit/canonicalization-work
// and canceled.
func Canonicalize(ctx context.Context, quads []Quad, opt Options) (*Result, error) {
	c, err := labelled(ctx, quads, opt)
	if err != nil {
		return nil, err
	}
	c.write()
	out := &Result{labels: c.labels, canonical: make([]string, len(c.labels))}
	for node := range out.canonical {
		out.canonical[node] = c.canonical.label(node)
	}
	size := 0
	for _, l := range c.lines {
		size += int(l.to - l.from)
	}
	out.NQuads = make([]byte, 0, size)
	for _, l := range c.lines {
		out.NQuads = append(out.NQuads, c.buf[l.from:l.to]...)
	}
	return out, nil
}

// Digest returns the hash of the canonical form of quads, by the function of
// opt, without putting it together. Errors are those of Canonicalize.
func Digest(ctx context.Context, quads []Quad, opt Options) ([]byte, error) {
	c, err := labelled(ctx, quads, opt)
	if err != nil {
		return nil, err
	}
	c.write()
	h := opt.Hash.New()
	for _, l := range c.lines {
		h.Write(c.buf[l.from:l.to])
	}
	return h.Sum(nil), nil
}

// labelled gives every blank node of quads its canonical label.
func labelled(ctx context.Context, quads []Quad, opt Options) (*canonicalizer, error) {
	c := &canonicalizer{ctx: ctx, hash: opt.Hash, work: opt.MaxWork, in: quads, Workspace: opt.Workspace}
	if c.work <= 0 {
		c.work = DefaultMaxWork
	}
	if c.Workspace == nil {
		c.Workspace = new(Workspace)
	}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	return c, c.label()
}

// quad is one of the quads, with its blank nodes as numbers: the index of the
// label, or -1 for another term.
type quad struct{ place, subject, object, graph int32 }

// line appends the line of a quad to buf, with the labels for its blank nodes
// that label appends.
func (c *canonicalizer) line(q quad, label func(dst []byte, node int32) []byte) {
	of := &c.in[q.place]
	term := func(dst []byte, t *Term, node int32) []byte {
		if node < 0 {
			return append(appendTerm(dst, t), ' ')
		}
		return append(label(append(dst, '_', ':'), node), ' ')
	}
	from := int32(len(c.buf))
	c.buf = term(c.buf, &of.Subject, q.subject)
	c.buf = append(appendTerm(c.buf, &of.Predicate), ' ')
	c.buf = term(c.buf, &of.Object, q.object)
	if of.Graph.Kind != None {
		c.buf = term(c.buf, &of.Graph, q.graph)
	}
	c.buf = append(c.buf, '.', '\n')
	c.lines = append(c.lines, line{from, int32(len(c.buf))})
}

type canonicalizer struct {
	ctx  context.Context
	hash Hash
	work int

	*Workspace
	in        []Quad
	labels    []string  // of the input, by number
	mentions  [][]int32 // quads by blank node
	first     []string  // first-degree hashes by blank node
	canonical *issuer
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

func (i *issuer) label(node int) string { return string(i.appendLabel(nil, node)) }

func (i *issuer) appendLabel(dst []byte, node int) []byte {
	return strconv.AppendInt(append(dst, i.prefix...), int64(i.number[node]-1), 10)
}

// usualNodes is as many blank nodes as most documents have.
const usualNodes = 12

func (c *canonicalizer) prepare() error {
	if c.numbers == nil {
		c.numbers = make(map[string]int32)
	}
	clear(c.numbers)
	c.counts, c.labels = c.counts[:0], make([]string, 0, usualNodes)
	number := func(t *Term) int32 {
		if t.Kind != Blank {
			return -1
		}
		n, ok := c.numbers[t.Value]
		if !ok {
			n = int32(len(c.labels))
			c.numbers[t.Value] = n
			c.labels = append(c.labels, t.Value)
			c.counts = append(c.counts, 0)
		}
		return n
	}
	seen := newSet(c.in, c.slots)
	c.slots = seen.slots
	c.quads = slices.Grow(c.quads[:0], len(c.in))
	for i := range c.in {
		if i%1024 == 0 && c.ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", c.ctx.Err())
		}
		if !seen.add(i) {
			continue
		}
		q := &c.in[i]
		added := quad{int32(i), number(&q.Subject), number(&q.Object), number(&q.Graph)}
		c.quads = append(c.quads, added)
		added.each(func(node int) { c.counts[node]++ })
	}
	all := 0
	for _, n := range c.counts {
		all += int(n)
	}
	c.room = slices.Grow(c.room[:0], all)
	room := c.room[:all]
	c.mentions = make([][]int32, len(c.labels))
	for node, n := range c.counts {
		c.mentions[node], room = room[:0:n], room[n:]
	}
	for n, q := range c.quads {
		q.each(func(node int) { c.mentions[node] = append(c.mentions[node], int32(n)) })
	}
	return nil
}

// each visits the blank nodes of a quad, each once.
func (q quad) each(visit func(node int)) {
	if q.subject >= 0 {
		visit(int(q.subject))
	}
	if q.object >= 0 && q.object != q.subject {
		visit(int(q.object))
	}
	if q.graph >= 0 && q.graph != q.subject && q.graph != q.object {
		visit(int(q.graph))
	}
}

// sum returns the hexadecimal hash of data.
func (c *canonicalizer) sum(data []byte) string {
	var text [2 * sha512.Size384]byte
	if c.hash == SHA384 {
		s := sha512.Sum384(data)
		return string(hex.AppendEncode(text[:0], s[:]))
	}
	s := sha256.Sum256(data)
	return string(hex.AppendEncode(text[:0], s[:]))
}

// label gives every blank node its canonical label (RDFC-1.0 section 4.4.3).
func (c *canonicalizer) label() error {
	nodes := len(c.labels)
	c.canonical = newIssuer("c14n", nodes)
	c.canonical.order = make([]int, 0, nodes)
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
	label := func(dst []byte, other int32) []byte {
		if int(other) == node {
			return append(dst, 'a')
		}
		return append(dst, 'z')
	}
	c.buf, c.lines = c.buf[:0], c.lines[:0]
	for _, n := range c.mentions[node] {
		c.line(c.quads[n], label)
	}
	c.sort()
	unsorted := len(c.buf)
	for _, l := range c.lines {
		c.buf = append(c.buf, c.buf[l.from:l.to]...)
	}
	return c.sum(c.buf[unsorted:])
}

// sort puts the lines of buf in order.
func (c *canonicalizer) sort() {
	slices.SortFunc(c.lines, func(a, b line) int { return bytes.Compare(c.buf[a.from:a.to], c.buf[b.from:b.to]) })
}

// write writes all lines with the canonical labels.
func (c *canonicalizer) write() {
	label := func(dst []byte, node int32) []byte { return c.canonical.appendLabel(dst, int(node)) }
	c.buf, c.lines = c.buf[:0], c.lines[:0]
	for _, q := range c.quads {
		c.line(q, label)
	}
	c.sort()
}
