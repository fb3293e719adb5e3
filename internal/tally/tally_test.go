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
