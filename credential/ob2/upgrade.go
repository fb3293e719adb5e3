package ob2

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Original is an Open Badge 2.0 with what it refers to, byte for byte.
type Original struct {
	Assertion []byte // JSON, or the compact JWS
	Class     []byte // as its host answered; nil where it stands in the assertion
	Profile   []byte // the issuer's; nil where it stands in the class, or is not known
	Snapshot  []byte // the notarised copy that all of this is from, nil for none
}

// The types that the classes of version 2.0 have as evidence and relation.
const (
	typeAssertion  = "https://w3id.org/openbadges#Assertion"
	typeBadgeClass = "https://w3id.org/openbadges#BadgeClass"
)

// Upgrade writes an Open Badge 2.0 as an unsigned Open Badge 3.0 that by is to
// sign. Who issued the original has not signed the new one and is not shown as
// if: it is the achievement's creator and the source, by the word of by. The
// original is in the evidence, whole, with its digest. Nothing of it is judged;
// who upgrades verifies first.
//
// The id of the new credential follows from by and the original, so that who
// upgrades twice gets the same credential. Errors are those of Read, and
// not_found/badge-class for a badge whose class is not at hand.
func Upgrade(o Original, by openbadge.Profile, lim credential.Limits) (*credential.Credential, loss.Report, error) {
	b, err := Read(o.Assertion, lim)
	if err != nil {
		return nil, nil, err
	}
	u := &upgrade{badge: b, doc: b.document, lost: loss.Report{}}
	if by.ID == "" {
		return nil, nil, reason.New(reason.Usage, "", "an upgrade is signed by somebody: say by whom")
	}
	if err := u.readParts(o, lim); err != nil {
		return nil, nil, err
	}
	id := uuidOf(by.ID, string(o.Assertion))
	subject := openbadge.AchievementSubject{
		Identifier: []openbadge.IdentityObject{u.recipient()}, Achievement: u.achievement(id), Narrative: u.text(u.doc, "", "narrative"), Image: u.image(u.doc, ""),
	}
	if p := u.creator(); p != nil {
		subject.Source = &openbadge.Profile{ID: p.ID, Name: p.Name}
	}
	evidence := append(u.evidence(), originalEvidence(o, b)...)
	values := make([]*strictjson.Value, len(evidence))
	for i, e := range evidence {
		values[i] = e.Value()
	}
	u.notCarried()
	c, err := credential.Draft{
		Contexts: []string{openbadge.Context}, ID: "urn:uuid:" + id, Types: []string{openbadge.TypeOpenBadgeCredential},
		Name: subject.Achievement.Name, Issuer: by.Value(), ValidFrom: b.IssuedOn, ValidUntil: b.Expires, Subject: subject.Value(),
		More: []credential.Member{
			{Name: "awardedDate", Value: strictjson.String(credential.FormatTime(b.IssuedOn))},
			{Name: "evidence", Value: strictjson.Array(values...)},
		},
	}.Build()
	return c, u.lost, err
}

// uuidOf makes an id of what it names (RFC 9562 section 5.8, version 8).
func uuidOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// upgrade is the work on one badge.
type upgrade struct {
	badge               *Badge
	doc, class, profile *strictjson.Value // the last may be nil
	classAt, profileAt  string            // where they stand, for the report
	lost                loss.Report
}

func (u *upgrade) readParts(o Original, lim credential.Limits) error {
	b := u.badge
	u.class, u.classAt = u.doc.Get("badge"), "/badge"
	if b.Class == nil {
		if o.Class == nil {
			return reason.New("not_found/badge-class", b.ClassID, "what was awarded stands at its host alone, and is not at hand")
		}
		class, err := ReadClass(o.Class, b.ClassID, lim)
		if err != nil {
			return err
		}
		if u.class, err = strictjson.ParseObject(o.Class, lim); err != nil {
			return err
		}
		b.Class, u.classAt = class, b.ClassID+"#"
	}
	if in := u.class.Get("issuer"); in.Kind() == strictjson.KindObject {
		u.profile, u.profileAt = in, u.classAt+"/issuer"
	}
	if o.Profile != nil {
		if _, err := ReadProfile(o.Profile, b.Class.IssuerID, lim); err != nil {
			return err
		}
		profile, err := strictjson.ParseObject(o.Profile, lim)
		if err != nil {
			return err
		}
		u.profile, u.profileAt = profile, b.Class.IssuerID+"#"
	}
	return nil
}

func (u *upgrade) lose(kind loss.Kind, from, to, why, what string) {
	u.lost.Add(loss.Item{Kind: kind, From: from, To: to, Why: why, What: what})
}

// text reads a member that is one text. A language map or a list gives its
// first text, and is told.
func (u *upgrade) text(v *strictjson.Value, at, name string) string {
	member := v.Get(name)
	if s, ok := member.Text(); ok || member == nil {
		return s
	}
	s := credential.Text(member)
	u.lose(loss.Approximated, at+"/"+name, "", "one-language", s)
	return s
}

