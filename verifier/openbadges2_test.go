package verifier_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
	"github.com/kompetansebevis/bevis/verifier"
)

// pages is a web that has only these documents, and remembers what was asked.
type pages struct {
	body  map[string]string
	asked []string
}

var seen = time.Date(2026, 5, 30, 8, 0, 0, 0, time.UTC)

func (p *pages) Document(_ context.Context, url string) ([]byte, time.Time, error) {
	p.asked = append(p.asked, url)
	switch body, ok := p.body[url]; {
	case !ok:
		return nil, time.Time{}, reason.New("fetch_failed/status", url, "the server answers 404")
	case body == "gone":
		return nil, time.Time{}, reason.New("fetch_failed/gone", url, "the server answers 410")
	default:
		return []byte(body), seen, nil
	}
}

// school is an issuer of Open Badges 2.0 with its documents.
type school struct {
	pages
	key *ecdsa.PrivateKey
}

const (
	schoolID = "https://school.example/issuer"
	hostedID = "https://school.example/a/1"
)

func newSchool(t testing.TB) *school {
	t.Helper()
	s := &school{}
	var err error
	if s.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})))
	if err != nil {
		t.Fatal(err)
	}
	s.body = map[string]string{
		schoolID:                         `{"@context":"https://w3id.org/openbadges/v2","type":"Issuer","id":"https://school.example/issuer","name":"The School","url":"https://school.example","publicKey":"https://school.example/key","revocationList":"https://school.example/revoked"}`,
		"https://school.example/class":   `{"@context":"https://w3id.org/openbadges/v2","type":"BadgeClass","id":"https://school.example/class","name":"Welding","description":"Joins steel","criteria":{"narrative":"Weld"},"issuer":"https://school.example/issuer"}`,
		"https://school.example/key":     `{"@context":"https://w3id.org/openbadges/v2","type":"CryptographicKey","id":"https://school.example/key","owner":"https://school.example/issuer","publicKeyPem":` + string(text) + `}`,
		"https://school.example/revoked": `{"@context":"https://w3id.org/openbadges/v2","type":"RevocationList","id":"https://school.example/revoked","revokedAssertions":["urn:uuid:other",{"id":"urn:uuid:gone","revocationReason":"By mistake"}]}`,
		hostedID:                         hosted,
	}
	return s
}

const (
	recipient = `"recipient":{"type":"email","hashed":true,"salt":"s","identity":"sha256$ab"},`
	hosted    = `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"https://school.example/a/1",` + recipient + `"issuedOn":"2024-01-02T03:04:05Z","badge":"https://school.example/class","evidence":["https://school.example/e"],"verification":{"type":"HostedBadge"}}`
	signed    = `{"@context":"https://w3id.org/openbadges/v2","type":"Assertion","id":"urn:uuid:1",` + recipient + `"issuedOn":"2024-01-02T03:04:05Z","badge":"https://school.example/class","verification":{"type":"SignedBadge","creator":"https://school.example/key"}}`
)

func (s *school) sign(t testing.TB, assertion string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(assertion))
	digest := sha256.Sum256([]byte(text))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	sig := make([]byte, 64)
	r.FillBytes(sig[:32])
	v.FillBytes(sig[32:])
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

func judgeBadge2(t testing.TB, documents verifier.DocumentSource, raw string, issuers ...string) *verifier.Report {
	t.Helper()
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(issuers...), Documents: documents})
	report, err := v.Verify(t.Context(), verifier.Request{Raw: []byte(raw)})
	if (err == nil) != (report.Verdict == verifier.Valid) {
		t.Errorf("%s, %v", report.Verdict, err)
	}
	return report
}

