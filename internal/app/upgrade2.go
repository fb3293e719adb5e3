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
	c, lost, err := ob2.Upgrade(o, openbadge.Profile{ID: setup.ID, Name: setup.Name, URL: setup.URL}, strictjson.Limits{})
	if err != nil {
		return nil, nil, err
	}
	out, err := json.MarshalIndent(json.RawMessage(c.Raw()), "", "  ")
	return append(out, '\n'), lost, err
}
