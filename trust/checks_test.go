package trust_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

const issue = `"recognizedTo":{"type":"RecognizedAction","action":"issue"}`

func accredit(more string) string {
	return `"recognizedTo":{"type":"RecognizedAction","action":"accredit"` + more + `}`
}

// TestRegistryNamesNobodyElse: a registry vouches for those in it alone, and
// one that is not at hand is not one that says no.
func TestRegistryNamesNobodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	take := func(p *trust.Policy, raw, address string) *trust.Policy {
		t.Helper()
		taken, err := p.TakeRegistry([]byte(raw), address, "", when(today), "t")
		if err != nil {
			t.Fatal(err)
		}
		w.files[taken.Digest] = []byte(raw)
		return taken.Policy.Holding(w)
	}
	p := take(trust.Empty(), `{"registry":{"did:web:a.no":{"name":"A","location":null}}}`, "https://r.example/1")
	if x := p.Explain(query("did:web:a.no", today)); !x.Trusted || x.Err != nil {
		t.Errorf("%+v", x)
	}
	if x := p.Explain(query("did:web:b.no", today)); x.Trusted || x.Err != nil || len(x.Findings) != 0 {
		t.Errorf("%+v", x)
	}
	// Two files of one host are one source.
	two := take(take(parse(t, "bevis-trust 1\nquorum 2\n"), `{"registry":{"did:web:a.no":{"name":"A"}}}`, "https://r.example/1"), `{"registry":{"did:web:a.no":{"name":"B"}}}`, "https://r.example/2")
	if x := two.Explain(query("did:web:a.no", today)); x.Trusted || x.Sources != 1 {
		t.Errorf("%+v", x)
	}
	// Under an address that an issuer has as its id, there is no registry yet.
	if p := take(parse(t, "bevis-trust 1\nissuer https://r.example/1\n"), `{"registry":{}}`, "https://r.example/1"); len(p.Entries) != 2 {
		t.Errorf("%s", p.Text())
	}
	// One whose copy is gone has nothing to be older than.
	if _, err := parse(t, string(p.Text())).TakeRegistry([]byte(`{"registry":{}}`), "https://r.example/1", "", when(today), "t"); err != nil {
		t.Error(err)
	}
	newer, err := take(trust.Empty(), `{"meta":{"updated":"2026-01-01T00:00:00Z"},"registry":{}}`, "r.json").TakeRegistry([]byte(`{"meta":{"updated":"2026-01-02T00:00:00Z"},"registry":{}}`), "r.json", "", when(today), "t")
	if err != nil || newer.Again {
		t.Error(newer, err)
	}
	for name, p := range map[string]*trust.Policy{
		"none was taken in":      parse(t, "bevis-trust 1\nregistry r\n").Holding(w),
		"two were not taken in":  parse(t, "bevis-trust 1\nquorum 2\nregistry r\nregistry s\n").Holding(w),
		"it is not on the shelf": p.Holding(newWorld(t)),
		"nothing was read":       parse(t, string(p.Text())),
		"it is no registry":      parse(t, "bevis-trust 1\nregistry r\n  held "+held(w, "{}")+" 2026-01-01T00:00:00Z\n").Holding(w),
		"a list that is none":    parse(t, "bevis-trust 1\nlist a:b\n  held "+held(w, "{}")+" 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z a:b\n").Holding(w),
		"a list of nothing":      parse(t, "bevis-trust 1\nlist a:b\n  held "+held(w, strings.Replace(string(list("a:b", listDay, "", "did:web:a.no")), `"RecognizedEntityCredential"`, `"Other"`, 1))+" 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z a:b\n").Holding(w),
		"a list by another":      parse(t, "bevis-trust 1\nlist a:b\n  held "+held(w, string(list("c:d", listDay, "", "did:web:a.no")))+" "+listDay+" "+listDay+" a:b\n").Holding(w),
	} {
		if x := p.Explain(query("did:web:a.no", today)); x.Trusted || reason.CodeOf(x.Err).Coarse() != "trust_unavailable" {
			t.Errorf("%s: %t %v", name, x.Trusted, x.Err)
		}
	}
}

