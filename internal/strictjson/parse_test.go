package strictjson_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func TestParseAccepts(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		`null`, `true`, ` false `, `0`, `-0`, `0.0`, `7.50`, `0.0000001`, `1e2`, `1E+2`, `1e-7`, `9007199254740991`,
		`9007199254740992`, `-9007199254740992`, `0.1`, `0.30000000000000004`, `59.913868999999998`, `5e-324`,
		`1.7976931348623157e308`, `""`, `"æøå"`, `"\u00e6"`, `"\ud83d\ude00"`, `"\"\\\/\b\f\n\r\t"`, `[]`, `[1,[2,[]]]`,
		`{}`, `{"a":1,"A":2}`, `{"":{"":""}}`, "\t{\"a\" : [ 1 , 2 ] }\r\n",
	} {
		v, err := strictjson.Parse([]byte(in), strictjson.Limits{})
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(in), &want); err != nil {
			t.Fatal(err)
		}
		if got := v.Any(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, want %#v", in, got, want)
		}
		if string(v.Raw()) != strings.TrimSpace(in) {
			t.Errorf("%s: raw %q", in, v.Raw())
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		code reason.Code
		at   string
	}{
		{``, reason.MalformedJSON, ""},
		{`  `, reason.MalformedJSON, ""},
		{`nul`, reason.MalformedJSON, ""},
		{`{`, reason.MalformedJSON, ""},
		{`{"a"`, reason.MalformedJSON, "/a"},
		{`{"a":`, reason.MalformedJSON, "/a"},
		{`{"a":1,}`, reason.MalformedJSON, ""},
		{`[1,]`, reason.MalformedJSON, "/1"},
		{`[1 2]`, reason.MalformedJSON, ""},
		{`"abc`, reason.MalformedJSON, ""},
		{`"abc\`, reason.MalformedJSON, ""},
		{"\"a\nb\"", reason.MalformedJSON, ""},
		{"\"\\n\nb\"", reason.MalformedJSON, ""},
		{`"\x"`, reason.MalformedJSON, ""},
		{`"\u12g4"`, reason.MalformedJSON, ""},
		{`"\u12`, reason.MalformedJSON, ""},
		{`01`, reason.MalformedJSON, ""},
		{`-`, reason.MalformedJSON, ""},
		{`1.`, reason.MalformedJSON, ""},
		{`1e`, reason.MalformedJSON, ""},
		{`.5`, reason.MalformedJSON, ""},
		{`+1`, reason.MalformedJSON, ""},
		{`NaN`, reason.MalformedJSON, ""},
		{"\xef\xbb\xbf{}", reason.MalformedJSON, ""},
		{`{} {}`, reason.MalformedTrailing, ""},
		{`{}x`, reason.MalformedTrailing, ""},
		{"\"\xff\"", reason.MalformedUTF8, ""},
		{`"\ud800"`, reason.MalformedUTF8, ""},
		{`"\udc00\ud800"`, reason.MalformedUTF8, ""},
		{`"\ud800\u0041"`, reason.MalformedUTF8, ""},
		{`{"a":1,"a":1}`, reason.MalformedDuplicateMember, "/a"},
		{`{"x":[{"issuer":1,"\u0069ssuer":2}]}`, reason.MalformedDuplicateMember, "/x/0/issuer"},
		{`{"n":9007199254740993}`, reason.MalformedNumber, "/n"},
		{`1e400`, reason.MalformedNumber, ""},
		{`-1e400`, reason.MalformedNumber, ""},
		{`1e-400`, reason.MalformedNumber, ""},
		{`1.00000000000000000001`, reason.MalformedNumber, ""},
		{`7.500000000000000000000001`, reason.MalformedNumber, ""},
		{`123456789012345678901234567890`, reason.MalformedNumber, ""},
		{`{"` + strings.Repeat("n", 8000) + `":[` + strings.Repeat("1,", 2000) + `1]}`, reason.LimitDepth, ""},
		{strings.Repeat("[", 65) + strings.Repeat("]", 65), reason.LimitDepth, ""},
		{strings.Repeat("[", 200_000), reason.LimitDepth, ""},
		{strings.Repeat(" ", 1<<20) + "1", reason.LimitSize, ""},
		{"[" + strings.Repeat("1,", 100_000) + "1]", reason.LimitValues, ""},
	} {
		name := tt.in
		if len(name) > 30 {
			name = name[:30]
		}
		v, err := strictjson.Parse([]byte(tt.in), strictjson.Limits{})
		if err == nil {
			t.Errorf("%q: accepted as %v", name, v.Any())
			continue
		}
		if !errors.Is(err, &reason.Error{Code: tt.code}) {
			t.Errorf("%q: code %s (%v), want %s", name, reason.CodeOf(err), err, tt.code)
		}
		if tt.code != reason.LimitValues && reason.AtOf(err) != tt.at {
			t.Errorf("%q: at %q, want %q", name, reason.AtOf(err), tt.at)
		}
	}
}

