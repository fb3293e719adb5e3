package app

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/gather"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// StatsFile is a signed file of statistics: one of the four.
type StatsFile struct {
	By        string
	Published *stats.Published
	Table     *stats.Table
	Manifest  *terms.Manifest
	Call      *stats.Call
}

// StatsOpen checks and reads a signed file of whatever kind.
func (a *App) StatsOpen(ctx context.Context, raw []byte) (StatsFile, error) {
	raw = bytes.TrimSpace(raw)
	keyOf := func(kid string) (key.Public, error) { return a.methodKey(ctx, kid) }
	var f StatsFile
	var err error
	switch payloadType(raw) {
	case "bevis-transitions/1":
		if f.Published, err = stats.Open(raw, keyOf); err == nil {
			f.By = f.Published.About.By
		}
	case "bevis-table/1":
		if f.Table, err = stats.OpenTable(raw, keyOf); err == nil {
			f.By = f.Table.About.By
		}
	case "bevis-released/1":
		f.Manifest, f.By, err = stats.OpenManifest(raw, keyOf)
	case "bevis-call/1":
		if f.Call, err = stats.OpenCall(raw, keyOf); err == nil {
			f.By = f.Call.About.By
		}
	default:
		err = reason.New("statistics_invalid/file", "", "is no signed statistic, table, call or list of releases")
	}
	return f, err
}

