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
		{id: "ob3/context", path: []string{"@context"}, check: badgeContext, next: mendBehind.With(openbadge.Context)},
		{id: "ob3/type", path: []string{"type"}, check: hasType(openbadge.TypeOpenBadgeCredential, openbadge.TypeAchievementCredential), next: mendAddType.With(openbadge.TypeOpenBadgeCredential)},
		{id: "ob3/id", path: []string{"id"}, check: present(isURL), next: mendBadgeID.With()},
		{id: "ob3/valid-from", path: nil, check: hasStart, next: mendStart.With()},
		{id: "ob3/awarded-date", path: []string{"awardedDate"}, check: optional(isTime), next: mendTime.With()},
		{id: "ob3/subject", path: []string{"credentialSubject"}, check: one(isObject), next: mendOneRecipient.With()},
		{id: "ob3/subject-type", path: at(subject, "type"), check: present(hasType("AchievementSubject")), next: mendSubjectType.With("AchievementSubject")},
		{id: "ob3/recipient", path: subject, check: recipient, severity: Warning, next: mendRecipient.With()},
		{id: "ob3/achievement", path: achievement, check: present(one(isObject)), next: mendAchievement.With()},
		{id: "ob3/achievement-id", path: at(achievement, "id"), check: present(isURL), next: mendAchievementID.With()},
		{id: "ob3/achievement-type", path: at(achievement, "type"), check: present(hasType("Achievement")), next: mendAwardType.With("Achievement")},
		{id: "ob3/achievement-name", path: at(achievement, "name"), check: present(isText), next: mendAchievementName.With()},
		{id: "ob3/achievement-description", path: at(achievement, "description"), check: present(isText), next: mendDescribe.With()},
		{id: "ob3/achievement-criteria", path: at(achievement, "criteria"), check: present(one(isCriteria)), next: mendCriteria.With()},
		{id: "ob3/criteria-content", path: at(achievement, "criteria"), check: criteriaContent, severity: Warning, next: mendNarrative.With()},
		{id: "ob3/achievement-kind", path: at(achievement, "achievementType"), check: optional(among(openbadge.ValidAchievementType)), next: mendWordOrOwnAs.With("Course")},
		{id: "ob3/credits-available", path: at(achievement, "creditsAvailable"), check: optional(isNumber), next: give(wantNumber)},
		{id: "ob3/activity-start", path: at(subject, "activityStartDate"), check: optional(isTime), next: mendTime.With()},
		{id: "ob3/activity-end", path: at(subject, "activityEndDate"), check: optional(isTime), next: mendTime.With()},
		{id: "ob3/credits-earned", path: at(subject, "creditsEarned"), check: optional(isNumber), next: give(wantNumber)},
		{id: "ob3/alignment", path: at(achievement, "alignment", "*"), check: isObject, next: give(wantObject)},
		{id: "ob3/alignment-type", path: at(achievement, "alignment", "*", "type"), check: present(hasType("Alignment")), next: mendAddItsType.With("Alignment")},
		{id: "ob3/alignment-name", path: at(achievement, "alignment", "*", "targetName"), check: present(isText), next: mendAlignedName.With()},
		{id: "ob3/alignment-url", path: at(achievement, "alignment", "*", "targetUrl"), check: present(isURL), next: mendAlignedURL.With()},
		{id: "ob3/alignment-kind", path: at(achievement, "alignment", "*", "targetType"), check: optional(among(openbadge.ValidAlignmentTargetType)), next: mendWordOrOwn.With()},
		{id: "ob3/result-description", path: at(achievement, "resultDescription", "*"), check: isObject, next: give(wantObject)},
		{id: "ob3/result-description-id", path: at(achievement, "resultDescription", "*", "id"), check: present(isURL), next: mendItURL.With()},
		{id: "ob3/result-description-type", path: at(achievement, "resultDescription", "*", "type"), check: present(hasType("ResultDescription")), next: mendAddItsType.With("ResultDescription")},
		{id: "ob3/result-description-name", path: at(achievement, "resultDescription", "*", "name"), check: present(isText), next: mendNameIt.With()},
		{id: "ob3/result-description-kind", path: at(achievement, "resultDescription", "*", "resultType"), check: present(among(openbadge.ValidResultType)), next: mendWordOrOwn.With()},
		{id: "ob3/result", path: at(subject, "result", "*"), check: isObject, next: give(wantObject)},
		{id: "ob3/result-type", path: at(subject, "result", "*", "type"), check: present(hasType("Result")), next: mendAddItsType.With("Result")},
		{id: "ob3/result-link", path: at(subject, "result", "*"), check: resultLink, severity: Warning, next: mendResultLink.With()},
		{id: "ob3/result-status", path: at(subject, "result", "*", "status"), check: optional(among(openbadge.ValidResultStatus)), next: mendWord.With()},
		{id: "ob3/identifier", path: at(subject, "identifier", "*"), check: isObject, next: give(wantObject)},
		{id: "ob3/identifier-type", path: at(subject, "identifier", "*", "type"), check: present(hasType("IdentityObject")), next: mendTypeIs.With("IdentityObject")},
		{id: "ob3/identifier-hashed", path: at(subject, "identifier", "*", "hashed"), check: present(isBool), next: mendHashed.With()},
		{id: "ob3/identifier-hash", path: at(subject, "identifier", "*", "identityHash"), check: present(isString), next: mendHash.With()},
		{id: "ob3/identifier-kind", path: at(subject, "identifier", "*", "identityType"), check: present(among(openbadge.ValidIdentifierType)), next: mendWordOrOwn.With()},
		{id: "ob3/issuer-type", path: []string{"issuer"}, check: issuerType, next: mendIssuerType.With("Profile")},
		{id: "ob3/issuer-text", path: []string{"issuer", "name"}, check: optional(isText), next: give(wantText)},
		{id: "ob3/issuer-url", path: []string{"issuer", "url"}, check: optional(isURL), next: give(wantURL)},
		{id: "ob3/issuer-name", path: []string{"issuer"}, check: issuerName, severity: Hint, next: mendIssuerName.With()},
		{id: "ob3/cryptosuite", path: []string{"proof", "*", "cryptosuite"}, check: suiteName, severity: Warning, next: mendSuite.With()},
		{id: "ob3/evidence-type", path: []string{"evidence", "*", "type"}, check: present(hasType("Evidence")), next: mendAddItsType.With("Evidence")},
	}
	for _, path := range [][]string{{"image"}, {"issuer", "image"}, at(achievement, "image"), at(subject, "image")} {
		name := strings.Join(path, ".")
		rules = append(rules,
			rule{id: "ob3/image", path: path, check: optional(image), next: mendImage.With()},
			rule{id: "ob3/image-size", path: append(path[:len(path):len(path)], "id"), check: imageSize, severity: Warning, next: mendSmaller.With(name)})
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
			rules = append(rules, rule{id: "ob3/text", path: at(m.base, strings.Split(name, "/")...), check: optional(isText), next: give(wantText)})
		}
	}
	return newRuleSet("open-badges-3.0", rules)
}

