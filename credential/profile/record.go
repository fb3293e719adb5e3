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
		{id: "clr2/context", path: []string{"@context"}, check: recordContext, next: "put " + openbadge.ContextRecord + " behind the context of the data model"},
		{id: "clr2/id", path: []string{"id"}, check: present(isURL), next: "give the record an id, such as urn:uuid:…"},
		{id: "clr2/name", path: []string{"name"}, check: present(isText), next: "name the record"},
		{id: "clr2/valid-from", path: nil, check: hasStart, next: "say since when it is valid: validFrom"},
		{id: "clr2/partial", path: []string{"partial"}, check: optional(isBool), next: "say true or false: does the publisher know more than this?"},
		{id: "clr2/issuer-type", path: []string{"issuer"}, check: issuerType, next: "add Profile to the issuer's type"},
		{id: "clr2/subject", path: []string{"credentialSubject"}, check: one(isObject), next: "a record is of one person"},
		{id: "clr2/subject-type", path: at("type"), check: present(hasType("ClrSubject")), next: "add ClrSubject to the subject's type"},
		{id: "clr2/recipient", path: subject, check: recipient, severity: Warning, next: "give the subject an id or an identifier"},
		{id: "clr2/contains", path: at("verifiableCredential"), check: present(notEmptyList), next: "put the credentials of the person in it"},
		{id: "clr2/achievement", path: at("achievement", "*"), check: isObject, next: "give an object"},
		{id: "clr2/association", path: at("association", "*"), check: isObject, next: "give an object"},
		{id: "clr2/association-type", path: at("association", "*", "type"), check: present(hasType("Association")), next: "let type be Association"},
		{id: "clr2/association-kind", path: at("association", "*", "associationType"), check: present(among(openbadge.ValidAssociationType)), next: "use one of the standard's names, such as isPartOf"},
		{id: "clr2/association-source", path: at("association", "*", "sourceId"), check: present(isURL), next: "give the id of an achievement"},
		{id: "clr2/association-target", path: at("association", "*", "targetId"), check: present(isURL), next: "give the id of an achievement"},
	})
}

// Endorsement30 returns the rules of Open Badges 3.0 for endorsements.
func Endorsement30() RuleSet {
	subject := []string{"credentialSubject", "*"}
	at := func(more ...string) []string { return append(subject[:2:2], more...) }
	return newRuleSet("open-badges-3.0-endorsement", []rule{
		{id: "ob3-endorsement/context", path: []string{"@context"}, check: badgeContext, next: "put the context of Open Badges behind that of the data model"},
		{id: "ob3-endorsement/id", path: []string{"id"}, check: present(isURL), next: "give the endorsement an id, such as urn:uuid:…"},
		{id: "ob3-endorsement/name", path: []string{"name"}, check: present(isText), next: "name the endorsement"},
		{id: "ob3-endorsement/valid-from", path: nil, check: hasStart, next: "say since when it is valid: validFrom"},
		{id: "ob3-endorsement/issuer-type", path: []string{"issuer"}, check: issuerType, next: "add Profile to the issuer's type"},
		{id: "ob3-endorsement/subject", path: []string{"credentialSubject"}, check: one(isObject), next: "endorse one thing"},
		{id: "ob3-endorsement/subject-id", path: at("id"), check: present(isURL), next: "give the id of what is endorsed"},
		{id: "ob3-endorsement/subject-type", path: at("type"), check: present(hasType("EndorsementSubject")), next: "add EndorsementSubject to the subject's type"},
		{id: "ob3-endorsement/comment", path: at("endorsementComment"), check: optional(isText), next: "give a text"},
	})
}

func recordContext(v *strictjson.Value, _ place) string {
	items := v.List()
	if len(items) < 2 {
		return "lacks the context of the Comprehensive Learner Record"
	}
	if s, _ := items[1].Text(); !strings.HasPrefix(s, "https://purl.imsglobal.org/spec/clr/v2p0/context") {
		return "does not have the context of the Comprehensive Learner Record in the second place"
	}
	return ""
}
