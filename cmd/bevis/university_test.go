package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/bevistest"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/issuer"
)

// TestUniversityStory is docs/stories/university.md: a university issues
// diplomas, rotates its key, revokes a diploma, and has its old key stolen. An
// employer verifies, by the command, what there is at each point.
func TestUniversityStory(t *testing.T) {
	day := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC) }
	w := bevistest.NewWorld(t, day(time.June, 1))
	until := func(then time.Time) { w.Advance(then.Sub(w.Now())) }
	s := newStory(t, w, "university.md")
	university := w.Issuer("universitetet.example", "Universitetet i Sør")
	diploma := func(student, title string) []byte {
		return university.Issue(issuer.Award{
			Achievement: openbadge.Achievement{ID: "https://universitetet.example/grad/" + strings.ToLower(strings.Fields(title)[0]), Name: title, Description: title + ".", Criteria: &openbadge.Criteria{Narrative: "180 studiepoeng."}},
			Recipient:   issuer.Recipient{ID: "did:example:" + student}, ValidFrom: w.Now(),
		})
	}

	// Three diplomas, and an employer who looks at them.
	ola := diploma("ola", "Bachelor i maskin")
	s.write("kari.json", diploma("kari", "Bachelor i maskin"))
	s.write("ola.json", ola)
	s.write("nina.json", diploma("nina", "Bachelor i sykepleie"))
	until(day(time.June, 2))
	s.block()
	s.write("list-2-june.json", w.Served(university.ListURL(status.Revocation)))

	// The key is rotated, one more is issued, one is revoked.
	until(day(time.June, 10))
	old, first := university.Signer(), university.Keys()[0]
	university.Rotate()
	s.write("per.json", diploma("per", "Bachelor i maskin"))
	until(day(time.June, 12))
	const why = "sak 26/117: avhandlingen"
	university.Revoke(ola, why)
	until(day(time.June, 14))
	w.Asked()
	s.block() // offline
	s.block() // offline, and not older than
	if asked := w.Asked(); len(asked) > 0 {
		t.Errorf("offline it asked for %q", asked)
	}
	s.block() // online
	if bytes.Contains(w.Served(university.ListURL(status.Revocation)), []byte(why)) || strings.Contains(s.text, why) {
		t.Error("the reason in the university's ledger is told")
	}
	s.block() // as of before

	// The old key turns out to be stolen.
	until(day(time.September, 1))
	university.CompromiseRetired(first)
	s.write("mallory.json", signedBy(t, w, old, strings.NewReplacer("ISSUER", university.ID(), "kari", "mallory", "2026-06-01T12", "2026-06-01T09").Replace(plainBadge)))
	until(day(time.September, 2))
	s.block() // what that means
	s.block() // for the time before

	// What was signed with it is issued anew.
	s.write("kari-2.json", diploma("kari", "Bachelor i maskin"))
	s.write("nina-2.json", diploma("nina", "Bachelor i sykepleie"))
	s.block()
	s.end()
}