// recipient keeps the hash and the salt as they are.
func (u *upgrade) recipient() openbadge.IdentityObject {
	r := u.badge.Recipient
	if !openbadge.ValidIdentifierType(r.IdentityType) {
		to := "ext:" + strings.TrimPrefix(r.IdentityType, "schema:")
		u.lose(loss.Kept, "/recipient/type", "/credentialSubject/identifier/0/identityType", "own-form", r.IdentityType)
		r.IdentityType = to
	}
	return r
}

// achievement is the badge class. The new one has an id of its own, since it is
// not the original issuer who speaks of it, and names the class as related.
func (u *upgrade) achievement(of string) *openbadge.Achievement {
	const to = "/credentialSubject/achievement"
	out := &openbadge.Achievement{
		ID: "urn:uuid:" + uuidOf(of, u.badge.ClassID), Name: u.text(u.class, u.classAt, "name"), Description: u.text(u.class, u.classAt, "description"),
		AchievementType: "Badge", Creator: u.creator(), Image: u.image(u.class, u.classAt), Version: u.version(),
		Related: []openbadge.Related{{ID: u.badge.ClassID, Type: []string{"Related", typeBadgeClass}}},
	}
	u.lose(loss.Assumed, "", to+"/achievementType", "required", out.AchievementType)
	if out.Name == "" {
		out.Name = u.badge.ClassID
		u.lose(loss.Assumed, "", to+"/name", "required", out.Name)
	}
	if out.Description == "" {
		out.Description = out.Name
		u.lose(loss.Assumed, "", to+"/description", "required", out.Description)
	}
	out.Criteria = u.criteria()
	for i, tag := range u.class.Get("tags").List() {
		if s, ok := tag.Text(); ok {
			out.Tag = append(out.Tag, s)
		} else {
			u.lose(loss.Dropped, fmt.Sprintf("%s/tags/%d", u.classAt, i), "", "no-place", "")
		}
	}
	if lang, ok := u.class.Get("@language").Text(); ok {
		out.InLanguage = lang
	}
	for i, v := range u.class.Get("alignment").List() {
		at := fmt.Sprintf("%s/alignment/%d", u.classAt, i)
		a := openbadge.Alignment{
			TargetName: u.text(v, at, "targetName"), TargetURL: credential.ID(v.Get("targetUrl")), TargetDescription: u.text(v, at, "targetDescription"),
			TargetFramework: u.text(v, at, "targetFramework"), TargetCode: u.text(v, at, "targetCode"),
		}
		if a.TargetName == "" || a.TargetURL == "" {
			u.lose(loss.Dropped, at, "", "no-place", a.TargetName)
			continue
		}
		out.Alignment = append(out.Alignment, a)
	}
	return out
}

func (u *upgrade) version() string {
	v := u.class.Get("version")
	if s, ok := v.Text(); ok {
		return s
	}
	if v != nil {
		return string(v.Raw())
	}
	return ""
}

func (u *upgrade) criteria() *openbadge.Criteria {
	v := u.class.Get("criteria")
	out := &openbadge.Criteria{}
	if s, ok := v.Text(); ok {
		if _, err := Host(s); err == nil {
			out.ID = s
		} else {
			out.Narrative = s
		}
		return out
	}
	out.ID, out.Narrative = webID(v), u.text(v, u.classAt+"/criteria", "narrative")
	if out.ID == "" && out.Narrative == "" {
		out.Narrative = u.badge.Class.Name
		u.lose(loss.Assumed, "", "/credentialSubject/achievement/criteria", "required", out.Narrative)
	}
	return out
}

// webID is the id of an object if it is one outside of its document.
func webID(v *strictjson.Value) string {
	if id := credential.ID(v); !strings.HasPrefix(id, "_:") {
		return id
	}
	return ""
}

// creator is who issued the original, by its own words.
func (u *upgrade) creator() *openbadge.Profile {
	p := &openbadge.Profile{ID: u.badge.Class.IssuerID, Name: u.badge.Class.IssuerName}
	if u.profile != nil {
		p.Name, p.URL = u.text(u.profile, u.profileAt, "name"), credential.ID(u.profile.Get("url"))
		p.Description, p.Email, p.Phone = u.text(u.profile, u.profileAt, "description"), u.text(u.profile, u.profileAt, "email"), u.text(u.profile, u.profileAt, "telephone")
		p.Image = u.image(u.profile, u.profileAt)
	}
	return p
}

// image takes a picture by its address or as data.
func (u *upgrade) image(v *strictjson.Value, at string) *openbadge.Image {
	in := v.Get("image")
	if in == nil {
		return nil
	}
	id := credential.ID(in)
	if id == "" {
		u.lose(loss.Dropped, at+"/image", "", "no-place", "")
		return nil
	}
	return &openbadge.Image{ID: id, Caption: u.text(in, at+"/image", "caption")}
}

