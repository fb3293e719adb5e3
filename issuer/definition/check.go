package definition

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxImage is the largest data URL of a picture in a definition, in bytes: the
// whole credential must fit into 1 MiB, endorsements and proof as well.
const maxImage = 512 << 10

// Check returns what is to be mended in a definition: where it is not as the
// standard wants an achievement, and what else makes credentials worse than
// they need be. Places are JSON pointers into the definition, errors come
// first. With an error among them (profile.Err) nothing should be issued.
//
// A definition of type MicroCredential is also held against the elements that
// Annex I of the Council Recommendation of 16 June 2022 (2022/C 243/02) wants
// every micro-credential to tell; what it lacks there is a warning, since no
// standard forbids it.
func Check(a openbadge.Achievement) []profile.Finding {
	c := &checker{a: a}
	c.standard()
	c.texts()
	c.picture()
	c.credits()
	c.alignments()
	for n, d := range a.ResultDescription {
		c.result(strictjson.Pointer("/resultDescription", strconv.Itoa(n)), d)
	}
	slices.SortStableFunc(c.found, func(x, y profile.Finding) int {
		return cmp.Or(cmp.Compare(x.Severity, y.Severity), strings.Compare(x.At, y.At))
	})
	return c.found
}

type checker struct {
	a     openbadge.Achievement
	found []profile.Finding
}

func (c *checker) add(rule string, severity profile.Severity, at, message, next string) {
	c.found = append(c.found, profile.Finding{Rule: "definition/" + rule, Severity: severity, Code: reason.MalformedModel, At: at, Message: message, Next: next})
}

// standard holds the definition against the rules of the standard, in a
// credential that is otherwise in order.
func (c *checker) standard() {
	const at = "/credentialSubject/achievement"
	draft := credential.Draft{
		Contexts: []string{openbadge.Context}, ID: "urn:uuid:00000000-0000-4000-8000-000000000000", Types: []string{openbadge.TypeOpenBadgeCredential},
		Issuer: openbadge.Profile{ID: "did:example:issuer", Name: "x"}.Value(), ValidFrom: time.Unix(0, 0),
		Subject: openbadge.AchievementSubject{ID: "did:example:learner", Achievement: &c.a}.Value(),
	}
	doc, err := draft.Build()
	if err != nil { // such as a text that is no UTF-8
		c.found = append(c.found, profile.Finding{Rule: "definition/json", Code: reason.CodeOf(err), At: strings.TrimPrefix(reason.AtOf(err), at), Message: err.Error(), Next: "write it anew"})
		return
	}
	standards := profile.NewStandards()
	take := func(found []profile.Finding) {
		for _, f := range found {
			if place, inside := strings.CutPrefix(f.At, at); inside {
				f.At = place
				c.found = append(c.found, f)
			}
		}
	}
	take(standards.Lint(doc, profile.OB3))
	if c.a.AchievementType == "MicroCredential" {
		take(european(standards.Lint(doc, profile.Microcredential)))
	}
}

// european picks what a definition does not tell of the elements that are
// mandatory. No standard forbids it, so it stops nothing; the unit of credits is
// looked for in all definitions.
func european(found []profile.Finding) []profile.Finding {
	var out []profile.Finding
	for _, f := range found {
		if strings.HasPrefix(f.Rule, "micro/") && f.Rule != "micro/credit-unit" && f.Severity < profile.Hint {
			f.Severity++
			out = append(out, f)
		}
	}
	return out
}

func (c *checker) texts() {
	if k := c.a.Criteria; k != nil && strings.TrimSpace(k.ID) == "" && strings.TrimSpace(k.Narrative) == "" {
		c.add("criteria", profile.Error, "/criteria", "does not say what it takes", "write what must be done, or give the address of a page that tells")
	}
	for _, m := range []struct{ at, text string }{{"/name", c.a.Name}, {"/description", c.a.Description}} {
		if m.text != "" && strings.TrimSpace(m.text) == "" {
			c.add("text", profile.Error, m.at, "is blank", "write it")
		}
	}
}