// TestOpenBadge2 goes the right way with a hosted and a signed badge, and says
// of each what it rests on.
func TestOpenBadge2(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	r := judgeBadge2(t, s, hosted, schoolID)
	if r.Verdict != verifier.Valid || r.Kind != verifier.KindOpenBadge2 || r.Form != verifier.HostedBadge2 || r.Reason != "display_warning/hosted-badge" {
		t.Errorf("hosted: %s %s %s %s: %v", r.Verdict, r.Kind, r.Form, r.Reason, r.Err())
	}
	if c := r.Check(verifier.CheckProof); c.Outcome != verifier.NotApplicable {
		t.Errorf("a hosted badge has a signature that %s", c.Outcome)
	}
	if c := r.Check(verifier.CheckHosted); c.Outcome != verifier.Warn || !c.AsOf.Equal(seen) || !strings.Contains(c.Detail, "school.example") {
		t.Errorf("%+v", c)
	}
	if c := r.OpenBadge2Class(); c == nil || c.Name != "Welding" || c.Criteria != "Weld" || r.Issuer.ClaimedName != "The School" || r.Issuer.ID != schoolID {
		t.Errorf("%+v, %+v", c, r.Issuer)
	}
	if b := r.OpenBadge2(); b == nil || b.Recipient.IdentityType != "emailAddress" || !slices.Equal(b.Evidence, []string{"https://school.example/e"}) || r.Credential() != nil {
		t.Errorf("%+v", r.OpenBadge2())
	}
	r = judgeBadge2(t, s, s.sign(t, signed), schoolID)
	if r.Verdict != verifier.Valid || r.Form != verifier.SignedBadge2 || r.Reason != "display_warning/hosted-class" || r.Check(verifier.CheckProof).Outcome != verifier.Pass || r.Check(verifier.CheckStatus).Outcome != verifier.Pass {
		t.Errorf("signed: %s %s %s: %v", r.Verdict, r.Form, r.Reason, r.Err())
	}
	// A class within what is signed is covered.
	inline := strings.Replace(signed, `"https://school.example/class"`, s.body["https://school.example/class"], 1)
	if r = judgeBadge2(t, s, s.sign(t, inline), schoolID); r.Verdict != verifier.Valid || r.Reason != "" {
		t.Errorf("class within: %s %s: %v", r.Verdict, r.Reason, r.Err())
	}
	// Pictures carry the assertion, or its address alone.
	for _, text := range []string{hosted, hostedID, s.sign(t, signed)} {
		svg := `<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://openbadges.org"><openbadges:assertion><![CDATA[` + text + `]]></openbadges:assertion></svg>`
		if baked, err := bake.Extract([]byte(svg), bake.Limits{}); err != nil || baked.Version != bake.OB2 {
			t.Fatal(err)
		}
		if r := judgeBadge2(t, s, svg, schoolID); r.Verdict != verifier.Valid || r.Carrier != "svg" {
			t.Errorf("%.30s in a picture: %s: %v", text, r.Verdict, r.Err())
		}
	}
}

