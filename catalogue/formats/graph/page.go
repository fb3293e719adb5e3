package graph

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Page reads the offers of an HTML page: of each script of JSON-LD, and of
// microdata, which is first written as JSON-LD. A script that cannot be read
// is broken, and the rest goes on.
func Page(in *intake.Reader) error {
	r := reader{in}
	r.Batch.Format = intake.SchemaOrg
	if len(r.Text) > maxPage {
		return reason.New(reason.LimitSize, "", "a page of %d bytes, the limit is %d", len(r.Text), maxPage)
	}
	language, microdata := "", false
	line := 1
	for z := html.NewTokenizer(bytes.NewReader(r.Text)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		start := line
		line += bytes.Count(z.Raw(), []byte("\n"))
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := z.Token()
		switch {
		case t.Data == "html":
			language = attribute(t.Attr, "lang")
		case t.Data == "base" && r.Base == nil:
			r.Base, _ = url.Parse(attribute(t.Attr, "href"))
		case t.Data == "script" && strings.Contains(strings.ToLower(attribute(t.Attr, "type")), "ld+json"):
			if kind == html.StartTagToken && z.Next() == html.TextToken {
				script := z.Raw()
				line += bytes.Count(script, []byte("\n"))
				if err := r.readScript(script, "line "+strconv.Itoa(start), language); err != nil {
					return err
				}
			}
		}
		microdata = microdata || has(t.Attr, "itemscope")
		if kinds := strings.Fields(attribute(t.Attr, "typeof")); slices.ContainsFunc(kinds, func(k string) bool { return isSchemaOffer(strings.ToLower(value.LocalName(k))) }) {
			r.Broken("line "+strconv.Itoa(start), "", "rdfa", "an offer as RDFa, which is not read", attribute(t.Attr, "typeof"))
		}
	}
	if !microdata {
		return r.Err()
	}
	page, err := html.Parse(bytes.NewReader(r.Text))
	if err != nil {
		r.Broken("", "", "format", "the page is no HTML that can be read: "+err.Error(), "")
		return r.Err()
	}
	m := &microreader{r: r, ids: map[string]*html.Node{}}
	m.index(page, false)
	for i, item := range m.top {
		v := m.item(item, 0)
		if m.work > maxMicrodata {
			return reason.New(reason.LimitValues, "item "+strconv.Itoa(i+1), "more than %d nodes of microdata, with those that are referred to", maxMicrodata)
		}
		if err := r.readGraph(v, "item "+strconv.Itoa(i+1), language, schemaTypes()); err != nil {
			return err
		}
	}
	return r.Err()
}

func (r reader) readScript(script []byte, at, language string) error {
	text := string(bytes.TrimSpace(script))
	for _, wrap := range [][2]string{{"<!--", "-->"}, {"//<![CDATA[", "//]]>"}, {"/*<![CDATA[*/", "/*]]>*/"}, {"<![CDATA[", "]]>"}} {
		if inner, ok := strings.CutPrefix(text, wrap[0]); ok {
			text = strings.TrimSpace(strings.TrimSuffix(inner, wrap[1]))
		}
	}
	if text == "" {
		return nil
	}
	doc, err := strictjson.Parse([]byte(text), strictjson.Limits{MaxBytes: len(text), MaxDepth: maxDepth, MaxValues: maxValues})
	if err != nil {
		r.BrokenBy(at, "", err, text)
		return r.Err()
	}
	return r.readGraph(doc, at, language, schemaTypes())
}

// microreader writes microdata as JSON-LD (HTML Living Standard, section 5.2).
type microreader struct {
	r    reader
	ids  map[string]*html.Node
	top  []*html.Node
	work int
}

const maxMicrodata = 2_000_000 // nodes looked at, each time that one is referred to

// index finds ids and the items that are no property of another: also those
// that say they are one, and stand in none.
func (m *microreader) index(n *html.Node, inside bool) {
	if n.Type == html.ElementNode {
		if id := attribute(n.Attr, "id"); id != "" && m.ids[id] == nil {
			m.ids[id] = n
		}
		if has(n.Attr, "itemscope") {
			if !inside || !has(n.Attr, "itemprop") {
				m.top = append(m.top, n)
			}
			inside = true
		}
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.index(c, inside)
	}
}

func (m *microreader) item(n *html.Node, depth int) *strictjson.Value {
	var types []*strictjson.Value
	for t := range strings.FieldsSeq(attribute(n.Attr, "itemtype")) {
		types = append(types, strictjson.String(t))
	}
	members := []strictjson.Member{{Name: "@type", Value: strictjson.Array(types...)}}
	if id := strings.TrimSpace(attribute(n.Attr, "itemid")); id != "" {
		members = append(members, strictjson.Member{Name: "@id", Value: strictjson.String(id)})
	}
	if depth >= maxDepth/2 {
		return strictjson.Object(members...)
	}
	values := map[string][]*strictjson.Value{}
	var names []string
	add := func(name string, v *strictjson.Value) {
		if name = value.LocalName(name); name == "" || strings.HasPrefix(name, "@") {
			return
		}
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], v)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.properties(c, depth, add)
	}
	for ref := range strings.FieldsSeq(attribute(n.Attr, "itemref")) {
		if other := m.ids[ref]; other != nil && other != n {
			m.properties(other, depth, add)
		}
	}
	for _, name := range names {
		members = append(members, strictjson.Member{Name: name, Value: strictjson.Array(values[name]...)})
	}
	return strictjson.Object(members...)
}

func (m *microreader) properties(n *html.Node, depth int, add func(string, *strictjson.Value)) {
	if m.work++; m.work > maxMicrodata {
		return
	}
	scope := has(n.Attr, "itemscope")
	if props := strings.Fields(attribute(n.Attr, "itemprop")); n.Type == html.ElementNode && len(props) > 0 {
		var v *strictjson.Value
		if scope {
			v = m.item(n, depth+1)
		} else {
			v = strictjson.String(propertyValue(n))
		}
		for _, p := range props {
			add(p, v)
		}
	}
	if scope {
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		m.properties(c, depth, add)
	}
}

// propertyValue is the value of a property that is no item. What stands in
// content goes before what is shown, wherever it stands.
func propertyValue(n *html.Node) string {
	for _, name := range []string{"content", "datetime", "href", "src", "data", "value"} {
		if name == "value" && n.Data != "data" && n.Data != "meter" {
			continue
		}
		if has(n.Attr, name) {
			return strings.TrimSpace(attribute(n.Attr, name))
		}
	}
	var b strings.Builder
	textInto(&b, n)
	return strings.TrimSpace(b.String())
}

func textInto(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
	}
	if n.Type == html.ElementNode && value.IsBlock(n.Data) {
		b.WriteByte('\n')
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode || c.Type == html.ElementNode && c.Data != "script" && c.Data != "style" {
			textInto(b, c)
		}
	}
}

func attribute(list []html.Attribute, name string) string {
	for _, a := range list {
		if a.Namespace == "" && a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(list []html.Attribute, name string) bool {
	return slices.ContainsFunc(list, func(a html.Attribute) bool { return a.Namespace == "" && a.Key == name })
}
