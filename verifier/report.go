package verifier

import (
	"errors"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/elm"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/trust"
)

// Kind is what a document is.
type Kind string

// The kinds.
const (
	KindCredential   Kind = "credential"
	KindPresentation Kind = "presentation"
)

// Issuer is who a credential says it is from, and what is known of that.
type Issuer struct {
	ID           string
	ClaimedName  string // the name that the credential gives; proves nothing
	VerifiedName string // the name by the trust source, may be empty
	NameBy       string // whose word VerifiedName is, where the trust source says
	TrustedBy    string // the trust source, empty when not trusted
	// Vouchers are all who vouch for the issuer, empty when not trusted.
	Vouchers []trust.Voucher
	// Continued is who continues the issuer, by the trust source; nil: nothing is
	// known of that.
	Continued *trust.Continued
}

// Report is what was found out about one document.
type Report struct {
	Verdict  Verdict
	Reason   reason.Code // why, empty when valid without remarks
	Kind     Kind        // empty when unreadable
	Form     proof.ID    // how it is secured
	Carrier  string      // "png" or "svg" when it came in an image, else what the request says
	JudgedAt time.Time   // as of when
	Issuer   Issuer
	Holder   string // of a presentation
	Checks   []Check
	Contexts []proof.Context // editions that the signature was verified with
	Parts    []*Report       // credentials of a presentation, in order

	// Recipient says by which identifiers the credential matched the person
	// that was asked for, and how: "emailAddress (sha256, salted)".
	Recipient []string
	// Endorsements and Nested are the credentials that stand in this one, each
	// judged on its own. They never make this one better.
	Endorsements []*Report
	Nested       []*Report
	At           string     // where it stands in another, as a JSON pointer; else empty
	Endorses     *Endorsed  // of an endorsement in another credential, else nil
	Refreshed    *Refreshed // set when this is on a newer edition than was asked about

	// Disclosed and Withheld count what the holder could have kept back and
	// showed, and what is not shown; see proof.Secured.
	Disclosed, Withheld int

	claimed *credential.Credential
	proven  *credential.Credential
	raw     []byte
	badge2  *ob2.Badge
	class2  *ob2.Class
	foreign *Foreign
	// europass is set for KindEuropass.
	europass *elm.Credential
	args     []string // of the notes of its checks

	evidence evidence // for Coverage
}

// Credential returns the credential, as far as a key covered it. It is nil
// unless the verdict is Valid.
func (r *Report) Credential() *credential.Credential {
	if r.Verdict != Valid {
		return nil
	}
	return r.proven
}

// Claimed returns what the document says, whether or not any of it is true,
// nil when it could not be read. It is for showing what was refused.
func (r *Report) Claimed() *credential.Credential { return r.claimed }

// Check returns the first check of that name, zero when there is none.
func (r *Report) Check(id CheckID) Check {
	for _, c := range r.Checks {
		if c.ID == id {
			return c
		}
	}
	return Check{ID: id}
}

// Err returns nil when the verdict is Valid, and otherwise the reason as an
// error of package reason.
func (r *Report) Err() error {
	if r.Verdict == Valid {
		return nil
	}
	for _, c := range r.Checks {
		if c.Reason == r.Reason && (c.Outcome == Fail || c.Outcome == Unknown) {
			return reason.New(c.Reason, c.At, "%s", c.Detail)
		}
	}
	return reason.New(r.Reason, "", "the verdict is %s", r.Verdict)
}

func (r *Report) add(c Check) { r.Checks = append(r.Checks, c) }

// refuse records an error: Unknown when its class says that the check could
// not be made, Fail otherwise.
func (r *Report) refuse(id CheckID, err error) {
	code := reason.CodeOf(err)
	outcome := Fail
	if c := code.Class(); c == reason.Undetermined || c == reason.Interrupted || c == reason.Fault {
		outcome = Unknown
	}
	r.add(Check{ID: id, Outcome: outcome, Reason: code, At: reason.AtOf(err), Detail: detailOf(err), Said: saidOf(err)})
}

// conclude draws the verdict from the checks. It is Valid only if every check
// that is required for the kind was made and holds.
func (r *Report) conclude(expected []CheckID) {
	worst := -1
	for _, c := range r.Checks {
		if c.Outcome != Fail && c.Outcome != Unknown {
			continue
		}
		// That nobody signed it is the first thing to know: what else is wrong with
		// such a document, anybody may have written.
		severity := c.Reason.Class().Severity()
		if severity > worst || severity == worst && c.Reason == reason.NoProof {
			worst = severity
			r.Verdict, r.Reason = verdictOf(c.Reason.Class()), c.Reason
		}
	}
	if worst >= 0 {
		return
	}
	for _, id := range expected {
		if !r.holds(id) {
			r.Verdict, r.Reason = Undetermined, "internal/check-not-made"
			r.add(Check{ID: id, Outcome: Unknown, Reason: r.Reason, Detail: "a required check was not made"})
			return
		}
	}
	r.Verdict, r.Reason = Valid, ""
	for _, c := range r.Checks {
		if c.Outcome == Warn && c.Reason.Class() == reason.Warning {
			r.Reason = c.Reason
			return
		}
	}
}

func (r *Report) holds(id CheckID) bool {
	found := false
	for _, c := range r.Checks {
		if c.ID != id {
			continue
		}
		if c.Outcome != Pass && c.Outcome != NotApplicable && c.Outcome != Warn {
			return false
		}
		found = true
	}
	return found
}

// saidOf is the finding that an error is about, nil for none.
func saidOf(err error) *profile.Sentence {
	var r *profile.Refusal
	if !errors.As(err, &r) {
		return nil
	}
	return r.Finding.Said
}

// detailOf returns the cause without the place, which stands in Check.At.
func detailOf(err error) string {
	if e, ok := err.(*reason.Error); ok && e.Err != nil {
		return e.Err.Error()
	}
	return err.Error()
}

func (r *Report) drop(id CheckID) {
	r.Checks = slices.DeleteFunc(r.Checks, func(c Check) bool { return c.ID == id })
}
