package review

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Schema names the form of a submission.
const Schema = "bevis.review/v1"

const (
	maxSubmission = 512 << 10 // bytes; a presentation of one credential is a few thousand
	maxRef        = 601       // bytes: an id of a provider and one of an offer, as catalogue allows them
	proofLength   = 80
)

// Content is what a review says, and the proof of its author's pseudonym.
type Content struct {
	Course   string         // Offer.Ref
	Rating   int            // 1 to 5
	Text     string         // plain, at most MaxText characters; may be empty
	Language string         // of the text, BCP 47; empty with an empty text
	Day      catalogue.Date // on which it was written
	Proof    []byte         // of the author's pseudonym, for Alpha(Course)
}

// Alpha is the input of the random function whose output is the author's
// pseudonym for a course.
func Alpha(course string) []byte { return []byte(Schema + "\n" + course) }

// Challenge is what the presentation must answer: base64url of the SHA-256 of
// a domain and, each behind its length in four bytes, course, rating, text,
// language, day and proof.
func (c Content) Challenge() string {
	out := []byte(Schema + " challenge\n")
	for _, field := range []string{c.Course, strconv.Itoa(c.Rating), c.Text, c.Language, string(c.Day), string(c.Proof)} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(field)))
		out = append(out, field...)
	}
	sum := sha256.Sum256(out)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Check tells whether this can be a review, before anything is signed: errors
// are review_refused with the member. Whether it is true is for a Collector.
func (c Content) Check() error {
	if err := checkCourse(c.Course); err != nil {
		return err
	}
	if c.Rating < 1 || c.Rating > 5 {
		return refused("rating", "/rating", "a rating is a whole number from 1 to 5")
	}
	if err := checkText(c.Text); err != nil {
		return err
	}
	if (c.Text == "") != (c.Language == "") || c.Language != "" && !languageTag(c.Language) {
		return refused("language", "/language", "a text says its language, such as nb, nn or en, and no text says none")
	}
	if !c.Day.Valid() {
		return refused("day", "/day", "%.20q is no day such as 2026-08-17", c.Day)
	}
	if len(c.Proof) != proofLength {
		return refused("pseudonym", "/proof", "a proof has %d bytes, this has %d", proofLength, len(c.Proof))
	}
	return nil
}

func checkCourse(ref string) error {
	provider, id, ok := catalogue.SplitRef(ref)
	if !ok || provider == "" || id == "" || len(ref) > maxRef || strings.ContainsFunc(ref, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return refused("course", "/course", "is not the ref of an offer")
	}
	return nil
}

// languageTag takes the shape of BCP 47: a language in small letters, then
// parts behind hyphens.
func languageTag(s string) bool {
	first, rest, more := strings.Cut(s, "-")
	if len(first) < 2 || len(first) > 3 || len(s) > 35 || strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") != "" {
		return false
	}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "-")
		if part == "" || len(part) > 8 || strings.ContainsFunc(part, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		}) {
			return false
		}
	}
	return true
}

// Submission is a review as it is sent.
type Submission struct {
	Content
	Presentation []byte // as the wallet made it: a JSON object or a compact JWT
}

// ParseSubmission reads a submission strictly: every member that Challenge
// covers, and no other. Errors are review_refused, and those of strict
// reading (malformed, resource_limit).
func ParseSubmission(raw []byte) (Submission, error) {
	m, err := parseMembers(raw, Schema, "course", "rating", "text", "language", "day", "proof", "presentation")
	if err != nil {
		return Submission{}, err
	}
	var s Submission
	s.Course, s.Text, s.Language = m.text("course"), m.text("text"), m.text("language")
	s.Day, s.Proof = catalogue.Date(m.text("day")), m.bytes("proof")
	if literal, _ := m.doc.Get("rating").Literal(); len(literal) == 1 {
		s.Rating, _ = strconv.Atoi(literal) // what is no digit is 0, which Check refuses
	}
	v := m.doc.Get("presentation")
	if token, _ := v.Text(); isToken(token) {
		s.Presentation = []byte(token)
	} else if v.Kind() == strictjson.KindObject {
		s.Presentation = v.Raw()
	} else {
		return Submission{}, refused("presentation", "/presentation", "a presentation is an object or a compact JWT")
	}
	if m.err != nil {
		return Submission{}, m.err
	}
	return s, s.Check()
}

// JSON writes a submission that ParseSubmission reads. The presentation keeps
// its bytes.
func (s Submission) JSON() ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	out := appendMember([]byte("{\n"), "schema", Schema)
	out = appendMember(out, "course", s.Course)
	out = append(out, ` "rating": `+strconv.Itoa(s.Rating)+",\n"...)
	out = appendMember(out, "text", s.Text)
	out = appendMember(out, "language", s.Language)
	out = appendMember(out, "day", string(s.Day))
	out = appendMember(out, "proof", base64.RawURLEncoding.EncodeToString(s.Proof))
	out = append(out, ` "presentation": `...)
	if isToken(string(s.Presentation)) {
		out = strictjson.AppendString(out, string(s.Presentation))
	} else {
		out = append(out, s.Presentation...)
	}
	out = append(out, "\n}\n"...)
	_, err := ParseSubmission(out) // a presentation that is no JSON would break out of its member
	return out, err
}

func isToken(s string) bool { return strings.HasPrefix(s, "eyJ") }

func appendMember(out []byte, name, value string) []byte {
	out = append(strictjson.AppendString(append(out, ' '), name), ": "...)
	return append(strictjson.AppendString(out, value), ",\n"...)
}

// members reads the members of an object and remembers the first that is not
// as it should be.
type members struct {
	doc *strictjson.Value
	err error
}

func parseMembers(raw []byte, schema string, names ...string) (*members, error) {
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxSubmission})
	if err != nil {
		return nil, err
	}
	if s, _ := doc.Get("schema").Text(); s != schema {
		return nil, refused("form", "/schema", "is not %q", schema)
	}
	known := map[string]bool{"schema": true}
	for _, name := range names {
		known[name] = true
	}
	for _, member := range doc.Members() {
		if !known[member.Name] {
			return nil, refused("form", strictjson.Pointer("", member.Name), "no signature covers this member")
		}
	}
	return &members{doc: doc}, nil
}

func (m *members) text(name string) string {
	s, ok := m.doc.Get(name).Text()
	if !ok && m.err == nil {
		m.err = refused("form", "/"+name, "is missing or no text")
	}
	return s
}

func (m *members) bytes(name string) []byte {
	s := m.text(name)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if (err != nil || strings.ContainsAny(s, "\r\n")) && m.err == nil { // which the decoder skips
		m.err = refused("form", "/"+name, "is not base64url without padding")
	}
	return raw
}

func refused(fine, at, format string, args ...any) error {
	return reason.New(reason.ReviewRefused+"/"+reason.Code(fine), at, format, args...)
}