func badgeContext(v *strictjson.Value, _ place) *Sentence {
	items := v.List()
	if len(items) < 2 {
		return saidNoBadge.With()
	}
	s, _ := items[1].Text()
	rest, badge := strings.CutPrefix(s, "https://purl.imsglobal.org/spec/ob/v3p0/context")
	if !badge {
		rest, badge = strings.CutPrefix(s, "https://purl.imsglobal.org/spec/clr/v2p0/context")
	}
	edition, isJSON := strings.CutSuffix(rest, ".json")
	if !badge || !isJSON || edition != "" && (edition[0] != '-' || strings.Trim(edition[1:], "0123456789.") != "") {
		return saidBadgeSecond.With()
	}
	return nil
}

func hasStart(v *strictjson.Value, _ place) *Sentence {
	if v.Get("validFrom") == nil && v.Get("issuanceDate") == nil {
		return saidNoStart.With()
	}
	return nil
}

func recipient(v *strictjson.Value, _ place) *Sentence {
	if credential.ID(v) == "" && len(v.Get("identifier").List()) == 0 {
		return saidNoRecipient.With()
	}
	return nil
}

func isCriteria(v *strictjson.Value, _ place) *Sentence {
	if v.Kind() != strictjson.KindObject {
		return notA(v, wantObject)
	}
	for _, name := range []string{"id", "narrative"} {
		if m := v.Get(name); m != nil && m.Kind() != strictjson.KindString {
			return saidNoString.With(name)
		}
	}
	return nil
}

func criteriaContent(v *strictjson.Value, _ place) *Sentence {
	if v.Kind() == strictjson.KindObject && v.Get("id") == nil && v.Get("narrative") == nil {
		return saidNoCriteria.With()
	}
	return nil
}

func resultLink(v *strictjson.Value, p place) *Sentence {
	link, ok := v.Get("resultDescription").Text()
	if !ok {
		return nil
	}
	for _, subject := range p.root.Get("credentialSubject").List() {
		for _, d := range subject.Get("achievement").Get("resultDescription").List() {
			if credential.ID(d) == link {
				return nil
			}
		}
	}
	return saidResultLink.With()
}

func issuerType(v *strictjson.Value, p place) *Sentence {
	if v.Kind() != strictjson.KindObject {
		return nil
	}
	return present(hasType("Profile"))(v.Get("type"), p)
}

func issuerName(v *strictjson.Value, _ place) *Sentence {
	if credential.Text(v.Get("name")) == "" {
		return saidNoName.With()
	}
	return nil
}

func image(v *strictjson.Value, p place) *Sentence {
	if v.Kind() == strictjson.KindString {
		return isURL(v, p) // Data Model 1.1 badges
	}
	if why := one(isObject)(v, p); why != nil {
		return why
	}
	if why := present(isURL)(v.Get("id"), p); why != nil {
		return saidInID.Of(why)
	}
	if why := present(hasType("Image"))(v.Get("type"), p); why != nil {
		return saidInType.Of(why)
	}
	if why := optional(isText)(v.Get("caption"), p); why != nil {
		return saidInCaption.Of(why)
	}
	return nil
}

// suiteName finds the suite that the text of Open Badges 3.0 names in places,
// and that there is none of.
func suiteName(v *strictjson.Value, _ place) *Sentence {
	if s, _ := v.Text(); s == "eddsa-rdf-2022" {
		return saidSuiteName.With()
	}
	return nil
}

func imageSize(v *strictjson.Value, _ place) *Sentence {
	if s, _ := v.Text(); strings.HasPrefix(s, "data:") && len(s) > maxDataImage {
		return saidImageSize.With()
	}
	return nil
}
