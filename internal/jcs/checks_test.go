package jcs_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestExponents: a nought is left out of an exponent of one digit only.
func TestExponents(t *testing.T) {
	t.Parallel()
	for f, want := range map[float64]string{1e-7: "1e-7", -1.5e-9: "-1.5e-9", 1e-10: "1e-10", 2.5e-23: "2.5e-23", 1e-100: "1e-100", 1e-308: "1e-308", 1e21: "1e+21", 1e100: "1e+100"} {
		if got := string(jcs.AppendNumber(nil, f)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestOrderOfNames: of two names each stands in its place, whichever a document
// has first.
func TestOrderOfNames(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{ // in the order of RFC 8785 section 3.2.3
		{"", "a"}, {"a", "ab"}, {"a", "b"}, {"ab", "b"}, {"Z", "a"}, {"a", "å"}, {"å", "åa"}, {"åa", "åb"}, {"å", "æ"},
		{"\u007f", "\u0080"}, {"\u0080", "\ud7ff"}, {"\ud7ff", "\ue000"},
		{"\ud7ff", "\U00010000"}, {"\U00010000", "\ue000"}, {"\U0010ffff", "\ue000"}, {"\U0010ffff", "\uffff"},
		{"\U00010000", "\U00010001"}, {"\U000103ff", "\U00010400"}, {"\U00010400", "\U0010ffff"}, {"\U000107ff", "\U00010800"},
		{"😀", "😀a"}, {"a😀", "a\ufb33"}, {"😀a", "😁"},
	} {
		first, second := strictjson.Member{Name: c[0], Value: strictjson.Int(1)}, strictjson.Member{Name: c[1], Value: strictjson.Int(2)}
		want := string(strictjson.Object(first, second).AppendJSON(nil))
		for _, members := range [][]strictjson.Member{{first, second}, {second, first}} {
			if got, err := jcs.Append(nil, strictjson.Object(members...)); err != nil || string(got) != want {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
		}
	}
}
