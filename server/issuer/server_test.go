package issuer

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/apikey"
)

// TestOpenAPI holds the document equal to the routes: nothing is served that it
// does not name, with the scope that it names, and the other way round.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	if w := h.ask("GET", "/openapi.json", "", "Authorization", ""); w.Body.String() != string(OpenAPI()) {
		t.Error("another document is served")
	}
	var written []string
	for _, path := range h.spec.doc.Get("paths").Members() {
		for _, op := range path.Value.Members() {
			scope := ""
			for _, need := range op.Value.Get("security").Items() {
				for _, s := range need.Get("key").Items() {
					text, _ := s.Text()
					scope += text
				}
			}
			written = append(written, strings.ToUpper(op.Name)+" "+path.Name+" "+scope)
		}
	}
	var served []string
	for _, r := range h.server.routes {
		served = append(served, r.pattern()+" "+string(r.scope))
	}
	slices.Sort(written)
	slices.Sort(served)
	if !slices.Equal(written, served) {
		t.Errorf("written:\n%s\nserved:\n%s", strings.Join(written, "\n"), strings.Join(served, "\n"))
	}
	version, _ := h.spec.doc.Get("openapi").Text()
	if !strings.HasPrefix(version, "3.1.") {
		t.Error(version)
	}
	// Every reference leads somewhere.
	for _, ref := range regexp.MustCompile(`"\$ref": "#([^"]+)"`).FindAllStringSubmatch(string(OpenAPI()), -1) {
		if h.spec.doc.Lookup(ref[1]) == nil {
			t.Errorf("%s leads nowhere", ref[1])
		}
	}
}

func TestIssueOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	first := h.issue("enrolment-1", awardFor("kari"))
	if first.Code != http.StatusCreated || first.Header().Get("Content-Type") != "application/vc" || first.Header().Get(replayed) != "" {
		t.Fatal(first.Code, first.Header(), first.Body)
	}
	h.now.Add(int64(time.Hour))
	for _, key := range []string{"enrolment-1", `"enrolment-1"`} { // bare, and as the draft has it
		again := h.issue(key, awardFor("kari"))
		if again.Code != http.StatusCreated || again.Body.String() != first.Body.String() || again.Header().Get(replayed) != "true" ||
			again.Header().Get("Location") != first.Header().Get("Location") {
			t.Error(key, again.Code, again.Header(), again.Body)
		}
	}
	refused(t, h.issue("enrolment-1", awardFor("ola")), http.StatusUnprocessableEntity, "conflict/idempotency-key")
	if w := h.ask("GET", first.Header().Get("Location"), ""); w.Body.String() != first.Body.String() {
		t.Error(w.Code, w.Body)
	}
	if w := h.issue("enrolment-jwt", strings.Replace(awardFor("kari"), "{", `{"format":"vc+jwt",`, 1)); w.Code != http.StatusCreated || w.Header().Get("Content-Type") != "application/vc+jwt" {
		t.Error(w.Code, w.Header(), w.Body)
	}
	for _, key := range []string{"", `""`, `"a`, `"a"b`, `"\a"`, "a\x01", "æ", strings.Repeat("a", 256)} {
		refused(t, h.issue(key, awardFor("kari")), http.StatusBadRequest, "usage/idempotency-key")
	}
	if got, err := idempotencyKey(http.Header{"Idempotency-Key": {`"a\"b\\c"`}}); got != `a"b\c` || err != nil {
		t.Error(got, err)
	}
	if _, err := idempotencyKey(http.Header{"Idempotency-Key": {"a", "a"}}); reason.CodeOf(err) != "usage/idempotency-key" {
		t.Error(err)
	}
}

// TestSameMoment: of requests with one key at the same time all get one credential.
func TestSameMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	var wg sync.WaitGroup
	bodies := make([]string, 40)
	for n := range bodies {
		wg.Go(func() { bodies[n] = h.issue("enrolment-1", awardFor("kari")).Body.String() })
	}
	wg.Wait()
	for _, b := range bodies {
		if b != bodies[0] || !strings.Contains(b, "did:example:kari") {
			t.Fatal(b)
		}
	}
}

