package report

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/internal/i18n"
)

// Fields says for people which parts of a credential a receiver sees. The names
// of the members are in the JSON form.
func Fields(p *i18n.Printer, names []string) string {
	var out []string
	for _, name := range names {
		if text := Field(p, name); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

// Field says for people what a member of a credential is about: its name where
// there is no text for it.
func Field(p *i18n.Printer, name string) string {
	if key := fieldKey(name); key != "" {
		return p.T(key)
	}
	return Plain(name)
}

// fieldKey returns the text for a member; the longest beginning counts.
func fieldKey(name string) string {
	best, key := 0, ""
	for prefix, k := range map[string]string{
		"(all)": "field.all", "name": "field.achievement", "description": "field.description", "id": "field.id", "issuer": "field.issuer",
		"validFrom": "field.dates", "validUntil": "field.dates", "issuanceDate": "field.dates", "expirationDate": "field.dates", "awardedDate": "field.dates",
		"credentialStatus": "field.status", "evidence": "field.evidence", "credentialSubject.id": "field.you", "credentialSubject.identifier": "field.identity",
		"credentialSubject.narrative":     "field.narrative",
		"credentialSubject.creditsEarned": "field.credits", "credentialSubject.result": "field.results", "credentialSubject.achievement": "field.achievement",
		"credentialSubject.achievement.description": "field.description", "credentialSubject.achievement.criteria": "field.criteria",
		"credentialSubject.achievement.alignment": "field.skills", "credentialSubject.achievement.creditsAvailable": "field.credits",
		"credentialSubject.achievement.resultDescription": "field.results",
	} {
		if (name == prefix || strings.HasPrefix(name, prefix+".")) && len(prefix) > best {
			best, key = len(prefix), k
		}
	}
	return key
}
