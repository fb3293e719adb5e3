package app

import (
	"context"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// LongAgo is after what time a verification that found a credential valid is
// no longer to be relied on: as old as the status that it rests on may be.
const LongAgo = 31 * 24 * time.Hour

// WalletQuery is what credentials are looked for by, as it is typed.
type WalletQuery struct {
	Words                []string
	Issuer, Skill, Level string
	Tags                 []string
	State                string // one of wallet.States
	Since, Until         string // a day, a month as 2026-05, or a year; both are meant too
}

// Empty tells whether all is looked for.
func (q WalletQuery) Empty() bool {
	return len(q.Words)+len(q.Tags) == 0 && q.Issuer+q.Skill+q.Level+q.State+q.Since+q.Until == ""
}

// WalletFind returns the credentials of a wallet that are looked for, in the
// order of wallet.Find.
func (a *App) WalletFind(w *wallet.Wallet, q WalletQuery) ([]wallet.Item, error) {
	r := wallet.Query{Text: strings.Join(q.Words, " "), Issuer: q.Issuer, Skill: q.Skill, Level: q.Level, Tags: q.Tags, State: wallet.State(q.State), Now: a.cfg.Now()}
	if q.State != "" && !slices.Contains(wallet.States(), r.State) {
		return nil, reason.New(reason.Usage, "--state", "give one of %s", strings.Trim(strings.ReplaceAll(stateNames(), " ", ", "), ", "))
	}
	var err error
	if r.Since, _, err = span(q.Since); err != nil {
		return nil, err
	}
	if _, r.Until, err = span(q.Until); err != nil {
		return nil, err
	}
	return w.Find(r), nil
}

func stateNames() string {
	var b strings.Builder
	for _, s := range wallet.States() {
		b.WriteString(string(s) + " ")
	}
	return b.String()
}

// span reads a day, a month or a year, and returns its first instant and the
// first one after it.
func span(s string) (from, until time.Time, err error) {
	if s == "" {
		return from, until, nil
	}
	for _, form := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}, {"2.1.2006", 0, 0, 1}} {
		if from, err = time.Parse(form.layout, s); err == nil {
			return from, from.AddDate(form.years, form.months, form.days), nil
		}
	}
	return from, until, reason.New(reason.Usage, s, "give a year as 2026, a month as 2026-05 or a day as 2026-05-31")
}

// WalletVerified is what came of verifying a credential of a wallet anew.
type WalletVerified struct {
	Result VerifyResult `json:"result"`
	// Noted tells whether the wallet keeps it. That a check could not be made
	// today takes the place of nothing that was found before.
	Noted bool `json:"noted"`
}

// WalletVerify verifies a credential of a wallet now, and notes what was found.
func (a *App) WalletVerify(ctx context.Context, w *wallet.Wallet, item wallet.Item, r VerifyRequest) (WalletVerified, error) {
	if item.Form == "unknown" {
		return WalletVerified{}, reason.New("wrong_type/unknown-form", item.ID, "a later version kept it")
	}
	r.Inputs = []Input{{Name: item.ID, Raw: a.atMost(ctx, item.Raw()), proofs: proofsOfItem(item)}}
	results, err := a.Verify(ctx, r)
	if err != nil {
		return WalletVerified{}, err
	}
	out := WalletVerified{Result: results.Results[0]}
	found := out.Result
	if known := item.Verified; known != nil && known.Verdict != found.Verdict && (found.class == reason.Undetermined || found.class == reason.Untrusted && known.Verdict != "undetermined") {
		return out, nil
	}
	out.Noted = true
	return out, w.SetVerified(ctx, item.ID, wallet.Verification{Verdict: found.Verdict, Reason: found.Reason, At: found.JudgedAt})
}

// WalletProfile is a competence profile of what a wallet proves, and apart from
// it what it does not. No skill of one part has a ground of another.
type WalletProfile struct {
	Schema string    `json:"schema"` // bevis.wallet-profile/v1
	At     time.Time `json:"at"`
	EQF    int       `json:"eqf,omitempty"` // the highest level among what is proven
	// Proven is what verified credentials of others name, or give by the course
	// that they are for; Read is what their words point to.
	Proven   []competence.Skill    `json:"proven"`
	Read     []competence.Skill    `json:"read"`
	Achieved []competence.Achieved `json:"achieved"`
	// NotProven are credentials that prove nothing, each with why.
	NotProven []competence.Achieved `json:"notProven"`
	// Claimed is what the holder says: in words, or by credentials of their own
	// making. Histories is what files say that nobody verified.
	Claimed   WalletProfilePart `json:"claimed"`
	Histories WalletProfilePart `json:"histories"`
}

