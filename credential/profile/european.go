package profile

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// recommendation is where the European Union says what a micro-credential
// tells.
const recommendation = "Council Recommendation 2022/C 243/02, Annex I"

// element is something that a European micro-credential tells. Names are
// those of package catalogue/lint, which looks for the same in offers.
type element struct {
	name     string
	severity Severity                                            // Error: mandatory; Warning: mandatory if there is one; Hint: optional
	at       string                                              // where it would stand, in the subject or, with a slash in front, in the credential
	said     func(doc, subject, achieved *strictjson.Value) bool // the achievement, or the claim
	missing  Text                                                // a text for saidNotTold
	mend     *Sentence
}

func elements() []element {
	return []element{
		{"learner", Error, "id", func(_, subject, _ *strictjson.Value) bool {
			return credential.ID(subject) != "" || len(subject.Get("identifier").List()) > 0
		}, tellLearner, mendRecipient.With()},
		{"title", Error, "achievement/name", func(_, _, a *strictjson.Value) bool { return saysText(a.Get("name")) },
			tellTitle, mendAchievementName.With()},
		{"country", Error, "/issuer/address", func(doc, _, _ *strictjson.Value) bool {
			address := doc.Get("issuer").Get("address")
			return saysText(address.Get("addressCountryCode")) || saysText(address.Get("addressCountry"))
		}, tellCountry, mendCountry.With()},
		{"awarding-body", Error, "/issuer/name", func(doc, _, _ *strictjson.Value) bool { return saysText(doc.Get("issuer").Get("name")) },
			tellAwarder, mendAwarder.With()},
		{"date", Error, "/validFrom", func(doc, _, _ *strictjson.Value) bool {
			return slices.ContainsFunc([]string{"awardedDate", "validFrom", "issuanceDate"}, func(name string) bool { return doc.Get(name) != nil })
		}, tellDate, mendDate.With()},
		{"learning-outcomes", Error, "achievement/alignment", func(_, _, a *strictjson.Value) bool {
			return aligned(a, openbadge.ExtESCOSkill, "ext:ESCOAlignment", "ceasn:Competency", "CFItem", "CTDL") || alignedTo(a, "data.europa.eu/esco/") || saysText(a.Get("criteria").Get("narrative"))
		}, tellOutcomes, mendOutcomes.With()},
		{"workload", Error, "achievement/creditsAvailable", func(_, subject, a *strictjson.Value) bool {
			return a.Get("creditsAvailable") != nil || subject.Get("creditsEarned") != nil || aligned(a, openbadge.ExtWorkload) || has(a, "ECTS", "SBU", "timeInvestment")
		}, tellWorkload, mendWorkload.With()},
		{"credit-unit", Warning, "achievement/alignment", func(_, subject, a *strictjson.Value) bool {
			return a.Get("creditsAvailable") == nil && subject.Get("creditsEarned") == nil || aligned(a, openbadge.ExtCredits)
		}, tellCreditUnit, mendAlign.With(openbadge.ExtCredits)},
		{"level", Warning, "achievement/alignment", func(_, _, a *strictjson.Value) bool {
			return aligned(a, openbadge.ExtEQF, openbadge.ExtNKR, "ext:NLQF")
		},
			tellLevel, mendAlign.With(openbadge.ExtEQF)},
		{"assessment", Error, "achievement/alignment", func(_, _, a *strictjson.Value) bool {
			return aligned(a, openbadge.ExtAssessment) || has(a, "assessmentType") || len(a.Get("resultDescription").List()) > 0
		}, tellAssessment, mendAssessment.With()},
		{"participation", Error, "achievement/alignment", func(_, _, a *strictjson.Value) bool {
			return aligned(a, openbadge.ExtMode) || has(a, "participationType")
		},
			tellParticipation, mendAlign.With(openbadge.ExtMode)},
		{"quality-assurance", Error, "achievement/alignment", func(_, _, a *strictjson.Value) bool { return aligned(a, openbadge.ExtQualityAssurance) },
			tellQuality, mendAlign.With(openbadge.ExtQualityAssurance)},
		{"supervision", Hint, "achievement/alignment", func(_, _, a *strictjson.Value) bool {
			return aligned(a, openbadge.ExtSupervision) || has(a, "supervisionType", "identityChecked")
		}, tellSupervision, mendAlign.With(openbadge.ExtSupervision)},
		{"grade", Hint, "result", func(_, subject, _ *strictjson.Value) bool { return len(subject.Get("result").List()) > 0 },
			tellGrade, mendGrade.With()},
		{"stackability", Hint, "achievement/alignment", func(_, _, a *strictjson.Value) bool {
			return aligned(a, openbadge.ExtStackability) || has(a, "stackable")
		},
			tellStackability, mendStackability.With()},
	}
}

// european says what a micro-credential does not tell of what it has to.
func european(doc *strictjson.Value) []Finding {
	if credential.HasType(doc, typeEuropass) {
		return europass(doc)
	}
	var out []Finding
	for base, subject := range items("/credentialSubject", doc.Get("credentialSubject")) {
		out = append(out, untold(elements(), doc, subject, subject.Get("achievement"), base)...)
	}
	return out
}

// untold is what of elements is not told:
// places are below base or, with a slash in front, in the credential.
func untold(elements []element, doc, subject, claim *strictjson.Value, base string) []Finding {
	var out []Finding
	for _, e := range elements {
		if e.said(doc, subject, claim) {
			continue
		}
		at := base + "/" + e.at
		if strings.HasPrefix(e.at, "/") {
			at = e.at
		}
		out = append(out, Finding{Rule: "micro/" + e.name, Severity: e.severity, Code: reason.MalformedModel, At: at, Section: recommendation}.
			Saying(saidNotTold.Of(e.missing.With()), e.mend))
	}
	return out
}

func saysText(v *strictjson.Value) bool { return strings.TrimSpace(credential.Text(v)) != "" }

func has(v *strictjson.Value, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return v.Get(name) != nil })
}

// aligned reports whether an achievement has an alignment of one of the types.
func aligned(achievement *strictjson.Value, targetTypes ...string) bool {
	return slices.ContainsFunc(achievement.Get("alignment").List(), func(a *strictjson.Value) bool {
		t, _ := a.Get("targetType").Text()
		return slices.Contains(targetTypes, t)
	})
}

func alignedTo(achievement *strictjson.Value, part string) bool {
	return slices.ContainsFunc(achievement.Get("alignment").List(), func(a *strictjson.Value) bool {
		url, _ := a.Get("targetUrl").Text()
		return strings.Contains(url, part)
	})
}
