package wallet

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Item is a credential in the wallet. What it says has not been checked,
// unless Verified tells what a verifier found.
type Item struct {
	ID         string `json:"id"` // from the bytes: the same credential has the same id everywhere
	Title      string `json:"title"`
	Issuer     string `json:"issuer"` // id
	IssuerName string `json:"issuerName,omitempty"`
	Subject    string `json:"subject,omitempty"` // id of whom it is about
	// Credential is the id that the issuer gave it.
	Credential  string        `json:"credential,omitempty"`
	Type        string        `json:"type,omitempty"` // of the achievement, such as Course
	Description string        `json:"description,omitempty"`
	Skills      []string      `json:"skills,omitempty"` // names of what the achievement is aligned to
	Levels      []string      `json:"levels,omitempty"` // such as "EQF 6" and "NKR 6.1"
	ValidFrom   time.Time     `json:"validFrom,omitzero"`
	ValidUntil  time.Time     `json:"validUntil,omitzero"`
	Form        string        `json:"form"` // "json", "jwt", "sd-jwt", "cose", or "unknown" for one that a later version kept
	AddedAt     time.Time     `json:"addedAt"`
	Source      string        `json:"source,omitempty"` // where it came from, as the caller named it
	Verified    *Verification `json:"verified,omitempty"`
	// Tags and Note are the holder's own words, and are shared with nobody.
	Tags []string `json:"tags,omitempty"`
	Note string   `json:"note,omitempty"`

	body     []byte // the credential; see bytes
	quoted   []byte // where it stands in the log, if body is nil
	line     uint64 // of the log, that added it
	search   string // see searchable
	inPart   string // how its holder can show a part of it, see inPart
	logProof string // that it stands in a transparency log, empty for none
}

// Raw returns the credential exactly as it was issued, but for white space
// around it. The slice is the caller's.
func (i Item) Raw() []byte {
	if i.body == nil && i.quoted != nil {
		return credentialIn(i.quoted)
	}
	return bytes.Clone(i.body)
}

// bytes is Raw for those who change nothing in it.
func (i Item) bytes() []byte {
	if i.body == nil && i.quoted != nil {
		return credentialIn(i.quoted)
	}
	return i.body
}

// own returns a copy that shares nothing that a caller could change.
func (i Item) own() Item {
	i.Skills, i.Levels, i.Tags = slices.Clone(i.Skills), slices.Clone(i.Levels), slices.Clone(i.Tags)
	if i.Verified != nil {
		verified := *i.Verified
		i.Verified = &verified
	}
	return i
}

