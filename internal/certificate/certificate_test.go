package certificate

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/internal/pdf"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func dataPNG(t testing.TB) string {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 20, 10))
	picture.Set(3, 3, color.NRGBA{255, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())
}

// document says all that a page knows of, and what it must not do.
func document(t testing.TB) *strictjson.Value {
	t.Helper()
	text := `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:uuid:1","type":["VerifiableCredential","OpenBadgeCredential"],
"name":[{"@value":"Welding","@language":"en"},{"@value":"Sveising","@language":"nb"}],
"issuer":{"id":"did:web:kurs.example","name":{"nn":"Kursstaden","en":"The Course Place"},"image":{"id":"PNG","type":"Image"}},
"validFrom":"2026-01-02T00:00:00Z","validUntil":"2031-01-02T10:30:00Z","awardedDate":"2026-01-01T00:00:00Z",
"credentialSubject":{"id":"did:example:kari","type":["AchievementSubject"],"identifier":[{"type":"IdentityObject","identityType":"name","hashed":false,"identityHash":"Kári Ŋuovva \u202Ecba"}],
"narrative":"Hun *viste* at hun kan det.\n\n<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<b>fet</b> ![pic](https://evil.example/x.png) [klikk](javascript:alert(1)) [her](https://kurs.example/a)\n\n1. en\n2. to\n   - under\n\n> sitat\n\n    kode",
"creditsEarned":7.5,"role":"deltaker","term":"Høst 2025","licenseNumber":"N-1","activityStartDate":"2025-08-01T00:00:00Z","activityEndDate":"2025-12-01T00:00:00Z",
"result":[{"type":["Result"],"resultDescription":"urn:uuid:r","value":"B"},{"type":["Result"],"resultDescription":"urn:uuid:p","value":"82","status":"Completed","achievedLevel":"urn:l1"}],
"achievement":{"id":"https://kurs.example/a","type":["Achievement"],"achievementType":"Course","name":{"en":"Welding course","nb":"Sveisekurs"},"description":"Å sveise.","humanCode":"SV-1","fieldOfStudy":"Teknologi","tag":["stål","gass"],
"image":{"id":"https://evil.example/badge.png","type":"Image"},"creator":{"id":"did:x:y","name":"Laget"},
"criteria":{"id":"https://kurs.example/krav","narrative":"Bestått **prøve**"},
"resultDescription":[{"id":"urn:uuid:r","type":["ResultDescription"],"name":"Karakter","allowedValue":["A","B","C"]},{"id":"urn:uuid:p","type":["ResultDescription"],"name":"Poeng","valueMin":"0","valueMax":"100","rubricCriterionLevel":[{"id":"urn:l1","name":"Godt"}]}],
"alignment":[{"type":["Alignment"],"targetName":"sveise","targetCode":"S1","targetUrl":"http://data.europa.eu/esco/skill/1","targetFramework":"ESCO"},{"type":["Alignment"],"targetName":"40 h","targetCode":"PT40H","targetUrl":"http://qudt.org/vocab/unit/HR","targetFramework":"QUDT","targetType":"ext:Workload"}]}},
"evidence":[{"id":"https://kurs.example/e","type":["Evidence"],"name":"Prøvestykke","genre":"Foto","narrative":"_Fint_","description":"En skjøt"}],
"credentialStatus":{"type":"BitstringStatusListEntry","statusListCredential":"https://kurs.example/status/1"},"proof":{"type":"DataIntegrityProof"}}`
	doc, err := strictjson.ParseObject([]byte(strings.Replace(text, `"PNG"`, `"`+dataPNG(t)+`"`, 1)), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func page(t testing.TB, lang string) (Page, *i18n.Printer) {
	t.Helper()
	p := i18n.New(lang)
	return Page{Content: Read(document(t), p), Look: Look{Color: DefaultColor()}, Made: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC),
		Code: "BEVIS1:" + strings.Repeat("AB1", 190), CodeKind: ShortCode, Carried: true, Files: []pdf.File{{Name: "a.json", MediaType: "application/vc", Relationship: "Source", Data: []byte("{}")}}}, p
}

var noKey = regexp.MustCompile(`certificate\.[a-z]`)

// TestHTML reads the page in each language: everything is on it, and nothing
// that runs or is loaded.
func TestHTML(t *testing.T) {
	t.Parallel()
	for lang, wants := range map[string][]string{
		"nb": {"Sveisekurs", "Kursstaden", "er gitt til", "bokmål, men på: nn"}, "nn": {"Sveisekurs", "Kursstaden", "nynorsk, men på: nb"}, "en": {"Welding course", "The Course Place", "is awarded to"},
	} {
		c, p := page(t, lang)
		raw, err := c.HTML(p)
		if err != nil {
			t.Fatal(err)
		}
		text := string(raw)
		for _, want := range append(wants, `lang="`+lang+`"`, "Kári Ŋuovva \uFFFDcba", "<em>viste</em>", "7.5", "Karakter", "B (A, B, C)", "82 – Godt (0–100) [", "ESCO", "sveise (S1) http://data.europa.eu/esco/skill/1",
			"<strong>prøve</strong>", "https://kurs.example/krav", "Prøvestykke", "Fint", "2026-01-01", "2031-01-02 10:30 UTC", "2025-08-01 – 2025-12-01", "urn:uuid:1", "https://kurs.example/status/1", "<svg", "data:image/png;base64,", "stål, gass", `rel="nofollow noreferrer"`) {
			if !strings.Contains(text, want) {
				t.Errorf("%s: there is no %q", lang, want)
			}
		}
		for _, never := range []string{"<script", "onerror", "javascript:", `src="http`, "evil.example", "ZgotmplZ", "\u202E", "@import", "url("} {
			if strings.Contains(text, never) {
				t.Errorf("%s: there is %q", lang, never)
			}
		}
		if m := noKey.FindString(text); m != "" {
			t.Errorf("%s: a text is missing: %s", lang, m)
		}
	}
}

func TestSVG(t *testing.T) {
	t.Parallel()
	c, p := page(t, "nb")
	raw, err := c.SVG(p)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for d := xml.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.CharData:
			said.Write(token)
			said.WriteByte(' ')
		case xml.StartElement:
			if !strings.Contains(" svg title path text image ", " "+token.Name.Local+" ") {
				t.Errorf("there is <%s>", token.Name.Local)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" && !strings.HasPrefix(a.Value, "data:image/png") {
					t.Errorf("%s=%s", a.Name.Local, a.Value)
				}
			}
		}
	}
	for _, want := range []string{"Sveisekurs", "Kári Ŋuovva \uFFFDcba", "Karakter", "• under", "beviser ingenting", "her (https://kurs.example/a)"} {
		if !strings.Contains(strings.Join(strings.Fields(said.String()), " "), want) {
			t.Errorf("there is no %q", want)
		}
	}
}

