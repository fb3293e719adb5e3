package jsonld_test

import (
	"context"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// poisons are documents of Open Badges terms alone whose blank nodes take a
// factorial of steps to tell apart: things without an id, all alike, that hang
// together.
func poisons() map[string]string {
	begin := `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],"type":["VerifiableCredential","OpenBadgeCredential"],`
	alike := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	evidence := `{"type":["Evidence"],"narrative":"x"}`
	nested := func(n, m int) string {
		return `{"type":["AchievementSubject"],"achievement":[` + alike(n, `{"type":["Achievement"],"alignment":[`+alike(m, `{"type":["Alignment"]}`)+`]}`) + `]}`
	}
	return map[string]string{
		"two levels, ids nowhere": begin + `"issuer":{"type":["Profile"]},"credentialSubject":` + nested(30, 12) + `}`,
		"twenty times twenty":     begin + `"credentialSubject":` + nested(20, 20) + `}`,
		"ten thousand and alike":  begin + `"evidence":[` + alike(10_000, evidence) + `]}`,
	}
}

// TestPoison: what would take years is given up, and at once when the caller
// gives up. BenchmarkPoison says how soon, and with how much memory.
func TestPoison(t *testing.T) {
	t.Parallel()
	p := processor(t)
	for name, text := range poisons() {
		doc := parse(t, text)
		if _, err := canonical(t, p, doc); reason.CodeOf(err) != reason.LimitCanonicalization {
			t.Errorf("%s: %v", name, err)
		}
		selections, err := p.Selections(doc)
		if err != nil {
			t.Fatal(err)
		}
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := p.Canonicalize(canceled, doc, selections[0], rdfc.SHA256); reason.CodeOf(err) != reason.Canceled {
			t.Errorf("%s: given up by the caller: %v", name, err)
		}
	}
}

// TestAlike: many things that are alike are no poison.
func TestAlike(t *testing.T) {
	t.Parallel()
	for _, n := range []int{12, 400} {
		doc := parse(t, strings.Replace(badge, `"issuer"`, `"evidence":[`+strings.TrimSuffix(strings.Repeat(`{"type":["Evidence"],"narrative":"x"},`, n), ",")+`],"issuer"`, 1))
		if _, err := canonical(t, processor(t), doc); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	}
}

func BenchmarkPoison(b *testing.B) {
	p := processor(b)
	for name, text := range poisons() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				doc, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := canonical(b, p, doc); err == nil {
					b.Fatal("accepted")
				}
			}
		})
	}
}