// TestOpenBadge2Refused: each way to go wrong ends in its own code.
func TestOpenBadge2Refused(t *testing.T) {
	t.Parallel()
	base := newSchool(t)
	other := newSchool(t)
	without := func(text, part string) string { return strings.Replace(text, part, "", 1) }
	swap := strings.NewReplacer
	for name, test := range map[string]struct {
		raw     string
		trusted string            // zero: the school
		change  map[string]string // documents: "" takes one away
		verdict verifier.Verdict
		want    reason.Code
		asked   int // requests at the most
	}{
		"stranger":                     {raw: hosted, trusted: "did:example:other", verdict: verifier.Untrusted, want: "untrusted_issuer/host", asked: 0},
		"stranger, class within":       {raw: strings.Replace(hosted, `"https://school.example/class"`, base.body["https://school.example/class"], 1), trusted: "did:example:other", verdict: verifier.Untrusted, want: "untrusted_issuer", asked: 0},
		"another issuer of the host":   {raw: hosted, trusted: "https://school.example/other", verdict: verifier.Untrusted, want: "untrusted_issuer", asked: 1},
		"host that only looks alike":   {raw: hosted, trusted: "https://school.example.evil/issuer", verdict: verifier.Untrusted, want: "untrusted_issuer/host", asked: 0},
		"no class":                     {raw: hosted, change: map[string]string{"https://school.example/class": ""}, verdict: verifier.Undetermined, want: "fetch_failed/status", asked: 1},
		"no profile":                   {raw: hosted, change: map[string]string{schoolID: ""}, verdict: verifier.Undetermined, want: "fetch_failed/status", asked: 2},
		"no answer":                    {raw: hosted, change: map[string]string{hostedID: ""}, verdict: verifier.Undetermined, want: "fetch_failed/status", asked: 3},
		"gone":                         {raw: hosted, change: map[string]string{hostedID: "gone"}, verdict: verifier.Invalid, want: reason.Revoked, asked: 3},
		"said to be revoked":           {raw: hosted, change: map[string]string{hostedID: `{"id":"https://school.example/a/1","revoked":true,"revocationReason":"Cheating"}`}, verdict: verifier.Invalid, want: reason.Revoked, asked: 3},
		"another name in the file":     {raw: swap(`"salt":"s"`, `"salt":"x"`).Replace(hosted), verdict: verifier.Invalid, want: "issuer_mismatch/hosted-differs", asked: 3},
		"a member more in the file":    {raw: swap(`"type":"Assertion"`, `"type":"Assertion","narrative":"with honours"`).Replace(hosted), verdict: verifier.Invalid, want: "issuer_mismatch/hosted-differs", asked: 3},
		"a member less in the file":    {raw: without(hosted, `"evidence":["https://school.example/e"],`), verdict: verifier.Invalid, want: "issuer_mismatch/hosted-differs", asked: 3},
		"page instead of an assertion": {raw: hosted, change: map[string]string{hostedID: "<html>"}, verdict: verifier.Undetermined, want: "fetch_failed/document", asked: 3},
		"hosted elsewhere":             {raw: swap(hostedID, "https://evil.example/a/1").Replace(hosted), change: map[string]string{"https://evil.example/a/1": swap(hostedID, "https://evil.example/a/1").Replace(hosted)}, verdict: verifier.Invalid, want: "issuer_mismatch/hosted-elsewhere", asked: 2},
		"class elsewhere":              {raw: swap("https://school.example/class", "https://evil.example/class").Replace(hosted), verdict: verifier.Untrusted, want: "untrusted_issuer/host", asked: 0},
		"class of another name":        {raw: hosted, change: map[string]string{"https://school.example/class": swap(`"id":"https://school.example/class"`, `"id":"https://school.example/c2"`).Replace(base.body["https://school.example/class"])}, verdict: verifier.Undetermined, want: "fetch_failed/other-document", asked: 1},
		"profile of another name":      {raw: hosted, change: map[string]string{schoolID: swap(`"id":"https://school.example/issuer"`, `"id":"https://school.example/x"`).Replace(base.body[schoolID])}, verdict: verifier.Undetermined, want: "fetch_failed/other-document", asked: 2},
		"profile that is none":         {raw: hosted, change: map[string]string{schoolID: swap("Issuer", "BadgeClass").Replace(base.body[schoolID])}, verdict: verifier.Undetermined, want: "fetch_failed/document", asked: 2},
		"expired":                      {raw: swap(`"issuedOn"`, `"expires":"2025-01-01T00:00:00Z","issuedOn"`).Replace(hosted), change: map[string]string{hostedID: swap(`"issuedOn"`, `"expires":"2025-01-01T00:00:00Z","issuedOn"`).Replace(hosted)}, verdict: verifier.NotInForce, want: reason.Expired, asked: 3},
		"not yet":                      {raw: swap("2024-01-02", "2034-01-02").Replace(hosted), change: map[string]string{hostedID: swap("2024-01-02", "2034-01-02").Replace(hosted)}, verdict: verifier.NotInForce, want: reason.NotYetValid, asked: 3},

		"tampered":                   {raw: tampered(base.sign(t, signed)), verdict: verifier.Invalid, want: reason.BadSignature, asked: 3},
		"key of another":             {raw: other.sign(t, signed), verdict: verifier.Invalid, want: reason.BadSignature, asked: 3},
		"key that is not listed":     {raw: base.sign(t, swap("https://school.example/key", "https://evil.example/key").Replace(signed)), verdict: verifier.Invalid, want: "issuer_mismatch/key-not-listed", asked: 2},
		"key that another owns":      {raw: base.sign(t, signed), change: map[string]string{"https://school.example/key": swap(`"owner":"https://school.example/issuer"`, `"owner":"https://evil.example/issuer"`).Replace(base.body["https://school.example/key"])}, verdict: verifier.Invalid, want: reason.IssuerMismatch, asked: 3},
		"key that is not there":      {raw: base.sign(t, signed), change: map[string]string{"https://school.example/key": ""}, verdict: verifier.Undetermined, want: "fetch_failed/status", asked: 3},
		"key that is none":           {raw: base.sign(t, signed), change: map[string]string{"https://school.example/key": swap("BEGIN PUBLIC", "BEGIN PRIVATE").Replace(base.body["https://school.example/key"])}, verdict: verifier.Invalid, want: "key_invalid/pem", asked: 3},
		"revoked":                    {raw: base.sign(t, swap("urn:uuid:1", "urn:uuid:gone").Replace(signed)), verdict: verifier.Invalid, want: reason.Revoked, asked: 4},
		"revoked, by its id alone":   {raw: base.sign(t, swap("urn:uuid:1", "urn:uuid:other").Replace(signed)), verdict: verifier.Invalid, want: reason.Revoked, asked: 4},
		"list not there":             {raw: base.sign(t, signed), change: map[string]string{"https://school.example/revoked": ""}, verdict: verifier.Undetermined, want: "status_unavailable/fetch", asked: 4},
		"list that says nothing":     {raw: base.sign(t, signed), change: map[string]string{"https://school.example/revoked": `{"type":"RevocationList","id":"https://school.example/revoked"}`}, verdict: verifier.Undetermined, want: "status_invalid/list", asked: 4},
		"list of another":            {raw: base.sign(t, signed), change: map[string]string{"https://school.example/revoked": swap(`"id":`, `"issuer":"https://evil.example","id":`).Replace(base.body["https://school.example/revoked"])}, verdict: verifier.Undetermined, want: "status_invalid/issuer", asked: 4},
		"signature taken away":       {raw: signed, verdict: verifier.Invalid, want: "malformed/open-badges-2", asked: 0},
		"signed, and says hosted":    {raw: base.sign(t, hosted), verdict: verifier.Invalid, want: "malformed/open-badges-2", asked: 0},
		"both at once":               {raw: swap(`"type":"HostedBadge"`, `"type":["HostedBadge","SignedBadge"]`).Replace(hosted), verdict: verifier.Invalid, want: "malformed/open-badges-2", asked: 0},
		"no recipient":               {raw: without(hosted, recipient), verdict: verifier.Invalid, want: "malformed/open-badges-2", asked: 0},
		"no class named":             {raw: without(hosted, `"badge":"https://school.example/class",`), verdict: verifier.Invalid, want: "malformed/open-badges-2", asked: 0},
		"a day that is none":         {raw: swap("2024-01-02", "2024-02-30").Replace(hosted), verdict: verifier.Invalid, want: reason.MalformedTime, asked: 0},
		"ends before it begins":      {raw: swap(`"issuedOn"`, `"expires":"2023-01-01T00:00:00Z","issuedOn"`).Replace(hosted), verdict: verifier.Invalid, want: reason.MalformedTime, asked: 0},
		"a member twice":             {raw: swap(`"type":"Assertion"`, `"type":"Assertion","type":"Assertion"`).Replace(hosted), verdict: verifier.Invalid, want: reason.MalformedDuplicateMember, asked: 0},
		"version 1":                  {raw: `{"uid":"1","recipient":{},"badge":"https://school.example/class","verify":{"type":"hosted","url":"https://school.example/a"}}`, verdict: verifier.Unreadable, want: "no_credential/open-badges-1", asked: 0},
		"no algorithm":               {raw: unsigned(signed), verdict: verifier.Invalid, want: "unsupported_alg/alg", asked: 0},
		"hosted at a file":           {raw: swap(hostedID, "file:///etc/passwd").Replace(hosted), verdict: verifier.Invalid, want: "malformed/open-badges-2", asked: 0},
		"hosted at an inner machine": {raw: swap(hostedID, "https://10.0.0.1/a").Replace(hosted), verdict: verifier.Invalid, want: "issuer_mismatch/hosted-elsewhere", asked: 2},
	} {
		web := &pages{body: maps.Clone(base.body)}
		for url, body := range test.change {
			if web.body[url] = body; body == "" {
				delete(web.body, url)
			}
		}
		if test.trusted == "" {
			test.trusted = schoolID
		}
		r := judgeBadge2(t, web, test.raw, test.trusted)
		if r.Verdict != test.verdict || r.Reason != test.want {
			t.Errorf("%s: %s %s (%v), want %s %s", name, r.Verdict, r.Reason, r.Err(), test.verdict, test.want)
		}
		if len(web.asked) > test.asked {
			t.Errorf("%s: asked for %q", name, web.asked)
		}
		// What was not made is never shown as passed.
		if c := r.Check(verifier.CheckProof); c.Outcome == verifier.Pass && test.want == reason.BadSignature {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

// tampered changes the payload of a token and leaves its signature.
func tampered(token string) string {
	parts := strings.Split(token, ".")
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return token
	}
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(payload), "sha256$ab", "sha256$ac", 1)))
	return strings.Join(parts, ".")
}