func held(w *world, raw string) string {
	w.files[trust.Digest([]byte(raw))] = []byte(raw)
	return trust.Digest([]byte(raw))
}

// TestKeysOfOthers: a key counts only for an issuer that is trusted, and the
// key of who signs lists only for lists.
func TestKeysOfOthers(t *testing.T) {
	t.Parallel()
	const by, uni = "did:web:one.example", "did:web:uib.no"
	q := query(uni, today)
	if _, ok := parse(t, "bevis-trust 1\nquorum 2\nissuer "+uni+"\n  key "+uni+"#1 "+multikey+"\n").PinnedKey(q, uni+"#1"); ok {
		t.Error("the key of an issuer that too few vouch for")
	}
	p := newWorld(t).take(parse(t, "bevis-trust 1\nlist "+by+"\n  key "+by+"#1 "+multikey+"\naccreditor "+uni+"\nissuer x:y\n  key x:y#1 "+multikey+"\n"), list(by, listDay, "", uni))
	if x := p.Explain(q); !x.Trusted {
		t.Fatalf("%+v", x)
	}
	if _, ok := p.PinnedKey(q, by+"#1"); ok {
		t.Error("the key of the list signs credentials")
	}
	for _, c := range []struct {
		issuer, method string
		want           bool
	}{{by, by + "#1", true}, {by, by + "#2", false}, {uni, by + "#1", false}, {"x:y", "x:y#1", false}, {"", by + "#1", false}} {
		if _, ok := p.ListKey(c.issuer, c.method); ok != c.want {
			t.Errorf("%+v: %t", c, ok)
		}
	}
	if _, ok := parse(t, "bevis-trust 1\naccreditor a:b\n  key a:b#1 "+multikey+"\n").ListKey("a:b", "a:b#1"); !ok {
		t.Error("an accreditor signs lists too")
	}
}

