package sdjwt

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strconv"

	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Names that stand for what is not shown (RFC 9901 section 4.2.4), and the one
// that names their hash (section 4.1.1).
const (
	digestsName = "_sd"
	elementName = "..."
	hashName    = "_sd_alg"
)

func reserved(name string) bool {
	return name == digestsName || name == elementName || name == hashName
}

// hashOf returns the hash of a payload's digests. It is SHA-256 where none is
// named.
func hashOf(payload *strictjson.Value) (func() hash.Hash, error) {
	v := payload.Get(hashName)
	if v == nil {
		return sha256.New, nil
	}
	switch name, _ := v.Text(); name {
	case "sha-256":
		return sha256.New, nil
	case "sha-384":
		return sha512.New384, nil
	case "sha-512":
		return sha512.New, nil
	default:
		return nil, reason.New("unsupported_alg/sd-alg", "/"+hashName, "the hash %.40q is not accepted", name)
	}
}

func digestOf(h func() hash.Hash, text string) string {
	sum := h()
	sum.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum.Sum(nil))
}

// revealed is a payload with what was disclosed put in its places.
type revealed struct {
	claims   *strictjson.Value
	opened   []opened // in document order
	withheld int      // digests that nothing was disclosed for
}

// opened is a disclosure in its place.
type opened struct {
	at    string // JSON pointer in the claims
	index int    // among the disclosures
}

// revealer puts disclosures where the payload has their digests (RFC 9901
// section 7.1). One is read only when its digest is met: what nothing refers
// to never becomes a claim.
type revealer struct {
	texts    []string
	lim      strictjson.Limits
	maxDepth int
	index    map[string]int  // of the disclosures, by digest
	met      map[string]bool // digests in the payload and in what was read
	out      revealed
}

func reveal(payload *strictjson.Value, h func() hash.Hash, texts []string, lim strictjson.Limits) (*revealed, error) {
	r := &revealer{texts: texts, lim: lim, maxDepth: lim.MaxDepth, index: make(map[string]int, len(texts)), met: map[string]bool{}}
	if r.maxDepth <= 0 {
		r.maxDepth = strictjson.DefaultMaxDepth
	}
	for i, text := range texts {
		digest := digestOf(h, text)
		if _, twice := r.index[digest]; twice {
			return nil, reason.New("disclosure_invalid/repeated", "", "disclosure %d comes twice", i+1)
		}
		r.index[digest] = i
	}
	var err error
	if r.out.claims, err = r.value(payload.Without(hashName), "", 1); err != nil {
		return nil, err
	}
	if n := len(texts) - len(r.out.opened); n > 0 {
		return nil, reason.New("disclosure_invalid/unreferenced", "", "%d of %d disclosures belong to nothing that the issuer signed", n, len(texts))
	}
	return &r.out, nil
}

func (r *revealer) value(v *strictjson.Value, at string, depth int) (*strictjson.Value, error) {
	if k := v.Kind(); k != strictjson.KindArray && k != strictjson.KindObject {
		return v, nil
	}
	if depth > r.maxDepth {
		return nil, reason.New(reason.LimitDepth, at, "what is disclosed lies deeper than %d levels", r.maxDepth)
	}
	if v.Kind() == strictjson.KindArray {
		return r.array(v, at, depth)
	}
	return r.object(v, at, depth)
}

func (r *revealer) object(v *strictjson.Value, at string, depth int) (*strictjson.Value, error) {
	changed := false
	members := make([]strictjson.Member, 0, len(v.Members()))
	var shown []string // names that were disclosed
	for _, m := range v.Members() {
		switch m.Name {
		case digestsName:
			changed = true
			added, err := r.disclosed(m.Value, at, depth)
			if err != nil {
				return nil, err
			}
			for _, a := range added {
				shown = append(shown, a.Name)
			}
			members = append(members, added...)
			continue
		case elementName, hashName:
			return nil, reason.New("disclosure_invalid/placement", strictjson.Pointer(at, m.Name), "the name %s has no place there", m.Name)
		}
		value, err := r.value(m.Value, strictjson.Pointer(at, m.Name), depth+1)
		if err != nil {
			return nil, err
		}
		changed = changed || value != m.Value
		members = append(members, strictjson.Member{Name: m.Name, Value: value})
	}
	if !changed {
		return v, nil
	}
	if len(shown) > 0 {
		names := make(map[string]bool, len(members))
		for _, m := range members {
			if names[m.Name] {
				return nil, reason.New("disclosure_invalid/name-taken", strictjson.Pointer(at, m.Name), "a disclosure gives a member that is there already")
			}
			names[m.Name] = true
		}
	}
	return strictjson.Object(members...), nil
}

