package trust_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// The tests in this file are each for a check of statements of succession that
// could be taken out without another test failing: see docs/mutation.md.

// TestSuccessionHalves: joined halves come apart as they were, whatever they are.
func TestSuccessionHalves(t *testing.T) {
	t.Parallel()
	const token = "eyJ.x.y"
	halves, err := trust.SplitSuccession(trust.JoinSuccession([]byte(token+"\n"), []byte(` {"a":1}`)))
	if joined := trust.JoinSuccession([]byte(token), []byte(`{"a":1}`)); string(joined) != `{"succession":["eyJ.x.y",{"a":1}]}`+"\n" {
		t.Errorf("%s", joined)
	}
	if err != nil || len(halves) != 2 || string(halves[0]) != token || string(halves[1]) != `{"a":1}` {
		t.Errorf("%q, %v", halves, err)
	}
	for text, want := range map[string]int{`{"succession":[]}`: 0, `{"succession":{}}`: 0, `{"succession":["a","b","c"]}`: 0, `{"succession":["a"]}`: 1, `{"x":1}`: 1, token: 1} {
		if halves, err := trust.SplitSuccession([]byte(text)); len(halves) != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %q, %v", text, halves, err)
		}
	}
	const most = 256 << 10
	for _, size := range []int{most, most + 1} {
		if _, err := trust.SplitSuccession(bytes.Repeat([]byte("x"), size)); (reason.CodeOf(err) == reason.LimitSize) != (size > most) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// TestReadSuccession: one half, without judging it.
func TestReadSuccession(t *testing.T) {
	t.Parallel()
	good := string(half(t, "a", "a", "b", time.Time{}))
	subject := good[strings.Index(good, `"credentialSubject":`)+len(`"credentialSubject":`):]
	subject = subject[:strings.Index(subject, "}")+1]
	for name, c := range map[string]struct{ old, new, at string }{
		"as it should be":                {"", "", ""},
		"another credential":             {`"SuccessionCredential"`, `"OpenBadgeCredential"`, "/type"},
		"of something else":              {`"Succession"`, `"Achievement"`, "/type"},
		"two of them":                    {subject, "[" + subject + "," + subject + "]", "/type"},
		"a day that is none":             {`"effective":"2026`, `"effective":"x`, "/credentialSubject/effective"},
		"a predecessor that has a space": {`"predecessor":"did:web:a`, `"predecessor":"did:web: a`, "/credentialSubject"},
		"a successor that has a space":   {`"successor":"did:web:b`, `"successor":"did:web: b`, "/credentialSubject"},
		"no predecessor":                 {`"predecessor"`, `"before"`, "/credentialSubject"},
	} {
		if c.old != "" && !strings.Contains(good, c.old) {
			t.Fatalf("%s: %s is not in %s", name, c.old, good)
		}
		claimed, err := credential.Parse([]byte(strings.Replace(good, c.old, c.new, 1)), credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := trust.ReadSuccession(claimed)
		if (err == nil) != (c.at == "") || err != nil && (reason.CodeOf(err) != "trust_refused/succession" || reason.AtOf(err) != c.at) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	// What cannot be read is not made either.
	for name, c := range map[string]struct {
		s     trust.Succession
		until time.Time
	}{
		"as itself": {trust.Succession{Predecessor: "a:b", Successor: "a:b", Effective: newYear}, time.Time{}},
		"by nobody": {trust.Succession{Successor: "a:b", Effective: newYear}, time.Time{}},
		"no id":     {trust.Succession{Predecessor: "no id", Successor: "a:b", Effective: newYear}, time.Time{}},
	} {
		if _, err := c.s.Credential(c.s.Predecessor, newYear, c.until); err == nil {
			t.Errorf("%s: it is made", name)
		}
	}
}

// judge is a world whose verdict on each half is its own.
type judge struct {
	*world
	verdict func(half []byte) ([]byte, error)
}

func (j judge) VerifyList(_ context.Context, raw []byte, _ string, _ time.Time) (*credential.Credential, error) {
	valid, err := j.verdict(raw)
	if err != nil || valid == nil {
		return nil, err
	}
	return j.Read(valid)
}

// TestSuccessionVerified: what counts is what was verified, and only what both
// say alike is verified at all.
func TestSuccessionVerified(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ab, ba := half(t, "a", "a", "b", time.Time{}), half(t, "b", "a", "b", time.Time{})
	other := map[string][]byte{string(ab): half(t, "a", "a", "c", time.Time{}), string(ba): half(t, "c", "a", "c", time.Time{})}
	always := func(err error) func([]byte) ([]byte, error) {
		return func([]byte) ([]byte, error) { return nil, err }
	}
	same := func(raw []byte) ([]byte, error) { return raw, nil }
	for name, c := range map[string]struct {
		raw     []byte
		verdict func([]byte) ([]byte, error)
		code    reason.Code
	}{
		"as it should be":          {trust.JoinSuccession(ab, ba), same, ""},
		"another one was verified": {trust.JoinSuccession(ab, ba), func(raw []byte) ([]byte, error) { return other[string(raw)], nil }, "trust_refused/succession"},
		"nothing was verified":     {trust.JoinSuccession(ab, ba), always(nil), "trust_refused/unchecked"},
		"it was given up":          {trust.JoinSuccession(ab, ba), always(reason.New(reason.Canceled, "", "x")), "trust_refused/unchecked"},
		"something went wrong":     {trust.JoinSuccession(ab, ba), always(reason.New(reason.Internal, "", "x")), "trust_refused/unchecked"},
		"it is wrong":              {trust.JoinSuccession(ab, ba), always(reason.New(reason.BadSignature, "", "x")), "trust_refused/not-valid"},
		"a day that is none":       {trust.JoinSuccession(ab, bytes.Replace(ba, []byte(`"validFrom"`), []byte(`"validUntil":"x","validFrom"`), 1)), same, "trust_refused/succession"},
		"the other names a third":  {trust.JoinSuccession(ab, bytes.Replace(ba, []byte(`"successor":"did:web:b`), []byte(`"successor":"did:web:c`), 1)), same, "trust_refused/succession"},
	} {
		taken, err := trust.Empty().TakeSuccession(t.Context(), c.raw, judge{w, c.verdict}, nil, newYear, "t")
		if reason.CodeOf(err) != c.code && (c.code != "" || err != nil) || err != nil && taken != nil {
			t.Errorf("%s: %+v, %v", name, taken, err)
		}
	}
	never := judge{w, func([]byte) ([]byte, error) { t.Error("it is verified"); return nil, nil }}
	if _, err := trust.Empty().TakeSuccession(t.Context(), ab, never, nil, newYear, "t"); reason.CodeOf(err) != "trust_refused/one-sided" {
		t.Error(err)
	}
}

// TestSuccessionAgain: the same once more, another of the two, and a block that
// holds none yet.
func TestSuccessionAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := whole(t, "a", "b")
	longer := trust.JoinSuccession(half(t, "a", "a", "b", newYear.AddDate(9, 0, 0)), half(t, "b", "a", "b", time.Time{}))
	p := taking(t, w, "", first)
	empty := parse(t, "bevis-trust 1\nsuccession did:web:a.example\n  successor did:web:b.example\n  since 2026-01-01T00:00:00Z\n")
	for name, c := range map[string]struct {
		p     *trust.Policy
		raw   []byte
		again bool
	}{"the same": {p, first, true}, "another": {p, longer, false}, "one that was not there": {empty, first, false}} {
		if taken, err := c.p.TakeSuccession(t.Context(), c.raw, w, nil, newYear, "t"); err != nil || taken.Again != c.again || len(taken.Policy.Digests()) != 1 {
			t.Errorf("%s: %+v, %v", name, taken, err)
		}
	}
	if x := asked(empty.Holding(w), "a", newYear.AddDate(0, 1, 0)); reason.CodeOf(x.Err) != "trust_unavailable/not-held" {
		t.Errorf("%+v", x.Decision)
	}
	if added, err := trust.Empty().Add(trust.Entry{Kind: trust.KindSuccession, Issuer: "a:b", Successor: "c:d\n# e", Since: newYear}, "t"); err == nil {
		t.Errorf("a comment behind the successor is taken:\n%s", added.Text())
	}
}

// TestSuccessionSaysWhatThePolicySays: of a statement that is at hand each part is
// held against the line of the policy that it is pinned by.
func TestSuccessionSaysWhatThePolicySays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	summer := newYear.AddDate(0, 6, 0)
	raw := whole(t, "a", "b")
	text := string(taking(t, w, "issuer did:web:b.example\n", raw).Text())
	registry := `{"registry":{}}`
	w.files[trust.Digest([]byte(registry))] = []byte(registry)
	for name, c := range map[string]struct {
		old, new, asked string
		code            reason.Code
	}{
		"as it was taken in":   {"", "", "a", ""},
		"of another":           {"succession did:web:a", "succession did:web:x", "x", "trust_unavailable/changed"},
		"to another":           {"successor did:web:b", "successor did:web:c", "a", "trust_unavailable/changed"},
		"since another day":    {"since 2026-01-01", "since 2025-01-01", "a", "trust_unavailable/changed"},
		"held as a registry":   {"bevis-trust 1\n", "bevis-trust 1\nregistry r\n  held " + trust.Digest(raw) + " 2026-01-01T00:00:00Z\n", "a", "trust_unavailable/changed"},
		"what is no statement": {trust.Digest(raw), trust.Digest([]byte(registry)), "a", "trust_unavailable/changed"},
		"what is a registry":   {"bevis-trust 1\nissuer did:web:b.example\n", "bevis-trust 1\nregistry r\n  held " + trust.Digest([]byte(registry)) + " 2026-01-01T00:00:00Z\nissuer did:web:b.example\n", "a", ""},
		"what is gone":         {trust.Digest(raw), strings.Repeat("ab", 32), "a", "trust_unavailable/not-held"},
	} {
		if c.old != "" && !strings.Contains(text, c.old) {
			t.Fatalf("%s: %q is not in %s", name, c.old, text)
		}
		x := asked(parse(t, strings.Replace(text, c.old, c.new, 1)).Holding(w), c.asked, summer)
		if x.Trusted != (c.code == "") || c.code != "" && reason.CodeOf(x.Err) != c.code {
			t.Errorf("%s: %+v, %v", name, x.Decision, x.Err)
		}
	}
	// The file of a registry, held first as that and then as a statement.
	both := strings.Replace(strings.Replace(text, trust.Digest(raw), trust.Digest([]byte(registry)), 1), "bevis-trust 1\n", "bevis-trust 1\nregistry r\n  held "+trust.Digest([]byte(registry))+" 2026-01-01T00:00:00Z\n", 1)
	if x := asked(parse(t, both).Holding(w), "a", summer); x.Trusted || reason.CodeOf(x.Err) != "trust_unavailable/changed" {
		t.Errorf("%+v, %v", x.Decision, x.Err)
	}
}

// TestSuccessorCountsAsItself: what is not enough for the successor is no part of
// what would be enough for its predecessor, and what is not known of the one is
// not known of the other.
func TestSuccessorCountsAsItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	summer := newYear.AddDate(0, 6, 0)
	ab := whole(t, "a", "b")
	listed := func(by, whom string) string {
		raw := list(by, "2026-02-01T00:00:00Z", "2027-01-01T00:00:00Z", whom)
		w.files[trust.Digest(raw)] = raw
		return "list " + by + "\n  held " + trust.Digest(raw) + " 2026-02-01T00:00:00Z 2026-02-01T00:00:00Z " + by + "\n"
	}
	two := listed("did:web:one.example", didOf("a")) + listed("did:web:two.example", didOf("b"))
	if x := asked(taking(t, w, "quorum 2\n"+two, ab), "a", summer); x.Trusted || x.Sources != 1 || x.Err != nil {
		t.Errorf("one source of each: %+v, %v", x.Decision, x.Err)
	}
	if x := asked(taking(t, w, two, ab), "a", summer); !x.Trusted || x.Sources != 2 {
		t.Errorf("either is enough: %+v", x.Decision)
	}
	ended := list("did:web:two.example", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", didOf("b"))
	w.files[trust.Digest(ended)] = ended
	line := "list did:web:two.example\n  held " + trust.Digest(ended) + " 2026-02-01T00:00:00Z 2026-02-01T00:00:00Z did:web:two.example\n"
	if x := asked(taking(t, w, line, ab), "a", summer); x.Trusted || reason.CodeOf(x.Err) != "trust_unavailable/ended" {
		t.Errorf("not known of the successor: %+v, %v", x.Decision, x.Err)
	}
	// A circle is walked once.
	if x := asked(taking(t, w, "issuer did:web:a.example\n", ab, whole(t, "b", "a")), "a", summer); !x.Trusted || len(x.Vouchers) != 1 {
		t.Errorf("%+v", x.Vouchers)
	}
}
