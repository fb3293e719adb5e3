package openattestation_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openattestation"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func parse(t *testing.T, raw []byte) *credential.Value {
	t.Helper()
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func check(raw []byte) error {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return err
	}
	d, err := openattestation.Read(v)
	if err != nil {
		return err
	}
	return d.Intact()
}

// TestByOthers reads what the library of OpenAttestation itself made.
func TestByOthers(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		version, hidden           int
		title, issuer, id, person string
	}{
		"v2":        {2, 0, `Vitnemål æøå "sitat"`, "Fagskolen", "fagskolen.example", "Kari Nordmann"},
		"v2-hidden": {2, 2, `Vitnemål æøå "sitat"`, "Fagskolen", "fagskolen.example", "Kari Nordmann"},
		"v3":        {3, 0, "Vitnemål", "Fagskolen", "https://fagskolen.example", "Kari Nordmann"},
		"v3-hidden": {3, 2, "Vitnemål", "Fagskolen", "https://fagskolen.example", ""},
	} {
		raw, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		v := parse(t, raw)
		if !openattestation.Is(v) {
			t.Fatal(name)
		}
		d, err := openattestation.Read(v)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := d.Intact(); err != nil {
			t.Error(name, err)
		}
		person, _ := d.Data.Get("recipient").Get("name").Text()
		if d.Version == 3 {
			person, _ = d.Data.Get("credentialSubject").Get("name").Text()
		}
		if d.Version != want.version || d.Hidden != want.hidden || d.Name != want.title || d.IssuerName != want.issuer || d.IssuerID != want.id || person != want.person || d.Store != "0x8Fc57204c35fb9317D91285eF52D6b892EC08cD3" {
			t.Errorf("%s: %+v, %q", name, d, person)
		}
		if d.Version == 2 {
			if n, ok := d.Data.Lookup("/transcript/0/credits").Float(); !ok || n != 7.5 {
				t.Errorf("%s: a number is %v", name, d.Data.Lookup("/transcript/0/credits"))
			}
		}
	}
}

// TestChanged changes what there is to change; none of it stays unseen.
func TestChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, from, to, code string }{
		{"v2", "Kari Nordmann", "Ola Nordmann", "bad_signature/content"},
		{"v2", "number:7.5", "number:9.5", "bad_signature/content"},
		{"v2", "number:7.5", "string:7.5", "bad_signature/content"},
		{"v2", `"data": {`, `"data": {"x":"ee7f3323-1634-4dea-8c12-f0bb83aff874:string:y",`, "bad_signature/content"},
		{"v2", `"data": {`, `"data": {"x":[],`, "bad_signature/content"},
		{"v2", `"data": {`, `"data": {"x":"not salted",`, "malformed/openattestation"},
		{"v2", `"data": {`, `"data": {"a.b":"ee7f3323-1634-4dea-8c12-f0bb83aff874:string:y",`, "malformed/openattestation"},
		{"v2", `"merkleRoot": "`, `"merkleRoot": "00`, "bad_signature/merkle-path"},
		{"v2", `"targetHash": "`, `"targetHash": "00`, "bad_signature/content"},
		{"v2", `"proof": [`, `"proof": ["` + strings.Repeat("ab", 32) + `",`, "bad_signature/merkle-path"},
		{"v2", `"proof": [`, `"proof": ["AB",`, "malformed/openattestation"},
		{"v2-hidden", `"obfuscatedData": [`, `"obfuscatedData": ["` + strings.Repeat("ab", 32) + `",`, "bad_signature/content"},
		{"v3", "Kari Nordmann", "Ola Nordmann", "bad_signature/content"},
		{"v3", `"poeng": 7.5`, `"poeng": 9.5`, "bad_signature/content"},
		{"v3", `"poeng": 7.5`, `"poeng": 7.5, "mer": 1`, "bad_signature/content"},
		{"v3", `"navn": "Norsk"`, `"navn": null`, "bad_signature/content"},
		{"v3", `"salts": "`, `"salts": "*`, "malformed/openattestation"},
		{"v3-hidden", `"obfuscated": [`, `"obfuscated": ["` + strings.Repeat("ab", 32) + `",`, "bad_signature/content"},
	} {
		raw, err := os.ReadFile("testdata/" + c.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(raw, []byte(c.from), []byte(c.to), 1)
		if bytes.Equal(changed, raw) {
			t.Fatal(c.from)
		}
		if err := check(changed); string(reason.CodeOf(err)) != c.code {
			t.Errorf("%s %q: %v, want %s", c.file, c.from, err, c.code)
		}
	}
	if openattestation.Is(parse(t, []byte(`{"signature":{"type":"SHA3MerkleProof"}}`))) {
		t.Error("without data it is none")
	}
	if _, err := openattestation.Read(parse(t, []byte(`{}`))); reason.CodeOf(err) != "malformed/openattestation" {
		t.Error(err)
	}
}

// FuzzRead: what is read is judged, and never by a fault.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"v2", "v2-hidden", "v3", "v3-hidden"} {
		raw, err := os.ReadFile("testdata/" + name + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"data":{"a":[{}]},"signature":{"type":"SHA3MerkleProof"},"privacy":{"obfuscatedData":1}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := check(raw); err != nil && reason.CodeOf(err) == reason.Internal {
			t.Error(err)
		}
	})
}
