package ob2

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/jcs"
	"github.com/kompetansebevis/bevis/internal/jws"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The contexts by which an assertion is known.
const (
	Context   = "https://w3id.org/openbadges/v2"
	contextV1 = "https://w3id.org/openbadges/v1"
)

// Badge is an assertion as it came: somebody was awarded a badge class.
// Nothing in it has been checked but its form.
type Badge struct {
	ID        string // of a hosted one the address where it must be found
	Signed    bool   // it came as a JWS; else it is hosted
	Creator   string // id of the key, by a signed one; may be empty
	ClassID   string
	Class     *Class // when it stands in the assertion, else nil
	Recipient openbadge.IdentityObject
	IssuedOn  time.Time
	Expires   time.Time // zero: without an end
	Evidence  []string  // addresses or names of what it rests on

	document *strictjson.Value
	token    *jws.Token
}

// Document returns the assertion as JSON.
func (b *Badge) Document() *credential.Value { return b.document }

// Is reports whether a document claims to be an assertion of Open Badges 2.0.
func Is(v *credential.Value) bool {
	return hasText(v.Get("@context"), Context) && credential.HasType(v, "Assertion")
}

// IsVersion1 reports whether a document looks like an assertion of Open Badges
// 1.x, of which the first had no context.
func IsVersion1(v *credential.Value) bool {
	return hasText(v.Get("@context"), contextV1) || v.Get("uid") != nil && v.Get("recipient") != nil && v.Get("badge") != nil && v.Get("verify") != nil
}

