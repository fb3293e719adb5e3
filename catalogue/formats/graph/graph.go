package graph

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/catalogue/formats/value"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// reader and draft are those of package intake with what graphs need.
type reader struct{ *intake.Reader }

type draft struct{ *intake.Draft }

func (r reader) draft(at string) *draft { return &draft{r.Draft(at)} }

const (
	maxPage   = 8 << 20   // bytes
	maxDepth  = 64        // of JSON
	maxValues = 4_000_000 // JSON values of one document
)

// JSON reads one JSON document: schema.org, LOQ, or the course list of Open edX.
func JSON(in *intake.Reader) error {
	r := reader{in}
	doc, err := strictjson.Parse(r.Text, strictjson.Limits{MaxBytes: len(r.Text), MaxDepth: maxDepth, MaxValues: maxValues})
	if err != nil {
		return err
	}
	switch {
	case isOpenEdX(doc):
		return r.readOpenEdX(doc)
	case hasType(doc, "learningopportunity"):
		r.Batch.Format = intake.LOQ
		return r.readGraph(doc, "", "", loqTypes())
	default:
		r.Batch.Format = intake.SchemaOrg
		return r.readGraph(doc, "", "", schemaTypes())
	}
}

// graph reads JSON-LD by the shapes that people write, not by its rules: of
// names and types only the last part counts, in any case of letters, and one
// value is as good as a list of one.
type graph struct {
	r        reader
	language string                       // of texts that do not tell theirs
	nodes    map[string]*strictjson.Value // by id, the one that says most
	claimed  map[string]bool              // ids of runs that belong to an offer
	vocabulary
}

// vocabulary is what differs between schema.org and ELM.
type vocabulary struct {
	offers    func(kind string) bool // types that are offers
	runs      []string               // members that hold an offer's runs
	parts     []string               // members that hold offers which are parts of this one
	relations []string               // members whose offers are only referred to
	read      func(g *graph, n *node, above *draft) *draft
}

// node is an object of the graph and remembers which members were asked for.
type node struct {
	v     *strictjson.Value
	at    string
	asked []string
	long  []string // members with more values than are looked at
}

// readGraph takes all offers out of a document at a place in the source.
func (r reader) readGraph(doc *strictjson.Value, at, language string, v vocabulary) error {
	g := &graph{r: r, language: language, nodes: map[string]*strictjson.Value{}, claimed: map[string]bool{}, vocabulary: v}
	for _, c := range doc.Get("@context").List() {
		if l, ok := c.Get("@language").Text(); ok {
			g.language = l
		}
	}
	g.index(doc)
	g.walk(doc, at, nil, "")
	return r.Err()
}

func (g *graph) index(v *strictjson.Value) {
	for _, item := range v.Items() {
		g.index(item)
	}
	if id := idOf(v); id != "" {
		if had := g.nodes[id]; had == nil || len(had.Members()) < len(v.Members()) {
			g.nodes[id] = v
		}
	}
	for _, m := range v.Members() {
		g.index(m.Value)
		if slices.Contains(g.runs, strings.ToLower(value.LocalName(m.Name))) {
			for _, item := range m.Value.List() {
				if id := idOf(item); id != "" {
					g.claimed[id] = true
				}
			}
		}
	}
}

// walk reads the offers in v. above is the offer that v is part of, member the
// name under which v stands.
func (g *graph) walk(v *strictjson.Value, at string, above *draft, member string) {
	if g.r.Stopped() {
		return
	}
	for i, item := range v.Items() {
		g.walk(item, at+"/"+strconv.Itoa(i), above, member)
	}
	if v.Kind() != strictjson.KindObject {
		return
	}
	var d *draft
	if kinds := typesOf(v); slices.ContainsFunc(kinds, g.offers) {
		id := idOf(v)
		switch {
		case id != "" && g.nodes[id] != v:
			g.refer(v, at, above, member) // it is read where it says most
			return
		case id != "" && g.claimed[id] && slices.Contains(kinds, "courseinstance"):
			return // read with its offer
		case thin(v) && above != nil:
			g.refer(v, at, above, member)
			return
		case len(v.Members()) > maxMembers:
			g.r.Broken(at, "", "size", "an offer of more than "+strconv.Itoa(maxMembers)+" members", "")
			return
		}
		n := &node{v: v, at: at}
		d = g.read(g, n, above)
		if id != "" {
			d.Aliases = append(d.Aliases, id)
		}
		if above != nil && slices.Contains(g.parts, member) {
			d.LinkPart(at, above.Ref())
		}
		if rest := n.unread(); rest != "" {
			d.Warn(at, "not-kept", "members that have no place in an offer", rest)
		}
		d.Take()
	} else if d = above; thin(v) && above != nil {
		g.refer(v, at, above, member)
	}
	for _, m := range v.Members() {
		name := strings.ToLower(value.LocalName(m.Name))
		if d != nil && (slices.Contains(g.runs, name) || slices.Contains(g.relations, name)) {
			continue
		}
		g.walk(m.Value, strictjson.Pointer(at, m.Name), d, name)
	}
}

