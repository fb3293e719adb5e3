package dataintegrity_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/internal/jsonld"
	"github.com/kompetansebevis/bevis/internal/rdfc"
	"github.com/kompetansebevis/bevis/internal/selective"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// windTerms is the context that stands inline in one of the vectors, where it
// is not accepted. It is no part of what is signed, so its place may change.
const (
	windAddress = "https://windsurf.example/selective"
	windTerms   = `{"@context": {"@vocab": "https://windsurf.grotto-networking.com/selective#"}}`
)

func pinned(address, terms string) jsonld.Extra {
	sum := sha256.Sum256([]byte(terms))
	return jsonld.Extra{URL: address, Bytes: []byte(terms), SHA256: hex.EncodeToString(sum[:])}
}

// bbsVector is a test vector of bbs-2023: its files by their names.
type bbsVector struct {
	t     *testing.T
	files map[string]json.RawMessage
}

func readBBSVector(t *testing.T, name string) bbsVector {
	t.Helper()
	v := bbsVector{t: t}
	if err := json.Unmarshal(read(t, "testdata", "bbs-2023", name+".json"), &v.files); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v bbsVector) into(name string, to any) {
	v.t.Helper()
	if err := json.Unmarshal(v.files[name], to); err != nil {
		v.t.Fatal(name, err)
	}
}

func (v bbsVector) lines(name string) (out []string) {
	v.t.Helper()
	v.into(name, &out)
	return out
}

// document returns a document under contexts that are pinned.
func (v bbsVector) document(name string) *strictjson.Value {
	v.t.Helper()
	doc := mustDoc(v.t, v.files[name])
	contexts := slices.Clone(doc.Get("@context").Items())
	for i, c := range contexts {
		if c.Kind() == strictjson.KindObject {
			contexts[i] = strictjson.String(windAddress)
		}
	}
	return doc.With("@context", strictjson.Array(contexts...))
}

