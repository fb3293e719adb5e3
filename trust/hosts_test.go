package trust_test

import (
	"context"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// TestHosts: a host is trusted where an issuer lives that is, now and for
// something.
func TestHosts(t *testing.T) {
	t.Parallel()
	policy, err := trust.Parse([]byte(`bevis-trust 1
issuer https://school.example/issuer
  types Assertion
issuer https://badges.example:8443/i
issuer https://closed.example/issuer
  until 2020-01-01T00:00:00Z
issuer did:web:web.example
`), "t")
	if err != nil {
		t.Fatal(err)
	}
	pins := trust.Pins("https://School.example/issuer", "http://old.example/i", "https://a@b.example/x", "did:web:web.example", "")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name     string
		registry trust.Registry
		host     string
		want     bool
	}{
		{"policy", policy, "school.example", true},
		{"policy", policy, "badges.example:8443", true},
		{"policy", policy, "badges.example", false},
		{"policy", policy, "closed.example", false},
		{"policy", policy, "web.example", false},
		{"policy", policy, "evil.example", false},
		{"policy", policy, "", false},
		{"pins", pins, "school.example", true},
		{"pins", pins, "old.example", true},
		{"pins", pins, "b.example", false},
		{"pins", pins, "web.example", false},
		{"pins", pins, "", false},
	} {
		hosts, ok := test.registry.(trust.Hosts)
		if !ok {
			t.Fatalf("%s does not know hosts", test.name)
		}
		if got, err := hosts.TrustsHost(t.Context(), test.host, at); got != test.want || err != nil {
			t.Errorf("%s %q: %v, %v", test.name, test.host, got, err)
		}
	}
	if _, ok := trust.AnyoneUnsafe().(trust.Hosts); ok {
		t.Error("who trusts anybody would have strangers' files make connections")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := policy.TrustsHost(ctx, "evil.example", at); err == nil {
		t.Error("stopped, and nothing is said")
	}
}

// TestHostsOfSources: who is trusted by a domain, a list or a registry lives
// somewhere as well.
func TestHostsOfSources(t *testing.T) {
	t.Parallel()
	const one = "list did:web:one.example\n"
	w := newWorld(t)
	p := w.take(parse(t, "bevis-trust 1\ndomain uib.no\ndomain old.example\n  until 2020-01-01T00:00:00Z\nissuer https://gone.uib.no/\n  withdrawn 2026-01-01T00:00:00Z\n"+one+"  types Assertion\n"),
		list("did:web:one.example", listDay, "", "https://school.example/issuer", "did:web:web.example", accredits("https://above.example/", 0)))
	for host, want := range map[string]bool{
		"uib.no": true, "kurs.uib.no": true, "kurs.uib.no:8443": false, "notuib.no": false, "gone.uib.no": false, "old.example": false,
		"school.example": true, "web.example": false, "above.example": false, "one.example": false, "": false,
	} {
		if got, err := p.TrustsHost(t.Context(), host, when(today)); got != want || err != nil {
			t.Errorf("%q: %t, %v", host, got, err)
		}
	}
	if got, err := p.TrustsHost(t.Context(), "school.example", when("2027-01-01T00:00:00Z")); got || reason.CodeOf(err) != "trust_unavailable/ended" {
		t.Errorf("by a list that has ended: %t, %v", got, err)
	}
}
