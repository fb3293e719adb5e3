package form

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Member is a member to be written.
func Member(name string, value *strictjson.Value) strictjson.Member {
	return strictjson.Member{Name: name, Value: value}
}

// Bytes writes members in order and leaves out those without a value.
func Bytes(members ...strictjson.Member) []byte {
	return Object(members...).AppendJSON(nil)
}

// Object makes an object of members, in order, without those that have no
// value.
func Object(members ...strictjson.Member) *strictjson.Value {
	var kept []strictjson.Member
	for _, m := range members {
		if m.Value != nil {
			kept = append(kept, m)
		}
	}
	return strictjson.Object(kept...)
}

// Ints makes a list of numbers.
func Ints(n ...int) *strictjson.Value {
	items := make([]*strictjson.Value, len(n))
	for i, x := range n {
		items[i] = strictjson.Int(int64(x))
	}
	return strictjson.Array(items...)
}

// Texts makes a list of texts.
func Texts(list []string) *strictjson.Value {
	items := make([]*strictjson.Value, len(list))
	for i, s := range list {
		items[i] = strictjson.String(s)
	}
	return strictjson.Array(items...)
}

// Optional is n, or nothing for 0.
func Optional(n int) *strictjson.Value {
	if n == 0 {
		return nil
	}
	return strictjson.Int(int64(n))
}

// Pointer is the place of an item of a list.
func Pointer(base string, i int) string { return strictjson.Pointer(base, strconv.Itoa(i)) }

// Reader takes a parsed document apart and remembers the first thing wrong.
type Reader struct {
	// Code is of what Fail makes.
	Code reason.Code
	err  error
}

// Err returns the first thing that was wrong.
func (r *Reader) Err() error { return r.err }

// Fail notes that something is wrong at a place.
func (r *Reader) Fail(at, format string, args ...any) {
	if r.err == nil {
		r.err = reason.New(r.Code, at, format, args...)
	}
}

// Members refuses members besides those named: a file that says more than is
// understood is not read as if it said less.
func (r *Reader) Members(v *strictjson.Value, at string, names ...string) {
	if v.Kind() != strictjson.KindObject {
		r.Fail(at, "is %s, not an object", v.Kind())
		return
	}
	for _, m := range v.Members() {
		if !slices.Contains(names, m.Name) {
			r.Fail(strictjson.Pointer(at, m.Name), "is not known here")
		}
	}
}

// Text is a text that must be there.
func (r *Reader) Text(v *strictjson.Value, at, name string) string {
	s, ok := v.Get(name).Text()
	if !ok {
		r.Fail(at+"/"+name, "is missing or no text")
	}
	return s
}

// Time is a time of RFC 3339 that must be there.
func (r *Reader) Time(v *strictjson.Value, at, name string) time.Time {
	t, err := time.Parse(time.RFC3339, r.Text(v, at, name))
	if err != nil {
		r.Fail(at+"/"+name, "is no time such as 2026-07-01T00:00:00Z")
	}
	return t
}

// Number is a whole number, 0 where the member is absent.
func (r *Reader) Number(v *strictjson.Value, at, name string) int {
	if v.Get(name) == nil {
		return 0
	}
	return r.whole(v.Get(name), at+"/"+name)
}

func (r *Reader) whole(v *strictjson.Value, at string) int {
	f, ok := v.Float()
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<40 {
		r.Fail(at, "is no whole number of this size")
		return 0
	}
	return int(f)
}

// List is a list that must be there.
func (r *Reader) List(v *strictjson.Value, at, name string) []*strictjson.Value {
	if v.Get(name).Kind() != strictjson.KindArray {
		r.Fail(at+"/"+name, "is missing or no list")
		return nil
	}
	return v.Get(name).Items()
}

// Ints reads a list of whole numbers.
func (r *Reader) Ints(v *strictjson.Value, at string) []int {
	if v.Kind() != strictjson.KindArray {
		r.Fail(at, "is missing or no list")
		return nil
	}
	out := make([]int, len(v.Items()))
	for i, item := range v.Items() {
		out[i] = r.whole(item, Pointer(at, i))
	}
	return out
}

// Texts is a list of texts that must be there.
func (r *Reader) Texts(v *strictjson.Value, at, name string) []string {
	items := r.List(v, at, name)
	out := make([]string, len(items))
	for i, item := range items {
		s, ok := item.Text()
		if !ok {
			r.Fail(Pointer(at+"/"+name, i), "is no text")
			break
		}
		out[i] = s
	}
	return out
}
