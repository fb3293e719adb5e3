package main

import (
	"fmt"
	"strings"
)

// credential returns an Open Badge of about 0.6, 3 or 30 KB.
func credential(size, issuer, subject string) []byte {
	const head = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:uuid:0c07c1ce-57cb-41af-bef2-1b932b986873","type":["VerifiableCredential","OpenBadgeCredential"],`
	if size == "0.6 KB" {
		return fmt.Appendf(nil, head+`"issuer":{"id":%q,"type":["Profile"],"name":"Kursstedet"},"validFrom":"2026-01-01T00:00:00Z",`+
			`"credentialSubject":{"id":%q,"type":["AchievementSubject"],"achievement":{"id":"https://kurs.example/a/1","type":["Achievement"],`+
			`"name":"Sveising","description":"Grunnkurs.","criteria":{"narrative":"Prøve."}}}}`, issuer, subject)
	}
	alignments, evidence, text := 2, 1, 1
	if size == "30 KB" {
		alignments, evidence, text = 60, 30, 6
	}
	narrative := strings.TrimSpace(strings.Repeat("Deltakeren har gjennomført kurset og bestått en praktisk prøve under tilsyn av to sensorer. ", text))
	var b strings.Builder
	fmt.Fprintf(&b, head+`"name":"Grunnkurs i sveising","description":"Bevis på gjennomført og bestått kurs.",`+
		`"issuer":{"id":%q,"type":["Profile"],"name":"Kursstedet","url":"https://kurs.example/","email":"post@kurs.example",`+
		`"address":{"type":["Address"],"addressCountry":"NO","addressLocality":"Bergen","postalCode":"5003"}},`+
		`"validFrom":"2026-01-01T00:00:00Z","validUntil":"2031-01-01T00:00:00Z","awardedDate":"2025-12-20T00:00:00Z",`+
		`"credentialSubject":{"id":%q,"type":["AchievementSubject"],"creditsEarned":7.5,"activityStartDate":"2025-09-01T00:00:00Z","activityEndDate":"2025-12-20T00:00:00Z",`+
		`"achievement":{"id":"https://kurs.example/a/1","type":["Achievement"],"achievementType":"Course","name":"Grunnkurs i sveising","description":%q,`+
		`"creditsAvailable":7.5,"humanCode":"SV-101","inLanguage":"nb-NO","fieldOfStudy":"Mekaniske fag","tag":["sveising","metall","HMS"],`+
		`"criteria":{"id":"https://kurs.example/a/1/krav","narrative":%q},`+
		`"resultDescription":[{"id":"urn:uuid:d05a0867-d0ad-4b03-bdb5-28fb5d2aab7a","type":["ResultDescription"],"name":"Karakter","resultType":"LetterGrade","allowedValue":["A","B","C","D","E","F"],"requiredValue":"E"}],"alignment":[`,
		issuer, subject, narrative, narrative)
	for i := range alignments {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":["Alignment"],"targetCode":"S-%03d","targetName":"Ferdighet nummer %d i rammeverket","targetFramework":"ESCO","targetType":"ext:ESCOSkill","targetUrl":"http://data.europa.eu/esco/skill/%032x"}`, i, i, i)
	}
	fmt.Fprintf(&b, `]},"result":[{"type":["Result"],"resultDescription":"urn:uuid:d05a0867-d0ad-4b03-bdb5-28fb5d2aab7a","value":"B"}]},"evidence":[`)
	for i := range evidence {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"https://kurs.example/e/%d","type":["Evidence"],"name":"Prøvestykke %d","narrative":%q,"genre":"Photo"}`, i, i, narrative)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}
