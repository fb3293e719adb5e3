package jsonld

import (
	"strconv"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// path is where in a document a walk is. It is written out only for errors
// and for who asks where a statement comes from. A walk that ends with an
// error leaves it where it stood.
type path []place

// place is a member, or the item of an array.
type place struct {
	member string
	item   int
	isItem bool
}

func (p *path) enter(member string) { *p = append(*p, place{member: member}) }
func (p *path) enterItem(i int)     { *p = append(*p, place{item: i, isItem: true}) }
func (p *path) leave()              { *p = (*p)[:len(*p)-1] }

// String returns the JSON pointer.
func (p path) String() string {
	out := ""
	for _, here := range p {
		if here.isItem {
			out = strictjson.Pointer(out, strconv.Itoa(here.item))
		} else {
			out = strictjson.Pointer(out, here.member)
		}
	}
	return out
}

func (p path) refuse(code reason.Code, format string, args ...any) error {
	return reason.New(code, p.String(), format, args...)
}

// placed gives the place to an error that has none.
func (p path) placed(err error) error {
	if e, ok := err.(*reason.Error); ok && e.At == "" {
		return &reason.Error{Code: e.Code, At: p.String(), Err: e.Err}
	}
	return err
}
