package trust_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

const (
	multikey = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	other    = "z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"
)

const text = `bevis-trust 1
# Kept by the study office.

# Checked by telephone.
issuer did:web:uib.no
  name Universitetet i Bergen
  since 2026-01-01T00:00:00Z
  until 2031-01-01T00:00:00Z
  types OpenBadgeCredential AchievementCredential
  # the key of the year
  key did:web:uib.no#key-1 ` + multikey + `
  note All faculties.

issuer did:web:kurs.example
  name Kursstedet
`

func parse(t *testing.T, s string) *trust.Policy {
	t.Helper()
	p, err := trust.Parse([]byte(s), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func when(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParse(t *testing.T) {
	t.Parallel()
	p := parse(t, text)
	if string(p.Text()) != text {
		t.Errorf("the text is changed:\n%s", p.Text())
	}
	if len(p.Entries) != 2 {
		t.Fatal(len(p.Entries))
	}
	e := p.Entries[0]
	if e.Issuer != "did:web:uib.no" || e.Name != "Universitetet i Bergen" || e.Note != "All faculties." || e.Source != "trust.txt line 5" ||
		!e.Since.Equal(when("2026-01-01T00:00:00Z")) || !e.Until.Equal(when("2031-01-01T00:00:00Z")) ||
		!slices.Equal(e.Types, []string{"OpenBadgeCredential", "AchievementCredential"}) || len(e.Keys) != 1 {
		t.Errorf("%+v", e)
	}
	if e := p.Entries[1]; e.Name != "Kursstedet" || e.Types != nil || !e.Until.IsZero() || e.Keys != nil || e.Source != "trust.txt line 14" {
		t.Errorf("%+v", e)
	}
	windows := parse(t, strings.ReplaceAll(text, "\n", "\r\n"))
	if string(windows.Text()) != text || len(windows.Entries) != 2 || windows.Entries[0].Name != e.Name {
		t.Errorf("with CR LF:\n%s", windows.Text())
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const head = "bevis-trust 1\n"
	const block = head + "issuer did:web:a\n"
	for name, c := range map[string]struct{ text, at, says string }{
		"empty":                    {"", "trust.txt:0", "begins with"},
		"only comments":            {"# hello\n\n", "trust.txt:2", "begins with"},
		"no header":                {"issuer did:web:a\n", "trust.txt:1", "begins with"},
		"a later version":          {"bevis-trust 2\n", "trust.txt:1", "begins with"},
		"a header with more":       {"bevis-trust 1 lax\n", "trust.txt:1", "begins with"},
		"a byte order mark":        {"\ufeff" + head, "trust.txt:1", "begins with"},
		"no id":                    {head + "issuer\n", "trust.txt:2", "id of an issuer"},
		"two ids":                  {head + "issuer did:web:a did:web:b\n", "trust.txt:2", "id of an issuer"},
		"not an id":                {head + "issuer everybody\n", "trust.txt:2", "id of an issuer"},
		"a star":                   {head + "issuer *\n", "trust.txt:2", "id of an issuer"},
		"another word at the left": {head + "trust did:web:a\n", "trust.txt:2", "expected \"issuer\""},
		"indent forgotten":         {block + "types A\n", "trust.txt:3", "expected \"issuer\""},
		"indented first":           {head + "  name A\n", "trust.txt:2", "before the first issuer"},
		"misspelt":                 {block + "  typs A\n", "trust.txt:3", "unknown word \"typs\""},
		"other case":               {block + "  Until 2026-01-01T00:00:00Z\n", "trust.txt:3", "unknown word"},
		"name empty":               {block + "  name\n", "trust.txt:3", "says nothing"},
		"types empty":              {block + "  types   \n", "trust.txt:3", "says nothing"},
		"until a date":             {block + "\n# c\n  until 2026-01-01\n", "trust.txt:5", "not a date and time"},
		"since without zone":       {block + "  since 2026-01-01T00:00:00\n", "trust.txt:3", "not a date and time"},
		"until the zero time":      {block + "  until 0001-01-01T00:00:00Z\n", "trust.txt:3", "not a date and time"},
		"until twice":              {block + "  until 2026-01-01T00:00:00Z\n  until 2036-01-01T00:00:00Z\n", "trust.txt:4", "stands twice"},
		"types twice":              {block + "  types A\n  types B\n", "trust.txt:4", "stands twice"},
		"name twice":               {block + "  name A\n  name B\n", "trust.txt:4", "stands twice"},
		"key without method":       {block + "  key " + multikey + "\n", "trust.txt:3", "pinned key"},
		"key that is none":         {block + "  key did:web:a#1 z6Mk\n", "trust.txt:3", "pinned key"},
		"key with more":            {block + "  key did:web:a#1 " + multikey + " x\n", "trust.txt:3", "pinned key"},
		"two keys for one method":  {block + "  key did:web:a#1 " + multikey + "\n  key did:web:a#1 " + other + "\n", "trust.txt:4", "two keys"},
	} {
		p, err := trust.Parse([]byte(c.text), "trust.txt")
		if p != nil || reason.CodeOf(err) != "malformed/trust-policy" || reason.AtOf(err) != c.at || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := trust.Parse(make([]byte, 4<<20+1), "trust.txt"); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	p := parse(t, text+"issuer did:web:twice\n  types A\nissuer did:web:twice\n  types B\n")
	for _, c := range []struct {
		issuer, at string
		types      []string
		trusted    bool
		name, why  string
	}{
		{"did:web:uib.no", "2026-06-01T00:00:00Z", []string{"VerifiableCredential", "OpenBadgeCredential"}, true, "Universitetet i Bergen", "All faculties."},
		{"did:web:uib.no", "2026-01-01T00:00:00Z", []string{"AchievementCredential"}, true, "Universitetet i Bergen", "All faculties."},
		{"did:web:uib.no", "2025-12-31T23:59:59Z", []string{"OpenBadgeCredential"}, false, "Universitetet i Bergen", "trusted only since 2026-01-01T00:00:00Z"},
		{"did:web:uib.no", "2031-01-01T00:00:00Z", []string{"OpenBadgeCredential"}, false, "Universitetet i Bergen", "trusted only until 2031-01-01T00:00:00Z"},
		{"did:web:uib.no", "2026-06-01T00:00:00Z", []string{"VerifiableCredential"}, false, "Universitetet i Bergen", "not trusted for this type of credential"},
		{"did:web:uib.no", "2026-06-01T00:00:00Z", nil, false, "Universitetet i Bergen", "not trusted for this type of credential"},
		{"did:web:kurs.example", "1999-06-01T00:00:00Z", nil, true, "Kursstedet", ""},
		{"did:web:twice", "2026-06-01T00:00:00Z", []string{"B"}, true, "", ""},
		{"did:web:twice", "2026-06-01T00:00:00Z", []string{"C"}, false, "", "not trusted for this type of credential"},
		{"did:web:UIB.no", "2026-06-01T00:00:00Z", []string{"OpenBadgeCredential"}, false, "", "not in the trust policy"},
		{"did:web:uib.no:x", "2026-06-01T00:00:00Z", []string{"OpenBadgeCredential"}, false, "", "not in the trust policy"},
		{"did:web:uib.no#key-1", "2026-06-01T00:00:00Z", []string{"OpenBadgeCredential"}, false, "", "not in the trust policy"},
		{"", "2026-06-01T00:00:00Z", nil, false, "", "not in the trust policy"},
	} {
		d, err := p.Decide(t.Context(), trust.Query{Issuer: c.issuer, Types: c.types, At: when(c.at)})
		if err != nil || d.Trusted != c.trusted || d.Name != c.name || d.Why != c.why {
			t.Errorf("%+v: %+v %v", c, d, err)
		}
		if d.Trusted && d.Source == "" {
			t.Errorf("%+v: no source", c)
		}
	}
	// A query without a time is before everything.
	if d, err := p.Decide(t.Context(), trust.Query{Issuer: "did:web:uib.no", Types: []string{"OpenBadgeCredential"}}); err != nil || d.Trusted {
		t.Error(d, err)
	}
}

func TestNobody(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]trust.Registry{
		"empty": trust.Empty(), "zero": &trust.Policy{}, "header": parse(t, "bevis-trust 1\n"), "no pins": trust.Pins(), "empty pin": trust.Pins(""),
	} {
		for _, issuer := range []string{"", "did:web:a", "*"} {
			if d, err := r.Decide(t.Context(), trust.Query{Issuer: issuer, At: when("2026-06-01T00:00:00Z")}); err != nil || d.Trusted {
				t.Errorf("%s trusts %q: %+v %v", name, issuer, d, err)
			}
		}
	}
}

func TestPins(t *testing.T) {
	t.Parallel()
	list := []string{"did:web:a", "did:web:b"}
	r := trust.Pins(list...)
	list[0] = "did:web:evil"
	for issuer, want := range map[string]bool{"did:web:a": true, "did:web:b": true, "did:web:evil": false, "did:web:A": false, "did:web:a/": false} {
		if d, err := r.Decide(t.Context(), trust.Query{Issuer: issuer}); err != nil || d.Trusted != want || d.Name != "" {
			t.Errorf("%s: %+v %v", issuer, d, err)
		}
	}
	if d, err := trust.AnyoneUnsafe().Decide(t.Context(), trust.Query{Issuer: "x"}); err != nil || !d.Trusted || d.Source == "" {
		t.Error(d, err)
	}
}

// TestNoDecisionAfterTheEnd: who overlooks the error still has no "trusted".
func TestNoDecisionAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, r := range map[string]trust.Registry{"pins": trust.Pins("did:web:kurs.example"), "anyone": trust.AnyoneUnsafe(), "policy": parse(t, text)} {
		if d, err := r.Decide(ctx, trust.Query{Issuer: "did:web:kurs.example"}); !errors.Is(err, context.Canceled) || d.Trusted {
			t.Errorf("%s: %+v %v", name, d, err)
		}
	}
}

func TestPinnedKey(t *testing.T) {
	t.Parallel()
	p := parse(t, text)
	want, err := key.ParseMultikey(multikey)
	if err != nil {
		t.Fatal(err)
	}
	all, at := []string{"VerifiableCredential", "OpenBadgeCredential", "AchievementCredential"}, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	if k, ok := p.PinnedKey(trust.Query{Issuer: "did:web:uib.no", Types: all, At: at}, "did:web:uib.no#key-1"); !ok || !k.Equal(want) {
		t.Error("the pinned key is not found")
	}
	for _, c := range [][2]string{
		{"did:web:uib.no", "did:web:uib.no#key-2"}, {"did:web:uib.no", "#key-1"}, {"did:web:uib.no", ""},
		{"did:web:kurs.example", "did:web:uib.no#key-1"}, {"", "did:web:uib.no#key-1"},
	} {
		if k, ok := p.PinnedKey(trust.Query{Issuer: c[0], Types: all, At: at}, c[1]); ok || k.Type() != key.Unknown {
			t.Errorf("%q has a key", c)
		}
	}
}

// TestPinnedKeyOfItsTime: a key counts in the period and for the types that
// stand beside it, also where the issuer has another entry.
func TestPinnedKeyOfItsTime(t *testing.T) {
	t.Parallel()
	p := parse(t, "bevis-trust 1\nissuer did:web:uib.no\n  until 2026-01-01T00:00:00Z\n  key did:web:uib.no#key-1 "+multikey+
		"\nissuer did:web:uib.no\n  since 2026-01-01T00:00:00Z\n  types OpenBadgeCredential\n  key did:web:uib.no#key-2 "+multikey+"\n")
	for _, c := range []struct {
		at     string
		typ    string
		method string
		pinned bool
	}{
		{"2025-06-01T00:00:00Z", "OpenBadgeCredential", "#key-1", true},
		{"2026-06-01T00:00:00Z", "OpenBadgeCredential", "#key-1", false},
		{"2025-06-01T00:00:00Z", "OpenBadgeCredential", "#key-2", false},
		{"2026-06-01T00:00:00Z", "OpenBadgeCredential", "#key-2", true},
		{"2026-06-01T00:00:00Z", "CourseCredential", "#key-2", false},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := p.PinnedKey(trust.Query{Issuer: "did:web:uib.no", Types: []string{c.typ}, At: at}, "did:web:uib.no"+c.method); ok != c.pinned {
			t.Errorf("%+v", c)
		}
	}
}

func TestAddAndRemove(t *testing.T) {
	t.Parallel()
	p := parse(t, text)
	k, err := key.ParseMultikey(other)
	if err != nil {
		t.Fatal(err)
	}
	e := trust.Entry{
		Issuer: "did:web:new.example", Name: " Den nye ", Types: []string{"A", "B"}, Since: when("2026-01-01T00:00:00.5Z"), Until: when("2027-01-01T01:00:00+01:00"),
		Keys: map[string]key.Public{"did:web:new.example#1": k}, Note: "# not a comment",
	}
	added, err := p.Add(e, "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := text + "\nissuer did:web:new.example\n  name Den nye\n  types A B\n  since 2026-01-01T00:00:00Z\n  until 2027-01-01T00:00:00Z\n  key did:web:new.example#1 " + other + "\n  note # not a comment\n"
	if string(added.Text()) != want || string(p.Text()) != text {
		t.Errorf("%s", added.Text())
	}
	got := added.Entries[2]
	if got.Name != "Den nye" || got.Note != e.Note || !got.Keys["did:web:new.example#1"].Equal(k) {
		t.Errorf("%+v", got)
	}
	if _, err := added.Add(e, "trust.txt"); reason.CodeOf(err) != "conflict/trusted" {
		t.Error(err)
	}

	removed, err := added.Remove("did:web:uib.no", "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	if left := string(removed.Text()); strings.Contains(left, "uib.no") || strings.Contains(left, "telephone") || strings.Contains(left, "key of the year") ||
		!strings.Contains(left, "# Kept by the study office.") || len(removed.Entries) != 2 {
		t.Errorf("%s", left)
	}
	if d, err := removed.Decide(t.Context(), trust.Query{Issuer: "did:web:uib.no", Types: []string{"OpenBadgeCredential"}, At: when("2026-06-01T00:00:00Z")}); err != nil || d.Trusted {
		t.Error(d, err)
	}
	if _, err := removed.Remove("did:web:uib.no", "trust.txt"); reason.CodeOf(err) != reason.NotFound {
		t.Error(err)
	}

	// All blocks of an issuer go, and a comment of the block before stays.
	p = parse(t, "bevis-trust 1\nissuer did:web:a\n  # of a\nissuer did:web:b\n  name B\nissuer did:web:c\n# above\nissuer did:web:b\n")
	removed, err = p.Remove("did:web:b", "trust.txt")
	if err != nil || string(removed.Text()) != "bevis-trust 1\nissuer did:web:a\n  # of a\nissuer did:web:c\n" {
		t.Errorf("%s %v", removed.Text(), err)
	}
}

// TestAddTakesNoMoreThanIsSaid: a value with line breaks, such as a name that an issuer
// chose for itself, cannot bring lines of its own.
func TestAddTakesNoMoreThanIsSaid(t *testing.T) {
	t.Parallel()
	evil, err := key.ParseMultikey(other)
	if err != nil {
		t.Fatal(err)
	}
	p := parse(t, text)
	for name, e := range map[string]trust.Entry{
		"another issuer in the name":  {Issuer: "did:web:a", Name: "A\nissuer did:web:evil"},
		"a key in the name":           {Issuer: "did:web:a", Name: "A\n  key did:web:a#1 " + other},
		"a limit in the note":         {Issuer: "did:web:a", Note: "A\n  until 2999-01-01T00:00:00Z"},
		"a comment in the name":       {Issuer: "did:web:a", Name: "A\n# checked"},
		"a line in the issuer":        {Issuer: "did:web:a\n  name Evil"},
		"a line in a type":            {Issuer: "did:web:a", Types: []string{"A\n  name Evil"}},
		"two types in one":            {Issuer: "did:web:a", Types: []string{"A B"}},
		"an empty type":               {Issuer: "did:web:a", Types: []string{"A", ""}},
		"a line in a method":          {Issuer: "did:web:a", Keys: map[string]key.Public{"did:web:a#1 " + multikey + "\n  key did:web:a#2": evil}},
		"a space in the issuer":       {Issuer: "did:web:a did:web:b"},
		"no issuer":                   {Name: "A"},
		"not an id":                   {Issuer: "everybody"},
		"only a line break in a name": {Issuer: "did:web:a", Name: "A\r\nB"},
		"no method":                   {Issuer: "did:web:a", Keys: map[string]key.Public{"": evil}},
		"no key":                      {Issuer: "did:web:a", Keys: map[string]key.Public{"did:web:a#1": {}}},
	} {
		added, err := p.Add(e, "trust.txt")
		if err == nil {
			t.Errorf("%s is taken:\n%s", name, added.Text()[len(text):])
		}
	}
	if _, err := (&trust.Policy{}).Add(trust.Entry{Issuer: "did:web:a"}, "trust.txt"); err == nil {
		t.Error("a policy that was not read takes entries")
	}
	if added, err := trust.Empty().Add(trust.Entry{Issuer: "did:web:a"}, "trust.txt"); err != nil || len(added.Entries) != 1 {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(text))
	f.Add([]byte("bevis-trust 1\nissuer a:b\n\ttypes A\r\n"))
	f.Add([]byte("bevis-trust 1\n\n#\nissuer a:b\n  key m z\n"))
	f.Add([]byte("bevis-trust 1\nquorum 2\nstatus-age 31d\ndomain uib.no\n  status-age 12h\nregistry r.json\n  name R\n  held " + strings.Repeat("ab", 32) + " 2026-01-01T00:00:00Z\n"))
	f.Add([]byte("bevis-trust 1\nlist a:b\n  url https://a.example/l\naccreditor a:b\n  depth 2\n  held " + strings.Repeat("ab", 32) + " 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z a:c\nissuer d:e\n  withdrawn 2026-01-01T00:00:00Z\n  suspended 2026-01-01T00:00:00Z\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := trust.Parse(raw, "f")
		if err != nil {
			return
		}
		again, err := trust.Parse(p.Text(), "f")
		if err != nil || string(again.Text()) != string(p.Text()) || len(again.Entries) != len(p.Entries) {
			t.Fatalf("%q does not read back: %v", p.Text(), err)
		}
		for _, e := range p.Entries {
			removed, err := p.Remove(e.Issuer, "f")
			if err != nil {
				t.Fatal(err)
			}
			for _, left := range removed.Entries {
				if left.Issuer == e.Issuer && left.Issuer != "" {
					t.Errorf("%q is still there", e.Issuer)
				}
			}
			if _, err := removed.Add(e, "f"); err != nil {
				t.Errorf("%+v cannot be added again: %v", e, err)
			}
		}
	})
}
