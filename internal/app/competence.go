package app

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/recommend"
	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/support"
	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/credential/did"
	"github.com/kompetansebevis/bevis/credential/key"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/verifier"
	"github.com/kompetansebevis/bevis/wallet"
)

// methodKey finds the key of a verification method that may sign for its
// controller.
func (a *App) methodKey(ctx context.Context, kid string) (key.Public, error) {
	client, err := a.client()
	if err != nil {
		return key.Public{}, err
	}
	controller, _, _ := strings.Cut(kid, "#")
	document, err := did.Mux{"key": did.Key{}, "jwk": did.JWK{}, "web": did.Web{Fetcher: client}}.Resolve(ctx, controller)
	if err != nil {
		return key.Public{}, err
	}
	m, ok := document.Method(kid)
	if !ok || !slices.Contains(document.AssertionMethod, kid) {
		return key.Public{}, reason.New("key_invalid/unknown-method", kid, "the controller names no such key to sign with")
	}
	return m.Public, m.Err
}

// Profile builds the competence profile of a wallet. Each credential is
// verified anew. Where that cannot be told now (a status list is out of
// reach), what was found when it was added counts; and for the owner's own
// eyes an issuer is good enough that the catalogue names as a provider's.
func (a *App) Profile(ctx context.Context, w *wallet.Wallet, c *Catalogue, declared []string) (competence.Profile, error) {
	in, err := a.profileInput(ctx, w, c, nil)
	if err != nil {
		return competence.Profile{}, err
	}
	in.Declared = declared
	return competence.Build(ctx, in.Input)
}

// courses is the profile as far as it says which courses were taken. No texts
// are read for it: learning a vocabulary for that takes seconds.
func (a *App) courses(ctx context.Context, w *wallet.Wallet, c *Catalogue) (competence.Profile, error) {
	in, err := a.profileInput(ctx, w, c, nil)
	if err != nil {
		return competence.Profile{}, err
	}
	in.Linker = nil
	return competence.Build(ctx, in.Input)
}

// profileInput verifies the credentials of a wallet for a profile, and reads
// its files of results.
func (a *App) profileInput(ctx context.Context, w *wallet.Wallet, c *Catalogue, issuers []string) (profileInput, error) {
	v, err := a.newVerifier(issuers)
	if err != nil {
		return profileInput{}, err
	}
	in, err := c.input(ctx)
	if err != nil {
		return profileInput{}, err
	}
	for _, item := range w.Items() {
		report, _ := v.Verify(ctx, verifier.Request{Raw: a.atMost(ctx, item.Raw())})
		why := string(report.Reason)
		switch {
		case report.Verdict == verifier.Valid:
			why = ""
		case report.Verdict == verifier.Undetermined && item.Verified != nil && item.Verified.Verdict == verifier.Valid.String():
			why = ""
		case report.Verdict == verifier.Undetermined && item.Verified != nil && (item.Verified.Verdict == verifier.Invalid.String() || item.Verified.Verdict == verifier.NotInForce.String()):
			why = item.Verified.Reason // what was revoked stays so
		case report.Verdict == verifier.Untrusted && in.issues(report.Issuer.ID) && passedProof(report):
			why = ""
		}
		if achieved, ok := read(report, item.ID, why); ok {
			in.Achieved = append(in.Achieved, achieved)
		}
	}
	records, err := a.records(ctx, w, c)
	in.Achieved = append(in.Achieved, records...)
	return in, err
}

// passedProof tells whether the signature was checked and holds, and nothing
// of what was checked beside trust says no.
func passedProof(r *verifier.Report) bool {
	proof := false
	for _, c := range r.Checks {
		switch {
		case c.ID == verifier.CheckTrust:
		case c.Outcome == verifier.Fail || c.Outcome == verifier.NotRun:
			return false
		case c.ID == verifier.CheckProof:
			proof = c.Outcome == verifier.Pass
		}
	}
	return proof
}

// read takes what was achieved from a report. A credential that is no badge
// says nothing of skills.
func read(r *verifier.Report, source, why string) (competence.Achieved, bool) {
	var c *credential.Credential
	if c = r.Credential(); c == nil {
		c = r.Claimed()
	}
	if c == nil {
		return competence.Achieved{}, false
	}
	achieved, err := competence.FromCredential(source, c, why)
	return achieved, err == nil
}

type profileInput struct{ competence.Input }

func (c *Catalogue) input(ctx context.Context) (profileInput, error) {
	in := profileInput{competence.Input{Issuers: map[string][]string{}, Vocabulary: c.Vocabulary, Linker: c.Linker}}
	if c.Store == nil {
		return in, nil
	}
	return in, c.Store.Each(ctx, func(l catalogue.Listing) error {
		in.Offers = append(in.Offers, l.Offer)
		in.Issuers[l.Provider.ID] = append([]string{l.Provider.ID}, l.Provider.Issuer...)
		return nil
	})
}

func (p profileInput) issues(issuer string) bool {
	for _, ids := range p.Issuers {
		if slices.Contains(ids, issuer) {
			return true
		}
	}
	return false
}

