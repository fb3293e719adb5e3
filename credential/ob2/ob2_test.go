package ob2

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func profile(rules string) []byte {
	return []byte(`{"@context":"https://w3id.org/openbadges/v2","type":["Profile"],"id":"https://school.example/issuer"` + rules + `}`)
}

// TestAllows holds addresses against the rules of a profile.
func TestAllows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rules, id string
		want      bool
	}{
		{``, "https://school.example/a", true},
		{``, "https://SCHOOL.example:443/a", true},
		{``, "http://school.example/a", true},
		{``, "https://school.example:8443/a", false},
		{``, "https://a.school.example/a", false},
		{``, "https://school.example@evil.example/a", false},
		{``, "urn:uuid:1", false},
		{`,"verification":{"allowedOrigins":["badges.example","school.example"]}`, "https://badges.example/a", true},
		{`,"verification":{"allowedOrigins":"badges.example"}`, "https://badges.example/a", true},
		{`,"verification":{"allowedOrigins":"https://badges.example"}`, "https://badges.example/a", true},
		{`,"verification":{"allowedOrigins":"badges.example"}`, "https://school.example/a", false},
		{`,"verification":{"allowedOrigins":"badges.example"}`, "https://badges.example.evil/a", false},
		{`,"verification":{"startsWith":"https://badges.example/school/"}`, "https://badges.example/school/a", true},
		{`,"verification":{"startsWith":"https://badges.example/school/"}`, "https://badges.example/other/a", false},
		{`,"verification":{"startsWith":"https://badges.example/school/"}`, "https://badges.example/school/../other/a", false},
		{`,"verification":{"startsWith":"https://badges.example/school/"}`, "https://badges.example/school/%2e%2e/other/a", false},
		{`,"verification":{"startsWith":"https://badges.example/school/"}`, "https://badges.example/school/..", false},
		{`,"verification":{"startsWith":"https://badges.example"}`, "https://badges.example/a", true},
		{`,"verification":{"startsWith":"https://badges.example"}`, "https://badges.example.evil/a", false},
		{`,"verification":{"startsWith":"https://badges.example"}`, "http://badges.example/a", false},
		{`,"verification":{"startsWith":["https://x.example/","https://badges.example/a?b="]}`, "https://badges.example/a?b=1", true},
		{`,"verification":{"startsWith":"https://badges.example/a?b="}`, "https://badges.example/a?c=1", false},
		{`,"verification":{"startsWith":"https://badges.example/","allowedOrigins":"school.example"}`, "https://badges.example/a", false},
	} {
		p, err := ReadProfile(profile(test.rules), "https://school.example/issuer", credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		err = p.Allows(test.id)
		if (err == nil) != test.want || err != nil && reason.CodeOf(err) != "issuer_mismatch/hosted-elsewhere" {
			t.Errorf("%s %s: %v", test.rules, test.id, err)
		}
	}
	for _, rules := range []string{`,"verification":{"startsWith":[1]}`, `,"verification":{"allowedOrigins":{}}`, `,"verification":{"allowedOrigins":[""]}`} {
		if _, err := ReadProfile(profile(rules), "https://school.example/issuer", credential.Limits{}); err == nil {
			t.Errorf("%s is no rule", rules)
		}
	}
}

// TestKeyOf: which key a badge is checked with is for the profile to say.
func TestKeyOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ keys, creator, want, code string }{
		{`"https://k/1"`, "", "https://k/1", ""},
		{`["https://k/1",{"id":"https://k/2"}]`, "https://k/2", "https://k/2", ""},
		{`["https://k/1","https://k/2"]`, "", "", "key_unavailable/no-key"},
		{`[]`, "", "", "key_unavailable/no-key"},
		{`[]`, "https://k/1", "", "issuer_mismatch/key-not-listed"},
		{`"https://k/1"`, "https://k/1#x", "", "issuer_mismatch/key-not-listed"},
	} {
		p, err := ReadProfile(profile(`,"publicKey":`+test.keys), "https://school.example/issuer", credential.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.KeyOf(&Badge{Creator: test.creator})
		if got != test.want || string(reason.CodeOf(err)) != test.code {
			t.Errorf("%+v: %q, %v", test, got, err)
		}
	}
}

// TestCorpus reads the fixtures of 1EdTech.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testcorpus.Path(t, "openbadges", "ob20"), "*"))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[reason.Code]int{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil || filepath.Ext(name) != ".json" && filepath.Ext(name) != ".jwt" {
			continue
		}
		b, err := Read(raw, credential.Limits{})
		counts[reason.CodeOf(err)]++
		if err == nil && (b.ID == "" || b.ClassID == "" || b.IssuedOn.IsZero() || b.Signed != strings.HasSuffix(name, ".jwt") || !b.Recipient.Hashed) {
			t.Errorf("%s: %+v", name, b)
		}
	}
	if counts[""] < 15 {
		t.Error(counts)
	}
	t.Log(counts)
}

// FuzzRead: whatever is read says what the judgement rests on.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		`{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://a.example/1","recipient":{"type":"email","identity":"a@b"},"issuedOn":"2024-01-01T00:00Z","badge":{"id":"https://a.example/c","issuer":"https://a.example/i","alignment":[{"targetName":"x"}]},"verification":{"type":"hosted"}}`,
		`eyJhbGciOiJSUzI1NiJ9.eyJAY29udGV4dCI6Imh0dHBzOi8vdzNpZC5vcmcvb3BlbmJhZGdlcy92MiIsInR5cGUiOiJBc3NlcnRpb24ifQ.c2ln`,
		`{"uid":"1","recipient":{},"badge":"x","verify":{}}`,
		`{"@context":["https://w3id.org/openbadges/v2"],"type":["Profile","RevocationList","BadgeClass","CryptographicKey"],"id":"https://a.example/1","issuer":{"id":"x"},"revokedAssertions":[{"id":"urn:1","revocationReason":"x"}],"publicKey":[{"id":"k","publicKeyPem":"x"}],"verification":{"startsWith":["https://a.example/"]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		const id = "https://a.example/1"
		b, err := Read(raw, credential.Limits{})
		if err == nil && (b.ID == "" || b.ClassID == "" || b.IssuedOn.IsZero() || b.Differs(b) != "") {
			t.Errorf("%+v", b)
		}
		if err != nil && reason.CodeOf(err) == reason.Internal {
			t.Error(err)
		}
		if c, err := ReadClass(raw, id, credential.Limits{}); err == nil && c.IssuerID == "" {
			t.Errorf("%+v", c)
		}
		if p, err := ReadProfile(raw, id, credential.Limits{}); err == nil {
			if p.Allows("https://evil.example/") == nil && len(p.AllowedHosts)+len(p.StartsWith) == 0 {
				t.Errorf("%+v", p)
			}
			for _, k := range p.Keys {
				if public, ok, err := p.EmbeddedKey(k); ok && err == nil && public.Crypto() == nil {
					t.Error("a key that is none")
				}
			}
		}
		if b != nil && err == nil {
			if revoked, _, err := Revocation(raw, id, b, "x", credential.Limits{}); revoked && err != nil {
				t.Error(err)
			}
		}
	})
}
