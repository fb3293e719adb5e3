package stats

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// Period is the days that a statistic is about, the first and the last one
// among them.
type Period struct{ From, To catalogue.Date }

func (p Period) check() error {
	if !p.From.Valid() || !p.To.Valid() || p.To < p.From {
		return invalid("period", "/period", "a period is two days such as 2026-01-01, in order")
	}
	return nil
}

func (p Period) holds(d catalogue.Date) bool { return d.Valid() && p.From <= d && d <= p.To }

func (p Period) overlaps(q Period) bool { return p.From <= q.To && q.From <= p.To }

func (p Period) value() *strictjson.Value {
	return strictjson.Array(strictjson.String(string(p.From)), strictjson.String(string(p.To)))
}

type member struct {
	name  string
	value *strictjson.Value
}

// object writes members in order and leaves out those without a value.
func object(members ...member) []byte {
	return objectValue(members...).AppendJSON(nil)
}

func objectValue(members ...member) *strictjson.Value {
	var kept []strictjson.Member
	for _, m := range members {
		if m.value != nil {
			kept = append(kept, strictjson.Member{Name: m.name, Value: m.value})
		}
	}
	return strictjson.Object(kept...)
}

func ints(n ...int) *strictjson.Value {
	items := make([]*strictjson.Value, len(n))
	for i, x := range n {
		items[i] = strictjson.Int(int64(x))
	}
	return strictjson.Array(items...)
}

func texts(list []string) *strictjson.Value {
	items := make([]*strictjson.Value, len(list))
	for i, s := range list {
		items[i] = strictjson.String(s)
	}
	return strictjson.Array(items...)
}

// optional is n, or nothing for 0.
func optional(n int) *strictjson.Value {
	if n == 0 {
		return nil
	}
	return strictjson.Int(int64(n))
}

func pointer(base string, i int) string { return strictjson.Pointer(base, strconv.Itoa(i)) }

// reader takes a parsed document apart and remembers the first thing wrong.
type reader struct {
	fine string
	err  error
}

func (r *reader) fail(at, format string, args ...any) {
	if r.err == nil {
		r.err = invalid(r.fine, at, format, args...)
	}
}

// members refuses members besides those named: a file that says more than is
// understood is not read as if it said less.
func (r *reader) members(v *strictjson.Value, at string, names ...string) {
	if v.Kind() != strictjson.KindObject {
		r.fail(at, "is %s, not an object", v.Kind())
		return
	}
	for _, m := range v.Members() {
		if !slices.Contains(names, m.Name) {
			r.fail(strictjson.Pointer(at, m.Name), "is not known here")
		}
	}
}

func (r *reader) text(v *strictjson.Value, at, name string) string {
	s, ok := v.Get(name).Text()
	if !ok {
		r.fail(at+"/"+name, "is missing or no text")
	}
	return s
}

func (r *reader) time(v *strictjson.Value, at, name string) time.Time {
	t, err := time.Parse(time.RFC3339, r.text(v, at, name))
	if err != nil {
		r.fail(at+"/"+name, "is no time such as 2026-07-01T00:00:00Z")
	}
	return t
}

func (r *reader) period(v *strictjson.Value) Period {
	days := r.texts(v, "", "period")
	if len(days) != 2 {
		r.fail("/period", "is not two days")
		return Period{}
	}
	p := Period{catalogue.Date(days[0]), catalogue.Date(days[1])}
	if err := p.check(); err != nil {
		r.fail("/period", "%w", err)
	}
	return p
}

// number is a whole number, 0 where the member is absent.
func (r *reader) number(v *strictjson.Value, at, name string) int {
	if v.Get(name) == nil {
		return 0
	}
	return r.whole(v.Get(name), at+"/"+name)
}

func (r *reader) whole(v *strictjson.Value, at string) int {
	f, ok := v.Float()
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<40 {
		r.fail(at, "is no whole number of this size")
		return 0
	}
	return int(f)
}

func (r *reader) list(v *strictjson.Value, at, name string) []*strictjson.Value {
	if v.Get(name).Kind() != strictjson.KindArray {
		r.fail(at+"/"+name, "is missing or no list")
		return nil
	}
	return v.Get(name).Items()
}

func (r *reader) ints(v *strictjson.Value, at string) []int {
	if v.Kind() != strictjson.KindArray {
		r.fail(at, "is missing or no list")
		return nil
	}
	out := make([]int, len(v.Items()))
	for i, item := range v.Items() {
		out[i] = r.whole(item, pointer(at, i))
	}
	return out
}

func (r *reader) texts(v *strictjson.Value, at, name string) []string {
	items := r.list(v, at, name)
	out := make([]string, len(items))
	for i, item := range items {
		s, ok := item.Text()
		if !ok {
			r.fail(pointer(at+"/"+name, i), "is no text")
			break
		}
		out[i] = s
	}
	return out
}
