package blockcerts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/cbor"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	bodyV2 = `{"@context":["https://w3id.org/openbadges/v2","https://w3id.org/blockcerts/v2",{"displayHtml":{"@id":"https://skole.example/terms#displayHtml"}}],` +
		`"type":"Assertion","id":"urn:uuid:1","badge":{"type":"BadgeClass","id":"urn:uuid:2","name":"Sveising","description":"Kurs","issuer":{"type":"Profile","id":"https://skole.example/issuer.json","name":"Fagskolen"}},` +
		`"recipient":{"type":"email","identity":"kari@example.com","hashed":false},"recipientProfile":{"type":["RecipientProfile","Extension"],"name":"Kari"},"issuedOn":"2019-05-01T00:00:00Z","displayHtml":"<b>Kari</b>","verification":{"type":["MerkleProofVerification2017","Extension"]}}`
	bodyV3 = `{"@context":["https://www.w3.org/2018/credentials/v1","https://w3id.org/blockcerts/v3.1"],"id":"urn:uuid:1","type":["VerifiableCredential","BlockcertsCredential"],` +
		`"issuer":"https://skole.example/issuer.json","issuanceDate":"2021-05-01T00:00:00Z","credentialSubject":{"id":"did:example:kari","name":"Kari","claim":{"name":"Sveising"}}}`
)

