package jcs_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The rows with hexadecimal doubles are those of RFC 8785 appendix B.
func TestAppendNumber(t *testing.T) {
	t.Parallel()
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		if got := string(jcs.AppendNumber(nil, math.Float64frombits(bits))); got != want {
			t.Errorf("%016x: %s, want %s", bits, got, want)
		}
	}
}

func TestAppend(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{ "b" : [ 7.50, 1E2, 0.0000001 ] , "a" : "\u00e6\/" }`: `{"a":"æ/","b":[7.5,100,1e-7]}`,
		`[56,{"d":true,"10":null,"1":[]}]`:                      `[56,{"1":[],"10":null,"d":true}]`,
		`"\u000f\n'A\u0042\u0022\u005c\\\"\/"`:                  "\"\\u000f\\n'AB\\\"\\\\\\\\\\\"/\"",
		// The names of RFC 8785 section 3.2.3.
		`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`: "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
		`{"\ud83d\ude01":1,"\ud83d\ude00":2,"a\ue000":3,"a":4}`: "{\"a\":4,\"a\ue000\":3,\"😀\":2,\"😁\":1}",
	} {
		v, err := strictjson.Parse([]byte(in), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := jcs.Append(nil, v)
		if err != nil || string(got) != want {
			t.Errorf("%s:\n got %s %v\nwant %s", in, got, err, want)
		}
	}
}

// FuzzAppend holds that the canonical form is canonical: reading it and
// writing it again changes nothing.
func FuzzAppend(f *testing.F) {
	f.Add([]byte(`{"b":[7.50,1e2],"a":"\u00e6"}`))
	f.Add([]byte(`{"\ud83d\ude00":1,"\ufb33":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := strictjson.Parse(data, strictjson.Limits{})
		if err != nil {
			return
		}
		once, err := jcs.Append(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := strictjson.Parse(once, strictjson.Limits{MaxBytes: 8 << 20})
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		twice, err := jcs.Append(nil, again)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s, then %s: %v", once, twice, err)
		}
	})
}
