package review

import (
	"encoding/base64"

	"github.com/kompetansebevis/bevis/catalogue"
)

const withdrawalSchema = "bevis.review-withdrawal/v1"

// Withdrawal takes a review back. It needs no credential, so that a review
// can be taken back when the credential has ended or its issuer is gone: two
// proofs by the author's key, of the pseudonym and of the wish.
type Withdrawal struct {
	Course string
	Day    catalogue.Date
	Holder string // the did:key that the review's credential was about
	Proof  []byte // for Alpha(Course): which review
	Wish   []byte // for WishAlpha: that it shall go
}

// WishAlpha is the input for w.Wish, for the operator whose Config.Audience
// it is, from w.Course and w.Day. A proof of a random output is one that only
// the key can make, so it is a signature over its input.
func (w Withdrawal) WishAlpha(operator string) []byte {
	return []byte(withdrawalSchema + "\n" + operator + "\n" + w.Course + "\n" + string(w.Day))
}

// ParseWithdrawal reads a withdrawal strictly. Errors are as those of
// ParseSubmission.
func ParseWithdrawal(raw []byte) (Withdrawal, error) {
	m, err := parseMembers(raw, withdrawalSchema, "course", "day", "holder", "proof", "wish")
	if err != nil {
		return Withdrawal{}, err
	}
	w := Withdrawal{m.text("course"), catalogue.Date(m.text("day")), m.text("holder"), m.bytes("proof"), m.bytes("wish")}
	if m.err != nil {
		return Withdrawal{}, m.err
	}
	return w, w.check()
}

func (w Withdrawal) check() error {
	if err := checkCourse(w.Course); err != nil {
		return err
	}
	if !w.Day.Valid() {
		return refused("day", "/day", "%.20q is no day such as 2026-08-17", w.Day)
	}
	return nil
}

// JSON writes a withdrawal that ParseWithdrawal reads.
func (w Withdrawal) JSON() ([]byte, error) {
	if err := w.check(); err != nil {
		return nil, err
	}
	out := appendMember([]byte("{\n"), "schema", withdrawalSchema)
	out = appendMember(out, "course", w.Course)
	out = appendMember(out, "day", string(w.Day))
	out = appendMember(out, "holder", w.Holder)
	out = appendMember(out, "proof", base64.RawURLEncoding.EncodeToString(w.Proof))
	out = appendMember(out, "wish", base64.RawURLEncoding.EncodeToString(w.Wish))
	return append(out[:len(out)-2], "\n}\n"...), nil
}