// refer notes that what stands elsewhere is a part of the offer above.
func (g *graph) refer(v *strictjson.Value, at string, above *draft, member string) {
	id := idOf(v)
	if id == "" {
		id = textOf(get(v, "url"))
	}
	if above != nil && id != "" && slices.Contains(g.parts, member) {
		g.r.LinkPart(at, id, above.Ref())
	}
}

// thin tells whether an object says nothing but which one it is.
func thin(v *strictjson.Value) bool {
	named := false
	for _, m := range v.Members() {
		switch strings.ToLower(m.Name) {
		case "@id", "id", "url":
			named = true
		case "@type", "type", "@context":
		default:
			return false
		}
	}
	return named
}

// resolved returns the node that an object or address refers to, if it says
// more than the reference.
func (g *graph) resolved(v *strictjson.Value) *strictjson.Value {
	id := idOf(v)
	if s, ok := v.Text(); ok {
		id = s
	}
	more := g.nodes[id]
	if n := len(more.Members()); id != "" && n > len(v.Members()) && n <= maxReferred {
		return more
	}
	return v
}

const (
	maxReferred = 200                    // members of a node that others refer to, and pay for each time
	maxMembers  = 2000                   // members of an offer
	maxListed   = catalogue.MaxItems + 1 // values of one member that are looked at: one more than can be kept
)

// members are the values of all members with one of the names, lists taken
// apart, each with its place.
func (n *node) members(names ...string) (items []node) {
	for _, name := range names {
		n.asked = append(n.asked, strings.ToLower(name))
		m, found := member(n.v, name)
		if !found {
			continue
		}
		at := strictjson.Pointer(n.at, m.Name)
		if m.Value.Kind() != strictjson.KindArray {
			items = append(items, node{v: m.Value, at: at})
			continue
		}
		for i, item := range m.Value.Items() {
			if i == maxListed {
				n.long = append(n.long, m.Name)
				break
			}
			items = append(items, node{v: item, at: at + "/" + strconv.Itoa(i)})
		}
	}
	return slices.DeleteFunc(items, func(n node) bool { return n.v.Kind() == strictjson.KindNull })
}