// TestPDF: the bytes are the same for the same page, and a page that has more
// than there is room for says so.
func TestPDF(t *testing.T) {
	t.Parallel()
	c, p := page(t, "nb")
	raw, err := c.PDF(p)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := page(t, "nb")
	if other, err := again.PDF(p); err != nil || !bytes.Equal(raw, other) {
		t.Error("not the same bytes", err)
	}
	if file := os.Getenv("BEVIS_SHOW_PDF"); file != "" { // to be looked at
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := c.layOut(p)
	if err != nil || len(l.sheets) != 2 || l.lost {
		t.Errorf("%d sheets, lost %v, %v", len(l.sheets), l.lost, err)
	}
	c.Title = "漢字 " + c.Title
	if l, err = c.layOut(p); err != nil || !l.lost {
		t.Errorf("lost %v, %v", l.lost, err)
	}
	for range 400 {
		c.Parts = append(c.Parts, c.Parts[0])
	}
	l, err = c.layOut(p)
	if err != nil || len(l.sheets) != maxSheets || !l.full {
		t.Errorf("%d sheets, %v", len(l.sheets), err)
	}
	c.CodeKind, c.Code = WholeCode, strings.Repeat("x", 2953)
	c.Parts = nil
	if l, err = c.layOut(p); err != nil || len(l.sheets) < 2 {
		t.Errorf("%v", err)
	}
	c.Code += "x"
	for _, render := range []func(*i18n.Printer) ([]byte, error){c.PDF, c.SVG, c.HTML} {
		if _, err := render(p); reason.CodeOf(err) != reason.LimitSize {
			t.Error(err)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	Read(document(t), i18n.New("en")).Text(i18n.New("en"), func(label, value string) { b.WriteString(label + ": " + value + "\n") })
	for _, want := range []string{"name: Welding course\n", "recipient: Kári Ŋuovva \uFFFDcba\n", "Karakter: B (A, B, C)\n", "Workload: 40 h (PT40H) http://qudt.org/vocab/unit/HR\n", "Credits: 7.5\n", "1. en\n2. to\n  • under", "Criteria: \n: Bestått prøve\n", "Valid until: 2031-01-02 10:30 UTC\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
}

// TestPictures: nothing but moderate PNG and JPEG in data: URLs.
func TestPictures(t *testing.T) {
	t.Parallel()
	r := &reader{p: i18n.New("en"), others: map[string]bool{}}
	good := dataPNG(t)
	for address, want := range map[string]bool{
		good: true, "https://a.example/x.png": false, "data:image/svg+xml,<svg/>": false, "data:image/png;base64,AAAA": false, strings.Replace(good, "image/png", "image/gif", 1): false, "data:image/png": false, "data:image/png;base64,%": false, "data:image/png,%zz": false,
	} {
		if got := r.picture(strictjson.String(address)); (got != nil) != want {
			t.Errorf("%.40s: %v", address, got)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4001, 1000))); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadPicture(b.Bytes()); reason.CodeOf(err) != "image_invalid/picture" {
		t.Error(err)
	}
	if _, err := ReadPicture([]byte("GIF89a")); reason.CodeOf(err) != "image_invalid/format" {
		t.Error(err)
	}
}

func TestColor(t *testing.T) {
	t.Parallel()
	if c, err := ParseColor("#1f3A5f"); err != nil || c != DefaultColor() {
		t.Error(c, err)
	}
	for _, text := range []string{"", "1f3a5f", "#fff", "#1f3a5g", "#1f3a5f0"} {
		if _, err := ParseColor(text); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOthersDocuments renders all that others made.
func TestOthersDocuments(t *testing.T) {
	t.Parallel()
	n := 0
	p := i18n.New("nn")
	for _, folder := range []string{"openbadges", "dcc", "other"} {
		err := filepath.WalkDir(testcorpus.Path(t, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(name) != ".json" {
				return err
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
			if err != nil {
				return nil
			}
			c := Page{Content: Read(doc, p)}
			for _, render := range []func(*i18n.Printer) ([]byte, error){c.PDF, c.SVG, c.HTML} {
				if _, err := render(p); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			n++
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d documents", n)
}

// FuzzRead: no document makes a page that runs or loads something, or none.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"credentialSubject":{"narrative":"# a\n<b>x</b> [a](javascript:b)","achievement":{"name":{"nb":"x"},"criteria":{"narrative":"![](http://a)"}}}}`))
	f.Add([]byte(`{"name":["a",{"@value":"b","@language":"en"}],"issuer":"did:x:y","credentialSubject":[{"a":{"b":[1,"c"]}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: 4000})
		if err != nil {
			return
		}
		p := i18n.New("nb")
		c := Page{Content: Read(doc, p)}
		page, err := c.HTML(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, never := range []string{"<script", "<img src=\"http", "href=\"javascript", "<iframe", "ZgotmplZ"} {
			if bytes.Contains(bytes.ToLower(page), []byte(strings.ToLower(never))) {
				t.Errorf("there is %s", never)
			}
		}
		drawing, err := c.SVG(p)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(drawing)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.PDF(p); err != nil {
			t.Fatal(err)
		}
	})
}
