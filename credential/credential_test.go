package credential_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func parse(t testing.TB, text string) *credential.Credential {
	t.Helper()
	c, err := credential.Parse([]byte(text), credential.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func value(t testing.TB, text string) *credential.Value {
	t.Helper()
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func when(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestView(t *testing.T) {
	t.Parallel()
	const text = ` {
		"@context": ["https://www.w3.org/ns/credentials/v2", {"x": "y"}, "https://example.org/c"],
		"id": "urn:x:1", "type": ["VerifiableCredential", 7, "OpenBadgeCredential"],
		"name": [{"@value": "Kurs", "@language": "nb"}, {"@value": "Course", "@language": "en"}],
		"description": "Et kurs.",
		"issuer": {"id": "did:web:a", "name": {"@value": "Stedet", "@language": "nn"}},
		"credentialSubject": [{"id": "urn:x:kari"}, {"name": "uten id"}, {"id": 7}],
		"credentialStatus": {"type": "A"}
	}`
	c := parse(t, text)
	if string(c.Raw()) != text {
		t.Error("the bytes are not those that came")
	}
	if c.Version() != credential.V2 || c.ID() != "urn:x:1" || c.IssuerID() != "did:web:a" || c.IssuerName("nb") != "Stedet" || c.Description() != "Et kurs." {
		t.Error(c.Version(), c.ID(), c.IssuerID(), c.IssuerName(), c.Description())
	}
	if c.Name() != "Kurs" || c.Name("fr", "en") != "Course" || c.Name("EN") != "Course" || c.Name("fr") != "Kurs" {
		t.Error(c.Name(), c.Name("fr", "en"))
	}
	if !slices.Equal(c.Contexts(), []string{"https://www.w3.org/ns/credentials/v2", "https://example.org/c"}) ||
		!slices.Equal(c.Types(), []string{"VerifiableCredential", "OpenBadgeCredential"}) {
		t.Error(c.Contexts(), c.Types())
	}
	if !c.HasType("OpenBadgeCredential") || c.HasType("openbadgecredential") || c.HasType("") || c.HasType("Verifiable") {
		t.Error("types")
	}
	if len(c.Subjects()) != 3 || !slices.Equal(c.SubjectIDs(), []string{"urn:x:kari"}) || len(c.Status()) != 1 {
		t.Error(len(c.Subjects()), c.SubjectIDs(), len(c.Status()))
	}
	if c.Document().Get("id") == nil {
		t.Error("no document")
	}
}

// TestViewOfLittle: nothing is made up where nothing is, or something odd.
func TestViewOfLittle(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"type": "VerifiableCredential"}`,
		`{"type": ["VerifiableCredential"], "id": 1, "issuer": ["did:web:a"], "name": 7, "@context": {}, "credentialSubject": []}`,
		`{"type": ["VerifiableCredential"], "id": [], "issuer": {"id": ["did:web:a"], "name": []}, "name": {"@value": 7}, "@context": null}`,
	} {
		c := parse(t, text)
		if c.ID() != "" || c.IssuerID() != "" || c.IssuerName() != "" || c.Name("nb") != "" || c.Version() != credential.UnknownVersion ||
			c.Contexts() != nil || c.SubjectIDs() != nil || len(c.Subjects()) > 0 || c.Description() != "" {
			t.Errorf("%s: %q %q %q %q %v", text, c.ID(), c.IssuerID(), c.IssuerName(), c.Name(), c.Version())
		}
		if from, until, err := c.Period(); err != nil || !from.IsZero() || !until.IsZero() {
			t.Error(from, until, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]reason.Code{
		``:                                     reason.MalformedJSON,
		`[]`:                                   reason.MalformedNotObject,
		`"x"`:                                  reason.MalformedNotObject,
		`{}`:                                   "wrong_type/not-a-credential",
		`{"type": "VerifiablePresentation"}`:   "wrong_type/not-a-credential",
		`{"type": "verifiablecredential"}`:     "wrong_type/not-a-credential",
		`{"type": {"VerifiableCredential":1}}`: "wrong_type/not-a-credential",
		`{"type": "VerifiableCredential", "type": "x"}`: reason.MalformedDuplicateMember,
		`{"type": "VerifiableCredential"} {}`:           reason.MalformedTrailing,
	} {
		if c, err := credential.Parse([]byte(text), credential.Limits{}); c != nil || reason.CodeOf(err) != code {
			t.Errorf("%s: %v (%s), not %s", text, err, reason.CodeOf(err), code)
		}
	}
	if _, err := credential.Parse([]byte(`{"type": "VerifiableCredential"}`), credential.Limits{MaxBytes: 10}); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	if c := parse(t, `{"credentialSubject": {}}`); c.HasType("VerifiableCredential") {
		t.Error("a type is made up")
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for contexts, want := range map[string]credential.Version{
		`"https://www.w3.org/2018/credentials/v1"`:                                           credential.V1,
		`["https://www.w3.org/2018/credentials/v1"]`:                                         credential.V1,
		`["https://www.w3.org/ns/credentials/v2"]`:                                           credential.V2,
		`["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/2018/credentials/v1"]`: credential.V2,
		`["https://example.org/", "https://www.w3.org/ns/credentials/v2"]`:                   credential.UnknownVersion,
		`[{"@vocab": "x"}, "https://www.w3.org/ns/credentials/v2"]`:                          credential.UnknownVersion,
		`["https://www.w3.org/ns/credentials/V2"]`:                                           credential.UnknownVersion,
		`["https://www.w3.org/ns/credentials/v2 "]`:                                          credential.UnknownVersion,
		`[]`:   credential.UnknownVersion,
		`null`: credential.UnknownVersion,
	} {
		if got := parse(t, `{"type":"VerifiableCredential","@context":`+contexts+`}`).Version(); got != want {
			t.Errorf("%s: %s", contexts, got)
		}
	}
	if credential.V1.String() != "1.1" || credential.V2.String() != "2.0" || credential.UnknownVersion.String() != "unknown" {
		t.Error("names of versions")
	}
}

func TestPeriod(t *testing.T) {
	t.Parallel()
	for members, want := range map[string][2]string{
		``:                                   {"", ""},
		`"validFrom":"2026-01-01T00:00:00Z"`: {"2026-01-01T00:00:00Z", ""},
		`"validUntil":"2026-01-01T00:00:00+01:00"`:                                        {"", "2025-12-31T23:00:00Z"},
		`"issuanceDate":"2026-01-01T00:00:00Z","expirationDate":"2027-01-01T00:00:00.5Z"`: {"2026-01-01T00:00:00Z", "2027-01-01T00:00:00.5Z"},
		`"validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-01-01T00:00:00Z"`:          {"2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
		`"validFrom":"2026-01-01T24:00:00Z"`:                                              {"2026-01-02T00:00:00Z", ""},
		// Both editions' members: the narrower counts, whichever it is.
		`"issuanceDate":"2026-01-01T00:00:00Z","validFrom":"2026-02-01T00:00:00Z"`:    {"2026-02-01T00:00:00Z", ""},
		`"issuanceDate":"2026-02-01T00:00:00Z","validFrom":"2026-01-01T00:00:00Z"`:    {"2026-02-01T00:00:00Z", ""},
		`"expirationDate":"2026-01-01T00:00:00Z","validUntil":"2036-01-01T00:00:00Z"`: {"", "2026-01-01T00:00:00Z"},
		`"expirationDate":"2036-01-01T00:00:00Z","validUntil":"2026-01-01T00:00:00Z"`: {"", "2026-01-01T00:00:00Z"},
	} {
		text := `{"type":"VerifiableCredential"`
		if members != "" {
			text += "," + members
		}
		from, until, err := parse(t, text+"}").Period()
		if err != nil || !from.Equal(when(want[0])) || !until.Equal(when(want[1])) {
			t.Errorf("%s: %s to %s, %v", members, from, until, err)
		}
	}
	for members, at := range map[string]string{
		`"validFrom":null`:                                                       "/validFrom",
		`"validFrom":""`:                                                         "/validFrom",
		`"validFrom":["2026-01-01T00:00:00Z"]`:                                   "/validFrom",
		`"validUntil":"never"`:                                                   "/validUntil",
		`"validUntil":"0001-01-01T00:00:00Z"`:                                    "/validUntil",
		`"validUntil":{"@value":"2026-01-01T00:00:00Z"}`:                         "/validUntil",
		`"expirationDate":1767225600`:                                            "/expirationDate",
		`"issuanceDate":"2026-13-01T00:00:00Z"`:                                  "/issuanceDate",
		`"validFrom":"2026-01-01T00:00:01Z","validUntil":"2026-01-01T00:00:00Z"`: "/validUntil",
	} {
		if _, _, err := parse(t, `{"type":"VerifiableCredential",`+members+`}`).Period(); reason.CodeOf(err) != reason.MalformedTime || reason.AtOf(err) != at {
			t.Errorf("%s: %v", members, err)
		}
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-01-31T12:00:00Z":           "2026-01-31T12:00:00Z",
		"2026-01-31T12:00:00.123456789Z": "2026-01-31T12:00:00.123456789Z",
		"2026-01-31T12:00:00+14:00":      "2026-01-30T22:00:00Z",
		"2026-01-31T12:00:00-14:00":      "2026-02-01T02:00:00Z",
		"2026-01-31T12:00:00-00:00":      "2026-01-31T12:00:00Z",
		"2026-12-31T24:00:00Z":           "2027-01-01T00:00:00Z",
		"2026-12-31T24:00:00.000Z":       "2027-01-01T00:00:00Z",
		"2028-02-29T00:00:00Z":           "2028-02-29T00:00:00Z",
	} {
		got, err := credential.ParseTime(text)
		if err != nil || !got.Equal(when(want)) || got.Location() != time.UTC {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "2026", "2026-01-31", "2026-01-31T12:00Z", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-01-31t12:00:00Z", "2026-01-31T12:00:00z",
		"2026-01-31T1:00:00Z0", "2026-01-31T12:00:00,5Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:60Z", "2026-01-31T25:00:00Z", "2026-01-31T24:00:01Z",
		"2026-01-31T24:00:00.5Z", "2026-02-29T12:00:00Z", "2026-00-01T12:00:00Z", "2026-01-31T12:00:00+14:01", "2026-01-31T12:00:00+1:00", "2026-01-31T12:00:00+0100",
		"2026-01-31T12:00:00Z ", " 2026-01-31T12:00:00Z", "12026-01-31T12:00:00Z", "-2026-01-31T12:00:00Z", "2026-01-31T12:00:00ZZ", "2026-01-31T12:00:00 UTC",
		"0001-01-01T00:00:00Z", "0001-01-01T01:00:00+01:00", "０026-01-31T12:00:00Z",
	} {
		if got, err := credential.ParseTime(text); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
	local := time.Date(2026, 1, 31, 13, 0, 0, 999, time.FixedZone("", 3600))
	if got := credential.FormatTime(local); got != "2026-01-31T12:00:00Z" {
		t.Error(got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]string{ // no language, nn then nb, en
		`"a"`:                             {"a", "a", "a"},
		`""`:                              {"", "", ""},
		`{"@value":"a","@language":"nb"}`: {"a", "a", "a"},
		`{"@value":"a"}`:                  {"a", "a", "a"},
		`[{"@value":"a","@language":"en"},{"@value":"b","@language":"nb"}]`:                                 {"a", "b", "a"},
		`[{"@value":"a","@language":"en"},{"@value":"b","@language":"nb"},{"@value":"c","@language":"nn"}]`: {"a", "c", "a"},
		`{"en":"a","nb":"b","@type":"c"}`:                                                                   {"a", "b", "a"},
		`{"nb":7,"nn":"c"}`:                                                                                 {"c", "c", "c"},
		`["a","b"]`:                                                                                         {"a", "a", "a"},
		`7`:                                                                                                 {"", "", ""},
		`{"@language":"nb"}`:                                                                                {"", "", ""},
		`null`:                                                                                              {"", "", ""},
	} {
		v := value(t, text)
		if got := [3]string{credential.Text(v), credential.Text(v, "nn", "nb"), credential.Text(v, "en")}; got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	if credential.Text(nil, "nb") != "" || credential.ID(nil) != "" || credential.Types(nil) != nil || credential.HasType(nil, "") {
		t.Error("something is made of nothing")
	}
}

func TestDraft(t *testing.T) {
	t.Parallel()
	d := credential.Draft{
		Contexts: []string{"https://example.org/c"}, ID: "urn:x:1", Types: []string{"OpenBadgeCredential"}, Name: "Kurs \"A\"", Description: "Et kurs.",
		Issuer: strictjson.String("did:web:a"), ValidFrom: when("2026-01-31T13:00:00+01:00"), ValidUntil: when("2031-01-31T12:00:00Z"),
		Subject: strictjson.Object(credential.Member{Name: "id", Value: strictjson.String("urn:x:kari")}),
		Status:  []*credential.Value{strictjson.Object(credential.Member{Name: "type", Value: strictjson.String("A")})},
		More:    []credential.Member{{Name: "awardedDate", Value: strictjson.String("2026-01-30T12:00:00Z")}},
	}
	c, err := d.Build()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"@context":["https://www.w3.org/ns/credentials/v2","https://example.org/c"],"id":"urn:x:1","type":["VerifiableCredential","OpenBadgeCredential"],` +
		`"name":"Kurs \"A\"","description":"Et kurs.","issuer":"did:web:a","validFrom":"2026-01-31T12:00:00Z","validUntil":"2031-01-31T12:00:00Z",` +
		`"credentialSubject":{"id":"urn:x:kari"},"credentialStatus":{"type":"A"},"awardedDate":"2026-01-30T12:00:00Z"}`
	if string(c.Raw()) != want {
		t.Errorf("%s", c.Raw())
	}
	d.Status = append(d.Status, d.Status[0])
	if c, err = d.Build(); err != nil || len(c.Status()) != 2 {
		t.Error(err)
	}
	d.Status, d.Name, d.Description, d.ValidFrom, d.ValidUntil, d.More = nil, "", "", time.Time{}, time.Time{}, nil
	if c, err = d.Build(); err != nil || len(c.Document().Members()) != 5 {
		t.Errorf("%s %v", c.Raw(), err)
	}
	for name, change := range map[string]func(*credential.Draft){
		"no id":             func(d *credential.Draft) { d.ID = "" },
		"no issuer":         func(d *credential.Draft) { d.Issuer = nil },
		"issuer without id": func(d *credential.Draft) { d.Issuer = strictjson.Object() },
		"no subject":        func(d *credential.Draft) { d.Subject = nil },
		"nothing":           func(d *credential.Draft) { *d = credential.Draft{} },
	} {
		e := d
		change(&e)
		if c, err := e.Build(); c != nil || reason.CodeOf(err) != reason.MalformedModel {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A further member cannot take the place of one of the draft's.
	d.More = []credential.Member{{Name: "issuer", Value: strictjson.String("did:web:evil")}}
	if c, err := d.Build(); c != nil || reason.CodeOf(err) != reason.MalformedDuplicateMember {
		t.Errorf("a second issuer: %v", err)
	}
}

func TestPresentation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		is     bool
		holder string
		parts  string // pointers
	}{
		`{"type":"VerifiablePresentation"}`:                                                              {true, "", ""},
		`{"type":["X","VerifiablePresentation"],"holder":"did:key:z"}`:                                   {true, "did:key:z", ""},
		`{"type":["VerifiablePresentation"],"holder":{"id":"did:key:z"},"verifiableCredential":"e.y.J"}`: {true, "did:key:z", "/verifiableCredential"},
		`{"type":["VerifiablePresentation"],"verifiableCredential":[{},"e.y.J"]}`:                        {true, "", "/verifiableCredential/0 /verifiableCredential/1"},
		`{"type":["VerifiablePresentation"],"verifiableCredential":[]}`:                                  {true, "", ""},
		`{"type":["VerifiablePresentation"],"verifiableCredential":null}`:                                {true, "", "/verifiableCredential"},
		`{"type":["VerifiableCredential"],"holder":["did:key:z"]}`:                                       {false, "", ""},
	} {
		doc := value(t, text)
		p := credential.NewPresentation(doc)
		var parts []string
		for _, part := range p.Credentials() {
			parts = append(parts, part.At)
			if doc.Lookup(part.At) != part.Value {
				t.Errorf("%s is not at %s", part.Value.Raw(), part.At)
			}
		}
		if credential.IsPresentation(doc) != want.is || p.Holder() != want.holder || strings.Join(parts, " ") != want.parts || p.Document() != doc {
			t.Errorf("%s: %t %q %q", text, credential.IsPresentation(doc), p.Holder(), parts)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":{"id":"a:b","name":{"en":"x"}},"validFrom":"2026-01-31T24:00:00Z"}`))
	f.Add([]byte(`{"credentialSubject":[{"id":1},null],"name":[{"@value":1},"x"],"validUntil":"0001-01-01T00:00:00Z","verifiableCredential":[1]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			return
		}
		from, until, err := c.Period()
		if err == nil && !from.IsZero() && !until.IsZero() && until.Before(from) { // without a beginning there is an end in the year 0, too
			t.Error("ends before it begins")
		}
		for name, read := range map[string]time.Time{"validFrom": from, "issuanceDate": from, "validUntil": until, "expirationDate": until} {
			if err == nil && c.Document().Get(name) != nil && read.IsZero() {
				t.Errorf("%s is read as no bound", name)
			}
		}
		c.Name("nb", "en")
		c.IssuerName()
		c.SubjectIDs()
		c.Contexts()
		credential.NewPresentation(c.Document()).Credentials()
	})
}

func FuzzParseTime(f *testing.F) {
	f.Add("2026-01-31T12:00:00Z")
	f.Add("2026-12-31T24:00:00.0+14:00")
	f.Add("0001-01-01T01:00:00+01:00")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := credential.ParseTime(s)
		if err != nil {
			return
		}
		if got.IsZero() {
			t.Errorf("%q is the zero time", s)
		}
		if got.Year() < 0 || got.Year() > 9999 {
			return
		}
		if again, err := credential.ParseTime(credential.FormatTime(got)); err != nil || !again.Equal(got.Truncate(time.Second)) {
			t.Errorf("%q is %s, then %s, %v", s, got, again, err)
		}
	})
}
