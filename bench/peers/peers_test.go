//go:build peers

// Package peers_test holds bevis against other people's software, in both
// directions: what bevis makes they must accept, what they make bevis must
// accept, and each must refuse a copy of it that was changed.
//
// The peers are the @digitalbazaar packages for Data Integrity, the @sd-jwt ones
// for SD-JWT behind sdjwt.mjs, @auth0/cose behind cose.mjs, and jose for
// tokens, behind peers.mjs. They are installed from the lock file once; after
// that the tests make no connection. Run them with
//
//	go test -count=1 -tags peers ./bench/peers/
package peers_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/key/bbskey"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

const (
	webIssuer  = "did:web:kurs.example"
	statusBase = "https://kurs.example/status/"
	challenge  = "n-0S6_WzA2Mj"
	audience   = "https://firma.example"
	course     = "Kurs i maskinlæring" // stands in every credential
)

// install gets the peers ready. It returns why they are not, in one line.
var install = sync.OnceValue(func() string {
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			return "no peers to be held against: " + program + " is not installed"
		}
	}
	// Go runs tests again when a file changed that they read themselves.
	if _, err := os.ReadFile("peers.mjs"); err != nil {
		return err.Error()
	}
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		return err.Error()
	}
	// npm writes the inner file last, so it is there when all the others are.
	if done, err := os.Stat("node_modules/.package-lock.json"); err == nil && !done.ModTime().Before(lock.ModTime()) {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	err = exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000").Run()
	if err != nil {
		return fmt.Sprintf("no peers to be held against: npm ci: %v", err)
	}
	return ""
})

// ready skips a test where there are no peers.
func ready(t *testing.T) {
	t.Helper()
	if why := install(); why != "" {
		t.Skip(why)
	}
}

// line is what the peers say of a file.
type line struct {
	File, Kind, Form, Error           string
	Verified                          bool
	Issuer, Holder, Challenge, Domain string
	Status                            []struct {
		Purpose string
		Set     bool
	}
}

// peers runs them and returns what they say, by file name.
func peers(t *testing.T, args ...string) map[string]line {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", append([]string{"peers.mjs"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("peers.mjs: %v\n%s", err, stderr.Bytes())
	}
	said := map[string]line{}
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var l line
		if err := d.Decode(&l); err != nil {
			t.Fatal(err)
		}
		said[l.File] = l
	}
	return said
}

// ask has the peers verify documents, which come by file name.
func ask(t *testing.T, documents map[string][]byte, options ...string) map[string]line {
	t.Helper()
	folder := t.TempDir()
	args := append([]string{"verify"}, options...)
	for name, raw := range documents {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	said := peers(t, args...)
	if len(said) != len(documents) {
		t.Fatalf("%d files, and the peers spoke of %d", len(documents), len(said))
	}
	return said
}

// change returns a copy of a document with a text in it replaced: in JSON, or
// in the payload of a token, or in a token that a presentation holds.
func change(t *testing.T, raw []byte, from, to string) []byte {
	t.Helper()
	const envelope = "data:application/vc+jwt,"
	inToken := func(token string) string {
		parts := strings.Split(token, ".")
		if len(parts) != 3 {
			t.Fatalf("no token: %.40s", token)
		}
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		parts[1] = base64.RawURLEncoding.EncodeToString(change(t, payload, from, to))
		return strings.Join(parts, ".")
	}
	text := string(raw)
	if !strings.HasPrefix(text, "{") {
		return []byte(inToken(text))
	}
	if strings.Contains(text, from) {
		return []byte(strings.Replace(text, from, to, 1))
	}
	before, rest, held := strings.Cut(text, envelope)
	token, after, _ := strings.Cut(rest, `"`)
	if !held {
		t.Fatalf("%q is not in the document", from)
	}
	return []byte(before + envelope + inToken(token) + `"` + after)
}

// changed are copies of a document, each of which is to be refused for its
// signature.
func changed(t *testing.T, kind string, raw []byte) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"another course": change(t, raw, course, "Kurs i maskinlesing")}
	if kind == "presentation" {
		out["another presentation"] = change(t, raw, `{`, `{"id":"urn:uuid:7b0f1c5e-2222-4333-8444-1a1b1c1d1e1f",`)
	}
	return out
}