// Team builds the map of what people shared with an employer: one file each,
// which must be a presentation for that employer that is in force.
func (a *App) Team(ctx context.Context, r VerifyRequest, c *Catalogue) (competence.Team, []VerifyResult, error) {
	v, err := a.newVerifier(r.Issuers)
	if err != nil {
		return competence.Team{}, nil, err
	}
	in, err := c.input(ctx)
	if err != nil {
		return competence.Team{}, nil, err
	}
	var members []competence.Member
	var refused []VerifyResult
	for _, input := range r.Inputs {
		if input.Err != nil {
			refused = append(refused, a.unread(input, a.cfg.Now()))
			continue
		}
		report, _ := v.Verify(ctx, verifier.Request{Raw: input.Raw, At: r.At, Audience: r.Audience, RequireHolder: true, StatusLists: r.StatusLists})
		m := competence.Member{Name: strings.TrimSuffix(filepath.Base(input.Name), filepath.Ext(input.Name))}
		if report.Kind != verifier.KindPresentation || report.Verdict != verifier.Valid {
			result := a.resultOf(report)
			result.Input = input.Name
			refused = append(refused, result)
			continue
		}
		shared := in
		shared.Achieved = nil
		for n, part := range report.Parts {
			if achieved, ok := read(part, m.Name+" "+strconv.Itoa(n+1), ""); ok {
				shared.Achieved = append(shared.Achieved, achieved)
			}
		}
		if m.Profile, err = competence.Build(ctx, shared.Input); err != nil {
			return competence.Team{}, nil, err
		}
		members = append(members, m)
	}
	return competence.NewTeam(members, a.cfg.Now()), refused, nil
}

// Goal reads what somebody names as a goal: a file with a job's text, the ref
// of an offer, an occupation by name or code, or a skill.
func (a *App) Goal(ctx context.Context, c *Catalogue, name string) (competence.Goal, error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		raw, err := readUpTo(name, 1<<20)
		if err != nil {
			return competence.Goal{}, err
		}
		return competence.TextGoal(ctx, c.Vocabulary, c.Linker, filepath.Base(name), string(raw))
	}
	if _, _, ok := catalogue.SplitRef(name); ok {
		l, err := c.Store.Get(ctx, name)
		if err != nil {
			return competence.Goal{}, err
		}
		return competence.OfferGoal(c.Vocabulary, l.Offer), nil
	}
	if found := c.Vocabulary.FindOccupations(name, 1); len(found) > 0 {
		return competence.OccupationGoal(c.Vocabulary, found[0]), nil
	}
	if found := c.Vocabulary.ByLabel(name); len(found) > 0 {
		return competence.SkillsGoal(c.Vocabulary, found[0].URI), nil
	}
	if l, err := c.Store.Get(ctx, name); err == nil {
		return competence.OfferGoal(c.Vocabulary, l.Offer), nil
	}
	return competence.Goal{}, reason.New("not_found/goal", name, "no occupation, skill or offer has that name")
}

// RecommendRequest is what to take into account.
type RecommendRequest struct {
	Goal       string
	Declared   []string
	Facts      support.Facts
	Conditions recommend.Conditions
	Without    []recommend.Source
}

// Recommendation is the answer.
type Recommendation struct {
	Profile competence.Profile
	Gap     *competence.Gap
	Ranking recommend.Ranking
	Paths   []recommend.Path
	// Before is where offers stand with everything taken into account, by ref;
	// nil if everything was.
	Before map[string]int
}

// Recommend ranks the catalogue for a wallet's owner; w may be nil.
func (a *App) Recommend(ctx context.Context, w *wallet.Wallet, c *Catalogue, r RecommendRequest) (Recommendation, error) {
	in, err := a.recommendInput(ctx, w, c, r)
	if err != nil {
		return Recommendation{}, err
	}
	out := Recommendation{Profile: in.Profile, Gap: in.Gap, Ranking: recommend.Rank(in), Paths: recommend.Paths(in)}
	if len(in.Without) > 0 {
		in.Without, out.Before = nil, map[string]int{}
		for _, s := range recommend.Rank(in).All() {
			out.Before[s.Listing.Offer.Ref()] = s.Position
		}
	}
	return out, nil
}

func (a *App) recommendInput(ctx context.Context, w *wallet.Wallet, c *Catalogue, r RecommendRequest) (recommend.Input, error) {
	in := recommend.Input{Vocabulary: c.Vocabulary, Schemes: c.Schemes, Facts: r.Facts, Conditions: r.Conditions,
		On: catalogue.Date(a.cfg.Now().Format("2006-01-02")), Without: r.Without}
	var err error
	if w != nil {
		in.Profile, err = a.Profile(ctx, w, c, r.Declared)
	} else {
		in.Profile, err = competence.Build(ctx, competence.Input{Declared: r.Declared, Vocabulary: c.Vocabulary})
	}
	if err != nil {
		return in, err
	}
	if in.Offers, err = c.Listings(ctx); err != nil {
		return in, err
	}
	in.Old = a.old(c, in.Offers)
	if c.Statistics != nil {
		in.Statistics = published{c.Statistics}
	}
	if r.Goal != "" {
		goal, err := a.Goal(ctx, c, r.Goal)
		if err != nil {
			return in, err
		}
		gap := in.Profile.Gap(c.Vocabulary, goal)
		in.Gap = &gap
	}
	return in, nil
}

// published makes points of what statistics say: everybody who went on to the
// candidate would be worth two essential skills of a goal.
type published struct{ *stats.Published }

const pointsEverybody = 600

func (p published) Contributions(history []string, candidate string) []recommend.Contribution {
	var out []recommend.Contribution
	for _, part := range p.Published.Contributions(history, candidate) {
		out = append(out, recommend.Contribution{From: part.Source, Points: part.Value / (stats.One / pointsEverybody)})
	}
	slices.SortStableFunc(out, func(a, b recommend.Contribution) int { return cmp.Compare(b.Points, a.Points) })
	return out
}