// WalletProfilePart is what one kind of source says.
type WalletProfilePart struct {
	Skills   []competence.Skill    `json:"skills"`
	Achieved []competence.Achieved `json:"achieved"`
}

// selfIssued is why a credential of the holder's own making proves nothing.
const selfIssued = "self_claimed"

// WalletProfile builds the profile. Each credential is verified anew, as for
// Profile; issuers, if there are any, are trusted in place of the trust policy.
func (a *App) WalletProfile(ctx context.Context, w *wallet.Wallet, c *Catalogue, declared, issuers []string) (WalletProfile, error) {
	out := WalletProfile{Schema: "bevis.wallet-profile/v1", At: a.cfg.Now().UTC().Truncate(time.Second)}
	in, err := a.profileInput(ctx, w, c, issuers)
	if err != nil {
		return out, err
	}
	own := map[string]bool{}
	for _, key := range w.Keys() {
		own[key] = true
	}
	about := map[string]string{} // whom each credential is about
	for _, i := range w.Items() {
		about[i.ID] = i.Subject
	}
	var proven, claimed, histories []competence.Achieved
	for _, achieved := range in.Achieved {
		switch {
		case achieved.Recorded:
			histories = append(histories, achieved)
		case own[achieved.Issuer] || achieved.Issuer != "" && achieved.Issuer == about[achieved.Source]:
			achieved.Verified, achieved.Why = false, selfIssued
			claimed = append(claimed, achieved)
		case achieved.Verified:
			proven = append(proven, achieved)
		default:
			out.NotProven = append(out.NotProven, achieved)
		}
	}
	build := func(achieved []competence.Achieved, declared []string) (competence.Profile, error) {
		part := in.Input
		part.Achieved, part.Declared = achieved, declared
		return competence.Build(ctx, part)
	}
	p, err := build(proven, nil)
	if err != nil {
		return out, err
	}
	out.Achieved, out.EQF = p.Achieved, p.EQF
	for _, k := range p.Skills {
		if k.Grade.Proven() {
			// Grounds are sorted, the best first: what was merely read follows.
			k.Grounds = slices.DeleteFunc(slices.Clone(k.Grounds), func(g competence.Ground) bool { return !g.Grade.Proven() })
			out.Proven = append(out.Proven, k)
		} else {
			out.Read = append(out.Read, k)
		}
	}
	for _, i := range w.Items() {
		if slices.ContainsFunc(proven, func(x competence.Achieved) bool { return x.Source == i.ID }) {
			out.EQF = max(out.EQF, highestEQF(i.Levels))
		}
	}
	for part, from := range map[*WalletProfilePart]struct {
		achieved []competence.Achieved
		declared []string
	}{&out.Claimed: {claimed, declared}, &out.Histories: {histories, nil}} {
		p, err := build(from.achieved, from.declared)
		if err != nil {
			return out, err
		}
		part.Skills, part.Achieved = append([]competence.Skill{}, p.Skills...), append([]competence.Achieved{}, p.Achieved...)
	}
	for _, list := range []*[]competence.Skill{&out.Proven, &out.Read} {
		*list = append([]competence.Skill{}, *list...) // in JSON an empty list, and not null
	}
	for _, list := range []*[]competence.Achieved{&out.Achieved, &out.NotProven} {
		*list = append([]competence.Achieved{}, *list...)
	}
	return out, nil
}

func highestEQF(levels []string) (highest int) {
	for _, l := range levels {
		if number, ok := strings.CutPrefix(l, "EQF "); ok {
			if n, err := strconv.Atoi(number); err == nil && n <= 8 {
				highest = max(highest, n)
			}
		}
	}
	return highest
}

// CatalogueIfThere opens a catalogue. A folder that is not there is an empty
// one, which knows no offers and no vocabulary.
func (a *App) CatalogueIfThere(ctx context.Context, folder string) (*Catalogue, error) {
	if info, err := os.Stat(folder); err == nil && info.IsDir() {
		return a.CatalogueOpen(ctx, folder)
	}
	v, err := esco.New(nil, nil)
	return &Catalogue{Vocabulary: v}, err
}
