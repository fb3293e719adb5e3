package loss

import "slices"

// Kind is what became of a part of the source. The zero value is Dropped.
type Kind uint8

// The kinds.
const (
	Dropped      Kind = iota // the target has no place for it
	Approximated             // the target says it less exactly, or otherwise
	Assumed                  // the target must say it, and the source does not
	Kept                     // carried over in a form that only some programs understand
)

// String returns "dropped", "approximated", "assumed" or "kept".
func (k Kind) String() string {
	switch k {
	case Approximated:
		return "approximated"
	case Assumed:
		return "assumed"
	case Kept:
		return "kept"
	default:
		return "dropped"
	}
}

// MarshalText writes the kind as String does.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Item is one part that did not come over as it was.
type Item struct {
	Kind Kind   `json:"kind"`
	From string `json:"from,omitempty"` // where it stands in the source: a JSON pointer, or for XML a path of element names; empty for Assumed
	To   string `json:"to,omitempty"`   // where it stands in the target; empty for Dropped
	Why  string `json:"why"`            // a stable name, such as "no-place"; its sentence is the text "loss.no-place"
	What string `json:"what,omitempty"` // a short value or name for people
}

// Report is what was lost and made up, in the order of the source.
type Report []Item

// Add notes an item, once.
func (r *Report) Add(item Item) {
	if !slices.Contains(*r, item) {
		*r = append(*r, item)
	}
}

// Count returns how many items are of a kind.
func (r Report) Count(k Kind) int {
	n := 0
	for _, item := range r {
		if item.Kind == k {
			n++
		}
	}
	return n
}
