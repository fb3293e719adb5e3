package support

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

const loan = `{"id":"laan","name":{"nb":"Lån"},"source":"https://laan.example/regler","validFrom":"2026-01-01","validTo":"2026-12-31",` +
	`"covers":{"share":0.5,"max":{"amount":3000,"currency":"NOK"}},"rule":{"all":[` +
	`{"fact":"person.age","op":">=","value":18,"ask":{"nb":"Er du 18?"}},` +
	`{"any":[{"fact":"person.unionMember","op":"=","value":true},{"fact":"person.region","op":"in","value":["Nordland","Troms"]}]},` +
	`{"not":{"fact":"offer.scheme","op":"has","value":"gratis"}}]}}`

func parse(t *testing.T, line string) Scheme {
	t.Helper()
	s, err := Parse(t.Context(), []byte(line))
	if err != nil {
		t.Fatal(err)
	}
	return s[0]
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	s := parse(t, loan)
	with := func(pairs ...any) Facts {
		f := Facts{"offer.scheme": {}, "offer.price": {Number(8000)}}
		for i := 0; i < len(pairs); i += 2 {
			f[pairs[i].(string)] = []Value{pairs[i+1].(Value)}
		}
		return f
	}
	for _, c := range []struct {
		name    string
		facts   Facts
		on      catalogue.Date
		outcome Outcome
		missing string
		because string
		pays    float64
	}{
		{"nothing known", Facts{}, "2026-05-01", Maybe, "person.age person.unionMember person.region offer.scheme", "", 0},
		{"too young settles it", with("person.age", Number(17)), "2026-05-01", No, "", "person.age", 0},
		{"a union or a region is open", with("person.age", Number(40)), "2026-05-01", Maybe, "person.unionMember person.region", "person.age offer.scheme", 3000},
		{"no union, region open", with("person.age", Number(40), "person.unionMember", Bool(false)), "2026-05-01", Maybe, "person.region", "person.age person.unionMember offer.scheme", 3000},
		{"a union settles the either-or", with("person.age", Number(40), "person.unionMember", Bool(true)), "2026-05-01", Yes, "", "person.age person.unionMember offer.scheme", 3000},
		{"a region, whatever its case", with("person.age", Number(18), "person.region", Text("nordland")), "2026-05-01", Yes, "", "person.age person.region offer.scheme", 3000},
		{"neither", with("person.age", Number(40), "person.unionMember", Bool(false), "person.region", Text("Oslo")), "2026-05-01", No, "", "person.unionMember person.region", 0},
		{"not is the other way round", with("person.age", Number(40), "person.unionMember", Bool(true), "offer.scheme", Text("gratis")), "2026-05-01", No, "", "offer.scheme", 0},
		{"a text for a number tells nothing", with("person.age", Text("gammel"), "person.unionMember", Bool(true)), "2026-05-01", Maybe, "person.age", "person.unionMember offer.scheme", 3000},
		{"the last day", with("person.age", Number(17)), "2026-12-31", No, "", "person.age", 0},
		{"the day after", with("person.age", Number(40)), "2027-01-01", Closed, "", "", 0},
		{"the day before", with("person.age", Number(40)), "2025-12-31", Closed, "", "", 0},
	} {
		a := s.Evaluate(c.facts, c.on)
		var missing, because []string
		for _, m := range a.Missing {
			missing = append(missing, m.Fact)
		}
		for _, b := range a.Because {
			because = append(because, b.Fact)
		}
		pays := 0.
		if a.Pays != nil {
			pays = a.Pays.Amount
		}
		if a.Outcome != c.outcome || strings.Join(missing, " ") != c.missing || strings.Join(because, " ") != c.because || pays != c.pays {
			t.Errorf("%s: %v, missing %v, because %v, pays %v", c.name, a.Outcome, missing, because, pays)
		}
	}
}

