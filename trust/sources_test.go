package trust_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

const listDay = "2026-05-01T00:00:00Z"

// world is a shelf, and a verifier that finds valid whatever is not in bad.
// Lists in it are credentials without a signature.
type world struct {
	t     testing.TB
	files map[string][]byte
	bad   map[string]error // by issuer
}

func newWorld(t testing.TB) *world {
	return &world{t, map[string][]byte{}, map[string]error{}}
}

func (w *world) Raw(digest string) ([]byte, error) {
	raw, ok := w.files[digest]
	if !ok {
		return nil, reason.New(reason.NotFound, digest, "not there")
	}
	return raw, nil
}

func (w *world) Read(raw []byte) (*credential.Credential, error) {
	return credential.Parse(raw, credential.Limits{})
}

func (w *world) VerifyList(_ context.Context, raw []byte, issuer string, _ time.Time) (*credential.Credential, error) {
	if err := w.bad[issuer]; err != nil {
		return nil, err
	}
	return w.Read(raw)
}

// list writes a list; entries are JSON, or an id alone for one that may issue.
func list(by, from, until string, entries ...string) []byte {
	for i, e := range entries {
		if !strings.HasPrefix(e, "{") {
			entries[i] = `{"id":"` + e + `","type":"RecognizedEntity","name":"` + e + ` by ` + by + `","recognizedTo":{"type":"RecognizedAction","action":"issue"}}`
		}
	}
	end := ""
	if until != "" {
		end = `"validUntil":"` + until + `",`
	}
	return fmt.Appendf(nil, `{"@context":["https://www.w3.org/ns/credentials/v2","%s"],"id":"urn:x:%s","type":["VerifiableCredential","RecognizedEntityCredential"],"issuer":"%s","validFrom":"%s",%s"credentialSubject":[%s]}`,
		trust.ListContext, by, by, from, end, strings.Join(entries, ","))
}

func entry(id, more string) string {
	return `{"id":"` + id + `","type":"RecognizedEntity","name":"N",` + more + `}`
}

func accredits(id string, depth int) string {
	return entry(id, fmt.Sprintf(`"recognizedTo":{"type":"RecognizedAction","action":"accredit","depth":%d}`, depth))
}

// take takes lists into a policy, in order.
func (w *world) take(p *trust.Policy, lists ...[]byte) *trust.Policy {
	w.t.Helper()
	for _, raw := range lists {
		taken, err := p.TakeList(w.t.Context(), raw, w, when(listDay).AddDate(0, 0, 1), "trust.txt")
		if err != nil {
			w.t.Fatal(err)
		}
		w.files[taken.Digest] = raw
		p = taken.Policy.Holding(w)
	}
	return p
}

func query(issuer, at string) trust.Query {
	return trust.Query{Issuer: issuer, Types: []string{"VerifiableCredential", "OpenBadgeCredential"}, At: when(at)}
}

const today = "2026-05-10T00:00:00Z"

