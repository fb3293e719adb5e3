package tally_test

import (
	"fmt"
	"testing"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/tally"
)

func TestReport(t *testing.T) {
	t.Parallel()
	doc, err := strictjson.ParseObject([]byte(`{"a":"x","b":{"c":1,"d":[true,{"title":{"en":"T"}}]},"e":{"f":"y"},"g":[],"h/i":"z","j":"cut","k":{"type":"K","v":1}}`), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	book := tally.New(doc, func(name string, _ *strictjson.Value) bool { return name == "type" })
	root := book.Root()
	if root.Get("a").Text() != "x" || root.Path("b", "d").At() != "/b/d/0" || root.Get("nothing").Get("more").Text() != "" {
		t.Error("reading")
	}
	root.Get("b").Get("c").Use()
	if root.Get("b").Get("c").Text() != "" || root.Get("e").Get("f").Peek() != "y" {
		t.Error("a number is no text, and to look is not to use")
	}
	root.Get("j").Note(loss.Approximated, "/k", "shorter")
	book.Assume("/m", "required", "0")
	want := `[{dropped /b/d  no-place } {dropped /e  no-place } {dropped /g  no-place } {dropped /h~1i  no-place z} {approximated /j /k shorter cut} {dropped /k  no-place } {assumed  /m required 0}]`
	if got := fmt.Sprint(book.Report()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	root.Get("b").Get("d").List()[0].Use()
	if got := book.Report()[0]; got.From != "/b/d/1" || got.What != "T" {
		t.Errorf("%+v", got)
	}
	root.Use()
	if got := book.Report(); len(got) != 2 || got[0].Why != "shorter" {
		t.Errorf("all was used, so remarks are left, and not %v", got)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	parse := func(text string) *strictjson.Value {
		v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	document := parse(`{"a":"x","b":[{"c":1},{"c":2,"d":"y"}],"e":{"f":"z"},"type":"T"}`)
	empty := func(name string, _ *strictjson.Value) bool { return name == "type" }
	for other, want := range map[string]string{
		`{"a":"x","b":[{"c":2,"d":"y","more":0},{"c":1}],"e":{"f":"z"},"g":1}`: "[] 5",
		`{"a":["x"],"b":[{"c":1},{"c":2,"d":"y"}],"e":{"f":"z"}}`:              "[] 5",
		`{"a":"X","b":[{"c":1},{"c":2}]}`:                                      "[/a /b/1/d /e/f] 2",
		`{}`:                                                                   "[/a /b/0/c /b/1/c /b/1/d /e/f] 0",
	} {
		missing, same := tally.Covers(document, parse(other), nil, empty)
		if got := fmt.Sprint(missing, " ", same); got != want {
			t.Errorf("%s: %s, want %s", other, got, want)
		}
	}
	told := loss.Report{{From: "/e"}, {Kind: loss.Approximated, From: "/a"}, {Kind: loss.Kept, From: "/b/0"}, {From: "/b/1/d"}}
	missing, same := tally.Covers(document, parse(`{"b":[{"c":2}]}`), told, empty)
	if fmt.Sprint(missing) != "[/b/0/c]" || same != 1 {
		t.Errorf("%v %d", missing, same)
	}
}
