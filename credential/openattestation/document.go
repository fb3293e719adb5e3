package openattestation

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/crypto/sha3"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Document is a document as it came. Intact says whether its content is what
// was hashed; nothing says here who issued it.
type Document struct {
	Version    int // 2 or 3
	ID         string
	Name       string
	IssuerID   string // what it calls its issuer: a DID, or the domain that vouched for the store
	IssuerName string
	Store      string // the contract that would tell whether it was issued
	Hidden     int    // parts of which only the hash is left
	Data       *credential.Value

	leaves  []leaf
	hidden  []string
	target  string
	path    []string
	root    string
	problem error
}

// leaf is a value at a place, as it is hashed.
type leaf struct {
	key   string
	value *strictjson.Value // a string that holds salt, type and value, or an empty list or object
}

const (
	maxPath   = 64
	maxHidden = 10_000
	// v2 is a fixed member of the signature, v3 the type of the proof.
	typeV2 = "SHA3MerkleProof"
	typeV3 = "OpenAttestationMerkleProofSignature2018"
)

// Is reports whether a JSON document claims to be one of OpenAttestation.
func Is(v *credential.Value) bool { return versionOf(v) != 0 }

func versionOf(v *credential.Value) int {
	if kind, _ := v.Get("signature").Get("type").Text(); kind == typeV2 && v.Get("data") != nil {
		return 2
	}
	if kind, _ := v.Get("proof").Get("type").Text(); kind == typeV3 {
		return 3
	}
	return 0
}

func malformed(at, format string, args ...any) error {
	return reason.New("malformed/openattestation", at, format, args...)
}

// Read reads a document that Is. Errors are malformed/openattestation.
func Read(v *credential.Value) (*Document, error) {
	d := &Document{Version: versionOf(v)}
	var secured, hidden *strictjson.Value
	var err error
	switch d.Version {
	case 2:
		secured, hidden = v.Get("signature"), v.Get("privacy").Get("obfuscatedData")
		err = d.readV2(v)
		d.path, err = textsOf(secured.Get("proof"), "/signature/proof", maxPath, err)
	case 3:
		secured = v.Get("proof")
		hidden = secured.Get("privacy").Get("obfuscated")
		err = d.readV3(v)
		d.path, err = textsOf(secured.Get("proofs"), "/proof/proofs", maxPath, err)
	default:
		return nil, malformed("", "not a document of OpenAttestation 2 or 3")
	}
	if d.hidden, err = textsOf(hidden, "/privacy", maxHidden, err); err != nil {
		return nil, err
	}
	d.Hidden = len(d.hidden)
	d.target, _ = secured.Get("targetHash").Text()
	d.root, _ = secured.Get("merkleRoot").Text()
	return d, nil
}

func textsOf(v *strictjson.Value, at string, limit int, before error) ([]string, error) {
	if before != nil || v == nil {
		return nil, before
	}
	if v.Kind() != strictjson.KindArray || len(v.Items()) > limit {
		return nil, malformed(at, "not a list of hashes, or too long a one")
	}
	out := make([]string, len(v.Items()))
	for i, item := range v.Items() {
		s, ok := item.Text()
		if raw, err := hex.DecodeString(s); !ok || err != nil || len(raw) != 32 || s != strings.ToLower(s) {
			return nil, malformed(at+"/"+strconv.Itoa(i), "not a hash of 32 bytes in hexadecimal")
		}
		out[i] = s
	}
	return out, nil
}

// readV2 takes the salted data apart.
func (d *Document) readV2(v *strictjson.Value) error {
	data := v.Get("data")
	if data.Kind() != strictjson.KindObject {
		return malformed("/data", "is %s, not an object", data.Kind())
	}
	var err error
	if d.Data, err = d.unsalt("/data", "", data); err != nil {
		return err
	}
	d.ID, d.Name = credential.Text(d.Data.Get("id")), credential.Text(d.Data.Get("name"))
	issuers := d.Data.Get("issuers").List()
	if len(issuers) > 0 {
		i := issuers[0]
		d.IssuerName = credential.Text(i.Get("name"))
		d.IssuerID = credential.Text(i.Get("id"))
		if d.IssuerID == "" {
			d.IssuerID = credential.Text(i.Get("identityProof").Get("location"))
		}
		for _, name := range []string{"documentStore", "certificateStore", "tokenRegistry"} {
			if s := credential.Text(i.Get(name)); s != "" {
				d.Store = s
			}
		}
	}
	return nil
}

// unsalt returns v with the values that people gave it, and notes its leaves.
func (d *Document) unsalt(at, key string, v *strictjson.Value) (*strictjson.Value, error) {
	switch v.Kind() {
	case strictjson.KindObject:
		if len(v.Members()) == 0 && key != "" {
			d.leaves = append(d.leaves, leaf{key, v})
		}
		members := make([]strictjson.Member, 0, len(v.Members()))
		for _, m := range v.Members() {
			if strings.Contains(m.Name, ".") {
				return nil, malformed(at, "a name with a full stop could be read as two")
			}
			inner, err := d.unsalt(strictjson.Pointer(at, m.Name), joined(key, m.Name), m.Value)
			if err != nil {
				return nil, err
			}
			members = append(members, strictjson.Member{Name: m.Name, Value: inner})
		}
		return strictjson.Object(members...), nil
	case strictjson.KindArray:
		if len(v.Items()) == 0 {
			d.leaves = append(d.leaves, leaf{key, v})
		}
		items := make([]*strictjson.Value, len(v.Items()))
		for i, item := range v.Items() {
			n := strconv.Itoa(i)
			inner, err := d.unsalt(at+"/"+n, joined(key, n), item)
			if err != nil {
				return nil, err
			}
			items[i] = inner
		}
		return strictjson.Array(items...), nil
	}
	text, ok := v.Text()
	_, typed, salted := strings.Cut(text, ":")
	kind, value, ok2 := strings.Cut(typed, ":")
	if !ok || !salted || !ok2 {
		return nil, malformed(at, "is not salted")
	}
	d.leaves = append(d.leaves, leaf{key, v})
	return plain(kind, value), nil
}

