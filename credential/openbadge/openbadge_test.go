package openbadge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func value(t testing.TB, text string) *strictjson.Value {
	t.Helper()
	v, err := strictjson.Parse([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// lost tells where b lacks something that a has: a single value and a list of
// just that value are the same. It is empty when nothing is lost.
func lost(a, b *strictjson.Value, at string) string {
	if a.Kind() != strictjson.KindArray && b.Kind() == strictjson.KindArray && len(b.Items()) == 1 {
		b = b.Items()[0]
	}
	if a.Kind() != b.Kind() {
		return fmt.Sprintf("%s: %s for %s", at, b.Kind(), a.Kind())
	}
	switch a.Kind() {
	case strictjson.KindObject:
		for _, m := range a.Members() {
			if other := b.Get(m.Name); other == nil {
				return at + "/" + m.Name + " is gone"
			} else if why := lost(m.Value, other, at+"/"+m.Name); why != "" {
				return why
			}
		}
	case strictjson.KindArray:
		if len(a.Items()) != len(b.Items()) {
			return fmt.Sprintf("%s: %d for %d", at, len(b.Items()), len(a.Items()))
		}
		for i, item := range a.Items() {
			if why := lost(item, b.Items()[i], fmt.Sprint(at, "/", i)); why != "" {
				return why
			}
		}
	default:
		if string(a.AppendJSON(nil)) != string(b.AppendJSON(nil)) {
			return fmt.Sprintf("%s: %s for %s", at, b.AppendJSON(nil), a.AppendJSON(nil))
		}
	}
	return ""
}

// TestSubjectRoundTrip: every field of every class is written as it was read,
// in the order of the file, and none of it is left in More.
func TestSubjectRoundTrip(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/subject.json")
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, raw); err != nil {
		t.Fatal(err)
	}
	s, err := openbadge.ReadAchievementSubject(value(t, string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(s.Value().AppendJSON(nil)); got != compact.String() {
		t.Errorf("%s\nnot\n%s", got, compact.String())
	}
	filled(t, reflect.ValueOf(s), "subject", 0)
}

// filled holds that each field but More has a value, as deep as the file goes:
// a field that is added to a class is added to the test too.
func filled(t *testing.T, v reflect.Value, at string, depth int) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		filled(t, v.Elem(), at, depth)
	case reflect.Slice:
		if v.Len() > 0 && v.Type().Elem().Kind() == reflect.Struct {
			filled(t, v.Index(0), at, depth)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() || v.Type() == reflect.TypeFor[strictjson.Value]() {
			return
		}
		for i := range v.NumField() {
			name, field := v.Type().Field(i).Name, v.Field(i)
			if name == "More" {
				if field.Len() > 0 {
					t.Errorf("%s: %v is left", at, field.Interface())
				}
				continue
			}
			// Below the file's one full object of a class the others are short.
			if field.IsZero() && depth == 0 {
				t.Errorf("%s.%s is empty", at, name)
			}
			if !field.IsZero() && field.CanInterface() {
				next := 1
				if name == "Achievement" {
					next = 0
				}
				filled(t, field, at+"."+name, next)
			}
		}
	}
}

// TestWriteAndRead: what is built in Go reads back as the same.
func TestWriteAndRead(t *testing.T) {
	t.Parallel()
	profile := openbadge.Profile{ID: "did:web:a", Type: []string{"Profile"}, Name: "A", Address: &openbadge.Address{Type: []string{"Address"}, Geo: &openbadge.GeoCoordinates{}}}
	p, err := openbadge.ReadProfile(profile.Value())
	if err != nil || !reflect.DeepEqual(p, profile) {
		t.Errorf("%+v %v", p, err)
	}
	endorsement := openbadge.EndorsementSubject{ID: "urn:x:1", Type: []string{"EndorsementSubject"}, EndorsementComment: "God."}
	e, err := openbadge.ReadEndorsementSubject(endorsement.Value())
	if err != nil || !reflect.DeepEqual(e, endorsement) {
		t.Errorf("%+v %v", e, err)
	}
	achievement := openbadge.Achievement{ID: "urn:x:1", Type: []string{"Achievement"}, Name: "N", Criteria: &openbadge.Criteria{Narrative: "x"}, CreditsAvailable: 0.1 + 0.2}
	a, err := openbadge.ReadAchievement(achievement.Value())
	if err != nil || !reflect.DeepEqual(a, achievement) {
		t.Errorf("%+v %v", a, err)
	}
	// The class's own type is written when none is set; nothing empty is.
	for want, v := range map[string]*strictjson.Value{
		`{"type":["Profile"]}`:                     openbadge.Profile{}.Value(),
		`{"type":["Achievement"]}`:                 openbadge.Achievement{}.Value(),
		`{"type":["AchievementSubject"]}`:          openbadge.AchievementSubject{}.Value(),
		`{"type":["EndorsementSubject"]}`:          openbadge.EndorsementSubject{}.Value(),
		`{"type":["Evidence"]}`:                    openbadge.Evidence{}.Value(),
		`{"type":"Image"}`:                         openbadge.Image{}.Value(),
		`{"type":"IdentityObject","hashed":false}`: openbadge.IdentityObject{}.Value(),
		`{"type":["Profile"],"otherIdentifier":[{"type":"IdentifierEntry"}]}`: openbadge.Profile{OtherIdentifier: make([]openbadge.IdentifierEntry, 1)}.Value(),
	} {
		if got := string(v.AppendJSON(nil)); got != want {
			t.Errorf("%s, not %s", got, want)
		}
	}
}

// TestReadWithTolerance: odd forms show what they can and come out as they
// went in.
func TestReadWithTolerance(t *testing.T) {
	t.Parallel()
	for text, show := range map[string]string{
		`{"type":"Achievement","id":"urn:x:1","name":"N"}`:                                 "N",
		`{"type":["Achievement"],"name":{"nb":"N","en":"E"}}`:                              "N",
		`{"type":["Achievement"],"name":[{"@value":"N","@language":"nb"},{"@value":"E"}]}`: "N",
		`{"type":["Achievement"],"name":7}`:                                                "",
		`{"type":["Achievement"],"name":null,"description":""}`:                            "",
		`{"type":["Achievement","Course"],"name":"N","ext:x":{"a":[1,2.50,1e3]}}`:          "N",
		`{"name":"N"}`: "N",
		`{"type":["Achievement",7],"name":"N","tag":["a",1]}`:                                                                  "N",
		`{"type":["Achievement"],"name":"N","tag":"a","criteria":"https://a.example/"}`:                                        "N",
		`{"type":["Achievement"],"name":"N","criteria":{"narrative":{"nb":"x"}},"creator":"did:web:a"}`:                        "N",
		`{"type":["Achievement"],"name":"N","image":"https://a.example/i.png","alignment":{"targetUrl":"https://e.example/"}}`: "N",
		`{"type":["Achievement"],"name":"N","creditsAvailable":7.50}`:                                                          "N",
		`{"type":["Achievement"],"name":"N","creditsAvailable":"7.5"}`:                                                         "N",
		`{"type":["Achievement"],"name":"N","creditsAvailable":0}`:                                                             "N",
		`{"type":["Achievement"],"name":"N","alignment":[7,{"targetName":"n"},"x",null]}`:                                      "N",
		`{"type":["Achievement"],"name":"N","creator":{"address":{"geo":{"latitude":"60"}},"parentOrg":[]}}`:                   "N",
		`{"type":["Achievement"],"name":"N","endorsement":["x"],"endorsementJwt":[{}],"related":[]}`:                           "N",
	} {
		v := value(t, text)
		a, err := openbadge.ReadAchievement(v)
		if err != nil || a.Name != show {
			t.Errorf("%s: %q %v", text, a.Name, err)
		}
		if why := lost(v, a.Value(), ""); why != "" {
			t.Errorf("%s is written as %s: %s", text, a.Value().AppendJSON(nil), why)
		}
	}
	v := value(t, `{"activityStartDate":"2026-01-31T12:00:00.5+01:00","activityEndDate":"31.01.2026","achievement":"https://kurs.example/a/1","identifier":{"hashed":"yes","salt":7}}`)
	s, err := openbadge.ReadAchievementSubject(v)
	if err != nil || !s.ActivityStartDate.Equal(time.Date(2026, 1, 31, 11, 0, 0, 5e8, time.UTC)) || !s.ActivityEndDate.IsZero() || s.Achievement.ID != "https://kurs.example/a/1" || s.Identifier[0].Hashed {
		t.Errorf("%+v %v", s, err)
	}
	if why := lost(v, s.Value(), ""); why != "" {
		t.Error(why)
	}
	if p, err := openbadge.ReadProfile(value(t, `"did:web:a"`)); err != nil || p.ID != "did:web:a" {
		t.Error(p, err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`[]`, `null`, `7`, `true`, `[{"id":"urn:x:1"}]`} {
		v := value(t, text)
		_, a := openbadge.ReadAchievement(v)
		_, s := openbadge.ReadAchievementSubject(v)
		_, e := openbadge.ReadEndorsementSubject(v)
		_, p := openbadge.ReadProfile(v)
		for _, err := range []error{a, s, e, p} {
			if reason.CodeOf(err) != reason.MalformedModel {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func TestFromCredential(t *testing.T) {
	t.Parallel()
	const head, sound = `"type":["VerifiableCredential","OpenBadgeCredential"]`, `"achievement":{"name":"N"}`
	for text, code := range map[string]reason.Code{
		`{` + head + `,"issuer":"did:web:a","credentialSubject":{` + sound + `}}`:                                            "",
		`{` + head + `,"issuer":{"id":"did:web:a"},"credentialSubject":[{` + sound + `}]}`:                                   "",
		`{"type":["VerifiableCredential","AchievementCredential"],"issuer":"did:web:a","credentialSubject":{` + sound + `}}`: "",
		`{"type":["VerifiableCredential"],"issuer":"did:web:a","credentialSubject":{` + sound + `}}`:                         "wrong_type/not-a-badge",
		`{"type":["VerifiableCredential","EndorsementCredential"],"issuer":"did:web:a","credentialSubject":{` + sound + `}}`: "wrong_type/not-a-badge",
		`{` + head + `,"issuer":"did:web:a"}`:                                                          reason.MalformedModel,
		`{` + head + `,"issuer":"did:web:a","credentialSubject":[]}`:                                   reason.MalformedModel,
		`{` + head + `,"issuer":"did:web:a","credentialSubject":[{` + sound + `},{` + sound + `}]}`:    reason.MalformedModel,
		`{` + head + `,"issuer":"did:web:a","credentialSubject":"urn:x:1"}`:                            reason.MalformedModel,
		`{` + head + `,"issuer":"did:web:a","credentialSubject":{}}`:                                   reason.MalformedModel,
		`{` + head + `,"issuer":"did:web:a","credentialSubject":{"achievement":"https://a.example/"}}`: reason.MalformedModel,
		`{` + head + `,"issuer":"did:web:a","credentialSubject":{"achievement":[{"name":"N"}]}}`:       reason.MalformedModel,
		`{` + head + `,"credentialSubject":{` + sound + `}}`:                                           reason.MalformedModel,
		`{` + head + `,"issuer":["did:web:a"],"credentialSubject":{` + sound + `}}`:                    reason.MalformedModel,
	} {
		c, err := credential.Parse([]byte(text), credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := openbadge.FromCredential(c)
		if reason.CodeOf(err) != code {
			t.Errorf("%s: %v", text, err)
		}
		if err == nil && (b.Issuer.ID != "did:web:a" || b.Subject.Achievement.Name != "N") || err != nil && b.Subject.Achievement != nil {
			t.Errorf("%s: %+v", text, b)
		}
	}
}

// TestSamples reads the samples of 1EdTech and others and writes them again.
func TestSamples(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t)
	badges := 0
	for _, folder := range []string{"openbadges/1edtech", "openbadges/educredentials", "dcc", "other/jff"} {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			c, err := credential.Parse(raw, credential.Limits{})
			if err != nil || !openbadge.IsBadge(c) {
				return nil
			}
			b, err := openbadge.FromCredential(c)
			if strings.HasSuffix(path, "simple-noproof.json") { // it has no achievement
				if reason.AtOf(err) != "/credentialSubject/achievement" {
					t.Errorf("%s: %v", path, err)
				}
				return nil
			}
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			badges++
			if b.Issuer.ID != c.IssuerID() || b.Subject.Achievement.Name == "" || b.Subject.Achievement.Criteria == nil {
				t.Errorf("%s: %+v", path, b)
			}
			if why := lost(c.Subjects()[0], b.Subject.Value(), "/credentialSubject"); why != "" {
				t.Errorf("%s: %s", path, why)
			}
			if issuer := c.Document().Get("issuer"); issuer.Kind() == strictjson.KindObject {
				if why := lost(issuer, b.Issuer.Value(), "/issuer"); why != "" {
					t.Errorf("%s: %s", path, why)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if badges < 30 {
		t.Errorf("%d badges", badges)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	const kari = "kari@student.example"
	i := openbadge.HashIdentity("emailAddress", kari, "deadsea")
	if i.IdentityHash != "sha256$866a77946f35f9b4a6aba19d0f3828811942f8cbff9088ce1b00c821934b8df8" || !i.Hashed || i.IdentityType != "emailAddress" || i.Salt != "deadsea" {
		t.Errorf("%+v", i)
	}
	if text := string(i.Value().AppendJSON(nil)); strings.Contains(text, kari) || !strings.Contains(text, `"hashed":true`) {
		t.Error(text)
	}
	hashed := func(hash, salt string) openbadge.IdentityObject {
		return openbadge.IdentityObject{Hashed: true, IdentityHash: hash, Salt: salt}
	}
	member := func(name, text string) openbadge.IdentityObject {
		j := i
		j.More = []openbadge.Member{{Name: name, Value: value(t, text)}}
		return j
	}
	for name, c := range map[string]struct {
		i     openbadge.IdentityObject
		known string
		want  bool
	}{
		"hashed":                   {i, kari, true},
		"another letter case":      {i, "Kari@student.example", false},
		"another":                  {i, "ola@student.example", false},
		"the hash itself":          {i, i.IdentityHash, false},
		"nothing":                  {i, "", false},
		"another salt":             {hashed(i.IdentityHash, "redsea"), kari, false},
		"digits in capitals":       {hashed("sha256$"+strings.ToUpper(i.IdentityHash[7:]), "deadsea"), kari, true},
		"MD5":                      {hashed("md5$09a667aef1e2c81c45b304d216fbe92e", "deadsea"), kari, true},
		"MD5 as SHA-256":           {hashed("sha256$09a667aef1e2c81c45b304d216fbe92e", "deadsea"), kari, false},
		"no algorithm":             {hashed(i.IdentityHash[7:], "deadsea"), kari, false},
		"another algorithm":        {hashed("sha1$"+i.IdentityHash[7:], "deadsea"), kari, false},
		"no digits":                {hashed("sha256$", "deadsea"), kari, false},
		"cut digits":               {hashed(i.IdentityHash[:40], "deadsea"), kari, false},
		"plain":                    {openbadge.IdentityObject{IdentityHash: kari}, kari, true},
		"plain, said to be hashed": {hashed(kari, ""), kari, false},
		"a hash, said to be plain": {openbadge.IdentityObject{IdentityHash: i.IdentityHash, Salt: "deadsea"}, kari, false},
		"empty, plain":             {openbadge.IdentityObject{}, "", false},
		"odd hashed":               {member("hashed", `"true"`), kari, false},
		"odd hash":                 {member("identityHash", `["x"]`), kari, false},
		"odd salt":                 {member("salt", `7`), kari, false},
		"other members":            {member("note", `7`), kari, true},
		// The example of the first Open Badges assertions, whose hash is without
		// the salt that stands beside it.
		"published": {hashed("sha256$2ad891a61112bb953171416acc9cfe2484d59a45a3ed574a1ca93b47d07629fe", ""), "bimmy@example.com", true},
	} {
		if got := c.i.Matches(c.known); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	valid := map[string]func(string) bool{
		"achievement": openbadge.ValidAchievementType, "alignment": openbadge.ValidAlignmentTargetType, "result": openbadge.ValidResultType, "identifier": openbadge.ValidIdentifierType,
	}
	for name, ok := range valid {
		for s, want := range map[string]bool{
			"ext:Kurs": true, "ext:9": true, "ext:_": true, "ext:.x y": true, "ext:": false, "ext:-x": false, "ext:æ": false, "EXT:x": false, "x": false, "": false, "ext": false,
		} {
			if ok(s) != want {
				t.Errorf("%s: %q is %t", name, s, !want)
			}
		}
	}
	for _, s := range openbadge.AchievementTypes() {
		if !openbadge.ValidAchievementType(s) || openbadge.ValidAchievementType(strings.ToLower(s)) {
			t.Error(s)
		}
	}
	for s, ok := range map[string]bool{
		"CTDL": openbadge.ValidAlignmentTargetType("CTDL"), "LetterGrade": openbadge.ValidResultType("LetterGrade"),
		"emailAddress": openbadge.ValidIdentifierType("emailAddress"), "Completed": openbadge.ValidResultStatus("Completed"),
		"not ext: as a status": !openbadge.ValidResultStatus("ext:Passed"),
	} {
		if !ok {
			t.Error(s)
		}
	}
	openbadge.AchievementTypes()[0] = "Evil"
	if openbadge.ValidAchievementType("Evil") {
		t.Error("the list can be changed")
	}
}

func FuzzFromCredential(f *testing.F) {
	raw, err := os.ReadFile("testdata/subject.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"did:web:a","name":{"nb":"A"}},"credentialSubject":` + string(raw) + `}`))
	f.Add([]byte(`{"type":"OpenBadgeCredential","issuer":"a:b","image":"x","awardedDate":"y","evidence":[1,{}],"credentialSubject":[{"achievement":{"criteria":[],"tag":{},"creator":{"parentOrg":{"parentOrg":"x"}}},"result":[[]],"identifier":{"hashed":1}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			return
		}
		b, err := openbadge.FromCredential(c)
		if err != nil {
			return
		}
		written := b.Subject.Value()
		if why := lost(c.Subjects()[0], written, ""); why != "" {
			t.Errorf("%s is written as %s: %s", c.Subjects()[0].AppendJSON(nil), written.AppendJSON(nil), why)
		}
		again, err := openbadge.ReadAchievementSubject(written)
		if err != nil || string(again.Value().AppendJSON(nil)) != string(written.AppendJSON(nil)) {
			t.Errorf("%s is written again as %s, %v", written.AppendJSON(nil), again.Value().AppendJSON(nil), err)
		}
		for _, i := range b.Subject.Identifier {
			if i.Matches("") {
				t.Error("nobody is the recipient")
			}
		}
	})
}
