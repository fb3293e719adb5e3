package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/kompetansebevis/bevis/reason"
)

const maxPages = 50

// writer gathers the objects of a document. Object n stands at objects[n-1].
type writer struct {
	fonts    Fonts
	objects  [][]byte
	content  bytes.Buffer // of the page that is being written
	pictures []int        // objects of the pictures of that page
	used     map[bool]map[uint16]rune
	elements []int // objects of the structure elements of that page
	all      []int // of all pages
	parents  []int // for each page, the object with its elements
}

// Write returns the bytes of a document. An error is usage for a document that
// cannot be: without a page, with too many, or without fonts.
func (d Document) Write() ([]byte, error) {
	if len(d.Pages) == 0 || len(d.Pages) > maxPages || d.Fonts.Regular == nil || d.Fonts.Bold == nil {
		return nil, reason.New(reason.Usage, "pdf.Document", "1 to %d pages and two fonts are needed, not %d pages", maxPages, len(d.Pages))
	}
	w := &writer{fonts: d.Fonts, used: map[bool]map[uint16]rune{false: {}, true: {}}}
	catalog, pages, tree, body := w.keep(), w.keep(), w.keep(), w.keep()
	regular, bold := w.keep(), w.keep()
	resources := fmt.Sprintf("/Font <</F0 %s /F1 %s>>", ref(regular), ref(bold))
	var kids []int
	for n, p := range d.Pages {
		kids = append(kids, w.page(p, n, pages, body, resources))
	}
	w.font(regular, d.Fonts.Regular, w.used[false])
	w.font(bold, d.Fonts.Bold, w.used[true])
	w.put(pages, "<</Type /Pages /Count %d /Kids %s>>", len(kids), refs(kids))
	var parents strings.Builder
	for n, p := range w.parents {
		fmt.Fprintf(&parents, "%d %s ", n, ref(p))
	}
	w.put(body, "<</Type /StructElem /S /Document /P %s /K %s>>", ref(tree), refs(w.all))
	w.put(tree, "<</Type /StructTreeRoot /K %s /ParentTree %s /ParentTreeNextKey %d>>", ref(body), ref(w.object("<</Nums [%s]>>", parents.String())), len(w.parents))
	files, names := w.files(d)
	metadata := w.stream("/Type /Metadata /Subtype /XML", d.metadata(), false)
	more := ""
	if len(files) > 0 {
		more = fmt.Sprintf(" /AF %s /Names <</EmbeddedFiles <</Names [%s]>>>>", refs(files), names)
	}
	w.put(catalog, "<</Type /Catalog /Pages %s /Lang %s /MarkInfo <</Marked true>> /StructTreeRoot %s /Metadata %s /ViewerPreferences <</DisplayDocTitle true>>%s>>",
		ref(pages), text(d.Language), ref(tree), ref(metadata), more)
	info := w.object("<</Title %s /Author %s /Subject %s /Producer (bevis) /CreationDate %s /ModDate %s>>", text(d.Title), text(d.Author), text(d.Subject), date(d.Created), date(d.Created))
	return w.file(catalog, info), nil
}

// keep gives a number for an object that is written later.
func (w *writer) keep() int {
	w.objects = append(w.objects, nil)
	return len(w.objects)
}

func (w *writer) put(n int, format string, args ...any) {
	w.objects[n-1] = fmt.Appendf(nil, format, args...)
}

func (w *writer) object(format string, args ...any) int {
	n := w.keep()
	w.put(n, format, args...)
	return n
}

// stream writes data with a dictionary, packed if that is wanted.
func (w *writer) stream(dict string, data []byte, pack bool) int {
	if pack {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(data) // into memory, which does not fail
		_ = z.Close()
		data, dict = b.Bytes(), dict+" /Filter /FlateDecode"
	}
	n := w.keep()
	w.objects[n-1] = slices.Concat(fmt.Appendf(nil, "<<%s /Length %d>>\nstream\n", dict, len(data)), data, []byte("\nendstream"))
	return n
}

func ref(n int) string { return strconv.Itoa(n) + " 0 R" }

func refs(numbers []int) string {
	all := make([]string, len(numbers))
	for i, n := range numbers {
		all[i] = ref(n)
	}
	return "[" + strings.Join(all, " ") + "]"
}

