package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/batch"
	"github.com/kompetansebevis/bevis/reason"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func config() batch.Config {
	return batch.Config{
		Award: issuer.Award{Achievement: openbadge.Achievement{
			ID: "https://kurs.example/s", Name: "Sveising", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"},
			ResultDescription: []openbadge.ResultDescription{{ID: "urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f", Name: "Karakter", ResultType: "LetterGrade",
				AllowedValue: []string{"F", "E", "D", "C", "B", "A"}, RequiredValue: "E"}},
		}},
		Name: "spring", Now: noon,
		CheckID: func(_ context.Context, id string) error {
			if strings.HasPrefix(id, "did:bad:") {
				return errors.New("no")
			}
			return nil
		},
	}
}

func suite(t testing.TB) proof.Suite {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	suite, err := set.Suite("eddsa-jcs-2022")
	if err != nil {
		t.Fatal(err)
	}
	return suite
}

func books(t testing.TB) (batch.Books, issuer.Ledger) {
	t.Helper()
	return booksOf(t, suite(t))
}

func booksOf(t testing.TB, suite proof.Suite) (batch.Books, issuer.Ledger) {
	t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	ledger := issuer.NewMemoryLedger()
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: "did:web:kurs.example", Name: "K"}, Signer: private.Signer("did:web:kurs.example#key-1"),
		Suite: suite, Ledger: ledger, Now: func() time.Time { return noon }, StatusBase: "https://kurs.example/status/"})
	if err != nil {
		t.Fatal(err)
	}
	return batch.Books{Issuer: i}, ledger
}

func told(c *batch.Checked) (out []string) {
	for _, p := range c.Problems {
		text := fmt.Sprintf("%d %s %s", p.Line, p.Column, p.Code)
		if p.Also > 0 {
			text += fmt.Sprint(" ", p.Also)
		}
		out = append(out, strings.ReplaceAll(text, "row_invalid/", ""))
	}
	return out
}

// TestProblems: everything that people get wrong is told of its cell.
func TestProblems(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		table string
		want  []string
	}{
		"in order":      {"Navn;E-post;Fullført;Gyldig til;Karakter;Studiepoeng;Lenke;Kursbevisnr\nKari;kari@x.no;3.2.2026;2027-01-01;b;7,5;https://x.no/1;K-17\n", nil},
		"nobody":        {"Navn;E-post\nKari;\n", []string{"2  recipient"}},
		"addresses":     {"Navn;E-post\nKari;kari@\nOla;Ola <ola@x.no>\nPer;a@x.no, b@x.no\n", []string{"2 E-post email", "3 E-post email", "4 E-post email"}},
		"ids":           {"DID\nkari@x.no\ndid:bad:1\ndid:example:1\n", []string{"2 DID id", "3 DID id"}},
		"the same":      {"E-post,id\nkari@x.no,\n KARI@x.no ,\n,did:example:1\nola@x.no,did:example:1\n", []string{"3  twice 2", "5  twice 4"}},
		"the very same": {"E-post,id\nkari@x.no,did:example:1\nkari@x.no,did:example:1\n", []string{"3  twice 2"}},
		"days": {"E-post;Dato;Gyldig til\na@x.no;03/02/2026;\nb@x.no;46056;\nc@x.no;i går;\nd@x.no;1.1.2027;\ne@x.no;;1.1.2026\nf@x.no;31.2.2026;\ng@x.no;1.1.0206;\nh@x.no;2026-05-31 12:30;31.12.2026\n",
			[]string{"2 Dato date-slashes", "3 Dato date-number", "4 Dato date", "5 Dato date-future", "6 Gyldig til date-past", "7 Dato date", "8 Dato date"}},
		"from after until": {"E-post;Gyldig fra;Gyldig til\na@x.no;1.1.2028;1.1.2027\n", []string{"2 Gyldig til date-order"}},
		"numbers":          {"E-post;Stp\na@x.no;mange\nb@x.no;-1\nc@x.no;1e9\nd@x.no;NaN\n", []string{"2 Stp number", "3 Stp number", "4 Stp number", "5 Stp number"}},
		"results":          {"E-post;Resultat\na@x.no;ikke bestått\nb@x.no;F\nc@x.no;G\nd@x.no;e\n", []string{"2 Resultat not-passed", "3 Resultat not-passed", "4 Resultat result"}},
		"addresses of web": {"E-post;URL\na@x.no;x.no/1\nb@x.no;javascript:1\nc@x.no;file:///etc\nd@x.no;https://x.no/1\n", []string{"2 URL address", "3 URL address", "4 URL address"}},
		"garbled":          {"E-post;Navn\na@x.no;BjÃ¸rn\nb@x.no;Bj\xf8rn\nc@x.no;Bj�rn\nd@x.no;\u202eirak\ne@x.no;Bjørn Åse\n", []string{"2 Navn encoding", "3 Navn encoding", "4 Navn encoding", "5 Navn encoding"}},
		"of a spreadsheet": {"E-post;Lisensnr\na@x.no;#I/T\nb@x.no;1,23E+11\nc@x.no;####\nd@x.no;#17\n", []string{"2 Lisensnr no-value", "3 Lisensnr no-value", "4 Lisensnr no-value"}},
		"long":             {"E-post;Navn\na@x.no;" + strings.Repeat("x", 301) + "\n", []string{"2 Navn too-long"}},
		"shape":            {"E-post;Navn\na@x.no;Kari;mer\nb@x.no;\"Ola\" N;\n\nc@x.no\n", []string{"2  cells", "3  quotes"}},
		"all at once":      {"E-post;Dato;Stp\nkari;i går;x\n", []string{"2 E-post email", "2 Dato date", "2 Stp number"}},
	} {
		b, err := batch.Open(t.Context(), strings.NewReader(c.table), config())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		bk, _ := books(t)
		got, err := b.Check(t.Context(), bk)
		if err != nil || !slices.Equal(told(got), c.want) {
			t.Errorf("%s: %v\n%q\nwant\n%q", name, err, told(got), c.want)
		}
	}
}

