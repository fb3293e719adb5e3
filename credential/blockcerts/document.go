package blockcerts

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

//go:embed contexts
var files embed.FS

// contexts are those of Blockcerts and of Open Badges 2.0, as @blockcerts/schemas
// 3.10.0 on npm has them, with the URLs that stand for each.
func contexts() []struct{ file, sha256, urls string } {
	return []struct{ file, sha256, urls string }{
		{"openbadges-v2", "ee8c373cb831e92f0033b7f26b61a43b2719932a20da2c396e5dad48ec429b2d", "https://w3id.org/openbadges/v2 https://openbadgespec.org/v2/context.json"},
		{"blockcerts-v2", "9aeb82c65913f2b727170778a81b9f882254b12d4b66c7aca1c8ee4765d4fc57", "https://w3id.org/blockcerts/v2 https://w3id.org/blockcerts/schema/2.0/context.json https://www.blockcerts.org/schema/2.0/context.json"},
		{"blockcerts-v2.1", "3c0621311db8d15a6aee9921a641d75d3cb72ebc296ff2c6d11597f23e4615b5", "https://w3id.org/blockcerts/v2.1 https://w3id.org/blockcerts/schema/2.1/context.json https://www.blockcerts.org/schema/2.1/context.json"},
		{"blockcerts-v3.0", "7b5a4f9771640918b6e3169af29374b38a9f914dcfed77675db7944c8f1a1152", "https://w3id.org/blockcerts/v3 https://w3id.org/blockcerts/v3.0 https://w3id.org/blockcerts/schema/3.0/context.json https://www.blockcerts.org/schema/3.0/context.json"},
		{"blockcerts-v3.1", "2fc073679f0e05bba5984a3110c0bfcfbc9401c2a5874115e9a9bb12204001f3", "https://w3id.org/blockcerts/v3.1 https://w3id.org/blockcerts/schema/3.1/context.json https://www.blockcerts.org/schema/3.1/context.json"},
		{"blockcerts-v3.2", "fa5afe993720de6d030dc78cb8d33085e4e8a58704e26c8eefa536f4ab7b9731", "https://w3id.org/blockcerts/v3.2 https://w3id.org/blockcerts/schema/3.2/context.json https://www.blockcerts.org/schema/3.2/context.json"},
		{"merkle-2019-v1", "953b934ec954fab06c3d48e524ac66f0f66531b86fa91330f66e8fc4ba536ff4", "https://w3id.org/security/suites/merkle-2019/v1"},
	}
}

// Reader reads Blockcerts. It is safe for concurrent use.
type Reader struct {
	processor *jsonld.Processor
	known     map[string][]string // names that each context defines
}

// NewReader returns a reader over the contexts of the standards and those of
// Blockcerts.
func NewReader() (*Reader, error) {
	set, err := jsonld.Embedded()
	if err != nil {
		return nil, err
	}
	r := &Reader{known: map[string][]string{}}
	for _, c := range contexts() {
		raw, err := files.ReadFile("contexts/" + c.file + ".json")
		if err != nil {
			return nil, reason.Wrap(reason.Internal, c.file, err)
		}
		for _, url := range strings.Fields(c.urls) {
			if set, err = set.With(jsonld.Extra{URL: url, Bytes: raw, SHA256: c.sha256}); err != nil {
				return nil, err
			}
		}
	}
	for _, p := range set.All() {
		doc, err := strictjson.ParseObject(p.Bytes(), strictjson.Limits{})
		if err != nil {
			return nil, err
		}
		for _, c := range doc.Get("@context").List() {
			for _, m := range c.Members() {
				r.known[p.URL] = append(r.known[p.URL], m.Name)
			}
		}
	}
	r.processor, err = jsonld.New(jsonld.Config{Contexts: set, InlineContextsUnsafe: true})
	return r, err
}

// Document is a Blockcert as it came. Nothing in it was checked.
type Document struct {
	Version    int // 2 or 3
	ID         string
	Name       string // of what was awarded
	IssuerID   string
	IssuerName string
	Anchor     string // where the chain would have it: chain and transaction
	Data       *credential.Value

	target, root string
	path         []step
}

type step struct {
	right bool // the other stands to the right
	hash  []byte
}

const (
	maxPath     = 64
	maxAnchors  = 8
	maxContexts = 32
	maxOwnTerms = 500 // which those who write such documents have a dozen of; each takes time
	maxInner    = 128 // bytes of a hash or the name of a transaction
)

func malformed(at, format string, args ...any) error {
	return reason.New("malformed/blockcert", at, format, args...)
}

// Is reports whether a JSON document claims to be a Blockcert. One of version 3
// that carries other proofs as well is none: those say who signed it.
func Is(v *credential.Value) bool { return versionOf(v) != 0 }

