package bake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

const (
	svgNS    = "http://www.w3.org/2000/svg"
	badgeNS  = "https://purl.imsglobal.org/ob/v3p0"
	badgeNS2 = "http://openbadges.org"

	maxDepth      = 200
	maxTokens     = 500_000
	maxAttributes = 20_000 // of one tag
)

// svgScan is what one pass over an SVG finds.
type svgScan struct {
	image      []byte
	lim        Limits
	root       xml.StartElement
	rootStart  int64 // where the root's tag begins
	rootEnd    int64 // behind the root's start tag
	selfClosed bool
	found      []svgCredential
	open       *svgCredential // the one that is being read
	depth      int
	ended      bool // the root is closed
	doctype    bool
	style      []byte // text of the style sheet that is being read
	styleDepth int    // where that is, 0 when none is being read
	warnings   []Warning
	wrongNS    bool // an element that is called credential, of a foreign namespace
	lookalike  bool // one that is written as Open Badges writes it, and is not
}

type svgCredential struct {
	version    Version
	attribute  string
	body       []byte
	start, end int64
}

// scanSVG reads the whole document, so that damage behind the credential
// does not go unseen. encoding/xml lets through what other readers refuse or
// read otherwise (several roots, repeated attributes, declarations anywhere):
// that is refused here.
func scanSVG(image []byte, lim Limits) (*svgScan, error) {
	if isPage(image) {
		return nil, reason.New("no_credential/page", "", "this is a web page")
	}
	if !utf8.Valid(image) {
		return nil, reason.New("image_invalid/xml", "", "the picture is not UTF-8")
	}
	if err := boundAttributes(image); err != nil {
		return nil, err
	}
	d := xml.NewDecoder(bytes.NewReader(image))
	d.Strict = true
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		return nil, errors.New("only UTF-8 is read")
	}
	s := &svgScan{image: image, lim: lim}
	for tokens := 0; ; tokens++ {
		if tokens > maxTokens {
			return nil, reason.New("resource_limit/xml", "", "the picture has more than %d parts", maxTokens)
		}
		before := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, notXML()
		}
		if err := s.take(token, before, d.InputOffset()); err != nil {
			return nil, err
		}
	}
	if s.ended && s.root.Name.Local != "svg" {
		return nil, reason.New("no_credential/xml", "", "this is an XML document called %.40q, and no picture", s.root.Name.Local)
	}
	if !s.ended || s.root.Name.Space != svgNS && s.root.Name.Space != "" {
		return nil, reason.New("image_invalid/xml", "", "the document is no SVG picture")
	}
	return s, nil
}

// isPage tells a page of HTML, which is what people often get when they save a
// badge that they have to log in for.
func isPage(text []byte) bool {
	start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, mark := range []string{"<!doctype html", "<html"} {
		if len(start) > len(mark) && bytes.EqualFold(start[:len(mark)], []byte(mark)) && bytes.IndexByte([]byte(" >\t\r\n"), start[len(mark)]) >= 0 {
			return true
		}
	}
	return false
}

// boundAttributes refuses a tag with very many attributes before the XML
// reader builds them all: each costs many times its length in memory. No tag
// reaches over a "<", which well-formed XML has in no attribute.
func boundAttributes(image []byte) error {
	for tag := range bytes.SplitSeq(image, []byte("<")) {
		if len(tag) > 2*maxAttributes && tag[0] != '!' && tag[0] != '?' && bytes.Count(tag, []byte("=")) > maxAttributes {
			return reason.New("resource_limit/xml", "", "a tag has more than %d attributes", maxAttributes)
		}
	}
	return nil
}

// take looks at one token, which stands from before to after.
func (s *svgScan) take(token xml.Token, before, after int64) error {
	switch t := token.(type) {
	case xml.Directive:
		if s.depth > 0 || s.ended || s.doctype || !knownDoctype(t) {
			return reason.New("image_invalid/doctype", "", "the picture declares a document type of its own, which could define entities")
		}
		s.doctype = true
	case xml.ProcInst:
		return s.takeInstruction(t, before)
	case xml.Comment:
		if s.open != nil {
			return reason.New("image_invalid/ambiguous", "", "the credential holds more than text")
		}
	case xml.StartElement:
		return s.takeStart(t, before, after)
	case xml.EndElement:
		if s.open != nil {
			s.open.end = after
			s.open = nil
		}
		if s.depth == s.styleDepth {
			s.lookStyle(string(s.style))
			s.styleDepth, s.style = 0, nil
		}
		s.depth--
		s.ended = s.depth == 0
	case xml.CharData:
		return s.takeText(t, before)
	}
	return nil
}

