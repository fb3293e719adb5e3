package support

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Scheme is a way to have a course paid, or to live while one takes it.
type Scheme struct {
	ID        string          `json:"id"`
	Name      catalogue.Texts `json:"name"`
	Text      catalogue.Texts `json:"text,omitempty"`
	Source    string          `json:"source"`            // where the rules themselves stand
	Checked   catalogue.Date  `json:"checked,omitempty"` // when somebody compared this with Source
	ValidFrom catalogue.Date  `json:"validFrom,omitempty"`
	ValidTo   catalogue.Date  `json:"validTo,omitempty"` // last day
	Covers    *Covers         `json:"covers,omitempty"`  // nil: not computable from the price
	Rule      Expr            `json:"rule"`
}

// Covers tells how much of an offer's price a scheme pays.
type Covers struct {
	Share float64          `json:"share,omitempty"` // 0 to 1; 0: all of it
	Max   *catalogue.Price `json:"max,omitempty"`
}

// Expr is one of: All, Any, Not, or a comparison of a fact.
type Expr struct {
	All  []Expr          `json:"all,omitempty"`
	Any  []Expr          `json:"any,omitempty"`
	Not  *Expr           `json:"not,omitempty"`
	Fact string          `json:"fact,omitempty"`
	Op   string          `json:"op,omitempty"` // = != < <= > >= in has
	Of   Operand         `json:"value,omitzero"`
	Ask  catalogue.Texts `json:"ask,omitempty"` // what to ask when the fact is unknown
}

// Operand is a value, or the list that "in" looks in.
type Operand []Value

// UnmarshalJSON implements json.Unmarshaler.
func (o *Operand) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, (*[]Value)(o))
	}
	*o = make([]Value, 1)
	return json.Unmarshal(data, &(*o)[0])
}

// MarshalJSON implements json.Marshaler.
func (o Operand) MarshalJSON() ([]byte, error) {
	if len(o) == 1 {
		return json.Marshal(o[0])
	}
	return json.Marshal([]Value(o))
}

// Limits of a file of schemes.
const (
	MaxSchemes = 1000
	maxDepth   = 10
	maxLine    = 100_000
)

// Parse reads schemes, one JSON object a line; empty lines are passed over.
// The first line that is wrong is malformed/scheme with its number: half a
// set of rules would be shown as if it were all.
func Parse(ctx context.Context, data []byte) ([]Scheme, error) {
	var out []Scheme
	ids := map[string]bool{}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		at := "line " + strconv.Itoa(n)
		if err := ctx.Err(); err != nil {
			return nil, reason.Wrap(reason.Canceled, at, err)
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(out) == MaxSchemes {
			return nil, reason.New(reason.LimitValues, at, "more than %d schemes", MaxSchemes)
		}
		s, err := parseScheme(line)
		if err != nil {
			return nil, reason.New("malformed/scheme", at, "%w", err)
		}
		if ids[s.ID] {
			return nil, reason.New("malformed/scheme", at, "the id %q stands twice", s.ID)
		}
		ids[s.ID] = true
		out = append(out, s)
	}
	return out, nil
}

func parseScheme(line []byte) (s Scheme, err error) {
	if _, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine, MaxDepth: 2*maxDepth + 4, MaxValues: 5000}); err != nil {
		return s, err
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, err
	}
	return s, s.Check()
}

// Check tells whether a scheme can be evaluated.
func (s Scheme) Check() error {
	switch {
	case s.ID == "" || s.Name.In() == "":
		return reason.New("malformed/scheme", "/id", "a scheme has an id and a name")
	case !catalogue.WebAddress(s.Source):
		return reason.New("malformed/scheme", "/source", "a scheme names the address where its rules stand")
	case s.Covers != nil && (!(s.Covers.Share >= 0 && s.Covers.Share <= 1) || s.Covers.Max != nil && !(s.Covers.Max.Amount >= 0)):
		return reason.New("malformed/scheme", "/covers", "a share is from 0 to 1, an amount not below 0")
	}
	for at, d := range map[string]catalogue.Date{"/checked": s.Checked, "/validFrom": s.ValidFrom, "/validTo": s.ValidTo} {
		if d != "" && !d.Valid() {
			return reason.New("malformed/scheme", at, "%q is no day", d)
		}
	}
	return s.Rule.check("/rule", 0)
}

func (e Expr) check(at string, depth int) error {
	kinds := 0
	for _, there := range []bool{len(e.All) > 0, len(e.Any) > 0, e.Not != nil, e.Fact != ""} {
		if there {
			kinds++
		}
	}
	switch {
	case depth > maxDepth:
		return reason.New(reason.LimitDepth, at, "more than %d levels", maxDepth)
	case kinds != 1:
		return reason.New("malformed/scheme", at, "a rule is one of all, any, not and fact")
	case e.Fact != "":
		return e.checkFact(at)
	case e.Op != "" || e.Of != nil:
		return reason.New("malformed/scheme", at, "op and value belong to a fact")
	case e.Not != nil:
		return e.Not.check(at+"/not", depth+1)
	}
	for i, x := range e.All {
		if err := x.check(at+"/all/"+strconv.Itoa(i), depth+1); err != nil {
			return err
		}
	}
	for i, x := range e.Any {
		if err := x.check(at+"/any/"+strconv.Itoa(i), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (e Expr) checkFact(at string) error {
	if !strings.Contains(e.Fact, ".") || !slices.Contains([]string{"=", "!=", "<", "<=", ">", ">=", "in", "has"}, e.Op) {
		return reason.New("malformed/scheme", at, "a fact such as person.age and one of = != < <= > >= in has")
	}
	if len(e.Of) == 0 || e.Op != "in" && len(e.Of) != 1 {
		return reason.New("malformed/scheme", at+"/value", "one value, or a list for in")
	}
	if strings.ContainsAny(e.Op, "<>") && e.Of[0].kind != 'n' {
		return reason.New("malformed/scheme", at+"/value", "%s compares numbers", e.Op)
	}
	return nil
}