func versionOf(v *credential.Value) int {
	if credential.HasType(v.Get("signature"), "MerkleProof2017") {
		return 2
	}
	if proofs := v.Get("proof").List(); len(proofs) == 1 {
		suite, _ := proofs[0].Get("cryptosuite").Text()
		if credential.HasType(proofs[0], "MerkleProof2019") || suite == "merkle-proof-2019" {
			return 3
		}
	}
	return 0
}

// Read reads a document that Is. Errors are malformed/blockcert.
func Read(v *credential.Value) (*Document, error) {
	d := &Document{Version: versionOf(v), ID: credential.ID(v), Name: credential.Text(v.Get("name"))}
	switch d.Version {
	case 2:
		d.Data = v.Without("signature")
		badge := v.Get("badge")
		d.Name = credential.Text(badge.Get("name"))
		d.IssuerID, d.IssuerName = credential.ID(badge.Get("issuer")), credential.Text(badge.Get("issuer").Get("name"))
		return d, d.readV2(v.Get("signature"))
	case 3:
		d.Data = v.Without("proof")
		d.IssuerID, d.IssuerName = credential.ID(v.Get("issuer")), credential.Text(v.Get("issuer").Get("name"))
		if claim := v.Get("credentialSubject").Get("claim"); d.Name == "" {
			d.Name = credential.Text(claim.Get("name"))
		}
		value, _ := v.Get("proof").List()[0].Get("proofValue").Text()
		return d, d.readV3(value)
	}
	return nil, malformed("", "not a Blockcert of version 2 or 3")
}

func hash(s string) ([]byte, bool) {
	raw, err := hex.DecodeString(s)
	return raw, err == nil && len(raw) == sha256.Size
}

// readV2 reads a MerkleProof2017.
func (d *Document) readV2(v *strictjson.Value) error {
	d.target, _ = v.Get("targetHash").Text()
	d.root, _ = v.Get("merkleRoot").Text()
	steps := v.Get("proof").List()
	if len(steps) > maxPath {
		return malformed("/signature/proof", "a path of %d steps", len(steps))
	}
	for i, s := range steps {
		text, right := s.Get("right").Text()
		left, isLeft := s.Get("left").Text()
		if isLeft {
			text = left
		}
		raw, ok := hash(text)
		if !ok || right == isLeft {
			return malformed("/signature/proof/"+strconv.Itoa(i), "not a step to the left or to the right")
		}
		d.path = append(d.path, step{right, raw})
	}
	for _, a := range v.Get("anchors").List() {
		chain, _ := a.Get("chain").Text()
		id, _ := a.Get("sourceId").Text()
		d.Anchor = strings.TrimSpace(chain + " " + id)
		break
	}
	return nil
}

// readV3 reads a MerkleProof2019: CBOR in base58btc, an array of pairs of a key
// and a value. Hashes are byte strings inside of byte strings.
func (d *Document) readV3(text string) error {
	const at = "/proof/proofValue"
	if len(text) > 64<<10 || !strings.HasPrefix(text, "z") {
		return malformed(at, "not base58btc")
	}
	_, raw, err := multibase.Decode(text)
	if err != nil {
		return malformed(at, "not base58btc")
	}
	r := cbor.NewReader(raw)
	n, err := r.Array(4)
	for i := 0; err == nil && i < n; i++ {
		err = d.readPair(r)
	}
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return malformed(at, "%w", err)
	}
	return nil
}

func (d *Document) readPair(r *cbor.Reader) error {
	if n, err := r.Array(2); err != nil || n != 2 {
		return malformed("", "not a pair")
	}
	key, err := r.Uint(3)
	if err != nil {
		return err
	}
	switch key {
	case 0:
		d.root, err = innerHash(r)
	case 1:
		d.target, err = innerHash(r)
	case 2:
		err = d.readAnchors(r)
	default:
		err = d.readPath(r)
	}
	return err
}

// innerHash reads a byte string that holds CBOR: a text, as the programs in use
// write it, or bytes, of which it returns the hexadecimal digits.
func innerHash(r *cbor.Reader) (text string, err error) {
	outer, err := r.Bytes(maxInner)
	if err != nil {
		return "", err
	}
	inner := cbor.NewReader(outer)
	if inner.IsText() {
		text, err = inner.Text(maxInner)
	} else {
		var raw []byte
		raw, err = inner.Bytes(maxInner)
		text = hex.EncodeToString(raw)
	}
	if err == nil {
		err = inner.End()
	}
	return text, err
}

func (d *Document) readPath(r *cbor.Reader) error {
	n, err := r.Array(maxPath)
	for i := 0; err == nil && i < n; i++ {
		if pair, err := r.Array(2); err != nil || pair != 2 {
			return malformed("", "not a step")
		}
		side, err := r.Uint(1)
		if err != nil {
			return err
		}
		text, err := innerHash(r)
		raw, ok := hash(text)
		if err != nil || !ok {
			return malformed("", "a step without a hash")
		}
		d.path = append(d.path, step{side == 1, raw})
	}
	return err
}

