package trust_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/trust"
)

func ExampleParse() {
	policy, err := trust.Parse([]byte(`bevis-trust 1

# Checked on their web page, 2026-03-02, KN.
issuer did:web:uib.no
  name Universitetet i Bergen
  types OpenBadgeCredential
`), "trust.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, q := range []trust.Query{
		{Issuer: "did:web:uib.no", Types: []string{"VerifiableCredential", "OpenBadgeCredential"}, At: at},
		{Issuer: "did:web:uib.no", Types: []string{"VerifiableCredential", "DriversLicence"}, At: at},
		{Issuer: "did:web:uib.example", Types: []string{"VerifiableCredential", "OpenBadgeCredential"}, At: at},
	} {
		d, err := policy.Decide(context.Background(), q)
		fmt.Printf("%t %q %q %q %v\n", d.Trusted, d.Name, d.Source, d.Why, err)
	}
	_, err = trust.Parse([]byte("bevis-trust 1\nissuer did:web:uib.no\n  typs OpenBadgeCredential\n"), "trust.txt")
	fmt.Println(err)
	// Output:
	// true "Universitetet i Bergen" "trust.txt line 4" "" <nil>
	// false "Universitetet i Bergen" "trust.txt line 4" "not trusted for this type of credential" <nil>
	// false "" "" "not in the trust policy" <nil>
	// trust.txt:3: unknown word "typs": known are name, types, since, until, status-age, note, key, withdrawn and suspended
}

func ExamplePins() {
	d, err := trust.Pins("did:web:uib.no").Decide(context.Background(), trust.Query{Issuer: "did:web:uib.no"})
	fmt.Println(d.Trusted, d.Source, err)
	// Output: true named in this call <nil>
}
