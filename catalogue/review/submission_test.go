package review_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
	"github.com/kompetansebevis/bevis/reason"
)

// sample is a submission that reads well; nothing in it is signed.
func sample() review.Submission {
	return review.Submission{
		Content: review.Content{Course: "did:web:kurs.example#sveising", Rating: 4, Text: "Lærerikt, og «dyrt» nok: 5 000 kr.\n\nEg ville teke det om att.",
			Language: "nn", Day: "2026-06-03", Proof: bytes.Repeat([]byte{1}, 80)},
		Presentation: []byte(`{"type": ["VerifiablePresentation"],  "n":1.50}`),
	}
}

func TestSubmissionKeepsBytes(t *testing.T) {
	t.Parallel()
	for _, presentation := range []string{`{"type": ["VerifiablePresentation"],  "n":1.50}`, "eyJhbGciOiJFZERTQSJ9.e30.AA"} {
		s := sample()
		s.Presentation = []byte(presentation)
		raw, err := s.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got, err := review.ParseSubmission(raw)
		if err != nil || string(got.Presentation) != presentation || got.Challenge() != s.Challenge() || fmt.Sprint(got) != fmt.Sprint(s) {
			t.Errorf("%+v, %v", got, err)
		}
		again, err := got.JSON()
		if err != nil || !bytes.Equal(again, raw) {
			t.Errorf("%s\n%s\n%v", raw, again, err)
		}
	}
}

// TestChallenge: whatever differs between two reviews, they have different
// challenges, also where joined they read the same.
func TestChallenge(t *testing.T) {
	t.Parallel()
	base := sample().Content
	if got := base.Challenge(); got != "5hMYA_0zk1rwN6s_JzsOjUkxuh7wajv5KqL3T3EEAfE" {
		t.Errorf("%s: the form has changed", got)
	}
	seen := map[string]string{}
	for name, f := range map[string]func(*review.Content){
		"none": func(*review.Content) {}, "course": func(c *review.Content) { c.Course += "x" }, "rating": func(c *review.Content) { c.Rating = 5 },
		"text": func(c *review.Content) { c.Text += "n" }, "language": func(c *review.Content) { c.Language = "nb" },
		"day": func(c *review.Content) { c.Day = "2026-06-04" }, "proof": func(c *review.Content) { c.Proof = bytes.Repeat([]byte{2}, 80) },
		"moved":      func(c *review.Content) { c.Text, c.Language = c.Text+"n", c.Language[1:] },
		"moved back": func(c *review.Content) { c.Course, c.Text = c.Course+"4", c.Text[1:] },
		"all moved":  func(c *review.Content) { c.Text, c.Day, c.Language = c.Text+c.Language+string(c.Day), "", "" },
	} {
		c := base
		f(&c)
		if other, ok := seen[c.Challenge()]; ok {
			t.Errorf("%s and %s have one challenge", name, other)
		}
		seen[c.Challenge()] = name
	}
}