func bin(t testing.TB, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestBBSSteps compares every step of the vectors of bbs-2023 without optional
// features: the base proof, what is derived of it, and what its verifier works
// out. The BBS proof itself, which is made of random numbers, is compared in
// internal/bbs, where these can be given.
func TestBBSSteps(t *testing.T) {
	t.Parallel()
	processor := newProcessor(t, pinned(windAddress, windTerms), pinned("https://w3id.org/citizenship/v4rc1", citizenshipTerms))
	for _, name := range []string{"wind", "prc"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, s := readBBSVector(t, name), steps{t: t}
			var keys struct{ PublicKeyHex, PrivateKeyHex, HMACKeyString string }
			v.into("keys", &keys)
			private, err := bbskey.FromScalar(bin(t, keys.PrivateKeyHex))
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(private.Public().BLS12381G2()); got != keys.PublicKeyHex {
				t.Errorf("public key %s", got)
			}
			multikey, err := private.Public().Multikey()
			if err != nil {
				t.Fatal(err)
			}
			signer := private.Signer("did:key:" + multikey + "#" + multikey)
			suite := dataintegrity.BBSWith(processor, bin(t, keys.HMACKeyString))
			mandatory, chosen := v.lines("mandatory"), v.lines("selective")
			signed := v.document("addSignedSDBase")
			doc := signed.Without("proof")
			selections, err := processor.Selections(doc)
			if err != nil {
				t.Fatal(err)
			}
			canonical := func(doc *strictjson.Value) string {
				t.Helper()
				text, _, err := processor.Canonicalize(t.Context(), doc, selections[0], rdfc.SHA256)
				if err != nil {
					t.Fatal(err)
				}
				return string(text)
			}
			hash := func(text string) string { sum := sha256.Sum256([]byte(text)); return hex.EncodeToString(sum[:]) }

			// Base proof: transformation, hashing, serialization.
			s.same("addBaseDocCanon", strings.Split(strings.TrimSuffix(canonical(doc), "\n"), "\n"), trimLines(v.lines("addBaseDocCanon")))
			said, err := processor.Statements(t.Context(), doc, selections[0])
			if err != nil {
				t.Fatal(err)
			}
			var labels map[string]string
			d, err := selective.New(t.Context(), doc, said, func(names []string) map[string]string {
				labels = dataintegrity.ShuffledLabels(bin(t, keys.HMACKeyString), names)
				return labels
			})
			if err != nil {
				t.Fatal(err)
			}
			s.same("addBaseDocHMACCanon", d.NQuads, v.lines("addBaseDocHMACCanon"))
			always, err := d.Select(mandatory)
			if err != nil {
				t.Fatal(err)
			}
			hidden := without(len(d.NQuads), always)
			var transform struct{ Mandatory, NonMandatory pairs }
			v.into("addBaseTransform", &transform)
			s.same("mandatory", always, transform.Mandatory.keys(t))
			s.same("mandatory statements", pick(d.NQuads, always), transform.Mandatory.texts(t))
			s.same("others", hidden, transform.NonMandatory.keys(t))
			s.same("other statements", pick(d.NQuads, hidden), transform.NonMandatory.texts(t))
			config := canonical(v.document("addProofConfig"))
			var configText string
			v.into("addProofConfigCanon", &configText)
			s.same("addProofConfigCanon", config, configText)
			var hashes struct{ ProofHash, MandatoryHash string }
			v.into("addHashData", &hashes)
			s.same("addHashData", []string{hash(config), hash(strings.Join(pick(d.NQuads, always), ""))}, []string{hashes.ProofHash, hashes.MandatoryHash})

			created, _ := signed.Lookup("/proof/created").Text()
			at, err := time.Parse(time.RFC3339, created)
			if err != nil {
				t.Fatal(err)
			}
			ours, err := suite.Sign(t.Context(), doc.AppendJSON(nil), signer, proof.Params{Purpose: proof.AssertionMethod, Created: at, Mandatory: mandatory})
			if err != nil {
				t.Fatal(err)
			}
			theirs, _ := signed.Lookup("/proof/proofValue").Text()
			s.same("base proof value", valueIn(t, ours), theirs)
			value, isBase, err := dataintegrity.ParseBBS(theirs)
			if err != nil || !isBase {
				t.Fatal(isBase, err)
			}
			for _, name := range []string{"addRawBaseSignatureInfo", "derivedRecoveredBaseData"} {
				raw := struct {
					BBSSignature, HMACKey string
					MandatoryPointers     []string
				}{HMACKey: strings.ToLower(keys.HMACKeyString)}
				v.into(name, &raw)
				s.same(name, []any{value.Signature, value.Header, value.PublicKey, value.HMACKey, value.Pointers},
					[]any{raw.BBSSignature, hashes.ProofHash + hashes.MandatoryHash, keys.PublicKeyHex, raw.HMACKey, raw.MandatoryPointers})
			}

			// Derived proof: groups, what is disclosed of them, serialization.
			shown, err := d.Reveal(t.Context(), slices.Concat(mandatory, chosen))
			if err != nil {
				t.Fatal(err)
			}
			picked, err := d.Select(chosen)
			if err != nil {
				t.Fatal(err)
			}
			var groups struct{ CombinedIndexes, MandatoryIndexes, NonMandatoryIndexes, SelectiveIndexes []int }
			v.into("derivedGroupIndexes", &groups)
			s.same("derivedGroupIndexes", [][]int{shown.Indexes, always, hidden, picked},
				[][]int{groups.CombinedIndexes, groups.MandatoryIndexes, groups.NonMandatoryIndexes, groups.SelectiveIndexes})
			reveal := v.document("derivedRevealDocument")
			if want := v.document("derivedUnsignedReveal"); !sameJSON(t, shown.Document.AppendJSON(nil), want.AppendJSON(nil)) || !sameJSON(t, reveal.Without("proof").AppendJSON(nil), want.AppendJSON(nil)) {
				t.Errorf("derivedUnsignedReveal: %s\nwant %s", shown.Document.AppendJSON(nil), want.AppendJSON(nil))
			}
			theirs, _ = reveal.Lookup("/proof/proofValue").Text()
			value, isBase, err = dataintegrity.ParseBBS(theirs)
			if err != nil || isBase {
				t.Fatal(isBase, err)
			}
			var adjusted struct{ AdjMandatoryIndexes, AdjSelectiveIndexes []int }
			v.into("derivedAdjIndexes", &adjusted)
			s.same("derivedAdjIndexes", [][]int{value.Indexes, value.Chosen}, [][]int{adjusted.AdjMandatoryIndexes, adjusted.AdjSelectiveIndexes})
			var data struct {
				BBSProof         string
				LabelMap         pairs
				MandatoryIndexes []int
			}
			v.into("derivedDisclosureData", &data)
			var derive struct{ PresentationHeaderHex string }
			v.into("derive", &derive)
			s.same("derivedDisclosureData", []any{value.Proof, value.Indexes, value.Presentation}, []any{data.BBSProof, data.MandatoryIndexes, derive.PresentationHeaderHex})
			s.same("labels", labelPairs(value.Labels), labelTexts(t, data.LabelMap))
			s.same("labels of what shows", labelPairs(shown.Labels), labelTexts(t, data.LabelMap))

			// Ours is theirs but for the proof, which is another each time.
			derived, err := suite.(proof.Discloser).Disclose(t.Context(), ours, proof.Disclosure{Pointers: chosen, Challenge: string(bin(t, derive.PresentationHeaderHex))})
			if err != nil {
				t.Fatal(err)
			}
			own, _, err := dataintegrity.ParseBBS(valueIn(t, derived))
			if err != nil || len(own.Proof) != len(value.Proof) || own.Proof == value.Proof {
				t.Error(len(own.Proof), err)
			}
			own.Proof = value.Proof
			if text, err := dataintegrity.EncodeBBS(own, false); err != nil || text != theirs {
				t.Errorf("derived proof value: %s, %v", text, err)
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
			s.same("statements that show", lines, pick(d.NQuads, shown.Indexes))
			if v.files["verifyNQuads"] != nil {
				s.same("verifyNQuads", lines, v.lines("verifyNQuads"))
			}
			for name, raw := range map[string][]byte{"theirs": reveal.AppendJSON(nil), "ours": derived} {
				if err := verifyAll(t, proof.Set{suite}, raw); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
}

// trimLines takes the ends of lines off.
func trimLines(lines []string) []string {
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\n")
	}
	return lines
}

// labelPairs returns labels as the vectors write them, in order.
func labelPairs(labels map[string]string) []string {
	var out []string
	for from, to := range labels {
		out = append(out, from+" "+to)
	}
	slices.Sort(out)
	return out
}

func labelTexts(t *testing.T, p pairs) []string {
	t.Helper()
	out := make([]string, len(p.Value))
	for i, pair := range p.Value {
		var from, to string
		if json.Unmarshal(pair[0], &from) != nil || json.Unmarshal(pair[1], &to) != nil {
			t.Fatalf("%s", pair)
		}
		out[i] = from + " " + to
	}
	slices.Sort(out)
	return out
}
