package vcapi

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

func newAdapter(t testing.TB, base string) *Adapter {
	t.Helper()
	cfg := Config{Base: base, Now: time.Now}
	for _, k := range Kinds() {
		issuer, pem, err := k.Issuer(nil)
		if err != nil {
			t.Fatal(err)
		}
		again, made, err := k.Issuer(pem)
		if err != nil || made != nil || again.id() != issuer.id() {
			t.Fatalf("%s: a key that was kept gives %s (%v), it was %s", k.Name, again.id(), err, issuer.id())
		}
		cfg.Issuers = append(cfg.Issuers, issuer)
	}
	a, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// post returns the status of an answer, and the answer.
func post(t testing.TB, a *Adapter, path, body string) (int, *strictjson.Value) {
	t.Helper()
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	answer, err := strictjson.ParseObject(w.Body.Bytes(), strictjson.Limits{})
	if err != nil && w.Code != http.StatusNotFound {
		t.Fatalf("%s: %d %q: %v", path, w.Code, w.Body, err)
	}
	return w.Code, answer
}

// refusal is the reason code in an answer.
func refusal(answer *strictjson.Value) string {
	s, _ := answer.Lookup("/problemDetails/0/title").Text()
	return s
}

const plain = `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiableCredential"],"issuer":"ISSUER",` +
	`"credentialSubject":{"id":"did:example:kari","name":"Kari"}}`

func issued(t testing.TB, a *Adapter, name, credential, options string) string {
	t.Helper()
	credential = strings.ReplaceAll(credential, "ISSUER", a.issuers[name].id())
	code, answer := post(t, a, "/issuers/"+name+"/credentials/issue", `{"credential":`+credential+`,"options":`+options+`}`)
	if code != http.StatusCreated {
		t.Fatalf("%s: %d %s", name, code, answer.Raw())
	}
	return string(answer.Get("verifiableCredential").Raw())
}

// TestEveryKind issues, shows a part where that can be done, verifies, and
// changes a letter.
func TestEveryKind(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, "https://127.0.0.1:1")
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			secured := issued(t, a, k.Name, plain, `{}`)
			if strings.Contains(k.Name, "sd-") || strings.Contains(k.Name, "bbs") {
				if code, answer := post(t, a, "/credentials/verify", `{"verifiableCredential":`+secured+`}`); code != http.StatusBadRequest || refusal(answer) != "disclosure_invalid/base-proof" {
					t.Errorf("a base proof: %d %s", code, answer.Raw())
				}
				code, answer := post(t, a, "/credentials/derive", `{"verifiableCredential":`+secured+`,"options":{"selectivePointers":["/credentialSubject/name"]}}`)
				if code != http.StatusCreated {
					t.Fatalf("derive: %d %s", code, answer.Raw())
				}
				secured = string(answer.Get("verifiableCredential").Raw())
				if strings.Contains(secured, "did:example:kari") != strings.Contains(secured, `"id":"did:example:kari"`) {
					t.Errorf("derived: %s", secured)
				}
			}
			if code, answer := post(t, a, "/credentials/verify", `{"verifiableCredential":`+secured+`}`); code != http.StatusOK {
				t.Errorf("verify: %d %s", code, answer.Raw())
			}
			tampered := strings.Replace(secured, `"Kari"`, `"Karo"`, 1)
			if k.Name == "vc-jwt" {
				dot := strings.LastIndexByte(secured, '.')
				tampered = secured[:dot-4] + "AAAA" + secured[dot:]
			}
			if code, answer := post(t, a, "/credentials/verify", `{"verifiableCredential":`+tampered+`}`); code != http.StatusBadRequest {
				t.Errorf("tampered: %d %s", code, answer.Raw())
			}
		})
	}
}

