package sheet_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/formats/sheet"
	"github.com/kompetansebevis/bevis/reason"
)

// workbook packs files, given as names and contents.
func workbook(t testing.TB, files ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func example(t testing.TB, rows string) []byte {
	return workbook(t,
		"xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Kurs" r:id="rId7"/><sheet name="Annet" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId7" Target="worksheets/kurs.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst><si><t>Tittel</t></si><si><r><t>Pris; </t></r><r><t>"kr"</t></r><rPh><t>x</t></rPh></si></sst>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="170"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/kurs.xml", `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`,
		"xl/worksheets/sheet1.xml", `<worksheet/>`)
}

func TestCSV(t *testing.T) {
	t.Parallel()
	raw := example(t, `<row r="2"><c r="A2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c></row><row r="4"><c r="A4" t="inlineStr"><is><t>To
linjer</t></is></c><c r="B4" s="1"><v>46251</v></c><c r="C4" s="2"><v>46251.5</v></c><c r="D4"><v>0.30000000000000004</v></c><c r="E4" t="str"><f>A1</f><v>formel</v></c><c t="b"><v>1</v></c></row>`)
	if !sheet.Is(raw) || sheet.Is([]byte("kurs;pris")) {
		t.Error("Is")
	}
	got, err := sheet.CSV(raw, 1<<20)
	want := "\nTittel;;\"Pris; \"\"kr\"\"\";\n\n\"To\u2028linjer\";2026-08-17;2026-08-17;0.3;formel;1;"
	want = strings.Replace(want, "\"To\u2028linjer\"", "To\u2028linjer", 1)
	if err != nil || string(got) != want {
		t.Errorf("%v\n%q\n%q", err, got, want)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  []byte
		code reason.Code
	}{
		"no zip":           {[]byte("PK\x03\x04"), "malformed/workbook"},
		"no sheet":         {workbook(t, "a", "b"), "malformed/workbook"},
		"rows go back":     {example(t, `<row r="2"/><row r="1"/>`), "malformed/workbook"},
		"too far down":     {example(t, `<row r="99999999"/>`), "malformed/workbook"},
		"too far right":    {example(t, `<row><c r="ZZZ1"/></row>`), "malformed/workbook"},
		"cells go back":    {example(t, `<row><c r="B1"/><c r="A1"/></row>`), "malformed/workbook"},
		"not closed":       {example(t, `<row>`), "malformed/workbook"},
		"a document type":  {example(t, `<!DOCTYPE a>`), "malformed/workbook"},
		"unpacks to much":  {example(t, strings.Repeat("<row/>", 100_000)), reason.LimitInflate},
		"writes too much":  {example(t, `<row r="1048576"/>`), reason.LimitInflate},
		"nested very deep": {example(t, strings.Repeat("<a>", 40)+strings.Repeat("</a>", 40)), reason.LimitDepth},
	} {
		if _, err := sheet.CSV(c.raw, 200_000); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(`<row r="2"><c r="A2" t="s"><v>0</v></c></row>`)
	f.Fuzz(func(t *testing.T, rows string) {
		if got, err := sheet.CSV(example(t, rows), 1<<20); err == nil && len(got) > 2<<20 {
			t.Error(len(got))
		}
	})
}

func FuzzZip(f *testing.F) {
	f.Add(example(f, `<row><c><v>1</v></c></row>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if got, err := sheet.CSV(raw, 1<<20); err == nil && len(got) > 2<<20 {
			t.Error(len(got))
		}
	})
}
