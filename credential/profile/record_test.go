package profile_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

const (
	soundRecord = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:x:1","type":["VerifiableCredential","ClrCredential"],"name":"Vitnemål","issuer":{"id":"did:web:a","type":["Profile"]},"validFrom":"2026-01-01T00:00:00Z","partial":true,` +
		`"credentialSubject":{"id":"did:x:kari","type":["ClrSubject"],"verifiableCredential":["eyJ"],"association":[{"type":"Association","associationType":"isPartOf","sourceId":"urn:x:2","targetId":"urn:x:3"}]}}`
	soundEndorsement = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],` +
		`"id":"urn:x:1","type":["VerifiableCredential","EndorsementCredential"],"name":"Tilråding","issuer":{"id":"did:web:a","type":["Profile"]},"validFrom":"2026-01-01T00:00:00Z",` +
		`"credentialSubject":{"id":"urn:x:2","type":["EndorsementSubject"],"endorsementComment":"god"}}`
)

func errorsIn(t *testing.T, text string) string {
	t.Helper()
	c, err := credential.Parse([]byte(text), credential.Limits{})
	if err != nil {
		t.Fatal(text, err)
	}
	var out []string
	for _, f := range profile.Check(c.Document(), profile.For(c)...) {
		out = append(out, f.Rule)
	}
	return strings.Join(out, " ")
}

// TestRecordsAndEndorsements changes one place of a sound document at a time.
func TestRecordsAndEndorsements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ document, old, new, want string }{
		{soundRecord, `"x"`, `"x"`, ""},
		{soundRecord, `clr/v2p0/context-2.0.1`, `ob/v3p0/context`, "clr2/context"},
		{soundRecord, `"name":"Vitnemål",`, ``, "clr2/name"},
		{soundRecord, `"partial":true`, `"partial":"yes"`, "clr2/partial"},
		{soundRecord, `["ClrSubject"]`, `["Person"]`, "clr2/subject-type"},
		{soundRecord, `"id":"did:x:kari",`, ``, "clr2/recipient"},
		{soundRecord, `["eyJ"]`, `[]`, "clr2/contains"},
		{soundRecord, `"isPartOf"`, `"isBetterThan"`, "clr2/association-kind"},
		{soundRecord, `"sourceId":"urn:x:2",`, ``, "clr2/association-source"},
		{soundRecord, `"targetId":"urn:x:3"`, `"targetId":7`, "clr2/association-target"},
		{soundRecord, `{"type":"Association",`, `{"type":"Link",`, "clr2/association-type"},
		{soundEndorsement, `"x"`, `"x"`, ""},
		{soundEndorsement, `ob/v3p0/context`, `x`, "ob3-endorsement/context"},
		{soundEndorsement, `"name":"Tilråding",`, ``, "ob3-endorsement/name"},
		{soundEndorsement, `"id":"urn:x:2",`, ``, "ob3-endorsement/subject-id"},
		{soundEndorsement, `"EndorsementSubject"`, `"Thing"`, "ob3-endorsement/subject-type"},
		{soundEndorsement, `"god"`, `7`, "ob3-endorsement/comment"},
		{soundEndorsement, `["Profile"]`, `["Person"]`, "ob3-endorsement/issuer-type"},
	} {
		if got := errorsIn(t, strings.Replace(c.document, c.old, c.new, 1)); got != c.want {
			t.Errorf("%s for %s: %q, want %q", c.new, c.old, got, c.want)
		}
	}
}

// TestSamplesOfRecords: 1EdTech's own samples are sound, but for what is known.
func TestSamplesOfRecords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"clr20/simple.json":                "",
		"clr20/complex.json":               "",
		"1edtech/endorsement-valid.json":   "",
		"clr20/simple_old_safesigned.json": "clr2/context",
	} {
		if got := errorsIn(t, string(testcorpus.Read(t, "openbadges", name))); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
