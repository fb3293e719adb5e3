package credential_test

import (
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

func ExampleParse() {
	c, err := credential.Parse([]byte(`{
		"@context": ["https://www.w3.org/ns/credentials/v2"],
		"type": ["VerifiableCredential"],
		"name": [{"@value": "Maskinlæring", "@language": "nb"}, {"@value": "Machine learning", "@language": "en"}],
		"issuer": {"id": "did:web:kurs.example", "name": "Kursstedet"},
		"validUntil": "2031-01-31T12:00:00+01:00",
		"credentialSubject": {"id": "urn:x:kari"}
	}`), credential.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, until, err := c.Period()
	fmt.Println(c.Version(), c.Name("en"), c.IssuerID(), c.SubjectIDs(), until, err)
	// Output: 2.0 Machine learning did:web:kurs.example [urn:x:kari] 2031-01-31 11:00:00 +0000 UTC <nil>
}

func ExampleDraft_Build() {
	c, err := credential.Draft{
		ID: "urn:uuid:0f9a4f3e-6d5b-4b52-9a3e-0d0a6e6a7c11", Name: "Kurs",
		Issuer:    strictjson.String("did:web:kurs.example"),
		ValidFrom: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC),
		Subject:   strictjson.Object(credential.Member{Name: "id", Value: strictjson.String("urn:x:kari")}),
	}.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(c.Raw()))
	// Output: {"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:0f9a4f3e-6d5b-4b52-9a3e-0d0a6e6a7c11","type":["VerifiableCredential"],"name":"Kurs","issuer":"did:web:kurs.example","validFrom":"2026-01-31T12:00:00Z","credentialSubject":{"id":"urn:x:kari"}}
}
