package trust_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestOwnWithdrawal: what the party's own file says is over is over, whoever
// else vouches, and only for the types that it says it of. What a list says of
// itself alone binds no other.
func TestOwnWithdrawal(t *testing.T) {
	t.Parallel()
	const uni, one = "did:web:uib.no", "list did:web:one.example\n"
	vouches := list("did:web:one.example", listDay, "", uni)
	over := "issuer " + uni + "\n  withdrawn 2026-05-04T00:00:00Z\n"
	for name, c := range map[string]struct {
		policy string
		lists  [][]byte
		at     string
		code   reason.Code // empty: trusted
	}{
		"and a list":                   {over + one, [][]byte{vouches}, today, "untrusted_issuer/withdrawn"},
		"and one's own domain":         {"domain uib.no\n" + over, nil, today, "untrusted_issuer/withdrawn"},
		"and a quorum":                 {"quorum 2\n" + over + one + "domain uib.no\n", [][]byte{vouches}, today, "untrusted_issuer/withdrawn"},
		"suspended":                    {"issuer " + uni + "\n  suspended 2026-05-04T00:00:00Z\n" + one, [][]byte{vouches}, today, "untrusted_issuer/withdrawn"},
		"ended before it was":          {over + "  until 2026-05-03T00:00:00Z\n" + one, [][]byte{vouches}, today, "untrusted_issuer/withdrawn"},
		"and a list that is not there": {over + one, nil, today, "untrusted_issuer/withdrawn"},
		"not yet":                      {over + one, [][]byte{vouches}, "2026-05-03T23:59:59Z", ""},
		"of another type":              {over + "  types CourseCredential\n" + one, [][]byte{vouches}, today, ""},
		"of this type among others":    {over + "  types CourseCredential OpenBadgeCredential\n" + one, [][]byte{vouches}, today, "untrusted_issuer/withdrawn"},
		"of another issuer":            {"issuer did:web:hvl.no\n  withdrawn 2026-05-04T00:00:00Z\n" + one, [][]byte{vouches}, today, ""},
		"by one list of two": {one + "list did:web:two.example\n", [][]byte{vouches, list("did:web:two.example", listDay, "",
			entry(uni, `"withdrawnFrom":"2026-05-02T00:00:00Z","recognizedTo":{"type":"RecognizedAction","action":"issue"}`))}, today, ""},
	} {
		p := newWorld(t).take(parse(t, "bevis-trust 1\n"+c.policy), c.lists...)
		q := query(uni, c.at)
		d, err := p.Decide(t.Context(), q)
		if err != nil || d.Trusted != (c.code == "") || d.Code != c.code {
			t.Errorf("%s: trusted %t, %q, %v", name, d.Trusted, d.Code, err)
		}
		if !d.Trusted && (d.Source != "trust.txt line 2" && d.Source != "trust.txt line 3" || d.Why == "") {
			t.Errorf("%s: by %q, because %q", name, d.Source, d.Why)
		}
	}
}
