package app

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/credential/proof/cose"
	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/jose"
	"github.com/kompetansebevis/bevis/credential/proof/sdjwt"
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
	own, err := s.profile()
	if err != nil {
		return nil, err
	}
	return issuer.New(issuer.Config{
		Profile: own, Signer: signer, Suite: suite, ListSuite: listSuite,
		Ledger: ledger, StatusBase: s.StatusBase, ListSize: s.ListSize, Messages: s.Messages, Now: a.cfg.Now, KeyExpires: s.Current().Expires, Methods: methods})
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
		return unissued(slug, err)
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
			return profile.Refuse(reason.Usage, "--email", saidNoEmail.With(fmt.Sprintf("%.80s", r.Email)))
		}
	}
	switch {
	case r.ID == "":
		return nil
	case strings.Contains(r.ID, "@") && !strings.Contains(r.ID, ":"):
		return profile.Refuse(reason.Usage, "--to", saidEmailTo.With(fmt.Sprintf("%.80s", r.ID)))
	case strings.HasPrefix(r.ID, "did:"):
		return checkDID(ctx, "--to", r.ID)
	case !strings.Contains(r.ID, ":"):
		return profile.Refuse(reason.Usage, "--to", saidNoDID.With(fmt.Sprintf("%.80s", r.ID)))
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
		return profile.Refuse(reason.Usage, at, saidBadDID.With(fmt.Sprintf("%.120s", id), err.Error()))
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
		return t, profile.Refuse(reason.Usage, s, saidDay.With())
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
		return nil, profile.Refuse(reason.Usage, "--format", saidNoForm.With(fmt.Sprintf("%.40s", name), strings.Join(SuiteNames(), ", ")))
	}
	return a.suites.Suite(proof.ID(name))
}