// TestUnknownStaysUnknown: learning a fact never turns a settled answer round.
func TestUnknownStaysUnknown(t *testing.T) {
	t.Parallel()
	s := parse(t, loan)
	values := map[string][]Value{"person.age": {Number(17), Number(18)}, "person.unionMember": {Bool(true), Bool(false)},
		"person.region": {Text("Oslo"), Text("Troms")}, "offer.scheme": {Text("gratis"), Text("annet")}}
	names := []string{"person.age", "person.unionMember", "person.region", "offer.scheme"}
	// Each fact is unknown (0) or one of two values.
	at := func(n int) Facts {
		f := Facts{}
		for _, name := range names {
			if d := n % 3; d > 0 {
				f[name] = []Value{values[name][d-1]}
			}
			n /= 3
		}
		return f
	}
	outcomes := map[Outcome]int{}
	for n := range 81 {
		known := at(n)
		before := s.Evaluate(known, "2026-05-01").Outcome
		outcomes[before]++
		settled := map[Outcome]bool{}
		for m := range 81 {
			more := at(m)
			wider := true
			for name, v := range known {
				wider = wider && reflect.DeepEqual(more[name], v)
			}
			if after := s.Evaluate(more, "2026-05-01").Outcome; wider {
				if before != Maybe && after != before {
					t.Fatalf("%v is %v, %v is %v", known, before, more, after)
				}
				if len(more) == len(names) {
					settled[after] = true
				}
			}
		}
		if before == Maybe && len(settled) != 2 {
			t.Errorf("%v is open and yet settled: %v", known, settled)
		}
	}
	if outcomes[Yes] == 0 || outcomes[No] == 0 || outcomes[Maybe] == 0 {
		t.Error(outcomes)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"no rule":            `{"id":"a","name":{"nb":"A"},"source":"https://a.example"}`,
		"two kinds":          `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"all":[{"fact":"a.b","op":"=","value":1}],"fact":"a.b","op":"=","value":1}}`,
		"no such op":         `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"~","value":1}}`,
		"order of texts":     `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"<","value":"x"}}`,
		"no value":           `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"="}}`,
		"null":               `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"=","value":null}}`,
		"a list for =":       `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"=","value":[1,2]}}`,
		"no source":          `{"id":"a","name":{"nb":"A"},"rule":{"fact":"a.b","op":"=","value":1}}`,
		"a member too many":  `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"=","value":1},"x":1}`,
		"a member twice":     `{"id":"a","id":"a","name":{"nb":"A"},"source":"https://a.example","rule":{"fact":"a.b","op":"=","value":1}}`,
		"a day that is none": `{"id":"a","name":{"nb":"A"},"source":"https://a.example","validTo":"2026-02-30","rule":{"fact":"a.b","op":"=","value":1}}`,
		"deep":               `{"id":"a","name":{"nb":"A"},"source":"https://a.example","rule":` + strings.Repeat(`{"not":`, 12) + `{"fact":"a.b","op":"=","value":1}` + strings.Repeat("}", 12) + `}`,
		"no JSON":            `x`,
		"the same id":        loan + "\n" + loan,
	} {
		if s, err := Parse(t.Context(), []byte(line)); err == nil || s != nil {
			t.Errorf("%s: %v", name, s)
		} else if reason.CodeOf(err).Coarse() != "malformed" || !strings.HasPrefix(reason.AtOf(err), "line ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	s := parse(t, loan)
	out, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if again := parse(t, string(out)); !reflect.DeepEqual(again, s) {
		t.Errorf("%s", out)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(loan))
	f.Fuzz(func(t *testing.T, data []byte) {
		schemes, err := Parse(t.Context(), data)
		if err != nil && schemes != nil {
			t.Fatal("both")
		}
		for _, s := range schemes {
			s.Evaluate(Facts{}, "2026-05-01")
			out, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := Parse(t.Context(), out); err != nil || len(again) != 1 {
				t.Fatalf("%s: %v", out, err)
			}
		}
	})
}
