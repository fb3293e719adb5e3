package profile

import (
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// The contexts whose editions have names that begin alike.
const (
	contextBadges = "https://purl.imsglobal.org/spec/ob/v3p0/context*.json"
	contextRecord = "https://purl.imsglobal.org/spec/clr/v2p0/context*.json"
)

// editionOf reports whether s is a context's URL with or without a number of
// three digits.
func editionOf(pattern, s string) bool {
	before, after, many := strings.Cut(pattern, "*")
	if !many || !strings.HasPrefix(s, before) || !strings.HasSuffix(s, after) || len(s) < len(before)+len(after) {
		return false
	}
	number := s[len(before) : len(s)-len(after)]
	if number == "" {
		return true
	}
	return len(number) == 6 && number[0] == '-' && number[2] == '.' && number[4] == '.' && digits(number[1:2]+number[3:4]+number[5:])
}

// shown are the contexts in the edition that one would write today.
func shown(patterns []string) []string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		switch p {
		case contextBadges:
			p = openbadge.Context
		case contextRecord:
			p = openbadge.ContextRecord
		}
		out[i] = p
	}
	return out
}

func first(v *strictjson.Value) *strictjson.Value {
	if list := v.List(); len(list) > 0 {
		return list[0]
	}
	return nil
}

// languageMap reports whether v is a text in several languages as the compact
// schema takes it: members that are named by a language, each of the form.
func languageMap(p property, v *strictjson.Value) bool {
	if v.Kind() != strictjson.KindObject {
		return false
	}
	for _, m := range v.Members() {
		s, ok := m.Value.Text()
		if !ok || !formed(p, s) || len(m.Name) != 2 && len(m.Name) != 5 || !in(m.Name[:2], 'a', 'z') {
			return false
		}
		if len(m.Name) == 5 && (m.Name[2] != '-' || !in(m.Name[3:], 'A', 'Z')) {
			return false
		}
	}
	return true
}

// formed reports whether a text has the form that a property wants.
func formed(p property, s string) bool {
	switch p.is {
	case aTime: // the schemas have no hour 24
		_, err := credential.ParseTime(s)
		return err == nil && !strings.HasPrefix(s[11:], "24")
	case aDate:
		_, err := time.Parse(time.DateOnly, s)
		return err == nil
	case aLanguage:
		return languageCode(s)
	case aToken:
		return compactToken(s)
	case ownName:
		return s == p.of
	}
	return true
}

// languageCode: two to four small letters, perhaps a script, perhaps a region.
func languageCode(s string) bool {
	parts := strings.Split(s, "-")
	if n := len(parts[0]); n < 2 || n > 4 || !in(parts[0], 'a', 'z') {
		return false
	}
	parts = parts[1:]
	if len(parts) > 0 && len(parts[0]) == 4 && in(parts[0][:1], 'A', 'Z') && in(parts[0][1:], 'a', 'z') {
		parts = parts[1:]
	}
	if len(parts) == 0 {
		return true
	}
	region := parts[0]
	return len(parts) == 1 && (len(region) == 2 && in(region, 'A', 'Z') || len(region) == 3 && digits(region))
}

// compactToken: three parts in the letters of base64url, of which the second
// may be empty.
func compactToken(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 || parts[0] == "" || parts[2] == "" {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	})
}

func in(s string, from, to byte) bool {
	for i := range len(s) {
		if s[i] < from || s[i] > to {
			return false
		}
	}
	return true
}

func digits(s string) bool { return in(s, '0', '9') }

func wordIn(list, s string) bool {
	switch list {
	case "achievement":
		return openbadge.ValidAchievementType(s)
	case "alignment":
		return openbadge.ValidAlignmentTargetType(s)
	case "result":
		return openbadge.ValidResultType(s)
	case "status":
		return openbadge.ValidResultStatus(s)
	case "identifier":
		return openbadge.ValidIdentifierType(s)
	case "association":
		return openbadge.ValidAssociationType(s)
	}
	return false
}

// wanted names what a property should be.
func wanted(p property) *Sentence {
	switch p.is {
	case aURI:
		return wantURI.With()
	case aTime:
		return wantTime.With()
	case aDate:
		return wantDate.With()
	case aNumber:
		return wantNumber.With()
	case aBool:
		return wantBool.With()
	case aWord:
		if p.of == "status" || p.of == "association" {
			return wantWord.With()
		}
		return wantWordOrOwn.With()
	case aLanguage:
		return wantLanguage.With()
	case aToken:
		return wantToken.With()
	case ownName:
		return wantName.With(p.of)
	case anObject:
		return wantObjectOf.With(p.of)
	case aProfile:
		return wantProfile.With()
	case types:
		return wantTypes.With(p.of)
	case contexts:
		return wantContexts.With()
	}
	return wantText.With()
}

// described says what a value is: a short one itself.
func described(v *strictjson.Value) string {
	if v.Kind() == strictjson.KindString || v.Kind() == strictjson.KindNumber || v.Kind() == strictjson.KindBool {
		if raw := string(v.AppendJSON(nil)); len(raw) <= 40 {
			return raw
		}
	}
	return v.Kind().String()
}
