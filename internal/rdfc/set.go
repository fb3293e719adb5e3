package rdfc

import (
	"hash/maphash"
	"math/bits"
	"slices"
)

// set tells which quads of a slice occur twice. It holds places in the slice,
// because quads are large to copy and to hash as keys of a map.
type set struct {
	quads []Quad
	seed  maphash.Seed
	slots []int32 // 1 + place, 0: free; a power of two, at most half full
}

// newSet takes the memory of slots where that is enough.
func newSet(quads []Quad, slots []int32) *set {
	size := 16
	for size < 2*len(quads) {
		size *= 2
	}
	slots = slices.Grow(slots[:0], size)[:size]
	clear(slots)
	return &set{quads, maphash.MakeSeed(), slots}
}

// add reports whether no quad equal to that at i has been added.
func (s *set) add(i int) bool {
	q := &s.quads[i]
	datatype := q.Object.Datatype
	if q.Object.plain() {
		datatype = ""
	}
	// All that a document can vary goes in, or many quads would share a slot.
	hash := uint64(0)
	for _, text := range [...]string{q.Subject.Value, q.Predicate.Value, q.Object.Value, datatype, q.Object.Language, q.Graph.Value} {
		hash = bits.RotateLeft64(hash, 11)
		if text != "" {
			hash ^= maphash.String(s.seed, text)
		}
	}
	mask := uint64(len(s.slots) - 1)
	for slot := hash & mask; ; slot = (slot + 1) & mask {
		n := s.slots[slot]
		if n == 0 {
			s.slots[slot] = int32(i + 1)
			return true
		}
		if o := &s.quads[n-1]; o.Subject.same(&q.Subject) && o.Predicate.same(&q.Predicate) && o.Object.same(&q.Object) && o.Graph.same(&q.Graph) {
			return false
		}
	}
}

func (t *Term) same(o *Term) bool {
	return t.Kind == o.Kind && t.Value == o.Value && t.Language == o.Language &&
		(t.Datatype == o.Datatype || t.plain() && o.plain())
}

// plain reports whether a literal is a text without more, written either way.
func (t *Term) plain() bool { return t.Datatype == "" || t.Datatype == XSDString }
