package strictjson_test

import (
	"math"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestOneReading: what some other reader would take for something is refused
// here, each for what it is.
func TestOneReading(t *testing.T) {
	t.Parallel()
	for in, code := range map[string]reason.Code{
		// A name has two quotation marks, and stands before a colon and a value.
		`{1a":1}`:       reason.MalformedJSON,
		`{'a":1}`:       reason.MalformedJSON,
		`{"a":1,xb":2}`: reason.MalformedJSON,
		`{"a"=1}`:       reason.MalformedJSON,
		`{"a"11}`:       reason.MalformedJSON,
		`{"a",1}`:       reason.MalformedJSON,
		`{"a":}`:        reason.MalformedJSON,
		`{"a":,"b":1}`:  reason.MalformedJSON,
		`[,]`:           reason.MalformedJSON,
		`[,1]`:          reason.MalformedJSON,
		`{"\ud800":1}`:  reason.MalformedUTF8,
		// Numbers: what comes behind a bad beginning makes it no better.
		`-.5`:   reason.MalformedJSON,
		`01.5`:  reason.MalformedJSON,
		`-00.5`: reason.MalformedJSON,
		`01e5`:  reason.MalformedJSON,
		`1.e5`:  reason.MalformedJSON,
		`-e5`:   reason.MalformedJSON,
		`/1`:    reason.MalformedJSON,
		// Four digits, sixteen of them, whatever stands beside those in ASCII.
		`"\u000/"`:    reason.MalformedJSON,
		`"\u000:"`:    reason.MalformedJSON,
		`"\u000@"`:    reason.MalformedJSON,
		`"\u000G"`:    reason.MalformedJSON,
		"\"\\u000`\"": reason.MalformedJSON,
		`"\u000g"`:    reason.MalformedJSON,
		`"\u+041"`:    reason.MalformedJSON,
		`"\u-041"`:    reason.MalformedJSON,
		`"\u 041"`:    reason.MalformedJSON,
		`"\u00"`:      reason.MalformedJSON,
		// A pair is two escapes, the second of them from DC00 to DFFF.
		`"\ud800\udbff"`: reason.MalformedUTF8,
		`"\ud800\ue000"`: reason.MalformedUTF8,
		`"\ud800xudc00"`: reason.MalformedUTF8,
		`"\ud800\xdc00"`: reason.MalformedUTF8,
		`"\ud800\udc0g"`: reason.MalformedUTF8,
		`"\ud800\`:       reason.MalformedUTF8,
	} {
		if v, err := strictjson.Parse([]byte(in), strictjson.Limits{}); reason.CodeOf(err) != code {
			t.Errorf("%s: %v, %v, want %s", in, v.Any(), err, code)
		}
	}
}

// TestEscapes reads the ends of the ranges that an escape can stand in.
func TestEscapes(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"\u0000\u0019\u009f\u00AF\u00af"`: "\x00\x19\u009f\u00af\u00af",
		`"\ud7ff\ue000\uFFFF"`:             "\ud7ff\ue000\uffff",
		`"\uD800\uDC00\uDBFF\uDFFF"`:       "\U00010000\U0010ffff",
		`"\uD83D\uDE00"`:                   "😀",
	} {
		v, err := strictjson.Parse([]byte(in), strictjson.Limits{})
		if got, _ := v.Text(); err != nil || got != want {
			t.Errorf("%s: %q, %v", in, got, err)
		}
	}
}

// TestEndOfDocument: a document ends where its slice does. What lies behind it
// in memory is not read, nor is anything where memory ends.
func TestEndOfDocument(t *testing.T) {
	t.Parallel()
	whole := `{"a":[null,true,false,"x\u0041\ud83d\ude00\n",-1.5e+10,{"b":{}}]} `
	for n := range whole[:len(whole)-1] {
		for name, data := range map[string][]byte{"full": []byte(whole)[:n], "cut": []byte(whole)[:n:n]} {
			if v, err := strictjson.Parse(data, strictjson.Limits{}); err == nil {
				t.Errorf("%s, %q: %v", name, data, v.Any())
			}
		}
	}
	for i, c := range whole { // and so with each of its values alone
		if !strings.ContainsRune(`[ntf"-{`, c) {
			continue
		}
		for n := i + 1; n < len(whole); n++ {
			part := []byte(whole)[i:n:n]
			v, err := strictjson.Parse(part, strictjson.Limits{})
			if err == nil && string(v.Raw()) != strings.TrimSpace(string(part)) {
				t.Errorf("%q: %q", part, v.Raw())
			}
		}
	}
}

func TestParseObject(t *testing.T) {
	t.Parallel()
	for in, code := range map[string]reason.Code{
		`[]`: reason.MalformedNotObject, `"{}"`: reason.MalformedNotObject, `null`: reason.MalformedNotObject,
		``: reason.MalformedJSON, `{`: reason.MalformedJSON, `{} {}`: reason.MalformedTrailing,
	} {
		if v, err := strictjson.ParseObject([]byte(in), strictjson.Limits{}); reason.CodeOf(err) != code || v != nil {
			t.Errorf("%q: %v, %v", in, v.Any(), err)
		}
	}
}

// TestLimits: each limit lets its own number pass and no more.
func TestLimits(t *testing.T) {
	t.Parallel()
	name := func(n int) string { return `{"` + strings.Repeat("n", n) + `":1}` }
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	few := strictjson.Limits{MaxBytes: 20, MaxDepth: 3, MaxValues: 4}
	for _, c := range []struct {
		name      string
		at, above string
		lim       strictjson.Limits
		code      reason.Code
	}{
		{"bytes", `"` + strings.Repeat("x", 18) + `"`, `"` + strings.Repeat("x", 19) + `"`, few, reason.LimitSize},
		{"depth", nested(3), nested(4), few, reason.LimitDepth},
		{"depth of objects", `{"":{"":{}}}`, `{"":{"":{"":{}}}}`, few, reason.LimitDepth},
		{"values", `[1,2,3]`, `[1,2,3,4]`, few, reason.LimitValues},
		{"depth by default", nested(64), nested(65), strictjson.Limits{}, reason.LimitDepth},
		{"a name", name(8 << 10), name(8<<10 + 1), strictjson.Limits{}, reason.LimitDepth},
		{"names below each other", `{"` + strings.Repeat("n", 8<<10-1) + `":{"m":1}}`,
			`{"` + strings.Repeat("n", 8<<10-1) + `":{"mm":1}}`, strictjson.Limits{}, reason.LimitDepth},
		{"a number", "0." + strings.Repeat("0", 61) + "1", "0." + strings.Repeat("0", 62) + "1", strictjson.Limits{}, reason.MalformedNumber},
	} {
		if _, err := strictjson.Parse([]byte(c.at), c.lim); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if _, err := strictjson.Parse([]byte(c.above), c.lim); reason.CodeOf(err) != c.code {
			t.Errorf("%s, one more: %v", c.name, err)
		}
	}
	// Beside each other they count one by one.
	beside := `{"` + strings.Repeat("n", 6<<10) + `":1,"` + strings.Repeat("m", 6<<10) + `":1}`
	if _, err := strictjson.Parse([]byte(beside), strictjson.Limits{}); err != nil {
		t.Error("names beside each other:", err)
	}
}

// TestNumbers: a number is taken if a reader of doubles and one of decimals
// read the same.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{
		`0e400`: true, `-0.000`: true, `0.00e-999999999999999999999`: true, `100`: true, `0.00100`: true, `1e-323`: true,
		`9223372036854776000`: true, `9223372036854775800`: false, `9223372036854775808`: false, // the second is this double in 17 digits
		`92233720368547758e2`: true, `9.2233720368547758e18`: true, `9.2233720368547759e18`: false,
		`2e-324`: false, `3e-324`: false, `1.7976931348623159e308`: false, `1e99999999999999999999`: false,
	} {
		v, err := strictjson.Parse([]byte(in), strictjson.Limits{})
		if ok && err != nil || !ok && reason.CodeOf(err) != reason.MalformedNumber {
			t.Errorf("%s: %v", in, err)
		}
		if got, _ := v.Literal(); ok && got != in {
			t.Errorf("%s is kept as %s", in, got)
		}
	}
}

