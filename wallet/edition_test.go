package wallet

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
)

// edition is a credential with an id, issued on a day of January.
func edition(id, issuer, name string, day int) []byte {
	return fmt.Appendf(nil, `{"@context":["https://www.w3.org/ns/credentials/v2"],"id":%q,"type":["VerifiableCredential","OpenBadgeCredential"],`+
		`"issuer":{"id":%q},"validFrom":"2026-01-%02dT00:00:00Z","credentialSubject":{"id":"did:example:kari","achievement":{"name":%q}},"proof":{"proofValue":%q}}`, id, issuer, day, name, name+fmt.Sprint(day))
}

// compact wraps a document as an unsigned token would look: the wallet does not
// verify.
func compact(payload []byte) []byte {
	part := base64.RawURLEncoding.EncodeToString
	return []byte(part([]byte(`{"alg":"EdDSA"}`)) + "." + part(payload) + "." + part([]byte("sig")))
}

func found(verdict, why string) *Verification {
	return &Verification{Verdict: verdict, Reason: why, At: noon}
}

func namesOf(items []Item) string {
	var out []string
	for _, i := range items {
		out = append(out, i.Title)
	}
	return strings.Join(out, ",")
}

// TestEditions: of two editions of a credential the one that is valid from the
// later day is shown, whichever came first, if it is proven as well.
func TestEditions(t *testing.T) {
	t.Parallel()
	valid, unknown, forged := found("valid", ""), found("undetermined", "key_unavailable/fetch"), found("invalid", "bad_signature")
	type in struct {
		id, issuer, name string
		day              int
		verified         *Verification
	}
	const id, school = "https://kurs.example/b/1", "did:web:kurs.example"
	for _, c := range []struct {
		name  string
		in    []in
		shown string // titles of Items
		chain string // titles of the editions of the first one that came in
	}{
		{"newer comes later", []in{{id, school, "A", 1, valid}, {id, school, "B", 2, valid}}, "B", "B,A"},
		{"newer comes first", []in{{id, school, "B", 2, valid}, {id, school, "A", 1, valid}}, "B", "B,A"},
		{"three", []in{{id, school, "B", 2, valid}, {id, school, "C", 3, valid}, {id, school, "A", 1, valid}}, "C", "C,B,A"},
		{"another id", []in{{id, school, "A", 1, valid}, {id + "2", school, "B", 2, valid}}, "A,B", "A"},
		{"another issuer", []in{{id, school, "A", 1, valid}, {id, school + ":x", "B", 2, valid}}, "A,B", "A"},
		{"escapes and white space", []in{{"https://kurs.example/b/%C3%A5", school, "A", 1, valid}, {" https://kurs.example/b/å ", school, "B", 2, valid}}, "B", "B,A"},
		{"a port in a DID is no path", []in{{id, "did:web:a%3A80", "A", 1, valid}, {id, "did:web:a:80", "B", 2, valid}}, "A,B", "A"},
		{"no id", []in{{"", school, "A", 1, valid}, {"", school, "B", 2, valid}}, "A,B", "A"},
		{"a forgery with a later day", []in{{id, school, "A", 1, valid}, {id, school, "F", 9, forged}}, "A,F", "A"},
		{"a forgery that came first", []in{{id, school, "F", 9, forged}, {id, school, "A", 1, valid}}, "F,A", "F"},
		{"a later one that nobody could check", []in{{id, school, "A", 1, valid}, {id, school, "B", 2, unknown}}, "A,B", "A"},
		{"an earlier one that nobody could check", []in{{id, school, "A", 1, unknown}, {id, school, "B", 2, valid}}, "B", "B,A"},
		{"neither could be checked", []in{{id, school, "A", 1, unknown}, {id, school, "B", 2, nil}}, "B", "B,A"},
		{"the earlier one was revoked", []in{{id, school, "A", 1, found("invalid", "revoked")}, {id, school, "B", 2, valid}}, "B", "B,A"},
		{"the later one was revoked", []in{{id, school, "A", 1, valid}, {id, school, "B", 2, found("invalid", "revoked")}}, "B", "B,A"},
		{"the later one is over", []in{{id, school, "A", 1, valid}, {id, school, "B", 2, found("not-in-force", "expired")}}, "B", "B,A"},
		{"one day, other words", []in{{id, school, "A", 1, valid}, {id, school, "B", 1, valid}}, "B", "B,A"},
		{"one day, the first is worth more", []in{{id, school, "A", 1, valid}, {id, school, "B", 1, unknown}}, "A", "A,B"},
	} {
		store := &MemoryStore{}
		w, _ := create(t, store)
		var first Item
		for n, r := range c.in {
			item, added, err := w.Add(t.Context(), AddRequest{Raw: edition(r.id, r.issuer, r.name, r.day), Verified: r.verified})
			if err != nil || !added {
				t.Fatal(c.name, added, err)
			}
			if n == 0 {
				first = item
			}
		}
		for _, w := range []*Wallet{w, open(t, store)} {
			chain, err := w.Editions(first.ID)
			if got := namesOf(w.Items()); got != c.shown || namesOf(chain) != c.chain || err != nil {
				t.Errorf("%s: items %s, want %s; editions %s, want %s (%v)", c.name, got, c.shown, namesOf(chain), c.chain, err)
			}
		}
	}
}