func (c *checker) picture() {
	if c.a.Image == nil {
		return
	}
	address, data := strings.CutPrefix(c.a.Image.ID, "data:")
	switch {
	case len(c.a.Image.ID) > maxImage:
		c.add("image-size", profile.Error, "/image/id", "is a picture so large that credentials with it would be refused", "use a picture of at most 256 KiB")
	case data && !strings.HasPrefix(address, "image/png") && !strings.HasPrefix(address, "image/svg+xml"):
		c.add("image-type", profile.Warning, "/image/id", "is neither PNG nor SVG, which are what the standard knows", "use a PNG or SVG")
	case data && strings.HasPrefix(address, "image/svg+xml"):
		c.add("image-active", profile.Warning, "/image/id", "is an SVG document, which can hold scripts, so verifiers warn of it", "use a PNG")
	}
	if strings.TrimSpace(c.a.Image.Caption) == "" {
		c.add("image-caption", profile.Hint, "/image", "has no caption, so those who cannot see it are told nothing", "say in caption what the picture shows")
	}
}

func (c *checker) credits() {
	credits, unit := c.a.CreditsAvailable, c.alignedTo(openbadge.ExtCredits) >= 0
	switch {
	case credits > 0 && !unit:
		c.add("credits-unit", profile.Warning, "/creditsAvailable", "has no unit: the standard names none, so 10 may be anything", "say which credits they are, such as ECTS or studiepoeng: an alignment of type "+openbadge.ExtCredits)
	case credits == 0 && unit:
		c.add("credits-number", profile.Warning, "/creditsAvailable", "is missing, though the unit of credits is told", "say how many credits it gives")
	}
}

// alignedTo returns which alignment has one of the types, -1 if none has.
func (c *checker) alignedTo(types ...string) int {
	return slices.IndexFunc(c.a.Alignment, func(a openbadge.Alignment) bool { return slices.Contains(types, a.TargetType) })
}

func (c *checker) alignments() {
	seen := map[string]bool{}
	for n, a := range c.a.Alignment {
		at := strictjson.Pointer("/alignment", strconv.Itoa(n))
		same := a.TargetType + " " + a.TargetURL + " " + a.TargetCode
		if seen[same] && a.TargetURL != "" {
			c.add("alignment-twice", profile.Warning, at, "is there twice", "take one of them out")
		}
		seen[same] = true
		list, of := []openbadge.Concept(nil), ""
		switch a.TargetType {
		case openbadge.ExtESCOSkill:
			if !openbadge.IsESCOSkill(a) && a.TargetURL != "" {
				c.add("alignment-esco", profile.Error, at+"/targetUrl", "is no skill of ESCO", "give the skill's URI, http://data.europa.eu/esco/skill/…")
			}
		case openbadge.ExtEQF:
			level, err := strconv.Atoi(a.TargetCode)
			if _, ok := openbadge.AlignEQF(level); err != nil || !ok {
				c.add("alignment-eqf", profile.Error, at+"/targetCode", "is no level of the European Qualifications Framework", "give a level from 1 to 8")
			}
		case openbadge.ExtNKR:
			if _, ok := openbadge.AlignNKR(a.TargetCode); !ok {
				c.add("alignment-nkr", profile.Error, at+"/targetCode", "is no level of the Norwegian framework", "give a level such as 4A, 5.1 or 6")
			}
		case openbadge.ExtISCEDF:
			if _, ok := openbadge.AlignISCEDF(a.TargetCode); !ok {
				c.add("alignment-isced", profile.Error, at+"/targetCode", "is no field of ISCED-F", "give a code of two to four digits, such as 0715")
			}
		case openbadge.ExtCredits:
			list, of = openbadge.Units(), "unit of credits"
		case openbadge.ExtMode:
			list, of = openbadge.Modes(), "form of participation"
		case openbadge.ExtAssessment:
			list, of = openbadge.Assessments(), "form of assessment"
		}
		if _, known := openbadge.FindConcept(list, a.TargetCode); of != "" && !known {
			c.add("alignment-code", profile.Warning, at+"/targetCode", "is no "+of+" of a list that others know", "use one of "+codes(list))
		}
	}
}

func codes(list []openbadge.Concept) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Code)
	}
	return strings.Join(out, ", ")
}
