package app

import (
	"cmp"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
)

// fromBadge is what is shown of a badge that was read as a whole.
func fromBadge(c *credential.Credential) ResultClaims {
	var out ResultClaims
	badge, err := openbadge.FromCredential(c)
	if err != nil {
		return out
	}
	achievement := badge.Subject.Achievement
	out.Achievement, out.Description, out.Level, out.Credits = achievement.Name, achievement.Description, achievement.AchievementType, badge.Subject.CreditsEarned
	if achievement.Criteria != nil {
		out.Criteria = achievement.Criteria.Narrative
	}
	for _, alignment := range achievement.Alignment {
		if openbadge.MaySkill(alignment.TargetType) {
			out.Skills = append(out.Skills, alignment.TargetName)
		}
	}
	for _, evidence := range badge.Evidence {
		if text := cmp.Or(evidence.ID, evidence.Name); text != "" {
			out.Evidence = append(out.Evidence, text)
		}
	}
	for _, result := range badge.Subject.Result {
		if result.Value != "" {
			out.Results = append(out.Results, result.Value)
		}
	}
	return out
}

// TestClaimsAreThoseOfTheBadge changes every value of a badge in every way, and
// compares with reading it as a whole.
func TestClaimsAreThoseOfTheBadge(t *testing.T) {
	t.Parallel()
	const whole = `{"type":["VerifiableCredential","OpenBadgeCredential"],"issuer":{"id":"did:example:a","type":"Profile"},
		"evidence":[{"id":"https://a.example/1","name":"one"},{"name":"two"},"https://a.example/3"],
		"credentialSubject":{"creditsEarned":7.5,"result":[{"type":"Result","value":"A"},{"value":""},{"value":"C"}],
		"achievement":{"id":"https://a.example/a","name":"Name","description":"Description","achievementType":"Course","criteria":{"id":"https://a.example/c","narrative":"Criteria"},
		"alignment":[{"targetName":"first"},{"targetName":"second"}]}}}`
	others := []string{`null`, `true`, `7`, `-0`, `""`, `"text"`, `[]`, `{}`, `["a","b"]`, `[["a"]]`, `[null,7,{"id":"x","name":"y","value":"z","targetName":"w","narrative":"n"},"s",""]`,
		`{"nb":"norsk","en":"English"}`, `{"@value":"v","@language":"nb"}`, `[{"@value":"v","@language":"en"},{"nb":"n"}]`, `{"id":"","name":"only a name"}`, `{"narrative":{"nn":"n"}}`}
	count := 0
	compare := func(doc any, what string) {
		raw, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		c, err := credential.Parse(raw, credential.Limits{})
		if err != nil {
			return
		}
		count++
		var got ResultClaims
		if openbadge.IsBadge(c) {
			got.ofBadge(c)
		}
		if want := fromBadge(c); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %s\n got %+v\nwant %+v", what, raw, got, want)
		}
	}
	var doc any
	if err := json.Unmarshal([]byte(whole), &doc); err != nil {
		t.Fatal(err)
	}
	compare(doc, "as it is")
	// each sets a value to all others, one after the other, and goes into it.
	var each func(value any, set func(any))
	each = func(value any, set func(any)) {
		for _, text := range others {
			var other any
			if err := json.Unmarshal([]byte(text), &other); err != nil {
				t.Fatal(err)
			}
			set(other)
			compare(doc, text)
		}
		set(value)
		switch v := value.(type) {
		case map[string]any:
			for name, inner := range v {
				delete(v, name)
				compare(doc, "without "+name)
				v[name] = inner
				each(inner, func(x any) { v[name] = x })
			}
		case []any:
			for i, inner := range v {
				each(inner, func(x any) { v[i] = x })
			}
		}
	}
	each(doc, func(x any) { doc = x })
	if count < 300 {
		t.Errorf("only %d were compared", count)
	}
}
