package verifier

import (
	"time"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// Verdict is what all checks add up to. The zero value is Undetermined.
type Verdict uint8

// The verdicts.
const (
	Undetermined Verdict = iota // a required check could not be made
	Valid                       // every required check was made and holds
	Invalid                     // proof wrong, tampered, malformed, revoked
	Untrusted                   // nothing wrong was found, but the issuer is not trusted
	NotInForce                  // expired, not yet valid, suspended
	Unreadable                  // the input holds no credential, or cannot be read
)

// String returns the verdict as reports and scripts use it.
func (v Verdict) String() string {
	switch v {
	case Valid:
		return "valid"
	case Invalid:
		return "invalid"
	case Untrusted:
		return "untrusted"
	case NotInForce:
		return "not-in-force"
	case Unreadable:
		return "unreadable"
	default:
		return "undetermined"
	}
}

func verdictOf(class reason.Class) Verdict {
	switch class {
	case reason.Invalid:
		return Invalid
	case reason.Untrusted:
		return Untrusted
	case reason.NotInForce:
		return NotInForce
	case reason.Unreadable:
		return Unreadable
	default:
		return Undetermined
	}
}

// Outcome is what came of one check. The zero value is NotRun.
type Outcome uint8

// The outcomes.
const (
	NotRun        Outcome = iota // it depends on a check that failed
	Pass                         // it was made and holds
	Warn                         // it holds, and something is to be known
	Fail                         // it was made and does not hold
	Unknown                      // it could not be made
	NotApplicable                // there was nothing to check
)

// String returns the outcome as reports and scripts use it.
func (o Outcome) String() string {
	switch o {
	case Pass:
		return "pass"
	case Warn:
		return "warn"
	case Fail:
		return "fail"
	case Unknown:
		return "unknown"
	case NotApplicable:
		return "not-applicable"
	default:
		return "not-run"
	}
}

// CheckID names a check. The names are stable.
type CheckID string

// The checks, in the order in which they run.
const (
	CheckReading   CheckID = "reading"         // strict reading, carrier, form
	CheckDataModel CheckID = "data-model"      // Verifiable Credentials Data Model
	CheckProfile   CheckID = "profile"         // Open Badges 3.0
	CheckTrust     CheckID = "issuer-trust"    // does the relying party trust the issuer
	CheckProof     CheckID = "proof"           // is the signature right
	CheckBinding   CheckID = "issuer-binding"  // is the key the issuer's
	CheckPeriod    CheckID = "period"          // is it in force
	CheckStatus    CheckID = "status"          // is it revoked or suspended
	CheckHolder    CheckID = "holder-binding"  // does who presents it hold it
	CheckAudience  CheckID = "audience"        // was it made for this verifier
	CheckChallenge CheckID = "challenge"       // was it made for this request
	CheckContents  CheckID = "presented"       // are the credentials in it valid
	CheckResources CheckID = "related-digests" // do named digests agree
	CheckDisplay   CheckID = "display"         // can it be shown as it stands

	CheckRecipient   CheckID = "recipient"          // is it about whom the relying party has in mind
	CheckSchema      CheckID = "credential-schema"  // does it follow the schemas that it names
	CheckNested      CheckID = "nested-credentials" // do the credentials in a record hold
	CheckEndorsement CheckID = "endorsement"        // do the endorsements hold, and of what are they
	CheckRefresh     CheckID = "refresh"            // does its issuer have a newer one
)

// Check is one check that was made, or why it was not.
type Check struct {
	ID      CheckID
	Outcome Outcome
	Reason  reason.Code // why, when the outcome is Warn, Fail or Unknown
	At      string      // JSON pointer or URL, may be empty
	Note    Note        // what it found, empty where Reason alone says it
	Args    []string    // what stands in the text of Note; never personal values
	Detail  string      // for people, in English: Note and Args, or what Reason is about
	AsOf    time.Time   // how old the information is, zero: of this moment
	// Said is the finding of a rule that Detail has in English, so that it can be said in
	// any language as Note can. Nil: no rule said it.
	Said *profile.Sentence
}
