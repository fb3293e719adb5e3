package ob2

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The credential that a notary signs of what hosts answered.
const (
	ContextSnapshot = "https://kompetansebevis.github.io/bevis/snapshot/v1"
	TypeSnapshot    = "WebSnapshotCredential"
)

// Role is which document of a badge an answer is.
type Role string

// The roles.
const (
	RoleAssertion Role = "assertion"
	RoleClass     Role = "badge-class"
	RoleProfile   Role = "issuer-profile"
	RoleKey       Role = "key"
	RoleRevoked   Role = "revocation-list"
	RoleGiven     Role = "given" // nobody was asked for it: a file that was handed to the notary
)

// maxAnswers is how many documents one badge can refer to.
const maxAnswers = 6

// Answer is what an address answered, or the file that the notary was given.
type Answer struct {
	Role        Role
	Address     string // that was asked, empty for a file
	AskedAt     time.Time
	Status      int    // of HTTP, zero when not known
	ContentType string // as the host said
	TLS         string // the version of the protocol, empty when not known
	Content     []byte // byte for byte, nil where Problem says why
	Problem     string // the code of why there is no answer
}

// Snapshot is what the hosts of a badge answered on a day. It says what a
// notary saw, and nothing of whether it is true: the issuer has signed none of
// it, but for what a signed badge holds.
type Snapshot struct {
	About   string // the id of the assertion
	Answers []Answer
}

// Get returns the content of the first answer of a role, nil for none.
func (s *Snapshot) Get(role Role) []byte {
	for _, a := range s.Answers {
		if a.Role == role {
			return a.Content
		}
	}
	return nil
}

// At returns when the first answer came.
func (s *Snapshot) At() time.Time {
	for _, a := range s.Answers {
		if a.Address != "" {
			return a.AskedAt
		}
	}
	return time.Time{}
}

// Original returns the badge that was seen. Raw is the credential of the
// notary.
func (s *Snapshot) Original(raw []byte) Original {
	o := Original{Assertion: s.Get(RoleAssertion), Class: s.Get(RoleClass), Profile: s.Get(RoleProfile), Snapshot: raw}
	if given := s.Get(RoleGiven); given != nil {
		o.Assertion = given
	}
	return o
}

// Credential returns the unsigned credential of who is to sign it: a notary, as
// credentials name their issuer. Its id follows from the notary and what was
// seen.
func (s *Snapshot) Credential(notary *credential.Value, name string) (*credential.Credential, error) {
	str := strictjson.String
	seen := []string{credential.ID(notary), s.About, credential.FormatTime(s.At())}
	answers := make([]*strictjson.Value, len(s.Answers))
	for i, a := range s.Answers {
		seen = append(seen, string(a.Role), a.Address, string(a.Content))
		members := []credential.Member{{Name: "type", Value: str("WebAnswer")}, {Name: "role", Value: str(string(a.Role))}}
		add := func(name, value string) {
			if value != "" {
				members = append(members, credential.Member{Name: name, Value: str(value)})
			}
		}
		add("address", a.Address)
		members = append(members, credential.Member{Name: "askedAt", Value: str(credential.FormatTime(a.AskedAt))})
		if a.Status != 0 {
			members = append(members, credential.Member{Name: "status", Value: strictjson.Int(int64(a.Status))})
		}
		add("contentType", a.ContentType)
		add("tls", a.TLS)
		add("problem", a.Problem)
		if a.Content != nil {
			sum := sha256.Sum256(a.Content)
			add("sha256", hex.EncodeToString(sum[:]))
			add("content", base64.StdEncoding.EncodeToString(a.Content))
		}
		answers[i] = strictjson.Object(members...)
	}
	return credential.Draft{
		Contexts: []string{ContextSnapshot}, ID: "urn:uuid:" + uuidOf(seen...), Types: []string{TypeSnapshot}, Name: name, Issuer: notary, ValidFrom: s.At(),
		Subject: strictjson.Object(
			credential.Member{Name: "type", Value: str("WebSnapshot")},
			credential.Member{Name: "about", Value: str(s.About)},
			credential.Member{Name: "answer", Value: strictjson.Array(answers...)},
		),
	}.Build()
}

// IsSnapshot reports whether a document says that it is a notary's.
func IsSnapshot(v *credential.Value) bool { return credential.HasType(v, TypeSnapshot) }

// ReadSnapshot reads what a notary signed. Errors are malformed/snapshot, also
// where a content is not what its digest says, or the assertion is not the one
// that it is about.
func ReadSnapshot(c *credential.Credential, lim credential.Limits) (*Snapshot, error) {
	bad := func(at, format string, args ...any) (*Snapshot, error) {
		return nil, reason.New("malformed/snapshot", at, format, args...)
	}
	subjects := c.Subjects()
	if !IsSnapshot(c.Document()) || len(subjects) != 1 {
		return bad("/credentialSubject", "not a copy of what hosts answered")
	}
	s := &Snapshot{About: credential.Text(subjects[0].Get("about"))}
	answers := subjects[0].Get("answer").List()
	if len(answers) == 0 || len(answers) > maxAnswers {
		return bad("/credentialSubject/answer", "%d answers", len(answers))
	}
	for i, v := range answers {
		at := "/credentialSubject/answer/" + strconv.Itoa(i)
		text := func(name string) string { s, _ := v.Get(name).Text(); return s }
		a := Answer{Role: Role(text("role")), Address: text("address"), ContentType: text("contentType"), TLS: text("tls"), Problem: text("problem")}
		var err error
		if a.AskedAt, err = credential.Time(v.Get("askedAt")); err != nil {
			return bad(at+"/askedAt", "%w", err)
		}
		if n, ok := v.Get("status").Float(); ok {
			a.Status = int(n)
		}
		if slices.ContainsFunc(s.Answers, func(o Answer) bool { return o.Role == a.Role }) {
			return bad(at+"/role", "a second %.40q: which counts would rest on their order, which is not signed", a.Role)
		}
		if v.Get("content") != nil {
			if a.Content, err = base64.StdEncoding.Strict().DecodeString(text("content")); err != nil {
				return bad(at+"/content", "not base64")
			}
			if sum := sha256.Sum256(a.Content); hex.EncodeToString(sum[:]) != text("sha256") {
				return bad(at+"/sha256", "the content is not what its digest says")
			}
		} else if a.Problem == "" {
			return bad(at, "neither an answer nor why there is none")
		}
		s.Answers = append(s.Answers, a)
	}
	b, err := Read(s.Original(nil).Assertion, lim)
	if err != nil {
		return bad("/credentialSubject/answer", "the assertion: %w", err)
	}
	if b.ID != s.About {
		return bad("/credentialSubject/about", "the assertion in it is %.200q", b.ID)
	}
	return s, nil
}