// TestIssueRefuses: what the data model forbids, or what would not be signed,
// is not issued.
func TestIssueRefuses(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, "https://127.0.0.1:1")
	resource := func(entry string) string {
		return strings.Replace(plain, `"type"`, `"relatedResource":`+entry+`,"type"`, 1)
	}
	const v2 = `"id":"https://www.w3.org/ns/credentials/v2"`
	for name, c := range map[string]struct{ credential, want string }{
		"an undefined term":           {strings.Replace(plain, `"name"`, `"nickname"`, 1), "unsigned_data/undefined-term"},
		"a relative type":             {strings.Replace(plain, `["VerifiableCredential"]`, `["VerifiableCredential","Kurs"]`, 1), "unsigned_data/relative-type"},
		"a context that is not known": {strings.Replace(plain, `credentials/v2"]`, `credentials/v2","https://example.org/c"]`, 1), "unsafe_context/unknown"},
		"a context that is a number":  {strings.Replace(plain, `credentials/v2"]`, `credentials/v2",7]`, 1), "malformed/data-model"},
		"a context that redefines":    {strings.Replace(plain, `credentials/v2"]`, `credentials/v2",{"VerifiableCredential":"urn:x"}]`, 1), "unsigned_data/not-json-ld"},
		"a term that is made nothing": {strings.NewReplacer(`credentials/v2"]`, `credentials/v2",{"nickname":null}]`, `"name"`, `"nickname"`).Replace(plain), "unsigned_data/undefined-term"},
		"a type that is no address":   {strings.NewReplacer(`credentials/v2"]`, `credentials/v2",{"Kurs":"https ://x#Kurs"}]`, `["VerifiableCredential"]`, `["VerifiableCredential","Kurs"]`).Replace(plain), "unsigned_data/relative-type"},
		"no issuer":                   {strings.Replace(plain, `"issuer":"ISSUER",`, ``, 1), "malformed/data-model"},
		"no credential":               {`{"type":"Kurs"}`, "wrong_type/not-a-credential"},
		"a resource without a digest": {resource(`{` + v2 + `}`), "malformed/data-model"},
		"a resource twice":            {resource(`[{` + v2 + `,"digestMultibase":"u1"},{` + v2 + `,"digestMultibase":"u2"}]`), "malformed/data-model"},
		"another digest":              {resource(`{` + v2 + `,"digestMultibase":"uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"}`), "unsafe_context/related-resource"},
		"a schema without a type":     {strings.Replace(plain, `"type"`, `"credentialSchema":{"id":"https://example.org/s"},"type"`, 1), "malformed/data-model"},
		"a refresh without a type":    {strings.Replace(plain, `"type"`, `"refreshService":{"id":"https://example.org/s"},"type"`, 1), "malformed/data-model"},
	} {
		credential := strings.ReplaceAll(c.credential, "ISSUER", a.issuers["eddsa-rdfc-2022"].id())
		code, answer := post(t, a, "/issuers/eddsa-rdfc-2022/credentials/issue", `{"credential":`+credential+`}`)
		if code != http.StatusBadRequest || refusal(answer) != c.want {
			t.Errorf("%s: %d %s", name, code, answer.Raw())
		}
	}
	for _, k := range Kinds() {
		credential := strings.ReplaceAll(strings.Replace(plain, `"name"`, `"nickname"`, 1), "ISSUER", a.issuers[k.Name].id())
		if code, answer := post(t, a, "/issuers/"+k.Name+"/credentials/issue", `{"credential":`+credential+`}`); code != http.StatusBadRequest || refusal(answer) != "unsigned_data/undefined-term" {
			t.Errorf("%s, an undefined term: %d %s", k.Name, code, answer.Raw())
		}
	}
	// What the suites use and the product refuses: contexts of its own, the
	// name of another, a beginning that is to come, a status that is not known.
	for name, credential := range map[string]string{
		"a context of its own": strings.Replace(plain, `credentials/v2"]`, `credentials/v2",{"Kurs":"https://example.org/#Kurs"}]`, 1),
		"another's name":       strings.Replace(plain, `ISSUER`, `https://example.org/issuer`, 1),
		"begins later":         strings.Replace(plain, `"type"`, `"validFrom":"3020-01-01T00:00:00Z","type"`, 1),
		"another status":       strings.Replace(plain, `credentials/v2"]`, `credentials/v2",{"S":"https://example.org/#S"}],"credentialStatus":{"type":"S"}`, 1),
	} {
		if secured := issued(t, a, "eddsa-rdfc-2022", credential, `{}`); !strings.Contains(secured, `"proofValue"`) {
			t.Errorf("%s: %s", name, secured)
		}
	}
}

