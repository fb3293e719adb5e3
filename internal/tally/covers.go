package tally

import (
	"strconv"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Covers returns the places of a document that another one does not have in the
// same words, although a report names neither them nor what they stand in as
// dropped or approximated: what a conversion there and back lost in silence. Items
// of a list may stand in another order, and the other document may say more. Empty
// names what says nothing, as in New. Same is how many values were found again.
func Covers(document, other *strictjson.Value, report loss.Report, empty func(name string, v *strictjson.Value) bool) (missing []string, same int) {
	c := covering{told: map[string]bool{}, empty: empty}
	for _, item := range report {
		if item.Kind == loss.Dropped || item.Kind == loss.Approximated {
			c.told[item.From] = true
		}
	}
	missing, same = c.compare(document, other, "")
	return missing, same
}

type covering struct {
	told  map[string]bool
	empty func(name string, v *strictjson.Value) bool
}

func (c covering) compare(v, other *strictjson.Value, at string) (missing []string, same int) {
	switch {
	case c.told[at]:
		return nil, 0
	case v.Kind() == strictjson.KindObject:
		for _, m := range v.Members() {
			if c.empty != nil && c.empty(m.Name, m.Value) {
				continue
			}
			lost, found := c.compare(m.Value, other.Get(m.Name), strictjson.Pointer(at, m.Name))
			missing, same = append(missing, lost...), same+found
		}
		return missing, same
	case v.Kind() == strictjson.KindArray:
		for n, item := range v.Items() {
			lost, found := c.among(item, other.List(), at+"/"+strconv.Itoa(n))
			missing, same = append(missing, lost...), same+found
		}
		return missing, same
	case string(v.AppendJSON(nil)) == string(other.AppendJSON(nil)):
		return nil, 1
	}
	// "Single or array" is one or the other, as one likes.
	if list := other.Items(); len(list) == 1 {
		return c.compare(v, list[0], at)
	}
	return []string{at}, 0
}

// among finds an item in a list; where none is the same, it names what the nearest
// lacks.
func (c covering) among(item *strictjson.Value, list []*strictjson.Value, at string) (missing []string, same int) {
	missing, same = c.compare(item, nil, at)
	for _, candidate := range list {
		lost, found := c.compare(item, candidate, at)
		if len(lost) == 0 {
			return nil, found
		}
		if found > same || missing == nil {
			missing, same = lost, found
		}
	}
	return missing, same
}
