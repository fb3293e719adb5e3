// Package verifier gives a verdict on a credential or a presentation, with
// reasons, without asking anybody unless told how.
//
// What a relying party trusts and where it may look things up is fixed in
// [Config]; what it expects of one document is in [Request]. [New] refuses a
// configuration with a gap: no check is off by being left out. What may be nil
// only finds out more; a check that would need it is then reported as not made,
// and where the document or the request requires it, the verdict is
// [Undetermined].
//
//	v, err := verifier.New(verifier.Config{
//		Suites:   set,                              // credential/proof/suites
//		Resolver: did.Mux{"key": did.Key{}},        // credential/did
//		Trust:    trust.Pins("did:key:z6Mk…"),      // package trust
//		Status:   verifier.NoStatus{},              // or a fetcher
//		Now:      time.Now,
//	})
//	report, err := v.Verify(ctx, verifier.Request{Raw: file})
//
// A report comes in every case, and err is nil exactly when the verdict is
// [Valid]. The five other verdicts are never merged: forged, not checkable,
// not trusted, not in force and not readable call for different next steps.
//
// The checks run in this order: reading, data model, trust, proof, binding of
// the key to the issuer, period, status, whom it is about, schemas, what stands
// in it, holder. Trust is decided before
// anything is fetched, and nothing is fetched in the name of an issuer that is
// not trusted. A check that does not need the outcome of a failed one still
// runs; one that does stays [NotRun], and is never reported as passed.
//
// The signature of a proof and the binding of its key to the issuer are two
// checks: anyone can make a sound signature.
package verifier
