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

func (c *checker) add(rule string, severity profile.Severity, at string, said, mend *profile.Sentence) {
	c.found = append(c.found, profile.Finding{Rule: "definition/" + rule, Severity: severity, Code: reason.MalformedModel, At: at}.Saying(said, mend))
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
		c.found = append(c.found, profile.Finding{Rule: "definition/json", Code: reason.CodeOf(err), At: strings.TrimPrefix(reason.AtOf(err), at)}.
			Saying(saidNotWritten.With(err.Error()), mendWriteAnew.With()))
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
		c.add("criteria", profile.Error, "/criteria", saidNoCriteria.With(), mendTakes.With())
	}
	for _, m := range []struct{ at, text string }{{"/name", c.a.Name}, {"/description", c.a.Description}} {
		if m.text != "" && strings.TrimSpace(m.text) == "" {
			c.add("text", profile.Error, m.at, saidBlank.With(), mendWriteIt.With())
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
		c.add("image-size", profile.Error, "/image/id", saidImageSize.With(), mendSmaller.With())
	case data && !strings.HasPrefix(address, "image/png") && !strings.HasPrefix(address, "image/svg+xml"):
		c.add("image-type", profile.Warning, "/image/id", saidImageType.With(), mendPNGOrSVG.With())
	case data && strings.HasPrefix(address, "image/svg+xml"):
		c.add("image-active", profile.Warning, "/image/id", saidImageActive.With(), mendPNG.With())
	}
	if strings.TrimSpace(c.a.Image.Caption) == "" {
		c.add("image-caption", profile.Hint, "/image", saidNoCaption.With(), mendCaption.With())
	}
}

func (c *checker) credits() {
	credits, unit := c.a.CreditsAvailable, c.alignedTo(openbadge.ExtCredits) >= 0
	switch {
	case credits > 0 && !unit:
		c.add("credits-unit", profile.Warning, "/creditsAvailable", saidNoUnit.With(), mendUnit.With(openbadge.ExtCredits))
	case credits == 0 && unit:
		c.add("credits-number", profile.Warning, "/creditsAvailable", saidNoCredits.With(), mendCredits.With())
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
			c.add("alignment-twice", profile.Warning, at, saidTwice.With(), mendTwice.With())
		}
		seen[same] = true
		list, unknown := []openbadge.Concept(nil), profile.Text("")
		switch a.TargetType {
		case openbadge.ExtESCOSkill:
			if !openbadge.IsESCOSkill(a) && a.TargetURL != "" {
				c.add("alignment-esco", profile.Error, at+"/targetUrl", saidNoSkill.With(), mendSkill.With())
			}
		case openbadge.ExtEQF:
			level, err := strconv.Atoi(a.TargetCode)
			if _, ok := openbadge.AlignEQF(level); err != nil || !ok {
				c.add("alignment-eqf", profile.Error, at+"/targetCode", saidNoEQF.With(), mendEQF.With())
			}
		case openbadge.ExtNKR:
			if _, ok := openbadge.AlignNKR(a.TargetCode); !ok {
				c.add("alignment-nkr", profile.Error, at+"/targetCode", saidNoNKR.With(), mendNKR.With())
			}
		case openbadge.ExtISCEDF:
			if _, ok := openbadge.AlignISCEDF(a.TargetCode); !ok {
				c.add("alignment-isced", profile.Error, at+"/targetCode", saidNoISCED.With(), mendISCED.With())
			}
		case openbadge.ExtCredits:
			list, unknown = openbadge.Units(), saidNoUnitKnown
		case openbadge.ExtMode:
			list, unknown = openbadge.Modes(), saidNoMode
		case openbadge.ExtAssessment:
			list, unknown = openbadge.Assessments(), saidNoAssessment
		}
		if _, known := openbadge.FindConcept(list, a.TargetCode); unknown != "" && !known {
			c.add("alignment-code", profile.Warning, at+"/targetCode", unknown.With(), mendUseOne.With(codes(list)))
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