func reader(t testing.TB) *Reader {
	t.Helper()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// hashed returns the hash of a document by JSON-LD, and a root above it with a
// neighbour to the right and then one to the left.
func hashed(t testing.TB, r *Reader, body string) (target, right, left, root string) {
	t.Helper()
	doc := parse(t, body)
	selections, err := r.processor.Selections(doc)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := r.processor.Hash(t.Context(), doc, selections[0], rdfc.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	a, b := sha256.Sum256([]byte("a")), sha256.Sum256([]byte("b"))
	one := sha256.Sum256(append(append([]byte{}, sum...), a[:]...))
	two := sha256.Sum256(append(append([]byte{}, b[:]...), one[:]...))
	return hex.EncodeToString(sum), hex.EncodeToString(a[:]), hex.EncodeToString(b[:]), hex.EncodeToString(two[:])
}

func parse(t testing.TB, text string) *credential.Value {
	t.Helper()
	v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func blockcertV2(t testing.TB, r *Reader) string {
	target, right, left, root := hashed(t, r, bodyV2)
	return strings.TrimSuffix(bodyV2, "}") + `,"signature":{"type":["MerkleProof2017","Extension"],"targetHash":"` + target + `","merkleRoot":"` + root +
		`","proof":[{"right":"` + right + `"},{"left":"` + left + `"}],"anchors":[{"sourceId":"0xabc","type":"ETHData","chain":"ethereumMainnet"}]}}`
}

// blockcertV3 writes hashes as texts inside of byte strings, as cert-issuer does,
// or as bytes.
func blockcertV3(t testing.TB, r *Reader, asBytes bool) string {
	target, right, left, root := hashed(t, r, bodyV3)
	inner := func(text string) []byte {
		if raw, err := hex.DecodeString(text); asBytes && err == nil {
			return cbor.AppendBytes(nil, cbor.AppendBytes(nil, raw))
		}
		return cbor.AppendBytes(nil, cbor.AppendText(nil, text))
	}
	pair := func(dst []byte, key uint64, value []byte) []byte {
		return append(cbor.AppendUint(cbor.AppendArray(dst, 2), key), value...)
	}
	path := pair(pair(cbor.AppendArray(nil, 2), 1, inner(right)), 0, inner(left))
	anchor := cbor.AppendArray(cbor.AppendArray(nil, 1), 3)
	anchor = pair(pair(pair(anchor, 0, cbor.AppendUint(nil, 1)), 1, cbor.AppendUint(nil, 11155111)), 2, inner("0xabc"))
	raw := pair(pair(pair(pair(cbor.AppendArray(nil, 4), 3, path), 0, inner(root)), 1, inner(target)), 2, anchor)
	text, err := multibase.Encode(multibase.Base58BTC, raw)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(bodyV3, "}") + `,"proof":{"type":"MerkleProof2019","created":"2021-05-01T00:00:00","proofPurpose":"assertionMethod","verificationMethod":"https://skole.example/issuer.json#k","proofValue":"` + text + `"}}`
}

func check(t testing.TB, r *Reader, text string) (*Document, error) {
	v, err := strictjson.ParseObject([]byte(text), strictjson.Limits{})
	if err != nil {
		return nil, err
	}
	d, err := Read(v)
	if err == nil {
		err = r.Intact(t.Context(), d)
	}
	return d, err
}

func TestIntact(t *testing.T) {
	t.Parallel()
	r := reader(t)
	for name, c := range map[string]struct {
		text, issuer, anchor string
		version              int
	}{
		"v2":          {blockcertV2(t, r), "Fagskolen", "ethereumMainnet 0xabc", 2},
		"v3":          {blockcertV3(t, r, false), "", "ethereum 0xabc", 3},
		"v3 in bytes": {blockcertV3(t, r, true), "", "ethereum 0xabc", 3},
	} {
		d, err := check(t, r, c.text)
		if err != nil {
			t.Fatal(name, err)
		}
		if d.Version != c.version || d.Name != "Sveising" || d.IssuerID != "https://skole.example/issuer.json" || d.IssuerName != c.issuer || d.Anchor != c.anchor || !Is(parse(t, c.text)) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	r := reader(t)
	v2, v3 := blockcertV2(t, r), blockcertV3(t, r, false)
	for _, c := range []struct{ text, from, to, code string }{
		{v2, "Sveising", "Rørlegging", "bad_signature/content"},
		{v2, "kari@example.com", "ola@example.com", "bad_signature/content"},
		{v2, `"targetHash":"`, `"targetHash":"0`, "bad_signature/content"},
		{v2, `"merkleRoot":"`, `"merkleRoot":"0`, "bad_signature/merkle-path"},
		{v2, `{"right":`, `{"left":`, "bad_signature/merkle-path"},
		{v2, `{"right":"`, `{"left":"00","right":"`, "malformed/blockcert"},
		{v2, `{"right":"`, `{"right":"0`, "malformed/blockcert"},
		{v2, `"issuedOn"`, `"unknown":"x","issuedOn"`, "unsigned_data/undefined-term"},
		// A context that gives words of the standard another meaning could change
		// places of what people read.
		{v2, `{"displayHtml":`, `{"name":"https://skole.example/terms#x","displayHtml":`, "unsafe_context/inline"},
		{v2, `{"displayHtml":`, `{"@vocab":"https://x.example/","displayHtml":`, "unsafe_context/inline"},
		{v2, `{"displayHtml":`, `{"x":"@type","displayHtml":`, "unsafe_context/inline"},
		{v2, `{"@id":"https://skole.example/terms#displayHtml"}`, `{"@id":"https://skole.example/terms#displayHtml","@context":{}}`, "unsafe_context/inline"},
		{v2, `{"displayHtml":`, `{` + manyTerms(501) + `"displayHtml":`, "resource_limit/contexts"},
		{v2, `"@context":[`, `"@context":[` + strings.Repeat(`"https://w3id.org/blockcerts/v2",`, 33), "resource_limit/contexts"},
		{v2, `"badge":{`, `"badge":{"@context":{"name":"https://x.example/y"},`, "unsafe_context/inline"},
		{v2, "https://w3id.org/blockcerts/v2", "https://w3id.org/blockcerts/v9", "unsafe_context/unknown"},
		{v3, "Kari", "Ola", "bad_signature/content"},
		{v3, `"proofValue":"z`, `"proofValue":"zz`, "malformed/blockcert"},
		{v3, `"proofValue":"z`, `"proofValue":"u`, "malformed/blockcert"},
		{v3, `"proof":{`, `"proof":[{"type":"x"},{`, "malformed/blockcert"},
	} {
		changed := strings.Replace(c.text, c.from, c.to, 1)
		if strings.Contains(c.to, "[{") {
			changed = strings.TrimSuffix(changed, "}}") + "}]}"
		}
		if changed == c.text {
			t.Fatal(c.from)
		}
		if _, err := check(t, r, changed); string(reason.CodeOf(err)) != c.code {
			t.Errorf("%q → %q: %v, want %s", c.from, c.to, err, c.code)
		}
	}
	if _, err := Read(parse(t, `{}`)); reason.CodeOf(err) != "malformed/blockcert" || Is(parse(t, `{}`)) {
		t.Error(err)
	}
}

// FuzzRead: whatever is read is judged, and never by a fault.
func FuzzRead(f *testing.F) {
	r := reader(f)
	f.Add([]byte(blockcertV2(f, r)))
	f.Add([]byte(blockcertV3(f, r, false)))
	f.Add([]byte(blockcertV3(f, r, true)))
	f.Add([]byte(`{"signature":{"type":"MerkleProof2017","proof":[{}],"anchors":[1]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if _, err := check(t, r, string(raw)); err != nil && reason.CodeOf(err) == reason.Internal {
			t.Error(err)
		}
	})
}

// manyTerms gives a meaning to so many names that no document uses.
func manyTerms(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"t%d":"urn:t:%d",`, i, i)
	}
	return b.String()
}