func TestDomain(t *testing.T) {
	t.Parallel()
	p := parse(t, "bevis-trust 1\ndomain uib.no\n  name Universitetet i Bergen\n  status-age 7d\ndomain xn--bcher-kva.example\n")
	for issuer, trusted := range map[string]bool{
		"did:web:uib.no":                       true,
		"did:web:uib.no:fakultet:jus":          true,
		"did:web:kurs.uib.no":                  true,
		"did:web:a.b.uib.no":                   true,
		"https://uib.no":                       true,
		"https://uib.no/issuers/1":             true,
		"https://kurs.uib.no/issuers/1":        true,
		"did:web:xn--bcher-kva.example":        true,
		"did:web:evil-uib.no":                  false,
		"did:web:eviluib.no":                   false,
		"did:web:uib.no.evil.example":          false,
		"did:web:evil.example:uib.no":          false,
		"did:web:uib.no%2Fevil":                false,
		"did:web:uib.no%2f.evil.example":       false,
		"did:web:evil.example%2Euib.no":        false,
		"did:web:uib.no%3A8443":                false, // somebody else's program may listen there
		"did:web:uib.no%3A443":                 false,
		"did:web:UIB.no":                       false, // compared as written
		"did:web:uib.no.":                      false,
		"did:web:.uib.no":                      false,
		"did:web:":                             false,
		"did:web:no":                           false,
		"did:web:uib.no#key-1":                 false,
		"did:web:uib.no?x":                     false,
		"did:web:uib.no/x":                     false,
		"did:web:uib.no:..:x":                  false,
		"did:web:uіb.no":                       false, // Cyrillic і
		"did:web:xn--ub-tkc.no":                false,
		"did:web:uib。no":                       false, // ideographic full stop
		"did:key:uib.no":                       false,
		"DID:WEB:uib.no":                       false,
		"http://uib.no/":                       false,
		"HTTPS://uib.no/":                      false,
		"https://uib.no:443/":                  false,
		"https://uib.no:8443/":                 false,
		"https://uib.no.evil.example/":         false,
		"https://uib.no@evil.example/":         false,
		"https://evil.example@uib.no/":         false,
		"https://uib.no%2eevil.example/":       false,
		"https://uib.no\\@evil.example/":       false,
		"https://evil.example\\.uib.no/":       false,
		"https://evil.example/.uib.no":         false,
		"https://evil.example?.uib.no":         false,
		"https://evil.example#.uib.no":         false,
		"https://evil.example\t.uib.no":        false,
		"https://Uib.no/":                      false,
		"https://uib.no./":                     false,
		"https:///uib.no":                      false,
		"https:uib.no":                         false,
		"https://[::1].uib.no/":                false,
		"did:web:xn--bcher-kva.example.uib.na": false,
		"did:web:bücher.example":               false,
		"uib.no":                               false,
		"":                                     false,
	} {
		d, err := p.Decide(t.Context(), query(issuer, today))
		if err != nil || d.Trusted != trusted {
			t.Errorf("%q: %+v %v", issuer, d, err)
		}
		if trusted && strings.HasSuffix(issuer, "uib.no") && (d.Name != "Universitetet i Bergen" || d.MaxStatusAge != 7*24*time.Hour || len(d.Vouchers) != 1) {
			t.Errorf("%q: %+v", issuer, d)
		}
	}
	for _, bad := range []string{"no", "com", "localhost", "UiB.no", "uib.no.", ".uib.no", "uib..no", "-a.no", "a-.no", "uib.no:443", "uib.no/x", "*.uib.no", "127.0.0.1", "10.1", "[::1]", "bücher.example", "uіb.no",
		"a_b.no", strings.Repeat("a", 64) + ".no", strings.Repeat("a.", 127) + "no", "uib.no evil.example", "https://uib.no", "did:web:uib.no", ""} {
		if _, err := trust.Parse([]byte("bevis-trust 1\ndomain "+bad+"\n"), "f"); reason.CodeOf(err) != "malformed/trust-policy" {
			t.Errorf("domain %q: %v", bad, err)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("ab", 32)
	for text, says := range map[string]string{
		"quorum 0\n": "from 1 to", "quorum two\n": "from 1 to", "quorum 01\n": "from 1 to", "quorum\n": "from 1 to", "quorum 101\n": "from 1 to", "quorum 1\nquorum 1\n": "twice",
		"status-age 31\n": "days, hours or minutes", "status-age 0d\n": "days, hours or minutes", "status-age -1d\n": "days, hours or minutes", "status-age 031d\n": "days, hours or minutes", "status-age 99999999999d\n": "days, hours or minutes",
		"status-age 1d\nstatus-age 1d\n": "twice", "quorum 2\n  name A\n": "belongs to no block", "issuer a:b\nquorum 2\n  name A\n": "belongs to no block",
		"issuer a:b\n  url https://a.example/\n": "unknown word", "issuer a:b\n  depth 1\n": "unknown word", "issuer a:b\n  held x\n": "unknown word", "list a:b\n  depth 1\n": "unknown word",
		"domain a.no\n  key x y\n": "unknown word", "registry r\n  key x y\n": "unknown word", "list a:b\n  withdrawn 2026-01-01T00:00:00Z\n": "unknown word",
		"list a:b\n  url http://a.example/\n": "https", "list a:b\n  url https://u@a.example/\n": "https", "list a:b\n  url https://a.example/\n  url https://b.example/\n": "twice",
		"accreditor a:b\n  depth 0\n": "from 1 to", "accreditor a:b\n  depth 6\n": "from 1 to", "list\n": "id of an issuer", "accreditor everybody\n": "id of an issuer", "registry a b\n": "without spaces",
		"list a:b\n  held x 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z a:b\n":                           "SHA-256",
		"list a:b\n  held " + sum + " 2026-01-01T00:00:00Z a:b\n":                                      "3 words more",
		"list a:b\n  held " + sum + " 2026-01-01 2026-01-01T00:00:00Z a:b\n":                           "not a date and time",
		"list a:b\n  held " + sum + " 2026-01-01T00:00:00Z 2026-01-01T00:00:00Z a:c\n":                 "not by a:b",
		"registry r\n  held " + strings.ToUpper(sum) + " 2026-01-01T00:00:00Z\n":                       "SHA-256",
		"registry r\n  held " + sum + " 2026-01-01T00:00:00Z\n  held " + sum + " 2026-01-01T00:00:00Z": "twice",
		"issuer a:b\n  status-age 1d\n  status-age 2d\n":                                               "twice",
	} {
		if p, err := trust.Parse([]byte("bevis-trust 1\n"+text), "f"); p != nil || reason.CodeOf(err) != "malformed/trust-policy" || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestListsAndQuorum: who vouches counts once for each body, however often and
// under however many names its word stands there.
func TestListsAndQuorum(t *testing.T) {
	t.Parallel()
	const uni = "did:web:uib.no"
	one := "list did:web:one.example\n  name One\n"
	two := "list did:web:two.example\n"
	for name, c := range map[string]struct {
		policy  string
		lists   [][]byte
		sources int
		trusted bool
		code    reason.Code
	}{
		"no list names it":       {one, [][]byte{list("did:web:one.example", listDay, "", "did:web:x.no")}, 0, false, ""},
		"one list":               {one, [][]byte{list("did:web:one.example", listDay, "", uni)}, 1, true, ""},
		"one of two needed":      {"quorum 2\n" + one, [][]byte{list("did:web:one.example", listDay, "", uni)}, 1, false, "untrusted_issuer/quorum"},
		"two of two needed":      {"quorum 2\n" + one + two, [][]byte{list("did:web:one.example", listDay, "", uni), list("did:web:two.example", listDay, "", uni)}, 2, true, ""},
		"the same body twice":    {"quorum 2\n" + one + "accreditor did:web:one.example\n", [][]byte{list("did:web:one.example", listDay, "", uni)}, 1, false, "untrusted_issuer/quorum"},
		"one host, two ids":      {"quorum 2\n" + one + "list did:web:one.example:other\n", [][]byte{list("did:web:one.example", listDay, "", uni), list("did:web:one.example:other", listDay, "", uni)}, 1, false, "untrusted_issuer/quorum"},
		"own word and a list":    {"quorum 2\nissuer " + uni + "\n" + one, [][]byte{list("did:web:one.example", listDay, "", uni)}, 2, true, ""},
		"own word three times":   {"quorum 2\nissuer " + uni + "\nissuer " + uni + "\ndomain uib.no\n", nil, 1, false, "untrusted_issuer/quorum"},
		"it vouches for itself":  {"list " + uni + "\n", [][]byte{list(uni, listDay, "", uni)}, 0, false, "untrusted_issuer/limits"},
		"limits of the block":    {one + "  types CourseCredential\n", [][]byte{list("did:web:one.example", listDay, "", uni)}, 0, false, "untrusted_issuer/limits"},
		"end of the block":       {one + "  until 2026-05-05T00:00:00Z\n", [][]byte{list("did:web:one.example", listDay, "", uni)}, 0, false, "untrusted_issuer/limits"},
		"named, not to issue":    {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"url":"https://uib.no/"`))}, 0, false, "untrusted_issuer/limits"},
		"accredits, not issues":  {one, [][]byte{list("did:web:one.example", listDay, "", accredits(uni, 0))}, 0, false, "untrusted_issuer/limits"},
		"a limit not understood": {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"recognizedTo":{"type":"RecognizedAction","action":"issue","outputValidation":{"id":"https://s.example/","type":"JsonSchema"}}`))}, 0, false, "untrusted_issuer/limits"},
		"for no type at all":     {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"recognizedTo":{"type":"RecognizedAction","action":"issue","credentialType":[]}`))}, 0, false, "untrusted_issuer/limits"},
		"for this type":          {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"recognizedTo":{"type":"RecognizedAction","action":"issue","credentialType":"OpenBadgeCredential"}`))}, 1, true, ""},
		"withdrawn":              {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"withdrawnFrom":"2026-05-02T00:00:00Z","recognizedTo":{"type":"RecognizedAction","action":"issue"}`))}, 0, false, "untrusted_issuer/withdrawn"},
		"suspended":              {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"suspendedFrom":"2026-05-02T00:00:00Z","recognizedTo":{"type":"RecognizedAction","action":"issue"}`))}, 0, false, "untrusted_issuer/withdrawn"},
		"over":                   {one, [][]byte{list("did:web:one.example", listDay, "", entry(uni, `"recognizedUntil":"2026-05-02T00:00:00Z","recognizedTo":{"type":"RecognizedAction","action":"issue"}`))}, 0, false, "untrusted_issuer/limits"},
	} {
		w := newWorld(t)
		p := w.take(parse(t, "bevis-trust 1\n"+c.policy), c.lists...)
		x := p.Explain(query(uni, today))
		if x.Err != nil || x.Trusted != c.trusted || x.Sources != c.sources || x.Code != c.code {
			t.Errorf("%s: trusted %t by %d, %q, %v: %+v", name, x.Trusted, x.Sources, x.Code, x.Err, x.Findings)
		}
		if !c.trusted && c.sources == 0 && (x.Name != "" || len(x.Vouchers) > 0) {
			t.Errorf("%s: has the name %q by %q", name, x.Name, x.NameBy)
		}
	}
}

