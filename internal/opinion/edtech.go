package opinion

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
)

// edTech follows the probes of the validator's OB30Inspector from the proof on:
// EmbeddedProofProbe or ExternalProofProbe, RevocationListProbe,
// ExpirationProbe, IssuanceProbe. What its schema probes say is not known here.
func (b *bench) edTech() {
	if trust := b.report.Check(verifier.CheckTrust); trust.Outcome != verifier.Pass {
		b.differs(NoTrust, Accepts, trust)
	} else {
		b.rule(NoTrust)
	}
	known := true // whether all that is looked at is known here
	if t := b.token(); t != nil || len(b.secured) > 0 && b.secured[0].Input != nil && b.secured[0].Input.Document == nil {
		known = b.edTechToken()
	} else {
		known = b.edTechEmbedded()
	}
	if !b.decided {
		known = b.edTechStatus() && known
	}
	if !b.decided {
		b.rule(Expiry)
		switch {
		case b.expired():
			b.decide(Refuses, "FATAL: The credential has expired")
		case b.early():
			b.decide(Refuses, "FATAL: The credential is not yet issued or valid")
		case known:
			b.decide(Accepts, "VALID")
		default:
			b.decide(CannotTell, "")
		}
	}
}

// edTechEmbedded checks the first proof that it knows, with the key in its
// fragment if there is one. That what stands before the fragment is the
// issuer's id is all that ties the key to it.
func (b *bench) edTechEmbedded() bool {
	suites := []string{"eddsa-2022", "eddsa-rdfc-2022", "ecdsa-sd-2023", "Ed25519Signature2020"}
	if len(b.secured) == 0 && b.worst(verifier.CheckProof).Reason != reason.NoProof {
		return false // there is one that we do not read
	}
	if len(b.secured) == 0 {
		b.rule(NeedsProof)
		b.decide(Refuses, "ERROR: The verifiable credential is missing a proof.")
		return true
	}
	chosen := -1
	for i, s := range b.secured {
		if slices.Contains(suites, string(s.Suite)) && s.Purpose == "assertionMethod" {
			chosen = i
			break
		}
	}
	proofCheck := b.worst(verifier.CheckProof)
	if chosen < 0 {
		b.rule(Suites)
		if proofCheck.Outcome == verifier.Pass {
			b.differs(Suites, Refuses, proofCheck)
		}
		b.decide(Refuses, "ERROR: No proof with type any of (…) found")
		return true
	}
	if len(b.secured) > 1 {
		b.rule(OneProof)
		if proofCheck.Outcome != verifier.Pass {
			b.differs(OneProof, CannotTell, proofCheck)
		}
	}
	base, fragment, _ := strings.Cut(b.secured[chosen].Method, "#")
	if _, err := key.ParseMultikey(fragment); err == nil && base != "" {
		b.rule(KeyInFragment)
		if base != b.report.Issuer.ID {
			b.decide(Refuses, "ERROR: Key controller does not match issuer")
			return true
		}
		if binding := b.worst(verifier.CheckBinding); b.signature() == Accepts && binding.Outcome != verifier.Pass {
			b.differs(KeyInFragment, Accepts, binding)
		}
	}
	switch b.signature() {
	case Refuses:
		b.decide(Refuses, "ERROR: Embedded proof verification failed.")
	case CannotTell:
		return false
	}
	return len(b.secured) == 1
}

// edTechToken checks a token with the key that it brings, or that lies where
// its kid points; whose that key is, it does not ask.
func (b *bench) edTechToken() bool {
	t := b.token()
	if t == nil {
		return false
	}
	b.rule(Algorithms)
	proofCheck := b.worst(verifier.CheckProof)
	if t.Alg != "RS256" && t.Alg != "ES256" {
		if proofCheck.Outcome == verifier.Pass {
			b.differs(Algorithms, Refuses, proofCheck)
		}
		b.decide(Refuses, "FATAL: alg must be present and must be either 'RS256' or 'ES256'")
		return true
	}
	switch {
	case t.KeyID == "" && t.JWK == nil:
		b.decide(Refuses, "FATAL: Key must present in either jwk or kid value.")
		return true
	case t.KeyID == "":
		b.rule(KeyInHeader)
		own := ownKey(t)
		if own == Refuses {
			b.decide(Refuses, "FATAL: JWT Invalid signature")
		}
		if own == Accepts && proofCheck.Outcome != verifier.Pass {
			b.differs(KeyInHeader, Accepts, proofCheck)
		}
		return own != CannotTell
	}
	b.rule(NoKeyOwner)
	if proofCheck.Reason == reason.IssuerMismatch || b.worst(verifier.CheckBinding).Reason == reason.IssuerMismatch {
		b.differs(NoKeyOwner, CannotTell, verifier.Check{Outcome: verifier.Fail, Reason: reason.IssuerMismatch})
		return false
	}
	if b.signature() == Refuses {
		b.decide(Refuses, "FATAL: JWT Invalid signature")
	}
	return b.signature() != CannotTell
}

// edTechStatus reads the entries one by one, and stops at the first of a kind
// that it answers for.
func (b *bench) edTechStatus() bool {
	entries := statusEntries(b.document)
	if len(entries) == 0 {
		return true
	}
	checks := b.all(verifier.CheckStatus)
	for i, entry := range entries {
		own := verifier.Check{}
		if i < len(checks) {
			own = checks[i]
		}
		purpose, _ := entry.Get("statusPurpose").Text()
		switch kind := typeOf(entry); {
		case kind == "1EdTechRevocationList":
			b.rule(ListLost)
			switch {
			case own.Reason == reason.Revoked:
				b.decide(Refuses, "FATAL: Credential has been revoked")
				return true
			case own.Outcome == verifier.Unknown:
				b.differs(ListLost, Accepts, own) // a warning at the most
			}
		case kind == "BitstringStatusListEntry" && purpose == "revocation":
			switch own.Outcome {
			case verifier.Pass:
			case verifier.Fail:
				if own.Reason == reason.Revoked {
					b.decide(Refuses, "FATAL: Credential has been revoked")
					return true
				}
				return false
			default:
				return false
			}
			if i+1 < len(entries) {
				b.rule(FirstStatus)
				if later := b.worst(verifier.CheckStatus); later.Outcome == verifier.Fail || later.Outcome == verifier.Unknown {
					b.differs(FirstStatus, Accepts, later)
				}
			}
			return true
		case kind == "BitstringStatusListEntry":
			b.rule(NoSuspension)
			if own.Outcome == verifier.Fail || own.Outcome == verifier.Unknown {
				b.differs(NoSuspension, Accepts, own)
			}
		default:
			b.rule(StatusTypes)
			if own.Outcome == verifier.Fail || own.Outcome == verifier.Unknown {
				b.differs(StatusTypes, Accepts, own)
			}
		}
	}
	return true
}
