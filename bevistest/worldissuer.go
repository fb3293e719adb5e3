package bevistest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/issuer"
)

// WorldIssuer is an issuer in a World. What it changes is published at once.
type WorldIssuer struct {
	w       *World
	profile openbadge.Profile
	base    string // of its files
	ledger  issuer.Ledger
	signer  key.Signer
	retired []did.Method
	keys    int
	issuer  *issuer.Issuer
}

// Issuer puts an issuer into the world: did:web of the host, which serves its
// keys, its profile and its status lists.
func (w *World) Issuer(host, name string) *WorldIssuer {
	w.t.Helper()
	i := &WorldIssuer{w: w, base: "https://" + host + "/", ledger: issuer.NewMemoryLedger(), profile: openbadge.Profile{ID: "did:web:" + host, Name: name}}
	i.newKey()
	return i
}

// newKey has the issuer sign with a new key from now on.
func (i *WorldIssuer) newKey() {
	i.w.t.Helper()
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		i.w.t.Fatal(err)
	}
	i.keys++
	i.signer = private.Signer(fmt.Sprintf("%s#key-%d", i.profile.ID, i.keys))
	i.setUp()
}

// setUp makes the issuer of the keys that there are, and publishes them.
func (i *WorldIssuer) setUp() {
	i.w.t.Helper()
	suite, err := i.w.set.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		i.w.t.Fatal(err)
	}
	i.issuer, err = issuer.New(issuer.Config{
		Profile: i.profile, Signer: i.signer, Suite: suite, Ledger: i.ledger, Now: i.w.Now, StatusBase: i.base + "status/", Methods: i.retired,
	})
	if err != nil {
		i.w.t.Fatal(err)
	}
	i.Publish()
}

// ID returns the issuer's identifier.
func (i *WorldIssuer) ID() string { return i.profile.ID }

// Signer returns the key that the issuer signs with now.
func (i *WorldIssuer) Signer() key.Signer { return i.signer }

// KeysURL returns where the document of the issuer's keys is served.
func (i *WorldIssuer) KeysURL() string { return i.base + ".well-known/did.json" }

// ListURL returns where the first status list of a purpose is served.
func (i *WorldIssuer) ListURL(purpose string) string {
	return i.base + "status/" + purpose + "-1.json"
}

// Publish signs the issuer's lists anew, and serves them with its keys.
func (i *WorldIssuer) Publish() {
	i.w.t.Helper()
	files, err := i.issuer.Publish(i.w.t.Context())
	if err != nil {
		i.w.t.Fatal(err)
	}
	for _, f := range files {
		i.w.Serve(i.base+strings.TrimPrefix(f.Path, "/"), f.Bytes)
	}
}

// Issue issues what an award says.
func (i *WorldIssuer) Issue(a issuer.Award) []byte {
	i.w.t.Helper()
	issued, err := i.issuer.Issue(i.w.t.Context(), a)
	if err != nil {
		i.w.t.Fatal(err)
	}
	return issued.Credential
}

// Badge issues a small Open Badge about a subject, which can be revoked and
// suspended.
func (i *WorldIssuer) Badge(subject string) []byte {
	i.w.t.Helper()
	return i.Issue(issuer.Award{
		Achievement: openbadge.Achievement{ID: i.base + "courses/1", Name: "Sveising", Description: "Å sveise.", Criteria: &openbadge.Criteria{Narrative: "Prøve."}},
		Recipient:   issuer.Recipient{ID: subject},
		Suspendable: true,
	})
}

// Sign secures a document with the issuer's key and any suite, also one that
// the issuer would not issue.
func (i *WorldIssuer) Sign(suite proof.ID, document []byte, p proof.Params) []byte {
	i.w.t.Helper()
	s, err := i.w.set.Suite(suite)
	if err != nil {
		i.w.t.Fatal(err)
	}
	if p.Purpose == "" {
		p.Purpose = proof.AssertionMethod
	}
	if p.Created.IsZero() {
		p.Created = i.w.Now()
	}
	signed, err := s.Sign(i.w.t.Context(), document, i.signer, p)
	if err != nil {
		i.w.t.Fatal(err)
	}
	return signed
}

// idOf returns the id of a credential that the issuer issued.
func (i *WorldIssuer) idOf(raw []byte) string {
	i.w.t.Helper()
	in, err := proof.Read(raw, i.w.Config().Limits)
	if err != nil {
		i.w.t.Fatal(err)
	}
	id, ok := in.Document.Get("id").Text()
	if !ok {
		i.w.t.Fatal("the credential has no id")
	}
	return id
}

// Revoke revokes a credential that the issuer issued.
func (i *WorldIssuer) Revoke(raw []byte, why string) {
	i.w.t.Helper()
	if err := i.issuer.Revoke(i.w.t.Context(), i.idOf(raw), why, "the world"); err != nil {
		i.w.t.Fatal(err)
	}
	i.Publish()
}

// Suspend suspends a credential that the issuer issued.
func (i *WorldIssuer) Suspend(raw []byte, why string) {
	i.w.t.Helper()
	if err := i.issuer.Suspend(i.w.t.Context(), i.idOf(raw), why, "the world"); err != nil {
		i.w.t.Fatal(err)
	}
	i.Publish()
}

// Reinstate ends the suspension of a credential.
func (i *WorldIssuer) Reinstate(raw []byte) {
	i.w.t.Helper()
	if err := i.issuer.Reinstate(i.w.t.Context(), i.idOf(raw), "", "the world"); err != nil {
		i.w.t.Fatal(err)
	}
	i.Publish()
}

// Rotate retires the issuer's key as planned and has it sign with a new one.
// The old one stays among its keys: what it has signed stays right.
func (i *WorldIssuer) Rotate() {
	i.w.t.Helper()
	i.retired = append(i.retired, did.Method{ID: i.signer.ID(), Controller: i.profile.ID, Public: i.signer.Public(), Expires: i.w.Now()})
	i.newKey()
}

// Compromise revokes the issuer's key, which somebody else may have, and has it
// sign with a new one. It returns the old one, for what a thief can do.
func (i *WorldIssuer) Compromise() key.Signer {
	i.w.t.Helper()
	stolen := i.signer
	i.retired = append(i.retired, did.Method{ID: stolen.ID(), Controller: i.profile.ID, Public: stolen.Public(), Revoked: i.w.Now()})
	i.newKey()
	return stolen
}

// CompromiseRetired revokes a key that was retired before, which somebody else
// may have. What the issuer signs with now stays.
func (i *WorldIssuer) CompromiseRetired(id string) {
	i.w.t.Helper()
	at := slices.IndexFunc(i.retired, func(m did.Method) bool { return m.ID == id })
	if at < 0 {
		i.w.t.Fatalf("no key %s was retired", id)
	}
	i.retired = slices.Clone(i.retired) // the issuer so far has the others
	i.retired[at].Revoked = i.w.Now()
	i.setUp()
}

// Keys returns the ids of all keys that the issuer has had, the present one
// first.
func (i *WorldIssuer) Keys() []string {
	ids := []string{i.signer.ID()}
	for _, m := range slices.Backward(i.retired) {
		ids = append(ids, m.ID)
	}
	return ids
}