func allSuites(t *testing.T) proof.Set {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func suite(t *testing.T, id proof.ID) proof.Suite {
	t.Helper()
	s, err := allSuites(t).Suite(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// form is how an issuer secures credentials, and what its identifier is.
type form struct {
	suite proof.ID
	kind  key.Type
	by    string // "did:key", "did:jwk" or "did:web"
}

func (f form) String() string { return fmt.Sprintf("%s %s %s", f.suite, f.kind, f.by) }

// newKey makes a key of any type.
func newKey(kind key.Type) (interface {
	Public() key.Public
	Signer(string) key.Signer
}, error) {
	if kind == key.BLS12381G2 {
		return bbskey.Generate()
	}
	return key.Generate(kind)
}

// newIssuer returns an issuer with a new key.
func newIssuer(t *testing.T, f form) *issuer.Issuer {
	t.Helper()
	private, err := newKey(f.kind)
	if err != nil {
		t.Fatal(err)
	}
	name, method := webIssuer, webIssuer+"#key-1"
	switch f.by {
	case "did:key":
		name, method, err = did.KeyID(private.Public())
	case "did:jwk":
		name, method = did.JWKID(private.Public())
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg := issuer.Config{
		Profile: openbadge.Profile{ID: name, Name: "Kursstedet", URL: "https://kurs.example/"}, Signer: private.Signer(method),
		Suite: suite(t, f.suite), Ledger: issuer.NewMemoryLedger(), StatusBase: statusBase, Now: time.Now,
	}
	switch f.suite {
	case "ob3-jwt": // a list is no badge
		cfg.ListSuite = suite(t, "vc+jwt")
	case "ecdsa-sd-2023": // and shows whole
		cfg.ListSuite = suite(t, "ecdsa-rdfc-2019")
	case "bbs-2023": // whose key is for it alone
		cfg.ListSuite = dataintegrity.Whole(cfg.Suite)
	}
	i, err := issuer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// issue issues a badge with what such badges usually have.
func issue(t *testing.T, i *issuer.Issuer, learner string) *issuer.Issued {
	t.Helper()
	const grade = "urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f"
	issued, err := i.Issue(t.Context(), issuer.Award{
		Achievement: openbadge.Achievement{
			ID: "https://kurs.example/a/ml", Name: course, Description: "Gjennomført og bestått – «med glans» 🎓.",
			AchievementType: "Course", Criteria: &openbadge.Criteria{Narrative: "Bestått <b>eksamen</b>.\n\tMed \"karakter\"."}, CreditsAvailable: 7.5,
			ResultDescription: []openbadge.ResultDescription{{ID: grade, Name: "Karakter", ResultType: "LetterGrade", AllowedValue: []string{"E", "D", "C", "B", "A"}}},
			Alignment:         []openbadge.Alignment{{TargetName: "maskinlæring", TargetURL: "http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43"}},
		},
		Recipient: issuer.Recipient{ID: learner, Email: "kari@example.org", Name: "Kari Nordmann"},
		Narrative: "Tok kurset på nett.",
		Results:   []openbadge.Result{{ResultDescription: grade, Value: "B"}},
		Evidence:  []openbadge.Evidence{{ID: "https://kurs.example/e/1", Name: "Oppgave"}},
		Credits:   7.5, ValidUntil: time.Now().AddDate(5, 0, 0), AwardedDate: time.Now().AddDate(0, 0, -3),
	})
	if err != nil {
		t.Fatal(err)
	}
	return issued
}

const learner = "did:key:z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"

// document is what one side made and the other is to judge.
type document struct {
	kind string
	raw  []byte
}

// judgedByPeers has the peers verify documents, and changed copies of them.
func judgedByPeers(t *testing.T, documents map[string]document, options ...string) {
	t.Helper()
	all := map[string][]byte{}
	copies := map[string][]string{}
	for name, d := range documents {
		all[name] = d.raw
		for how, raw := range changed(t, d.kind, d.raw) {
			all[name+", "+how] = raw
			copies[name] = append(copies[name], name+", "+how)
		}
	}
	said := ask(t, all, options...)
	for name, d := range documents {
		t.Run(name, func(t *testing.T) {
			if l := said[name]; !l.Verified || l.Kind != d.kind {
				t.Errorf("the peers refuse this %s, which they take for a %q of form %q: %s", d.kind, l.Kind, l.Form, l.Error)
			}
			for _, other := range copies[name] {
				if l := said[other]; l.Verified || !strings.Contains(strings.ToLower(l.Error), "signature") {
					t.Errorf("%s: accepted %v, %s", other, l.Verified, l.Error)
				}
			}
		})
	}
}

func TestPeersAcceptCredentials(t *testing.T) {
	ready(t)
	documents := map[string]document{}
	for _, f := range []form{
		{"eddsa-rdfc-2022", key.Ed25519, "did:key"}, {"eddsa-rdfc-2022", key.Ed25519, "did:jwk"},
		{"eddsa-jcs-2022", key.Ed25519, "did:key"}, {"eddsa-jcs-2022", key.Ed25519, "did:jwk"},
		{"vc+jwt", key.Ed25519, "did:key"}, {"vc+jwt", key.P256, "did:key"}, {"vc+jwt", key.P384, "did:key"}, {"vc+jwt", key.P521, "did:key"}, {"vc+jwt", key.RSA, "did:jwk"},
		{"ob3-jwt", key.Ed25519, "did:key"}, {"ob3-jwt", key.P256, "did:key"}, {"ob3-jwt", key.P384, "did:key"}, {"ob3-jwt", key.P521, "did:jwk"}, {"ob3-jwt", key.RSA, "did:jwk"},
		{"vc+jwt", key.P384, "did:jwk"}, {"ob3-jwt", key.P256, "did:jwk"},
		{"ecdsa-rdfc-2019", key.P256, "did:key"}, {"ecdsa-rdfc-2019", key.P384, "did:key"}, {"ecdsa-rdfc-2019", key.P256, "did:jwk"},
		{"ecdsa-jcs-2019", key.P256, "did:key"}, {"ecdsa-jcs-2019", key.P384, "did:key"}, {"ecdsa-jcs-2019", key.P384, "did:jwk"},
	} {
		documents[f.String()] = document{"credential", issue(t, newIssuer(t, f), learner).Credential}
	}
	judgedByPeers(t, documents)
}

// TestPeersReadPublications gives the peers the files that an issuer
// publishes: its DID document, and the status list after a revocation.
func TestPeersReadPublications(t *testing.T) {
	ready(t)
	for _, f := range []form{
		{"eddsa-rdfc-2022", key.Ed25519, "did:web"}, {"eddsa-jcs-2022", key.Ed25519, "did:web"}, {"eddsa-rdfc-2022", key.Ed25519, "did:key"},
		{"vc+jwt", key.Ed25519, "did:web"}, {"vc+jwt", key.P256, "did:web"}, {"ob3-jwt", key.P384, "did:web"}, {"ob3-jwt", key.RSA, "did:web"},
		{"ecdsa-rdfc-2019", key.P256, "did:web"}, {"ecdsa-jcs-2019", key.P384, "did:web"},
		{"ecdsa-sd-2023", key.P256, "did:web"}, {"bbs-2023", key.BLS12381G2, "did:web"},
	} {
		t.Run(f.String(), func(t *testing.T) {
			i := newIssuer(t, f)
			kept, revoked := issue(t, i, learner), issue(t, i, learner)
			if err := i.Revoke(t.Context(), revoked.ID, "feil person", "test"); err != nil {
				t.Fatal(err)
			}
			files, err := i.Publish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var options []string
			for n, file := range files {
				path := filepath.Join(t.TempDir(), fmt.Sprint(n))
				if err := os.WriteFile(path, file.Bytes, 0o600); err != nil {
					t.Fatal(err)
				}
				switch {
				case strings.HasSuffix(file.URL, "/did.json"):
					options = append(options, "--serve", webIssuer+"="+path)
				case strings.HasPrefix(file.URL, statusBase):
					options = append(options, "--serve", file.URL+"="+path)
				}
			}
			said := ask(t, map[string][]byte{
				"kept": least(t, f.suite, kept.Credential), "revoked": least(t, f.suite, revoked.Credential),
				"changed": change(t, least(t, f.suite, kept.Credential), course, "Kurs i maskinlesing"),
			}, options...)
			for name, set := range map[string]bool{"kept": false, "revoked": true} {
				l := said[name]
				if !l.Verified || len(l.Status) != 1 || l.Status[0].Purpose != "revocation" || l.Status[0].Set != set {
					t.Errorf("%s: %+v", name, l)
				}
			}
			if said["changed"].Verified {
				t.Error("a changed copy is accepted")
			}
		})
	}
}

func TestPeersAcceptPresentations(t *testing.T) {
	ready(t)
	w, _, err := wallet.Create(t.Context(), wallet.CreateRequest{Store: &wallet.MemoryStore{}, Passphrase: []byte("correct horse battery staple"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	holder, err := w.NewKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	items := map[proof.ID]string{}
	for _, id := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vc+jwt"} {
		item, _, err := w.Add(t.Context(), wallet.AddRequest{Raw: issue(t, newIssuer(t, form{id, key.Ed25519, "did:key"}), holder).Credential})
		if err != nil {
			t.Fatal(err)
		}
		items[id] = item.ID
	}
	documents := map[string]document{}
	for _, id := range []proof.ID{"eddsa-rdfc-2022", "eddsa-jcs-2022", "vp+jwt"} {
		for held, ids := range map[string][]string{
			"eddsa-rdfc-2022": {items["eddsa-rdfc-2022"]}, "eddsa-jcs-2022": {items["eddsa-jcs-2022"]},
			"vc+jwt": {items["vc+jwt"]}, "all three": {items["eddsa-rdfc-2022"], items["eddsa-jcs-2022"], items["vc+jwt"]},
		} {
			raw, _, err := w.Share(t.Context(), wallet.ShareRequest{
				IDs: ids, Audience: audience, Challenge: challenge, Purpose: "jobbsøknad", Expires: time.Now().Add(time.Hour), Suite: suite(t, id)})
			if err != nil {
				t.Fatal(err)
			}
			documents[string(id)+" of "+held] = document{"presentation", raw}
		}
	}
	judgedByPeers(t, documents, "--challenge", challenge, "--domain", audience)

	t.Run("for another", func(t *testing.T) {
		all := map[string][]byte{}
		for name, d := range documents {
			all[name] = d.raw
		}
		for _, options := range [][]string{
			{"--challenge", "n-other", "--domain", audience}, {"--challenge", challenge, "--domain", "https://other.example"},
		} {
			for name, l := range ask(t, all, options...) {
				if l.Verified || strings.Contains(strings.ToLower(l.Error), "signature") {
					t.Errorf("%s, %v: accepted %v, %s", name, options, l.Verified, l.Error)
				}
			}
		}
	})
}

func TestBevisAcceptsPeers(t *testing.T) {
	ready(t)
	folder := t.TempDir()
	made := peers(t, "issue", folder)
	if len(made) < 20 {
		t.Fatalf("the peers made %d documents", len(made))
	}
	for name, l := range made {
		if l.Kind == "base" { // which is for the holder, see TestPartsOfPeers
			continue
		}
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			v, err := verifier.New(verifier.Config{
				Suites: allSuites(t), Resolver: did.Mux{"key": did.Key{}, "jwk": did.JWK{}}, Trust: trust.Pins(l.Issuer),
				Status: verifier.NoStatus{}, Now: time.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			req := verifier.Request{Raw: raw, Audience: l.Domain, Challenge: l.Challenge, RequireHolder: l.Kind == "presentation"}
			report, err := v.Verify(t.Context(), req)
			if err != nil || report.Verdict != verifier.Valid || string(report.Kind) != l.Kind || string(report.Form) != l.Form || report.Holder != l.Holder {
				t.Errorf("%s, a %s of form %s: %v", report.Verdict, report.Kind, report.Form, err)
				for _, c := range report.Checks {
					t.Logf("  %s: %s %s %s %s", c.ID, c.Outcome, c.Reason, c.At, c.Detail)
				}
			}
			for how, raw := range changed(t, l.Kind, raw) {
				req.Raw = raw
				if report, err := v.Verify(t.Context(), req); report.Verdict != verifier.Invalid || reason.CodeOf(err) != reason.BadSignature {
					t.Errorf("%s: %s, %v", how, report.Verdict, err)
				}
			}
		})
	}
}
