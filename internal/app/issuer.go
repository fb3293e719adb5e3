package app

import (
	"context"
	"errors"
	"io/fs"
	"net/mail"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

func (a *App) newIssuer(s IssuerSetup, signer key.Signer, ledger issuer.Ledger) (*issuer.Issuer, error) {
	suite, err := a.suites.Suite(proof.ID(s.Suite))
	if err != nil {
		return nil, err
	}
	// Lists are secured by a suite that needs no recipient and shows all.
	list := proof.ID(s.Suite)
	switch list {
	case jose.OpenBadgeJWT, sdjwt.DCSDJWT, sdjwt.VCSDJWT, cose.VCCOSE:
		list = jose.VCJWT
	case dataintegrity.ECDSASD2023:
		list = dataintegrity.ECDSARDFC2019
	}
	listSuite, err := a.suites.Suite(list)
	if err != nil {
		return nil, err
	}
	if list == dataintegrity.BBS2023 { // whose keys are for nothing else
		listSuite = dataintegrity.Whole(listSuite)
	}
	methods, err := s.methods()
	if err != nil {
		return nil, err
	}
	return issuer.New(issuer.Config{
		Profile: openbadge.Profile{ID: s.ID, Name: s.Name, URL: s.URL}, Signer: signer, Suite: suite, ListSuite: listSuite,
		Ledger: ledger, StatusBase: s.StatusBase, ListSize: s.ListSize, Messages: s.Messages, Now: a.cfg.Now, KeyExpires: s.Current().Expires, Methods: methods})
}

// Slug returns the short name under which an achievement is kept.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.NewReplacer("æ", "ae", "ø", "o", "å", "a", "é", "e", "ö", "o", "ä", "a").Replace(strings.ToLower(name)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

// Achievement is an achievement with the name under which it is kept.
type Achievement struct {
	Slug string
	openbadge.Achievement
}

// AchievementNew checks and keeps an achievement, which issues nothing yet.
func (a *App) AchievementNew(ac Achievement) (Achievement, error) {
	if ac.Slug == "" {
		ac.Slug = Slug(ac.Name)
	}
	if ac.Slug == "" || ac.Slug != Slug(ac.Slug) {
		return ac, reason.New(reason.Usage, ac.Slug, "a short name has small letters, digits and hyphens")
	}
	for _, gap := range []struct {
		missing bool
		flag    string
	}{{ac.Name == "", "--name"}, {ac.Description == "", "--description"}, {ac.ID == "", "--id"},
		{ac.Criteria == nil || ac.Criteria.Narrative == "" && ac.Criteria.ID == "", "--criteria"}} {
		if gap.missing {
			return ac, reason.New(reason.Usage, gap.flag, "Open Badges wants this of an achievement: see bevis help achievement new")
		}
	}
	draft := credential.Draft{
		Contexts: []string{openbadge.Context}, ID: "urn:uuid:00000000-0000-4000-8000-000000000000", Types: []string{openbadge.TypeOpenBadgeCredential},
		Issuer: openbadge.Profile{ID: "did:example:issuer", Name: "x"}.Value(), ValidFrom: a.cfg.Now(),
		Subject: openbadge.AchievementSubject{ID: "did:example:learner", Achievement: &ac.Achievement}.Value(),
	}
	c, err := draft.Build()
	if err != nil {
		return ac, err
	}
	for _, f := range profile.Check(c.Document(), profile.For(c)...) {
		if f.Severity != profile.Hint {
			return ac, reason.New(f.Code, strings.TrimPrefix(f.At, "/credentialSubject/achievement"), "%s: %s", f.Message, f.Next)
		}
	}
	return ac, a.keep(append(ac.Value().AppendJSON(nil), '\n'), false, "issuer", "achievements", ac.Slug+".json")
}

// AchievementGet reads an achievement.
func (a *App) AchievementGet(slug string) (Achievement, error) {
	ac := Achievement{Slug: slug}
	if slug == "" || slug != Slug(slug) {
		return ac, reason.New(reason.Usage, slug, "a short name has small letters, digits and hyphens")
	}
	raw, err := ReadFile(a.path("issuer", "achievements", slug+".json"))
	if reason.CodeOf(err) == reason.NotFound {
		return ac, reason.New("not_found/achievement", slug, "there is no such achievement: bevis achievement list")
	}
	if err != nil {
		return ac, err
	}
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return ac, err
	}
	ac.Achievement, err = openbadge.ReadAchievement(v)
	return ac, err
}

