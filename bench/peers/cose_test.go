//go:build peers

package peers_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// coseLine is what the peer says of a COSE message.
type coseLine struct {
	File, Kind, Issuer, Error string
	Verified                  bool
	Headers                   map[string]any
	Payload                   json.RawMessage
}

func cosePeer(t *testing.T, args ...string) map[string]coseLine {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"cose.mjs"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("cose.mjs: %v\n%s", err, stderr.Bytes())
	}
	said := map[string]coseLine{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var l coseLine
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		said[l.File] = l
	}
	return said
}

// TestBevisAcceptsPeersCOSE: what the peer signs is valid here, and refused
// with any of its bytes changed.
func TestBevisAcceptsPeersCOSE(t *testing.T) {
	ready(t)
	folder := t.TempDir()
	made := cosePeer(t, "issue", folder)
	if len(made) != 8 {
		t.Fatalf("%d files", len(made))
	}
	for name, l := range made {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		v, err := verifier.New(verifier.Config{
			Suites: proof.Set{cose.VC(), cose.VP()}, Resolver: did.Mux{"jwk": did.JWK{}}, Trust: trust.Pins(l.Issuer), Status: verifier.NoStatus{}, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		judge := func(raw []byte) *verifier.Report {
			req := verifier.Request{Raw: raw}
			if l.Kind == "presentation" {
				req.Audience, req.Challenge = "https://firma.example", "challenge-1"
			}
			report, _ := v.Verify(t.Context(), req)
			return report
		}
		if report := judge(raw); report.Verdict != verifier.Valid || string(report.Kind) != l.Kind {
			t.Errorf("%s: %s %v", name, report.Verdict, report.Err())
		}
		for i := 0; i < len(raw); i += 29 {
			changed := bytes.Clone(raw)
			changed[i] ^= 1
			if report := judge(changed); report.Verdict == verifier.Valid {
				t.Errorf("%s: byte %d can be changed", name, i)
			}
		}
	}
	t.Logf("%d messages of @auth0/cose accepted", len(made))
}

// TestPeersAcceptBevisCOSE: what is signed here verifies there and says the
// same, and does not when it is changed.
func TestPeersAcceptBevisCOSE(t *testing.T) {
	ready(t)
	folder := t.TempDir()
	var files []string
	documents := map[string]string{}
	for _, kind := range []key.Type{key.Ed25519, key.P256, key.P384, key.P521} {
		private, err := key.Generate(kind)
		if err != nil {
			t.Fatal(err)
		}
		id, method := did.JWKID(private.Public())
		for _, c := range []struct {
			suite    proof.Suite
			params   proof.Params
			document string
		}{
			{cose.VC(), proof.Params{Purpose: proof.AssertionMethod}, `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"` + id + `","name":"Sveising på Ål","credentialSubject":{"id":"did:example:kari"}}`},
			{cose.VP(), proof.Params{Purpose: proof.Authentication, Challenge: "challenge-1", Domains: []string{"https://firma.example", "https://b.example"}, Expires: time.Unix(1900000000, 0)},
				`{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"],"holder":"` + id + `"}`},
		} {
			c.params.Created = time.Unix(1780315195, 0)
			raw, err := c.suite.Sign(t.Context(), []byte(c.document), private.Signer(method), c.params)
			if err != nil {
				t.Fatal(err)
			}
			name := kind.String() + " " + string(c.suite.ID())
			documents[name] = c.document
			files = append(files, put(t, folder, name, raw))
			changed := bytes.Clone(raw)
			changed[len(raw)/2] ^= 1
			files = append(files, put(t, folder, name+" changed", changed))
		}
	}
	said := cosePeer(t, append([]string{"verify"}, files...)...)
	for name, document := range documents {
		l := said[name]
		var want, got any
		if json.Unmarshal([]byte(document), &want) != nil || !l.Verified || json.Unmarshal(l.Payload, &got) != nil {
			t.Errorf("%s: %+v", name, l)
			continue
		}
		a, _ := json.Marshal(want)
		b, _ := json.Marshal(got)
		if !bytes.Equal(a, b) {
			t.Errorf("%s says %s, not %s", name, b, a)
		}
		if typ := l.Headers["16"]; typ != "application/"+name[len(name)-len("vc+cose"):] {
			t.Errorf("%s is of type %v", name, typ)
		}
		if said[name+" changed"].Verified {
			t.Errorf("%s: the peer accepts it changed", name)
		}
	}
	t.Logf("%d messages accepted by @auth0/cose, and as many refused that were changed", len(documents))
}
