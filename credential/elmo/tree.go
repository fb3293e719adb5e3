package elmo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	maxXML      = 16 << 20 // bytes
	maxDepth    = 64
	maxElements = 100_000
	maxPlaces   = 16 << 20 // bytes: a report names each element by what leads to it
)

// Is reports whether text is XML whose root is elmo, by its first element.
func Is(text []byte) bool {
	text = bytes.TrimLeft(text, "\xef\xbb\xbf \t\r\n")
	if !bytes.HasPrefix(text, []byte("<")) {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(text[:min(len(text), 16<<10)]))
	d.CharsetReader = alreadyUTF8
	for {
		t, err := d.RawToken()
		if err != nil {
			return false
		}
		if start, ok := t.(xml.StartElement); ok {
			return start.Name.Local == "elmo"
		}
	}
}

func alreadyUTF8(_ string, in io.Reader) (io.Reader, error) { return in, nil }

// Signed reports whether a document carries an XML signature, which is not judged.
// Nothing is kept of it, since any file is asked; one that cannot be read has none.
func Signed(raw []byte) bool {
	if len(raw) > maxXML || !bytes.Contains(raw, []byte("Signature")) {
		return false
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimSpace(raw)))
	d.CharsetReader = alreadyUTF8
	signed := false
	for depth, count := 0, 0; ; {
		t, err := d.Token()
		if err != nil {
			return signed && errors.Is(err, io.EOF)
		}
		switch t := t.(type) {
		case xml.Directive:
			return false
		case xml.StartElement:
			signed = signed || depth == 1 && t.Name.Local == "Signature"
			if count, depth = count+1, depth+1; count > maxElements || depth > maxDepth {
				return false
			}
		case xml.EndElement:
			depth--
		}
	}
}

// element is an element while it is read.
type element struct {
	name   string
	attrs  []strictjson.Member
	names  []string // of children, in order
	values map[string][]*strictjson.Value
	text   strings.Builder
}

// read turns XML into a tree: an element is its text, or an object of its
// children, its attributes with an "@" before their names, and "#text"; children
// of one name are a list. Document types are refused, and with them entities.
func read(raw []byte) (*strictjson.Value, error) {
	if len(raw) > maxXML {
		return nil, reason.New(reason.LimitSize, "", "XML of %d bytes, the limit is %d", len(raw), maxXML)
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimSpace(raw)))
	d.CharsetReader = alreadyUTF8
	var stack []*element
	var root *strictjson.Value
	named, placed := 0, 0 // bytes of the names that lead here, and to all before
	for count := 0; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, reason.New("malformed/xml", "", "%w", err)
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, reason.New("malformed/xml", "", "a document type, which is not allowed")
		case xml.StartElement:
			if count++; count > maxElements || len(stack) == maxDepth {
				return nil, reason.New(reason.LimitDepth, "", "more than %d elements, or nested deeper than %d", maxElements, maxDepth)
			}
			if len(stack) == 0 && (t.Name.Local != "elmo" || root != nil) {
				return nil, reason.New("wrong_type/not-a-credential", "", "the root is no elmo")
			}
			if named += len(t.Name.Local); placed+named > maxPlaces {
				return nil, reason.New(reason.LimitDepth, "", "the names that lead to its elements have more than %d bytes in all", maxPlaces)
			}
			placed += named
			e := &element{name: t.Name.Local}
			for _, a := range t.Attr {
				if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" && a.Name.Local != "schemaLocation" {
					e.attrs = append(e.attrs, strictjson.Member{Name: "@" + a.Name.Local, Value: strictjson.String(a.Value)})
				}
			}
			stack = append(stack, e)
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text.Write(t)
			}
		case xml.EndElement:
			e := stack[len(stack)-1]
			named -= len(e.name)
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				root = e.value()
				continue
			}
			above := stack[len(stack)-1]
			if above.values == nil { // as for most, which have none in them
				above.values = map[string][]*strictjson.Value{}
			}
			if above.values[e.name] == nil {
				above.names = append(above.names, e.name)
			}
			above.values[e.name] = append(above.values[e.name], e.value())
		}
	}
	if root == nil {
		return nil, reason.New("malformed/xml", "", "there is no element in it")
	}
	return root, nil
}

func (e *element) value() *strictjson.Value {
	text := strings.TrimSpace(e.text.String())
	if len(e.names) == 0 && len(e.attrs) == 0 {
		return strictjson.String(text)
	}
	members := e.attrs
	for _, name := range e.names {
		v := e.values[name][0]
		if len(e.values[name]) > 1 {
			v = strictjson.Array(e.values[name]...)
		}
		members = append(members, strictjson.Member{Name: name, Value: v})
	}
	if text != "" || len(e.names) == 0 {
		members = append(members, strictjson.Member{Name: "#text", Value: strictjson.String(text)})
	}
	return strictjson.Object(members...)
}

// paths writes the places of a report as those of an XML document:
// /elmo/report[1]/issuer.
func paths(report loss.Report) loss.Report {
	for i := range report {
		report[i].From = path(report[i].From)
	}
	return report
}

func path(pointer string) string {
	if pointer == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("/elmo")
	for _, step := range strings.Split(pointer, "/")[1:] {
		if n, err := strconv.Atoi(step); err == nil {
			b.WriteString("[" + strconv.Itoa(n+1) + "]")
		} else if step != "#text" {
			b.WriteString("/" + step)
		}
	}
	return b.String()
}

// writer writes XML. An element without text or children is left out.
type writer struct {
	b     bytes.Buffer
	depth int
}

func (w *writer) line() {
	w.b.WriteByte('\n')
	for range w.depth {
		w.b.WriteString("  ")
	}
}

// text writes an element with text, and attributes as name and value in turn.
func (w *writer) text(name, text string, attrs ...string) {
	if text == "" {
		return
	}
	w.start(name, attrs...)
	_ = xml.EscapeText(&w.b, []byte(text)) // memory takes all that is written
	w.b.WriteString("</" + name + ">")
}

func (w *writer) start(name string, attrs ...string) {
	w.line()
	w.b.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] == "" {
			continue
		}
		w.b.WriteString(" " + attrs[i] + `="`)
		_ = xml.EscapeText(&w.b, []byte(attrs[i+1]))
		w.b.WriteByte('"')
	}
	w.b.WriteByte('>')
}

// within writes an element with children.
func (w *writer) within(name string, f func(), attrs ...string) {
	w.start(name, attrs...)
	w.depth++
	f()
	w.depth--
	w.line()
	w.b.WriteString("</" + name + ">")
}
