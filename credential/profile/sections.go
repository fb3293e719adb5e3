package profile

import "strings"

// sectionOfRule names the section of the specification that a rule is of.
func sectionOfRule(id string) string {
	set, name, _ := strings.Cut(id, "/")
	switch set {
	case "vcdm", "vcdm1", "vcdm2":
		return modelSection(set, name)
	case "vp":
		return "VC Data Model 2.0, section 4.13 (1.1: section 4.10)"
	case "ob3":
		switch name {
		case "recipient":
			return sectionOf("AchievementSubject")
		case "cryptosuite":
			return sectionOf("Proof")
		case "image-size":
			return ""
		}
		return "Open Badges 3.0, appendix B, class " + badgeClass(name)
	case "ob3-endorsement":
		if strings.HasPrefix(name, "subject") || name == "comment" {
			return sectionOf("EndorsementSubject")
		}
		return sectionOf("EndorsementCredential")
	case "clr2":
		switch {
		case strings.HasPrefix(name, "association"):
			return sectionOf("Association")
		case strings.HasPrefix(name, "subject"), name == "contains", name == "achievement", name == "recipient":
			return sectionOf("ClrSubject")
		}
		return sectionOf("ClrCredential")
	}
	return ""
}

// modelSection names the section of the data model.
func modelSection(set, name string) string {
	sections := map[string][2]string{ // of edition 2.0 and 1.1
		"context": {"4.3", "4.1"}, "id": {"4.4", "4.2"}, "type": {"4.5", "4.3"}, "name": {"4.6", ""}, "description": {"4.6", ""},
		"issuer": {"4.7", "4.5"}, "subject": {"4.8", "4.4"}, "valid-from": {"4.9", "4.6"}, "valid-until": {"4.9", "4.8"}, "old-dates": {"4.9", ""},
		"issuance-date": {"", "4.6"}, "expiration-date": {"", "4.8"}, "credentialStatus": {"4.10", "4.9"}, "credentialSchema": {"4.11", "5.4"},
		"related-resource": {"5.3", ""}, "refreshService": {"5.4", "5.5"}, "termsOfUse": {"5.5", "5.6"}, "evidence": {"5.6", "5.7"}, "case": {"4.1", "4"},
	}
	for key := name; key != ""; {
		if s, ok := sections[key]; ok {
			switch {
			case set == "vcdm1":
				return "VC Data Model 1.1, section " + s[1]
			case s[1] == "" || set == "vcdm2":
				return "VC Data Model 2.0, section " + s[0]
			}
			return "VC Data Model 2.0, section " + s[0] + " (1.1: section " + s[1] + ")"
		}
		cut := strings.LastIndexByte(key, '-')
		key = key[:max(cut, 0)]
	}
	return ""
}

// badgeClass returns the class that a rule of Open Badges is about.
func badgeClass(name string) string {
	for _, c := range [][2]string{
		{"achievement-criteria", "Criteria"}, {"criteria", "Criteria"}, {"achievement", "Achievement"}, {"credits-available", "Achievement"},
		{"alignment", "Alignment"}, {"result-description", "ResultDescription"}, {"result", "Result"}, {"identifier", "IdentityObject"},
		{"issuer", "Profile"}, {"evidence", "Evidence"}, {"image", "Image"}, {"subject", "AchievementSubject"}, {"activity", "AchievementSubject"},
		{"credits-earned", "AchievementSubject"},
	} {
		if strings.HasPrefix(name, c[0]) {
			return c[1]
		}
	}
	return "AchievementCredential"
}