// readAnchors keeps the first chain by its number, and the transaction.
func (d *Document) readAnchors(r *cbor.Reader) error {
	n, err := r.Array(maxAnchors)
	for i := 0; err == nil && i < n; i++ {
		var anchor string
		if anchor, err = readAnchor(r); i == 0 {
			d.Anchor = anchor
		}
	}
	return err
}

func readAnchor(r *cbor.Reader) (anchor string, err error) {
	parts, err := r.Array(3)
	for i := 0; err == nil && i < parts; i++ {
		pair, err := r.Array(2)
		if err != nil || pair != 2 {
			return "", malformed("", "not a part of an anchor")
		}
		which, err := r.Uint(2)
		if err != nil {
			return "", err
		}
		raw, err := r.Next(1)
		if err != nil {
			return "", err
		}
		value := cbor.NewReader(raw)
		if raw[0]>>5 == 2 { // a byte string: the transaction
			text, err := innerHash(value)
			if err != nil {
				return "", err
			}
			anchor += " " + text
			continue
		}
		id, err := value.Int(1 << 40)
		if err != nil {
			return "", err
		}
		if which == 0 {
			anchor = chainName(id)
		}
	}
	return strings.TrimSpace(anchor), err
}

func chainName(id int64) string {
	switch id {
	case -1:
		return "mocknet"
	case 0:
		return "bitcoin"
	case 1:
		return "ethereum"
	}
	return "chain " + strconv.FormatInt(id, 10)
}

// Intact reports whether the content is what was hashed, and the hash a leaf of
// the tree with the root that the document names. Errors are
// bad_signature/content, bad_signature/merkle-path, unsigned_data for what was
// not hashed, and unsafe_context where that cannot be told.
func (r *Reader) Intact(ctx context.Context, d *Document) error {
	if err := r.ownTerms(d.Data); err != nil {
		return err
	}
	selections, err := r.processor.Selections(d.Data)
	if err != nil {
		return err
	}
	found := false
	for _, s := range selections {
		sum, err := r.processor.Hash(ctx, d.Data, s, rdfc.SHA256)
		if err != nil {
			return err
		}
		found = found || hex.EncodeToString(sum) == d.target
	}
	if !found {
		return reason.New("bad_signature/content", "", "the content is not what the document's hash was made of")
	}
	at, ok := hash(d.target)
	if !ok {
		return malformed("/signature/targetHash", "not a hash")
	}
	for _, s := range d.path {
		pair := slices.Concat(s.hash, at)
		if s.right {
			pair = slices.Concat(at, s.hash)
		}
		sum := sha256.Sum256(pair)
		at = sum[:]
	}
	if hex.EncodeToString(at) != d.root {
		return reason.New("bad_signature/merkle-path", "", "the path does not lead to the root that the document names")
	}
	return nil
}

// ownTerms refuses contexts in the document that do more than give a meaning to
// names that have none.
func (r *Reader) ownTerms(v *strictjson.Value) error {
	bad := func(name string) error {
		return reason.New("unsafe_context/inline", "/@context", "the document gives the name %.60q a meaning of its own", name)
	}
	contexts := v.Get("@context").List()
	if len(contexts) > maxContexts {
		return reason.New("resource_limit/contexts", "/@context", "%d contexts, the limit is %d", len(contexts), maxContexts)
	}
	var known []string // by the contexts that the document names
	for _, c := range contexts {
		url, _ := c.Text()
		known = append(known, r.known[url]...)
	}
	names := 0
	for _, c := range contexts {
		for _, m := range c.Members() {
			if names++; names > maxOwnTerms {
				return reason.New("resource_limit/contexts", "/@context", "the document gives a meaning to more than %d names", maxOwnTerms)
			}
			def, isText := m.Value.Text()
			if strings.HasPrefix(m.Name, "@") || slices.Contains(known, m.Name) || isText && strings.HasPrefix(def, "@") {
				return bad(m.Name)
			}
			for _, inner := range m.Value.Members() {
				if inner.Name != "@id" && inner.Name != "@type" {
					return bad(m.Name)
				}
			}
		}
	}
	return nested(v, true, bad)
}

// nested refuses contexts further inside, which could do the same there.
func nested(v *strictjson.Value, top bool, bad func(string) error) error {
	for _, item := range v.Items() {
		if err := nested(item, false, bad); err != nil {
			return err
		}
	}
	for _, m := range v.Members() {
		if m.Name == "@context" {
			if !top && m.Value.Kind() != strictjson.KindString {
				return bad("@context")
			}
			continue
		}
		if err := nested(m.Value, false, bad); err != nil {
			return err
		}
	}
	return nil
}
