package dataintegrity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/multiformats/go-multibase"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
)

// pairs is how the vectors write a map: [[key, value], …].
type pairs struct{ Value [][2]json.RawMessage }

func (p pairs) keys(t *testing.T) []int {
	t.Helper()
	out := make([]int, len(p.Value))
	for i, pair := range p.Value {
		if err := json.Unmarshal(pair[0], &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (p pairs) texts(t *testing.T) []string {
	t.Helper()
	out := make([]string, len(p.Value))
	for i, pair := range p.Value {
		if err := json.Unmarshal(pair[1], &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

type group struct{ Matching, NonMatching pairs }

// steps are the files of a vector of ecdsa-sd-2023.
type steps struct {
	t    *testing.T
	path []string
}

func (s steps) into(name string, v any) {
	s.t.Helper()
	if err := json.Unmarshal(read(s.t, append(s.path, name)...), v); err != nil {
		s.t.Fatal(name, err)
	}
}

func (s steps) lines(name string) []string {
	s.t.Helper()
	var out []string
	s.into(name, &out)
	return out
}

func (s steps) same(name string, got, want any) {
	s.t.Helper()
	if a, b := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); a != b {
		s.t.Errorf("%s: %.600s\nwant %.600s", name, a, b)
	}
}

func pick(lines []string, indexes []int) []string {
	out := make([]string, len(indexes))
	for n, i := range indexes {
		out[n] = lines[i]
	}
	return out
}

// TestECDSASDSteps compares every step of the vectors of ecdsa-sd-2023: the
// base proof, what is derived from it, and what its verifier works out.
func TestECDSASDSteps(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "vc-di-ecdsa", "TestVectors")
	processor := newProcessor(t, vectorContexts(t)...)
	material := read(t, root, "ecdsa-sd-2023", "SDKeyMaterial.json")
	issuer, scoped := vectorPair(t, material, "baseKeyPair"), vectorPair(t, material, "proofKeyPair")
	var keys struct{ HMACKeyString string }
	if err := json.Unmarshal(material, &keys); err != nil {
		t.Fatal(err)
	}
	hmacKey, err := hex.DecodeString(keys.HMACKeyString)
	if err != nil {
		t.Fatal(err)
	}
	suite := dataintegrity.ECDSASDWith(processor, hmacKey, scoped)
	for _, v := range []struct{ name, mandatory, selective string }{
		{"prc", "prCredMandatory.json", "prCredSelective.json"}, {"employ", "employMandatory.json", "employSelective.json"},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			s := steps{t, []string{root, "ecdsa-sd-2023", v.name}}
			parsed := func(name string) *strictjson.Value {
				doc, err := strictjson.ParseObject(read(t, append(s.path, name)...), strictjson.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				return doc
			}
			pointers := func(name string) (out []string) {
				if err := json.Unmarshal(read(t, root, name), &out); err != nil {
					t.Fatal(err)
				}
				return out
			}
			mandatory, chosen := pointers(v.mandatory), pointers(v.selective)
			signed := parsed("addSignedSDBase.json")
			doc := signed.Without("proof")
			selections, err := processor.Selections(doc)
			if err != nil {
				t.Fatal(err)
			}
			canonical := func(doc *strictjson.Value) []byte {
				t.Helper()
				text, _, err := processor.Canonicalize(t.Context(), doc, selections[0], rdfc.SHA256)
				if err != nil {
					t.Fatal(err)
				}
				return text
			}
			hash := func(text []byte) string { sum := sha256.Sum256(text); return hex.EncodeToString(sum[:]) }

			// Base proof: transformation, hashing, serialization.
			statements, err := processor.Statements(t.Context(), doc, selections[0])
			if err != nil {
				t.Fatal(err)
			}
			var labels map[string]string
			d, err := selective.New(t.Context(), doc, statements, func(names []string) map[string]string {
				labels = selective.HMACLabels(hmacKey, names)
				return labels
			})
			if err != nil {
				t.Fatal(err)
			}
			s.same("addBaseDocCanon", strings.SplitAfter(strings.TrimSuffix(string(canonical(doc)), "\n"), "\n"), trimLast(s.lines("addBaseDocCanon.json")))
			s.same("addBaseDocHMACCanon", d.NQuads, s.lines("addBaseDocHMACCanon.json"))
			always, err := d.Select(mandatory)
			if err != nil {
				t.Fatal(err)
			}
			var transform struct{ Mandatory, NonMandatory pairs }
			s.into("addBaseTransform.json", &transform)
			s.same("mandatory", always, transform.Mandatory.keys(t))
			s.same("mandatory statements", pick(d.NQuads, always), transform.Mandatory.texts(t))
			hidden := without(len(d.NQuads), always)
			s.same("others", hidden, transform.NonMandatory.keys(t))
			s.same("other statements", pick(d.NQuads, hidden), transform.NonMandatory.texts(t))
			config := canonical(parsed("addProofConfig.json"))
			s.same("addProofConfigCanon", string(config), string(read(t, append(s.path, "addProofConfigCanon.txt")...)))
			var hashes struct{ ProofHash, MandatoryHash string }
			s.into("addHashData.json", &hashes)
			s.same("hashes", []string{hash(config), hash([]byte(strings.Join(pick(d.NQuads, always), "")))}, []string{hashes.ProofHash, hashes.MandatoryHash})
			var pointerValues []struct {
				Pointer string
				Value   json.RawMessage
			}
			s.into("addPointerValues.json", &pointerValues)
			for i, p := range pointerValues {
				if p.Pointer != mandatory[i] || !sameJSON(t, doc.Lookup(p.Pointer).AppendJSON(nil), p.Value) {
					t.Errorf("%s is %s", p.Pointer, doc.Lookup(p.Pointer).AppendJSON(nil))
				}
			}

			created, _ := signed.Lookup("/proof/created").Text()
			at, err := time.Parse(time.RFC3339, created)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := suite.Sign(t.Context(), doc.AppendJSON(nil), issuer, proof.Params{Purpose: proof.AssertionMethod, Created: at, Mandatory: mandatory})
			if err != nil {
				t.Fatal(err)
			}
			base := valueIn(t, ours)
			theirs, _ := signed.Lookup("/proof/proofValue").Text()
			s.same("base proof value", base, theirs)
			value, isBase, err := dataintegrity.ParseSD(theirs)
			if err != nil || !isBase {
				t.Fatal(isBase, err)
			}
			var raw struct {
				BaseSignature, PublicKey, ProofPublicKey, HMACKey string
				Signatures, MandatoryPointers                     []string
			}
			s.into("addRawBaseSignatureInfo.json", &raw)
			s.same("addRawBaseSignatureInfo", []any{value.Signature, value.PublicKey, value.Signatures, value.Pointers},
				[]any{raw.BaseSignature, multikeyBytes(t, raw.PublicKey), raw.Signatures, raw.MandatoryPointers})
			s.into("derivedRecoveredBaseData.json", &raw)
			s.same("derivedRecoveredBaseData", []any{value.Signature, value.PublicKey, value.HMACKey, value.Signatures, value.Pointers},
				[]any{raw.BaseSignature, multikeyBytes(t, raw.ProofPublicKey), raw.HMACKey, raw.Signatures, raw.MandatoryPointers})

			// Derived proof: groups, what is disclosed of them, serialization.
			var all struct {
				Groups   struct{ Selective, Mandatory, Combined group }
				LabelMap pairs
				NQuads   []string
			}
			s.into("derivedAllGroupData.json", &all)
			s.same("statements", d.NQuads, all.NQuads)
			s.same("labels", slices.Sorted(maps.Values(labels)), slices.Sorted(slices.Values(all.LabelMap.texts(t))))
			for name, g := range map[string]struct {
				group
				pointers []string
			}{"mandatory": {all.Groups.Mandatory, mandatory}, "selective": {all.Groups.Selective, chosen}, "combined": {all.Groups.Combined, slices.Concat(mandatory, chosen)}} {
				indexes, err := d.Select(g.pointers)
				if err != nil {
					t.Fatal(err)
				}
				s.same(name, indexes, g.Matching.keys(t))
				s.same(name+", statements", pick(d.NQuads, indexes), g.Matching.texts(t))
				s.same("not "+name, without(len(d.NQuads), indexes), g.NonMatching.keys(t))
			}
			var groups struct{ CombinedIndexes, MandatoryIndexes, SelectiveIndexes []int }
			s.into("derivedGroupIndexes.json", &groups)
			shown, err := d.Reveal(t.Context(), slices.Concat(mandatory, chosen))
			if err != nil {
				t.Fatal(err)
			}
			s.same("derivedGroupIndexes", [][]int{shown.Indexes, always}, [][]int{groups.CombinedIndexes, groups.MandatoryIndexes})
			if want := read(t, append(s.path, "derivedUnsignedReveal.json")...); !sameJSON(t, shown.Document.AppendJSON(nil), want) {
				t.Errorf("derivedUnsignedReveal: %s\nwant %s", shown.Document.AppendJSON(nil), want)
			}

			derived, err := suite.(proof.Discloser).Disclose(t.Context(), ours, proof.Disclosure{Pointers: chosen})
			if err != nil {
				t.Fatal(err)
			}
			reveal := parsed("derivedRevealDocument.json")
			theirs, _ = reveal.Lookup("/proof/proofValue").Text()
			s.same("derived proof value", valueIn(t, derived), theirs)
			again, err := suite.(proof.Discloser).Disclose(t.Context(), signed.Raw(), proof.Disclosure{Pointers: chosen})
			if err != nil || !sameJSON(t, again, reveal.Raw()) {
				t.Errorf("derivedRevealDocument: %s\nwant %s (%v)", again, reveal.Raw(), err)
			}
			value, isBase, err = dataintegrity.ParseSD(theirs)
			if err != nil || isBase {
				t.Fatal(isBase, err)
			}
			var adjusted struct {
				AdjMandatoryIndexes []int
				FilteredSignatures  []string
			}
			s.into("derivedAdjMandatoryIndexes.json", &adjusted)
			s.into("derivedAdjSignatures.json", &adjusted)
			s.same("derivedAdjMandatoryIndexes", value.Indexes, adjusted.AdjMandatoryIndexes)
			s.same("derivedAdjSignatures", value.Signatures, adjusted.FilteredSignatures)
			for _, name := range []string{"derivedDisclosureData.json", "verifyDerivedProofValue.json"} {
				var data struct {
					BaseSignature, PublicKey string
					Signatures               []string
					LabelMap                 json.RawMessage
					MandatoryIndexes         []int
				}
				s.into(name, &data)
				s.same(name, []any{value.Signature, value.PublicKey, value.Signatures, value.Indexes},
					[]any{data.BaseSignature, multikeyBytes(t, data.PublicKey), data.Signatures, data.MandatoryIndexes})
				for from, to := range value.Labels {
					if !strings.Contains(strings.Join(strings.Fields(string(data.LabelMap)), ""), `["`+from+`","`+to+`"]`) {
						t.Errorf("%s: %s is not %s in %s", name, from, to, data.LabelMap)
					}
				}
			}

			// Verifying.
			quads, err := processor.Quads(t.Context(), reveal.Without("proof"), selections[0])
			if err != nil {
				t.Fatal(err)
			}
			lines, err := selective.Lines(t.Context(), quads, value.Labels)
			if err != nil {
				t.Fatal(err)
			}
			s.same("verifyNQuads", lines, s.lines("verifyNQuads.json"))
			var verify struct {
				NonMandatory             []string
				ProofHash, MandatoryHash string
			}
			s.into("verifyCreateVerifyData.json", &verify)
			s.same("verifyCreateVerifyData", []any{pick(lines, without(len(lines), value.Indexes)), hash([]byte(strings.Join(pick(lines, value.Indexes), "")))},
				[]any{verify.NonMandatory, verify.MandatoryHash})
			for name, raw := range map[string][]byte{"theirs": reveal.Raw(), "ours": derived} {
				if err := verifyAll(t, proof.Set{suite}, raw); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// trimLast takes the end of the last line off.
func trimLast(lines []string) []string {
	lines[len(lines)-1] = strings.TrimSuffix(lines[len(lines)-1], "\n")
	return lines
}

func without(n int, indexes []int) []int {
	var out []int
	for i := range n {
		if !slices.Contains(indexes, i) {
			out = append(out, i)
		}
	}
	return out
}

func valueIn(t testing.TB, raw []byte) string {
	t.Helper()
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	value, _ := doc.Get("proof").List()[0].Get("proofValue").Text()
	return value
}

func multikeyBytes(t testing.TB, text string) string {
	t.Helper()
	_, raw, err := multibase.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(raw)
}
