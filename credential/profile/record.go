package profile

import (
	"strings"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The types of credentials beside badges that 1EdTech defines.
const (
	typeRecord      = openbadge.TypeClrCredential
	typeEndorsement = openbadge.TypeEndorsementCredential
)

// LearnerRecord20 returns the rules of the Comprehensive Learner Record 2.0 on
// the record itself. The credentials in it are held against their own.
func LearnerRecord20() RuleSet {
	subject := []string{"credentialSubject", "*"}
	at := func(more ...string) []string { return append(subject[:2:2], more...) }
	return newRuleSet("clr-2.0", []rule{
		{id: "clr2/context", path: []string{"@context"}, check: recordContext, next: mendBehind.With(openbadge.ContextRecord)},
		{id: "clr2/id", path: []string{"id"}, check: present(isURL), next: mendRecordID.With()},
		{id: "clr2/name", path: []string{"name"}, check: present(isText), next: mendRecordName.With()},
		{id: "clr2/valid-from", path: nil, check: hasStart, next: mendStart.With()},
		{id: "clr2/partial", path: []string{"partial"}, check: optional(isBool), next: mendPartial.With()},
		{id: "clr2/issuer-type", path: []string{"issuer"}, check: issuerType, next: mendIssuerType.With("Profile")},
		{id: "clr2/subject", path: []string{"credentialSubject"}, check: one(isObject), next: mendOnePerson.With()},
		{id: "clr2/subject-type", path: at("type"), check: present(hasType("ClrSubject")), next: mendSubjectType.With("ClrSubject")},
		{id: "clr2/recipient", path: subject, check: recipient, severity: Warning, next: mendRecipient.With()},
		{id: "clr2/contains", path: at("verifiableCredential"), check: present(notEmptyList), next: mendContains.With()},
		{id: "clr2/achievement", path: at("achievement", "*"), check: isObject, next: give(wantObject)},
		{id: "clr2/association", path: at("association", "*"), check: isObject, next: give(wantObject)},
		{id: "clr2/association-type", path: at("association", "*", "type"), check: present(hasType("Association")), next: mendTypeIs.With("Association")},
		{id: "clr2/association-kind", path: at("association", "*", "associationType"), check: present(among(openbadge.ValidAssociationType)), next: mendWordSuchAs.With("isPartOf")},
		{id: "clr2/association-source", path: at("association", "*", "sourceId"), check: present(isURL), next: mendEnd.With()},
		{id: "clr2/association-target", path: at("association", "*", "targetId"), check: present(isURL), next: mendEnd.With()},
	})
}

// Endorsement30 returns the rules of Open Badges 3.0 for endorsements.
func Endorsement30() RuleSet {
	subject := []string{"credentialSubject", "*"}
	at := func(more ...string) []string { return append(subject[:2:2], more...) }
	return newRuleSet("open-badges-3.0-endorsement", []rule{
		{id: "ob3-endorsement/context", path: []string{"@context"}, check: badgeContext, next: mendBadgeBehind.With()},
		{id: "ob3-endorsement/id", path: []string{"id"}, check: present(isURL), next: mendEndorsementID.With()},
		{id: "ob3-endorsement/name", path: []string{"name"}, check: present(isText), next: mendEndorsementName.With()},
		{id: "ob3-endorsement/valid-from", path: nil, check: hasStart, next: mendStart.With()},
		{id: "ob3-endorsement/issuer-type", path: []string{"issuer"}, check: issuerType, next: mendIssuerType.With("Profile")},
		{id: "ob3-endorsement/subject", path: []string{"credentialSubject"}, check: one(isObject), next: mendEndorseOne.With()},
		{id: "ob3-endorsement/subject-id", path: at("id"), check: present(isURL), next: mendEndorsed.With()},
		{id: "ob3-endorsement/subject-type", path: at("type"), check: present(hasType("EndorsementSubject")), next: mendSubjectType.With("EndorsementSubject")},
		{id: "ob3-endorsement/comment", path: at("endorsementComment"), check: optional(isText), next: give(wantText)},
	})
}

func recordContext(v *strictjson.Value, _ place) *Sentence {
	items := v.List()
	if len(items) < 2 {
		return saidNoRecord.With()
	}
	if s, _ := items[1].Text(); !strings.HasPrefix(s, "https://purl.imsglobal.org/spec/clr/v2p0/context") {
		return saidRecordSecond.With()
	}
	return nil
}