// text writes a text string as UTF-16 in hexadecimal, in which nothing has to be
// escaped.
func text(s string) string {
	out := "<FEFF"
	for _, u := range utf16.Encode([]rune(s)) {
		out += fmt.Sprintf("%04X", u)
	}
	return out + ">"
}

func date(t time.Time) string { return t.UTC().Format("(D:20060102150405Z)") }

// number writes a measure without an exponent.
func number(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 3, 64), "0"), ".")
}

// page writes a page and returns its number.
func (w *writer) page(p Page, n, pages, body int, resources string) int {
	page := w.keep()
	w.content.Reset()
	w.pictures, w.elements = nil, nil
	for _, b := range p.Blocks {
		if b.Role == "" {
			w.content.WriteString("/Artifact BMC\n")
		} else {
			mark := len(w.elements)
			fmt.Fprintf(&w.content, "/%s <</MCID %d>> BDC\n", b.Role, mark)
			alt := ""
			if b.Alt != "" {
				alt = " /Alt " + text(b.Alt)
			}
			w.elements = append(w.elements, w.object("<</Type /StructElem /S /%s /P %s /Pg %s /K %d%s>>", b.Role, ref(body), ref(page), mark, alt))
		}
		for _, item := range b.Items {
			item.draw(w, p.Height)
		}
		w.content.WriteString("EMC\n")
	}
	w.all = append(w.all, w.elements...)
	w.parents = append(w.parents, w.object("%s", refs(w.elements)))
	for i, picture := range w.pictures {
		if i == 0 {
			resources += " /XObject <<"
		}
		resources += fmt.Sprintf("/I%d %s ", i, ref(picture))
		if i == len(w.pictures)-1 {
			resources += ">>"
		}
	}
	content := w.stream("", w.content.Bytes(), true)
	w.put(page, "<</Type /Page /Parent %s /MediaBox [0 0 %s %s] /Resources <<%s>> /Contents %s /StructParents %d /Tabs /S>>",
		ref(pages), number(p.Width), number(p.Height), resources, ref(content), n)
	return page
}

// files writes what is attached, and returns its numbers and the tree of names.
func (w *writer) files(d Document) (numbers []int, names string) {
	sorted := slices.SortedFunc(slices.Values(d.Files), func(a, b File) int { return strings.Compare(text(a.Name), text(b.Name)) })
	for _, f := range sorted {
		sum := md5.Sum(f.Data) // what the format has; it secures nothing
		file := w.stream(fmt.Sprintf("/Type /EmbeddedFile /Subtype /%s /Params <</Size %d /CreationDate %s /ModDate %s /CheckSum <%X>>>",
			name(f.MediaType), len(f.Data), date(d.Created), date(d.Created), sum), f.Data, true)
		n := w.object("<</Type /Filespec /F %s /UF %s /Desc %s /AFRelationship /%s /EF <</F %s /UF %s>>>>", text(f.Name), text(f.Name), text(f.About), f.Relationship, ref(file), ref(file))
		numbers = append(numbers, n)
		names += text(f.Name) + " " + ref(n) + " "
	}
	return numbers, names
}

// name escapes a name (ISO 32000-2 section 7.3.5).
func name(s string) string {
	out := ""
	for _, c := range []byte(s) {
		if c > '!' && c <= '~' && !strings.ContainsRune("#()<>[]{}/%", rune(c)) {
			out += string(rune(c))
		} else {
			out += fmt.Sprintf("#%02X", c)
		}
	}
	return out
}

// file writes all objects and the table of where they stand.
func (w *writer) file(catalog, info int) []byte {
	out := []byte("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	places := make([]int, len(w.objects))
	for i, o := range w.objects {
		places[i] = len(out)
		out = append(fmt.Appendf(out, "%d 0 obj\n", i+1), o...)
		out = append(out, "\nendobj\n"...)
	}
	id := sha256.Sum256(out)
	start := len(out)
	out = fmt.Appendf(out, "xref\n0 %d\n0000000000 65535 f \n", len(places)+1)
	for _, at := range places {
		out = fmt.Appendf(out, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(out, "trailer\n<</Size %d /Root %s /Info %s /ID [<%X> <%X>]>>\nstartxref\n%d\n%%%%EOF\n", len(places)+1, ref(catalog), ref(info), id[:16], id[:16], start)
}
