package issuer

import (
	"bytes"
	"context"

	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/internal/jsonschema"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	core "github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/server/apikey"
)

// ledger is a real one whose database can be made to go away, or to say nothing.
type ledger struct {
	*core.MemoryLedger
	down   atomic.Bool
	silent atomic.Bool
	fault  atomic.Bool
	lose   atomic.Bool // what was recorded is recorded, and nobody hears of it
}

func (l *ledger) there(ctx context.Context) error {
	if l.silent.Load() {
		<-ctx.Done()
		return reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	if l.down.Load() {
		return reason.New("io/ledger-unreachable", "", "dial db.internal as secret-user: refused")
	}
	return nil
}

func (l *ledger) Reserve(ctx context.Context, r core.Reservation) ([]core.Slot, error) {
	if err := l.there(ctx); err != nil {
		return nil, err
	}
	if l.fault.Load() {
		panic("canary-panic")
	}
	return l.MemoryLedger.Reserve(ctx, r)
}

func (l *ledger) Record(ctx context.Context, r ...core.Record) error {
	if err := l.there(ctx); err != nil {
		return err
	}
	err := l.MemoryLedger.Record(ctx, r...)
	if l.lose.Load() {
		return reason.New("io/ledger-unreachable", "", "cut")
	}
	return err
}

func (l *ledger) ByKey(ctx context.Context, k string) (core.Record, error) {
	if err := l.there(ctx); err != nil {
		return core.Record{}, err
	}
	return l.MemoryLedger.ByKey(ctx, k)
}

// desk is a Desk over a real issuer.
type desk struct {
	*core.Issuer
	ledger *ledger
	suites proof.Set
	queued atomic.Int64
	gate   func()                                  // called before each issue, nil for nothing
	logged func(credential []byte) ([]byte, error) // nil: there is no log
}

const course = "sveising"

// messages are what the issuer of the tests can say of a credential.
var messages = []string{"nothing to say", "renew it this year"}

func (d *desk) Achievement(_ context.Context, name string) (openbadge.Achievement, error) {
	if name == "panic" {
		panic("canary-panic")
	}
	if name != course {
		return openbadge.Achievement{}, reason.New("not_found/achievement", name, "there is no such achievement")
	}
	return openbadge.Achievement{ID: "https://kurs.example/s", Name: "Sveising", Description: "d", Criteria: &openbadge.Criteria{Narrative: "c"}}, nil
}

func (d *desk) Achievements(ctx context.Context) (map[string]openbadge.Achievement, error) {
	a, err := d.Achievement(ctx, course)
	return map[string]openbadge.Achievement{course: a}, err
}

func (d *desk) Issue(ctx context.Context, name string, a core.Award) (_ *core.Issued, err error) {
	if d.gate != nil {
		d.gate()
	}
	if a.Achievement, err = d.Achievement(ctx, name); err != nil {
		return nil, err
	}
	return d.Issuer.Issue(ctx, a)
}

func (d *desk) Award(ctx context.Context, name string, a core.Award) (_ core.Award, err error) {
	a.Achievement, err = d.Achievement(ctx, name)
	return a, err
}

func (d *desk) Form(name string) (proof.Suite, error) { return d.suites.Suite(proof.ID(name)) }

func (d *desk) Forms(_ context.Context, names []string) (out []proof.Suite, err error) {
	short := map[string]proof.ID{"ob3": dataintegrity.EdDSARDFC2022, "vc-jwt": jose.VCJWT, "sd-jwt": sdjwt.DCSDJWT, "cose": cose.VCCOSE}
	for _, name := range names {
		suite, err := d.suites.Suite(short[name])
		if err != nil {
			return nil, reason.New(reason.Usage, "", "%s is no form", name)
		}
		out = append(out, suite)
	}
	return out, nil
}

func (d *desk) Message(ctx context.Context, id string) (uint8, string, error) {
	n, err := d.Said(ctx, id)
	return n, messages[n], err
}

func (d *desk) Credential(ctx context.Context, id string) (core.Record, error) {
	return d.ledger.Get(ctx, id)
}

func (d *desk) LogProof(_ context.Context, credential []byte) ([]byte, error) {
	if d.logged == nil {
		return nil, reason.New("not_found/log", "/srv/secret-path", "the issuer keeps no transparency log")
	}
	return d.logged(credential)
}

func (d *desk) PublishLater(ctx context.Context) error {
	d.queued.Add(1)
	return d.ledger.there(ctx)
}

func (d *desk) Backlog(ctx context.Context) (core.Backlog, error) {
	return core.Backlog{Waiting: d.queued.Load()}, d.ledger.there(ctx)
}

func (d *desk) Ready(ctx context.Context) error { return d.ledger.there(ctx) }

// house is a server with what stands behind it.
type house struct {
	t      *testing.T
	desk   *desk
	server *Server
	keys   *apikey.File
	log    *lockedBuffer
	now    atomic.Int64 // nanoseconds by which the clock is ahead
	all    string       // a key with all scopes
	spec   *spec
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func newHouse(t *testing.T, change func(*Config)) *house {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	suite, err := set.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		t.Fatal(err)
	}
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	id, method, err := did.KeyID(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, log: &lockedBuffer{}, spec: readSpec(t)}
	clock := func() time.Time { return time.Now().Add(time.Duration(h.now.Load())) }
	l := &ledger{MemoryLedger: core.NewMemoryLedger()}
	i, err := core.New(core.Config{Profile: openbadge.Profile{ID: id, Name: "Kursstedet"}, Signer: private.Signer(method), Suite: suite, Ledger: l,
		StatusBase: "https://kurs.example/status/", Messages: messages, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	h.desk = &desk{Issuer: i, ledger: l, suites: set}
	h.keys = apikey.NewFile(t.TempDir()+"/keys.json", clock)
	cfg := Config{Desk: h.desk, Keys: h.keys, Now: clock, Log: slog.New(slog.NewJSONHandler(h.log, nil)), Rate: 10000}
	if change != nil {
		change(&cfg)
	}
	if h.server, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	h.all = h.key("all", apikey.Scopes()...)
	return h
}

// key makes a key.
func (h *house) key(name string, scopes ...apikey.Scope) string {
	h.t.Helper()
	secret, k, err := apikey.New(name, scopes, time.Now())
	if err == nil {
		err = h.keys.Add(h.t.Context(), k)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	h.now.Add(int64(2 * time.Second)) // by which it is seen
	return secret
}

// ask makes a request, and holds it and the answer against openapi.json. Headers
// are NAME, VALUE, and so on.
func (h *house) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, path, nil)
	if body != "" {
		r = httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Authorization", "Bearer "+h.all)
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
		if headers[n+1] == "" {
			r.Header.Del(headers[n])
		}
	}
	w := httptest.NewRecorder()
	h.server.ServeHTTP(w, r)
	h.spec.check(h.t, h.server, r, body, w)
	return w
}

// award is the body of an award.
func awardFor(recipient string) string {
	return `{"achievement":"` + course + `","recipient":{"id":"did:example:` + recipient + `"}}`
}

func (h *house) issue(key, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.ask("POST", "/v1/credentials", body, "Idempotency-Key", key)
}

// code returns the code of a problem.
func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	v, err := strictjson.ParseObject(w.Body.Bytes(), strictjson.Limits{})
	if err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s is no problem: %v", w.Code, w.Body, err)
	}
	text, _ := v.Get("code").Text()
	return text
}

