package compare_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/compare"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

func parse(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

const badge = `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:x:1","type":["VerifiableCredential","OpenBadgeCredential"],
	"issuer":{"id":"did:web:a","type":["Profile"],"name":"A"},"validFrom":"2026-06-01T12:00:00Z","name":"Kurs",
	"credentialSubject":{"id":"did:key:z6","type":["AchievementSubject"],"creditsEarned":7.5,
		"identifier":[%s],
		"achievement":{"id":"https://a.example/k","type":["Achievement"],"name":"Kurs","description":"d","criteria":{"narrative":"c"},"tag":["a","b"],
			"alignment":[{"type":["Alignment"],"targetName":"n","targetUrl":"https://e.example/1"},{"type":["Alignment"],"targetName":"m","targetUrl":"https://e.example/2"}]}},
	"credentialStatus":{"type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"17","statusListCredential":"https://a.example/status/revocation-1.json"}}`

func identity(i openbadge.IdentityObject) string { return string(i.Value().AppendJSON(nil)) }

func hashed(salt string) string {
	return identity(openbadge.HashIdentity("emailAddress", "kari@example.org", salt))
}

// TestWrittenOtherwise: what says the same in another way is the same.
func TestWrittenOtherwise(t *testing.T) {
	t.Parallel()
	one := fmt.Sprintf(badge, hashed("s"))
	for name, swap := range map[string][]string{
		"nothing":             {},
		"a token's claims":    {`"id":"urn:x:1"`, `"id":"urn:x:1","jti":"urn:x:1","iat":1780315200,"exp":1780315200`},
		"contexts and proofs": {`"@context":["https://www.w3.org/ns/credentials/v2"]`, `"@context":["https://other.example/"],"proof":{"type":"x"},"credentialSchema":{"id":"https://s.example/"}`},
		"an older name":       {`"OpenBadgeCredential"`, `"AchievementCredential"`},
		"data model 1.1":      {`"validFrom"`, `"issuanceDate"`},
		"another zone":        {`"2026-06-01T12:00:00Z"`, `"2026-06-01T14:00:00+02:00"`},
		"fractions":           {`"2026-06-01T12:00:00Z"`, `"2026-06-01T12:00:00.000Z"`},
		"types alone":         {`["AchievementSubject"]`, `"AchievementSubject"`, `["Profile"]`, `"Profile"`},
		"no types":            {`"type":["Achievement"],`, ``},
		"a number":            {`7.5`, `7.50`},
		"an order":            {`["a","b"]`, `["b","a"]`},
		"a list of one":       {`"criteria":{"narrative":"c"}`, `"criteria":[{"narrative":"c"}]`},
		"a text's language":   {`"description":"d"`, `"description":{"nb":"d"}`},
		"a text as value":     {`"description":"d"`, `"description":[{"@value":"d","@language":"nb"}]`},
		"nothing said":        {`"description":"d"`, `"description":"d","image":null,"related":[]`},
		"the list's ending":   {`revocation-1.json`, `revocation-1.jwt`},
		"a place as a number": {`"statusListIndex":"17"`, `"statusListIndex":17`},
		"a plain address":     {hashed("s"), identity(openbadge.IdentityObject{IdentityHash: "kari@example.org", IdentityType: "emailAddress"})},
		"subjects in a list":  {`"credentialSubject":{`, `"credentialSubject":[{`, `"https://e.example/2"}]}}`, `"https://e.example/2"}]}}]`},
	} {
		other := strings.NewReplacer(swap...).Replace(one)
		if len(swap) > 0 && other == one {
			t.Fatalf("%s: nothing was changed", name)
		}
		for _, pair := range [][2]string{{one, other}, {other, one}} {
			got := compare.Documents(compare.Document{Value: parse(t, pair[0])}, compare.Document{Value: parse(t, pair[1])})
			if got.Outcome != compare.Same || !got.SameCredential || len(got.Rows) < 15 {
				t.Errorf("%s: %s of %d rows", name, got.Outcome, len(got.Rows))
				for _, row := range got.Rows {
					if row.Outcome != compare.Same {
						t.Errorf("  %s %s %+v %+v", row.Member, row.Outcome, row.First, row.Second)
					}
				}
			}
		}
	}
}

// TestSaysOtherwise: what is changed is named, with its place in both, and
// nothing else is.
func TestSaysOtherwise(t *testing.T) {
	t.Parallel()
	one := fmt.Sprintf(badge, hashed("s"))
	for name, c := range map[string]struct {
		old, new string
		member   string
		outcome  compare.Outcome
		at, to   string
	}{
		"a name":            {`"name":"A"`, `"name":"B"`, "issuer.name", compare.Differs, "/issuer/name", "/issuer/name"},
		"an issuer":         {`"did:web:a"`, `"did:web:b"`, "issuer.id", compare.Differs, "/issuer/id", "/issuer/id"},
		"a type":            {`"OpenBadgeCredential"`, `"EndorsementCredential"`, "type", compare.Differs, "/type", "/type"},
		"a begin":           {`"2026-06-01T12:00:00Z"`, `"2026-06-01T12:00:00+02:00"`, "validFrom", compare.Differs, "/validFrom", "/validFrom"},
		"credits":           {`7.5`, `75`, "credentialSubject.creditsEarned", compare.Differs, "/credentialSubject/creditsEarned", "/credentialSubject/creditsEarned"},
		"credits in words":  {`7.5`, `"7.5"`, "credentialSubject.creditsEarned", compare.Differs, "/credentialSubject/creditsEarned", "/credentialSubject/creditsEarned"},
		"an entry's text":   {`"targetName":"m"`, `"targetName":"o"`, "credentialSubject.achievement.alignment[https://e.example/2].targetName", compare.Differs, "/credentialSubject/achievement/alignment/1/targetName", "/credentialSubject/achievement/alignment/1/targetName"},
		"a tag more":        {`["a","b"]`, `["a","b","c"]`, `credentialSubject.achievement.tag["c"]`, compare.OnlySecond, "", "/credentialSubject/achievement/tag/2"},
		"a tag twice":       {`["a","b"]`, `["a","b","b"]`, `credentialSubject.achievement.tag["b"] #2`, compare.OnlySecond, "", "/credentialSubject/achievement/tag/2"},
		"a member less":     {`"description":"d",`, ``, "credentialSubject.achievement.description", compare.OnlyFirst, "/credentialSubject/achievement/description", ""},
		"a member unknown":  {`"description":"d"`, `"description":"d","x:y":{"z":true}`, "credentialSubject.achievement.x:y.z", compare.OnlySecond, "", "/credentialSubject/achievement/x:y/z"},
		"another person":    {hashed("s"), identity(openbadge.HashIdentity("emailAddress", "ola@example.org", "s")), "credentialSubject.identifier[emailAddress]", compare.Differs, "/credentialSubject/identifier/0", "/credentialSubject/identifier/0"},
		"a plain other":     {hashed("s"), identity(openbadge.IdentityObject{IdentityHash: "ola@example.org", IdentityType: "emailAddress"}), "credentialSubject.identifier[emailAddress]", compare.Differs, "/credentialSubject/identifier/0", "/credentialSubject/identifier/0"},
		"another salt":      {hashed("s"), hashed("z"), "credentialSubject.identifier[emailAddress]", compare.Unknown, "/credentialSubject/identifier/0", "/credentialSubject/identifier/0"},
		"another place":     {`"17"`, `"18"`, "credentialStatus[revocation]", compare.Differs, "/credentialStatus", "/credentialStatus"},
		"a text's language": {`"description":"d"`, `"description":{"nb":"d","en":"e"}`, "credentialSubject.achievement.description", compare.OnlySecond, "", "/credentialSubject/achievement/description"},
		"another text":      {`"description":"d"`, `"description":{"nb":"e"}`, "credentialSubject.achievement.description", compare.Differs, "/credentialSubject/achievement/description", "/credentialSubject/achievement/description"},
	} {
		other := strings.Replace(one, c.old, c.new, 1)
		if other == one {
			t.Fatalf("%s: nothing was changed", name)
		}
		got := compare.Documents(compare.Document{Value: parse(t, one)}, compare.Document{Value: parse(t, other)})
		want := compare.Differs
		if c.outcome == compare.Unknown {
			want = compare.Unknown
		}
		if got.Outcome != want || got.Count(compare.Same) != len(got.Rows)-1 {
			t.Errorf("%s: %s, %d of %d are the same", name, got.Outcome, got.Count(compare.Same), len(got.Rows))
		}
		for _, row := range got.Rows {
			if row.Outcome == compare.Same {
				continue
			}
			at, to := "", ""
			if row.First != nil {
				at = row.First.At
			}
			if row.Second != nil {
				to = row.Second.At
			}
			if row.Member != c.member || row.Outcome != c.outcome || at != c.at || to != c.to {
				t.Errorf("%s: %s %s, %s and %s", name, row.Member, row.Outcome, at, to)
			}
		}
	}
}

// TestWhatIsNotShown: of what a holder may keep back, its absence says nothing.
func TestWhatIsNotShown(t *testing.T) {
	t.Parallel()
	whole := parse(t, `{"id":"urn:x:1","issuer":"did:web:a","validFrom":"2026-06-01T12:00:00Z","credentialSubject":{"narrative":"x"}}`)
	part := parse(t, `{"id":"urn:x:1","issuer":{"id":"did:web:a"},"validFrom":"2026-06-02T12:00:00Z","credentialSubject":{}}`)
	got := compare.Documents(compare.Document{Value: whole}, compare.Document{Value: part, Withheld: 1})
	if got.Count(compare.Unknown) != 1 || got.Rows[3].Why != compare.Withheld || got.Newer != "second" || !got.SameCredential {
		t.Errorf("%+v", got)
	}
	if got := compare.Documents(compare.Document{Value: part, Withheld: 1}, compare.Document{Value: whole}); got.Count(compare.Unknown) != 1 || got.Newer != "first" {
		t.Errorf("%+v", got)
	}
	// A token names its place beside its document.
	status := parse(t, `{"status_list":{"idx":17,"uri":"https://a.example/s/revocation-1.jwt"}}`)
	inside := parse(t, `{"id":"urn:x:1","credentialStatus":{"statusPurpose":"revocation","statusListIndex":"17","statusListCredential":"https://a.example/s/revocation-1.json"}}`)
	if got := compare.Documents(compare.Document{Value: inside}, compare.Document{Value: parse(t, `{"id":"urn:x:1"}`), Status: status}); got.Outcome != compare.Same || len(got.Rows) != 2 || got.SameCredential {
		t.Errorf("%+v", got)
	}
	if got := compare.Documents(compare.Document{Value: parse(t, `{}`)}, compare.Document{Value: parse(t, `{}`)}); got.Outcome != compare.Unknown {
		t.Errorf("of nothing: %s", got.Outcome)
	}
}

// FuzzDocuments holds that any document says the same as itself, and that
// nothing falls over.
func FuzzDocuments(f *testing.F) {
	f.Add(fmt.Sprintf(badge, hashed("s")), `{}`)
	f.Add(`{"credentialSubject":[{"id":"a"},{"id":"a"}],"name":{"nb":"x"},"identifier":[{"identityHash":1}]}`, `{"credentialStatus":[{}, 7]}`)
	f.Fuzz(func(t *testing.T, a, b string) {
		one, err1 := strictjson.ParseObject([]byte(a), strictjson.Limits{})
		other, err2 := strictjson.ParseObject([]byte(b), strictjson.Limits{})
		if err1 != nil || err2 != nil {
			return
		}
		own := compare.Documents(compare.Document{Value: one}, compare.Document{Value: one})
		if own.Count(compare.Same) != len(own.Rows) {
			t.Errorf("%s says other than itself: %+v", a, own)
		}
		there, back := compare.Documents(compare.Document{Value: one}, compare.Document{Value: other}), compare.Documents(compare.Document{Value: other}, compare.Document{Value: one})
		if there.Outcome != back.Outcome || len(there.Rows) != len(back.Rows) {
			t.Errorf("%s from one side, %s from the other", there.Outcome, back.Outcome)
		}
	})
}

// TestHashOfAnotherRule: whether a hash by a rule that is not known is that of a
// plain address cannot be told.
func TestHashOfAnotherRule(t *testing.T) {
	t.Parallel()
	document := func(i openbadge.IdentityObject) compare.Document {
		return compare.Document{Value: parse(t, fmt.Sprintf(badge, identity(i)))}
	}
	plain := document(openbadge.IdentityObject{IdentityHash: "kari@example.org", IdentityType: "emailAddress"})
	other := document(openbadge.IdentityObject{IdentityHash: "sha512$00", IdentityType: "emailAddress", Hashed: true})
	for _, got := range []compare.Result{compare.Documents(plain, other), compare.Documents(other, plain)} {
		i := slices.IndexFunc(got.Rows, func(r compare.Row) bool { return r.Outcome != compare.Same })
		if got.Outcome != compare.Unknown || i < 0 || got.Rows[i].Why != compare.Salted {
			t.Errorf("%s: %+v", got.Outcome, got.Rows)
		}
	}
}

// TestThousandsOfLanguages: names in as many languages, none of which is in the
// other, are told apart without holding each against each, which takes a minute.
func TestThousandsOfLanguages(t *testing.T) {
	t.Parallel()
	const many = 2 * 26 * 26 * 26
	in := func(first string) compare.Document {
		var b strings.Builder
		for i := range many {
			fmt.Fprintf(&b, `,"%s%c-%c%c%d":"x"`, first, 'a'+i%26, 'A'+i/26%26, 'A'+i/676%26, i/(26*26*26))
		}
		return compare.Document{Value: parse(t, `{"name":{`+b.String()[1:]+`}}`)}
	}
	start := time.Now()
	if got := compare.Documents(in("a"), in("b")); got.Count(compare.OnlyFirst) != many || got.Count(compare.OnlySecond) != many {
		t.Errorf("%d and %d", got.Count(compare.OnlyFirst), got.Count(compare.OnlySecond))
	}
	if took := time.Since(start); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
}