func (s *svgScan) takeInstruction(t xml.ProcInst, before int64) error {
	switch {
	case s.open != nil:
		return reason.New("image_invalid/ambiguous", "", "the credential holds more than text")
	case t.Target == "xml" && before != int64(len(bom(s.image))):
		return notXML()
	case t.Target == "xml-stylesheet":
		s.warn(externalImage)
	}
	return nil
}

func (s *svgScan) takeText(t xml.CharData, before int64) error {
	switch {
	case s.open != nil:
		if s.open.body = append(s.open.body, t...); len(s.open.body) > s.lim.MaxText {
			return reason.New(reason.LimitSize, "", "the credential is longer than %d bytes", s.lim.MaxText)
		}
	case s.styleDepth > 0:
		s.style = append(s.style, t...)
	case s.depth == 0:
		if before == 0 {
			t = t[len(bom(t)):]
		}
		if len(trim(t)) > 0 && s.ended {
			return reason.New("image_invalid/data-after-end", "", "data follows the end of the picture")
		} else if len(trim(t)) > 0 {
			return notXML()
		}
	}
	return nil
}

func (s *svgScan) takeStart(t xml.StartElement, before, after int64) error {
	if s.ended {
		return reason.New("image_invalid/data-after-end", "", "data follows the end of the picture")
	}
	if s.depth++; s.depth > maxDepth {
		return reason.New("resource_limit/xml", "", "the picture is nested deeper than %d", maxDepth)
	}
	if s.open != nil {
		return reason.New("image_invalid/ambiguous", "", "the credential holds more than text")
	}
	if repeatsAttribute(t.Attr) {
		return notXML()
	}
	if s.depth == 1 {
		s.root, s.rootStart, s.rootEnd = t, before, after
		s.selfClosed = bytes.HasSuffix(s.image[:after], []byte("/>"))
	}
	if s.styleDepth == 0 && strings.EqualFold(t.Name.Local, "style") {
		s.styleDepth = s.depth // to its end: what stands in it between elements counts as well
	}
	s.look(t)
	version, ok := badgeElement(t.Name)
	if !ok {
		name := tagName(s.image[before:])
		s.lookalike = s.lookalike || name == "openbadges:credential" || name == "openbadges:assertion"
		s.wrongNS = s.wrongNS || s.lookalike || t.Name.Local == "credential" && t.Name.Space != svgNS && t.Name.Space != ""
		return nil
	}
	if s.depth != 2 {
		return reason.New("image_invalid/ambiguous", "", "the credential is not directly inside the picture")
	}
	if s.of(version) != nil {
		return reason.New("image_invalid/two-credentials", "", "the picture carries two credentials")
	}
	s.found = append(s.found, svgCredential{version: version, attribute: attribute(t, "verify"), start: before})
	s.open = &s.found[len(s.found)-1]
	return nil
}

// of returns what was found of an edition, or nil.
func (s *svgScan) of(version Version) *svgCredential {
	for i := range s.found {
		if s.found[i].version == version {
			return &s.found[i]
		}
	}
	return nil
}

// knownDoctype reports whether a declaration is the plain one or one of the
// public SVG types, which are common and are not loaded. One with declarations
// of its own, or from elsewhere, could define entities and attributes that
// another reader would follow.
func knownDoctype(declaration []byte) bool {
	ok, err := regexp.Match(`^DOCTYPE\s+([a-z]+:)?svg(\s+PUBLIC\s+["']-//W3C//DTD SVG [^"'\[]*["']\s+["']https?://www\.w3\.org/[^"'\[]*["'])?\s*$`, declaration)
	return ok && err == nil
}

// badgeElement tells the badge element by namespace, not by prefix.
func badgeElement(name xml.Name) (Version, bool) {
	switch {
	case name.Space == badgeNS && name.Local == "credential":
		return OB3, true
	case name.Space == badgeNS2 && name.Local == "assertion":
		return OB2, true
	}
	return OB3, false
}