func unsigned(assertion string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(assertion)) + "."
}

// TestOpenBadge2Offline: without documents nothing is valid, and nothing is
// called forged.
func TestOpenBadge2Offline(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	for _, raw := range []string{hosted, s.sign(t, signed)} {
		r := judgeBadge2(t, nil, raw, schoolID)
		if r.Verdict != verifier.Undetermined || r.Reason != "remote_fetch_blocked/offline" || r.OpenBadge2() == nil {
			t.Errorf("%s %s", r.Verdict, r.Reason)
		}
	}
	v := newVerifier(t, verifier.Config{Trust: trust.Pins(schoolID), Documents: s})
	report, _ := v.Verify(t.Context(), verifier.Request{Raw: []byte(hosted), Challenge: "x"})
	if report.Reason != "wrong_type/credential" || len(s.asked) > 0 {
		t.Errorf("%s, asked for %q", report.Reason, s.asked)
	}
}

// TestCorpusOpenBadge2 judges the fixtures of 1EdTech, with their documents
// where their ids say.
func TestCorpusOpenBadge2(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t, "openbadges", "ob20")
	web := &pages{body: map[string]string{}}
	files, err := filepath.Glob(filepath.Join(root, "assets", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		web.body["https://example.org/"+filepath.Base(name)] = string(read(t, name))
	}
	issuer := "https://example.org/organization.json"
	for file, want := range map[string]string{
		"basic-assertion.json":                       "valid display_warning/hosted-badge",
		"simple-badge.png":                           "invalid issuer_mismatch/hosted-differs", // the baked copy names no evidence
		"simple.jwt":                                 "valid display_warning/hosted-class",
		"simple-not-revoked.jwt":                     "valid display_warning/hosted-class",
		"simple-revoked.jwt":                         "invalid revoked",
		"basic-assertion-expired.json":               "not-in-force expired",
		"basic-assertion-in-future.json":             "not-in-force not_yet_valid",
		"basic-assertion-expired-before-issued.json": "invalid malformed/time",
		"basic-assertion-invalid-type.json":          "unreadable wrong_type/not-a-credential",
		"basic-assertion-invalid-context.json":       "unreadable wrong_type/not-a-credential",
		"assertion-with-data-image.json":             "valid display_warning/hosted-badge",
		// The class calls itself by an id without the ending of its address.
		"basic-assertion-with-allowed-origins.json":                     "undetermined fetch_failed/other-document",
		"basic-assertion-with-allowed-origins-invalid-starts-with.json": "undetermined fetch_failed/other-document",
	} {
		raw, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		here := &pages{body: maps.Clone(web.body)}
		if strings.HasSuffix(file, ".json") {
			here.body["https://example.org/beths-robotics-badge.json"] = string(raw)
		} else {
			here.body["https://example.org/beths-robotics-badge.json"] = string(read(t, root, "basic-assertion.json"))
		}
		v := newVerifier(t, verifier.Config{Trust: trust.Pins(issuer, "https://example.org/organization-with-empty-revocation-list.json", "https://example.org/organization-with-revocation-list.json"), Documents: here})
		report, _ := v.Verify(t.Context(), verifier.Request{Raw: raw})
		if got := report.Verdict.String() + " " + string(report.Reason); got != want {
			t.Errorf("%s: %s (%v), want %s", file, got, report.Err(), want)
		}
	}
}
