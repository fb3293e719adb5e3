package carrier

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/reason"
)

const badge = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:a","credentialSubject":{"id":"did:example:b"}}`

func pack(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// document writes a PDF with a classic table: object n+1 is objects[n], the
// first of them the root. An empty one is left out.
func document(objects []string, trailer string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = b.Len()
		if object != "" {
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
		}
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for i, offset := range offsets {
		kind := "n"
		if objects[i] == "" {
			kind = "f"
		}
		fmt.Fprintf(&b, "%010d 00000 %s \n", offset, kind)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}

func stream(dict, body string) string {
	return fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(body), dict, body)
}

// attached is a document whose file specifications are at 3, 5, 7 …, with the
// streams behind them.
func attached(root string, bodies ...string) []string {
	out := []string{root, "<< /Type /Pages /Kids [] /Count 0 >>"}
	for i, body := range bodies {
		n := 3 + 2*i
		out = append(out, fmt.Sprintf("<< /Type /Filespec /F (file%d.json) /EF << /F %d 0 R >> >>", i, n+1), stream("/Type /EmbeddedFile", body))
	}
	return out
}

func TestPDFOfOthers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"qpdf-object-streams.pdf": {"bevis æøå.json"},
		"qpdf-linear.pdf":         {"bevis æøå.json"},
		"mupdf-annotation.pdf":    {"m.json", "annot.json"},
		"mupdf-update.pdf":        {"m.json", "n.json", "annot.json"},
		"pypdf-two.pdf":           {"b.json", "c.json"},
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		items, err := Open(t.Context(), raw, Limits{})
		var names []string
		for _, item := range items {
			names = append(names, item.Name)
			if item.Kind != PDF || !bytes.HasPrefix(item.Raw, []byte(`{"@context":`)) || !bytes.HasSuffix(item.Raw, []byte("}")) && !bytes.HasSuffix(item.Raw, []byte("}\n")) {
				t.Errorf("%s: %s %q", name, item.Kind, item.Raw)
			}
		}
		if err != nil || !slices.Equal(names, want) {
			t.Errorf("%s: %q, %v, want %q", name, names, err, want)
		}
	}
}

