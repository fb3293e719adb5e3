package trust_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func didOf(name string) string { return "did:web:" + name + ".example" }

// half is what one of two says, unsigned: the world of these tests finds valid
// what is not in bad.
func half(t testing.TB, by, from, to string, until time.Time) []byte {
	t.Helper()
	c, err := trust.Succession{Predecessor: didOf(from), Successor: didOf(to), Effective: newYear}.Credential(didOf(by), newYear, until)
	if err != nil {
		t.Fatal(err)
	}
	return c.Raw()
}

func whole(t testing.TB, from, to string) []byte {
	t.Helper()
	return trust.JoinSuccession(half(t, from, from, to, time.Time{}), half(t, to, from, to, time.Time{}))
}

// taking returns a policy with statements taken in, and what it holds at hand.
func taking(t testing.TB, w *world, text string, statements ...[]byte) *trust.Policy {
	t.Helper()
	p, err := trust.Parse([]byte("bevis-trust 1\n"+text), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range statements {
		taken, err := p.TakeSuccession(t.Context(), raw, w, nil, newYear.AddDate(0, 1, 0), "trust.txt")
		if err != nil {
			t.Fatal(err)
		}
		p = taken.Policy
		w.files[taken.Digest] = raw
	}
	again, err := trust.Parse(p.Text(), "trust.txt") // as it is read the next day
	if err != nil {
		t.Fatal(err)
	}
	return again.Holding(w)
}

func asked(p *trust.Policy, name string, at time.Time) trust.Explanation {
	return p.Explain(trust.Query{Issuer: didOf(name), Types: []string{"OpenBadgeCredential"}, At: at})
}

// TestSuccession: who is continued is trusted when the one that continues it is,
// for the same types and times, along a chain of three and not of four.
func TestSuccession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	summer := newYear.AddDate(0, 6, 0)
	chain := [][]byte{whole(t, "a", "b"), whole(t, "b", "c"), whole(t, "c", "d"), whole(t, "d", "e")}
	p := taking(t, w, "issuer did:web:d.example\n  name Universitetet\n  types OpenBadgeCredential\n", chain...)
	for name, hops := range map[string]int{"a": 3, "b": 2, "c": 1, "d": 0} {
		x := asked(p, name, summer)
		if !x.Trusted || len(x.Vouchers) != 1 || len(x.Vouchers[0].Through) != hops {
			t.Errorf("%s: %+v", name, x)
		}
		if name != "d" && (x.Continued == nil || x.Name != "" || !strings.Contains(x.Source, "its successor did:web:d.example")) {
			t.Errorf("%s: %+v %q", name, x.Continued, x.Source)
		}
	}
	if x := asked(p, "a", summer); x.Continued.ID != didOf("d") || x.Continued.Name != "Universitetet" || !x.Continued.Since.Equal(newYear) {
		t.Errorf("%+v", x.Continued)
	}
	if x := asked(p, "a", newYear.Add(-time.Hour)); x.Trusted || x.Continued != nil {
		t.Error("trusted before the one continues as the other")
	}
	if x := p.Explain(trust.Query{Issuer: didOf("a"), Types: []string{"Other"}, At: summer}); x.Trusted {
		t.Error("trusted for what its successor is not")
	}
	five := taking(t, w, "issuer did:web:e.example\n", chain...)
	if x := asked(five, "a", summer); x.Trusted {
		t.Error("a chain of four")
	}
	if x := asked(five, "b", summer); !x.Trusted {
		t.Error("a chain of three")
	}
	// The other way it does not go: who continues somebody trusted is not trusted.
	if x := asked(taking(t, w, "issuer did:web:a.example\n", chain[0]), "b", summer); x.Trusted {
		t.Error("a successor is trusted for whom it continues")
	}
	// A circle ends.
	if x := asked(taking(t, w, "", whole(t, "a", "b"), whole(t, "b", "a")), "a", summer); x.Trusted || x.Err != nil {
		t.Errorf("%+v", x)
	}
	// Nobody trusted at its end, and one's own "no more" about either.
	if x := asked(taking(t, w, "", chain[0]), "a", summer); x.Trusted || x.Code != "untrusted_issuer/successor" {
		t.Errorf("%+v", x.Decision)
	}
	for _, text := range []string{"issuer did:web:b.example\n  withdrawn 2026-02-01T00:00:00Z\n", "issuer did:web:b.example\nissuer did:web:a.example\n  withdrawn 2026-02-01T00:00:00Z\n"} {
		if x := asked(taking(t, w, text, chain[0]), "a", summer); x.Trusted {
			t.Errorf("%q: %+v", text, x.Decision)
		}
	}
	// It is no second source.
	if x := asked(taking(t, w, "quorum 2\nissuer did:web:a.example\nissuer did:web:b.example\n", chain[0]), "a", summer); x.Trusted || x.Sources != 1 {
		t.Errorf("%+v", x)
	}
}

