package opinion

import (
	"net/url"
	"slices"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// dcc follows verifyCredential of Verify.ts and getCredentialStatusChecker of
// credentialStatus.ts. Its answer is a log of steps, or an error that ends it.
func (b *bench) dcc() {
	trust := b.report.Check(verifier.CheckTrust)
	if trust.Outcome != verifier.Pass {
		b.differs(TrustAside, Accepts, trust)
	} else {
		b.rule(TrustAside)
	}
	proofCheck := b.worst(verifier.CheckProof)
	if len(b.secured) > 0 && b.secured[0].Input != nil && b.secured[0].Input.Document == nil {
		b.differs(JSONOnly, Refuses, proofCheck)
		b.decide(Refuses, "no_proof")
		return
	}
	if !slices.ContainsFunc(b.document.Get("@context").List(), func(v *credential.Value) bool {
		s, _ := v.Text()
		return s == credential.ContextV1 || s == credential.ContextV2
	}) {
		b.decide(Refuses, "no_vc_context")
		return
	}
	if id, err := url.Parse(credential.ID(b.document)); err != nil || id.Scheme == "" {
		b.differs(NeedsID, Refuses, b.report.Check(verifier.CheckDataModel))
		b.decide(Refuses, "invalid_credential_id")
		return
	}
	if len(b.secured) == 0 && proofCheck.Reason != reason.NoProof {
		b.decide(CannotTell, "") // there is one that we do not read
		return
	}
	if len(b.secured) == 0 {
		b.rule(NeedsProof)
		b.decide(Refuses, "no_proof")
		return
	}
	b.dccProof(proofCheck)
	if b.decided {
		return
	}
	known := b.dccStatus()
	if b.decided {
		return
	}
	b.rule(ExpiryAside)
	says := "valid_signature: true, expiration: true"
	if b.expired() {
		b.differs(ExpiryAside, Accepts, b.worst(verifier.CheckPeriod))
		says = "valid_signature: true, expiration: false"
	}
	if b.early() || !known {
		b.decide(CannotTell, "")
	}
	b.decide(Accepts, says)
}

// dccProof checks the proofs of two suites. Whatever hinders it, other than the
// network, comes out as a signature that is not valid.
func (b *bench) dccProof(own verifier.Check) {
	b.rule(Suites)
	readable := 0
	for _, s := range b.secured {
		if s.Suite == "Ed25519Signature2020" || s.Suite == "eddsa-rdfc-2022" {
			readable++
		}
	}
	switch b.signature() {
	case Refuses:
		if own.Reason.Coarse() == string(reason.UnsignedData) {
			b.decide(Refuses, "jsonld.ValidationError")
		}
		b.decide(Refuses, "invalid_signature")
		return
	case Accepts:
		if readable == 0 {
			b.differs(Suites, Refuses, own)
			b.decide(Refuses, "invalid_signature")
			return
		}
		if binding := b.worst(verifier.CheckBinding); binding.Outcome != verifier.Pass {
			// Its key is looked up under an address that is no document of keys.
			b.differs(UnknownSuite, Refuses, binding)
			b.decide(Refuses, "invalid_signature")
		}
		return
	}
	switch {
	case readable == 0:
		b.differs(UnknownSuite, Refuses, own)
		b.decide(Refuses, "invalid_signature")
	case own.Reason.Coarse() == string(reason.UnsafeContext): // it fetches contexts
		b.decide(CannotTell, "")
	default:
		b.decide(CannotTell, "")
	}
}

// dccStatus looks at the first entry alone, and at one kind of it.
func (b *bench) dccStatus() bool {
	entries := statusEntries(b.document)
	if len(entries) == 0 {
		return true
	}
	checks := b.all(verifier.CheckStatus)
	own := verifier.Check{}
	if len(checks) > 0 {
		own = checks[0]
	}
	if len(entries) > 1 {
		b.rule(FirstStatus)
		for _, later := range checks[min(1, len(checks)):] {
			if later.Outcome == verifier.Fail || later.Outcome == verifier.Unknown {
				b.differs(FirstStatus, Accepts, later)
			}
		}
	}
	switch typeOf(entries[0]) {
	case "BitstringStatusListEntry":
		switch {
		case own.Reason == "status_invalid/list-issuer":
			b.differs(ListIssuer, CannotTell, own)
			return false
		case own.Reason == reason.Revoked || own.Reason == reason.Suspended:
			b.decide(Refuses, "valid_signature: true, revocation_status: false")
		case own.Outcome != verifier.Pass:
			return false
		}
		return true
	case "StatusList2021Entry", "1EdTechRevocationList":
		b.rule(StatusTypes)
		if own.Outcome != verifier.Pass {
			b.differs(StatusTypes, Accepts, own)
		}
		return true
	}
	return false
}
