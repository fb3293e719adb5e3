package gather

import (
	"bytes"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
)

func FuzzParseSubmission(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := ParseSubmission(raw)
		if err != nil {
			return
		}
		again, err := s.JSON()
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		back, err := ParseSubmission(again)
		if err != nil || back.Challenge() != s.Challenge() || !bytes.Equal(back.Presentation, s.Presentation) {
			t.Errorf("%s\n%s: %v", raw, again, err)
		}
	})
}

func FuzzParseWithdrawal(f *testing.F) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := ParseWithdrawal(raw)
		if err != nil {
			return
		}
		again, err := w.JSON()
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		back, err := ParseWithdrawal(again)
		if err != nil || !bytes.Equal(back.WishAlpha(), w.WishAlpha()) || back.Holder != w.Holder {
			t.Errorf("%s\n%s: %v", raw, again, err)
		}
	})
}

// FuzzParseBook: what is read is written as it was.
func FuzzParseBook(f *testing.F) {
	b := &book{manifest: &terms.Manifest{Budget: 3000}}
	b.Collections = []collection{{call: &stats.Call{About: terms.About{By: "did:web:a.example", Period: terms.Period{From: "2026-01-01", To: "2026-12-31"}, Made: time.Unix(0, 0)},
		Purpose: stats.Gaps, Rule: terms.Rule{MinPeople: 10, Round: 5}, Issuers: []string{"did:web:kurs.example"},
		Table: stats.Spec{Name: "n", Source: "s", PerPerson: 1, Dimensions: []stats.Dimension{{Name: "d", Values: []string{"x"}}}}},
		Given: []given{{Pseudonym: "p", Made: time.Unix(1, 0).UTC(), Contribution: []byte(`{}`)}}}}
	raw, err := b.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := parseBook(raw)
		if err != nil {
			return
		}
		first, err := b.encode()
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		back, err := parseBook(first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second, err := back.encode(); err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s\n%s: %v", first, second, err)
		}
	})
}