// TestEditionsFollowTheVerifier: what a verifier says later decides which one
// is shown, and taking the newest out does not bring an older one back.
func TestEditionsFollowTheVerifier(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	put := func(name string, day int, v *Verification) Item {
		item, _, err := w.Add(t.Context(), AddRequest{Raw: edition("urn:x:1", "did:web:a", name, day), Verified: v})
		if err != nil {
			t.Fatal(err)
		}
		return item
	}
	old, newer := put("A", 1, found("valid", "")), put("B", 2, found("undetermined", ""))
	if got := namesOf(w.Items()); got != "A,B" {
		t.Error(got)
	}
	if err := w.SetVerified(t.Context(), newer.ID, *found("valid", "")); err != nil {
		t.Fatal(err)
	}
	if got := namesOf(w.Items()); got != "B" {
		t.Error(got)
	}
	if got, err := w.Item(old.ID); err != nil || got.Title != "A" {
		t.Error("an earlier edition cannot be had any more", err)
	}
	if len(w.Search("2026-01-01")) != 0 {
		t.Error("an earlier edition is found")
	}
	if _, err := w.Remove(t.Context(), newer.ID); err != nil {
		t.Fatal(err)
	}
	if got := namesOf(w.Items()); got != "" {
		t.Error("taken out, and an older edition came back:", got)
	}
	if _, err := w.Editions("zz"); reason.CodeOf(err) != "not_found/item" {
		t.Error(err)
	}
	// An older edition can be taken out alone.
	old, newer = put("A", 1, nil), put("B", 2, nil)
	if _, err := w.Remove(t.Context(), old.ID); err != nil {
		t.Fatal(err)
	}
	if chain, err := w.Editions(newer.ID); err != nil || namesOf(chain) != "B" {
		t.Error(namesOf(chain), err)
	}
}