// TestPDFPlaces: attachments are found wherever the standard puts them, once
// each, and nothing that is no credential is among them.
func TestPDFPlaces(t *testing.T) {
	t.Parallel()
	token := "eyJhbGciOiJFZERTQSJ9.eyJhIjoxfQ.c2ln"
	for name, test := range map[string]struct {
		objects []string
		want    []string // the contents
	}{
		"tree of names":         {attached("<< /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 3 0 R (b) 5 0 R] >> >> >>", badge, token), []string{badge, token}},
		"branches":              {append(attached("<< /Names << /EmbeddedFiles 5 0 R >> >>", badge), "<< /Kids [6 0 R] >>", "<< /Limits [(a) (a)] /Names [(a) 3 0 R] >>"), []string{badge}},
		"associated":            {attached("<< /AF [3 0 R] >>", badge), []string{badge}},
		"by a reference":        {append(attached("<< /AF 5 0 R >>", badge), "[3 0 R]"), []string{badge}},
		"page":                  {append(attached("<< /Pages 5 0 R >>", badge), "<< /Type /Pages /Kids [6 0 R] >>", "<< /Type /Page /AF [3 0 R] >>"), []string{badge}},
		"mark on a page":        {append(attached("<< /Pages 5 0 R >>", badge), "<< /Kids [6 0 R] >>", "<< /Annots [<< /Subtype /Link >> 7 0 R] >>", "<< /Subtype /FileAttachment /FS 3 0 R >>"), []string{badge}},
		"the same one thrice":   {attached("<< /AF [3 0 R 3 0 R] /Names << /EmbeddedFiles << /Names [(a) 3 0 R] >> >> >>", badge), []string{badge}},
		"beside other files":    {attached("<< /AF [3 0 R 5 0 R 7 0 R] >>", "hello", badge, `{"other":"json"}`), []string{badge}},
		"damaged credential":    {attached("<< /AF [3 0 R] >>", `{"@context":[,]}`), []string{`{"@context":[,]}`}},
		"hexadecimal":           {[]string{"<< /AF [2 0 R] >>", "<< /F (a) /EF << /UF 3 0 R >> >>", stream("/Filter [/ASCIIHexDecode]", fmt.Sprintf("%x>", badge))}, []string{badge}},
		"packed":                {[]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", stream("/Filter /FlateDecode", string(pack(t, []byte(badge))))}, []string{badge}},
		"length by a reference": {[]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", fmt.Sprintf("<< /Length 4 0 R >>\nstream\r\n%s\r\nendstream", badge), fmt.Sprint(len(badge))}, []string{badge}},
	} {
		items, err := Open(t.Context(), document(test.objects, ""), Limits{})
		var got []string
		for _, item := range items {
			got = append(got, string(item.Raw))
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// TestPDFUpdate: what an update replaced or took away is not seen.
func TestPDFUpdate(t *testing.T) {
	t.Parallel()
	first := document(attached("<< /AF [3 0 R] >>", badge), "")
	update := func(object string) []byte {
		out := bytes.Clone(first)
		offset := len(out)
		out = append(out, object...)
		start := len(out)
		previous := bytes.LastIndex(first, []byte("xref\n0 "))
		return fmt.Appendf(out, "xref\n1 1\n%010d 00000 n \ntrailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n", offset, previous, start)
	}
	if items, err := Open(t.Context(), update("1 0 obj\n<< /AF [3 0 R] /Lang (nn) >>\nendobj\n"), Limits{}); err != nil || len(items) != 1 {
		t.Errorf("%v, %v", items, err)
	}
	if items, err := Open(t.Context(), update("1 0 obj\n<< /Lang (nn) >>\nendobj\n"), Limits{}); reason.CodeOf(err) != "no_credential/pdf" {
		t.Errorf("%v, %v", items, err)
	}
}

// TestPDFHostile: what would loop, grow or read outside ends with its code, at
// once.
func TestPDFHostile(t *testing.T) {
	t.Parallel()
	loop := document([]string{"<< >>"}, "")
	at := bytes.LastIndex(loop, []byte("xref\n0"))
	deep := strings.Repeat("[", 100_000)
	bomb := string(pack(t, make([]byte, 64<<20)))
	var many []string
	for i := range 5 {
		many = append(many, fmt.Sprintf("<< /EF << /F %d 0 R >> >>", 7+i))
	}
	bombs := append([]string{"<< /AF [2 0 R 3 0 R 4 0 R 5 0 R 6 0 R] >>"}, many...)
	for range 5 {
		bombs = append(bombs, stream("/Filter /FlateDecode", string(pack(t, make([]byte, 16<<20)))))
	}
	packed := func(index string, n int, body string) []byte {
		// A cross-reference stream (object 9) at 9, which says where all lies.
		out := []byte("%PDF-1.7\n")
		return fmt.Appendf(append(out, fmt.Sprintf("9 0 obj\n%s\nendobj\n", stream(fmt.Sprintf("/Type /XRef /W [1 2 1] /Index %s /Size %d /Root 1 0 R", index, n), body))...), "startxref\n9\n%%%%EOF\n")
	}
	for name, test := range map[string]struct {
		raw  []byte
		want reason.Code
	}{
		"nothing":               {[]byte("%PDF-1.7\n"), "malformed/pdf"},
		"encrypted":             {document([]string{"<< >>"}, "/Encrypt 2 0 R"), "no_credential/pdf-encrypted"},
		"no attachments":        {document([]string{"<< >>"}, ""), "no_credential/pdf"},
		"no credential":         {document(attached("<< /AF [3 0 R] >>", "hello"), ""), "no_credential/pdf"},
		"table leads to itself": {document([]string{"<< >>"}, fmt.Sprintf("/Prev %d", at)), "malformed/pdf"},
		"table outside":         {[]byte("%PDF-1.7\nstartxref\n2147483648\n%%EOF"), "malformed/pdf"},
		"table far outside":     {[]byte("%PDF-1.7\nstartxref\n99999999999999999999999999\n%%EOF"), "malformed/pdf"},
		"negative":              {[]byte("%PDF-1.7\nstartxref\n-9\n%%EOF"), "malformed/pdf"},
		"2^31 entries":          {[]byte("%PDF-1.7\nxref\n0 2147483647\n0000000000 65535 f \ntrailer << >>\nstartxref\n9\n%%EOF"), "malformed/pdf"},
		"root refers to itself": {document([]string{"1 0 R"}, ""), "malformed/pdf"},
		"references in a ring":  {document([]string{"<< /AF 2 0 R >>", "3 0 R", "2 0 R"}, ""), "malformed/pdf"},
		"tree into itself":      {document([]string{"<< /Names << /EmbeddedFiles 2 0 R >> >>", "<< /Kids [2 0 R] >>"}, ""), "malformed/pdf"},
		"pages into themselves": {document([]string{"<< /Pages 2 0 R >>", "<< /Kids [3 0 R] >>", "<< /Kids [2 0 R] >>"}, ""), "malformed/pdf"},
		"tree of direct nodes":  {document([]string{"<< /Pages " + strings.Repeat("<< /Kids [", 20) + strings.Repeat("] >>", 20) + ">>"}, ""), "no_credential/pdf"},
		"length is itself":      {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", "<< /Length 3 0 R >>\nstream\nx\nendstream"}, ""), "malformed/pdf"},
		"length 2^31":           {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", "<< /Length 2147483648 >>\nstream\nx\nendstream"}, ""), "malformed/pdf"},
		"length negative":       {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", "<< /Length -1 >>\nstream\nx\nendstream"}, ""), "malformed/pdf"},
		"length too short":      {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", "<< /Length 1 >>\nstream\nxyz\nendstream"}, ""), "malformed/pdf"},
		"another object there":  {bytes.Replace(document([]string{"<< >>", "<< >>"}, ""), []byte("1 0 obj"), []byte("2 0 obj"), 1), "malformed/pdf"},
		"arrays without end":    {document([]string{deep}, ""), reason.LimitDepth},
		"dictionary twice":      {document([]string{"<< /AF [] /AF [2 0 R] >>"}, ""), "malformed/pdf"},
		"bomb":                  {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", stream("/Filter /FlateDecode", bomb)}, ""), reason.LimitInflate},
		"many bombs":            {document(bombs, ""), reason.LimitInflate},
		"bomb in two steps":     {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", stream("/Filter [/FlateDecode /ASCII85Decode]", string(pack(t, bytes.Repeat([]byte("z"), 16<<20))))}, ""), reason.LimitInflate},
		"packed five times":     {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", stream("/Filter [/A /A /A /A /A]", "x")}, ""), "malformed/pdf"},
		"unknown filter":        {document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", stream("/Filter /Crypt", "x")}, ""), "malformed/pdf"},
		"stream in itself":      {packed("[1 1]", 10, "\x02\x00\x01\x00"), "malformed/pdf"},
		"stream in a stream":    {packed("[1 2]", 10, "\x02\x00\x02\x00\x02\x00\x01\x00"), "malformed/pdf"},
		"stream is no stream":   {packed("[1 1 9 1]", 10, "\x02\x00\x09\x00\x01\x00\x09\x00"), "malformed/pdf"},
		"rows that are missing": {packed("[0 1000000]", 10, "\x01\x00\x09\x00"), "malformed/pdf"},
		"objects beyond bounds": {packed("[8388607 2]", 10, "\x01\x00\x09\x00\x01\x00\x09\x00"), "resource_limit/pdf"},
	} {
		start := time.Now()
		items, err := Open(t.Context(), test.raw, Limits{})
		if reason.CodeOf(err) != test.want {
			t.Errorf("%s: %d items, %v (%s), want %s", name, len(items), err, reason.CodeOf(err), test.want)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
}

// TestPDFMemory: what a small document unpacks to takes no more memory than an
// input may cost.
func TestPDFMemory(t *testing.T) {
	large := string(pack(t, append([]byte(badge), bytes.Repeat([]byte(" "), 16<<20)...)))
	objects := []string{"<< /AF [2 0 R 3 0 R 4 0 R] >>"}
	for i := range 3 {
		objects = append(objects, fmt.Sprintf("<< /EF << /F %d 0 R >> >>", 5+i))
	}
	for range 3 {
		objects = append(objects, stream("/Filter /FlateDecode", large))
	}
	twice := string(pack(t, bytes.Repeat([]byte("z"), 16<<20)))
	for name, raw := range map[string][]byte{
		"three large":  document(objects, ""),
		"in two steps": document([]string{"<< /AF [2 0 R] >>", "<< /EF << /F 3 0 R >> >>", stream("/Filter [/FlateDecode /ASCII85Decode]", twice)}, ""),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Open(t.Context(), raw, Limits{})
		runtime.ReadMemStats(&after)
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 64 || reason.CodeOf(err) != reason.LimitInflate {
			t.Errorf("%s: %d bytes take %d MiB: %v", name, len(raw), mib, err)
		}
	}
}

// TestPDFWork: a document that says much in little, by giving the same array
// to be read again and again, ends at the bound.
func TestPDFWork(t *testing.T) {
	t.Parallel()
	var kids strings.Builder
	for range 3000 {
		kids.WriteString("<< /AF 3 0 R >> ")
	}
	raw := document([]string{"<< /Pages 2 0 R >>", "<< /Kids [" + kids.String() + "] >>", "[" + strings.Repeat("null ", 3000) + "]"}, "")
	if _, err := Open(t.Context(), raw, Limits{}); reason.CodeOf(err) != "resource_limit/pdf" {
		t.Error(err)
	}
}

func TestPDFText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"abc": "abc", "\xfe\xff\x00e\x00\xf8": "eø", "\xef\xbb\xbfeø": "eø", "\xe5": "å", "\xfe\xff\x00": "", "\xfe\xff\xd8\x00": "\uFFFD"} {
		if got := pdfText(pdfString(in)); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzPDF(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.pdf"))
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.TrimPrefix(raw, []byte(pdfMark)))
	}
	add := func(raw []byte) { f.Add(bytes.TrimPrefix(raw, []byte(pdfMark))) }
	add(document(attached("<< /Names << /EmbeddedFiles << /Kids [<< /Names [(a) 3 0 R] >>] >> >> >>", badge), ""))
	add(document([]string{"<< /AF [2 0 R] >>", "<< /F (\\101\\)\\\n) /UF <FEFF00e> /EF << /F 3 0 R >> >>", stream("/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 3 >>", string(pack(f, []byte("\x02abc\x04def"))))}, ""))
	f.Fuzz(func(t *testing.T, raw []byte) {
		start := time.Now()
		items, err := Open(t.Context(), append([]byte(pdfMark), raw...), Limits{})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
		for _, item := range items {
			if item.Kind != QR && (item.Kind != PDF || item.Name == "" || !isCredential(item.Raw)) {
				t.Errorf("%+v", item)
			}
		}
		if err != nil && reason.CodeOf(err) == reason.Internal || err == nil && len(items) == 0 {
			t.Errorf("%d items, %v", len(items), err)
		}
	})
}
