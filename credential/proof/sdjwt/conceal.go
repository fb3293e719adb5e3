package sdjwt

import (
	"crypto/rand"
	"encoding/base64"
	"hash"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
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

func (c *concealer) value(v *strictjson.Value, node *tree) (*strictjson.Value, error) {
	if node == nil || len(node.under) == 0 {
		return v, nil
	}
	if v.Kind() == strictjson.KindArray {
		return c.array(v, node)
	}
	var digests []string
	members := make([]strictjson.Member, 0, len(v.Members())+1)
	for _, m := range v.Members() {
		below := node.under[token(m.Name)]
		value, err := c.value(m.Value, below)
		if err != nil {
			return nil, err
		}
		if below == nil || !below.hide {
			members = append(members, strictjson.Member{Name: m.Name, Value: value})
			continue
		}
		digest, err := c.disclosure(strictjson.String(m.Name), value)
		if err != nil {
			return nil, err
		}
		digests = append(digests, digest)
	}
	if len(digests) == 0 {
		return strictjson.Object(members...), nil
	}
	for range c.decoys {
		text, err := random(2 * saltBytes)
		if err != nil {
			return nil, err
		}
		digests = append(digests, digestOf(c.hash, text))
	}
	slices.Sort(digests) // so that their order says nothing
	items := make([]*strictjson.Value, len(digests))
	for i, d := range digests {
		items[i] = strictjson.String(d)
	}
	return strictjson.Object(append(members, strictjson.Member{Name: digestsName, Value: strictjson.Array(items...)})...), nil
}

func (c *concealer) array(v *strictjson.Value, node *tree) (*strictjson.Value, error) {
	items := make([]*strictjson.Value, len(v.Items()))
	for i, item := range v.Items() {
		below := node.under[strconv.Itoa(i)]
		value, err := c.value(item, below)
		if err != nil {
			return nil, err
		}
		if below != nil && below.hide {
			digest, err := c.disclosure(value)
			if err != nil {
				return nil, err
			}
			value = strictjson.Object(strictjson.Member{Name: elementName, Value: strictjson.String(digest)})
		}
		items[i] = value
	}
	return strictjson.Array(items...), nil
}

// disclosure makes one and returns its digest.
func (c *concealer) disclosure(parts ...*strictjson.Value) (digest string, err error) {
	salt, err := random(saltBytes)
	if err != nil {
		return "", err
	}
	raw := strictjson.Array(append([]*strictjson.Value{strictjson.String(salt)}, parts...)...).AppendJSON(nil)
	text := base64.RawURLEncoding.EncodeToString(raw)
	c.disclosures = append(c.disclosures, text)
	return digestOf(c.hash, text), nil
}

func random(n int) (string, error) {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		return "", reason.Wrap(reason.Internal, "", err)
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

// token writes a member's name as it stands in a JSON pointer.
func token(name string) string { return strictjson.Pointer("", name)[1:] }

// isPointer reports whether p is a JSON pointer to something inside a document.
func isPointer(p string) bool { return len(p) > 1 && p[0] == '/' }

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
