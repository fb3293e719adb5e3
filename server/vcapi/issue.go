package vcapi

import (
	"context"
	"crypto/rand"
	"math/big"
	"net/http"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// dataIntegrityContext defines the terms of a proof for Data Model 1.1.
const dataIntegrityContext = "https://w3id.org/security/data-integrity/v2"

// signing is an issuer with its suite.
type signing struct {
	Issuer
	suite proof.Suite
	list  string // URL of the status list, empty for none
}

// signing makes an issuer ready, with its status list.
func (a *Adapter) signing(ctx context.Context, issuer Issuer) (*signing, error) {
	suite, err := a.suites.Suite(issuer.Suite)
	if err != nil {
		return nil, err
	}
	s := &signing{Issuer: issuer, suite: suite}
	if !issuer.Status {
		return s, nil
	}
	s.list = a.cfg.Base + "/status/" + issuer.Name
	bits, err := status.NewList(status.MinEntries)
	if err != nil {
		return nil, err
	}
	draft, err := status.Draft(s.list, status.Revocation, strictjson.String(issuer.id()), bits, a.cfg.Now().UTC().Add(-time.Minute), time.Time{})
	if err != nil {
		return nil, err
	}
	list, err := draft.Build()
	if err != nil {
		return nil, err
	}
	if a.lists[s.list], err = s.sign(ctx, list.Document(), proof.Params{Created: a.cfg.Now()}); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *signing) sign(ctx context.Context, document *strictjson.Value, p proof.Params) ([]byte, error) {
	p.Purpose = proof.AssertionMethod
	return s.suite.Sign(ctx, document.AppendJSON(nil), s.Signer, p)
}

// statusList serves an issuer's list.
func (a *Adapter) statusList(w http.ResponseWriter, r *http.Request) {
	s, ok := a.issuers[r.PathValue("name")]
	if !ok || s.list == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(a.lists[s.list]) // who is gone needs no answer
}

// issue signs a credential that follows the data model, and answers with it
// once it has been verified as anybody else's: what would be refused is not
// given out.
func (a *Adapter) issue(r request) (*strictjson.Value, error) {
	s, ok := a.issuers[r.PathValue("name")]
	if !ok {
		return nil, reason.New(reason.NotFound, r.URL.Path, "there is no issuer of that name")
	}
	document, err := r.object("credential")
	if err != nil {
		return nil, err
	}
	mandatory, err := r.pointers("mandatoryPointers")
	if err != nil {
		return nil, err
	}
	if _, partial := s.suite.(proof.Discloser); partial && mandatory == nil {
		mandatory = []string{"/issuer"} // a credential without an issuer would say nothing
	}
	if document, err = s.complete(document); err != nil {
		return nil, err
	}
	c, err := credential.New(document, nil)
	if err != nil {
		return nil, err
	}
	if err := profile.Err(profile.Check(document, a.standards.Model(c))); err != nil {
		return nil, err
	}
	// What a token signs are bytes; that its terms are defined is asked for all
	// forms alike, as an issuer asks it.
	if err := dataintegrity.Lossless(r.Context(), a.suites, document); err != nil {
		return nil, err
	}
	now := a.cfg.Now()
	raw, err := s.sign(r.Context(), document, proof.Params{Created: now, Mandatory: mandatory})
	if err != nil {
		return nil, err
	}
	// Whether it is in force, and whether somebody else's list would have it
	// revoked, is not for the issuer to ask.
	report, _ := a.verifier.Verify(r.Context(), verifier.Request{Raw: raw, At: now})
	if err := (lenience{status: true, period: true, base: true}).judge(report); err != nil {
		return nil, err
	}
	return secured(raw, s.Suite)
}

// complete adds what the issuer is asked to add: a place in the status list,
// and for Data Model 1.1 the context in which the proof is written.
func (s *signing) complete(document *strictjson.Value) (*strictjson.Value, error) {
	if document.Get("proof") != nil {
		return document, nil
	}
	if contexts := document.Get("@context"); contexts.Kind() == strictjson.KindArray && len(contexts.Items()) > 0 {
		if first, _ := contexts.Items()[0].Text(); first == credential.ContextV1 && !has(contexts, dataIntegrityContext) {
			document = document.With("@context", strictjson.Array(append(contexts.Items()[:len(contexts.Items()):len(contexts.Items())], strictjson.String(dataIntegrityContext))...))
		}
	}
	if s.list == "" {
		return document, nil
	}
	index, err := rand.Int(rand.Reader, big.NewInt(status.MinEntries))
	if err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	entry := status.Entry{ID: s.list + "#" + index.String(), ListURL: s.list, Purpose: status.Revocation, Index: index.Uint64()}
	return document.With("credentialStatus", entry.Value()), nil
}

func has(list *strictjson.Value, text string) bool {
	for _, item := range list.List() {
		if s, _ := item.Text(); s == text {
			return true
		}
	}
	return false
}