// TestFormats: what is found out of the table itself.
func TestFormats(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		table string
		cfg   func(*batch.Config)
		want  string
		code  reason.Code
	}{
		"semicolons": {"Navn;E-post;Fødselsdato;Språk;Hårfarge\nx;y;z;v;w", nil, "UTF-8 ; 1 false Navn=name E-post=email Fødselsdato=private Språk=no-place Hårfarge=unknown", ""},
		"commas":     {"\xef\xbb\xbfFirst name,Last name,Email\n", nil, "UTF-8 , 1 false First name=given-name Last name=family-name Email=email", ""},
		"tabs":       {"e-mail\tDate awarded\n", nil, "UTF-8 \t 1 false e-mail=email Date awarded=awarded", ""},
		"Excel's":    {"sep=,\r\nE-post,Navn\r\n", nil, "UTF-8 , 2 false E-post=email Navn=name", ""},
		"a title":    {"Deltakere våren 2026\n\nEpostadresse;Førenamn\n", nil, "UTF-8 ; 3 true Epostadresse=email Førenamn=given-name", ""},
		"of the achievement": {"E-post;KARAKTER\n", func(c *batch.Config) {
			c.Award.Achievement.ResultDescription = append(c.Award.Achievement.ResultDescription, openbadge.ResultDescription{ID: "urn:x", Name: "Poeng"})
		}, "UTF-8 ; 1 false E-post=email KARAKTER=result", ""},
		"given":           {"Adr;Navn\n", func(c *batch.Config) { c.Columns = map[string]string{"adr": "email", "Navn": ""} }, "UTF-8 ; 1 false Adr=email Navn=left-out", ""},
		"no such column":  {"E-post\n", func(c *batch.Config) { c.Columns = map[string]string{"Adr": "email"} }, "", "usage/column"},
		"no such field":   {"E-post\n", func(c *batch.Config) { c.Columns = map[string]string{"E-post": "mail"} }, "", "usage/column"},
		"twice":           {"E-post;Mail\n", nil, "", "table_invalid/column-twice"},
		"nobody":          {"Navn;Dato\n", nil, "", "table_invalid/columns"},
		"nothing known":   {"a;b\n1;2\n", nil, "", "table_invalid/columns"},
		"nothing":         {"", nil, "", "table_invalid/empty"},
		"not a table":     {"PK\x03\x04", nil, "", "table_invalid/format"},
		"without a name":  {"E-post\n", func(c *batch.Config) { c.Name = "" }, "", reason.Usage},
		"names of people": {"E-post\n", func(c *batch.Config) { c.Columns = map[string]string{"E-post": "name"} }, "", "table_invalid/columns"},
	} {
		cfg := config()
		if c.cfg != nil {
			c.cfg(&cfg)
		}
		b, err := batch.Open(t.Context(), strings.NewReader(c.table), cfg)
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
		if err != nil {
			continue
		}
		got := fmt.Sprint(b.Encoding, " ", b.Separator, " ", b.Header, " ", b.Above)
		for _, col := range b.Columns {
			got += fmt.Sprintf(" %s=%s%s", col.Header, col.Field, col.Why)
		}
		if got != c.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, c.want)
		}
	}
}