// TestSuccessionRefused: what only one says, or the two do not say alike, is not
// taken in; nor what does not hold.
func TestSuccessionRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ab, ba := half(t, "a", "a", "b", time.Time{}), half(t, "b", "a", "b", time.Time{})
	later := bytes.Replace(ba, []byte(`"effective":"2026-01-01`), []byte(`"effective":"2026-01-02`), 1)
	for name, c := range map[string]struct {
		raw  []byte
		code reason.Code
	}{
		"the first alone":      {ab, "trust_refused/one-sided"},
		"the second alone":     {ba, "trust_refused/one-sided"},
		"one twice":            {trust.JoinSuccession(ba, ba), "trust_refused/one-sided"},
		"of other days":        {trust.JoinSuccession(ab, later), "trust_refused/succession"},
		"of others":            {trust.JoinSuccession(ab, half(t, "b", "c", "b", time.Time{})), "trust_refused/succession"},
		"a third signs":        {trust.JoinSuccession(ab, bytes.Replace(ba, []byte(`"issuer":"did:web:b`), []byte(`"issuer":"did:web:x`), 1)), "trust_refused/one-sided"},
		"three":                {trust.JoinSuccession(ab, ba, ba), "trust_refused/succession"},
		"as itself":            {bytes.ReplaceAll(ab, []byte("did:web:b"), []byte("did:web:a")), "trust_refused/succession"},
		"an id with a space":   {bytes.Replace(ab, []byte(`"successor":"did:web:b`), []byte(`"successor":"did:web: b`), 1), "trust_refused/succession"},
		"no such statement":    {list(didOf("a"), "2026-01-01T00:00:00Z", "", didOf("b")), "trust_refused/succession"},
		"without end of bytes": {bytes.Repeat([]byte("x"), 300<<10), reason.LimitSize},
	} {
		_, err := trust.Empty().TakeSuccession(t.Context(), c.raw, w, nil, newYear, "trust.txt")
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	for code, bad := range map[reason.Code]error{
		"trust_refused/not-valid": reason.New(reason.Revoked, "", "x"),
		"trust_refused/unchecked": reason.New("key_unavailable/fetch", "", "x"),
	} {
		w := newWorld(t)
		w.bad[didOf("b")] = bad
		if _, err := trust.Empty().TakeSuccession(t.Context(), trust.JoinSuccession(ab, ba), w, nil, newYear, "trust.txt"); reason.CodeOf(err) != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
	p := taking(t, w, "", trust.JoinSuccession(ab, ba))
	if _, err := p.TakeSuccession(t.Context(), whole(t, "a", "c"), w, nil, newYear, "trust.txt"); reason.CodeOf(err) != "conflict/trusted" {
		t.Error(err)
	}
	if taken, err := p.TakeSuccession(t.Context(), trust.JoinSuccession(ab, ba), w, nil, newYear, "trust.txt"); err != nil || !taken.Again {
		t.Error(err)
	}
	if _, err := (trust.Succession{Predecessor: didOf("a"), Successor: didOf("b"), Effective: newYear}).Credential(didOf("x"), newYear, time.Time{}); reason.CodeOf(err) != "trust_refused/succession" {
		t.Error(err)
	}
}

// TestSuccessionHeld: the statement is pinned by its digest. Gone or changed, it
// is not known whether it decides; ended, it does not.
func TestSuccessionHeld(t *testing.T) {
	t.Parallel()
	summer := newYear.AddDate(0, 6, 0)
	w := newWorld(t)
	end := newYear.AddDate(0, 9, 0)
	raw := trust.JoinSuccession(half(t, "a", "a", "b", end), half(t, "b", "a", "b", end.AddDate(1, 0, 0)))
	p := taking(t, w, "issuer did:web:b.example\n", raw)
	if x := asked(p, "a", summer); !x.Trusted {
		t.Fatal(x)
	}
	if x := asked(p, "a", end); x.Trusted {
		t.Error("trusted after the first half ended")
	}
	text := p.Text()
	for name, files := range map[string]map[string][]byte{
		"gone":    {},
		"changed": {trust.Digest(raw): append(bytes.Clone(raw), ' ')},
	} {
		again, err := trust.Parse(text, "trust.txt")
		if err != nil {
			t.Fatal(err)
		}
		if x := asked(again.Holding(&world{t, files, nil}), "a", summer); x.Trusted || reason.CodeOf(x.Err).Coarse() != string(reason.TrustUnavailable) {
			t.Errorf("%s: %+v", name, x)
		}
	}
	// A line that was changed by hand does not say who continues whom.
	edited, err := trust.Parse(bytes.Replace(text, []byte("successor did:web:b"), []byte("successor did:web:c"), 1), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	if x := asked(edited.Holding(w), "a", summer); x.Trusted || reason.CodeOf(x.Err) != "trust_unavailable/changed" {
		t.Errorf("%+v", x)
	}
	for _, bad := range []string{"succession did:web:a.example\n  successor did:web:a.example", "succession did:web:a.example\n  successor x", "succession a", "succession did:web:a.example\n  types X",
		"succession did:web:a.example\n  successor did:web:b.example\n  successor did:web:c.example"} {
		if _, err := trust.Parse([]byte("bevis-trust 1\n"+bad+"\n"), "trust.txt"); reason.CodeOf(err) != "malformed/trust-policy" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// TestSuccessionKeys: keys that were pinned with the statement verify what the
// predecessor signed, when its host is gone, and nothing of anybody else.
func TestSuccessionKeys(t *testing.T) {
	t.Parallel()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	raw := whole(t, "a", "b")
	p, err := trust.Parse([]byte("bevis-trust 1\nissuer did:web:b.example\n"), "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	taken, err := p.TakeSuccession(t.Context(), raw, w, map[string]key.Public{didOf("a") + "#k": private.Public(), didOf("x") + "#k": private.Public()}, newYear, "trust.txt")
	if err != nil {
		t.Fatal(err)
	}
	w.files[taken.Digest] = raw
	p = taken.Policy.Holding(w)
	q := trust.Query{Issuer: didOf("a"), Types: []string{"OpenBadgeCredential"}, At: newYear.AddDate(0, 6, 0)}
	if k, ok := p.PinnedKey(q, didOf("a")+"#k"); !ok || !k.Equal(private.Public()) {
		t.Error("the key is not known")
	}
	if _, ok := p.PinnedKey(q, didOf("x")+"#k"); ok {
		t.Error("a key of another")
	}
	q.Issuer = didOf("b")
	if _, ok := p.PinnedKey(q, didOf("a")+"#k"); ok {
		t.Error("the predecessor's key is the successor's")
	}
	q.Issuer, q.At = didOf("a"), newYear.Add(-time.Hour)
	if _, ok := p.PinnedKey(q, didOf("a")+"#k"); ok {
		t.Error("before the statement holds")
	}
}

// TestSuccessionEnds: who continues another answers for what that signed before
// the day, and for nothing that it signed from then on, whatever the chain.
func TestSuccessionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := taking(t, w, "issuer did:web:c.example\n", whole(t, "a", "b"), whole(t, "b", "c"))
	own := taking(t, w, "issuer did:web:a.example\nissuer did:web:b.example\n", whole(t, "a", "b"))
	untrusted := taking(t, w, "", whole(t, "a", "b"))
	for name, c := range map[string]struct {
		policy *trust.Policy
		signed time.Time
		code   reason.Code // empty: trusted
	}{
		"nothing is asked about":   {p, time.Time{}, ""},
		"years before":             {p, newYear.AddDate(-3, 0, 0), ""},
		"the second before":        {p, newYear.Add(-time.Second), ""},
		"that very second":         {p, newYear, "untrusted_issuer/after-succession"},
		"months after":             {p, newYear.AddDate(0, 3, 0), "untrusted_issuer/after-succession"},
		"after, trusted by itself": {own, newYear.AddDate(0, 3, 0), ""},
		"after, by nobody":         {untrusted, newYear.AddDate(0, 3, 0), "untrusted_issuer/after-succession"},
		"before, by nobody":        {untrusted, newYear.AddDate(-1, 0, 0), "untrusted_issuer/successor"},
	} {
		x := c.policy.Explain(trust.Query{Issuer: didOf("a"), Types: []string{"OpenBadgeCredential"}, At: newYear.AddDate(0, 6, 0), Signed: c.signed})
		if x.Trusted != (c.code == "") || x.Code != c.code || x.Continued == nil {
			t.Errorf("%s: %v %s %+v", name, x.Trusted, x.Code, x.Findings)
		}
		if after := c.code == "untrusted_issuer/after-succession"; after != strings.Contains(x.Why, "2026-01-01T00:00:00Z, which answers only for what was signed before") {
			t.Errorf("%s: %q", name, x.Why)
		}
	}
	// The one in the middle is asked about by itself.
	if x := p.Explain(trust.Query{Issuer: didOf("b"), At: newYear.AddDate(0, 6, 0), Signed: newYear.AddDate(0, 3, 0)}); x.Trusted {
		t.Error("the second of three is trusted for what it signed afterwards")
	}
	// And its keys are not given out for it.
	if _, ok := p.PinnedKey(trust.Query{Issuer: didOf("a"), At: newYear.AddDate(0, 6, 0), Signed: newYear}, didOf("a")+"#k"); ok {
		t.Error("a key for what came afterwards")
	}
}

// FuzzSuccession: what is read names two, and halves come back as they were.
func FuzzSuccession(f *testing.F) {
	f.Add(whole(f, "a", "b"))
	f.Add(half(f, "a", "a", "b", time.Time{}))
	f.Add([]byte(`{"succession":["eyJ.x.y",{}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		halves, err := trust.SplitSuccession(raw)
		if err != nil {
			return
		}
		for _, h := range halves {
			c, err := credential.Parse(h, credential.Limits{})
			if err != nil {
				continue
			}
			if s, err := trust.ReadSuccession(c); err == nil && (s.Predecessor == "" || s.Successor == "" || s.Predecessor == s.Successor) {
				t.Errorf("%+v", s)
			}
		}
	})
}
