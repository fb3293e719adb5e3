package profile

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// typeEuropass is the type of European Digital Credentials, which say in the
// European Learning Model what badges say in Open Badges.
const typeEuropass = "EuropeanDigitalCredential"

// europassElements are those of elements, where a claim of the European Learning
// Model 3 tells them. Places are below the claim or, with a slash in front, in the
// credential.
func europassElements() []element {
	spec := func(names ...string) []string { return append([]string{"specifiedBy"}, names...) }
	activity := func(names ...string) []string { return append([]string{"influencedBy"}, names...) }
	return []element{
		{"learner", Error, "/credentialSubject", func(_, subject, _ *strictjson.Value) bool {
			id := credential.ID(subject)
			return id != "" && !strings.HasPrefix(id, "urn:epass:") || has(subject, "fullName", "givenName", "familyName", "nationalID", "identifier")
		}, tellLearner, mendELMLearner.With()},
		{"title", Error, "title", func(_, _, claim *strictjson.Value) bool {
			return saysText(claim.Get("title")) || slices.ContainsFunc(below(claim, spec("title")...), saysText)
		}, tellTitle, mendELMTitle.With()},
		{"country", Error, "/issuer/location", func(doc, _, claim *strictjson.Value) bool {
			return slices.ContainsFunc(append(below(doc, "issuer"), below(claim, "awardedBy", "awardingBody")...), inCountry)
		}, tellCountry, mendELMCountry.With()},
		{"awarding-body", Error, "awardedBy", func(doc, _, claim *strictjson.Value) bool {
			return slices.ContainsFunc(append(below(claim, "awardedBy", "awardingBody", "legalName"), below(doc, "issuer", "legalName")...), saysText)
		}, tellAwarder, mendELMAwarder.With()},
		{"date", Error, "/validFrom", func(doc, _, claim *strictjson.Value) bool {
			return has(doc, "validFrom", "issued", "issuanceDate") || there(claim, "awardedBy", "awardingDate")
		}, tellDate, mendELMDate.With()},
		{"learning-outcomes", Error, "specifiedBy/learningOutcome", func(_, _, claim *strictjson.Value) bool {
			return there(claim, spec("learningOutcome")...) || there(claim, spec("learningOutcomeSummary")...)
		}, tellOutcomes, mendELMOutcomes.With()},
		{"workload", Error, "specifiedBy/volumeOfLearning", func(_, _, claim *strictjson.Value) bool {
			return slices.ContainsFunc([][]string{spec("volumeOfLearning"), spec("creditPoint"), {"creditReceived"}, {"workload"}, activity("workload"),
				activity("specifiedBy", "volumeOfLearning")}, func(path []string) bool { return there(claim, path...) })
		}, tellWorkload, mendELMWorkload.With()},
		{"credit-unit", Warning, "specifiedBy/creditPoint", func(_, _, claim *strictjson.Value) bool {
			credits := append(below(claim, spec("creditPoint")...), below(claim, "creditReceived")...)
			return !slices.ContainsFunc(credits, func(c *strictjson.Value) bool { return c.Get("framework") == nil })
		}, tellELMCreditUnit, mendELMCreditUnit.With()},
		{"level", Warning, "specifiedBy/eqfLevel", func(_, _, claim *strictjson.Value) bool {
			return there(claim, spec("eqfLevel")...) || there(claim, spec("nqfLevel")...)
		}, tellLevel, mendELMLevel.With()},
		{"assessment", Error, "provenBy", func(_, _, claim *strictjson.Value) bool {
			return there(claim, "provenBy") || there(claim, spec("provenBy")...) || aside(claim, "ext:Assessment")
		}, tellAssessment, mendELMAssessment.With()},
		{"participation", Error, "specifiedBy/mode", func(_, _, claim *strictjson.Value) bool {
			return there(claim, spec("mode")...) || there(claim, activity("specifiedBy", "mode")...)
		}, tellParticipation, mendELMParticipation.With()},
		{"quality-assurance", Error, "specifiedBy/accreditation", func(doc, _, claim *strictjson.Value) bool {
			return there(claim, spec("accreditation")...) || there(claim, "awardedBy", "awardingBody", "accreditation") || there(doc, "issuer", "accreditation") ||
				aside(claim, "ext:QualityAssurance")
		}, tellQuality, mendELMQuality.With()},
		{"supervision", Hint, "provenBy/idVerification", func(_, _, claim *strictjson.Value) bool {
			return there(claim, "provenBy", "idVerification") || aside(claim, "ext:Supervision")
		}, tellSupervision, mendELMSupervision.With()},
		{"grade", Hint, "provenBy/grade", func(_, _, claim *strictjson.Value) bool { return there(claim, "provenBy", "grade") }, tellGrade, mendELMGrade.With()},
		{"stackability", Hint, "isPartOf", func(_, _, claim *strictjson.Value) bool {
			return has(claim, "isPartOf", "entitlesTo") || aside(claim, "ext:Stackability")
		}, tellStackability, mendELMStackability.With()},
	}
}

// europass says what the claims of a European Digital Credential do not tell.
// What is achieved has to tell it; if nothing is, then whatever is claimed.
func europass(doc *strictjson.Value) []Finding {
	var out []Finding
	for base, subject := range items("/credentialSubject", doc.Get("credentialSubject")) {
		claims := subject.Get("hasClaim")
		achieved := func(claim *strictjson.Value) bool { return credential.HasType(claim, "LearningAchievement") }
		none := !slices.ContainsFunc(claims.List(), achieved)
		look := func(at string, claim *strictjson.Value) {
			for _, f := range untold(europassElements(), doc, subject, claim, at) {
				// What stands in the credential is missed once, not by each claim.
				if !slices.ContainsFunc(out, func(other Finding) bool { return other.Rule == f.Rule && other.At == f.At }) {
					out = append(out, f)
				}
			}
		}
		at := strictjson.Pointer(base, "hasClaim")
		if len(claims.List()) == 0 {
			look(at, nil)
		}
		for at, claim := range items(at, claims) {
			if none || achieved(claim) {
				look(at, claim)
			}
		}
	}
	return out
}

// below returns all that stands at a path, through lists.
func below(v *strictjson.Value, path ...string) []*strictjson.Value {
	at := []*strictjson.Value{v}
	for _, name := range path {
		var next []*strictjson.Value
		for _, one := range at {
			next = append(next, one.Get(name).List()...)
		}
		at = next
	}
	return at
}

func there(v *strictjson.Value, path ...string) bool { return len(below(v, path...)) > 0 }

// inCountry reports whether an organisation says in which country it is. The
// European table has an entry for what is not known yet.
func inCountry(organisation *strictjson.Value) bool {
	return slices.ContainsFunc(below(organisation, "location", "address", "countryCode"), func(c *strictjson.Value) bool {
		id, isText := c.Text()
		if !isText {
			id = credential.ID(c)
		}
		return id != "" && !strings.HasSuffix(id, "/OP_DATPRO")
	})
}

// aside reports whether a badge's alignment of a type stands beside the claim,
// where package elm puts those that the model has no member for.
func aside(claim *strictjson.Value, targetType string) bool {
	return slices.ContainsFunc(below(claim, "specifiedBy", "supplementaryDocument"), func(d *strictjson.Value) bool {
		return credential.ID(d) == "urn:bevis:ob3:alignment:"+targetType
	})
}
