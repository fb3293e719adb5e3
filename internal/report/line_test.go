package report_test

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
)

// lineOf is a result as encoding/json has it, which AppendResult must equal.
func lineOf(t *testing.T, r *app.VerifyResult) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(report.EscapeJSON(b.Bytes())), "\n")
}

func sameLine(t *testing.T, what string, r *app.VerifyResult) {
	t.Helper()
	got, err := report.AppendResult(nil, r, nil)
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	if want := lineOf(t, r); string(got) != want {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

// allBytes holds every byte, and characters that mislead or look like escapes.
func allBytes() string {
	var b strings.Builder
	for c := range 256 {
		b.WriteByte(byte(c))
	}
	return b.String() + "æøå <&> \\u0041 \u0085\u00ad\u200b\u202e\u2028\u2029\ufeff\ufffd\U000E0041😀\xed\xa0\x80\xf4\x90\x80\x80\xc3"
}

// fill sets every field of v, and of what it holds, that json writes.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(allBytes())
	case reflect.Int:
		v.SetInt(-1234567)
	case reflect.Float64:
		v.SetFloat(1.5e-9)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth)
	case reflect.Slice:
		if v.Type().Elem() == reflect.TypeFor[app.VerifyResult]() {
			if depth == 0 {
				return
			}
			depth--
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), depth) // and one that is empty behind it
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 28, 18, 15, 13, 120, time.FixedZone("", 5400))))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), depth)
			}
		}
	default:
		panic("a kind of field that the test does not know: " + v.Type().String())
	}
}

// TestAppendResult holds the writer of lines equal to encoding/json: for each
// field alone, empty and filled, and for all of them. A field that is added to a
// result and not to the writer is found here.
func TestAppendResult(t *testing.T) {
	t.Parallel()
	sameLine(t, "nothing", &app.VerifyResult{})
	var all app.VerifyResult
	fill(reflect.ValueOf(&all).Elem(), 2)
	sameLine(t, "everything", &all)
	count := 0
	var each func(root *app.VerifyResult, v reflect.Value, path string, depth int)
	each = func(root *app.VerifyResult, v reflect.Value, path string, depth int) {
		if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			f, field := v.Field(i), v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			count++
			at := path + "." + field.Name
			was := reflect.New(f.Type()).Elem()
			was.Set(f)
			fill(f, 1)
			sameLine(t, at, root)
			switch f.Kind() {
			case reflect.Slice:
				f.Set(reflect.MakeSlice(f.Type(), 0, 0)) // no nil
				sameLine(t, at+" of none", root)
				if depth > 0 {
					f.Set(reflect.MakeSlice(f.Type(), 1, 1))
					each(root, f.Index(0), at+"[]", depth-1)
				}
			case reflect.Pointer:
				f.Set(reflect.New(f.Type().Elem()))
				sameLine(t, at+" of nothing", root)
				each(root, f.Elem(), at, depth)
			case reflect.Struct:
				f.Set(was)
				each(root, f, at, depth)
			}
			f.Set(was)
		}
	}
	root := &app.VerifyResult{}
	each(root, reflect.ValueOf(root).Elem(), "result", 1)
	if count < 100 { // as many as there are when this was written, and more
		t.Errorf("only %d fields were looked at", count)
	}
}

// TestAppendResultRepeats: the command that is put in from its two parts is the
// one that Line gives.
func TestAppendResultRepeats(t *testing.T) {
	t.Parallel()
	again := report.NewRepeater([]string{"--issuer=did:web:uib.no", "--recipient=name:Åse \"Ås\" O'Neill", "--x=\u202e\n"})
	at := time.Date(2026, 11, 28, 18, 15, 13, 120, time.UTC)
	for _, r := range []app.VerifyResult{
		{Input: "a.json", JudgedAt: at}, {Input: "b \"c\"\\\u202e.json", JudgedAt: at}, {Input: "-", JudgedAt: at.Add(time.Second)},
		{Input: "--all", JudgedAt: at}, {Input: "https://a:b@host.example/x?secret=1", JudgedAt: at},
	} {
		got, err := report.AppendResult([]byte("before "), &r, again)
		if err != nil {
			t.Fatal(err)
		}
		r.Repeat = again.Line(r)
		if want := "before " + lineOf(t, &r); string(got) != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
}

func TestAppendResultFails(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]app.VerifyResult{
		"a year of five digits": {JudgedAt: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"no number":             {Claims: &app.ResultClaims{Credits: math.NaN()}},
		"in a part":             {Credentials: []app.VerifyResult{{Claims: &app.ResultClaims{Credits: math.Inf(1)}}}},
	} {
		if _, err := json.Marshal(r); err == nil {
			t.Fatalf("%s: encoding/json writes it", name)
		}
		if _, err := report.AppendResult(nil, &r, nil); err == nil {
			t.Errorf("%s is written", name)
		}
	}
}