// beside returns an award at a place, among others that are in order.
func beside(t *testing.T, n int, v *strictjson.Value) (out []*strictjson.Value) {
	t.Helper()
	for k := range n + 2 {
		other, err := strictjson.Parse([]byte(`{"idempotencyKey":"beside`+fmt.Sprint(k)+`",`+awardFor("beside")[1:]), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if k == n {
			other = v
		}
		out = append(out, other)
	}
	return out
}

func TestMany(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	one := func(key, body string) string { return strings.Replace(body, "{", `{"idempotencyKey":"`+key+`",`, 1) }
	var items []string
	for n := range 30 {
		items = append(items, one(fmt.Sprint("k", n), awardFor(fmt.Sprint("p", n))))
	}
	items[7] = one("k7", `{"achievement":"none","recipient":{"id":"did:example:x"}}`)
	items[8] = `7`
	items[9] = one("k9", `{"achievement":"sveising","recipient":{}}`)
	items[10] = one("k0", awardFor("another"))
	ask := func(items []string) (out struct {
		Results []issuedJSON `json:"results"`
	}) {
		w := h.ask("POST", "/v1/awards", `{"awards":[`+strings.Join(items, ",")+`]}`)
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
			t.Fatal(w.Code, w.Body, err)
		}
		return out
	}
	// Asked again with more, those that were issued are the same.
	first := ask(items[:7])
	second := ask(append(items[:7:7], items[7], items[11], items[12]))
	for n, r := range first.Results {
		if r.Status != 201 || r.Replayed || !strings.Contains(r.Credential, fmt.Sprint("did:example:p", n)) {
			t.Error(n, r)
		}
		if again := second.Results[n]; !again.Replayed || again.Credential != r.Credential {
			t.Error(n, again)
		}
	}
	if r := second.Results[7]; r.Status != 404 || r.Problem.Code != "not_found/achievement" || r.Credential != "" {
		t.Error(r)
	}
	// The handler itself says of each what is wrong with it, also of what the
	// description does not allow.
	c := &call{Request: httptest.NewRequest("POST", "/v1/awards", nil), ctx: t.Context()}
	for n, want := range map[int]string{8: "malformed/request", 9: "malformed/request", 10: "conflict/idempotency-key"} {
		v, err := strictjson.Parse([]byte(items[n]), strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if r := h.server.many(c, beside(t, n, v))[n]; r.Problem == nil || r.Problem.Code != want || want == "malformed/request" && !strings.HasPrefix(r.Problem.At, fmt.Sprintf("/awards/%d", n)) {
			t.Error(n, r)
		}
	}
	if v, err := strictjson.Parse([]byte(one("p", `{"achievement":"panic","recipient":{"id":"did:example:x"}}`)), strictjson.Limits{}); err != nil {
		t.Error(err)
	} else if r := h.server.many(c, beside(t, 3, v)); r[3].Status != 500 || r[0].Status != 201 || r[4].Status != 201 {
		t.Error(r)
	}
	h.desk.ledger.fault.Store(true)
	third := ask(append(items[:2:2], one("fault", awardFor("x"))))
	h.desk.ledger.fault.Store(false)
	for n, want := range []int{500, 500, 500} {
		if r := third.Results[n]; r.Status != want || r.Problem.Code != string(reason.Internal) {
			t.Error(n, r)
		}
	}
	if r := ask([]string{items[0], one("fault", awardFor("x")), one("fault", awardFor("x"))}); r.Results[1].Status != 201 || !r.Results[2].Replayed || r.Results[2].ID != r.Results[1].ID {
		t.Error(r)
	}
	refused(t, h.ask("POST", "/v1/awards", `{"awards":[]}`), 400, "malformed/request")
	refused(t, h.ask("POST", "/v1/awards", `{"awards":[`+strings.Repeat("{},", MaxAwards)+`{}]}`), 400, "malformed/request")
	refused(t, h.ask("POST", "/v1/awards", `{"awards":[{}]}`, "Idempotency-Key", "a"), 400, "usage/idempotency-key")
}

func TestLogProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	first := h.issue("a", awardFor("kari"))
	at := first.Header().Get("Location")
	w := h.ask("GET", at+"/log-proof", "")
	refused(t, w, http.StatusNotFound, "not_found/log")
	if strings.Contains(w.Body.String(), "secret") {
		t.Error(w.Body)
	}
	h.desk.logged = func(credential []byte) ([]byte, error) { return append([]byte("proof of "), credential...), nil }
	if w := h.ask("GET", at+"/log-proof", ""); w.Code != http.StatusOK || w.Body.String() != "proof of "+first.Body.String() || w.Header().Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Error(w.Code, w.Header(), w.Body)
	}
	refused(t, h.ask("GET", "/v1/credentials/urn:uuid:none/log-proof", ""), http.StatusNotFound, "not_found")
	for code, status := range map[reason.Code]int{"log_broken/changed": 500, "not_found/log-entry": 404, reason.Canceled: 503, reason.IO: 503} {
		h.desk.logged = func([]byte) ([]byte, error) { return nil, reason.New(code, "", "canary") }
		want := string(code)
		if code == reason.Canceled {
			want = "io/ledger-unreachable"
		}
		refused(t, h.ask("GET", at+"/log-proof", ""), status, want)
	}
	erase(t, h, strings.TrimPrefix(at, "/v1/credentials/"))
	refused(t, h.ask("GET", at+"/log-proof", ""), http.StatusGone, "conflict/erased")
}