// TestNames: a name is the party's own, or else of a source that vouches, and
// never what an issuer says of itself.
func TestNames(t *testing.T) {
	t.Parallel()
	const uni = "did:web:uib.no"
	w := newWorld(t)
	lists := "list did:web:one.example\nlist did:web:two.example\n"
	one, two := list("did:web:one.example", listDay, "", uni), list("did:web:two.example", listDay, "", uni)
	p := w.take(parse(t, "bevis-trust 1\n"+lists), one, two)
	x := p.Explain(query(uni, today))
	if x.Name != uni+" by did:web:one.example" || !strings.HasPrefix(x.NameBy, "list of did:web:one.example") || len(x.Vouchers) != 2 || x.Vouchers[1].Name != uni+" by did:web:two.example" {
		t.Errorf("lists that disagree: %q by %q, %+v", x.Name, x.NameBy, x.Vouchers)
	}
	if v := x.Vouchers[0]; v.Entry != "/credentialSubject/0" || v.Source != "trust.txt line 2" || !v.Signed || v.Digest != trust.Digest(one) || !v.AsOf.Equal(when(listDay)) || !v.Since.Equal(when(listDay)) || v.By != "did:web:one.example" {
		t.Errorf("%+v", v)
	}
	p = w.take(parse(t, "bevis-trust 1\n"+lists+"issuer "+uni+"\n  name Mine\n"), one, two)
	if x := p.Explain(query(uni, today)); x.Name != "Mine" || x.NameBy != "trust.txt line 6" {
		t.Errorf("the party's own name: %q by %q", x.Name, x.NameBy)
	}
	p = w.take(parse(t, "bevis-trust 1\nlist "+uni+"\nissuer "+uni+"\n"), list(uni, listDay, "", uni))
	if x := p.Explain(query(uni, today)); !x.Trusted || x.Name != "" || len(x.Vouchers) != 1 {
		t.Errorf("a name that an issuer gives itself in its list: %q by %q", x.Name, x.NameBy)
	}
}

