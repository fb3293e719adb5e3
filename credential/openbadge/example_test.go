package openbadge_test

import (
	"fmt"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
)

func ExampleFromCredential() {
	c, err := credential.Parse([]byte(`{
		"type": ["VerifiableCredential", "OpenBadgeCredential"],
		"issuer": {"id": "did:web:kurs.example", "type": "Profile", "name": "Kursstedet"},
		"credentialSubject": {
			"id": "urn:x:kari", "type": "AchievementSubject",
			"achievement": {"id": "https://kurs.example/a/ml", "type": "Achievement", "name": "Maskinlæring", "creditsAvailable": 7.5}
		}
	}`), credential.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := openbadge.FromCredential(c)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(b.Issuer.Name, b.Subject.Achievement.Name, b.Subject.Achievement.CreditsAvailable)
	fmt.Println(string(b.Issuer.Value().AppendJSON(nil)))
	// Output:
	// Kursstedet Maskinlæring 7.5
	// {"id":"did:web:kurs.example","type":["Profile"],"name":"Kursstedet"}
}

func ExampleHashIdentity() {
	i := openbadge.HashIdentity("emailAddress", "kari@student.example", "deadsea")
	fmt.Println(i.Matches("kari@student.example"), i.Matches("ola@student.example"))
	// Output: true false
}