func (u *upgrade) evidence() []openbadge.Evidence {
	var out []openbadge.Evidence
	for i, v := range u.doc.Get("evidence").List() {
		at := fmt.Sprintf("/evidence/%d", i)
		e := openbadge.Evidence{ID: webID(v)}
		if v.Kind() == strictjson.KindObject {
			e.Narrative, e.Name, e.Description = u.text(v, at, "narrative"), u.text(v, at, "name"), u.text(v, at, "description")
			e.Genre, e.Audience = u.text(v, at, "genre"), u.text(v, at, "audience")
		}
		out = append(out, e)
	}
	return out
}

// notCarried tells what stands in the documents and not in the new one.
func (u *upgrade) notCarried() {
	known := map[string]bool{"@context": true, "@language": true, "id": true, "type": true, "recipient": true, "badge": true, "issuedOn": true, "expires": true, "evidence": true, "narrative": true, "image": true}
	u.rest(u.doc, "", known)
	u.rest(u.class, u.classAt, map[string]bool{"@context": true, "@language": true, "id": true, "type": true, "name": true, "description": true, "image": true, "criteria": true, "issuer": true, "tags": true, "alignment": true, "version": true})
	if u.profile != nil {
		u.rest(u.profile, u.profileAt, map[string]bool{"@context": true, "@language": true, "id": true, "type": true, "name": true, "url": true, "description": true, "email": true, "telephone": true, "image": true})
	}
}

func (u *upgrade) rest(v *strictjson.Value, at string, known map[string]bool) {
	for _, m := range v.Members() {
		if known[m.Name] {
			continue
		}
		why := "no-place"
		switch {
		case m.Name == "verification" && u.badge.Signed, m.Name == "publicKey":
			why = "signature"
		case m.Name == "verification" || m.Name == "revoked" || m.Name == "revocationReason" || m.Name == "revocationList":
			why = "status-of-original"
		case m.Name == "endorsement":
			why = "by-others"
		case strings.Contains(m.Name, ":"):
			why = "context"
		}
		u.lose(loss.Dropped, strictjson.Pointer(at, m.Name), "", why, "")
	}
}

// originalEvidence holds the original, whole: the documents as data URIs with
// their digests, or the notarised copy that has them.
func originalEvidence(o Original, b *Badge) []openbadge.Evidence {
	if o.Snapshot != nil {
		return []openbadge.Evidence{embedded(o.Snapshot, "Notarised copy of the Open Badge 2.0", "what its hosts answered, signed by who saw it", "application/vc")}
	}
	kind := "application/ld+json"
	if b.Signed {
		kind = "application/jwt"
	}
	original := embedded(o.Assertion, "Open Badge 2.0, as it came", b.ID, kind)
	original.Type = append(original.Type, typeAssertion)
	out := []openbadge.Evidence{original}
	if o.Class != nil {
		class := embedded(o.Class, "Badge class of the Open Badge 2.0", b.ClassID, "application/ld+json")
		class.Type = append(class.Type, typeBadgeClass)
		out = append(out, class)
	}
	if o.Profile != nil {
		out = append(out, embedded(o.Profile, "Issuer's profile of the Open Badge 2.0", b.Class.IssuerID, "application/ld+json"))
	}
	return out
}

func embedded(raw []byte, name, from, mediaType string) openbadge.Evidence {
	sum := sha256.Sum256(raw)
	return openbadge.Evidence{
		ID: "data:" + mediaType + ";base64," + base64.StdEncoding.EncodeToString(raw), Type: []string{"Evidence"}, Name: name, Description: from,
		More: []openbadge.Member{{Name: "digestSRI", Value: strictjson.String("sha256-" + base64.StdEncoding.EncodeToString(sum[:]))}},
	}
}

// OriginalOf returns the documents that Upgrade put into the evidence of a
// credential, assertion first, none for other credentials. That they are whole
// is checked by their digests: malformed/embedded says that one is not.
func OriginalOf(c *credential.Credential) ([][]byte, error) {
	var out [][]byte
	for i, v := range c.Document().Get("evidence").List() {
		rest, ok := strings.CutPrefix(credential.ID(v), "data:")
		want, hasDigest := v.Get("digestSRI").Text()
		if !ok || !hasDigest {
			continue
		}
		at := fmt.Sprintf("/evidence/%d", i)
		_, data, _ := strings.Cut(rest, ";base64,")
		raw, err := base64.StdEncoding.Strict().DecodeString(data)
		sum := sha256.Sum256(raw)
		if err != nil || want != "sha256-"+base64.StdEncoding.EncodeToString(sum[:]) {
			return nil, reason.New("malformed/embedded", at, "what is kept of the original is not what its digest says")
		}
		out = append(out, raw)
	}
	return out, nil
}
