package gather

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/internal/form"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	submissionType = "bevis-contribution-sent/1"
	withdrawalType = "bevis-contribution-withdrawn/1"

	maxSubmission = 2 << 20 // bytes; a presentation of one credential is a few thousand
	proofLength   = 80
)

// Alpha is the input of the random function whose output is a person's
// pseudonym for a call: another desk, purpose or period has another one.
func Alpha(c *stats.Call) []byte {
	return []byte(strings.Join([]string{submissionType, c.About.By, c.Purpose, string(c.About.Period.From), string(c.About.Period.To)}, "\n"))
}

// Submission is a contribution as it is sent.
type Submission struct {
	Call         string // Digest of what it answers
	Made         time.Time
	Contribution []byte // as its MarshalJSON writes it
	Proof        []byte // of the pseudonym, for Alpha
	Presentation []byte // as the wallet made it: a JSON object or a compact JWT
}

// Challenge is what the presentation must answer: base64url of the SHA-256 of
// a domain and, each behind its length in four bytes, call, time, contribution
// and proof.
func (s Submission) Challenge() string {
	out := []byte(submissionType + " challenge\n")
	for _, field := range [][]byte{[]byte(s.Call), []byte(stamp(s.Made)), s.Contribution, s.Proof} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(field)))
		out = append(out, field...)
	}
	sum := sha256.Sum256(out)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ParseSubmission reads a submission strictly. Errors are contribution_refused
// and those of reading JSON. Whether it is true is for a Desk.
func ParseSubmission(raw []byte) (Submission, error) {
	v, r, err := open(raw, submissionType, "call", "made", "contribution", "proof", "presentation")
	if err != nil {
		return Submission{}, err
	}
	s := Submission{Call: r.Text(v, "", "call"), Made: r.moment(v), Proof: r.proof(v, "proof")}
	if given := v.Get("contribution"); given.Kind() == strictjson.KindObject {
		s.Contribution = given.Raw()
	} else {
		r.Fail("/contribution", "is missing or no object")
	}
	shown := v.Get("presentation")
	if token, _ := shown.Text(); isToken(token) {
		s.Presentation = []byte(token)
	} else if shown.Kind() == strictjson.KindObject {
		s.Presentation = shown.Raw()
	} else {
		r.Fail("/presentation", "is neither an object nor a compact JWT")
	}
	if r.Err() != nil {
		return Submission{}, r.Err()
	}
	return s, nil
}

// JSON writes a submission that ParseSubmission reads. Contribution and
// presentation keep their bytes.
func (s Submission) JSON() ([]byte, error) {
	out := []byte("{\n")
	for _, m := range [][2]string{{"type", submissionType}, {"call", s.Call}, {"made", stamp(s.Made)}, {"proof", encode(s.Proof)}} {
		out = append(strictjson.AppendString(append(out, ' '), m[0]), ": "...)
		out = append(strictjson.AppendString(out, m[1]), ",\n"...)
	}
	out = append(append(out, ` "contribution": `...), s.Contribution...)
	out = append(out, ",\n \"presentation\": "...)
	if isToken(string(s.Presentation)) {
		out = strictjson.AppendString(out, string(s.Presentation))
	} else {
		out = append(out, s.Presentation...)
	}
	out = append(out, "\n}\n"...)
	_, err := ParseSubmission(out) // parts that are no JSON would break out of their members
	return out, err
}

// Withdrawal takes a contribution out before the release. It needs no
// credential: two proofs by the key, of the pseudonym and of the wish.
type Withdrawal struct {
	Call   string // Digest
	Made   time.Time
	Holder string // the did:key that the submission's credential was about
	Proof  []byte // for Alpha: whose contribution
	Wish   []byte // for WishAlpha: that it shall go
}

// WishAlpha is the input for w.Wish, from w.Call and w.Made. A proof of a
// random output is one that only the key can make, so it is a signature over
// its input.
func (w Withdrawal) WishAlpha() []byte {
	return []byte(withdrawalType + "\n" + w.Call + "\n" + stamp(w.Made))
}

// ParseWithdrawal reads a withdrawal strictly. Errors are as those of
// ParseSubmission.
func ParseWithdrawal(raw []byte) (Withdrawal, error) {
	v, r, err := open(raw, withdrawalType, "call", "made", "holder", "proof", "wish")
	if err != nil {
		return Withdrawal{}, err
	}
	w := Withdrawal{Call: r.Text(v, "", "call"), Made: r.moment(v), Holder: r.Text(v, "", "holder"), Proof: r.proof(v, "proof"), Wish: r.proof(v, "wish")}
	if r.Err() != nil {
		return Withdrawal{}, r.Err()
	}
	return w, nil
}

// JSON writes a withdrawal that ParseWithdrawal reads.
func (w Withdrawal) JSON() ([]byte, error) {
	out := append(form.Bytes(form.Member("type", strictjson.String(withdrawalType)), form.Member("call", strictjson.String(w.Call)),
		form.Member("made", strictjson.String(stamp(w.Made))), form.Member("holder", strictjson.String(w.Holder)),
		form.Member("proof", strictjson.String(encode(w.Proof))), form.Member("wish", strictjson.String(encode(w.Wish)))), '\n')
	_, err := ParseWithdrawal(out)
	return out, err
}

func isToken(s string) bool { return strings.HasPrefix(s, "eyJ") }

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

type reader struct{ form.Reader }

// open reads an object of a type with these members beside it and no other:
// nothing that is not covered by the proofs gets in.
func open(raw []byte, typ string, names ...string) (*strictjson.Value, *reader, error) {
	v, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxSubmission})
	if err != nil {
		return nil, nil, err
	}
	r := &reader{form.Reader{Code: reason.ContributionRefused + "/form"}}
	if got, _ := v.Get("type").Text(); got != typ {
		r.Fail("/type", "is not %q", typ)
	}
	r.Members(v, "", append(names, "type")...)
	return v, r, r.Err()
}

// moment is a time in its one spelling, in whole seconds.
func (r *reader) moment(v *strictjson.Value) time.Time {
	t := r.Time(v, "", "made")
	if s, _ := v.Get("made").Text(); stamp(t) != s {
		r.Fail("/made", "is no time such as 2026-07-01T00:00:00Z")
	}
	return t
}

func (r *reader) proof(v *strictjson.Value, name string) []byte {
	s := r.Text(v, "", name)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != proofLength || strings.ContainsAny(s, "\r\n") { // which the decoder passes over
		r.Fail("/"+name, "is not %d bytes in base64url", proofLength)
	}
	return raw
}

func refused(fine reason.Code, at, format string, args ...any) error {
	return reason.New(reason.ContributionRefused+"/"+fine, at, format, args...)
}
