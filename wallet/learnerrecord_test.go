package wallet_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

// TestLearnerRecord signs a record of credentials in all forms and takes it to a
// verifier, who accepts it and each credential in it by its own proof.
func TestLearnerRecord(t *testing.T) {
	t.Parallel()
	all, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	w, _, err := wallet.Create(t.Context(), wallet.Cheap(wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("fire hester i regn"), Now: clock}))
	if err != nil {
		t.Fatal(err)
	}
	holder, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pins := []string{holder}
	var kept [][]byte
	for _, form := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, jose.VCJWT, cose.VCCOSE, sdjwt.VCSDJWT, sdjwt.DCSDJWT, dataintegrity.ECDSASD2023} {
		raw, from := issuedIn(t, all, form, holder, now)
		if _, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: raw}); err != nil {
			t.Fatal(form, err)
		}
		kept, pins = append(kept, raw), append(pins, from)
	}
	// What cannot stand in it: of Data Model 1.1, without a proof, with terms
	// that nothing defines, forged.
	outside := map[string]string{
		"undefined": `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:a","credentialSubject":{"id":"did:example:kari"},"proof":{"type":"LaterProof2040"}}`,
		"old":       `{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"],"issuer":"did:example:a","issuanceDate":"2020-01-01T00:00:00Z","credentialSubject":{"id":"did:example:kari","name":"old"},"proof":{"type":"Ed25519Signature2020"}}`,
		"bare":      `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"did:example:a","credentialSubject":{"id":"did:example:kari"}}`,
		"forged":    strings.ReplaceAll(string(kept[0]), "Sveising", "Svømming"),
	}
	for name, raw := range outside {
		r := wallet.AddRequest{Raw: []byte(raw)}
		if name == "forged" {
			r.Verified = &wallet.Verification{Verdict: "invalid", Reason: "bad_signature", At: now}
		}
		if _, _, err := w.Add(t.Context(), r); err != nil {
			t.Fatal(name, err)
		}
	}
	v, err := verifier.New(verifier.Config{Suites: all, Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(pins...), Status: verifier.NoStatus{}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022} {
		s, err := all.Suite(form)
		if err != nil {
			t.Fatal(err)
		}
		record, err := w.LearnerRecord(t.Context(), wallet.LearnerRecordRequest{Name: "Min kompetanse", Suite: s, Disclosers: all})
		if err != nil {
			t.Fatal(form, err)
		}
		if len(record.Items) != len(kept) || len(record.Left) != len(outside) || len(record.InParts) != 3 || record.Holder != holder {
			t.Errorf("%s: %d in it, %d left out, %d in parts", form, len(record.Items), len(record.Left), len(record.InParts))
		}
		for n, raw := range kept[:2] {
			if bytes.Count(record.Signed, raw) != 1 {
				t.Errorf("%s: credential %d is not in it once, byte for byte", form, n)
			}
		}
		report, err := v.Verify(t.Context(), verifier.Request{Raw: record.Signed})
		if err != nil || len(report.Nested) != len(kept) {
			t.Fatalf("%s: %v, %d in it", form, err, len(report.Nested))
		}
		for n, inner := range report.Nested {
			if inner.Verdict != verifier.Valid {
				t.Errorf("%s: credential %d: %v", form, n, inner.Err())
			}
		}
		holdsToTheStandard(t, record.Signed)
		forged := bytes.Replace(record.Signed, []byte(`"partial":true`), []byte(`"partial":false`), 1)
		if _, err := v.Verify(t.Context(), verifier.Request{Raw: forged}); reason.CodeOf(err) != reason.BadSignature {
			t.Errorf("%s: that something is left out is not signed: %v", form, err)
		}
		if item, added, err := w.Add(t.Context(), wallet.AddRequest{Raw: record.Signed}); err != nil || !added || item.Title != "Min kompetanse" {
			t.Errorf("%s: the record cannot be kept: %+v, %v", form, item, err)
		} else if _, err := w.Remove(t.Context(), item.ID); err != nil {
			t.Fatal(err)
		}
	}
	s, err := all.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		r    wallet.LearnerRecordRequest
		code reason.Code
	}{
		"no name":         {wallet.LearnerRecordRequest{Suite: s}, reason.Usage},
		"no suite":        {wallet.LearnerRecordRequest{Name: "a"}, reason.Usage},
		"another's key":   {wallet.LearnerRecordRequest{Name: "a", Suite: s, Holder: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"}, "not_found/key"},
		"no such item":    {wallet.LearnerRecordRequest{Name: "a", Suite: s, IDs: []string{"no-such-item"}}, "not_found/item"},
		"nothing remains": {wallet.LearnerRecordRequest{Name: "a", Suite: s, IDs: ids(w, "Svømming på sjø")}, "usage/record"},
	} {
		if _, err := w.LearnerRecord(t.Context(), c.r); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// issuedIn is issued, with any suite.
func issuedIn(t *testing.T, all proof.Set, form proof.ID, holder string, now time.Time) (raw []byte, from string) {
	t.Helper()
	suite, err := all.Suite(form)
	if err != nil {
		t.Fatal(err)
	}
	listed, err := all.Suite(jose.VCJWT)
	if err != nil {
		t.Fatal(err)
	}
	kind := key.Ed25519
	if form == dataintegrity.ECDSASD2023 {
		kind = key.P256
	}
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	i, err := issuer.New(issuer.Config{Profile: openbadge.Profile{ID: id, Name: "Kursstedet " + string(form)}, Signer: private.Signer(method),
		Suite: suite, ListSuite: listed, Ledger: issuer.NewMemoryLedger(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	got, err := i.Issue(t.Context(), issuer.Award{Recipient: issuer.Recipient{ID: holder}, Narrative: "Tok tid.", Achievement: openbadge.Achievement{
		ID: "https://kurs.example/a/ml", Name: "Sveising på sjø", Description: "Kurs.", Criteria: &openbadge.Criteria{Narrative: "Bestått."}}})
	if err != nil {
		t.Fatal(form, err)
	}
	return got.Credential, id
}

func ids(w *wallet.Wallet, title string) []string {
	var out []string
	for _, i := range w.Items() {
		if i.Title == title {
			out = append(out, i.ID)
		}
	}
	return out
}

// holdsToTheStandard holds a record against the rules of CLR 2.0 and against
// the schema that 1EdTech publishes. That schema is for Data Model 1.1: it wants
// issuanceDate where 2.0 has validFrom, and knows no envelopes. It must have
// nothing else to say.
func holdsToTheStandard(t *testing.T, raw []byte) {
	t.Helper()
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range profile.Check(doc, profile.LearnerRecord20(), profile.VCDM20()) {
		t.Errorf("%s: %s", f.At, f.Rule)
	}
	f, err := os.Open(testcorpus.Path(t, "openbadges", "schemas/clr_v2p0_clrcredential_schema_draft4.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	schema, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	mend(schema)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for n, inner := range doc.Lookup("/credentialSubject/verifiableCredential").Items() {
		at := "/credentialSubject/verifiableCredential/" + string(rune('0'+n))
		if inner.Get("issuer") == nil { // an envelope
			want = append(want, at+" misses issuer issuanceDate credentialSubject", at+"/@context type")
		} else {
			want = append(want, at+" misses issuanceDate")
		}
	}
	want = append(want, "/ misses issuanceDate")
	slices.Sort(want)
	if got := complaints(compiled.Validate(doc.Any())); !slices.Equal(got, want) {
		t.Errorf("the published schema says\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// mend takes out the empty lists of required members, which draft 4 forbids
// and the schema has.
func mend(schema any) {
	switch v := schema.(type) {
	case []any:
		for _, item := range v {
			mend(item)
		}
	case map[string]any:
		if list, ok := v["required"].([]any); ok && len(list) == 0 {
			delete(v, "required")
		}
		for _, item := range v {
			mend(item)
		}
	}
}

// complaints returns the places that a schema complains about, with what it
// misses there.
func complaints(err error) []string {
	invalid, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return nil
	}
	if len(invalid.Causes) == 0 {
		text := "/" + strings.Join(invalid.InstanceLocation, "/")
		switch k := invalid.ErrorKind.(type) {
		case *kind.Required:
			text += " misses " + strings.Join(k.Missing, " ")
		case *kind.AdditionalProperties:
			text += " has too " + strings.Join(slices.Sorted(slices.Values(k.Properties)), " ")
		default:
			text += " " + strings.Join(k.KeywordPath(), "/")
		}
		return []string{text}
	}
	var out []string
	for _, cause := range invalid.Causes {
		out = append(out, complaints(cause)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