// TestIssue: what is in order is issued in the order of the table, once, and
// what a row says is in its credential.
func TestIssue(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("Navn;E-post;Bestått;Gyldig til;Karakter;Bevisnr;Studiepoeng;Kommentar;Dokumentasjon\n")
	for n := range 1000 {
		address := fmt.Sprintf("p%d@x.no", n)
		if n%10 == 3 {
			address = "p3"
		}
		fmt.Fprintf(&b, "Å %d;%s;3.2.2026;31.12.2027;a;K-%d;2,5;\"Bra;\nsagt\";https://x.no/%d\n", n, address, n, n)
	}
	bk, ledger := books(t)
	open := func(table string) (*batch.Batch, *batch.Checked) {
		t.Helper()
		in, err := batch.Open(t.Context(), strings.NewReader(table), config())
		if err != nil {
			t.Fatal(err)
		}
		c, err := in.Check(t.Context(), bk)
		if err != nil {
			t.Fatal(err)
		}
		return in, c
	}
	issue := func(table string, stop int) (out []batch.Done) {
		t.Helper()
		in, c := open(table)
		for d, err := range in.Issue(t.Context(), bk.Issuer, c, issuer.Many{Group: 16, Jobs: 3}) {
			if err != nil || d.Err != nil {
				t.Fatal(err, d.Err)
			}
			if out = append(out, d); len(out) == stop {
				break
			}
		}
		return out
	}
	issue(b.String(), 137)
	_, c := open(b.String())
	if c.Rows != 1000 || c.Bad != 100 || c.Before < 100 || c.Before > 800 || c.Problems[0].Line != 2+2*3 {
		t.Errorf("%d rows, %d bad, %d issued before, first %+v", c.Rows, c.Bad, c.Before, c.Problems[0])
	}
	all := issue(b.String(), 0)
	count, places, last := 0, map[issuer.Slot]bool{}, 0
	for n, d := range all {
		if d.Line <= last || d.Skipped != (n%10 == 3) || d.Skipped == (d.Issued != nil) {
			t.Fatalf("row %d: %+v after line %d", n, d, last)
		}
		if last = d.Line; d.Skipped {
			continue
		}
		count++
		places[d.Issued.Slots[0]] = true
		if d.Recipient.Email != fmt.Sprintf("p%d@x.no", n) || !strings.Contains(string(d.Issued.Credential), fmt.Sprintf("K-%d", n)) {
			t.Fatalf("row %d went to %s", n, d.Recipient.Email)
		}
	}
	for _, want := range []string{`"awardedDate":"2026-02-03T00:00:00Z"`, `"validUntil":"2027-12-31T23:59:59Z"`, `"value":"A"`, `"creditsEarned":2.5`, `Bra;\nsagt`, `"identityHash":"Å 0"`, `"id":"https://x.no/0"`} {
		if !strings.Contains(string(all[0].Issued.Credential), want) {
			t.Errorf("%s is not in\n%s", want, all[0].Issued.Credential)
		}
	}
	if len(all) != 1000 || count != 900 || len(places) != 900 {
		t.Errorf("%d rows, %d credentials, %d places", len(all), count, len(places))
	}
	records := 0
	if err := ledger.(issuer.Archive).Each(t.Context(), func(issuer.Record) error { records++; return nil }); err != nil || records != 900 {
		t.Errorf("%d records (%v)", records, err)
	}
	// A row that was changed since is not issued a second time behind her back.
	if _, c := open(strings.Replace(b.String(), "Å 5;", "Å Fem;", 1)); !slices.Contains(told(c), "12  changed") {
		t.Errorf("%q", told(c)[:3])
	}
	bk.HadBefore = func(context.Context, issuer.Award) (string, error) { return "urn:uuid:1", nil }
	if _, c := open("E-post\nnew@x.no\n"); !slices.Equal(told(c), []string{"2  had-before"}) {
		t.Errorf("%q", told(c))
	}
}