func joined(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

// plain returns a value of which the type was told.
func plain(kind, value string) *strictjson.Value {
	switch kind {
	case "number":
		if v, err := strictjson.Parse([]byte(value), strictjson.Limits{}); err == nil && v.Kind() == strictjson.KindNumber {
			return v
		}
	case "boolean":
		return strictjson.Bool(value == "true")
	}
	return strictjson.String(value)
}

// readV3 ties the leaves of the document to their salts: each has one, and none
// is for something that is not there.
func (d *Document) readV3(v *strictjson.Value) error {
	d.Data = v.Without("proof")
	d.ID, d.Name = credential.ID(d.Data), credential.Text(d.Data.Get("name"))
	d.IssuerID, d.IssuerName = credential.ID(d.Data.Get("issuer")), credential.Text(d.Data.Get("issuer").Get("name"))
	d.Store = credential.Text(d.Data.Get("openAttestationMetadata").Get("proof").Get("value"))
	encoded, _ := v.Get("proof").Get("salts").Text()
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return malformed("/proof/salts", "not base64")
	}
	salts, err := strictjson.Parse(raw, strictjson.Limits{})
	if err != nil || salts.Kind() != strictjson.KindArray {
		return malformed("/proof/salts", "not a list of salts")
	}
	values := map[string]*strictjson.Value{}
	if err := flatten("", d.Data, values); err != nil {
		return err
	}
	for i, item := range salts.Items() {
		at := "/proof/salts/" + strconv.Itoa(i)
		path, ok := item.Get("path").Text()
		salt, ok2 := item.Get("value").Text()
		value := values[path]
		if !ok || !ok2 || len(salt) != 64 || value == nil {
			return malformed(at, "not the salt of a value that is there")
		}
		delete(values, path)
		text, isText := value.Text()
		if !isText {
			text = string(value.Raw())
		}
		d.leaves = append(d.leaves, leaf{path, strictjson.String(salt + ":" + text)})
	}
	if len(values) > 0 && d.problem == nil {
		for path := range values {
			d.problem = reason.New("bad_signature/content", "/"+path, "this was not there when the document was hashed")
			break
		}
	}
	return nil
}

// flatten gives each leaf the path that version 3 names it by.
func flatten(path string, v *strictjson.Value, out map[string]*strictjson.Value) error {
	switch v.Kind() {
	case strictjson.KindObject:
		for _, m := range v.Members() {
			if strings.ContainsAny(m.Name, ".[]") {
				return malformed("", "a name with a full stop or brackets could be read as two")
			}
			if err := flatten(joined(path, m.Name), m.Value, out); err != nil {
				return err
			}
		}
	case strictjson.KindArray:
		for i, item := range v.Items() {
			if err := flatten(path+"["+strconv.Itoa(i)+"]", item, out); err != nil {
				return err
			}
		}
	default:
		out[path] = v
	}
	return nil
}

// Intact reports whether the content is what was hashed, and the hash a leaf of
// the tree with the root that the document names. Errors are
// bad_signature/content and bad_signature/merkle-path.
func (d *Document) Intact() error {
	if d.problem != nil {
		return d.problem
	}
	hashes := slices.Clone(d.hidden)
	for _, l := range d.leaves {
		text, err := jcs.Append(nil, strictjson.Object(strictjson.Member{Name: l.key, Value: l.value}))
		if err != nil {
			return err
		}
		hashes = append(hashes, hex.EncodeToString(keccak(text)))
	}
	slices.Sort(hashes)
	list := []byte(`[`)
	for i, h := range hashes {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(append(append(list, '"'), h...), '"')
	}
	at := keccak(append(list, ']'))
	if hex.EncodeToString(at) != d.target {
		return reason.New("bad_signature/content", "", "the content is not what the document's hash was made of")
	}
	for _, step := range d.path {
		other, err := hex.DecodeString(step)
		if err != nil {
			return reason.Wrap("bad_signature/merkle-path", "", err)
		}
		if bytes.Compare(at, other) > 0 {
			at, other = other, at
		}
		at = keccak(append(bytes.Clone(at), other...))
	}
	if hex.EncodeToString(at) != d.root {
		return reason.New("bad_signature/merkle-path", "", "the path does not lead to the root that the document names")
	}
	return nil
}

// keccak is Keccak-256 as it was before SHA-3 was settled.
func keccak(b []byte) []byte {
	h := sha3.NewLegacyKeccak256()
	h.Write(b)
	return h.Sum(nil)
}