// TestEndsMeet: of the times and types that a block, a list and its entry set,
// the narrowest count, each from and until its own moment.
func TestEndsMeet(t *testing.T) {
	t.Parallel()
	const root, mid, uni = "did:web:root.example", "did:web:mid.example", "did:web:uib.no"
	types := func(list string) string { return `,"credentialType":[` + list + `]` }
	midBy := func(more string) [][]byte {
		return [][]byte{list(root, listDay, "", entry(mid, more)), list(mid, "2026-04-01T00:00:00Z", "", uni)}
	}
	for name, c := range map[string]struct {
		block   string
		lists   [][]byte
		at      string
		trusted bool
		failed  bool
	}{
		"withdrawn later":           {"", [][]byte{list(root, listDay, "", entry(uni, `"withdrawnFrom":"2026-06-01T00:00:00Z",`+issue))}, today, true, false},
		"withdrawn now":             {"", [][]byte{list(root, listDay, "", entry(uni, `"withdrawnFrom":"`+today+`",`+issue))}, today, false, false},
		"suspended later":           {"", [][]byte{list(root, listDay, "", entry(uni, `"suspendedFrom":"2026-06-01T00:00:00Z",`+issue))}, today, true, false},
		"suspended now":             {"", [][]byte{list(root, listDay, "", entry(uni, `"suspendedFrom":"`+today+`",`+issue))}, today, false, false},
		"over now":                  {"", [][]byte{list(root, listDay, "", entry(uni, `"recognizedUntil":"`+today+`",`+issue))}, today, false, false},
		"from now":                  {"", [][]byte{list(root, listDay, "", entry(uni, `"recognizedFrom":"`+today+`",`+issue))}, today, true, false},
		"from later":                {"", [][]byte{list(root, listDay, "", entry(uni, `"recognizedFrom":"2026-05-10T00:00:01Z",`+issue))}, today, false, false},
		"before the list":           {"", [][]byte{list(root, listDay, "", uni)}, "2026-04-30T23:59:59Z", false, false},
		"since, of the block":       {"  since 2026-05-20T00:00:00Z\n", [][]byte{list(root, listDay, "", uni)}, today, false, false},
		"until, of the entry":       {"  until 2026-06-01T00:00:00Z\n", [][]byte{list(root, listDay, "", entry(uni, `"recognizedUntil":"2026-05-05T00:00:00Z",`+issue))}, today, false, false},
		"until, of the block":       {"  until 2026-05-05T00:00:00Z\n", [][]byte{list(root, listDay, "", entry(uni, `"recognizedUntil":"2026-06-01T00:00:00Z",`+issue))}, today, false, false},
		"the list has ended":        {"", [][]byte{list(root, listDay, "2026-05-09T00:00:00Z", uni)}, today, false, true},
		"ended, and withdrawn":      {"", [][]byte{list(root, listDay, "2026-05-09T00:00:00Z", entry(uni, `"withdrawnFrom":"`+listDay+`",`+issue))}, today, false, false},
		"an accreditor":             {"  depth 1\n", midBy(accredit("")), today, true, false},
		"an accreditor, withdrawn":  {"  depth 1\n", midBy(`"withdrawnFrom":"` + today + `",` + accredit("")), today, false, false},
		"withdrawn after":           {"  depth 1\n", midBy(`"withdrawnFrom":"2026-06-01T00:00:00Z",` + accredit("")), today, true, false},
		"an accreditor, suspended":  {"  depth 1\n", midBy(`"suspendedFrom":"` + today + `",` + accredit("")), today, false, false},
		"suspended after":           {"  depth 1\n", midBy(`"suspendedFrom":"2026-06-01T00:00:00Z",` + accredit("")), today, true, false},
		"an accreditor, over":       {"  depth 1\n", midBy(`"recognizedUntil":"` + today + `",` + accredit("")), today, false, false},
		"before it was one":         {"  depth 1\n", midBy(accredit("")), "2026-04-15T00:00:00Z", false, false},
		"from its own beginning":    {"  depth 1\n", midBy(`"recognizedFrom":"2026-03-01T00:00:00Z",` + accredit("")), "2026-04-15T00:00:00Z", true, false},
		"types that it passes on":   {"  depth 1\n", midBy(accredit(types(`"OpenBadgeCredential"`))), today, true, false},
		"types that meet":           {"  depth 1\n  types OpenBadgeCredential Other\n", midBy(accredit(types(`"X","OpenBadgeCredential"`))), today, true, false},
		"a list that nobody has":    {"  depth 1\n", [][]byte{list(root, listDay, "", entry(mid, accredit("")))}, today, false, false},
		"below one that has ended":  {"  depth 1\n", [][]byte{list(root, listDay, "2026-05-09T00:00:00Z", entry(mid, accredit(""))), list(mid, "2026-04-01T00:00:00Z", "", uni)}, today, false, true},
		"an accreditor, from later": {"  depth 1\n", [][]byte{list(root, listDay, "", entry(mid, `"recognizedFrom":"2026-05-02T00:00:00Z",`+accredit(""))), list(mid, "2026-04-01T00:00:00Z", "", uni)}, listDay, false, false},
	} {
		w := newWorld(t)
		x := w.take(parse(t, "bevis-trust 1\naccreditor "+root+"\n"+c.block), c.lists...).Explain(query(uni, c.at))
		if x.Trusted != c.trusted || (x.Err != nil) != c.failed {
			t.Errorf("%s: %t %v %+v", name, x.Trusted, x.Err, x.Findings)
		}
	}
	// Who an ended list accredited is not taken in by it any more.
	p := newWorld(t).take(parse(t, "bevis-trust 1\naccreditor "+root+"\n  depth 1\n"), list(root, listDay, "2026-05-09T00:00:00Z", entry(mid, accredit(""))))
	if _, err := p.TakeList(t.Context(), list(mid, listDay, "", uni), newWorld(t), when(today), "t"); reason.CodeOf(err) != "trust_refused/issuer" {
		t.Error(err)
	}
}