// TestBesideAnother: a row that another process issues while this one looks at
// it was issued before, and is not a credential from elsewhere.
func TestBesideAnother(t *testing.T) {
	t.Parallel()
	bk, _ := books(t)
	b, err := batch.Open(t.Context(), strings.NewReader("E-post;Navn\nkari@example.no;Kari\n"), config())
	if err != nil {
		t.Fatal(err)
	}
	bk.HadBefore = func(ctx context.Context, a issuer.Award) (string, error) {
		issued, err := bk.Issuer.Issue(ctx, a)
		if err != nil {
			return "", err
		}
		return issued.ID, nil
	}
	if c, err := b.Check(t.Context(), bk); err != nil || c.Bad != 0 || c.Before != 1 {
		t.Errorf("%+v %v", c, err)
	}
}

func TestStopped(t *testing.T) {
	t.Parallel()
	bk, _ := books(t)
	in, err := batch.Open(t.Context(), strings.NewReader("E-post\na@x.no\nb@x.no\n"), config())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Check(ctx, bk); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	c, err := in.Check(t.Context(), bk)
	if err != nil {
		t.Fatal(err)
	}
	var last error
	for _, err := range in.Issue(ctx, bk.Issuer, c, issuer.Many{}) {
		last = err
	}
	if reason.CodeOf(last) != reason.Canceled {
		t.Error(last)
	}
}

// FuzzBatch: whatever the table, each row is issued or has a problem, and no
// line is told that is not there.
func FuzzBatch(f *testing.F) {
	for _, seed := range []string{"Navn;E-post\nKari;kari@x.no\nOla;ola@\n", "sep=,\r\nemail,did\r\na@x.no,did:example:1\r\na@x.no,\r\n", "\xef\xbb\xbfE-post\tDato\tStp\n\"a@x.no\"\t3.2.2026\t7,5\n", "Bj\xf8rn;x\nE-post;Bj\xf8rn\nb@x.no;\"\n"} {
		f.Add([]byte(seed))
	}
	suite := suite(f)
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := batch.Open(t.Context(), strings.NewReader(string(raw)), config())
		if err != nil {
			return
		}
		bk, _ := booksOf(t, suite)
		bk.Jobs = 1
		c, err := b.Check(t.Context(), bk)
		if err != nil {
			return
		}
		issued, skipped := 0, 0
		for d, err := range b.Issue(t.Context(), bk.Issuer, c, issuer.Many{Jobs: 1}) {
			switch {
			case err != nil:
				t.Fatal(err)
			case d.Err != nil:
				t.Fatalf("line %d was in order, and is refused: %v", d.Line, d.Err)
			case d.Skipped:
				skipped++
			default:
				issued++
			}
		}
		lines := strings.Count(strings.ReplaceAll(string(raw), "\r", "\n"), "\n") + 1
		for _, p := range c.Problems {
			if p.Line <= b.Header || p.Line > 2*lines {
				t.Errorf("a problem on line %d of %d", p.Line, lines)
			}
		}
		if issued+skipped != c.Rows || skipped != c.Bad {
			t.Errorf("%d issued and %d left out of %d, %d of them bad", issued, skipped, c.Rows, c.Bad)
		}
	})
}