// TestMarksMoveOn: the holder's tags and note are about the credential, and go
// over to a newer edition, but not to one that is proven worse.
func TestMarksMoveOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		day      int
		verified *Verification
		moves    bool
	}{
		"newer":                {6, found("valid", ""), true},
		"older":                {4, found("valid", ""), false},
		"newer, not checked":   {6, nil, false},
		"newer, and a forgery": {6, found("invalid", "bad_signature"), false},
	} {
		store := &MemoryStore{}
		w, _ := create(t, store)
		first, _, err := w.Add(t.Context(), AddRequest{Raw: edition("urn:x:1", "did:web:a", "A", 5), Verified: found("valid", "")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Tag(t.Context(), first.ID, "jobb", "kyst"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SetNote(t.Context(), first.ID, "til søknaden"); err != nil {
			t.Fatal(err)
		}
		second, _, err := w.Add(t.Context(), AddRequest{Raw: edition("urn:x:1", "did:web:a", "B", c.day), Verified: c.verified})
		if err != nil {
			t.Fatal(err)
		}
		if second, err = open(t, store).Item(second.ID); err != nil {
			t.Fatal(err)
		}
		if moved := slices.Equal(second.Tags, []string{"jobb", "kyst"}) && second.Note == "til søknaden"; moved != c.moves || !moved && len(second.Tags)+len(second.Note) > 0 {
			t.Errorf("%s: tags %v and note %q", name, second.Tags, second.Note)
		}
	}
}

// TestDuplicates: the same credential in other white space, as a token or as
// JSON is kept once, and one that does more is not taken for the same.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	badge := edition("urn:x:1", "did:web:a", "A", 1)
	with := func(raw []byte, old, new string) []byte { return []byte(strings.Replace(string(raw), old, new, 1)) }
	loose := with(badge, `"issuer":`, "\"issuer\" :\n ")
	reproved := with(badge, `"proofValue":"A1"`, `"proofValue":"other"`)
	partly := with(badge, `"proofValue":"A1"`, `"cryptosuite":"ecdsa-sd-2023","proofValue":"A1"`)
	bare := with(badge, `,"proof":{"proofValue":"A1"}`, "")
	claims := with(bare, `{"@context"`, `{"iss":"did:web:a","iat":1767225600,"jti":"urn:x:1","@context"`)
	old := []byte(`{"iss":"did:web:a","jti":"urn:x:1","nbf":1767225600,"sub":"did:example:kari","vc":{"@context":["https://www.w3.org/2018/credentials/v1"],"type":["VerifiableCredential"],"credentialSubject":{"achievement":{"name":"A"}}}}`)
	noID := with(badge, `"id":"urn:x:1",`, "")
	for _, c := range []struct {
		name          string
		first, second []byte
		a, b          *Verification
		added         bool
	}{
		{"the same bytes", badge, badge, nil, nil, false},
		{"white space", badge, loose, nil, nil, false},
		{"white space around it", badge, []byte("\n" + string(badge) + "\n"), nil, nil, false},
		{"white space, no id", noID, with(noID, `"issuer":`, `"issuer" : `), nil, nil, false},
		{"another proof, no id", noID, with(noID, `"proofValue":"A1"`, `"proofValue":"other"`), nil, nil, true},
		{"a token of it", badge, compact(claims), nil, nil, false},
		{"JSON of a token", compact(claims), badge, nil, nil, false},
		{"another token", compact(claims), compact(with(claims, `1767225600`, `1767225601`)), nil, nil, false},
		{"a token of Data Model 1.1", compact(old), compact(with(old, `"sub"`, ` "sub"`)), nil, nil, false},
		{"signed anew", badge, reproved, nil, nil, false},
		{"other words", badge, with(badge, `"name":"A"`, `"name":"Å"`), nil, nil, true},
		{"can be shown in part", badge, partly, nil, nil, true},
		{"could be shown in part", partly, badge, nil, nil, false},
		{"the first was a forgery", badge, reproved, found("invalid", "bad_signature"), found("valid", ""), true},
		{"the first was not checked", badge, reproved, nil, found("valid", ""), true},
		{"the second was not checked", badge, reproved, found("valid", ""), found("untrusted", "untrusted_issuer"), false},
	} {
		w, _ := create(t, &MemoryStore{})
		first, _, err := w.Add(t.Context(), AddRequest{Raw: c.first, Verified: c.a})
		if err != nil {
			t.Fatal(c.name, err)
		}
		second, added, err := w.Add(t.Context(), AddRequest{Raw: c.second, Verified: c.b})
		if err != nil || added != c.added || !added && second.ID != first.ID {
			t.Errorf("%s: added %v, %s and %s, %v", c.name, added, first.ID, second.ID, err)
		}
	}
	// A token of Data Model 1.1 has its id, issuer and day in the claims.
	w, _ := create(t, &MemoryStore{})
	item := add(t, w, compact(old))
	if item.Credential != "urn:x:1" || item.Issuer != "did:web:a" || !item.ValidFrom.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", item)
	}
}