func attribute(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func repeatsAttribute(attributes []xml.Attr) bool {
	if len(attributes) < 2 {
		return false
	}
	seen := make(map[xml.Name]bool, len(attributes))
	for _, a := range attributes {
		if seen[a.Name] {
			return true
		}
		seen[a.Name] = true
	}
	return false
}

func notXML() error {
	return reason.New("image_invalid/xml", "", "the picture is not well-formed XML")
}

// bom returns the byte order mark that text begins with, or nothing.
func bom(text []byte) []byte {
	const mark = "\xef\xbb\xbf"
	if bytes.HasPrefix(text, []byte(mark)) {
		return text[:len(mark)]
	}
	return nil
}

// trim takes off the white space of XML and JSON, and no other.
func trim(text []byte) []byte {
	return bytes.Trim(text, " \t\r\n")
}

func extractSVG(image []byte, lim Limits) (*Baked, error) {
	s, err := scanSVG(image, lim)
	if err != nil {
		return nil, err
	}
	c := s.of(OB3)
	switch {
	case len(s.found) > 0 && s.lookalike:
		return nil, reason.New("image_invalid/ambiguous", "", "beside the credential stands one of another namespace that looks like it")
	case len(s.found) > 1:
		s.warnings = append(s.warnings, alsoOB2())
	case c == nil:
		c = s.of(OB2)
	}
	switch {
	case c == nil && s.wrongNS:
		return nil, reason.New("image_invalid/wrong-namespace", "", "the element that looks like a credential is of another namespace")
	case c == nil:
		return nil, none()
	}
	body, verify := trim(c.body), trim([]byte(c.attribute))
	switch {
	case len(verify) == 0:
	case len(body) > 0 && !bytes.Equal(verify, body) && c.version == OB3:
		return nil, reason.New("image_invalid/ambiguous", "", "the credential stands in two places, with two contents")
	default:
		// In Open Badges 2.0 the attribute (an address or a signature) stands
		// beside the body, and is what the badge is verified by.
		body = verify
	}
	if len(body) == 0 {
		return nil, none()
	}
	if len(body) > lim.MaxText {
		return nil, reason.New(reason.LimitSize, "", "the credential is longer than %d bytes", lim.MaxText)
	}
	return &Baked{Format: SVG, Version: c.version, Credential: body, Warnings: s.warnings}, nil
}

func bakeSVG(image, credential []byte, lim Limits) ([]byte, error) {
	for _, r := range string(credential) {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return nil, reason.New("malformed/xml-character", "", "the credential holds the character U+%04X, which no SVG can carry", r)
		}
	}
	s, err := scanSVG(image, lim)
	if err != nil {
		return nil, err
	}
	if c := s.of(OB3); c != nil {
		before, after := image[:c.start], image[c.end:]
		var between []byte
		if bytes.Contains(slices.Concat(before[len(before)-2:], after[:2]), []byte("]]>")) {
			between = []byte("<!---->") // what would meet here is no text of XML
		}
		image = slices.Concat(before, between, after)
		if s, err = scanSVG(image, lim); err != nil {
			return nil, err
		}
	}
	// The prefix is declared on the root's tag, as the specification has it,
	// unless it is taken there.
	tag := image[s.rootStart:s.rootEnd]
	declaration := []byte(` xmlns:openbadges="` + badgeNS + `"`)
	var onRoot, onElement []byte
	if bound, ok := namespaceOf(s.root, "openbadges"); !ok {
		onRoot = declaration
	} else if bound != badgeNS {
		onElement = declaration
	}
	name := tagName(tag)
	open, rest, end := tag[:1+len(name)], tag[1+len(name):], []byte(nil)
	if s.selfClosed {
		rest = slices.Concat(rest[:len(rest)-2], []byte(">"))
		end = []byte("</" + name + ">")
	}
	return slices.Concat(image[:s.rootStart], open, onRoot, rest, element(credential, onElement), end, image[s.rootEnd:]), nil
}

// element writes the badge element: a JWS stands in an attribute, JSON in
// CDATA. What CDATA cannot hold, its own end and a carriage return (which XML
// readers turn into a line feed), stands between two sections.
func element(credential, declaration []byte) []byte {
	const open, end = "<openbadges:credential", "</openbadges:credential>"
	if credential[0] != '{' {
		return slices.Concat([]byte(open), declaration, []byte(` verify="`), credential, []byte(`">`+end))
	}
	text := bytes.ReplaceAll(credential, []byte("]]>"), []byte("]]]]><![CDATA[>"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("]]>&#13;<![CDATA["))
	return slices.Concat([]byte(open), declaration, []byte("><![CDATA["), text, []byte("]]>"+end))
}

// namespaceOf returns what a tag binds a prefix to, if it does.
func namespaceOf(t xml.StartElement, prefix string) (string, bool) {
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" && a.Name.Local == prefix {
			return a.Value, true
		}
	}
	return "", false
}

// tagName returns the name that a tag begins with as written, with its prefix.
func tagName(tag []byte) string {
	tag = tag[1:]
	if i := bytes.IndexAny(tag, " \t\r\n/>"); i >= 0 {
		tag = tag[:i]
	}
	return string(tag)
}