// payloadType is what a compact JWS says that it holds, for who then opens it
// as that.
func payloadType(raw []byte) string {
	parts := strings.Split(string(raw), ".")
	if len(parts) != 3 || len(raw) > maxInput {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	v, err := strictjson.ParseObject(payload, strictjson.Limits{MaxBytes: maxInput, MaxValues: 1 << 20})
	if err != nil {
		return ""
	}
	typ, _ := v.Get("type").Text()
	return typ
}

// StatsCall reads a call.
func (a *App) StatsCall(ctx context.Context, raw []byte) (*stats.Call, error) {
	f, err := a.StatsOpen(ctx, raw)
	if err == nil && f.Call == nil {
		err = reason.New("statistics_invalid/call", "", "is a signed file, and no call for contributions")
	}
	return f.Call, err
}

// StatsGiftRequest is what a contribution is made from.
type StatsGiftRequest struct {
	Call       *stats.Call
	Catalogue  *Catalogue
	Credential string // id of the item that lets in; empty: the first that does
	Goal       string // of gaps: the occupation
	Region     string // of gaps
}

// StatsGift is a contribution that nothing has left of yet.
type StatsGift struct {
	Call         *stats.Call
	Contribution stats.Contribution
	Shown        wallet.Item // the credential that lets in
}

// StatsPrepare makes a contribution from a wallet, for its owner to look at.
func (a *App) StatsPrepare(ctx context.Context, w *wallet.Wallet, r StatsGiftRequest) (StatsGift, error) {
	g := StatsGift{Call: r.Call}
	var profile competence.Profile
	var err error
	if r.Call.Purpose == stats.Transitions {
		profile, err = a.courses(ctx, w, r.Catalogue)
	} else {
		profile, err = a.Profile(ctx, w, r.Catalogue, nil)
	}
	if err != nil {
		return g, err
	}
	if g.Shown, err = entry(w, r.Call, profile, r.Credential); err != nil {
		return g, err
	}
	if r.Call.Purpose == stats.Transitions {
		var history []stats.Visit
		for _, one := range profile.Achieved {
			if one.Verified && one.Offer != "" && !one.On.IsZero() {
				history = append(history, stats.Visit{Course: one.Offer, Day: catalogue.Date(one.On.UTC().Format(time.DateOnly))})
			}
		}
		g.Contribution, err = stats.Contribute(history, r.Call.Lists, r.Call.Purpose, r.Call.About.Period, r.Call.Shape)
		if err == nil && len(g.Contribution.Courses) == 0 {
			err = reason.New("not_found/courses", "", "the wallet proves no course of the call's list in its period, so there is nothing to contribute")
		}
		return g, err
	}
	g.Contribution, err = missing(r, profile)
	return g, err
}

// entry finds the credential that lets in: by an issuer of the call, about a
// key of this wallet, and held to be valid.
func entry(w *wallet.Wallet, c *stats.Call, p competence.Profile, id string) (wallet.Item, error) {
	if id != "" {
		return w.Item(id)
	}
	own := w.Keys()
	for _, item := range w.Items() {
		at := slices.IndexFunc(p.Achieved, func(a competence.Achieved) bool { return a.Source == item.ID })
		if at < 0 || !slices.Contains(own, item.Subject) || !slices.Contains(c.Issuers, item.Issuer) {
			continue
		}
		if one := p.Achieved[at]; one.Verified && (c.Achievement == "" || c.Achievement == one.Achievement) {
			return item, nil
		}
	}
	return wallet.Item{}, reason.New("not_found/entry", "", "the wallet has no valid credential, about a key of its own, by one of those that the call names")
}

// missing makes the contribution of what an occupation takes and the person
// can't show.
func missing(r StatsGiftRequest, p competence.Profile) (stats.Contribution, error) {
	out := stats.Contribution{Purpose: r.Call.Purpose, Period: r.Call.About.Period}
	dimensions := r.Call.Table.Dimensions
	if len(dimensions) != 3 || dimensions[0].Name != "region" || dimensions[1].Name != "occupation" || dimensions[2].Name != "skill" {
		return out, reason.New("statistics_invalid/call", "/table", "is not by region, occupation and skill")
	}
	if !slices.Contains(dimensions[0].Values, r.Region) {
		return out, reason.New("usage/missing-flag", "--region", "one of %s", strings.Join(dimensions[0].Values, ", "))
	}
	found := r.Catalogue.Vocabulary.FindOccupations(r.Goal, 1)
	if len(found) == 0 || !slices.Contains(dimensions[1].Values, found[0].URI) {
		return out, reason.New("usage/missing-flag", "--goal", "name an occupation that the call asks about: %s", strings.Join(dimensions[1].Values, ", "))
	}
	for _, c := range p.Gap(r.Catalogue.Vocabulary, competence.OccupationGoal(r.Catalogue.Vocabulary, found[0])).Skills {
		if c.Essential && c.Cover == competence.Missing && slices.Contains(dimensions[2].Values, c.URI) && len(out.Cells) < r.Call.Table.PerPerson {
			out.Cells = append(out.Cells, []string{r.Region, found[0].URI, c.URI})
		}
	}
	if len(out.Cells) == 0 {
		return out, reason.New("not_found/gaps", "", "nothing that the call asks about is missing, so there is nothing to contribute")
	}
	return out, nil
}

// statsPurpose begins the purpose in the share log of what was given for a
// call.
func statsPurpose(c *stats.Call) string {
	return fmt.Sprintf("statistics of %s, %s to %s", c.Purpose, c.About.Period.From, c.About.Period.To)
}

// statsShares returns what a wallet's log has for a call, and a time that is
// later than all that was made for it, so that the newest counts.
func (a *App) statsShares(w *wallet.Wallet, c *stats.Call) (given []wallet.Share, made time.Time) {
	last, n := time.Time{}, 0
	for _, s := range w.Shares() {
		if s.Audience != c.About.By || !strings.HasPrefix(s.Purpose, statsPurpose(c)+":") {
			continue
		}
		given = append(given, s)
		for _, t := range []time.Time{s.At, s.Withdrawn} {
			if !t.IsZero() {
				n++
			}
			if t.After(last) {
				last = t
			}
		}
	}
	made = a.cfg.Now().UTC().Truncate(time.Second)
	if least := last.Add(time.Duration(n) * time.Second); n > 0 && made.Before(least) {
		made = least
	}
	return given, made
}

// StatsGive signs a contribution for who called. It stands in the wallet's
// share log before the bytes are returned.
func (a *App) StatsGive(ctx context.Context, w *wallet.Wallet, g StatsGift) ([]byte, error) {
	if err := g.Call.Fits(g.Contribution); err != nil {
		return nil, err
	}
	suite, err := a.suites.Suite(proof.ID("eddsa-jcs-2022"))
	if err != nil {
		return nil, err
	}
	raw, err := g.Contribution.MarshalJSON()
	if err != nil {
		return nil, err
	}
	s := gather.Submission{Call: g.Call.Digest(), Contribution: raw}
	_, s.Made = a.statsShares(w, g.Call)
	if s.Proof, err = w.ProvePseudonym(ctx, g.Shown.ID, gather.Alpha(g.Call)); err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%d courses, %d pairs", len(g.Contribution.Courses), len(g.Contribution.Pairs))
	if g.Call.Purpose != stats.Transitions {
		what = fmt.Sprintf("%d cells", len(g.Contribution.Cells))
	}
	s.Presentation, _, err = w.Share(ctx, wallet.ShareRequest{IDs: []string{g.Shown.ID}, Audience: g.Call.About.By, Purpose: statsPurpose(g.Call) + ": " + what,
		Challenge: s.Challenge(), Expires: a.cfg.Now().UTC().AddDate(0, 0, 14), Suite: suite})
	if err != nil {
		return nil, err
	}
	return s.JSON()
}

// StatsWithdraw makes what takes a contribution out again, and notes it in
// the share log. One that was never made is not_found/contribution.
func (a *App) StatsWithdraw(ctx context.Context, w *wallet.Wallet, c *stats.Call) ([]byte, error) {
	given, made := a.statsShares(w, c)
	if len(given) == 0 {
		return nil, reason.New("not_found/contribution", "", "the wallet's log has no contribution for this call")
	}
	last := given[len(given)-1]
	at := slices.IndexFunc(w.Items(), func(i wallet.Item) bool { return i.Subject == last.Holder })
	if at < 0 {
		return nil, reason.New("not_found/item", "", "no credential about the key that contributed is left in the wallet")
	}
	item := w.Items()[at].ID
	out := gather.Withdrawal{Call: c.Digest(), Made: made, Holder: last.Holder}
	var err error
	if out.Proof, err = w.ProvePseudonym(ctx, item, gather.Alpha(c)); err != nil {
		return nil, err
	}
	if out.Wish, err = w.ProvePseudonym(ctx, item, out.WishAlpha()); err != nil {
		return nil, err
	}
	raw, err := out.JSON()
	if err != nil {
		return nil, err
	}
	return raw, w.Withdraw(ctx, last.ID)
}
