package issuer_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// TestKeyExpires: the document tells when the key retires, and from then on it
// signs nothing and takes no place in a list.
func TestKeyExpires(t *testing.T) {
	t.Parallel()
	now := noon
	cfg := config(t, dataintegrity.EdDSARDFC2022, key.Ed25519)
	cfg.Now, cfg.KeyExpires = func() time.Time { return now }, noon.Add(time.Hour)
	i := newIssuer(t, cfg)
	issued, err := i.Issue(t.Context(), award())
	if err != nil {
		t.Fatal(err)
	}
	files, err := i.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := did.ParseDocument(files[0].Bytes, issuerID)
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := doc.Method(cfg.Signer.ID()); !ok || !m.Expires.Equal(cfg.KeyExpires) {
		t.Errorf("%+v", m)
	}
	now = cfg.KeyExpires
	if _, err := i.Issue(t.Context(), award()); reason.CodeOf(err) != "conflict/key-retired" {
		t.Error(err)
	}
	if _, err := i.Publish(t.Context()); reason.CodeOf(err) != "conflict/key-retired" {
		t.Error(err)
	}
	lists, err := cfg.Ledger.Lists(t.Context())
	if err != nil || lists[0].Used != 1 {
		t.Errorf("%+v %v", lists, err)
	}
	// To revoke takes no key.
	if err := i.Revoke(t.Context(), issued.ID, "mistake", "kari"); err != nil {
		t.Error(err)
	}
	// Who signed it is in the books.
	err = cfg.Ledger.(issuer.KeyUse).SignedBy(t.Context(), cfg.Signer.ID(), func(r issuer.Record) error {
		if r.ID != issued.ID || !bytes.Contains(r.Credential, []byte(cfg.Signer.ID())) {
			t.Errorf("%+v", r)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