// TestKinds: a value gives what it holds and nothing else, and one that is not
// there gives nothing, whatever it is asked for.
func TestKinds(t *testing.T) {
	t.Parallel()
	var absent *strictjson.Value
	for _, c := range []struct {
		v                            *strictjson.Value
		kind, json                   string
		text, literal, number, truth bool
		members, items, list         int
	}{
		{v: absent, kind: "nothing", json: `null`},
		{v: strictjson.Null(), kind: "null", json: `null`, list: 1},
		{v: strictjson.Bool(true), kind: "a boolean", json: `true`, truth: true, list: 1},
		{v: strictjson.Int(-7), kind: "a number", json: `-7`, literal: true, number: true, list: 1},
		{v: strictjson.Float(0.5), kind: "a number", json: `0.5`, literal: true, number: true, list: 1},
		{v: strictjson.Float(math.NaN()), kind: "null", json: `null`, list: 1},
		{v: strictjson.Float(math.Inf(1)), kind: "null", json: `null`, list: 1},
		{v: strictjson.Float(math.Inf(-1)), kind: "null", json: `null`, list: 1},
		{v: strictjson.String("7"), kind: "a string", json: `"7"`, text: true, list: 1},
		{v: strictjson.String("\\\"\x1f\x7fæ\xff😀"), kind: "a string", json: `"\\\"\u001f` + "\x7fæ\uFFFD😀" + `"`, text: true, list: 1},
		{v: strictjson.Array(strictjson.Null(), absent), kind: "an array", json: `[null,null]`, items: 2, list: 2},
		{v: strictjson.Object(strictjson.Member{Name: `a\`, Value: strictjson.Int(1)}), kind: "an object", json: `{"a\\":1}`, members: 1, list: 1},
	} {
		v := c.v
		if v.Kind().String() != c.kind || string(v.AppendJSON(nil)) != c.json || v.Raw() != nil {
			t.Errorf("%s: %s, %s, %q", c.json, v.Kind(), v.AppendJSON(nil), v.Raw())
		}
		text, isText := v.Text()
		literal, isLiteral := v.Literal()
		f, isNumber := v.Float()
		truth, isBool := v.Bool()
		if isText != c.text || isLiteral != c.literal || isNumber != c.number || isBool != c.truth {
			t.Errorf("%s is taken for another kind", c.json)
		}
		if !isText && text != "" || !isLiteral && literal != "" || !isNumber && f != 0 || !isBool && truth {
			t.Errorf("%s: %q, %q, %v, %v", c.json, text, literal, f, truth)
		}
		if len(v.Members()) != c.members || len(v.Items()) != c.items || len(v.List()) != c.list || len(v.Names()) != c.members {
			t.Errorf("%s: %d members, %d items, %d in its list", c.json, len(v.Members()), len(v.Items()), len(v.List()))
		}
		if v.Get("x") != nil || v.Lookup("/x") != nil || v.Lookup("x") != nil || v.Lookup("") != v {
			t.Errorf("%s: something is found in it", c.json)
		}
		if got := v.Without("x"); string(got.AppendJSON(nil)) != c.json || c.members == 0 && got != v {
			t.Errorf("%s is %s without what it has not", c.json, got.AppendJSON(nil))
		}
	}
}