func TestStatus(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.issue("a", strings.Replace(awardFor("kari"), "{", `{"suspendable":true,`, 1)).Header().Get("Location")
	plain := h.issue("b", awardFor("kari")).Header().Get("Location")
	for _, step := range []struct{ verb, want string }{
		{"suspend", `"revoked":false,"suspended":true`}, {"suspend", `"revoked":false,"suspended":true`},
		{"reinstate", `"revoked":false,"suspended":false`}, {"revoke", `"revoked":true,"suspended":false`}, {"revoke", `"revoked":true,"suspended":false`},
	} {
		if w := h.ask("POST", at+"/"+step.verb, `{"reason":"case 17"}`); w.Code != 200 || !strings.Contains(w.Body.String(), step.want) {
			t.Error(step.verb, w.Code, w.Body)
		}
		if w := h.ask("GET", at+"/status", ""); !strings.Contains(w.Body.String(), step.want) {
			t.Error(step.verb, w.Body)
		}
	}
	refused(t, h.ask("POST", at+"/reinstate", `{}`), 409, "conflict/revoked")
	refused(t, h.ask("POST", plain+"/suspend", `{}`), 404, "not_found/status-entry")
	refused(t, h.ask("POST", "/v1/credentials/urn:uuid:none/revoke", `{}`), 404, "not_found")
	refused(t, h.ask("GET", "/v1/credentials/urn:uuid:none", ""), 404, "not_found")
	refused(t, h.ask("GET", "/v1/credentials/urn:uuid:none/status", ""), 404, "not_found")
	refused(t, h.ask("POST", at+"/revoke", `{"why":"x"}`), 400, "malformed/request")
	// Who did it is in the audit log.
	revoked := 0
	if err := h.desk.ledger.Lines(t.Context(), 0, lines(func(actor, action string) {
		if actor != "api:all" {
			t.Error(actor)
		}
		if action == "set revocation" {
			revoked++
		}
	})); err != nil || revoked != 2 {
		t.Error(revoked, err)
	}
}

func TestAchievementsAndJobs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	if w := h.ask("GET", "/v1/achievements", ""); !strings.Contains(w.Body.String(), `"name":"sveising","achievement":{`) {
		t.Error(w.Body)
	}
	if w := h.ask("GET", "/v1/achievements/sveising", ""); !strings.Contains(w.Body.String(), `"https://kurs.example/s"`) {
		t.Error(w.Body)
	}
	refused(t, h.ask("GET", "/v1/achievements/none", ""), 404, "not_found/achievement")
	if w := h.ask("POST", "/v1/publications", ""); w.Code != 202 || w.Header().Get("Location") != "/v1/jobs" {
		t.Error(w.Code, w.Body)
	}
	if w := h.ask("GET", "/v1/jobs", ""); !strings.Contains(w.Body.String(), `"waiting":1`) {
		t.Error(w.Body)
	}
	if w := h.ask("GET", "/healthz", "", "Authorization", ""); w.Code != 200 {
		t.Error(w.Code)
	}
	if w := h.ask("GET", "/readyz", "", "Authorization", ""); w.Code != 200 {
		t.Error(w.Code)
	}
}

