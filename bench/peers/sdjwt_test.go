//go:build peers

package peers_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// sdLine is what the peers say of an SD-JWT.
type sdLine struct {
	File, Kind, Issuer, Nonce, Aud, URL, Error string
	Verified                                   bool
	Status                                     int
	Sees, Hidden                               []string
	Payload                                    json.RawMessage
}

// sdPeers runs them and returns what they say, by file name.
func sdPeers(t *testing.T, args ...string) map[string]sdLine {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"sdjwt.mjs"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sdjwt.mjs: %v\n%s", err, stderr.Bytes())
	}
	said := map[string]sdLine{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var l sdLine
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		said[l.File] = l
	}
	return said
}

// sdAsk has the peers verify SD-JWTs, which come by file name.
func sdAsk(t *testing.T, tokens map[string][]byte, options ...string) map[string]sdLine {
	t.Helper()
	folder := t.TempDir()
	args := append([]string{"verify"}, options...)
	for name, raw := range tokens {
		args = append(args, put(t, folder, name, raw))
	}
	said := sdPeers(t, args...)
	if len(said) != len(tokens) {
		t.Fatalf("%d files, and the peers spoke of %d", len(tokens), len(said))
	}
	return said
}

func put(t *testing.T, folder, name string, raw []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBevisAcceptsPeersSDJWT: what the peers issue and show is valid here,
// and says what they disclosed and nothing else.
func TestBevisAcceptsPeersSDJWT(t *testing.T) {
	ready(t)
	folder := t.TempDir()
	made := sdPeers(t, "issue", folder)
	lists := map[string][]byte{}
	read := func(name string) []byte {
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	lists[made["list"].URL] = read("list")
	count := map[string]int{}
	for name, l := range made {
		if l.Kind == "list" {
			continue
		}
		count[l.Kind]++
		t.Run(name, func(t *testing.T) {
			v, err := verifier.New(verifier.Config{
				Suites: proof.Set{sdjwt.DC()}, Resolver: did.Mux{"jwk": did.JWK{}}, Trust: trust.Pins(l.Issuer), Status: verifier.NoStatus{}, Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			judge := func(raw []byte) *verifier.Report {
				report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw, Audience: l.Aud, Challenge: l.Nonce, StatusLists: lists})
				return report
			}
			raw := read(name)
			report := judge(raw)
			if l.Kind == "status" {
				want := map[int]reason.Code{0: "", 1: reason.Revoked, 2: reason.Suspended}[l.Status]
				if report.Reason != want {
					t.Errorf("status %d is %s %s", l.Status, report.Verdict, report.Reason)
				}
				return
			}
			if report.Verdict != verifier.Valid {
				t.Fatalf("%s: %v", report.Verdict, report.Err())
			}
			c := report.Credential()
			if l.Kind == "presentation" {
				c = report.Parts[0].Credential()
			}
			text := string(c.Document().AppendJSON(nil))
			for _, part := range l.Sees {
				if !strings.Contains(text, part) {
					t.Errorf("%s is not seen: %s", part, text)
				}
			}
			for _, part := range l.Hidden {
				if strings.Contains(text, part) {
					t.Errorf("%s is seen: %s", part, text)
				}
			}
			for _, at := range []int{20, len(raw) / 3, len(raw) / 2, len(raw) - 9} {
				forged := bytes.Clone(raw)
				forged[at] = map[bool]byte{true: 'B', false: 'A'}[forged[at] == 'A']
				if r := judge(forged); r.Verdict == verifier.Valid {
					t.Errorf("a copy with another byte %d is accepted", at)
				}
			}
		})
	}
	if count["credential"] < 18 || count["presentation"] < 18 || count["status"] != 4 {
		t.Errorf("the peers made %v", count)
	}
}

// sdHolder is a holder whose private key the peers can be given.
type sdHolder struct {
	signer key.Signer
	id     string
	jwk    []byte
}

func newHolder(t *testing.T) sdHolder {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k, err := key.FromSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return sdHolder{k.Signer(method), id, fmt.Appendf(nil, `{"kty":"OKP","crv":"Ed25519","x":%q,"d":%q}`, b64(public), b64(private.Seed()))}
}

// sdIssuer returns an issuer of SD-JWTs by a did:jwk, which the peers can read.
func sdIssuer(t *testing.T, kind key.Type) *issuer.Issuer {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	id, method := did.JWKID(private.Public())
	i, err := issuer.New(issuer.Config{
		Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(method), Suite: sdjwt.DC(), ListSuite: suite(t, "vc+jwt"),
		Ledger: issuer.NewMemoryLedger(), StatusBase: statusBase, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestPeersAcceptSDJWT: what bevis issues and shows, the peers accept; what
// was changed, for another request or revoked, they refuse.
func TestPeersAcceptSDJWT(t *testing.T) {
	ready(t)
	for _, kind := range []key.Type{key.P256, key.P384, key.P521, key.Ed25519} {
		t.Run(kind.String(), func(t *testing.T) {
			i, holder := sdIssuer(t, kind), newHolder(t)
			issued := issue(t, i, holder.id)
			d := proof.Disclosure{Pointers: []string{"/evidence"}, Holder: holder.signer, Audience: audience, Challenge: challenge, Created: time.Now()}
			shown, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), issued.Credential, d)
			if err != nil {
				t.Fatal(err)
			}
			forged := bytes.Clone(shown)
			at := slices.Index(forged, '~') - 9
			forged[at] = map[bool]byte{true: 'B', false: 'A'}[forged[at] == 'A']
			publish := func() string {
				files, err := i.Publish(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range files {
					if strings.HasSuffix(f.URL, "revocation-1.jwt") {
						return f.URL + "=" + put(t, t.TempDir(), "list", f.Bytes)
					}
				}
				t.Fatal("no list is published")
				return ""
			}
			list := publish()
			whole := sdAsk(t, map[string][]byte{"whole": issued.Credential}, "--serve", list)["whole"]
			if !whole.Verified || !strings.Contains(string(whole.Payload), "Kari Nordmann") {
				t.Errorf("%+v", whole)
			}
			said := sdAsk(t, map[string][]byte{"shown": shown, "forged": forged}, "--serve", list, "--nonce", challenge, "--aud", audience)
			if l := said["shown"]; !l.Verified || !strings.Contains(string(l.Payload), "Oppgave") || strings.Contains(string(l.Payload), "Kari Nordmann") {
				t.Errorf("%+v", l)
			}
			if l := said["forged"]; l.Verified {
				t.Error("a changed copy is accepted")
			}
			if l := sdAsk(t, map[string][]byte{"shown": shown}, "--serve", list, "--nonce", "n-2", "--aud", audience)["shown"]; l.Verified {
				t.Error("accepted for another request")
			}
			if err := i.Revoke(t.Context(), issued.ID, "feil person", "test"); err != nil {
				t.Fatal(err)
			}
			if l := sdAsk(t, map[string][]byte{"shown": shown}, "--serve", publish(), "--nonce", challenge, "--aud", audience)["shown"]; l.Verified || !strings.Contains(l.Error, "tatus") {
				t.Errorf("revoked: %+v", l)
			}
		})
	}
}

// TestPeersShowSDJWT: a wallet of others shows a part of what bevis issued.
func TestPeersShowSDJWT(t *testing.T) {
	ready(t)
	holder := newHolder(t)
	folder := t.TempDir()
	i := sdIssuer(t, key.P256)
	issued := issue(t, i, holder.id)
	sdPeers(t, "show", folder, put(t, folder, "whole", issued.Credential), `{"ld":{"credentialSubject":{"result":true}}}`, put(t, folder, "key", holder.jwk), challenge, audience)
	raw, err := os.ReadFile(filepath.Join(folder, "shown"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := i.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string][]byte{}
	for _, f := range files {
		lists[f.URL] = f.Bytes
	}
	v, err := verifier.New(verifier.Config{Suites: allSuites(t), Resolver: did.Mux{"jwk": did.JWK{}}, Trust: trust.AnyoneUnsafe(), Status: verifier.NoStatus{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	report, err := v.Verify(t.Context(), verifier.Request{Raw: raw, Audience: audience, Challenge: challenge, RequireHolder: true, StatusLists: lists})
	if err != nil || report.Holder != holder.id {
		t.Fatalf("%+v, %v", report, err)
	}
	text := string(report.Parts[0].Credential().Document().AppendJSON(nil))
	if !strings.Contains(text, `"value":"B"`) || strings.Contains(text, "Kari Nordmann") || strings.Contains(text, "Oppgave") {
		t.Error(text)
	}
}
