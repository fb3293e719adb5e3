package verifier

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestMisleading: each kind of text that misleads the eye is told, at the place
// where it does, and what stands beside it is not.
func TestMisleading(t *testing.T) {
	t.Parallel()
	const (
		direction = "display_warning/text-direction"
		control   = "display_warning/control-character"
		line      = "display_warning/line-break"
		invisible = "display_warning/invisible-character"
		image     = "display_warning/active-image"
		link      = "display_warning/active-link"
		markup    = "display_warning/markup"
		scripts   = "display_warning/mixed-scripts"
	)
	for _, c := range []struct {
		text, at string
		want     reason.Code
	}{
		{"a\u2029b", "/name", invisible},
		{"a\u2065b", "/name", invisible}, {"a\u2066b", "/name", direction}, {"a\u2069b", "/name", direction},
		{"a\u206Ab", "/name", invisible}, {"a\u206Fb", "/name", invisible}, {"a\u2070b", "/name", ""},
		{"a\u202Ab", "/name", direction}, {"a\u202Eb", "/name", direction}, {"a\u202Fb", "/name", ""},
		{"a\u200Eb", "/name", direction}, {"a\u200Fb", "/name", direction}, {"a\u061Cb", "/name", direction},
		{"a\tb", "/name", ""}, {"a\rb", "/name", ""}, {"a\u0001b", "/name", control}, {"a\u007Fb", "/name", control}, {"a\u009Fb", "/name", control}, {"a\u00A0b", "/name", ""},
		{"a\nb", "/name", line}, {"a\nb", "/achievement/description", ""},
		{"a\u034Fb", "/name", invisible}, {"a\u115Fb", "/name", invisible}, {"a\u1160b", "/name", invisible}, {"a\u180Eb", "/name", invisible}, {"a\u2028b", "/name", invisible},
		{"a\u3164b", "/name", invisible}, {"a\uFFA0b", "/name", invisible}, {"a\u2061b", "/name", invisible}, {"a\uFFF9b", "/name", invisible}, {"a\uFFFBb", "/name", invisible},
		{"a\uFFFCb", "/name", ""}, {"a\U000E0000b", "/name", invisible}, {"a\U000E007Fb", "/name", invisible}, {"a\U000E0100b", "/name", ""},
		{"a\u200Bb", "/name", invisible}, {"a\u2060b", "/name", invisible}, {"a\uFEFFb", "/name", invisible}, {"a\u00ADb", "/name", invisible},
		{"\u200Bb", "/name", invisible}, {"\u0431\u200Bb", "/name", invisible},
		{"a\u200Cb", "/name", invisible}, {"a\u200Db", "/name", invisible},
		{"\u0646\u200C\u0646", "/name", ""}, {"\u0915\u200D\u0915", "/name", ""}, {"\u200Da", "/name", ""}, // as Persian and Hindi are written
		{"data:image/svg+xml,x", "/image/id", image}, {"Javascript:x", "/id", link}, {"data:text/html,x", "/id", link}, {"see javascript:x", "/id", ""},
		{"<b>x", "/name", markup}, {"<b>x", "/criteria/narrative", markup}, {"<b>x", "/id", ""},
		{"\u0430bc", "/name", scripts}, {"\u03B1bc", "/name", scripts}, {"\u0430 bc", "/name", ""}, {"\u0430bc", "/id", ""}, {"\u0430\u0431", "/name", ""}, {"a\u0431\u0446", "/name", scripts},
		{"b\u0430", "/name", scripts},
	} {
		if got, _ := misleading(c.text, c.at); got != c.want {
			t.Errorf("%+q at %s: %q, want %q", c.text, c.at, got, c.want)
		}
		if plain(c.text) && c.want != "" {
			t.Errorf("%+q is taken for plain", c.text)
		}
	}
	for text, want := range map[string]bool{"data:": false, "data": true, "xdata:": true, "abcd:": true, "javascript:": false, "xjavascript:": false, "avascript:x": true, "Å:": true, "\xC3": false} {
		if got := plain(text); got != want {
			t.Errorf("%+q: %t", text, got)
		}
	}
}

func TestAgeInWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		72 * time.Hour: "3 days", 48 * time.Hour: "2 days", 47 * time.Hour: "47 hours", 2 * time.Hour: "2 hours",
		119 * time.Minute: "119 minutes", 2 * time.Minute: "2 minutes", 119 * time.Second: "119 seconds", 0: "0 seconds",
	} {
		if got := age(d); got != want {
			t.Errorf("%s: %s", d, got)
		}
	}
}

