package app

import (
	"cmp"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/verifier"
)

// claimsOf returns what a credential says: the proven document when it is
// valid, the claimed one to be shown as a claim otherwise.
func claimsOf(r *verifier.Report) *ResultClaims {
	if r.Kind == verifier.KindForeign {
		return claimsOfForeign(r)
	}
	if r.Kind == verifier.KindOpenBadge2 {
		return claimsOfBadge2(r)
	}
	c := r.Credential()
	if c == nil {
		c = r.Claimed()
	}
	if c == nil {
		return nil
	}
	out := &ResultClaims{ID: c.ID(), Types: c.Types(), Name: c.Name("nb", "nn", "no", "en"), Subject: c.SubjectIDs()}
	if from, until, err := c.Period(); err == nil {
		if !from.IsZero() {
			out.ValidFrom = from.Format(time.RFC3339)
		}
		if !until.IsZero() {
			out.ValidUntil = until.Format(time.RFC3339)
		}
	}
	out.Recipient = namedIn(c)
	if openbadge.IsBadge(c) {
		out.ofBadge(c)
	}
	if elm.Is(c.Document()) {
		out.ofEuropass(c.Document())
	}
	return out
}

// namedIn returns the name that a credential itself gives whom it is about, in
// plain text, such as what is printed beside a code is to be held against.
func namedIn(c *credential.Credential) string {
	if len(c.Subjects()) != 1 {
		return ""
	}
	subject := c.Subjects()[0]
	if name := credential.Text(subject.Get("name"), "nb", "nn", "no", "en"); name != "" {
		return name
	}
	for _, id := range subject.Get("identifier").List() {
		kind, _ := id.Get("identityType").Text()
		hashed, _ := id.Get("hashed").Bool()
		if name, _ := id.Get("identityHash").Text(); kind == "name" && !hashed {
			return name
		}
	}
	return ""
}

// ofBadge adds what an Open Badge says. Of what openbadge.FromCredential reads it
// reads only what is shown, since it does so for each of very many; a test holds
// the two equal.
func (out *ResultClaims) ofBadge(c *credential.Credential) {
	subjects, issuer := c.Subjects(), c.Document().Get("issuer").Kind()
	if len(subjects) != 1 || issuer != strictjson.KindString && issuer != strictjson.KindObject {
		return
	}
	subject, achievement := subjects[0], subjects[0].Get("achievement")
	if achievement.Kind() != strictjson.KindObject {
		return
	}
	text := func(v *strictjson.Value, name string) string { return credential.Text(v.Get(name)) }
	out.Achievement, out.Description = text(achievement, "name"), text(achievement, "description")
	out.Level, out.Criteria = text(achievement, "achievementType"), text(achievement.Get("criteria"), "narrative")
	out.Credits, _ = subject.Get("creditsEarned").Float()
	for _, alignment := range achievement.Get("alignment").List() {
		if alignment.Kind() == strictjson.KindObject && openbadge.MaySkill(text(alignment, "targetType")) {
			out.Skills = append(out.Skills, text(alignment, "targetName"))
		}
	}
	for _, evidence := range c.Document().Get("evidence").List() {
		id, _ := evidence.Text() // which may stand for the whole
		if said := cmp.Or(id, text(evidence, "id"), text(evidence, "name")); said != "" {
			out.Evidence = append(out.Evidence, said)
		}
	}
	for _, result := range subject.Get("result").List() {
		if value := text(result, "value"); value != "" {
			out.Results = append(out.Results, value)
		}
	}
}