// TestScopes: each route is for keys with its scope alone, and what is refused
// does nothing.
func TestScopes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	secrets := map[apikey.Scope]string{}
	for _, scope := range apikey.Scopes() {
		secrets[scope] = h.key("only-"+string(scope), scope)
	}
	gone := h.key("gone", apikey.Scopes()...)
	if _, err := h.keys.Revoke(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	h.now.Add(int64(2 * time.Second))
	for _, r := range h.server.routes {
		path := strings.NewReplacer("{id}", "urn:uuid:none", "{name}", "none").Replace(r.path)
		for _, headers := range [][]string{{""}, {"Basic YTpi"}, {"Bearer"}, {"Bearer x"}, {"Bearer " + gone}, {"Bearer " + secrets[r.scope] + "x"}} {
			w := h.ask(r.method, path, "", "Authorization", headers[0])
			if r.scope != "" {
				refused(t, w, 401, "locked/api-key")
			} else if w.Code != 200 {
				t.Error(path, w.Code)
			}
		}
		for scope, secret := range secrets {
			w := h.ask(r.method, path, "", "Authorization", "bearer "+secret)
			if r.scope != "" && scope != r.scope {
				refused(t, w, 403, "locked/scope")
			} else if w.Code == 401 || w.Code == 403 {
				t.Error(path, scope, w.Code)
			}
		}
	}
	if all, err := h.keys.List(); err != nil || all[1].LastUsed == "" {
		t.Error("the day of use is not kept", err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	good := awardFor("kari")
	with := func(member string) string { return strings.Replace(good, "{", "{"+member+",", 1) }
	for body, at := range map[string]string{
		with(`"narative":"x"`): "/narative", with(`"name":7`): "/name", with(`"credits":-1`): "/credits", with(`"credits":"1"`): "/credits",
		with(`"validFrom":"2026"`): "/validFrom", with(`"suspendable":"yes"`): "/suspendable", with(`"disclosable":[1]`): "/disclosable",
		with(`"format":"no-such"`): "/format", with(`"narrative":"` + strings.Repeat("x", maxText+1) + `"`): "/narrative",
		`{"achievement":"sveising"}`: "/recipient", `{"recipient":{"id":"did:example:x"}}`: "/achievement",
		`{"achievement":"sveising","recipient":{"id":"did:example:x","phone":"1"}}`: "/recipient/phone",
		`{"achievement":"sveising","recipient":"kari"}`:                             "/recipient",
	} {
		w := h.issue("k", body)
		refused(t, w, 400, "malformed/request")
		if !strings.Contains(w.Body.String(), `"at":"`+at+`"`) {
			t.Errorf("%.80s: %s, want %s", body, w.Body, at)
		}
	}
	for body, want := range map[string]string{"": "usage/media-type", "{": "malformed/json", "[]": "malformed/not-an-object", `{"a":1,"a":1}`: "malformed/duplicate-member"} {
		status := 400
		if body == "" {
			status = 415
		}
		refused(t, h.issue("k", body), status, want)
	}
	refused(t, h.issue("k", `{"a":"`+strings.Repeat("x", maxBody)+`"}`), 413, "resource_limit/size")
	refused(t, h.ask("POST", "/v1/credentials", good, "Idempotency-Key", "k", "Content-Type", "text/plain"), 415, "usage/media-type")
	refused(t, h.ask("GET", "/v1/nothing", ""), 404, "not_found/endpoint")
	refused(t, h.ask("GET", "//v1/credentials", ""), 404, "not_found/endpoint")
	w := h.ask("DELETE", "/v1/credentials", "")
	refused(t, w, 405, "usage/method")
	if w.Header().Get("Allow") != "POST" {
		t.Error(w.Header())
	}
	// A page of another origin learns nothing: no header of CORS, not even when asked.
	w = h.ask("OPTIONS", "/v1/credentials", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	for name := range w.Header() {
		if strings.HasPrefix(name, "Access-Control") {
			t.Error(name)
		}
	}
	refused(t, h.issue("k", strings.Replace(good, "sveising", "panic", 1)), 500, "internal")
	if h.issue("k", good).Code != 201 {
		t.Error("a panic stops the others")
	}
	if n := issuedCount(t, h); n != 1 {
		t.Errorf("%d credentials", n)
	}
	for _, bad := range []func(*Config){func(c *Config) { c.Desk = nil }, func(c *Config) { c.Keys = nil }, func(c *Config) { c.Now = nil }, func(c *Config) { c.Log = nil }, func(c *Config) { c.Rate = -1 }} {
		cfg := h.server.cfg
		bad(&cfg)
		if _, err := New(cfg); reason.CodeOf(err) != reason.Usage {
			t.Error(err)
		}
	}
}

func issuedCount(t *testing.T, h *house) (n int) {
	t.Helper()
	if err := h.desk.ledger.Each(t.Context(), records(func() { n++ })); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestErased(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	at := h.issue("a", awardFor("kari")).Header().Get("Location")
	erase(t, h, strings.TrimPrefix(at, "/v1/credentials/"))
	refused(t, h.ask("GET", at, ""), 410, "conflict/erased")
	refused(t, h.issue("a", awardFor("kari")), 410, "conflict/erased")
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for accept, want := range map[string]string{
		"": "en", "nb": "nb", "nn-NO,nb;q=0.9": "nn", "no": "nb", "sv, nn;q=0.5, en;q=0.1": "nn", "en;q=0.2,nb;q=0.1": "en", "nb;q=x": "en", "*": "en",
		strings.Repeat("xx,", 1000) + "nb": "en", "nb;q=0": "en", "fr": "en",
	} {
		w := h.ask("GET", "/v1/achievements/none", "", "Accept-Language", accept)
		if got := w.Header().Get("Content-Language"); got != want {
			t.Errorf("%.40s: %s, want %s", accept, got, want)
		}
		if title := h.server.printers[want].T("reason.not_found/achievement"); !strings.Contains(w.Body.String(), title) {
			t.Errorf("%s: %s", want, w.Body)
		}
		if next := h.server.printers[want].T("next.api.not_found/achievement"); !strings.Contains(w.Body.String(), next) {
			t.Errorf("%s: %s", want, w.Body)
		}
	}
}
