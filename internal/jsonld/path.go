package jsonld

import (
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// path is where in a document a walk is. A walk that ends with an error leaves
// it where it stood.
type path struct{ strictjson.Path }

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
