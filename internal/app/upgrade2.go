package app

import (
	"bytes"
	"encoding/json"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/loss"
	"github.com/kompetansebevis/bevis/credential/ob2"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// UpgradeBadge2 writes an Open Badge 2.0, or the notarised copy of one, as an
// unsigned Open Badge 3.0 by the issuer that is set up here: whoever signs the
// new one is its issuer. Raw is the badge out of what carried it. Nothing is
// fetched and nothing judged: a badge whose class stands at its host alone is
// not_found/badge-class, and a notarised copy has all that is needed.
func (a *App) UpgradeBadge2(raw []byte) ([]byte, loss.Report, error) {
	setup, err := a.IssuerShow()
	if err != nil {
		return nil, nil, err
	}
	by, err := setup.profile()
	if err != nil {
		return nil, nil, err
	}
	c, lost, err := a.upgraded(raw, by)
	if err != nil {
		return nil, nil, err
	}
	out, err := json.MarshalIndent(json.RawMessage(c.Raw()), "", "  ")
	return append(out, '\n'), lost, err
}

// upgraded is the new badge, for by to sign.
func (a *App) upgraded(raw []byte, by openbadge.Profile) (*credential.Credential, loss.Report, error) {
	o := ob2.Original{Assertion: bytes.TrimSpace(raw)}
	if doc, _, err := a.Document(raw); err == nil && ob2.IsSnapshot(doc) {
		c, err := credential.New(doc, raw)
		if err != nil {
			return nil, nil, err
		}
		seen, err := ob2.ReadSnapshot(c, strictjson.Limits{})
		if err != nil {
			return nil, nil, err
		}
		o = seen.Original(bytes.TrimSpace(raw))
	}
	return ob2.Upgrade(o, by, strictjson.Limits{})
}

// anybody stands for who would sign an upgrade, where only what would become of
// the badge is asked for.
const anybody = "urn:x-bevis:anybody"

// badge2AsItSays is an Open Badge 2.0 in the words of 3.0 with nobody between: its
// own id and issuer, and not the evidence that an upgrade has of its original. It
// is for holding against others, and no document for anybody to have.
func (a *App) badge2AsItSays(raw []byte) (*strictjson.Value, loss.Report, error) {
	c, lost, err := a.upgraded(raw, openbadge.Profile{ID: anybody})
	if err != nil {
		return nil, nil, err
	}
	doc := c.Document()
	subject := doc.Get("credentialSubject")
	achievement := subject.Get("achievement")
	issuer := achievement.Get("creator")
	if class := credential.ID(achievement.Get("related").List()[0]); class != "" {
		achievement = achievement.With("id", strictjson.String(class))
	}
	achievement = achievement.Without("creator", "related")
	var own []*strictjson.Value
	for _, e := range doc.Get("evidence").List() {
		if e.Get("digestSRI") == nil {
			own = append(own, e)
		}
	}
	doc = doc.Without("awardedDate").With("issuer", issuer).With("evidence", strictjson.Array(own...)).With("credentialSubject", subject.Without("source").With("achievement", achievement))
	if badge, _, err := a.Document(raw); err == nil && ob2.Is(badge) {
		doc = doc.With("id", badge.Get("id"))
	}
	return doc, lost, nil
}