func TestPresentations(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, "https://127.0.0.1:1")
	secured := issued(t, a, "eddsa-rdfc-2022", plain, `{}`)
	others := issued(t, a, "eddsa-rdfc-2022", strings.Replace(plain, "ISSUER", "https://example.org/issuer", 1), `{}`)
	presentation := func(rest string) string {
		return `{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"]` + rest + `}`
	}
	for name, c := range map[string]struct {
		vp   string
		code int
	}{
		"unsigned":                {presentation(`,"verifiableCredential":[` + secured + `]`), http.StatusOK},
		"of another's name":       {presentation(`,"verifiableCredential":[` + others + `]`), http.StatusOK},
		"empty":                   {presentation(``), http.StatusOK},
		"one that was changed":    {presentation(`,"verifiableCredential":[` + secured + `,` + strings.Replace(others, `"Kari"`, `"Karo"`, 1) + `]`), http.StatusBadRequest},
		"one without a proof":     {presentation(`,"verifiableCredential":[` + strings.ReplaceAll(plain, "ISSUER", "urn:x:y") + `]`), http.StatusBadRequest},
		"one that is a text":      {presentation(`,"verifiableCredential":["eyJ"]`), http.StatusBadRequest},
		"no type":                 {`{"@context":["https://www.w3.org/ns/credentials/v2"]}`, http.StatusBadRequest},
		"a credential":            {secured, http.StatusBadRequest},
		"an envelope of nothing":  {`{"@context":"https://www.w3.org/ns/credentials/v2","type":"EnvelopedVerifiablePresentation","id":"data:application/vp+jwt,e30.e30.AA"}`, http.StatusBadRequest},
		"a proof of nothing":      {presentation(`,"proof":{}`), http.StatusBadRequest},
		"a proof of another kind": {presentation(`,"proof":{"type":"X"}`), http.StatusBadRequest},
	} {
		code, answer := post(t, a, "/presentations/verify", `{"verifiablePresentation":`+c.vp+`,"options":{"challenge":"c","domain":"d"}}`)
		if code != c.code {
			t.Errorf("%s: %d %s", name, code, answer.Raw())
		}
	}
}

// TestStatus: a credential gets a place in a list that is there and holds, and
// a list of somebody else's is not believed.
func TestStatus(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, "https://127.0.0.1:1")
	secured := issued(t, a, "status", plain, `{}`)
	if !strings.Contains(secured, `"statusListCredential":"https://127.0.0.1:1/status/status"`) {
		t.Error(secured)
	}
	for path, want := range map[string]int{"/status/status": http.StatusOK, "/status/eddsa-rdfc-2022": http.StatusNotFound, "/status/x": http.StatusNotFound} {
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
		if want == http.StatusOK {
			if code, answer := post(t, a, "/credentials/verify", `{"verifiableCredential":`+w.Body.String()+`}`); code != http.StatusOK {
				t.Errorf("the list itself: %d %s", code, answer.Raw())
			}
		}
	}
	elsewhere := newAdapter(t, "https://127.0.0.1:2")
	if code, answer := post(t, elsewhere, "/credentials/verify", `{"verifiableCredential":`+secured+`}`); code != http.StatusBadRequest || refusal(answer) != "status_unavailable/offline" {
		t.Errorf("%d %s", code, answer.Raw())
	}
}

