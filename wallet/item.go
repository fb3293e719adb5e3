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

	"golang.org/x/text/unicode/norm"

	"github.com/kompetansebevis/bevis/credential"
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
	ValidFrom   time.Time     `json:"validFrom,omitzero"`
	ValidUntil  time.Time     `json:"validUntil,omitzero"`
	Form        string        `json:"form"` // "json", "jwt", or "unknown" for one that a later version kept
	AddedAt     time.Time     `json:"addedAt"`
	Source      string        `json:"source,omitempty"` // where it came from, as the caller named it
	Verified    *Verification `json:"verified,omitempty"`

	raw []byte
}

// Raw returns the credential exactly as it was issued.
func (i Item) Raw() []byte { return i.raw }

// Verification is what a verifier said about a credential, and when.
type Verification struct {
	Verdict string    `json:"verdict"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

const idLength = 12 // characters of 5 bits

// describe reads what a credential says of itself.
func describe(raw []byte) (Item, error) {
	raw = bytes.TrimSpace(raw)
	sum := sha256.Sum256(raw)
	item := Item{
		ID:   strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:idLength]),
		Form: "json", raw: raw,
	}
	document := raw
	if bytes.HasPrefix(raw, []byte("eyJ")) {
		item.Form = "jwt"
		parts := strings.Split(string(raw), ".")
		if len(parts) != 3 {
			return item, reason.New("malformed/jws", "", "neither JSON nor a compact JWT")
		}
		var err error
		if document, err = base64.RawURLEncoding.DecodeString(parts[1]); err != nil {
			return item, reason.New(reason.MalformedBase64, "", "the token cannot be decoded")
		}
	}
	doc, err := strictjson.ParseObject(document, strictjson.Limits{})
	if err != nil {
		return item, err
	}
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
	return item, nil
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
		for _, alignment := range a.Get("alignment").List() {
			if s := credential.Text(alignment.Get("targetName"), languages...); s != "" {
				i.Skills = append(i.Skills, s)
			}
		}
	}
	if i.Title == "" {
		i.Title = strings.Join(c.Types(), ", ")
	}
	i.ValidFrom, i.ValidUntil, _ = c.Period() // a wrong time is the verifier's to name
}

// matches reports whether every word of a query stands somewhere in what the
// item says of itself.
func (i Item) matches(query string) bool {
	text := Fold(strings.Join(slices.Concat([]string{i.Title, i.IssuerName, i.Issuer, i.Type, i.Description, i.ValidFrom.Format("2006-01-02")}, i.Skills), " "))
	for _, word := range strings.Fields(Fold(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// Fold brings a text into the form in which it is searched: small letters,
// no accents, and the letters æ, ø and å as they are written where a keyboard
// lacks them, so that "ål", "aal", "AAL" and a decomposed "ål" are the same.
func Fold(s string) string {
	replaced := strings.NewReplacer("æ", "ae", "ä", "ae", "ø", "oe", "ö", "oe", "å", "aa", "ß", "ss", "đ", "d", "ð", "d", "þ", "th", "ŋ", "n").
		Replace(norm.NFC.String(strings.ToLower(s)))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(replaced))
}
