package issuer_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func suitesOf(t *testing.T, ids ...proof.ID) (out []proof.Suite) {
	t.Helper()
	for _, id := range ids {
		s, err := allSuites(t).Suite(id)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// claimed reads a form without its signature: its document, and what it says of
// its status beside that.
func claimed(t *testing.T, raw []byte) *proof.Secured {
	t.Helper()
	in, err := proof.Read(raw, strictjson.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := allSuites(t).Open(in)
	if err != nil || len(found) == 0 {
		t.Fatal(len(found), err)
	}
	return found[0]
}

// TestOneActManyForms: one id, one place, one record, and a revocation that all
// forms show.
func TestOneActManyForms(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-rdfc-2022", key.Ed25519)
	i := newIssuer(t, cfg)
	a := award()
	a.IdempotencyKey, a.Also = "enrolment-1", append(suitesOf(t, "vc+jwt", "dc+sd-jwt", "vc+cose"), sdjwt.Learning())
	issued, err := i.Issue(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	forms := issued.Forms()
	var names []proof.ID
	for _, f := range forms {
		names = append(names, f.Suite)
		s := claimed(t, f.Credential)
		if s.Suite != f.Suite && f.Suite != sdjwt.MicroCredentialForm || credential.ID(s.Document) != issued.ID {
			t.Errorf("%s: %s in %s", f.Suite, credential.ID(s.Document), s.Suite)
		}
	}
	if want := []proof.ID{"eddsa-rdfc-2022", "vc+jwt", "dc+sd-jwt", "vc+cose", sdjwt.MicroCredentialForm}; !slices.Equal(names, want) || len(issued.Slots) != 1 {
		t.Fatalf("%v, %d places", names, len(issued.Slots))
	}
	for _, f := range forms { // any of them may be printed
		if _, err := i.Printed(t.Context(), f.Credential, allSuites(t)); err != nil {
			t.Errorf("%s: %v", f.Suite, err)
		}
	}
	r, err := cfg.Ledger.Get(t.Context(), issued.ID)
	if err != nil || len(r.Others) != 4 || !bytes.Equal(r.Others[2].Credential, forms[3].Credential) {
		t.Errorf("%d others, %v", len(r.Others), err)
	}
	if records, err := recorded(t.Context(), cfg.Ledger); err != nil || len(records) != 1 {
		t.Errorf("%d records, %v", len(records), err)
	}
	again, err := i.Issue(t.Context(), a)
	if err != nil || !again.Again || again.ID != issued.ID {
		t.Fatal(err)
	}
	for n, f := range again.Forms() {
		if f.Suite != forms[n].Suite || !bytes.Equal(f.Credential, forms[n].Credential) {
			t.Errorf("%s came again with other bytes", f.Suite)
		}
	}
	for _, set := range []bool{false, true} {
		folder := publish(t, i)
		for _, f := range forms {
			got := false
			if f.Suite == "dc+sd-jwt" || f.Suite == sdjwt.MicroCredentialForm {
				entry, err := status.ParseTokenEntry(claimed(t, f.Credential).Status, "/status")
				if err != nil || entry.Index != issued.Slots[0].Index {
					t.Fatal(entry, err)
				}
				list, err := status.ReadListToken(t.Context(), folder["status/revocation-1.jwt"].Bytes, entry.ListURL, issuerID, strictjson.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				value, err := list.List.Get(entry.Index)
				if err != nil {
					t.Fatal(err)
				}
				got = value == status.TokenInvalid
			} else {
				got = slices.Contains(folder.set(t, open(t, folder.keys(t), f.Credential)), status.Revocation)
			}
			if got != set {
				t.Errorf("%s is revoked: %t", f.Suite, got)
			}
		}
		if err := i.Revoke(t.Context(), issued.ID, "w", "a"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFormsThatAreRefused(t *testing.T) {
	t.Parallel()
	cfg := config(t, "eddsa-rdfc-2022", key.Ed25519)
	i := newIssuer(t, cfg)
	for name, c := range map[string]struct {
		change func(*issuer.Award)
		code   reason.Code
	}{
		"twice":             {func(a *issuer.Award) { a.Also = suitesOf(t, "vc+jwt", "vc+jwt") }, "usage/params"},
		"the first again":   {func(a *issuer.Award) { a.Also = suitesOf(t, "eddsa-rdfc-2022") }, "usage/params"},
		"suspendable":       {func(a *issuer.Award) { a.Also, a.Suspendable = suitesOf(t, "dc+sd-jwt"), true }, "usage/suspendable"},
		"nothing kept back": {func(a *issuer.Award) { a.Also, a.Disclosable = suitesOf(t, "vc+jwt"), []string{} }, "usage/params"},
	} {
		a := award()
		c.change(&a)
		if _, err := i.Issue(t.Context(), a); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lists, err := cfg.Ledger.Lists(t.Context()); err != nil || len(lists) > 0 {
		t.Errorf("a place was taken for what was refused: %v %v", lists, err)
	}
	// What may be kept back is settled where that can be.
	a := award()
	a.IdempotencyKey, a.Also, a.Disclosable = "k", suitesOf(t, "dc+sd-jwt"), []string{"/credentialSubject/result"}
	issued, err := i.Issue(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if got := choices(t, issued.Others[0].Credential); !slices.Equal(got, a.Disclosable) {
		t.Error(got)
	}
	for name, also := range map[string][]proof.Suite{"fewer": nil, "others": suitesOf(t, "vc+jwt")} {
		b := award()
		b.IdempotencyKey, b.Also = a.IdempotencyKey, also
		if _, err := i.Issue(t.Context(), b); reason.CodeOf(err) != "conflict/idempotency-key" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