// unread are the names of members that nobody asked for, or not for all of.
func (n *node) unread() string {
	names := n.long
	for _, m := range n.v.Members() {
		if name := strings.ToLower(value.LocalName(m.Name)); m.Name[:min(1, len(m.Name))] != "@" && !slices.Contains(n.asked, name) && !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return strings.Join(names, ", ")
}

// each hands the texts of members to f; what is no text is a warning.
func (d *draft) each(n *node, fine string, f func(at, s string), names ...string) {
	for _, item := range n.members(names...) {
		if s := textOf(item.v); s != "" {
			f(item.at, s)
		} else if item.v.Kind() == strictjson.KindObject || item.v.Kind() == strictjson.KindBool || item.v.Kind() == strictjson.KindArray {
			d.Warn(item.at, fine, "is no text or number", string(item.v.Raw()))
		}
	}
}

// texts adds the texts of members in their languages: plain ones, values with
// a language, and maps of languages.
func (d *draft) texts(g *graph, to *catalogue.Texts, n *node, oneLine bool, names ...string) {
	for _, item := range n.members(names...) {
		if !d.addTexts(g, to, item, oneLine) {
			d.Warn(item.at, "text", "is no text", string(item.v.Raw()))
		}
	}
}

func (d *draft) addTexts(g *graph, to *catalogue.Texts, n node, oneLine bool) bool {
	if l, ok := get(n.v, "@language").Text(); ok {
		d.SetText(to, n.at, l, textOf(get(n.v, "@value")), oneLine)
		return true
	}
	if n.v.Kind() == strictjson.KindObject && isLanguageMap(n.v) {
		for _, m := range n.v.Members() {
			for _, s := range m.Value.List() {
				d.SetText(to, strictjson.Pointer(n.at, m.Name), m.Name, textOf(s), oneLine)
			}
		}
		return true
	}
	s := textOf(n.v)
	d.SetText(to, n.at, g.language, s, oneLine)
	return s != "" || n.v.Kind() == strictjson.KindString
}

func isLanguageMap(v *strictjson.Value) bool {
	for _, m := range v.Members() {
		if _, ok := value.Language(m.Name); !ok && m.Name != "und" && m.Name != "@none" || m.Name == "id" || m.Name == "url" || textOf(m.Value) == "" {
			return false
		}
	}
	return len(v.Members()) > 0
}

// member returns the member of that name, else one whose last part is it in
// any case of letters.
func member(v *strictjson.Value, name string) (strictjson.Member, bool) {
	if found := v.Get(name); found != nil {
		return strictjson.Member{Name: name, Value: found}, true
	}
	for _, m := range v.Members() {
		if strings.EqualFold(value.LocalName(m.Name), name) && !strings.HasPrefix(m.Name, "@") {
			return m, true
		}
	}
	return strictjson.Member{}, false
}

func get(v *strictjson.Value, name string) *strictjson.Value {
	m, _ := member(v, name)
	return m.Value
}

func idOf(v *strictjson.Value) string {
	for _, name := range []string{"@id", "id"} {
		if s, ok := v.Get(name).Text(); ok {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// typesOf are the types of an object: last parts in small letters.
func typesOf(v *strictjson.Value) (types []string) {
	for _, name := range []string{"@type", "type"} {
		for _, t := range v.Get(name).List() {
			if s, ok := t.Text(); ok {
				types = append(types, strings.ToLower(value.LocalName(strings.TrimSpace(s))))
			}
		}
	}
	return types
}

func hasType(v *strictjson.Value, kind string) bool {
	return slices.Contains(typesOf(v), kind) ||
		slices.ContainsFunc(v.Items(), func(item *strictjson.Value) bool { return hasType(item, kind) }) ||
		slices.ContainsFunc(v.Members(), func(m strictjson.Member) bool { return hasType(m.Value, kind) })
}

// textOf is a string, a number as written, or the text of an object that
// stands for one.
func textOf(v *strictjson.Value) string {
	switch v.Kind() {
	case strictjson.KindString:
		s, _ := v.Text()
		return strings.TrimSpace(s)
	case strictjson.KindNumber:
		return decimal(v)
	case strictjson.KindObject:
		for _, name := range []string{"@value", "value", "name", "@id", "id", "url"} {
			if s := textOf(get(v, name)); s != "" {
				return s
			}
		}
	case strictjson.KindArray:
		if len(v.Items()) > 0 {
			return textOf(v.Items()[0])
		}
	}
	return ""
}

// decimal writes a number without an exponent, and never with three decimals,
// which in amounts that people write are thousands.
func decimal(v *strictjson.Value) string {
	s, _ := v.Literal()
	f, ok := v.Float()
	if !ok || !strings.ContainsAny(s, ".eE") {
		return s
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if at := strings.IndexByte(s, '.'); at >= 0 && len(s)-at == 4 {
		s += "0"
	}
	return s
}

// addresses are the web addresses and ids that an object or text holds.
func addresses(v *strictjson.Value) (found []string) {
	if s, ok := v.Text(); ok && strings.Contains(s, ":") && !strings.ContainsAny(s, " \n") {
		return []string{s}
	}
	for _, name := range []string{"@id", "id", "url", "targetUrl", "sameAs", "contentUrl", "contentURL"} {
		for _, item := range v.Get(name).List() {
			if s := textOf(item); s != "" {
				found = append(found, s)
			}
		}
	}
	return found
}
