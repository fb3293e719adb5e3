package ob2

import (
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Class is what was awarded.
type Class struct {
	ID          string
	Name        string
	Description string
	Criteria    string // in words, or the address where they stand
	Skills      []string
	IssuerID    string
	IssuerName  string // as the class repeats it; proves nothing
}

// Profile is what an issuer says of itself.
type Profile struct {
	ID             string
	Name           string // proves nothing
	Keys           []string
	RevocationList string
	AllowedHosts   []string // where its hosted assertions may be
	StartsWith     []string // what the ids of its hosted assertions begin with

	embedded map[string]*strictjson.Value // keys that stand in the profile
}

// document reads a document of a type that was had from the address of its id.
// What a host answers instead is no fault of the badge: errors are
// fetch_failed/document and fetch_failed/other-document.
func document(raw []byte, id string, lim credential.Limits, types ...string) (*strictjson.Value, error) {
	v, err := strictjson.ParseObject(raw, lim)
	if err != nil {
		return nil, unread(id, "the document there cannot be read: %w", err)
	}
	if credential.ID(v) != id {
		return nil, reason.New("fetch_failed/other-document", id, "the document there calls itself %.200q", credential.ID(v))
	}
	if !hasAny(v.Get("type"), types...) {
		return nil, unread(id, "the document there is of another type than %s", types[0])
	}
	return v, nil
}

// ReadClass reads the badge class that was had from the address of id.
func ReadClass(raw []byte, id string, lim credential.Limits) (*Class, error) {
	v, err := document(raw, id, lim, "BadgeClass")
	if err != nil {
		return nil, err
	}
	c, err := classOf(v, id, id)
	if err != nil {
		return nil, unread(id, "the badge class does not name its issuer")
	}
	return c, nil
}

func unread(id, format string, args ...any) error {
	return reason.New("fetch_failed/document", id, format, args...)
}

func classOf(v *strictjson.Value, id, at string) (*Class, error) {
	c := &Class{
		ID: id, Name: credential.Text(v.Get("name")), Description: credential.Text(v.Get("description")),
		IssuerID: credential.ID(v.Get("issuer")), IssuerName: credential.Text(v.Get("issuer").Get("name")),
	}
	if c.IssuerID == "" {
		return nil, malformed(at, "the badge class does not name its issuer")
	}
	criteria := v.Get("criteria")
	c.Criteria = credential.Text(criteria.Get("narrative"))
	if c.Criteria == "" {
		c.Criteria = credential.ID(criteria)
	}
	for _, alignment := range v.Get("alignment").List() {
		if name, ok := alignment.Get("targetName").Text(); ok {
			c.Skills = append(c.Skills, name)
		}
	}
	return c, nil
}

// ReadProfile reads the issuer's profile that was had from the address of id.
func ReadProfile(raw []byte, id string, lim credential.Limits) (*Profile, error) {
	v, err := document(raw, id, lim, "Issuer", "Profile")
	if err != nil {
		return nil, err
	}
	p := &Profile{ID: id, Name: credential.Text(v.Get("name")), RevocationList: credential.ID(v.Get("revocationList")), embedded: map[string]*strictjson.Value{}}
	for _, k := range v.Get("publicKey").List() {
		name := credential.ID(k)
		if name == "" {
			continue
		}
		p.Keys = append(p.Keys, name)
		if k.Kind() == strictjson.KindObject && k.Get("publicKeyPem") != nil {
			p.embedded[name] = k
		}
	}
	rules := v.Get("verification")
	p.AllowedHosts, p.StartsWith = textsOf(rules.Get("allowedOrigins")), textsOf(rules.Get("startsWith"))
	// A rule of a form that is not known must not read as no rule.
	for _, rule := range []struct {
		name string
		got  []string
	}{{"allowedOrigins", p.AllowedHosts}, {"startsWith", p.StartsWith}} {
		if v := rules.Get(rule.name); v != nil && len(rule.got) != len(v.List()) {
			return nil, unread(id, "verification/%s of the profile cannot be read", rule.name)
		}
	}
	return p, nil
}

func textsOf(v *strictjson.Value) []string {
	var out []string
	for _, item := range v.List() {
		if s, ok := item.Text(); ok && s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Allows says whether a hosted assertion may stand at an address: at the hosts
// and behind the beginnings that the profile names, or, where it names none, at
// the profile's own host. Addresses are compared by their parts, so that
// https://school.example is no beginning of https://school.example.evil.
// The error is issuer_mismatch/hosted-elsewhere.
func (p *Profile) Allows(id string) error {
	elsewhere := func(format string, args ...any) error {
		return reason.New("issuer_mismatch/hosted-elsewhere", id, format, args...)
	}
	host, err := Host(id)
	if err != nil {
		return elsewhere("the assertion has no web address")
	}
	allowed := false
	for _, name := range p.AllowedHosts {
		if own, err := Host(name); err == nil {
			name = own
		}
		allowed = allowed || strings.ToLower(name) == host
	}
	if len(p.AllowedHosts) > 0 && !allowed {
		return elsewhere("the issuer's badges are not hosted at %s, by its profile", host)
	}
	for _, start := range p.StartsWith {
		if begins(id, start) {
			return nil
		}
	}
	switch own, err := Host(p.ID); {
	case len(p.StartsWith) > 0:
		return elsewhere("the assertion's address does not begin as the issuer's profile says")
	case allowed, err == nil && own == host:
		return nil
	}
	return elsewhere("the assertion is hosted at %s, and the issuer elsewhere", host)
}

// begins compares scheme and host as wholes, and the rest as text. A path that
// could leave what it begins with, by "..", does not begin so.
func begins(id, start string) bool {
	s, err1 := url.Parse(start)
	u, err2 := url.Parse(id)
	one, err3 := Host(start)
	other, err4 := Host(id)
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || one != other || s.Scheme != u.Scheme {
		return false
	}
	if strings.Contains(u.Path, "/../") || strings.HasSuffix(u.Path, "/..") {
		return false
	}
	path := u.EscapedPath()
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	beginning := s.EscapedPath()
	if s.RawQuery != "" {
		beginning += "?" + s.RawQuery
	}
	return strings.HasPrefix(path, beginning)
}

// KeyOf returns the id of the key that a signed badge must be checked with: the
// one that it names, when the profile lists it, or the profile's only one.
// Errors are issuer_mismatch/key-not-listed and key_unavailable/no-key.
func (p *Profile) KeyOf(b *Badge) (string, error) {
	if b.Creator == "" {
		if len(p.Keys) == 1 {
			return p.Keys[0], nil
		}
		return "", reason.New("key_unavailable/no-key", p.ID, "the badge names no key, and the issuer's profile lists %d", len(p.Keys))
	}
	for _, k := range p.Keys {
		if k == b.Creator {
			return k, nil
		}
	}
	return "", reason.New("issuer_mismatch/key-not-listed", b.Creator, "the issuer's profile does not list the key that the badge names")
}

// EmbeddedKey returns a key that stands in the profile itself; ok is false when
// it is to be had from the address of its id.
func (p *Profile) EmbeddedKey(id string) (public key.Public, ok bool, err error) {
	v := p.embedded[id]
	if v == nil {
		return public, false, nil
	}
	public, err = keyOf(v, id, p.ID)
	return public, true, err
}

// ReadKey reads the key that was had from the address of id, and must belong to
// the owner.
func ReadKey(raw []byte, id, owner string, lim credential.Limits) (key.Public, error) {
	v, err := document(raw, id, lim, "CryptographicKey", "Key")
	if err != nil {
		return key.Public{}, err
	}
	return keyOf(v, id, owner)
}

func keyOf(v *strictjson.Value, id, owner string) (key.Public, error) {
	if of := credential.ID(v.Get("owner")); of != owner {
		return key.Public{}, reason.New(reason.IssuerMismatch, id, "the key belongs to %.200q", of)
	}
	text, _ := v.Get("publicKeyPem").Text()
	block, rest := pem.Decode([]byte(text))
	if block == nil || len(strings.TrimSpace(string(rest))) > 0 {
		return key.Public{}, reason.New("key_invalid/pem", id, "the key is not in PEM")
	}
	var public any
	var err error
	if public, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		if public, err = x509.ParsePKCS1PublicKey(block.Bytes); err != nil {
			return key.Public{}, reason.New("key_invalid/pem", id, "the key cannot be read")
		}
	}
	return key.FromCrypto(public)
}

// Revocation says whether a list that was had from the address of id revokes a
// badge, and why, if it says so.
func Revocation(raw []byte, id string, b *Badge, issuer string, lim credential.Limits) (revoked bool, why string, err error) {
	v, err := document(raw, id, lim, "RevocationList")
	if err != nil {
		return false, "", err
	}
	if of := credential.ID(v.Get("issuer")); of != "" && of != issuer {
		return false, "", reason.New("status_invalid/issuer", id, "the list is %.200q's", of)
	}
	list := v.Get("revokedAssertions")
	if list == nil {
		return false, "", reason.New("status_invalid/list", id, "the list does not say what it revokes")
	}
	for _, entry := range list.List() {
		names := []string{credential.ID(entry)}
		if uid, ok := entry.Get("uid").Text(); ok {
			names = append(names, uid)
		}
		for _, name := range names {
			if name != "" && name == b.ID {
				why, _ = entry.Get("revocationReason").Text()
				return true, why, nil
			}
		}
	}
	return false, "", nil
}

// Withdrawn says whether a host answers for an assertion that it was revoked,
// and why, if it says so.
func Withdrawn(raw []byte, id string, lim credential.Limits) (revoked bool, why string) {
	v, err := strictjson.ParseObject(raw, lim)
	if err != nil || credential.ID(v) != id {
		return false, ""
	}
	revoked, _ = v.Get("revoked").Bool()
	why, _ = v.Get("revocationReason").Text()
	return revoked, why
}