// TestNotAtHand: a source that would decide and is not at hand leaves the
// question open; one that would not, does not.
func TestNotAtHand(t *testing.T) {
	t.Parallel()
	const uni = "did:web:uib.no"
	w := newWorld(t)
	fresh := parse(t, "bevis-trust 1\nlist did:web:one.example\n")
	raw := list("did:web:one.example", listDay, "2026-05-20T00:00:00Z", uni)
	held := w.take(fresh, raw)
	endless := w.take(fresh, list("did:web:one.example", listDay, "", uni))
	changed := newWorld(t)
	changed.files[trust.Digest(raw)] = list("did:web:one.example", listDay, "", uni, "did:web:evil.example")
	for name, c := range map[string]struct {
		p      *trust.Policy
		issuer string
		at     string
		code   reason.Code
	}{
		"never taken in":                         {fresh, uni, today, "trust_unavailable/not-held"},
		"never read":                             {parse(t, string(held.Text())), uni, today, "trust_unavailable/not-held"},
		"not there":                              {held.Holding(newWorld(t)), uni, today, "trust_unavailable/not-held"},
		"other bytes":                            {held.Holding(changed), uni, today, "trust_unavailable/changed"},
		"other bytes that name a stranger":       {held.Holding(changed), "did:web:evil.example", today, "trust_unavailable/changed"},
		"in force":                               {held, uni, today, ""},
		"ended":                                  {held, uni, "2026-05-20T00:00:00Z", "trust_unavailable/ended"},
		"ended, and does not name it":            {held, "did:web:x.no", "2026-05-20T00:00:00Z", "untrusted_issuer"},
		"before it began":                        {held, uni, "2026-04-30T23:59:59Z", "untrusted_issuer/limits"},
		"without an end, checked not long ago":   {endless, uni, "2026-06-01T00:00:00Z", ""},
		"without an end, checked a month before": {endless, uni, "2026-06-03T00:00:00Z", "trust_unavailable/ended"},
	} {
		d, err := c.p.Decide(t.Context(), query(c.issuer, c.at))
		got := reason.CodeOf(err)
		if err == nil && !d.Trusted {
			if got = d.Code; got == "" {
				got = reason.UntrustedIssuer
			}
		}
		if got != c.code || (c.code == "") != d.Trusted {
			t.Errorf("%s: %q, trusted %t, want %q", name, got, d.Trusted, c.code)
		}
	}
	// What would not be enough even if it were at hand leaves nothing open.
	if d, err := parse(t, "bevis-trust 1\nquorum 2\nlist did:web:one.example\n").Decide(t.Context(), query(uni, today)); err != nil || d.Trusted {
		t.Error(d, err)
	}
	// Nor does it where others are enough.
	if d, err := parse(t, "bevis-trust 1\nlist did:web:one.example\nissuer "+uni+"\n").Decide(t.Context(), query(uni, today)); err != nil || !d.Trusted {
		t.Error(d, err)
	}
}