// disclosed returns the members of an object that were disclosed for the
// digests in its _sd.
func (r *revealer) disclosed(digests *strictjson.Value, at string, depth int) ([]strictjson.Member, error) {
	if digests.Kind() != strictjson.KindArray {
		return nil, reason.New(malformed, strictjson.Pointer(at, digestsName), "is %s, not an array of digests", digests.Kind())
	}
	var out []strictjson.Member
	for _, item := range digests.Items() {
		i, found, err := r.meet(item, strictjson.Pointer(at, digestsName))
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		parts, err := r.read(i, at, 3)
		if err != nil {
			return nil, err
		}
		name, ok := parts[1].Text()
		if !ok {
			return nil, reason.New(badForm, at, "the name in disclosure %d is %s", i+1, parts[1].Kind())
		}
		if reserved(name) {
			return nil, reason.New("disclosure_invalid/name", at, "disclosure %d gives a member the name %s, which is kept for digests", i+1, name)
		}
		value, err := r.open(i, parts[2], strictjson.Pointer(at, name), depth)
		if err != nil {
			return nil, err
		}
		out = append(out, strictjson.Member{Name: name, Value: value})
	}
	return out, nil
}

func (r *revealer) array(v *strictjson.Value, at string, depth int) (*strictjson.Value, error) {
	changed := false
	items := make([]*strictjson.Value, 0, len(v.Items()))
	for _, item := range v.Items() {
		place := strictjson.Pointer(at, strconv.Itoa(len(items)))
		value := item
		var err error
		if digest := item.Get(elementName); digest != nil {
			changed = true
			if len(item.Members()) != 1 {
				return nil, reason.New("disclosure_invalid/placement", place, "the place of an element that is not shown holds more than its digest")
			}
			i, found, err := r.meet(digest, place)
			if err != nil {
				return nil, err
			}
			if !found {
				continue
			}
			parts, err := r.read(i, place, 2)
			if err != nil {
				return nil, err
			}
			if value, err = r.open(i, parts[1], place, depth); err != nil {
				return nil, err
			}
		} else if value, err = r.value(item, place, depth+1); err != nil {
			return nil, err
		}
		changed = changed || value != item
		items = append(items, value)
	}
	if !changed {
		return v, nil
	}
	return strictjson.Array(items...), nil
}

// meet looks for the disclosure that a digest stands for. A digest that is met
// twice is refused, whether or not anything is disclosed for it.
func (r *revealer) meet(v *strictjson.Value, at string) (i int, found bool, err error) {
	digest, ok := v.Text()
	if !ok {
		return 0, false, reason.New(malformed, at, "a digest is %s, not a string", v.Kind())
	}
	if r.met[digest] {
		return 0, false, reason.New("disclosure_invalid/digest-twice", at, "the same digest stands in two places")
	}
	r.met[digest] = true
	i, found = r.index[digest]
	if !found {
		r.out.withheld++
	}
	return i, found, nil
}

// read decodes a disclosure, which is an array of a salt, the name for a
// member, and the value (RFC 9901 section 4.2).
func (r *revealer) read(i int, at string, length int) ([]*strictjson.Value, error) {
	raw, err := jws.Decode(r.texts[i], "disclosure")
	if err != nil {
		return nil, err
	}
	v, err := strictjson.Parse(raw, r.lim)
	if err != nil {
		code := reason.CodeOf(err)
		if code == reason.MalformedJSON {
			code = badForm
		}
		return nil, reason.New(code, at, "disclosure %d: %w", i+1, err)
	}
	parts := v.Items()
	if v.Kind() != strictjson.KindArray || len(parts) != 2 && len(parts) != 3 {
		return nil, reason.New(badForm, at, "disclosure %d is no array of two or three", i+1)
	}
	if _, ok := parts[0].Text(); !ok {
		return nil, reason.New(badForm, at, "the salt of disclosure %d is %s", i+1, parts[0].Kind())
	}
	if len(parts) != length {
		return nil, reason.New("disclosure_invalid/placement", at, "disclosure %d is for a member where an array has an element, or the other way round", i+1)
	}
	return parts, nil
}

// open takes the value of a disclosure in, which may hold digests itself.
func (r *revealer) open(i int, v *strictjson.Value, at string, depth int) (*strictjson.Value, error) {
	r.out.opened = append(r.out.opened, opened{at, i})
	return r.value(v, at, depth+1)
}