func TestParseSubmissionRefuses(t *testing.T) {
	t.Parallel()
	raw, err := sample().JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		old, new string
		code     reason.Code
	}{
		"another form":            {review.Schema, "bevis.review/v2", "review_refused/form"},
		"a member nobody signed":  {`"rating"`, `"helpful":99,"rating"`, "review_refused/form"},
		"a member twice":          {`"rating"`, `"rating":5,"rating"`, "malformed/duplicate-member"},
		"no rating":               {`"rating": 4,`, ``, "review_refused/rating"},
		"rating 0":                {`"rating": 4`, `"rating": 0`, "review_refused/rating"},
		"rating 6":                {`"rating": 4`, `"rating": 6`, "review_refused/rating"},
		"rating 4.5":              {`"rating": 4`, `"rating": 4.5`, "review_refused/rating"},
		"rating -4":               {`"rating": 4`, `"rating": -4`, "review_refused/rating"},
		"rating as a text":        {`"rating": 4`, `"rating": "4"`, "review_refused/rating"},
		"rating 4e0":              {`"rating": 4`, `"rating": 4e0`, "review_refused/rating"},
		"a text that is none":     {`"language": "nn"`, `"language": 1`, "review_refused/form"},
		"no language":             {`"language": "nn"`, `"language": ""`, "review_refused/language"},
		"a language that is none": {`"language": "nn"`, `"language": "Norsk bokmål"`, "review_refused/language"},
		"a language with an end":  {`"language": "nn"`, `"language": "nn-"`, "review_refused/language"},
		"a language in capitals":  {`"language": "nn"`, `"language": "NN"`, "review_refused/language"},
		"no day":                  {`2026-06-03`, `2026-06-31`, "review_refused/day"},
		"a day with a time":       {`2026-06-03`, `2026-06-03T12:00:00Z`, "review_refused/day"},
		"no course":               {`did:web:kurs.example#sveising`, `did:web:kurs.example`, "review_refused/course"},
		"a course with lines":     {`#sveising`, `#svei\nsing`, "review_refused/course"},
		"a short proof":           {base64.RawURLEncoding.EncodeToString(sample().Proof), "AAAA", "review_refused/pseudonym"},
		"a padded proof":          {base64.RawURLEncoding.EncodeToString(sample().Proof), base64.URLEncoding.EncodeToString(sample().Proof), "review_refused/form"},
		"lines in the proof":      {`"proof": "`, `"proof": "\n`, "review_refused/form"},
		"no presentation":         {`"presentation": {`, `"presentation": [{}], "x": {`, "review_refused/form"},
		"a text":                  {`{"type": ["VerifiablePresentation"],  "n":1.50}`, `"{}"`, "review_refused/presentation"},
		"a list":                  {`{"type": ["VerifiablePresentation"],  "n":1.50}`, `[]`, "review_refused/presentation"},
	} {
		if !bytes.Contains(raw, []byte(test.old)) {
			t.Fatalf("%s: %q is not there", name, test.old)
		}
		if _, err := review.ParseSubmission(bytes.Replace(raw, []byte(test.old), []byte(test.new), 1)); reason.CodeOf(err) != test.code {
			t.Errorf("%s: %v (%s), not %s", name, err, reason.CodeOf(err), test.code)
		}
	}
	if _, err := review.ParseSubmission(append(bytes.Repeat([]byte(" "), 512<<10), raw...)); reason.CodeOf(err) != reason.LimitSize {
		t.Error(err)
	}
	for _, presentation := range []string{`{},"x":{}`, ``, `null`, `[]`} {
		s := sample()
		s.Presentation = []byte(presentation)
		if _, err := s.JSON(); err == nil {
			t.Errorf("%q is written as a presentation", presentation)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	ok := func(text string) {
		t.Helper()
		c := sample().Content
		c.Text = text
		if text == "" {
			c.Language = ""
		}
		if err := c.Check(); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{
		"", "Bra.", "Bra.Men dyrt", "Bra kurs.No er eg sveisar.", "5.0/5", "Kl. 12.30-15.00, kap. 3.2", "A/B og C++", "a < b, b > c & d", "Ål, čáhppes, 日本語", "👩‍🔧 flott! ❤️",
		"Excel, Word m.m. – og f.eks. .NET", "«Å vere eller ikkje»", "line\nline", "می\u200cخواهم", "@lærar: takk", "pris: 50 %", strings.Repeat("å", review.MaxText),
	} {
		ok(text)
	}
	for _, tag := range []string{"nb", "nn-NO", "se", "sma", "zh-Hant-TW", "en-GB-oxendict"} {
		c := sample().Content
		if c.Language = tag; c.Check() != nil {
			t.Errorf("%s: %v", tag, c.Check())
		}
	}
	for code, texts := range map[reason.Code][]string{
		"review_refused/link": {"sjå https://kjøp.example/x", "HTTP://A", "www.kurs.no", "kurs.no", "Gå til kurs.com/billig!", "KURS.NO", "kjøp på blåbær.shop.", "ola@kurs.no", "skriv til ola@kurs.example",
			"ring tel:12345678", "javascript:alert(1)", "<b>flott</b>", "<script>", "[her](x)", "&lt;b", "&#106;", "(www.x.y)", "ftp://x", "t.me/kurs"},
		"review_refused/text-character": {"a\x00", "a\x1b[31mraud", "a\tb", "a\rb", "\u202Esnudd", "a\u200Bb", "a\u2028b", "\uFEFFa", "a\u00ADb", "a\uE000", "a\u200Cb", "z" + strings.Repeat("\u0301", 5), "a\uFFFDb", "\u3164"},
		"review_refused/text-size":      {strings.Repeat("å", review.MaxText+1), strings.Repeat("👩", review.MaxText+1)},
		"review_refused/text":           {" a", "a\n", strings.Repeat("a\n", 60) + "a", "a\xffb", "\u00a0a"},
	} {
		for _, text := range texts {
			c := sample().Content
			c.Text = text
			if err := c.Check(); reason.CodeOf(err) != code {
				t.Errorf("%.40q: %v, not %s", text, err, code)
			}
		}
	}
}

// FuzzParseSubmission: what is read is written and read as the same, and its
// text can be shown.
func FuzzParseSubmission(f *testing.F) {
	raw, err := sample().JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(bytes.Replace(raw, []byte("presentation\": {"), []byte("presentation\": \"eyJ\", \"x\": {"), 1))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := review.ParseSubmission(raw)
		if err != nil {
			switch reason.CodeOf(err).Coarse() {
			case string(reason.ReviewRefused), string(reason.Malformed), string(reason.ResourceLimit):
				return
			}
			t.Fatal(err)
		}
		if s.Rating < 1 || s.Rating > 5 || len(s.Proof) != 80 || !s.Day.Valid() || strings.ContainsAny(s.Text, "\x00\x1b\r\t\u202e") {
			t.Fatalf("%+v", s)
		}
		if _, _, ok := catalogue.SplitRef(s.Course); !ok {
			t.Fatal(s.Course)
		}
		out, err := s.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := review.ParseSubmission(out)
		if err != nil || again.Challenge() != s.Challenge() || !bytes.Equal(again.Presentation, s.Presentation) {
			t.Fatalf("%v: %s", err, out)
		}
	})
}

// FuzzParseWithdrawal: what is read is written and read as the same.
func FuzzParseWithdrawal(f *testing.F) {
	w := review.Withdrawal{Course: "p#a", Day: "2026-06-03", Holder: "did:key:z", Proof: []byte{1}, Wish: []byte{2}}
	raw, err := w.JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"schema":"bevis.review-withdrawal/v1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		w, err := review.ParseWithdrawal(raw)
		if err != nil {
			return
		}
		out, err := w.JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := review.ParseWithdrawal(out)
		if err != nil || fmt.Sprint(again) != fmt.Sprint(w) {
			t.Fatalf("%v: %s", err, out)
		}
	})
}
