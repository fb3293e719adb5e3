package profile_test

import (
	"fmt"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
)

func ExampleCheck() {
	c, err := credential.Parse([]byte(`{
		"@context": ["https://www.w3.org/ns/credentials/v2"],
		"type": ["VerifiableCredential"],
		"validFrom": "31.01.2026",
		"credentialSubject": {"id": "urn:x:learner"}
	}`), credential.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	findings := profile.Check(c.Document(), profile.For(c)...)
	for _, f := range findings {
		fmt.Printf("%s %s %s: %s\n", f.Severity, f.Rule, f.At, f.Message)
	}
	fmt.Println(profile.Err(findings))
	// Output:
	// error vcdm/issuer /issuer: is missing
	// error vcdm2/valid-from /validFrom: is not a date and time with a time zone (XML Schema dateTimeStamp)
	// /issuer: is missing
}