func TestRequestsThatAreNone(t *testing.T) {
	t.Parallel()
	a := newAdapter(t, "https://127.0.0.1:1")
	for _, c := range []struct {
		path, body string
		code       int
		want       string
	}{
		{"/credentials/verify", `{`, http.StatusBadRequest, "malformed/json"},
		{"/credentials/verify", `{"a":1,"a":2}`, http.StatusBadRequest, "malformed/duplicate-member"},
		{"/credentials/verify", `{}`, http.StatusBadRequest, "malformed/request"},
		{"/credentials/verify", `{"verifiableCredential":"eyJ"}`, http.StatusBadRequest, "malformed/request"},
		{"/credentials/verify", `{"a":"` + strings.Repeat("a", maxBody) + `"}`, http.StatusBadRequest, "resource_limit/size"},
		{"/presentations/verify", `{"verifiablePresentation":[]}`, http.StatusBadRequest, "malformed/request"},
		{"/credentials/derive", `{"verifiableCredential":{},"options":{"selectivePointers":"/a"}}`, http.StatusBadRequest, "malformed/request"},
		{"/credentials/derive", `{"verifiableCredential":{},"options":{"selectivePointers":[7]}}`, http.StatusBadRequest, "malformed/request"},
		{"/credentials/derive", `{"verifiableCredential":{}}`, http.StatusBadRequest, "no_proof"},
		{"/credentials/derive", `{"verifiableCredential":` + issued(t, a, "eddsa-jcs-2022", plain, `{}`) + `}`, http.StatusBadRequest, "usage/params"},
		{"/issuers/nobody/credentials/issue", `{"credential":{}}`, http.StatusNotFound, "not_found"},
		{"/issuers/vc-jwt/credentials/issue", `{"credential":` + strings.ReplaceAll(plain, "ISSUER", "urn:x:y") + `,"options":{"mandatoryPointers":["/issuer"]}}`, http.StatusBadRequest, "usage/params"},
	} {
		code, answer := post(t, a, c.path, c.body)
		if code != c.code || refusal(answer) != c.want {
			t.Errorf("%s %.60s: %d %s", c.path, c.body, code, answer.Raw())
		}
	}
	for _, cfg := range []Config{{}, {Base: "https://x", Now: time.Now}, {Base: "https://x", Issuers: []Issuer{{}}}} {
		if _, err := New(t.Context(), cfg); reason.CodeOf(err) != reason.Usage {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
	if _, _, err := Kinds()[0].Issuer([]byte("no key")); reason.CodeOf(err) != "key_invalid/pem" {
		t.Error(err)
	}
	_, pem, err := Kinds()[0].Issuer(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Kinds()[2].Issuer(pem); reason.CodeOf(err) != "key_invalid/key-type" {
		t.Error(err)
	}
}

// FuzzRequests sends anything to every endpoint: what is answered is JSON, and
// nothing but 200, 201 and 400.
func FuzzRequests(f *testing.F) {
	a := newAdapter(f, "https://127.0.0.1:1")
	secured := issued(f, a, "ecdsa-sd-2023-p256", plain, `{}`)
	f.Add(`{"credential":` + strings.ReplaceAll(plain, "ISSUER", "urn:x:y") + `,"options":{"mandatoryPointers":["/issuer"]}}`)
	f.Add(`{"verifiableCredential":` + secured + `,"options":{"selectivePointers":["/credentialSubject/name"]}}`)
	f.Add(`{"verifiablePresentation":{"@context":["https://www.w3.org/ns/credentials/v2"],"type":["VerifiablePresentation"]},"options":{"challenge":"c"}}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/issuers/status/credentials/issue", "/credentials/verify", "/presentations/verify", "/credentials/derive"} {
			if code, answer := post(t, a, path, body); code != http.StatusOK && code != http.StatusCreated && code != http.StatusBadRequest {
				t.Errorf("%s: %d %s", path, code, answer.Raw())
			}
		}
	})
}

func TestServe(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "https://" + l.Addr().String()
	a := newAdapter(t, base)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- a.Serve(ctx, l) }()
	config, err := a.LocalConfig()
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Implementations []struct{ Issuers, VCHolders []struct{ Endpoint string } }
	}
	text := strings.TrimSuffix(strings.TrimPrefix(string(config), "module.exports = "), ";\n")
	if err := json.Unmarshal([]byte(text), &out); err != nil || len(out.Implementations) != 1 || len(out.Implementations[0].Issuers) != len(Kinds()) || len(out.Implementations[0].VCHolders) != 2 {
		t.Fatalf("%v: %s", err, config)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Post(out.Implementations[0].Issuers[0].Endpoint, "application/json", strings.NewReader(`{"credential":`+strings.ReplaceAll(plain, "ISSUER", a.issuers["eddsa-rdfc-2022"].id())+`}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusCreated {
		t.Errorf("%d %s %v", resp.StatusCode, body, err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it answers still")
	}
}
