package issuer_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	issuerID   = "did:web:kurs.example"
	statusBase = "https://kurs.example/status/"
	learner    = "did:key:z6MksA6PjXfg74xovXnN6ZW7yUBHVZmzNXFaHY5osrDXLV1B"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func allSuites(t testing.TB) proof.Set {
	t.Helper()
	set, err := suites.All()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// config returns that of an issuer who signs with a suite and a new key.
func config(t testing.TB, suite proof.ID, kind key.Type) issuer.Config {
	t.Helper()
	private, err := key.Generate(kind)
	if err != nil {
		t.Fatal(err)
	}
	s, err := allSuites(t).Suite(suite)
	if err != nil {
		t.Fatal(err)
	}
	return issuer.Config{
		Profile: openbadge.Profile{ID: issuerID, Name: "Kursstedet", URL: "https://kurs.example/"}, Signer: private.Signer(issuerID + "#key-1"),
		Suite: s, Ledger: issuer.NewMemoryLedger(), Now: func() time.Time { return noon }, StatusBase: statusBase,
	}
}

func newIssuer(t testing.TB, cfg issuer.Config) *issuer.Issuer {
	t.Helper()
	i, err := issuer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func award() issuer.Award {
	return issuer.Award{
		Achievement: openbadge.Achievement{
			ID: "https://kurs.example/a/ml", Name: "Kurs i maskinlæring", Description: "Gjennomført og bestått.",
			AchievementType: "Course", Criteria: &openbadge.Criteria{Narrative: "Bestått eksamen."}, CreditsAvailable: 7.5,
			ResultDescription: []openbadge.ResultDescription{{ID: "urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f", Name: "Karakter", ResultType: "LetterGrade", AllowedValue: []string{"E", "D", "C", "B", "A"}}},
			Alignment:         []openbadge.Alignment{{TargetName: "maskinlæring", TargetURL: "http://data.europa.eu/esco/skill/3a2d5b45-56e4-4f5a-a55a-4a4a65afdc43"}},
		},
		Recipient: issuer.Recipient{ID: learner, Email: "kari@example.org", Name: "Kari Nordmann"},
		Narrative: "Tok kurset på nett.",
		Results:   []openbadge.Result{{ResultDescription: "urn:uuid:6a0c0e9e-1111-4222-8333-0a0b0c0d0e0f", Value: "B"}},
		Evidence:  []openbadge.Evidence{{ID: "https://kurs.example/e/1", Name: "Oppgave"}},
		Credits:   7.5, ValidUntil: noon.AddDate(5, 0, 0), AwardedDate: noon.AddDate(0, 0, -3),
	}
}

// publishedKeys finds keys in a did.json, as a verifier would.
type publishedKeys struct{ doc *did.Document }

func (k publishedKeys) Key(_ context.Context, method string, _ proof.Purpose) (proof.Key, error) {
	m, ok := k.doc.Method(method)
	if !ok || m.Err != nil {
		return proof.Key{}, errors.New("no such key")
	}
	return proof.Key{Public: m.Public, ID: m.ID, Controller: m.Controller}, nil
}

// open verifies the proof of a document and returns what it covers.
func open(t testing.TB, keys proof.Keys, raw []byte) *credential.Credential {
	t.Helper()
	set := allSuites(t)
	in, err := proof.Read(raw, strictjson.Limits{MaxBytes: status.MaxBytes})
	if err != nil {
		t.Fatal(err)
	}
	found, err := set.Open(in)
	if err != nil || len(found) != 1 {
		t.Fatal(len(found), err)
	}
	proven, err := set.Verify(t.Context(), found[0], keys)
	if err != nil {
		t.Fatal(err)
	}
	c, err := credential.New(proven.Document, raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// published is a folder by the path of its files.
type published map[string]issuer.File

func publish(t testing.TB, i *issuer.Issuer) published {
	t.Helper()
	files, err := i.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := published{}
	for _, f := range files {
		if _, twice := out[f.Path]; twice {
			t.Fatalf("%s is published twice", f.Path)
		}
		out[f.Path] = f
	}
	return out
}

func (p published) keys(t testing.TB) proof.Keys {
	t.Helper()
	doc, err := did.ParseDocument(p[".well-known/did.json"].Bytes, issuerID)
	if err != nil {
		t.Fatal(err)
	}
	return publishedKeys{doc}
}

// set asks the published lists about each entry of a credential.
func (p published) set(t testing.TB, c *credential.Credential) []string {
	t.Helper()
	var out []string
	for _, v := range c.Status() {
		e, err := status.ParseEntry(v, "/credentialStatus")
		if err != nil {
			t.Fatal(err)
		}
		set := false
		for _, f := range p {
			if f.URL == e.ListURL {
				if set, err = status.Check(t.Context(), e, open(t, p.keys(t), f.Bytes).Document()); err != nil {
					t.Fatal(err)
				}
			}
		}
		if set {
			out = append(out, e.Purpose)
		}
	}
	return out
}

// forms are the ways of securing that are issued.
var forms = []struct {
	suite proof.ID
	kind  key.Type
}{
	{"eddsa-rdfc-2022", key.Ed25519}, {"eddsa-jcs-2022", key.Ed25519},
	{"vc+jwt", key.Ed25519}, {"vc+jwt", key.P256}, {"ob3-jwt", key.RSA}, {"ob3-jwt", key.Ed25519},
}

func TestIssueInEveryForm(t *testing.T) {
	t.Parallel()
	for _, form := range forms {
		t.Run(string(form.suite)+" "+form.kind.String(), func(t *testing.T) {
			t.Parallel()
			cfg := config(t, form.suite, form.kind)
			i := newIssuer(t, cfg)
			before := publish(t, i)
			issued, err := i.Issue(t.Context(), award())
			if err != nil {
				t.Fatal(err)
			}
			c := open(t, before.keys(t), issued.Credential)
			if c.ID() != issued.ID || !strings.HasPrefix(c.ID(), "urn:uuid:") || c.IssuerID() != issuerID || len(issued.Slots) != 1 {
				t.Errorf("id %s, issued as %s, by %s", c.ID(), issued.ID, c.IssuerID())
			}
			b, err := openbadge.FromCredential(c)
			if err != nil {
				t.Fatal(err)
			}
			if b.Subject.ID != learner || b.Subject.Achievement.Name != "Kurs i maskinlæring" || b.Subject.CreditsEarned != 7.5 ||
				len(b.Subject.Result) != 1 || b.Subject.Result[0].Value != "B" || len(b.Evidence) != 1 || !b.AwardedDate.Equal(noon.AddDate(0, 0, -3)) {
				t.Errorf("%+v", b)
			}
			if !b.Subject.Identifier[0].Matches("kari@example.org") || !b.Subject.Identifier[0].Hashed || b.Subject.Identifier[1].IdentityHash != "Kari Nordmann" {
				t.Errorf("%+v", b.Subject.Identifier)
			}
			from, until, err := c.Period()
			if err != nil || !from.Equal(noon) || !until.Equal(noon.AddDate(5, 0, 0)) {
				t.Error(from, until, err)
			}
			// The list that was published before the issue has the place.
			if got := before.set(t, c); got != nil {
				t.Error(got)
			}
			if r, err := cfg.Ledger.Get(t.Context(), issued.ID); err != nil || !bytes.Equal(r.Credential, issued.Credential) || r.Form != string(form.suite) {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
}

func TestAwardsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*issuer.Award)
		code   reason.Code
		place  bool // it comes so far that a place in the list is lost
	}{
		"nobody":            {func(a *issuer.Award) { a.Recipient = issuer.Recipient{Name: "Kari"} }, "malformed/recipient", false},
		"without criteria":  {func(a *issuer.Award) { a.Achievement.Criteria = nil }, "malformed", false},
		"without name":      {func(a *issuer.Award) { a.Achievement.Name = "" }, "malformed", false},
		"ends before begin": {func(a *issuer.Award) { a.ValidUntil = noon.Add(-time.Hour) }, "malformed", false},
		// IS-08: nothing is signed that no context defines.
		"undefined term": {func(a *issuer.Award) {
			a.Achievement.More = []openbadge.Member{{Name: "studiepoeng", Value: strictjson.Int(7)}}
		}, "unsigned_data", true},
		"relative id": {func(a *issuer.Award) { a.Recipient.ID = "kari" }, "malformed", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, "eddsa-rdfc-2022", key.Ed25519)
			a := award()
			tt.change(&a)
			issued, err := newIssuer(t, cfg).Issue(t.Context(), a)
			if err == nil || issued != nil || tt.code != "" && !errors.Is(err, &reason.Error{Code: tt.code}) {
				t.Errorf("issued: %v, %v (%s)", issued != nil, err, reason.CodeOf(err))
			}
			if records, err := recorded(t.Context(), cfg.Ledger); err != nil || len(records) != 0 {
				t.Errorf("%d records, %v", len(records), err)
			}
			if lists, err := cfg.Ledger.Lists(t.Context()); err != nil || len(lists) > 0 && !tt.place {
				t.Errorf("a place was taken for an award that cannot be issued: %v %v", lists, err)
			}
		})
	}
}

// TestBadgeAsJWTNeedsAnID: the form has the claim sub, an e-mail address has
// no place in it.
func TestBadgeAsJWTNeedsAnID(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, "ob3-jwt", key.Ed25519))
	a := award()
	a.Recipient.ID = ""
	if issued, err := i.Issue(t.Context(), a); reason.CodeOf(err).Coarse() != "malformed" || issued != nil || !strings.Contains(err.Error(), "recipient with an id") {
		t.Error(err)
	}
	i = newIssuer(t, config(t, "vc+jwt", key.Ed25519))
	if _, err := i.Issue(t.Context(), a); err != nil {
		t.Error(err)
	}
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	now := noon
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	cfg.Now = func() time.Time { return now }
	i := newIssuer(t, cfg)
	a := award()
	a.IdempotencyKey = "enrolment-17"
	first, err := i.Issue(t.Context(), a)
	if err != nil || first.Again {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	second, err := i.Issue(t.Context(), a)
	if err != nil || !second.Again || !bytes.Equal(first.Credential, second.Credential) || second.ID != first.ID || second.Slots[0] != first.Slots[0] {
		t.Errorf("%+v %v", second, err)
	}
	for name, change := range map[string]func(*issuer.Award){
		"achievement": func(a *issuer.Award) { a.Achievement.Description += " Igjen." },
		"recipient":   func(a *issuer.Award) { a.Recipient.ID = "did:key:z6Mkr6wXEa9aJFzpRcCo4pLHh4nkWHfwdScuhkKmosfUeQBZ" },
		"e-mail":      func(a *issuer.Award) { a.Recipient.Email = "ola@example.org" },
		"name":        func(a *issuer.Award) { a.Recipient.Name = "Ola Nordmann" },
		"title":       func(a *issuer.Award) { a.Name = "Noe annet" },
		"narrative":   func(a *issuer.Award) { a.Narrative = "" },
		"result": func(a *issuer.Award) {
			a.Results = []openbadge.Result{{ResultDescription: a.Results[0].ResultDescription, Value: "A"}}
		},
		"evidence":    func(a *issuer.Award) { a.Evidence = nil },
		"credits":     func(a *issuer.Award) { a.Credits = 10 },
		"begin":       func(a *issuer.Award) { a.ValidFrom = noon },
		"end":         func(a *issuer.Award) { a.ValidUntil = time.Time{} },
		"awarded":     func(a *issuer.Award) { a.AwardedDate = noon },
		"suspendable": func(a *issuer.Award) { a.Suspendable = true },
	} {
		b := award()
		b.IdempotencyKey = a.IdempotencyKey
		change(&b)
		if _, err := i.Issue(t.Context(), b); reason.CodeOf(err) != "conflict/idempotency-key" {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.IdempotencyKey = "enrolment-18"
	if third, err := i.Issue(t.Context(), a); err != nil || third.Again || third.ID == first.ID {
		t.Errorf("%+v %v", third, err)
	}
	a.IdempotencyKey = ""
	for range 2 {
		if other, err := i.Issue(t.Context(), a); err != nil || other.Again {
			t.Errorf("%+v %v", other, err)
		}
	}
	if records, err := recorded(t.Context(), cfg.Ledger); err != nil || len(records) != 4 {
		t.Errorf("%d records, %v", len(records), err)
	}
}

// recorded returns all that a ledger in memory has recorded.
func recorded(ctx context.Context, l issuer.Ledger) (out []issuer.Record, err error) {
	if u, ok := l.(*unreliable); ok {
		l = u.Ledger
	}
	err = l.(issuer.Archive).Each(ctx, func(r issuer.Record) error { out = append(out, r); return nil })
	return out, err
}

// unreliable is a ledger whose process dies around Record.
type unreliable struct {
	issuer.Ledger
	before, after error
}

func (u *unreliable) Record(ctx context.Context, records ...issuer.Record) error {
	if u.before != nil {
		return u.before
	}
	if err := u.Ledger.Record(ctx, records...); err != nil {
		return err
	}
	return u.after
}

// TestRetryAfterADeath (IS-01, IS-03): a death before the record leaves a
// place that is not used again, one after it gives the same bytes.
func TestRetryAfterADeath(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	ledger := &unreliable{Ledger: cfg.Ledger, before: errors.New("died before")}
	cfg.Ledger = ledger
	i := newIssuer(t, cfg)
	a := award()
	a.IdempotencyKey = "enrolment-17"
	if _, err := i.Issue(t.Context(), a); !errors.Is(err, ledger.before) {
		t.Fatal(err)
	}
	if records, _ := recorded(t.Context(), cfg.Ledger); len(records) != 0 {
		t.Fatal("half issued")
	}
	ledger.before, ledger.after = nil, errors.New("died after")
	if _, err := i.Issue(t.Context(), a); !errors.Is(err, ledger.after) {
		t.Fatal(err)
	}
	kept, err := cfg.Ledger.ByKey(t.Context(), "enrolment-17")
	if err != nil {
		t.Fatal(err)
	}
	ledger.after = nil
	issued, err := i.Issue(t.Context(), a)
	if err != nil || !issued.Again || !bytes.Equal(issued.Credential, kept.Credential) {
		t.Errorf("%+v %v", issued, err)
	}
	if records, _ := recorded(t.Context(), cfg.Ledger); len(records) != 1 {
		t.Errorf("%d records", len(records))
	}
}

func TestOneKeyFromManyPlaces(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
	i := newIssuer(t, cfg)
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 16 {
		wg.Go(func() {
			a := award()
			a.IdempotencyKey = "enrolment-17"
			issued, err := i.Issue(t.Context(), a)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			seen[string(issued.Credential)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if records, _ := recorded(t.Context(), cfg.Ledger); len(seen) != 1 || len(records) != 1 {
		t.Errorf("%d answers, %d records", len(seen), len(records))
	}
}

func TestIssueIsCanceled(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, "eddsa-jcs-2022", key.Ed25519))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if issued, err := i.Issue(ctx, award()); reason.CodeOf(err) != reason.Canceled || issued != nil {
		t.Error(issued, err)
	}
}

func TestNewRefusesGaps(t *testing.T) {
	t.Parallel()
	other, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	didKey, method, err := did.KeyID(other.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*issuer.Config)
		code   reason.Code
	}{
		"no profile":    {func(c *issuer.Config) { c.Profile = openbadge.Profile{} }, reason.Usage},
		"no name":       {func(c *issuer.Config) { c.Profile.Name = "" }, reason.Usage},
		"no signer":     {func(c *issuer.Config) { c.Signer = nil }, reason.Usage},
		"no suite":      {func(c *issuer.Config) { c.Suite = nil }, reason.Usage},
		"no ledger":     {func(c *issuer.Config) { c.Ledger = nil }, reason.Usage},
		"no clock":      {func(c *issuer.Config) { c.Now = nil }, reason.Usage},
		"http":          {func(c *issuer.Config) { c.StatusBase = "http://kurs.example/" }, reason.Usage},
		"no slash":      {func(c *issuer.Config) { c.StatusBase = "https://kurs.example/status" }, reason.Usage},
		"no host":       {func(c *issuer.Config) { c.StatusBase = "https:///status/" }, reason.Usage},
		"query":         {func(c *issuer.Config) { c.StatusBase = "https://kurs.example/?a=/" }, reason.Usage},
		"user":          {func(c *issuer.Config) { c.StatusBase = "https://a:b@kurs.example/" }, reason.Usage},
		"negative time": {func(c *issuer.Config) { c.StatusValidity = -1 }, reason.Usage},
		"endless list":  {func(c *issuer.Config) { c.ListSize = status.MaxEntries + 1 }, reason.Usage},
		"list of 1 MiB": {func(c *issuer.Config) {
			c.ListSize, c.ListSuite = 100_000_000, dataintegrity.Whole(suiteOf(t, dataintegrity.BBS2023))
		}, reason.Usage},
		"longest list":    {func(c *issuer.Config) { c.ListSize = status.MaxEntries }, ""},
		"key of another":  {func(c *issuer.Config) { c.Signer = other.Signer("did:web:other.example#key-1") }, reason.IssuerMismatch},
		"no fragment":     {func(c *issuer.Config) { c.Signer = other.Signer(issuerID) }, reason.IssuerMismatch},
		"not its did:key": {func(c *issuer.Config) { c.Profile.ID, c.Signer = learner, other.Signer(learner+"#"+learner[8:]) }, reason.IssuerMismatch},
		"not its did:jwk": {func(c *issuer.Config) {
			id, m := did.JWKID(c.Signer.Public())
			c.Profile.ID, c.Signer = id, other.Signer(m)
		}, reason.IssuerMismatch},
		"retired key signs": {func(c *issuer.Config) {
			c.Methods = []did.Method{{ID: c.Signer.ID(), Public: c.Signer.Public(), Expires: noon}}
		}, reason.Usage},
		"": {func(c *issuer.Config) { c.Profile.ID, c.Signer = didKey, other.Signer(method) }, ""},
	} {
		cfg := config(t, "eddsa-jcs-2022", key.Ed25519)
		tt.change(&cfg)
		if _, err := issuer.New(cfg); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
