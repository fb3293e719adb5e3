//go:build peers

package peers_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// disclose shows parts of a credential with a base proof.
func disclose(t *testing.T, id proof.ID, base []byte, pointers ...string) []byte {
	t.Helper()
	shown, err := suite(t, id).(proof.Discloser).Disclose(t.Context(), base, proof.Disclosure{Pointers: pointers})
	if err != nil {
		t.Fatalf("%q: %v", pointers, err)
	}
	return shown
}

// least shows of a credential what always shows, if it can be shown in part.
func least(t *testing.T, id proof.ID, raw []byte) []byte {
	t.Helper()
	if id != "ecdsa-sd-2023" && id != "bbs-2023" {
		return raw
	}
	return disclose(t, id, raw)
}

// partly are the suites that show in part, with their types of key.
func partly() map[proof.ID]key.Type {
	return map[proof.ID]key.Type{"ecdsa-sd-2023": key.P256, "bbs-2023": key.BLS12381G2}
}

// ownReport is what bevis says of a credential by issuer.
func ownReport(t *testing.T, raw []byte, issuer string) (*verifier.Report, error) {
	t.Helper()
	v, err := verifier.New(verifier.Config{Suites: allSuites(t), Resolver: did.Mux{"key": did.Key{}}, Trust: trust.Pins(issuer), Status: verifier.NoStatus{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return v.Verify(t.Context(), verifier.Request{Raw: raw})
}

// bothAccept has bevis and the peers judge what is shown of credentials, and
// changed copies of it.
func bothAccept(t *testing.T, shown map[string][]byte, issuer string) {
	t.Helper()
	documents := map[string]document{}
	for name, raw := range shown {
		documents[name] = document{"credential", raw}
		// The status lists are not at hand here.
		if report, err := ownReport(t, raw, issuer); report.Check(verifier.CheckProof).Outcome != verifier.Pass || report.Check(verifier.CheckBinding).Outcome != verifier.Pass {
			t.Errorf("%s: %s, %v", name, report.Verdict, err)
		}
		for how, raw := range changed(t, "credential", raw) {
			if report, err := ownReport(t, raw, issuer); report.Verdict != verifier.Invalid || reason.CodeOf(err) != reason.BadSignature {
				t.Errorf("%s, %s: %s, %v", name, how, report.Verdict, err)
			}
		}
	}
	judgedByPeers(t, documents)
}

func choices() map[string][]string {
	return map[string][]string{
		"least": nil, "all": {"/name", "/evidence", "/credentialSubject", "/awardedDate"}, "a grade": {"/credentialSubject/result/0/value"},
		"some": {"/awardedDate", "/credentialSubject/narrative", "/credentialSubject/identifier", "/credentialSubject/achievement/description"},
	}
}

// TestPartsOfPeers shows parts of a credential that the peers issued.
func TestPartsOfPeers(t *testing.T) {
	ready(t)
	folder := t.TempDir()
	made := peers(t, "issue", folder)
	for id := range partly() {
		t.Run(string(id), func(t *testing.T) {
			file := string(id) + "-base.json"
			base, err := os.ReadFile(filepath.Join(folder, file))
			if err != nil {
				t.Fatal(err)
			}
			shown := map[string][]byte{}
			for name, pointers := range choices() {
				if name != "some" { // which peers' badges lack
					shown[name] = disclose(t, id, base, pointers...)
				}
			}
			bothAccept(t, shown, made[file].Issuer)
		})
	}
}

// TestPartsOfOurs shows parts of credentials that bevis issued with an ordered
// list in them, of which the peers can make none.
func TestPartsOfOurs(t *testing.T) {
	ready(t)
	for id, kind := range partly() {
		t.Run(string(id), func(t *testing.T) {
			issued := issue(t, newIssuer(t, form{id, kind, "did:key"}), learner)
			shown := map[string][]byte{}
			for name, pointers := range choices() {
				shown[name] = disclose(t, id, issued.Credential, pointers...)
			}
			if list := `"allowedValue":["E","D","C","B","A"]`; !strings.Contains(string(shown["least"]), list) {
				t.Errorf("there is no list in %s", shown["least"])
			}
			bothAccept(t, shown, issuerOf(t, issued.Credential))
		})
	}
}

// TestPeersShowParts has the peers show parts of credentials that bevis issued.
func TestPeersShowParts(t *testing.T) {
	ready(t)
	for id, kind := range partly() {
		t.Run(string(id), func(t *testing.T) { peersShowParts(t, id, kind) })
	}
}

func peersShowParts(t *testing.T, id proof.ID, kind key.Type) {
	suite := suite(t, id)
	private, err := newKey(kind)
	if err != nil {
		t.Fatal(err)
	}
	name, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	badge := issue(t, newIssuer(t, form{"eddsa-jcs-2022", key.Ed25519, "did:key"}), learner).Credential
	var doc map[string]any
	if err := json.Unmarshal(badge, &doc); err != nil {
		t.Fatal(err)
	}
	delete(doc, "proof")
	doc["issuer"].(map[string]any)["id"] = name
	achievement := doc["credentialSubject"].(map[string]any)["achievement"].(map[string]any)
	delete(achievement["resultDescription"].([]any)[0].(map[string]any), "allowedValue")
	// More nodes than have a label of one byte in a proof value.
	subject := doc["credentialSubject"].(map[string]any)
	for n := range 22 {
		subject["result"] = append(subject["result"].([]any), map[string]any{"type": []string{"Result"}, "value": fmt.Sprint("ledd ", n)})
	}
	unsigned, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	base, err := suite.Sign(t.Context(), unsigned, private.Signer(method), proof.Params{Purpose: proof.AssertionMethod, Created: time.Now(),
		Mandatory: []string{"/issuer", "/validFrom", "/validUntil", "/credentialStatus", "/credentialSubject/achievement/name"}})
	if err != nil {
		t.Fatal(err)
	}
	in := t.TempDir()
	shown := map[string][]byte{}
	for how, pointers := range choices() {
		if how == "least" { // the peers' package for credentials wants something to be chosen
			pointers = []string{"/type"}
		}
		file := filepath.Join(in, how)
		if err := os.WriteFile(file, base, 0o600); err != nil {
			t.Fatal(err)
		}
		out := t.TempDir()
		peers(t, append(append([]string{"derive", out}, pointers...), "--", file)...)
		if shown[how], err = os.ReadFile(filepath.Join(out, how)); err != nil {
			t.Fatal(err)
		}
		if id == "bbs-2023" { // whose proofs differ each time
			continue
		}
		// Whoever shows them, it is the same document under the same proof.
		ours := disclose(t, id, base, pointers...)
		var a, b struct {
			Proof any `json:"proof"`
		}
		if json.Unmarshal(ours, &a) != nil || json.Unmarshal(shown[how], &b) != nil || valueOf(a.Proof) == "" || valueOf(a.Proof) != valueOf(b.Proof) {
			t.Errorf("%s: bevis and the peers show under different proofs:\n%s\n%s", how, ours, shown[how])
		}
	}
	bothAccept(t, shown, name)
}

// valueOf returns the value of a proof, or of the one in a list.
func valueOf(p any) string {
	if list, ok := p.([]any); ok && len(list) == 1 {
		p = list[0]
	}
	members, _ := p.(map[string]any)
	value, _ := members["proofValue"].(string)
	return value
}

func issuerOf(t *testing.T, raw []byte) string {
	t.Helper()
	var doc struct{ Issuer struct{ ID string } }
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Issuer.ID
}
