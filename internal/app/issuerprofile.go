package app

import (
	"context"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/unseen"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// profile is the profile that stands in credentials.
func (s IssuerSetup) profile() (openbadge.Profile, error) {
	p := openbadge.Profile{ID: s.ID, Name: s.Name, URL: s.URL, Email: s.Email, Description: s.About, EndorsementJWT: slices.Clone(s.EndorsementJWT)}
	if s.Image != "" {
		p.Image = &openbadge.Image{ID: s.Image}
	}
	if s.Country != "" {
		p.Address = &openbadge.Address{AddressCountryCode: s.Country}
	}
	for _, raw := range s.Endorsement {
		v, err := strictjson.ParseObject(raw, strictjson.Limits{})
		if err != nil {
			return p, err
		}
		p.Endorsement = append(p.Endorsement, v)
	}
	return p, nil
}

// How long what a profile says may be, in bytes: it stands in each credential.
const (
	maxProfileText  = 1000
	maxProfileAbout = 5000
)

// checkProfile refuses what cannot stand in a profile, and writes the country in
// capitals.
func (s *IssuerSetup) checkProfile() error {
	s.Country = strings.ToUpper(s.Country)
	if strings.TrimSpace(s.Name) == "" {
		return reason.New(reason.Usage, "", "an issuer needs a name: --name \"Kursstedet\"")
	}
	if s.Country != "" && (len(s.Country) != 2 || strings.Trim(s.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		return reason.New(reason.Usage, "--country", "give the two letters of a country, such as NO")
	}
	if s.URL != "" && !isAddress(s.URL, "https", "http") {
		return reason.New(reason.Usage, "--url", "%.80q is no address of a page, such as https://kurs.example", s.URL)
	}
	if m, err := mail.ParseAddress(s.Email); s.Email != "" && (err != nil || m.Address != s.Email) {
		return reason.New(reason.Usage, "--email", "%.80q is not an e-mail address", s.Email)
	}
	if err := checkImage(s.Image); err != nil {
		return err
	}
	for _, text := range []struct {
		flag, value string
		limit       int
	}{{"--name", s.Name, maxProfileText}, {"--url", s.URL, maxProfileText}, {"--email", s.Email, maxProfileText}, {"--description", s.About, maxProfileAbout}} {
		if len(text.value) > text.limit {
			return reason.New(reason.Usage, text.flag, "it has %d bytes, and stands in each credential: write at most %d", len(text.value), text.limit)
		}
	}
	return nil
}

// isAddress reports whether a text is a web address that can stand in a profile: an
// IRI as it is signed has no blanks and none of some characters (RFC 3987 section 2.2), and
// it is read by everybody, so it has no password, and nothing that is not seen.
func isAddress(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Host != "" && u.User == nil &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unseen.Is(r) || strings.ContainsRune("<>\"{}|\\^`", r) })
}

// ProfileChange says what the profile of the issuer is to say from now on: nil
// leaves a member as it is, and an empty text takes it out, but for the name.
type ProfileChange struct {
	Name, URL, Country, Email, About, Image *string

	Why, Actor string // for the books
}

// ProfileChanged is the issuer after a change of its profile.
type ProfileChanged struct {
	IssuerSetup
	Changed []string `json:"changed"`              // members; none: it said so before
	Dropped int      `json:"endorsementsLeftOut"`  // which are of the text of before
	Charter bool     `json:"charterSaysOtherwise"` // the issuer's charter has another name or page
}

// IssuerSet changes what the issuer's profile says. What was issued says what was
// signed then, and stays as it is; what others endorsed was the old text, so
// those endorsements are left out. The books get a line for each member.
func (a *App) IssuerSet(ctx context.Context, c ProfileChange) (out ProfileChanged, err error) {
	err = a.changing(ctx, func() (err error) { out, err = a.setProfile(ctx, c); return err })
	return out, err
}

func (a *App) setProfile(ctx context.Context, c ProfileChange) (ProfileChanged, error) {
	s, err := a.IssuerShow()
	if err != nil {
		return ProfileChanged{}, err
	}
	out := ProfileChanged{IssuerSetup: s, Changed: []string{}}
	members := []struct {
		name string
		to   *string // nil: it stays
		at   *string
		told bool // what it says may stand in the books for good: it is of nobody
	}{{"name", c.Name, &out.Name, true}, {"url", c.URL, &out.URL, true}, {"country", c.Country, &out.Country, true},
		{"email", c.Email, &out.Email, false}, {"description", c.About, &out.About, false}, {"image", c.Image, &out.Image, false}}
	asked := false
	old := make([]string, len(members))
	for n, m := range members {
		if old[n] = *m.at; m.to != nil {
			*m.at, asked = strings.TrimSpace(*m.to), true
		}
	}
	if !asked {
		return out, reason.New(reason.Usage, "", "say what is to change: --name, --url, --country, --email, --description, --image")
	}
	if err := out.checkProfile(); err != nil {
		return out, err
	}
	var lines []string
	for n, m := range members {
		if *m.at == old[n] {
			continue
		}
		out.Changed = append(out.Changed, m.name)
		lines = append(lines, setAction(m.name, *m.at, old[n], m.told))
	}
	if len(lines) == 0 {
		return out, nil
	}
	out.Dropped = len(out.Endorsement) + len(out.EndorsementJWT)
	out.Endorsement, out.EndorsementJWT = nil, nil
	// As with keys: what the books tell and was not done is better than what was
	// done and they do not tell.
	err = a.withLedger(ctx, func(l books) error {
		for _, action := range lines {
			if err := l.Log(ctx, issuer.Event{At: a.cfg.Now(), Actor: c.Actor, Action: action, Credential: s.ID, Why: c.Why}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = a.keepSetup(out.IssuerSetup, true)
	}
	if err != nil {
		return out, err
	}
	if charter, _, err := a.CharterShow(ctx); err == nil { // one that has ended says nothing
		out.Charter = charter.Name != out.Name || charter.URL != out.URL
	}
	return out, nil
}

// setAction is what the audit log calls a change of a member of the profile.
func setAction(member, now, before string, told bool) string {
	switch {
	case now == "" && told:
		return fmt.Sprintf("clear issuer %s, before %q", member, before)
	case now == "":
		return "clear issuer " + member
	case before != "" && told:
		return fmt.Sprintf("set issuer %s to %q, before %q", member, now, before)
	case told:
		return fmt.Sprintf("set issuer %s to %q", member, now)
	}
	return "set issuer " + member
}
