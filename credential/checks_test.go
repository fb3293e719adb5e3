package credential_test

import (
	"testing"

	"github.com/kompetansebevis/bevis/credential"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestIdentityOfHalf: credentials that share an issuer but have no ids are not
// editions of each other, nor are those of nobody with one id.
func TestIdentityOfHalf(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{"", ""}, {"", "urn:x:1"}, {"did:web:a.example", ""}, {"\t", "urn:x:1"}, {"did:web:a.example", "%20 "}} {
		half := credential.IdentityOf(c[0], c[1])
		if half != (credential.Identity{}) || half.Same(credential.IdentityOf(c[0], c[1])) {
			t.Errorf("%q: an identity", c)
		}
	}
}

// TestTimesOfOthers: what Go reads as a time and the standard does not.
func TestTimesOfOthers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2026-01-31T1:00:00.5Z", "2026-01-31T1:00:00+01:00",
		"2026-13-31T24:00:00Z", "2026-02-30T24:00:00Z", "2026-01-31 24:00:00Z", "2026-01-31t24:00:00Z", "x026-01-31T24:00:00Z",
		"2026-01-31T12:00:00+14:01", "2026-01-31T12:00:00-14:01", "2026-01-31T12:00:00-23:59", "2026-01-31T24:00:00-15:00",
	} {
		if got, err := credential.ParseTime(text); err == nil || !got.IsZero() {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for _, text := range []string{`1769860800`, `null`, `["2026-01-31T12:00:00Z"]`, `{"@value":"2026-01-31T12:00:00Z"}`} {
		if got, err := credential.Time(value(t, text)); err == nil {
			t.Errorf("%s is %s", text, got)
		}
	}
	if got, err := credential.Time(nil); err == nil {
		t.Errorf("nothing is %s", got)
	}
}

// TestEndInYearZero: a credential that ended in the year 0, which is before the
// zero time, does not end before it begins if it begins at no time.
func TestEndInYearZero(t *testing.T) {
	t.Parallel()
	from, until, err := parse(t, `{"type":"VerifiableCredential","validUntil":"0000-06-01T00:00:00Z"}`).Period()
	if err != nil || !from.IsZero() || until.IsZero() || until.Year() != 0 {
		t.Errorf("%s to %s, %v", from, until, err)
	}
}
