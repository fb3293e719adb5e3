package issuer_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func choices(t *testing.T, token []byte) []string {
	t.Helper()
	found, err := sdjwt.DC().(proof.Discloser).Choices(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range found {
		out = append(out, c.Pointer)
	}
	slices.Sort(out)
	return out
}

// TestSDJWT issues a badge of which parts can be kept back, beside others by
// the same issuer, revokes it, and reads that from the list it points at.
func TestSDJWT(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, "eddsa-jcs-2022", key.Ed25519))
	a := award()
	a.Suite = sdjwt.DC()
	a.IdempotencyKey = "enrolment-1"
	a.Evidence = append(a.Evidence, openbadge.Evidence{ID: "https://kurs.example/e/2", Name: "Prosjekt"})
	issued, err := i.Issue(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/credentialSubject/creditsEarned", "/credentialSubject/identifier", "/credentialSubject/identifier/0", "/credentialSubject/identifier/1",
		"/credentialSubject/narrative", "/credentialSubject/result", "/evidence", "/evidence/0", "/evidence/1"}
	if got := choices(t, issued.Credential); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if again, err := i.Issue(t.Context(), a); err != nil || !again.Again || string(again.Credential) != string(issued.Credential) {
		t.Errorf("%v", err)
	}
	a.Suite = nil
	if _, err := i.Issue(t.Context(), a); reason.CodeOf(err) != "conflict/idempotency-key" {
		t.Errorf("the same award in another form: %v", err)
	}

	bare, err := sdjwt.DC().(proof.Discloser).Disclose(t.Context(), issued.Credential, proof.Disclosure{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := proof.Read(bare, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	secured, err := sdjwt.DC().Open(in)
	if err != nil {
		t.Fatal(err)
	}
	if text := string(secured[0].Document.AppendJSON(nil)); strings.Contains(text, "Kari") || strings.Contains(text, `"evidence"`) || strings.Contains(text, "credentialStatus") || !strings.Contains(text, "maskinlæring") {
		t.Error(text)
	}
	entry, err := status.ParseTokenEntry(secured[0].Status, "/status")
	if err != nil || entry.Index != issued.Slots[0].Index {
		t.Fatal(entry, err)
	}
	for _, want := range []uint8{status.TokenValid, status.TokenInvalid} {
		folder := publish(t, i)
		f := folder["status/revocation-1.jwt"]
		list, err := status.ReadListToken(t.Context(), f.Bytes, entry.ListURL, issuerID, strictjson.Limits{})
		if err != nil || f.URL != entry.ListURL || f.MediaType != "application/statuslist+jwt" {
			t.Fatal(f.URL, f.MediaType, err)
		}
		k, err := folder.keys(t).Key(t.Context(), list.Method, proof.AssertionMethod)
		if err != nil || list.Verify(k.Public) != nil {
			t.Error("the list does not hold")
		}
		if got, err := list.List.Get(entry.Index); err != nil || got != want {
			t.Errorf("%d, want %d, %v", got, want, err)
		}
		if err := i.Revoke(t.Context(), issued.ID, "w", "a"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSuspendedToken: a token has one place, whose list says both whether it is
// revoked and whether it is suspended, and that it is revoked goes before.
func TestSuspendedToken(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, "eddsa-jcs-2022", key.Ed25519))
	ctx := t.Context()
	a := award()
	a.Suite, a.Suspendable = sdjwt.DC(), true
	issued, err := i.Issue(ctx, a)
	if err != nil || len(issued.Slots) != 1 || issued.Slots[0].Purpose != issuer.PurposeToken {
		t.Fatal(issued, err)
	}
	secured, err := sdjwt.DC().Open(&proof.Input{Raw: issued.Credential, Compact: string(issued.Credential)})
	if err != nil {
		t.Fatal(err)
	}
	entry, err := status.ParseTokenEntry(secured[0].Status, "/status")
	if err != nil || entry.Index != issued.Slots[0].Index || entry.ListURL != statusBase+"token-1.jwt" {
		t.Fatal(entry, err)
	}
	id := issued.ID
	for _, step := range []struct {
		name string
		do   func() error
		want uint8
		set  []string
		code reason.Code
	}{
		{"new", func() error { return nil }, status.TokenValid, nil, ""},
		{"suspended", func() error { return i.Suspend(ctx, id, "w", "a") }, status.TokenSuspended, []string{"suspension"}, ""},
		{"reinstated", func() error { return i.Reinstate(ctx, id, "w", "a") }, status.TokenValid, nil, ""},
		{"revoked", func() error { return i.Revoke(ctx, id, "w", "a") }, status.TokenInvalid, []string{"revocation"}, ""},
		{"suspended too", func() error { return i.Suspend(ctx, id, "w", "a") }, status.TokenInvalid, []string{"revocation", "suspension"}, ""},
		{"not to be had back", func() error { return i.Reinstate(ctx, id, "w", "a") }, status.TokenInvalid, []string{"revocation", "suspension"}, "conflict/revoked"},
		{"nothing to say", func() error { return i.Say(ctx, id, 1, "w", "a") }, status.TokenInvalid, []string{"revocation", "suspension"}, "not_found/status-entry"},
	} {
		if err := step.do(); reason.CodeOf(err) != step.code {
			t.Errorf("%s: %v", step.name, err)
		}
		folder := publish(t, i)
		list, err := status.ReadListToken(ctx, folder["status/token-1.jwt"].Bytes, entry.ListURL, issuerID, strictjson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := list.List.Get(entry.Index)
		set, statusErr := i.Status(ctx, id)
		if err != nil || got != step.want || statusErr != nil || !slices.Equal(set, step.set) {
			t.Errorf("%s: %d and %v, %v %v", step.name, got, set, err, statusErr)
		}
	}
	if _, ok := publish(t, i)["status/token-1.json"]; ok {
		t.Error("a list of tokens is published as a credential")
	}
}

func TestDisclosable(t *testing.T) {
	t.Parallel()
	i := newIssuer(t, config(t, "eddsa-jcs-2022", key.P256))
	with := func(change func(*issuer.Award)) error {
		a := award()
		a.Suite = sdjwt.DC()
		change(&a)
		issued, err := i.Issue(t.Context(), a)
		if err == nil && !slices.Equal(choices(t, issued.Credential), a.Disclosable) {
			t.Errorf("%v can be kept back, not %v", choices(t, issued.Credential), a.Disclosable)
		}
		return err
	}
	for name, c := range map[string]struct {
		change func(*issuer.Award)
		code   reason.Code
	}{
		"chosen":               {func(a *issuer.Award) { a.Disclosable = []string{"/credentialSubject/id", "/name"} }, ""},
		"nothing":              {func(a *issuer.Award) { a.Disclosable = []string{} }, ""},
		"nowhere":              {func(a *issuer.Award) { a.Disclosable = []string{"/x"} }, "disclosure_invalid/pointer"},
		"what must be seen":    {func(a *issuer.Award) { a.Disclosable = []string{"/issuer"} }, "usage/params"},
		"in a form that can't": {func(a *issuer.Award) { a.Suite, a.Disclosable = nil, []string{"/name"} }, "usage/params"},
		"with messages":        {func(a *issuer.Award) { a.Messages = true }, "usage/messages"},
	} {
		if err := with(c.change); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What leads nowhere is found before a place is taken.
	mem := config(t, "eddsa-jcs-2022", key.P256)
	counted := &reservations{Ledger: mem.Ledger}
	mem.Suite, mem.ListSuite, mem.Ledger = sdjwt.DC(), mem.Suite, counted
	a := award()
	a.Disclosable = []string{"/x"}
	if _, err := newIssuer(t, mem).Issue(t.Context(), a); reason.CodeOf(err) != "disclosure_invalid/pointer" || counted.n != 0 {
		t.Errorf("%d places were taken, %v", counted.n, err)
	}
	cfg := config(t, "dc+sd-jwt", key.P256)
	if _, err := issuer.New(cfg); reason.CodeOf(err) != reason.Usage || !strings.Contains(err.Error(), "ListSuite") {
		t.Error(err)
	}
}

// reservations counts how often places are taken.
type reservations struct {
	issuer.Ledger
	n int
}

func (r *reservations) Reserve(ctx context.Context, res issuer.Reservation) ([]issuer.Slot, error) {
	r.n++
	return r.Ledger.Reserve(ctx, res)
}