func TestAccreditation(t *testing.T) {
	t.Parallel()
	const root, mid, low, uni = "did:web:root.example", "did:web:mid.example", "did:web:low.example", "did:web:uib.no"
	day := func(n int) string { return when(listDay).AddDate(0, 0, -n).Format(time.RFC3339) }
	for name, c := range map[string]struct {
		block   string
		lists   [][]byte
		trusted bool
		chain   []string
	}{
		"directly":                   {"", [][]byte{list(root, day(0), "", uni)}, true, nil},
		"one below":                  {"  depth 1\n", [][]byte{list(root, day(0), "", accredits(mid, 0)), list(mid, day(0), "", uni)}, true, []string{root, mid}},
		"two below":                  {"  depth 2\n", [][]byte{list(root, day(0), "", accredits(mid, 1)), list(mid, day(0), "", accredits(low, 0)), list(low, day(0), "", uni)}, true, []string{root, mid, low}},
		"a circle":                   {"  depth 5\n", [][]byte{list(root, day(0), "", accredits(mid, 5)), list(mid, day(0), "", accredits(root, 5), accredits(mid, 5))}, false, nil},
		"a circle beside the way":    {"  depth 5\n", [][]byte{list(root, day(0), "", accredits(mid, 5)), list(mid, day(0), "", accredits(root, 5), uni)}, true, []string{root, mid}},
		"an accreditor for itself":   {"  depth 5\n", [][]byte{list(root, day(0), "", accredits(uni, 5)), list(uni, day(0), "", uni)}, false, nil},
		"limited type above":         {"  depth 1\n", [][]byte{list(root, day(0), "", entry(mid, `"recognizedTo":{"type":"RecognizedAction","action":"accredit","credentialType":["CourseCredential"]}`)), list(mid, day(0), "", uni)}, false, nil},
		"types that meet in nothing": {"  depth 1\n  types OpenBadgeCredential VerifiableCredential\n", [][]byte{list(root, day(0), "", entry(mid, `"recognizedTo":{"type":"RecognizedAction","action":"accredit","credentialType":["OpenBadgeCredential"]}`)), list(mid, day(0), "", entry(uni, `"recognizedTo":{"type":"RecognizedAction","action":"issue","credentialType":["VerifiableCredential"]}`))}, false, nil},
		"accreditation that is over": {"  depth 1\n", [][]byte{list(root, day(0), "", entry(mid, `"recognizedUntil":"2026-05-09T00:00:00Z","recognizedTo":{"type":"RecognizedAction","action":"accredit"}`)), list(mid, day(0), "", uni)}, false, nil},
		"issuing is not accrediting": {"  depth 1\n", [][]byte{list(root, day(0), "", mid, "did:web:z.example")}, false, nil},
	} {
		w := newWorld(t)
		p := w.take(parse(t, "bevis-trust 1\naccreditor "+root+"\n"+c.block), c.lists...)
		x := p.Explain(query(uni, today))
		if x.Err != nil || x.Trusted != c.trusted || c.trusted && (len(x.Vouchers) != 1 || !slices.Equal(x.Vouchers[0].Chain, c.chain) || x.Vouchers[0].By != root) {
			t.Errorf("%s: %t %v %+v", name, x.Trusted, x.Err, x.Findings)
		}
	}
	// Lists from below the depth that is allowed are not even taken in.
	for name, c := range map[string]struct {
		block string
		lists [][]byte
		last  []byte
	}{
		"no depth":          {"", [][]byte{list(root, day(0), "", accredits(mid, 5))}, list(mid, day(0), "", uni)},
		"too deep":          {"  depth 1\n", [][]byte{list(root, day(0), "", accredits(mid, 5)), list(mid, day(0), "", accredits(low, 5))}, list(low, day(0), "", uni)},
		"depth of the list": {"  depth 5\n", [][]byte{list(root, day(0), "", accredits(mid, 0)), list(mid, day(0), "", accredits(low, 5))}, list(low, day(0), "", uni)},
		"a limit unknown":   {"  depth 5\n", [][]byte{list(root, day(0), "", entry(mid, `"recognizedTo":{"type":"RecognizedAction","action":"accredit","region":"NO"}`))}, list(mid, day(0), "", uni)},
		"withdrawn":         {"  depth 5\n", [][]byte{list(root, day(0), "", entry(mid, `"withdrawnFrom":"2026-05-01T00:00:00Z","recognizedTo":{"type":"RecognizedAction","action":"accredit"}`))}, list(mid, day(0), "", uni)},
		"a stranger":        {"  depth 5\n", nil, list(mid, day(0), "", uni)},
	} {
		w := newWorld(t)
		p := w.take(parse(t, "bevis-trust 1\naccreditor "+root+"\n"+c.block), c.lists...)
		if _, err := p.TakeList(t.Context(), c.last, w, when(today), "trust.txt"); reason.CodeOf(err) != "trust_refused/issuer" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTakeList(t *testing.T) {
	t.Parallel()
	const by = "did:web:one.example"
	w := newWorld(t)
	first := list(by, listDay, "2027-01-01T00:00:00Z", "did:web:a.no")
	p := w.take(parse(t, "bevis-trust 1\n# mine\nlist "+by+"\n  # hers\n  note By telephone.\n\n# last\nissuer a:b\n"), first)
	want := "bevis-trust 1\n# mine\nlist " + by + "\n  # hers\n  note By telephone.\n  held " + trust.Digest(first) + " 2026-05-01T00:00:00Z 2026-05-02T00:00:00Z " + by + "\n\n# last\nissuer a:b\n"
	if string(p.Text()) != want {
		t.Fatalf("%s", p.Text())
	}
	for name, c := range map[string]struct {
		raw  []byte
		bad  error
		code reason.Code
	}{
		"older":              {list(by, "2026-04-30T23:59:59Z", "", "did:web:a.no"), nil, "trust_refused/rollback"},
		"of the same time":   {list(by, listDay, "", "did:web:b.no"), nil, "trust_refused/rollback"},
		"forged":             {list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no"), reason.New(reason.BadSignature, "", "x"), "trust_refused/not-valid"},
		"expired":            {list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no"), reason.New(reason.Expired, "", "x"), "trust_refused/not-valid"},
		"revoked":            {list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no"), reason.New(reason.Revoked, "", "x"), "trust_refused/not-valid"},
		"status not at hand": {list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no"), reason.New("status_unavailable/offline", "", "x"), "trust_refused/unchecked"},
		"a bug":              {list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no"), errors.New("x"), "trust_refused/unchecked"},
		"by a stranger":      {list("did:web:evil.example", "2026-06-01T00:00:00Z", "", "did:web:b.no"), nil, "trust_refused/issuer"},
		"an id twice":        {list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no", "did:web:b.no"), nil, "trust_refused/list"},
		"a name that hides":  {list(by, "2026-06-01T00:00:00Z", "", strings.Replace(entry("did:web:b.no", `"url":"x"`), `"N"`, `"N\u202e"`, 1)), nil, "trust_refused/list"},
		"an id with a line":  {list(by, "2026-06-01T00:00:00Z", "", entry(`did:web:b.no\nissuer x:y`, `"url":"x"`)), nil, "trust_refused/list"},
		"another type":       {[]byte(strings.ReplaceAll(string(list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no")), "RecognizedEntityCredential", "OpenBadgeCredential")), nil, "trust_refused/list"},
		"no beginning":       {[]byte(strings.Replace(string(list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no")), `"validFrom":"2026-06-01T00:00:00Z",`, "", 1)), nil, "trust_refused/list"},
		"no JSON":            {[]byte("x"), nil, "trust_refused/list"},
	} {
		w := newWorld(t)
		if c.bad != nil {
			w.bad[by] = c.bad
		}
		if taken, err := p.TakeList(t.Context(), c.raw, w, when(today), "trust.txt"); taken != nil || reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	newer := list(by, "2026-06-01T00:00:00Z", "", "did:web:b.no")
	taken, err := p.TakeList(t.Context(), newer, w, when("2026-06-02T00:00:00Z"), "trust.txt")
	if err != nil || taken.Again || taken.Issuer != 1 || !slices.Equal(taken.Policy.Digests(), []string{trust.Digest(newer)}) {
		t.Errorf("%+v %v", taken, err)
	}
	again, err := taken.Policy.TakeList(t.Context(), newer, w, when("2026-06-05T00:00:00Z"), "trust.txt")
	if err != nil || !again.Again || !strings.Contains(string(again.Policy.Text()), " 2026-06-05T00:00:00Z "+by) || strings.Count(string(again.Policy.Text()), "held") != 1 {
		t.Errorf("%+v %v", again, err)
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	const key = "did:key:z6MkpLDL3RoAoMRTwTgo3rs39ZwssfaPKtGdZw7AGRN7CK4W"
	registry := func(updated, more string) []byte {
		return []byte(`{"meta":{"created":"2022-10-27T17:57:31+00:00","updated":"` + updated + `"},"registry":{"` + key + `":{"name":"My University","location":"Bergen","url":"https://u.example"}` + more + `}}`)
	}
	w := newWorld(t)
	raw := registry("2022-10-27T17:57:31+00:00", "")
	taken, err := trust.Empty().TakeRegistry(raw, "https://r.example/registry.json", "Samling", when(today), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	w.files[taken.Digest] = raw
	p := taken.Policy.Holding(w)
	if want := "bevis-trust 1\n\nregistry https://r.example/registry.json\n  name Samling\n  held " + trust.Digest(raw) + " 2026-05-10T00:00:00Z\n"; string(p.Text()) != want {
		t.Errorf("%s", p.Text())
	}
	x := p.Explain(query(key, today))
	if !x.Trusted || x.Name != "My University" || x.Vouchers[0].Signed || x.NameBy != "registry Samling (https://r.example/registry.json), unsigned file, imported 2026-05-10, trust.txt line 3" || x.Vouchers[0].Entry != "/registry/"+key {
		t.Errorf("%+v", x)
	}
	if again, err := p.TakeRegistry(raw, "https://r.example/registry.json", "", when("2026-06-01T00:00:00Z"), "trust.txt"); err != nil || !again.Again || string(again.Policy.Text()) != string(p.Text()) {
		t.Error("the day of the import changed", err)
	}
	if _, err := p.TakeRegistry(registry("2021-10-27T17:57:31+00:00", ""), "https://r.example/registry.json", "", when(today), "trust.txt"); reason.CodeOf(err) != "trust_refused/rollback" {
		t.Error(err)
	}
	// The same file under another name is no second source.
	twice, err := parse(t, "bevis-trust 1\nquorum 2\n").TakeRegistry(raw, "a.json", "A", when(today), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	if twice, err = twice.Policy.TakeRegistry(raw, "b.json", "B", when(today), "trust.txt"); err != nil {
		t.Fatal(err)
	}
	if x := twice.Policy.Holding(w).Explain(query(key, today)); x.Trusted || x.Sources != 1 || len(x.Vouchers) != 2 {
		t.Errorf("%+v", x)
	}
	if twice, err = twice.Policy.TakeRegistry(raw, "https://r.example/registry.json", "C", when(today), "trust.txt"); err != nil {
		t.Fatal(err)
	}
	if x := twice.Policy.Holding(w).Explain(query(key, today)); x.Trusted || x.Sources != 1 || len(x.Vouchers) != 3 {
		t.Errorf("a copy of what is at an address: %+v", x)
	}
	for name, bad := range map[string]string{
		"an entity statement":  "eyJhbGciOiJFUzI1NiJ9.e30.x",
		"a list of registries": `[{"type":"oidf","trustAnchorEC":"https://r.example/.well-known/openid-federation"}]`,
		"no registry":          `{"meta":{}}`,
		"a registry of names":  `{"registry":["did:key:x"]}`,
		"an id twice":          string(registry("", `,"`+key+`":{"name":"Evil"}`)),
		"no id":                string(registry("", `,"everybody":{"name":"Evil"}`)),
		"an id with a space":   string(registry("", `,"did:web:a b":{"name":"Evil"}`)),
		"a name with a line":   string(registry("", `,"did:web:a":{"name":"A\nB"}`)),
		"a name that is none":  string(registry("", `,"did:web:a":{"name":1}`)),
		"an entry that is not": string(registry("", `,"did:web:a":"A"`)),
		"nothing":              "",
	} {
		if _, err := trust.ReadRegistry([]byte(bad)); reason.CodeOf(err) != "trust_refused/registry" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestListOf(t *testing.T) {
	t.Parallel()
	text := "bevis-trust 1\nissuer did:web:a.no\n  name A\n  types T U\n  since 2026-01-01T00:00:00Z\n  withdrawn 2026-04-01T00:00:00Z\naccreditor did:web:b.no\n  name B\n  depth 2\nissuer did:web:b.no\n  name B\n"
	l, err := trust.ListOf(parse(t, text), "did:web:me.no", when(listDay), when("2027-01-01T00:00:00Z"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := l.Credential()
	if err != nil {
		t.Fatal(err)
	}
	back, err := trust.ReadList(c)
	if err != nil || len(back.Entries) != 2 {
		t.Fatal(back, err)
	}
	a, b := back.Entries[0], back.Entries[1]
	if a.Name != "A" || !slices.Equal(a.Issues.Types, []string{"T", "U"}) || !a.From.Equal(when("2026-01-01T00:00:00Z")) || !a.Withdrawn.Equal(when("2026-04-01T00:00:00Z")) || a.Accredits != nil ||
		b.Issues == nil || b.Issues.Types != nil || b.Accredits == nil || b.Accredits.Depth != 2 || back.Issuer != "did:web:me.no" || !back.Until.Equal(when("2027-01-01T00:00:00Z")) {
		t.Errorf("%+v %+v", a, b)
	}
	for _, bad := range []string{"quorum 2\n", "status-age 1d\n", "domain a.no\n", "list a:b\n", "registry r\n", "issuer did:web:me.no\n", "issuer a:b\nissuer a:b\n", "issuer a:b\n  status-age 1d\n",
		"issuer a:b\n  key a:b#1 " + multikey + "\n", "accreditor a:b\n  url https://a.no/\n", "issuer a:b\n  name A\naccreditor a:b\n  name B\n"} {
		if _, err := trust.ListOf(parse(t, "bevis-trust 1\n"+bad), "did:web:me.no", when(listDay), when(today)); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := (trust.List{Issuer: "a:b", Issued: when(listDay)}).Credential(); err == nil {
		t.Error("a list of nobody")
	}
}

func TestStatusAge(t *testing.T) {
	t.Parallel()
	p := parse(t, "bevis-trust 1\nstatus-age 31d\nissuer a:b\nissuer c:d\n  status-age 90d\nissuer e:f\n  status-age 12h\nissuer e:f\n  status-age 2d\n")
	for issuer, want := range map[string]time.Duration{"a:b": 31 * 24 * time.Hour, "c:d": 90 * 24 * time.Hour, "e:f": 12 * time.Hour, "x:y": 0} {
		if d, err := p.Decide(t.Context(), query(issuer, today)); err != nil || d.MaxStatusAge != want {
			t.Errorf("%s: %s %v", issuer, d.MaxStatusAge, err)
		}
	}
	if d, _ := parse(t, "bevis-trust 1\nissuer a:b\n").Decide(t.Context(), query("a:b", today)); d.MaxStatusAge != 0 {
		t.Error(d.MaxStatusAge)
	}
}
