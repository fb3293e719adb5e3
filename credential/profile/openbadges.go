package profile

import (
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// maxDataImage is the size from which a picture inside a credential makes it
// hard to send and to show, in bytes of its URL.
const maxDataImage = 256 << 10

// OpenBadges30 returns the rules of Open Badges 3.0: those of its JSON schemas,
// and sentences of the standard that a schema cannot say.
func OpenBadges30() RuleSet {
	subject := []string{"credentialSubject", "*"}
	achievement := append(subject[:2:2], "achievement")
	at := func(base []string, more ...string) []string { return append(base[:len(base):len(base)], more...) }
	rules := []rule{
		{id: "ob3/context", path: []string{"@context"}, check: badgeContext, next: "put " + openbadge.Context + " behind the context of the data model"},
		{id: "ob3/type", path: []string{"type"}, check: hasType(openbadge.TypeOpenBadgeCredential, openbadge.TypeAchievementCredential), next: "add OpenBadgeCredential to type"},
		{id: "ob3/id", path: []string{"id"}, check: present(isURL), next: "give the credential an id, such as urn:uuid:…"},
		{id: "ob3/valid-from", path: nil, check: hasStart, next: "say since when it is valid: validFrom"},
		{id: "ob3/awarded-date", path: []string{"awardedDate"}, check: optional(isTime), next: "write it as 2026-01-31T12:00:00Z"},
		{id: "ob3/subject", path: []string{"credentialSubject"}, check: one(isObject), next: "a badge has one recipient"},
		{id: "ob3/subject-type", path: at(subject, "type"), check: present(hasType("AchievementSubject")), next: "add AchievementSubject to the subject's type"},
		{id: "ob3/recipient", path: subject, check: recipient, severity: Warning, next: "give the subject an id or an identifier"},
		{id: "ob3/achievement", path: achievement, check: present(one(isObject)), next: "say what the badge is for"},
		{id: "ob3/achievement-id", path: at(achievement, "id"), check: present(isURL), next: "give the achievement a URL that stays"},
		{id: "ob3/achievement-type", path: at(achievement, "type"), check: present(hasType("Achievement")), next: "add Achievement to the achievement's type"},
		{id: "ob3/achievement-name", path: at(achievement, "name"), check: present(isText), next: "name the achievement"},
		{id: "ob3/achievement-description", path: at(achievement, "description"), check: present(isText), next: "describe the achievement"},
		{id: "ob3/achievement-criteria", path: at(achievement, "criteria"), check: present(one(isCriteria)), next: "say what it takes: criteria with a narrative"},
		{id: "ob3/criteria-content", path: at(achievement, "criteria"), check: criteriaContent, severity: Warning, next: "write a narrative, or give the id of a page that tells"},
		{id: "ob3/achievement-kind", path: at(achievement, "achievementType"), check: optional(among(openbadge.ValidAchievementType)), next: "use one of the standard's names, such as Course, or begin with ext:"},
		{id: "ob3/credits-available", path: at(achievement, "creditsAvailable"), check: optional(isNumber), next: "give a number"},
		{id: "ob3/activity-start", path: at(subject, "activityStartDate"), check: optional(isTime), next: "write it as 2026-01-31T12:00:00Z"},
		{id: "ob3/activity-end", path: at(subject, "activityEndDate"), check: optional(isTime), next: "write it as 2026-01-31T12:00:00Z"},
		{id: "ob3/credits-earned", path: at(subject, "creditsEarned"), check: optional(isNumber), next: "give a number"},
		{id: "ob3/alignment", path: at(achievement, "alignment", "*"), check: isObject, next: "give an object"},
		{id: "ob3/alignment-type", path: at(achievement, "alignment", "*", "type"), check: present(hasType("Alignment")), next: "add Alignment to its type"},
		{id: "ob3/alignment-name", path: at(achievement, "alignment", "*", "targetName"), check: present(isText), next: "name what it is aligned to"},
		{id: "ob3/alignment-url", path: at(achievement, "alignment", "*", "targetUrl"), check: present(isURL), next: "give the URL of what it is aligned to"},
		{id: "ob3/alignment-kind", path: at(achievement, "alignment", "*", "targetType"), check: optional(among(openbadge.ValidAlignmentTargetType)), next: "use one of the standard's names, or begin with ext:"},
		{id: "ob3/result-description", path: at(achievement, "resultDescription", "*"), check: isObject, next: "give an object"},
		{id: "ob3/result-description-id", path: at(achievement, "resultDescription", "*", "id"), check: present(isURL), next: "give it a URL"},
		{id: "ob3/result-description-type", path: at(achievement, "resultDescription", "*", "type"), check: present(hasType("ResultDescription")), next: "add ResultDescription to its type"},
		{id: "ob3/result-description-name", path: at(achievement, "resultDescription", "*", "name"), check: present(isText), next: "name it"},
		{id: "ob3/result-description-kind", path: at(achievement, "resultDescription", "*", "resultType"), check: present(among(openbadge.ValidResultType)), next: "use one of the standard's names, or begin with ext:"},
		{id: "ob3/result", path: at(subject, "result", "*"), check: isObject, next: "give an object"},
		{id: "ob3/result-type", path: at(subject, "result", "*", "type"), check: present(hasType("Result")), next: "add Result to its type"},
		{id: "ob3/result-link", path: at(subject, "result", "*"), check: resultLink, severity: Warning, next: "let resultDescription be the id of one of the achievement's"},
		{id: "ob3/result-status", path: at(subject, "result", "*", "status"), check: optional(among(openbadge.ValidResultStatus)), next: "use one of the standard's names"},
		{id: "ob3/identifier", path: at(subject, "identifier", "*"), check: isObject, next: "give an object"},
		{id: "ob3/identifier-type", path: at(subject, "identifier", "*", "type"), check: present(hasType("IdentityObject")), next: "let type be IdentityObject"},
		{id: "ob3/identifier-hashed", path: at(subject, "identifier", "*", "hashed"), check: present(isBool), next: "say whether it is hashed"},
		{id: "ob3/identifier-hash", path: at(subject, "identifier", "*", "identityHash"), check: present(isString), next: "give the identifier or its hash"},
		{id: "ob3/identifier-kind", path: at(subject, "identifier", "*", "identityType"), check: present(among(openbadge.ValidIdentifierType)), next: "use one of the standard's names, or begin with ext:"},
		{id: "ob3/issuer-type", path: []string{"issuer"}, check: issuerType, next: "add Profile to the issuer's type"},
		{id: "ob3/issuer-text", path: []string{"issuer", "name"}, check: optional(isText), next: "give a text"},
		{id: "ob3/issuer-url", path: []string{"issuer", "url"}, check: optional(isURL), next: "give a URL"},
		{id: "ob3/issuer-name", path: []string{"issuer"}, check: issuerName, severity: Hint, next: "give the issuer's name, so that people see whom it is from"},
		{id: "ob3/cryptosuite", path: []string{"proof", "*", "cryptosuite"}, check: suiteName, severity: Warning, next: "write eddsa-rdfc-2022, and sign anew"},
		{id: "ob3/evidence-type", path: []string{"evidence", "*", "type"}, check: present(hasType("Evidence")), next: "add Evidence to its type"},
	}
	for _, path := range [][]string{{"image"}, {"issuer", "image"}, at(achievement, "image"), at(subject, "image")} {
		name := strings.Join(path, ".")
		rules = append(rules,
			rule{id: "ob3/image", path: path, check: optional(image), next: "give an object with id and type Image"},
			rule{id: "ob3/image-size", path: append(path[:len(path):len(path)], "id"), check: imageSize, severity: Warning, next: "use a smaller picture for " + name})
	}
	for _, m := range []struct {
		base  []string
		names string
	}{
		{[]string{"issuer"}, "phone description email official familyName givenName additionalName"},
		{achievement, "fieldOfStudy specialization humanCode inLanguage version tag/*"},
		{at(achievement, "alignment", "*"), "targetCode targetDescription targetFramework"},
		{at(achievement, "resultDescription", "*"), "allowedValue/* requiredLevel requiredValue valueMax valueMin"},
		{subject, "licenseNumber narrative role term"},
		{at(subject, "identifier", "*"), "salt"},
		{at(subject, "result", "*"), "achievedLevel resultDescription value"},
		{[]string{"evidence", "*"}, "name narrative description genre audience"},
	} {
		for _, name := range strings.Fields(m.names) {
			rules = append(rules, rule{id: "ob3/text", path: at(m.base, strings.Split(name, "/")...), check: optional(isText), next: "give a text"})
		}
	}
	return newRuleSet("open-badges-3.0", rules)
}

func badgeContext(v *strictjson.Value, _ place) string {
	items := v.List()
	if len(items) < 2 {
		return "lacks the context of Open Badges"
	}
	s, _ := items[1].Text()
	rest, badge := strings.CutPrefix(s, "https://purl.imsglobal.org/spec/ob/v3p0/context")
	if !badge {
		rest, badge = strings.CutPrefix(s, "https://purl.imsglobal.org/spec/clr/v2p0/context")
	}
	edition, isJSON := strings.CutSuffix(rest, ".json")
	if !badge || !isJSON || edition != "" && (edition[0] != '-' || strings.Trim(edition[1:], "0123456789.") != "") {
		return "does not have the context of Open Badges in the second place"
	}
	return ""
}

func hasStart(v *strictjson.Value, _ place) string {
	if v.Get("validFrom") == nil && v.Get("issuanceDate") == nil {
		return "does not say since when it is valid"
	}
	return ""
}

func recipient(v *strictjson.Value, _ place) string {
	if credential.ID(v) == "" && len(v.Get("identifier").List()) == 0 {
		return "does not say who the recipient is"
	}
	return ""
}

func isCriteria(v *strictjson.Value, _ place) string {
	if v.Kind() != strictjson.KindObject {
		return "is " + v.Kind().String() + ", not an object"
	}
	for _, name := range []string{"id", "narrative"} {
		if m := v.Get(name); m != nil && m.Kind() != strictjson.KindString {
			return "has a " + name + " that is no string"
		}
	}
	return ""
}

func criteriaContent(v *strictjson.Value, _ place) string {
	if v.Kind() == strictjson.KindObject && v.Get("id") == nil && v.Get("narrative") == nil {
		return "does not say what it takes"
	}
	return ""
}

func resultLink(v *strictjson.Value, p place) string {
	link, ok := v.Get("resultDescription").Text()
	if !ok {
		return ""
	}
	for _, subject := range p.root.Get("credentialSubject").List() {
		for _, d := range subject.Get("achievement").Get("resultDescription").List() {
			if credential.ID(d) == link {
				return ""
			}
		}
	}
	return "refers to a result description that the achievement does not have"
}

func issuerType(v *strictjson.Value, p place) string {
	if v.Kind() != strictjson.KindObject {
		return ""
	}
	return present(hasType("Profile"))(v.Get("type"), p)
}

func issuerName(v *strictjson.Value, _ place) string {
	if credential.Text(v.Get("name")) == "" {
		return "has no name"
	}
	return ""
}

func image(v *strictjson.Value, p place) string {
	if v.Kind() == strictjson.KindString {
		return isURL(v, p) // Data Model 1.1 badges
	}
	if why := one(isObject)(v, p); why != "" {
		return why
	}
	if why := present(isURL)(v.Get("id"), p); why != "" {
		return "has an id that " + why
	}
	if why := present(hasType("Image"))(v.Get("type"), p); why != "" {
		return "has a type that " + why
	}
	if why := optional(isText)(v.Get("caption"), p); why != "" {
		return "has a caption that " + why
	}
	return ""
}

// suiteName finds the suite that the text of Open Badges 3.0 names in places,
// and that there is none of.
func suiteName(v *strictjson.Value, _ place) string {
	if s, _ := v.Text(); s == "eddsa-rdf-2022" {
		return "is eddsa-rdf-2022, as the text of Open Badges misspells eddsa-rdfc-2022"
	}
	return ""
}

func imageSize(v *strictjson.Value, _ place) string {
	if s, _ := v.Text(); strings.HasPrefix(s, "data:") && len(s) > maxDataImage {
		return "is a picture so large that the credential is hard to send and to show"
	}
	return ""
}