// MayBeToken reports, at little cost, whether a compact JWS may be a signed
// badge: Read says whether it is.
func MayBeToken(compact string) bool {
	parts := strings.Split(compact, ".")
	if len(parts) != 3 {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return err == nil && bytes.Contains(payload, []byte(Context))
}

func hasText(v *strictjson.Value, want string) bool {
	for _, item := range v.List() {
		if s, ok := item.Text(); ok && s == want {
			return true
		}
	}
	return false
}

// Link returns the address, when raw is that of an assertion and nothing else,
// as pictures may carry it.
func Link(raw []byte) (string, bool) {
	text := string(bytes.TrimSpace(raw))
	_, err := Host(text)
	return text, err == nil && !strings.ContainsAny(text, " \t\r\n{")
}

// Read reads an assertion, as JSON or as a compact JWS. Errors are those of
// strict reading; malformed/open-badges-2 for what the standard does not allow;
// no_credential/open-badges-1 for an older edition; wrong_type/not-a-credential
// for another document.
func Read(raw []byte, lim credential.Limits) (*Badge, error) {
	raw = bytes.TrimSpace(raw)
	b := &Badge{}
	var err error
	if bytes.HasPrefix(raw, []byte("{")) {
		b.document, err = strictjson.ParseObject(raw, lim)
	} else {
		b.Signed = true
		if b.token, err = jws.ReadHead(string(raw), lim); err == nil {
			err = b.token.ReadBody(lim)
		}
		if err == nil {
			b.document = b.token.Payload
		}
	}
	if err != nil {
		return nil, err
	}
	if IsVersion1(b.document) {
		return nil, reason.New("no_credential/open-badges-1", "", "an Open Badge of version 1, which is recognised and not judged")
	}
	if !Is(b.document) {
		return nil, reason.New("wrong_type/not-a-credential", "/type", "not an assertion of Open Badges 2.0")
	}
	return b, b.read()
}

func malformed(at, format string, args ...any) error {
	return reason.New("malformed/open-badges-2", at, format, args...)
}

// read takes the members of the assertion (Open Badges 2.0, Assertion).
func (b *Badge) read() error {
	doc := b.document
	b.ID = credential.ID(doc)
	how := doc.Get("verification")
	b.Creator = credential.ID(how.Get("creator"))
	signed := hasAny(how.Get("type"), "SignedBadge", "signed")
	hosted := hasAny(how.Get("type"), "HostedBadge", "hosted")
	switch {
	case b.ID == "":
		return malformed("/id", "the assertion has no id")
	case signed == hosted:
		return malformed("/verification/type", "the assertion does not say whether it is hosted or signed")
	case b.Signed && !signed:
		return malformed("/verification/type", "the assertion is signed, and says that it is hosted")
	case !b.Signed && signed:
		return malformed("/verification/type", "the assertion says that it is signed, and came without its signature")
	}
	if !b.Signed {
		if _, err := Host(b.ID); err != nil {
			return malformed("/id", "a hosted assertion has a web address for its id")
		}
	}
	if err := b.readRecipient(doc.Get("recipient")); err != nil {
		return err
	}
	if err := b.readTimes(); err != nil {
		return err
	}
	for _, e := range doc.Get("evidence").List() {
		name := credential.ID(e)
		if name == "" || strings.HasPrefix(name, "_:") {
			name = credential.Text(e.Get("name"))
		}
		if name != "" {
			b.Evidence = append(b.Evidence, name)
		}
	}
	class := doc.Get("badge")
	if b.ClassID = credential.ID(class); b.ClassID == "" {
		return malformed("/badge", "the assertion does not name its badge class")
	}
	if class.Kind() == strictjson.KindObject {
		var err error
		b.Class, err = classOf(class, b.ClassID, "/badge")
		return err
	}
	return nil
}

func hasAny(v *strictjson.Value, names ...string) bool {
	for _, name := range names {
		if hasText(v, name) {
			return true
		}
	}
	return false
}

// readRecipient puts the recipient into the terms of Open Badges 3.0.
func (b *Badge) readRecipient(v *strictjson.Value) error {
	kind, ok1 := v.Get("type").Text()
	identity, ok2 := v.Get("identity").Text()
	hashed, ok3 := v.Get("hashed").Bool()
	salt, ok4 := v.Get("salt").Text()
	switch {
	case !ok1 || !ok2 || identity == "":
		return malformed("/recipient", "the assertion does not say for whom it is")
	case !ok3 && v.Get("hashed") != nil:
		return malformed("/recipient/hashed", "is neither true nor false")
	case !ok4 && v.Get("salt") != nil && v.Get("salt").Kind() != strictjson.KindNull:
		return malformed("/recipient/salt", "is no text")
	}
	if kind == "email" || kind == "schema:email" {
		kind = "emailAddress"
	}
	b.Recipient = openbadge.IdentityObject{Hashed: hashed, IdentityHash: identity, IdentityType: kind, Salt: salt}
	return nil
}

func (b *Badge) readTimes() (err error) {
	if b.IssuedOn, err = timeOf(b.document, "issuedOn"); err != nil {
		return err
	}
	if b.IssuedOn.IsZero() {
		return malformed("/issuedOn", "the assertion does not say when it was issued")
	}
	if b.Expires, err = timeOf(b.document, "expires"); err != nil {
		return err
	}
	if !b.Expires.IsZero() && b.Expires.Before(b.IssuedOn) {
		return reason.New(reason.MalformedTime, "/expires", "the assertion ends before it is issued")
	}
	return nil
}

// timeOf reads a date and time with a zone; seconds may be left out.
func timeOf(doc *strictjson.Value, name string) (time.Time, error) {
	v := doc.Get(name)
	if v == nil || v.Kind() == strictjson.KindNull {
		return time.Time{}, nil
	}
	t, err := credential.Time(v)
	if err != nil {
		text, _ := v.Text()
		var short error
		if t, short = time.Parse("2006-01-02T15:04Z07:00", text); short != nil || t.IsZero() {
			return time.Time{}, reason.Wrap(reason.MalformedTime, "/"+name, err)
		}
	}
	return t.UTC(), nil
}

// Verify checks the signature of a signed badge.
func (b *Badge) Verify(public key.Public) error {
	if b.token == nil {
		return reason.New(reason.NoProof, "", "a hosted badge has no signature")
	}
	return b.token.Verify(public)
}

// Algorithm returns the name of the signature's algorithm, empty when hosted.
func (b *Badge) Algorithm() string {
	if b.token == nil {
		return ""
	}
	return b.token.Alg
}

// Differs compares an assertion with the copy that its host has: every member,
// in any order. It returns the name of the first that is not the same, or "".
func (b *Badge) Differs(hosted *Badge) string {
	mine, theirs := b.document, hosted.document
	for _, m := range mine.Members() {
		other := theirs.Get(m.Name)
		if other == nil || !same(m.Value, other) {
			return m.Name
		}
	}
	for _, m := range theirs.Members() {
		if mine.Get(m.Name) == nil {
			return m.Name
		}
	}
	return ""
}

func same(a, b *strictjson.Value) bool {
	one, err1 := jcs.Append(nil, a)
	other, err2 := jcs.Append(nil, b)
	return err1 == nil && err2 == nil && bytes.Equal(one, other)
}

// Host returns the host of a web address with its port, in lower case. Errors
// are malformed/open-badges-2.
func Host(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return "", malformed("", "is not the address of a web page")
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" && !(u.Scheme == "http" && port == "80") {
		host += ":" + port
	}
	return host, nil
}

// Address returns where a document of that id is asked for: by https, also
// when the id is an old one that says http.
func Address(id string) string {
	if rest, ok := strings.CutPrefix(id, "http://"); ok {
		return "https://" + rest
	}
	return id
}