// refused expects a problem.
func refused(t *testing.T, w *httptest.ResponseRecorder, status int, want string) {
	t.Helper()
	if got := code(t, w); w.Code != status || got != want {
		t.Errorf("%d %s, want %d %s: %s", w.Code, got, status, want, w.Body)
	}
}

// spec is openapi.json.
type spec struct {
	doc     *strictjson.Value
	schemas *jsonschema.Schemas
	texts   map[string]string // wrapper by schema
}

const specURL = "https://bevis.example/openapi.json"

func readSpec(t *testing.T) *spec {
	t.Helper()
	doc, err := strictjson.ParseObject(OpenAPI(), strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s := &spec{doc: doc, texts: map[string]string{}}
	given := map[string][]byte{}
	// A schema of OpenAPI 3.1 is one of JSON Schema 2020-12; only the references
	// lead into a document that as a whole is none.
	for _, m := range doc.Get("components").Get("schemas").Members() {
		text := strings.ReplaceAll(string(m.Value.AppendJSON(nil)), "#/components/schemas/", specURL+"/")
		given[specURL+"/"+m.Name] = []byte(text)
		s.texts[m.Name] = text
	}
	if s.schemas, err = jsonschema.New(given); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *spec) resolve(v *strictjson.Value) *strictjson.Value {
	if ref, ok := v.Get("$ref").Text(); ok {
		return s.doc.Lookup(strings.TrimPrefix(ref, "#"))
	}
	return v
}

// valid holds a JSON text against the schema that a media type refers to; one
// that says no more than its type is looked at as such.
func (s *spec) valid(t *testing.T, media *strictjson.Value, text []byte) error {
	t.Helper()
	ref, ok := media.Get("schema").Get("$ref").Text()
	if !ok {
		return nil
	}
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	v, err := strictjson.Parse(text, strictjson.Limits{})
	if err != nil {
		return err
	}
	return s.schemas.Validate(t.Context(), specURL+"/"+name, []byte(s.texts[name]), v)
}

// check holds a request and its answer against what is written of the route. A
// request that was taken must be one that the document allows, and an answer one
// that it names.
func (s *spec) check(t *testing.T, server *Server, r *http.Request, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	_, pattern := server.mux.Handler(r)
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		return
	}
	op := s.doc.Get("paths").Get(path).Get(strings.ToLower(method))
	if op == nil {
		t.Fatalf("%s is not in openapi.json", pattern)
	}
	media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	answer := s.resolve(op.Get("responses").Get(strconv.Itoa(w.Code)))
	content := answer.Get("content").Get(media)
	if content == nil {
		t.Errorf("%s answers %d %s, which is not in openapi.json: %s", pattern, w.Code, media, w.Body)
		return
	}
	if err := s.valid(t, content, w.Body.Bytes()); err != nil {
		t.Errorf("%s: the answer %s: %v", pattern, w.Body, err)
	}
	for _, m := range answer.Get("headers").Members() {
		if m.Name != "Idempotency-Replayed" && m.Name != "Link" && w.Header().Get(m.Name) == "" {
			t.Errorf("%s: %d has no %s", pattern, w.Code, m.Name)
		}
	}
	asked := op.Get("requestBody").Get("content").Get("application/json")
	if asked == nil || w.Code == http.StatusUnauthorized || w.Code == http.StatusForbidden {
		return
	}
	err := s.valid(t, asked, []byte(body))
	if err != nil && w.Code < 300 {
		t.Errorf("%s takes %s, which openapi.json does not: %v", pattern, body, err)
	}
}

func lines(f func(actor, action string)) func(core.Line) error {
	return func(l core.Line) error {
		f(l.Actor, l.Action)
		return nil
	}
}

func records(f func()) func(core.Record) error {
	return func(core.Record) error {
		f()
		return nil
	}
}

func erase(t *testing.T, h *house, id string) {
	t.Helper()
	if n, err := h.desk.ledger.Erase(t.Context(), core.Erasure{IDs: []string{id}, At: time.Now()}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}
