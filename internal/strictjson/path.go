package strictjson

import "strconv"

// Path is where in a document a walk is. It costs nothing until it is written
// out. The zero Path is the whole document.
type Path []step

// step is a member, or the item of an array.
type step struct {
	member string
	item   int // or notAnItem
}

const notAnItem = -1

// NewPath returns the zero Path with room for the levels that most documents
// have.
func NewPath() Path { return make(Path, 0, 16) }

// Enter goes into a member.
func (p *Path) Enter(member string) { *p = append(*p, step{member, notAnItem}) }

// EnterItem goes into an item of an array.
func (p *Path) EnterItem(i int) { *p = append(*p, step{item: i}) }

// Leave goes back out of what was entered last.
func (p *Path) Leave() { *p = (*p)[:len(*p)-1] }

// Up returns the path without its last levels.
func (p Path) Up(levels int) Path { return p[:len(p)-levels] }

// String returns the JSON pointer (RFC 6901).
func (p Path) String() string {
	out := ""
	for _, s := range p {
		if s.item != notAnItem {
			out = Pointer(out, strconv.Itoa(s.item))
		} else {
			out = Pointer(out, s.member)
		}
	}
	return out
}