// Verification is what a verifier said about a credential, and when.
type Verification struct {
	Verdict string    `json:"verdict"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

// idLength is how many characters of 5 bits people are given to type. Who makes
// credentials can make two whose ids begin with the same ones: the second to
// come has its whole id then (apart).
const idLength = 12

func idOf(raw []byte) string { return wholeID(raw)[:idLength] }

func wholeID(raw []byte) string {
	sum := sha256.Sum256(raw)
	return strings.ToLower(strings.TrimRight(base32.StdEncoding.EncodeToString(sum[:]), "="))
}

// apart returns id, or the whole id of raw where have, which has the same id,
// is something else.
func apart(id string, raw, have []byte) string {
	if bytes.Equal(raw, have) {
		return id
	}
	return wholeID([]byte(kept(raw)))
}

// coseURL begins the text that a COSE message is kept as: the log is JSON, and
// holds no bytes. It is the data: URL under which a presentation has it.
const coseURL = "data:application/vc+cose;base64,"

// kept returns the text that a credential is kept as.
func kept(raw []byte) string {
	if proof.IsCOSE(raw) {
		return coseURL + base64.StdEncoding.EncodeToString(raw)
	}
	return string(raw)
}

// unkept returns the credential that a text was kept for.
func unkept(text string) []byte {
	if data, ok := strings.CutPrefix(text, coseURL); ok {
		if raw, err := base64.StdEncoding.Strict().DecodeString(data); err == nil && proof.IsCOSE(raw) {
			return raw
		}
	}
	return []byte(text)
}

// trimmed returns a credential without white space around it.
func trimmed(raw []byte) []byte {
	if proof.IsCOSE(raw) { // whose last byte may look like white space
		return raw
	}
	return bytes.TrimSpace(raw)
}

// describeAny is describe for what is in the log already. A form that this
// version does not know yet is kept, and must not keep the rest from being
// opened.
func describeAny(raw []byte) Item {
	item, err := describe(raw)
	if err != nil {
		item.Form = "unknown"
	}
	return item
}

// describe reads what a credential says of itself.
func describe(raw []byte) (Item, error) {
	raw = trimmed(raw)
	item := Item{ID: idOf([]byte(kept(raw))), Form: "json", body: raw}
	switch {
	case proof.IsCOSE(raw):
		item.Form = "cose"
	case isSDJWT(raw) && raw[len(raw)-1] != '~':
		return item, reason.New("wrong_type/presentation", "", "this is what somebody has shown to somebody; a wallet keeps credentials")
	case isSDJWT(raw):
		item.Form = "sd-jwt"
	case isToken(raw):
		item.Form = "jwt"
	}
	doc, err := document(raw)
	if err != nil {
		return item, err
	}
	token := doc
	if vc := doc.Get("vc"); item.Form == "jwt" && vc.Kind() == strictjson.KindObject {
		doc = vc
	}
	if credential.IsPresentation(doc) {
		return item, reason.New("wrong_type/presentation", "", "a presentation is what somebody has shared; a wallet keeps credentials")
	}
	c, err := credential.New(doc, raw)
	if err != nil {
		return item, err
	}
	item.fill(c)
	if token != doc {
		item.claims(token)
	}
	item.inPart = inPart(item.Form, doc)
	item.search = item.searchable()
	return item, nil
}

func isToken(raw []byte) bool { return bytes.HasPrefix(raw, []byte("eyJ")) }

// isSDJWT reports whether a token is one of which a part can be shown.
func isSDJWT(raw []byte) bool { return isToken(raw) && bytes.IndexByte(raw, '~') >= 0 }

// document returns the JSON of a credential, or the payload of a token or a
// COSE message.
func document(raw []byte) (*strictjson.Value, error) {
	if isSDJWT(raw) {
		return sdjwt.Document(raw)
	}
	if proof.IsCOSE(raw) {
		return cose.Document(raw)
	}
	if !isToken(raw) {
		return strictjson.ParseObject(raw, strictjson.Limits{})
	}
	parts := strings.Split(string(raw), ".")
	if len(parts) != 3 {
		return nil, reason.New(reason.MalformedJWS, "", "neither JSON nor a compact JWT")
	}
	var payload []byte
	for n, part := range parts {
		data, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil || strings.ContainsAny(part, "\r\n") { // which the decoder passes over
			return nil, reason.New(reason.MalformedBase64, "", "the token cannot be decoded")
		}
		if n == 1 {
			payload = data
		}
	}
	return strictjson.ParseObject(payload, strictjson.Limits{})
}

func (i *Item) fill(c *credential.Credential) {
	languages := []string{"nb", "nn", "no", "en"}
	i.Credential, i.Issuer, i.IssuerName = c.ID(), c.IssuerID(), c.IssuerName(languages...)
	if ids := c.SubjectIDs(); len(ids) > 0 {
		i.Subject = ids[0]
	}
	i.Title = c.Name(languages...)
	if subjects := c.Subjects(); len(subjects) > 0 {
		a := subjects[0].Get("achievement")
		if name := credential.Text(a.Get("name"), languages...); name != "" {
			i.Title = name
		}
		i.Description = credential.Text(a.Get("description"), languages...)
		i.Type, _ = a.Get("achievementType").Text()
		i.addLevels(a)
		for _, alignment := range a.Get("alignment").List() {
			if level := levelOf(alignment); level != "" {
				i.addLevel(level)
			} else if s := credential.Text(alignment.Get("targetName"), languages...); s != "" && openbadge.MaySkill(credential.Text(alignment.Get("targetType"))) {
				i.Skills = append(i.Skills, s)
			}
		}
		for _, claim := range subjects[0].Get("hasClaim").List() {
			i.addLevels(claim.Get("specifiedBy"))
		}
	}
	if i.Title == "" {
		i.Title = strings.Join(c.Types(), ", ")
	}
	i.ValidFrom, i.ValidUntil, _ = c.Period() // a wrong time is the verifier's to name
}

// spelled writes letters as on a keyboard that lacks them, in decomposed text.
var spelled = strings.NewReplacer("a\u030a", "aa", "a\u0308", "ae", "o\u0308", "oe", "æ", "ae", "ø", "oe", "œ", "oe",
	"ß", "ss", "đ", "d", "ð", "d", "þ", "th", "ŋ", "n", "ŧ", "t", "ł", "l")

// Fold brings a text into the form in which it is searched: small letters,
// no accents, and the letters æ, ø and å as they are written where a keyboard
// lacks them, so that "ål", "aal", "AAL" and a decomposed "ål" are the same.
func Fold(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(s)
	}
	if folded, ok := foldNorwegian(s); ok {
		return folded
	}
	replaced := spelled.Replace(norm.NFD.String(strings.ToLower(s)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, replaced)
}

// foldNorwegian is Fold for text of nothing but ASCII and Norwegian letters,
// which nearly all is.
func foldNorwegian(s string) (string, bool) {
	out := make([]byte, 0, len(s)+8)
	for n := 0; n < len(s); n++ {
		c := s[n]
		if c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			out = append(out, c)
			continue
		}
		if n++; c != 0xc3 || n == len(s) {
			return "", false
		}
		switch s[n] {
		case 0xa5, 0x85: // å
			out = append(out, "aa"...)
		case 0xa6, 0x86: // æ
			out = append(out, "ae"...)
		case 0xb8, 0x98: // ø
			out = append(out, "oe"...)
		default:
			return "", false
		}
	}
	return string(out), true
}

// newer reports whether a verifier said a after b, or b is none.
func newer(a, b *Verification) bool { return a != nil && (b == nil || !a.At.Before(b.At)) }