// TestShortestStatusAge: of those who vouch, the one that asks for the most
// recent status is heard, wherever it stands; who asks for nothing changes
// nothing.
func TestShortestStatusAge(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{
		"issuer a:b\n  status-age 2d\nissuer a:b\n  status-age 12h\n",
		"issuer a:b\n  status-age 12h\nissuer a:b\n",
		"issuer a:b\nissuer a:b\n  status-age 12h\n",
	} {
		if d, err := parse(t, "bevis-trust 1\n"+policy).Decide(t.Context(), query("a:b", today)); err != nil || d.MaxStatusAge != 12*time.Hour {
			t.Errorf("%q: %s %v", policy, d.MaxStatusAge, err)
		}
	}
}

// TestListsRefused has lists that are wrong in one thing each.
func TestListsRefused(t *testing.T) {
	t.Parallel()
	const uni = "did:web:uib.no"
	scope := func(more string) string {
		return entry(uni, `"recognizedTo":{"type":"RecognizedAction","action":"issue",`+more+`}`)
	}
	many := make([]string, trust.MaxListEntries+1)
	for i := range many {
		many[i] = fmt.Sprintf(`{"id":"a:%d","type":"RecognizedEntity"}`, i)
	}
	long := strings.Repeat("x", 301)
	for name, raw := range map[string][]byte{
		"no issuer":              []byte(strings.Replace(string(list("a:b", listDay, "", uni)), `"issuer":"a:b",`, "", 1)),
		"an end that is no time": []byte(strings.Replace(string(list("a:b", listDay, "", uni)), `"credentialSubject"`, `"validUntil":"soon","credentialSubject"`, 1)),
		"too many":               list("a:b", listDay, "", many...),
		"another type":           list("a:b", listDay, "", `{"id":"`+uni+`","type":"Other"}`),
		"a time that is none":    list("a:b", listDay, "", entry(uni, `"withdrawnFrom":"soon",`+issue)),
		"an action twice":        list("a:b", listDay, "", entry(uni, `"recognizedTo":[{"action":"issue","credentialType":"A"},{"action":"issue"}]`)),
		"a type that is none":    list("a:b", listDay, "", scope(`"credentialType":["A",1]`)),
		"an empty type":          list("a:b", listDay, "", scope(`"credentialType":["A",""]`)),
		"too many types":         list("a:b", listDay, "", scope(`"credentialType":["A"`+strings.Repeat(`,"A"`, 100)+`]`)),
		"depth as text":          list("a:b", listDay, "", scope(`"depth":"1"`)),
		"depth of a half":        list("a:b", listDay, "", scope(`"depth":0.5`)),
		"depth below zero":       list("a:b", listDay, "", scope(`"depth":-1`)),
		"depth of six":           list("a:b", listDay, "", scope(`"depth":6`)),
		"an id too long":         list("a:b", listDay, "", entry("a:"+strings.Repeat("x", 2000), issue)),
		"an id that hides":       list("a:b", listDay, "", entry(`a:\u200b`, issue)),
		"a name too long":        list("a:b", listDay, "", strings.Replace(entry(uni, issue), `"N"`, `"`+long+`"`, 1)),
		"a name of two lines":    list("a:b", listDay, "", strings.Replace(entry(uni, issue), `"N"`, `"N\u2028x"`, 1)),
		"a name of paragraphs":   list("a:b", listDay, "", strings.Replace(entry(uni, issue), `"N"`, `"N\u2029x"`, 1)),
		"a name that was broken": list("a:b", listDay, "", strings.Replace(entry(uni, issue), `"N"`, `"N\ufffdx"`, 1)),
	} {
		c, err := credential.Parse(raw, credential.Limits{MaxBytes: 4 << 20})
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := trust.ReadList(c); reason.CodeOf(err) != "trust_refused/list" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What is exactly at the limit is read.
	full := list("a:b", listDay, "", append(many[2:], strings.Replace(entry("a:"+strings.Repeat("x", 1998), issue), `"N"`, `"`+long[1:]+`"`, 1))...)
	whole, err := credential.Parse(full, credential.Limits{MaxBytes: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := trust.ReadList(whole); err != nil || len(l.Entries) != trust.MaxListEntries {
		t.Error(err)
	}
	hundred := list("a:b", listDay, "", scope(`"credentialType":["A"`+strings.Repeat(`,"A"`, 99)+`],"depth":5`))
	c, err := credential.Parse(hundred, credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if l, err := trust.ReadList(c); err != nil || len(l.Entries[0].Issues.Types) != 100 || l.Entries[0].Issues.Depth != 5 {
		t.Error(l, err)
	}
}

// verifier gives what it is told to, whatever it is asked.
type verifier struct {
	*world
	valid *credential.Credential
	asked int
}

func (v *verifier) VerifyList(context.Context, []byte, string, time.Time) (*credential.Credential, error) {
	v.asked++
	return v.valid, nil
}

// TestTakeListTrustsNoVerifier: what the verifier returns is looked at too, and
// it is not bothered with what is no list.
func TestTakeListTrustsNoVerifier(t *testing.T) {
	t.Parallel()
	const by = "did:web:one.example"
	w := newWorld(t)
	p := parse(t, "bevis-trust 1\nlist "+by+"\n")
	raw := list(by, listDay, "", "did:web:a.no")
	other, err := w.Read(list("did:web:two.example", listDay, "", "did:web:a.no"))
	if err != nil {
		t.Fatal(err)
	}
	none, err := w.Read([]byte(strings.Replace(string(raw), "RecognizedEntityCredential", "Other", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw   []byte
		valid *credential.Credential
		code  reason.Code
		asked int
	}{
		"nothing":           {raw, nil, "trust_refused/unchecked", 1},
		"by another":        {raw, other, "trust_refused/issuer", 1},
		"no list":           {raw, none, "trust_refused/list", 1},
		"is none to verify": {[]byte(strings.Replace(string(raw), "RecognizedEntityCredential", "Other", 1)), other, "trust_refused/list", 0},
		"too large":         {make([]byte, trust.MaxListBytes+1), other, reason.LimitSize, 0},
	} {
		v := &verifier{world: w, valid: c.valid}
		if taken, err := p.TakeList(t.Context(), c.raw, v, when(today), "t"); taken != nil || reason.CodeOf(err) != c.code || v.asked != c.asked {
			t.Errorf("%s: %v, asked %d times", name, err, v.asked)
		}
	}
	stopped := newWorld(t)
	stopped.bad[by] = reason.Wrap(reason.Canceled, "", context.Canceled)
	if _, err := p.TakeList(t.Context(), raw, stopped, when(today), "t"); reason.CodeOf(err) != "trust_refused/unchecked" {
		t.Error(err)
	}
}

// TestTakeListInBlocks: a list that one block holds already is new to another.
func TestTakeListInBlocks(t *testing.T) {
	t.Parallel()
	const by = "did:web:one.example"
	w := newWorld(t)
	first := list(by, listDay, "", "did:web:a.no")
	p := parse(t, "bevis-trust 1\nlist "+by+"\naccreditor "+by+"\n  held "+held(w, string(first))+" "+listDay+" "+listDay+" "+by+"\n")
	for _, again := range []bool{false, true} {
		taken, err := p.Holding(w).TakeList(t.Context(), first, w, when(today), "t")
		if err != nil || taken.Again != again {
			t.Errorf("%+v %v, again %t", taken, err, again)
		}
		p = taken.Policy
	}
}

// TestMoreWords has lines that are wrong in one thing each.
func TestMoreWords(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	const times = " 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z "
	for text, says := range map[string]string{
		"registry\n":                 "without spaces",
		"list a:b\n  url https://\n": "https", "list a:b\n  url https://%zz/\n": "https", "list a:b\n  url https://a.no/x y\n": "https",
		"accreditor a:b\n  depth 02\n": "from 1 to", "accreditor a:b\n  depth +2\n": "from 1 to", "accreditor a:b\n  depth x\n": "from 1 to",
		"list a:b\n  held " + sum[2:] + times + "a:b\n":                                        "SHA-256",
		"list a:b\n  held " + sum + " x 2026-01-01T00:00:00Z a:b\n":                            "not a date and time",
		"list a:b\n  held " + sum + " 2026-01-01T00:00:00Z x a:b\n":                            "not a date and time",
		"accreditor a:b\n  held " + sum + times + "a:b\n  held cd" + sum[2:] + times + "a:b\n": "two lists by",
		"accreditor a:b\n" + heldLines(1001, sum):                                              "more than 1000",
		"status-age 36501d\n": "no length of time", "status-age 876001h\n": "no length of time", "status-age 4294967296d\n": "no length of time", "status-age xd\n": "no length of time",
		"domain 1.2.3.4\n": "an address", "domain a.7\n": "an address",
	} {
		if p, err := trust.Parse([]byte("bevis-trust 1\n"+text), "f"); p != nil || reason.CodeOf(err) != "malformed/trust-policy" || !strings.Contains(err.Error(), says) {
			t.Errorf("%.80q: %v", text, err)
		}
	}
	p := parse(t, "bevis-trust 1\naccreditor a:b\n\turl https://a.no/\n  url https://b.no/\n"+heldLines(1000, sum)+"status-age 36500d\n")
	if len(p.Entries[0].Held) != 1000 || len(p.Entries[0].URLs) != 2 || p.StatusAge != 36500*24*time.Hour {
		t.Error(len(p.Entries[0].Held), p.Entries[0].URLs, p.StatusAge)
	}
	widest := strings.Repeat("a", 63) + "." + strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 61)
	for text, fits := range map[string]bool{"quorum 100\n": true, "domain " + widest + "\n": true, "domain " + widest + "d\n": false, "accreditor a:b\n  depth 5\n": true} {
		if _, err := trust.Parse([]byte("bevis-trust 1\n"+text), "f"); (err == nil) != fits {
			t.Errorf("%.80q: %v", text, err)
		}
	}
	for d, want := range map[time.Duration]string{24 * time.Hour: "1d", 25 * time.Hour: "25h", 48 * time.Hour: "2d"} {
		if got := trust.FormatAge(d); got != want {
			t.Errorf("%s: %s", d, got)
		}
	}
}

func heldLines(n int, sum string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  held %s 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z c:%d\n", sum, i)
	}
	return b.String()
}

// TestRemoveNamesOne: only a registry is found by its name.
func TestRemoveNamesOne(t *testing.T) {
	t.Parallel()
	p := parse(t, "bevis-trust 1\nissuer a:b\n  name A\nregistry r\n  name R\nregistry s\n# of t\nissuer t:t\n")
	for name, left := range map[string]int{"a:b": 3, "R": 3, "r": 3, "s": 3, "t:t": 3} {
		if out, err := p.Remove(name, "t"); err != nil || len(out.Entries) != left {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", "A", "S"} {
		if _, err := p.Remove(name, "t"); reason.CodeOf(err) != reason.NotFound {
			t.Errorf("%q: %v", name, err)
		}
	}
	if out, err := p.Add(trust.Entry{Kind: trust.KindList, Issuer: "a:b"}, "t"); err != nil || len(out.Entries) != 5 {
		t.Error("an issuer may also be one whose list counts", err)
	}
	if _, err := p.Add(trust.Entry{Kind: trust.KindAccreditor, Issuer: "n:n", Depth: 9}, "t"); err == nil {
		t.Error("a block is added that cannot be read")
	}
}

// TestWebAddresses: of a web address the host counts, read as it is written.
func TestWebAddresses(t *testing.T) {
	t.Parallel()
	p := parse(t, "bevis-trust 1\ndomain uib.no\n")
	for _, issuer := range []string{"https://uib.no/a b", `https://uib.no/a\b`, "https://uib.no/\u007f", "https://uib.no/bø", "https:///", "https://?uib.no"} {
		if d, err := p.Decide(t.Context(), query(issuer, today)); err != nil || d.Trusted {
			t.Errorf("%q: %+v %v", issuer, d, err)
		}
	}
	hosts, ok := trust.Pins("https://a.example:443/x", "http://b.example:80/x", "http://e.example:8080/x", "https://c.example:80/x", "ftp://d.example/x", "https://%zz/").(trust.Hosts)
	if !ok {
		t.Fatal("pins know no hosts")
	}
	for host, want := range map[string]bool{"a.example": true, "a.example:443": false, "b.example": true, "e.example": false, "e.example:8080": true, "c.example": false, "c.example:80": true, "d.example": false} {
		if got, err := hosts.TrustsHost(t.Context(), host, when(today)); got != want || err != nil {
			t.Errorf("%s: %t %v", host, got, err)
		}
	}
	// Whether a source that is not at hand trusts somebody cannot be told.
	gone := parse(t, "bevis-trust 1\nquorum 2\nissuer https://a.example/i\nlist did:web:l.example\n")
	if got, err := gone.TrustsHost(t.Context(), "a.example", when(today)); got || err == nil {
		t.Error(got, err)
	}
}

// TestMoreRegistries has registries at their limits.
func TestMoreRegistries(t *testing.T) {
	t.Parallel()
	many := func(n int) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"a:%d":{}`, i)
		}
		return []byte(`{"registry":{` + strings.TrimPrefix(b.String(), ",") + `}}`)
	}
	if r, err := trust.ReadRegistry(many(trust.MaxListEntries)); err != nil || len(r.Entries) != trust.MaxListEntries {
		t.Error(err)
	}
	if _, err := trust.ReadRegistry(many(trust.MaxListEntries + 1)); reason.CodeOf(err) != "trust_refused/registry" {
		t.Error(err)
	}
	if _, err := trust.ReadRegistry(append(many(1), make([]byte, trust.MaxListBytes)...)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	if _, err := trust.ReadRegistry([]byte("eyJhbGciOiJFUzI1NiJ9.e30.x")); err == nil || !strings.Contains(err.Error(), "OpenID Federation") {
		t.Error(err)
	}
}

// TestListOfRefuses has policies that no list can say.
func TestListOfRefuses(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	for _, bad := range []string{
		"issuer a:b\n  until 2027-01-01T00:00:00Z\naccreditor a:b\n",
		"issuer a:b\n  since 2026-01-01T00:00:00Z\naccreditor a:b\n",
		"accreditor a:b\naccreditor a:b\n",
		"accreditor a:b\n  held " + sum + " 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z a:b\n",
		"registry r\n",
	} {
		if _, err := trust.ListOf(parse(t, "bevis-trust 1\n"+bad), "did:web:me.no", when(listDay), when(today)); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	l := trust.List{Issuer: "a:b", Issued: when(listDay), Entries: []trust.Recognized{{ID: "did:web:a.no", URL: "https://a.no/"}}}
	c, err := l.Credential()
	if err != nil || !strings.Contains(string(c.Raw()), "https://a.no/") {
		t.Error(err)
	}
	l.Issuer = ""
	if _, err := l.Credential(); err == nil {
		t.Error("a list of nobody's")
	}
}
