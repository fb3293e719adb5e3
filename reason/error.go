package reason

import (
	"errors"
	"fmt"
	"strings"
)

// Error is a refusal or a failure with a stable code.
type Error struct {
	Code Code   // why, for programs
	At   string // where: a JSON pointer, a file name, a URL, or empty
	Err  error  // the cause, for people
}

// New returns an error with a code, a place (may be empty) and a cause that
// is formatted as by fmt.Errorf, so that %w wraps.
func New(code Code, at, format string, args ...any) *Error {
	return &Error{Code: code, At: at, Err: fmt.Errorf(format, args...)}
}

// Wrap gives err a code and a place. It returns nil when err is nil.
func Wrap(code Code, at string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, At: at, Err: err}
}

// Error returns the place, the cause and the code, in this order.
func (e *Error) Error() string {
	var b strings.Builder
	if e.At != "" {
		b.WriteString(e.At)
		b.WriteString(": ")
	}
	if e.Err != nil {
		b.WriteString(e.Err.Error())
	} else {
		b.WriteString(string(e.Code))
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is an *Error that names the same code, or the
// coarse code of e. The place and the cause of target are not compared.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && (t.Code == e.Code || string(t.Code) == e.Code.Coarse())
}

// CodeOf returns the code of the outermost *Error in err's chain. It returns
// the empty code for nil, and Internal for an error that carries no code, so
// that a forgotten code never reads as success.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// AtOf returns the place of the outermost *Error in err's chain.
func AtOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.At
	}
	return ""
}