// TestOwnHost: whose host an address is on is read from the issuer's id, and
// from nothing that could stand for another.
func TestOwnHost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		issuer, address string
		want            bool
	}{
		{"did:web:kurs.example", "https://kurs.example/l", true},
		{"did:web:kurs.example:a:b", "https://KURS.example/l", true},
		{"did:web:kurs.example%3A8443", "https://kurs.example:8443/l", true},
		{"did:web:kurs.example", "https://kurs.example:8443/l", false},
		{"did:web:kurs.example", "http://kurs.example/l", false},
		{"did:web:kurs.example", "https://a@kurs.example/l", false},
		{"did:web:kurs.example", "https://kurs.example.evil.example/l", false},
		{"did:web:kurs.example", "https://%zz/l", false},
		{"https://kurs.example/issuer", "https://kurs.example/l", true},
		{"https://kurs.example/issuer", "https://evil.example/l", false},
		{"http://kurs.example/issuer", "https://kurs.example/l", false},
		{"https://%zz/", "https:///l", false},
		{"did:key:z6Mk", "https:///l", false},
		{"did:web:", "https:///l", false},
		{"", "https:///l", false},
	} {
		if got := ownHost(c.issuer, c.address); got != c.want {
			t.Errorf("%+v: %t", c, got)
		}
	}
	if hostOf("https://%zz/") != "" || hostOf("https://a.example/b") != "a.example" {
		t.Error("the host of an address that is none")
	}
}

// TestFresh: the shorter of what the relying party allows and what a list says
// of its copies counts, and a copy without a date is as old as can be.
func TestFresh(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return at.Add(-d) }
	for name, c := range map[string]struct {
		p     published
		limit time.Duration
		stale bool
	}{
		"life over":                   {published{asOf: ago(2 * time.Hour), life: time.Hour}, 0, true},
		"life not over":               {published{asOf: ago(time.Hour), life: time.Hour}, 0, false},
		"life longer than the limit":  {published{asOf: ago(2 * time.Hour), life: 3 * time.Hour}, time.Hour, true},
		"life shorter than the limit": {published{asOf: ago(2 * time.Hour), life: time.Hour}, 3 * time.Hour, true},
		"life, given by the caller":   {published{issued: ago(2 * time.Hour), life: time.Hour}, 0, false},
		"it ends by itself":           {published{asOf: ago(900 * 24 * time.Hour), ends: true}, 0, false},
		"it does not end":             {published{asOf: ago(DefaultMaxAge + 1)}, 0, true},
		"no date, given":              {published{}, 0, false},
		"no date, and a limit":        {published{}, time.Hour, true},
		"issued long ago, given":      {published{issued: ago(2 * time.Hour)}, time.Hour, true},
	} {
		j := &judgement{req: Request{At: at}}
		j.allow(c.limit)
		if err := j.fresh(c.p, "it", ""); (err != nil) != c.stale || err != nil && reason.CodeOf(err) != "status_unavailable/stale" {
			t.Errorf("%s: %v", name, err)
		}
	}
	j := &judgement{req: Request{At: time.Now()}} // even to one who asks as of the year 1
	j.req.At = time.Time{}.Add(time.Minute)
	j.allow(time.Hour)
	if err := j.fresh(published{}, "it", ""); err == nil {
		t.Error("what has no date is fresh")
	}
	for _, limits := range [][]time.Duration{{time.Hour, 2 * time.Hour}, {2 * time.Hour, time.Hour}, {0, time.Hour}, {time.Hour, 0}, {time.Hour, -1}} {
		j := &judgement{}
		for _, l := range limits {
			j.allow(l)
		}
		if j.maxAge != time.Hour {
			t.Errorf("%v: %s", limits, j.maxAge)
		}
	}
}

// TestGaveUp: what another caller did not wait for is told from what this one
// did not.
func TestGaveUp(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	canceled := reason.Wrap(reason.Canceled, "", context.Canceled)
	if !gaveUp(t.Context(), canceled) || gaveUp(stopped, canceled) || gaveUp(t.Context(), nil) || gaveUp(t.Context(), reason.New(reason.Revoked, "", "x")) {
		t.Error("who gave up is not told apart")
	}
	m := NewMemo()
	j := &judgement{Verifier: &Verifier{cfg: Config{Memo: m}}, report: &Report{}, req: Request{At: time.Unix(0, 0)}}
	for i := range 3 * maxMemo {
		j.verifiedList(t.Context(), nil, strconv.Itoa(i), func() (*credential.Value, published, error) { return nil, published{}, canceled })
	}
	if len(m.lists) != 0 {
		t.Errorf("%d lists that nobody waited for are kept", len(m.lists))
	}
	j.verifiedList(t.Context(), nil, "u", func() (*credential.Value, published, error) {
		m.list(memoKey{url: "u"}, []byte("newer"))
		return nil, published{}, canceled
	})
	if l := m.lists[memoKey{url: "u"}]; l == nil || string(l.raw) != "newer" {
		t.Error("who gave up on a list took a newer one along")
	}
	for i := range 5 * maxMemo {
		m.list(memoKey{url: strconv.Itoa(i)}, nil)
		j.lookup(t.Context(), status.Entry{ListURL: strconv.Itoa(i)}, nil)
		if len(m.lists) > maxMemo || len(m.bits) > 4*maxMemo {
			t.Fatalf("%d lists and %d with bits", len(m.lists), len(m.bits))
		}
	}
	for i := range 5 * maxMemo { // one list, asked in many ways
		j.lookup(t.Context(), status.Entry{ListURL: "u", Purpose: strconv.Itoa(i)}, nil)
		if len(m.bits) > 4*maxMemo {
			t.Fatalf("%d with bits", len(m.bits))
		}
	}
}