func TestDuplicateInLargeObject(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{`)
	for i := range 40 {
		fmt.Fprintf(&b, `"m%d":%d,`, i, i)
	}
	if _, err := strictjson.Parse([]byte(b.String()+`"x":1}`), strictjson.Limits{}); err != nil {
		t.Fatal(err)
	}
	for _, twice := range []string{"m0", "m15", "m16", "m39"} {
		_, err := strictjson.Parse([]byte(b.String()+`"`+twice+`":1}`), strictjson.Limits{})
		if reason.CodeOf(err) != reason.MalformedDuplicateMember {
			t.Errorf("%s: %v", twice, err)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	v, err := strictjson.ParseObject([]byte(`{"a":[{"b~/c":"x"}],"":2}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{
		"/a/0/b~0~1c": `"x"`, "/": `2`, "/a/0": `{"b~/c":"x"}`,
	} {
		if got := string(v.Lookup(pointer).AppendJSON(nil)); got != want {
			t.Errorf("%s: %s, want %s", pointer, got, want)
		}
	}
	for _, pointer := range []string{"a", "/a/1", "/a/00", "/a/-1", "/a/x", "/b", "/a/0/b~0~1c/x"} {
		if got := v.Lookup(pointer); got != nil {
			t.Errorf("%s: %v", pointer, got.Any())
		}
	}
	if got := strictjson.Pointer("/a/0", "b~/c"); v.Lookup(got) == nil {
		t.Errorf("pointer %s does not lead back", got)
	}
}

func TestWithAndWithout(t *testing.T) {
	t.Parallel()
	v := strictjson.Object(strictjson.Member{Name: "a", Value: strictjson.Int(1)},
		strictjson.Member{Name: "b", Value: strictjson.String("\x01\"æ")})
	if got := string(v.With("a", strictjson.Bool(true)).With("c", strictjson.Null()).Without("b").AppendJSON(nil)); got != `{"a":true,"c":null}` {
		t.Error(got)
	}
	if got := string(v.AppendJSON(nil)); got != `{"a":1,"b":"\u0001\"æ"}` {
		t.Error("the original changed:", got)
	}
}

// FuzzParse holds what is accepted against encoding/json: equal meaning, and
// writing it out and reading it again changes nothing.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.50,"\u00e6\ud83d\ude00",null,true]}`, `{"a":1,"a":2}`, `[[[]]]`, `1e400`, `"\ud800"`, "\"\xff\"", `{} x`,
		`{1a":1}`, `{"a"=1}`, `{"a":}`, `-.5`, `01.5`, `"\ud800\ue000"`, `"\ud800xudc00"`, `9223372036854775800`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := strictjson.Parse(bytes.Clone(data), strictjson.Limits{})
		if err != nil {
			if reason.CodeOf(err).Class() == reason.Fault {
				t.Fatalf("no code: %v", err)
			}
			return
		}
		var want any
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if got := v.Any(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %#v, want %#v", got, want)
		}
		out := v.AppendJSON(nil)
		again, err := strictjson.Parse(out, strictjson.Limits{MaxBytes: 8 << 20})
		if err != nil || !reflect.DeepEqual(again.Any(), want) || !bytes.Equal(again.AppendJSON(nil), out) {
			t.Fatalf("%q does not read back: %v", out, err)
		}
	})
}
