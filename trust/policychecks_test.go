package trust_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// More tests as those in checks_test.go.

// TestAddRefusesWhatReadsOtherwise: no part of a block may end in a line that
// is passed over, nor be written less exactly than it was given.
func TestAddRefusesWhatReadsOtherwise(t *testing.T) {
	t.Parallel()
	const sum = "abababababababababababababababababababababababababababababababab"
	for name, e := range map[string]trust.Entry{
		"a comment behind the issuer":  {Issuer: "did:web:a\n# c"},
		"a comment behind the note":    {Issuer: "did:web:a", Note: "A\n# c"},
		"a comment behind an address":  {Kind: trust.KindList, Issuer: "a:b", URLs: []string{"https://a.no/\n# c"}},
		"a comment behind who is held": {Kind: trust.KindAccreditor, Issuer: "a:b", Held: []trust.Held{{SHA256: sum, Issued: when(today), Checked: when(today), By: "c:d\n# e"}}},
		"an age of one and a half":     {Issuer: "did:web:a", StatusAge: 90 * time.Second},
	} {
		if added, err := trust.Empty().Add(e, "t"); err == nil {
			t.Errorf("%s is taken:\n%s", name, added.Text())
		}
	}
	if taken, err := trust.Empty().TakeRegistry([]byte("x"), "r", "", when(today), "t"); taken != nil || reason.CodeOf(err) != "trust_refused/registry" {
		t.Error(taken, err)
	}
	long := "bevis-trust 1\n# " + strings.Repeat("x", 2<<20) + "\nissuer a:b\n"
	if p, err := trust.Parse([]byte(long), "t"); err == nil && len(p.Entries) != 1 {
		t.Error("what follows a long line is passed over")
	}
}

// TestOneFileHeldAsTwo: a file that one block holds as a list and another as a
// registry is one of them at most, in either order.
func TestOneFileHeldAsTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asList, asRegistry := held(w, string(list("a:b", listDay, "", "did:web:a.no"))), held(w, `{"registry":{"did:web:a.no":{"name":"A"}}}`)
	blocks := func(sum string) []string {
		return []string{"list a:b\n  held " + sum + " " + listDay + " " + listDay + " a:b\n", "registry r\n  held " + sum + " " + listDay + "\n"}
	}
	for name, sum := range map[string]string{"a list": asList, "a registry": asRegistry} {
		b := blocks(sum)
		for _, text := range []string{b[0] + b[1], b[1] + b[0]} {
			p := parse(t, "bevis-trust 1\n"+text).Holding(w)
			if x := p.Explain(query("did:web:a.no", today)); len(x.Vouchers) > 1 {
				t.Errorf("%s, in %q: %+v", name, text, x)
			}
			if _, err := p.TakeList(t.Context(), list("a:b", "2026-05-02T00:00:00Z", "", "did:web:a.no"), w, when(today), "t"); err != nil {
				t.Errorf("%s, in %q: %v", name, text, err)
			}
		}
	}
}

// TestSplitSource: what Parse says of where a block stands can be taken apart,
// whatever the file is called, and nothing else can.
func TestSplitSource(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"trust.txt", "my line 3", "", "C:\\a line 7\\trust.txt"} {
		p, err := trust.Parse([]byte("bevis-trust 1\n\nissuer did:web:a.example\n"), name)
		if err != nil {
			t.Fatal(err)
		}
		if file, line := trust.SplitSource(p.Entries[0].Source); file != name || line != 3 {
			t.Errorf("%q: %q, line %d", name, file, line)
		}
	}
	for _, other := range []string{"", "named in this call", "a line ", "a line x", "a line +3", "a line 03", "list of a, b line 4 c"} {
		if file, line := trust.SplitSource(other); file != other || line != 0 {
			t.Errorf("%q: %q, line %d", other, file, line)
		}
	}
}