// AchievementList reads all achievements.
func (a *App) AchievementList() ([]Achievement, error) {
	entries, err := os.ReadDir(a.path("issuer", "achievements"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reason.New(reason.IO, a.path("issuer", "achievements"), "%w", bare(err))
	}
	var out []Achievement
	for _, e := range entries {
		slug, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || e.IsDir() {
			continue
		}
		ac, err := a.AchievementGet(slug)
		if err != nil {
			return nil, err
		}
		out = append(out, ac)
	}
	return out, nil
}

// Issue issues a credential for an achievement that is kept.
func (a *App) Issue(ctx context.Context, slug string, award issuer.Award) (*issuer.Issued, error) {
	award, err := a.award(ctx, slug, award)
	if err != nil {
		return nil, err
	}
	var issued *issuer.Issued
	err = a.withIssuer(ctx, func(i *issuer.Issuer, _ books) (err error) {
		issued, err = i.Issue(ctx, award)
		return err
	})
	return issued, err
}

// award fills in the achievement, and looks at the recipient.
func (a *App) award(ctx context.Context, slug string, award issuer.Award) (issuer.Award, error) {
	ac, err := a.AchievementGet(slug)
	if err != nil {
		return award, err
	}
	award.Achievement = ac.Achievement
	return award, checkRecipient(ctx, award.Recipient)
}

// checkRecipient refuses what nobody could ever show to be theirs.
func checkRecipient(ctx context.Context, r issuer.Recipient) error {
	if r.Email != "" {
		if a, err := mail.ParseAddress(r.Email); err != nil || a.Address != r.Email {
			return reason.New(reason.Usage, "--email", "%.80q is not an e-mail address", r.Email)
		}
	}
	switch {
	case r.ID == "":
		return nil
	case strings.Contains(r.ID, "@") && !strings.Contains(r.ID, ":"):
		return reason.New(reason.Usage, "--to", "%.80q looks like an e-mail address: give it with --email", r.ID)
	case strings.HasPrefix(r.ID, "did:"):
		return checkDID(ctx, "--to", r.ID)
	}
	return nil
}

// checkDID refuses an identifier that can be seen to be none.
func checkDID(ctx context.Context, at, id string) error {
	var err error
	switch {
	case strings.HasPrefix(id, "did:key:"):
		_, err = did.Key{}.Resolve(ctx, id)
	case strings.HasPrefix(id, "did:jwk:"):
		_, err = did.JWK{}.Resolve(ctx, id)
	case strings.HasPrefix(id, "did:web:"):
		_, err = did.WebURL(id)
	}
	if err != nil {
		return reason.New(reason.Usage, at, "%.120s is not an identifier that can be used: %w", id, err)
	}
	return nil
}

// Change is a change of a credential's status.
type Change string

// The changes.
const (
	Revoke    Change = "revoke"
	Suspend   Change = "suspend"
	Reinstate Change = "reinstate"
)

// ChangeStatus changes a credential's status in the ledger. Others see it when
// the lists are published.
func (a *App) ChangeStatus(ctx context.Context, id string, change Change, why, actor string) error {
	return a.withIssuer(ctx, func(i *issuer.Issuer, _ books) error {
		switch change {
		case Revoke:
			return i.Revoke(ctx, id, why, actor)
		case Suspend:
			return i.Suspend(ctx, id, why, actor)
		default:
			return i.Reinstate(ctx, id, why, actor)
		}
	})
}

// IDOf returns the id of a credential in a file, so that a person can point
// at the file.
func (a *App) IDOf(in Input) (string, error) {
	if in.Err != nil {
		return "", in.Err
	}
	doc, _, err := a.Document(in.Raw)
	if err != nil {
		return "", err
	}
	return credential.ID(doc), nil
}

// ParseDay reads a date, or a date with time and zone.
func ParseDay(s string) (time.Time, error) {
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return t, nil
	}
	t, err := credential.ParseTime(s)
	if err != nil {
		return t, reason.New(reason.Usage, s, "give a date as 2026-12-31, or with a time as 2026-12-31T12:00:00Z")
	}
	return t, nil
}

// SuiteNames are the suites that issue credentials.
func SuiteNames() []string {
	var out []string
	for _, id := range []proof.ID{dataintegrity.EdDSARDFC2022, dataintegrity.EdDSAJCS2022, dataintegrity.ECDSARDFC2019, dataintegrity.ECDSAJCS2019, dataintegrity.ECDSASD2023, dataintegrity.BBS2023,
		jose.VCJWT, jose.OpenBadgeJWT, sdjwt.DCSDJWT, sdjwt.VCSDJWT, cose.VCCOSE} {
		out = append(out, string(id))
	}
	return out
}

// Form returns the suite of a form that somebody named: one of SuiteNames, or
// "sd-jwt".
func (a *App) Form(name string) (proof.Suite, error) {
	if name == "sd-jwt" {
		name = string(sdjwt.DCSDJWT)
	}
	if !slices.Contains(SuiteNames(), name) {
		return nil, reason.New(reason.Usage, "--format", "%.40q is none of sd-jwt, %s", name, strings.Join(SuiteNames(), ", "))
	}
	return a.suites.Suite(proof.ID(name))
}
