package sdjwt

import (
	"crypto/rand"
	"encoding/base64"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
)

const saltBytes = 16 // RFC 9901 section 9.3

// tree is the places that are to be hidden, by the tokens of their pointers.
type tree struct {
	hide  bool
	under map[string]*tree
}

func treeOf(pointers []string) *tree {
	root := &tree{}
	for _, p := range pointers {
		node := root
		for _, token := range strings.Split(strings.TrimPrefix(p, "/"), "/") {
			if node.under == nil {
				node.under = map[string]*tree{}
			}
			if node.under[token] == nil {
				node.under[token] = &tree{}
			}
			node = node.under[token]
		}
		node.hide = true
	}
	return root
}

// concealer puts digests in the place of what can be kept back (RFC 9901
// section 4.2).
type concealer struct {
	hash        func() hash.Hash
	decoys      int // of each object in which something is hidden
	disclosures []string
}

func (c *concealer) value(v *strictjson.Value, node *tree) *strictjson.Value {
	if node == nil || len(node.under) == 0 {
		return v
	}
	if v.Kind() == strictjson.KindArray {
		return c.array(v, node)
	}
	var digests []string
	members := make([]strictjson.Member, 0, len(v.Members())+1)
	for _, m := range v.Members() {
		below := node.under[token(m.Name)]
		value := c.value(m.Value, below)
		if below == nil || !below.hide {
			members = append(members, strictjson.Member{Name: m.Name, Value: value})
			continue
		}
		digests = append(digests, c.disclosure(strictjson.String(m.Name), value))
	}
	if len(digests) == 0 {
		return strictjson.Object(members...)
	}
	for range c.decoys {
		digests = append(digests, digestOf(c.hash, random(2*saltBytes)))
	}
	slices.Sort(digests) // so that their order says nothing
	items := make([]*strictjson.Value, len(digests))
	for i, d := range digests {
		items[i] = strictjson.String(d)
	}
	return strictjson.Object(append(members, strictjson.Member{Name: digestsName, Value: strictjson.Array(items...)})...)
}

func (c *concealer) array(v *strictjson.Value, node *tree) *strictjson.Value {
	items := make([]*strictjson.Value, len(v.Items()))
	for i, item := range v.Items() {
		below := node.under[strconv.Itoa(i)]
		value := c.value(item, below)
		if below != nil && below.hide {
			value = strictjson.Object(strictjson.Member{Name: elementName, Value: strictjson.String(c.disclosure(value))})
		}
		items[i] = value
	}
	return strictjson.Array(items...)
}

// disclosure makes one and returns its digest.
func (c *concealer) disclosure(parts ...*strictjson.Value) (digest string) {
	raw := strictjson.Array(append([]*strictjson.Value{strictjson.String(random(saltBytes))}, parts...)...).AppendJSON(nil)
	text := base64.RawURLEncoding.EncodeToString(raw)
	c.disclosures = append(c.disclosures, text)
	return digestOf(c.hash, text)
}

// random returns n random bytes as text. Package crypto/rand has no errors.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// token writes a member's name as it stands in a JSON pointer.
func token(name string) string { return strictjson.Pointer("", name)[1:] }

// within reports whether the place p is that of base or inside it.
func within(p, base string) bool {
	rest, ok := strings.CutPrefix(p, base)
	return ok && (rest == "" || rest[0] == '/')
}

// holdsReserved returns where a document uses one of the names that stand for
// what is hidden.
func holdsReserved(v *strictjson.Value, at string) (string, bool) {
	for i, item := range v.Items() {
		if place, found := holdsReserved(item, strictjson.Pointer(at, strconv.Itoa(i))); found {
			return place, true
		}
	}
	for _, m := range v.Members() {
		place := strictjson.Pointer(at, m.Name)
		if reserved(m.Name) {
			return place, true
		}
		if place, found := holdsReserved(m.Value, place); found {
			return place, true
		}
	}
	return "", false
}