// TestTakeIn: all of an intake or nothing, in one change of the file.
func TestTakeIn(t *testing.T) {
	t.Parallel()
	store := &MemoryStore{}
	w, _ := create(t, store)
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		t.Fatal(err)
	}
	in := Intake{
		Credentials: []AddRequest{{Raw: edition("urn:x:1", "did:web:a", "A", 1)}, {Raw: edition("urn:x:1", "did:web:a", "B", 2)}, {Raw: edition("urn:x:1", "did:web:a", "A", 1)}},
		Histories:   []HistoryRequest{{Kind: "elmo", Raw: []byte("<elmo/>")}, {Kind: "elmo", Raw: []byte("<elmo/>")}},
		Keys:        []*key.Private{private, private},
	}
	for name, broken := range map[string]Intake{
		"a credential that is none": {Credentials: []AddRequest{in.Credentials[0], {Raw: []byte(`{"a":1}`)}}},
		"a file that is no text":    {Credentials: in.Credentials, Histories: []HistoryRequest{{Kind: "elmo", Raw: []byte("\xff")}}},
		"a file without a kind":     {Credentials: in.Credentials, Histories: []HistoryRequest{{Raw: []byte("x")}}},
	} {
		generation, _ := w.State()
		if _, err := w.TakeIn(t.Context(), broken); err == nil {
			t.Error(name)
		}
		if now, _ := w.State(); now != generation || len(w.Items()) != 0 {
			t.Errorf("%s: half of it was taken in", name)
		}
	}
	before, _ := w.State()
	out, err := w.TakeIn(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	var added []bool
	for _, a := range out.Credentials {
		added = append(added, a.Added)
		if a.Item.AddedAt.IsZero() {
			t.Error("an item without its time")
		}
	}
	if !slices.Equal(added, []bool{true, true, false}) || !out.Histories[0].Added || out.Histories[1].Added || len(out.Keys) != 1 {
		t.Errorf("%+v", out)
	}
	after, _ := w.State()
	again := open(t, store)
	if after != before+1 || namesOf(again.Items()) != "B" || len(again.Histories()) != 1 || !slices.Equal(again.Keys(), out.Keys) {
		t.Errorf("%d to %d: %s, %v, %v", before, after, namesOf(again.Items()), again.Histories(), again.Keys())
	}
	if out, err = w.TakeIn(t.Context(), in); err != nil || len(out.Keys) != 0 || out.Credentials[1].Added || out.Histories[0].Added {
		t.Errorf("the same once more: %+v, %v", out, err)
	}
}

// TestManyEditions: a hostile pile of editions of one credential is put in
// order without comparing each with each.
func TestManyEditions(t *testing.T) {
	t.Parallel()
	s := &state{}
	for n := range 20_000 {
		s.items = append(s.items, Item{ID: fmt.Sprint(n), Issuer: "a", Credential: "b", ValidFrom: noon.AddDate(0, 0, n%97)})
	}
	start := time.Now()
	s.order([]event{{Op: opAdd}})
	if len(s.current()) != 1 || time.Since(start) > 5*time.Second {
		t.Errorf("%d current, after %s", len(s.current()), time.Since(start))
	}
}

// TestVerifiedByWrongClock: a verdict of a day that has not come does not keep
// those of today out, and an older one does not take the place of a newer.
func TestVerifiedByWrongClock(t *testing.T) {
	t.Parallel()
	w, _ := create(t, &MemoryStore{})
	id := add(t, w, badge("Kurs", "")).ID
	for n, step := range []struct {
		clock, said time.Time
		verdict     string
		want        string
	}{
		{noon.AddDate(70, 0, 0), noon.AddDate(70, 0, 0), "valid", "valid"},
		{noon, noon, "invalid", "invalid"},
		{noon.Add(time.Hour), noon.Add(-time.Hour), "untrusted", "invalid"},
	} {
		w.now = func() time.Time { return step.clock }
		if err := w.SetVerified(t.Context(), id, Verification{Verdict: step.verdict, At: step.said}); err != nil {
			t.Fatal(err)
		}
		for _, w := range []*Wallet{w, open(t, w.store)} {
			if i, err := w.Item(id); err != nil || i.Verified.Verdict != step.want {
				t.Errorf("step %d: %v %+v", n, err, i.Verified)
			}
		}
	}
}
