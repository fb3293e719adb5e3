package verifier

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
)

// TestIdentities: each way in which a credential names whom it is about, and
// where; what cannot be compared is kept, with why.
func TestIdentities(t *testing.T) {
	t.Parallel()
	const digits = "00112233445566778899aabbccddeeff"
	object := func(members string) string { return `{"identifier":{"identityType":"email",` + members + `}}` }
	for name, c := range map[string]struct {
		subject string
		want    []string // place, type, form and value, or why it cannot be compared
	}{
		"nothing":             {`{"type":"Person"}`, nil},
		"nobody":              {`[]`, nil},
		"by all that may be":  {`{"id":"did:x:y","name":"Kari","email":"k@x.no"}`, []string{"/credentialSubject/id id plain did:x:y", "/credentialSubject/name name plain Kari", "/credentialSubject/email emailAddress plain k@x.no"}},
		"an address as an id": {`{"id":"mailto:k@x.no"}`, []string{"/credentialSubject/id id plain mailto:k@x.no", "/credentialSubject/id emailAddress plain k@x.no"}},
		"empty texts":         {`{"id":"","name":"","email":""}`, nil},
		"names that are none": {`{"name":{"en":"Kari"},"email":7}`, nil},
		"a bare identifier":   {`{"identifier":"did:x:y"}`, []string{"/credentialSubject/identifier id plain did:x:y"}},
		"two subjects":        {`[{"id":"did:x:a"},{"identifier":["did:x:b","did:x:c"]}]`, []string{"/credentialSubject/0/id id plain did:x:a", "/credentialSubject/1/identifier/0 id plain did:x:b", "/credentialSubject/1/identifier/1 id plain did:x:c"}},

		"plain":                   {object(`"hashed":false,"identityHash":"k@x.no"`), []string{"/credentialSubject/identifier emailAddress plain k@x.no"}},
		"plain, with a salt":      {object(`"hashed":false,"identityHash":"k@x.no","salt":7`), []string{"/credentialSubject/identifier emailAddress plain k@x.no"}},
		"hashed":                  {object(`"hashed":true,"identityHash":"md5$` + digits + `"`), []string{"/credentialSubject/identifier emailAddress md5, without salt " + digits}},
		"salted":                  {object(`"hashed":true,"identityHash":"md5$` + digits + `","salt":"s"`), []string{"/credentialSubject/identifier emailAddress md5, salted " + digits}},
		"no type":                 {`{"identifier":{"hashed":false,"identityHash":"x"}}`, []string{"/credentialSubject/identifier  its identityType is nothing"}},
		"no value":                {object(`"hashed":false`), []string{"/credentialSubject/identifier emailAddress its identityHash is no text"}},
		"a value that is no text": {object(`"hashed":false,"identityHash":7`), []string{"/credentialSubject/identifier emailAddress its identityHash is no text"}},
		"an empty value":          {object(`"hashed":false,"identityHash":""`), []string{"/credentialSubject/identifier emailAddress its identityHash is no text"}},
		"hashed, or not":          {object(`"hashed":"true","identityHash":"x"`), []string{"/credentialSubject/identifier emailAddress it does not say whether it is hashed"}},
		"a salt that is no text":  {object(`"hashed":true,"identityHash":"md5$` + digits + `","salt":7`), []string{"/credentialSubject/identifier emailAddress its salt is no text"}},
		"no algorithm":            {object(`"hashed":true,"identityHash":"` + digits + `"`), []string{"/credentialSubject/identifier emailAddress it says that it is hashed, and does not say how"}},
		"nothing but one":         {object(`"hashed":true,"identityHash":"md5"`), []string{"/credentialSubject/identifier emailAddress it says that it is hashed, and does not say how"}},
		"another one":             {object(`"hashed":true,"identityHash":"sha1$"`), []string{`/credentialSubject/identifier emailAddress it is hashed with "sha1", which is neither sha256 nor md5`}},
		"a digit too few":         {object(`"hashed":true,"identityHash":"md5$` + digits[1:] + `"`), []string{"/credentialSubject/identifier emailAddress its hash has not the form of md5"}},
		"letters at its end":      {object(`"hashed":true,"identityHash":"md5$` + digits + `zz"`), []string{"/credentialSubject/identifier emailAddress its hash has not the form of md5"}},
		"two digits too many":     {object(`"hashed":true,"identityHash":"md5$` + digits + `00"`), []string{"/credentialSubject/identifier emailAddress its hash has not the form of md5"}},
		"a hash, called plain":    {object(`"hashed":false,"identityHash":"md5$` + digits + `"`), []string{"/credentialSubject/identifier emailAddress it says that it is plain, and has the form of a hash"}},
	} {
		about, err := credential.Parse([]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:x:i","credentialSubject":`+c.subject+`}`), credential.Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		for _, i := range identitiesOf(about) {
			said := i.how() + " " + i.value
			if i.unread != "" {
				said = i.unread
			}
			got = append(got, fmt.Sprintf("%s %s %s", i.at, i.kind, said))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}
