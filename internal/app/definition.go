package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
)

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

func checkSlug(slug string) error {
	if slug == "" || slug != Slug(slug) {
		return profile.Refuse(reason.Usage, slug, saidShortName.With())
	}
	return nil
}

// Achievement is an achievement with the name under which it is kept.
type Achievement struct {
	Slug string
	openbadge.Achievement
}

// AchievementNew checks and keeps an achievement, which issues nothing yet. What
// definition.Check finds beside errors is for the caller to show.
func (a *App) AchievementNew(ac Achievement) (Achievement, error) {
	if ac.Slug == "" {
		ac.Slug = Slug(ac.Name)
	}
	if err := checkSlug(ac.Slug); err != nil {
		return ac, err
	}
	for _, gap := range []struct {
		missing bool
		flag    string
	}{{ac.Name == "", "--name"}, {ac.Description == "", "--description"}, {ac.ID == "", "--id"},
		{ac.Criteria == nil || ac.Criteria.Narrative == "" && ac.Criteria.ID == "", "--criteria"}} {
		if gap.missing {
			return ac, profile.Refuse(reason.Usage, gap.flag, saidWanted.With())
		}
	}
	if ac.Version == "" {
		ac.Version = definition.FirstVersion
	}
	if err := refused(definition.Check(ac.Achievement)); err != nil {
		return ac, err
	}
	return ac, a.keep(append(ac.Value().AppendJSON(nil), '\n'), false, "issuer", "achievements", ac.Slug+".json")
}

// AchievementGet reads an achievement.
func (a *App) AchievementGet(slug string) (Achievement, error) {
	ac := Achievement{Slug: slug}
	if err := checkSlug(slug); err != nil {
		return ac, err
	}
	var err error
	if ac.Achievement, err = readAchievement(a.path("issuer", "achievements", slug+".json"), slug); reason.CodeOf(err) == reason.NotFound {
		return ac, reason.New("not_found/achievement", slug, "there is no such achievement: bevis achievement list")
	}
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

// AchievementChanged is a definition after a change.
type AchievementChanged struct {
	Achievement
	Changed    bool // it says something else than before
	NewVersion bool
	Dropped    int // endorsements that are not of it any more
}

// AchievementChange changes a definition that is kept. If credentials were
// issued for it, the text they were issued under is kept as a version of its own
// (AchievementVersions), and the changed one follows it. Those who change
// definitions at the same time do so in turn, so edit gets what the one before
// has made of it, and must not change another.
func (a *App) AchievementChange(ctx context.Context, slug string, edit func(*openbadge.Achievement) error) (out AchievementChanged, err error) {
	err = a.changingDefinition(ctx, slug, func() (err error) { out, err = a.change(ctx, slug, edit); return err })
	return out, err
}

// changingDefinition calls f while nobody else changes a definition.
func (a *App) changingDefinition(ctx context.Context, slug string, f func() error) error {
	if _, err := a.AchievementGet(slug); err != nil { // no folder is made for a lock on nothing
		return err
	}
	return a.alone(ctx, definitionsLock, f)
}

func (a *App) change(ctx context.Context, slug string, edit func(*openbadge.Achievement) error) (AchievementChanged, error) {
	out := AchievementChanged{}
	old, err := a.AchievementGet(slug)
	if err != nil {
		return out, err
	}
	changed := old.Achievement
	if err := edit(&changed); err != nil {
		return out, err
	}
	if err := refused(definition.Check(changed)); err != nil {
		return out, err
	}
	issued, err := a.wasIssued(ctx, old.ID)
	if err != nil {
		return out, err
	}
	next, err := definition.Revise(old.Achievement, changed, issued)
	if err != nil {
		return out, err
	}
	out = AchievementChanged{Achievement{slug, next.Achievement}, next.Changed, next.Version, next.Dropped}
	before, err := a.versionsBefore(slug)
	if err != nil {
		return out, err
	}
	if out.NewVersion {
		for _, v := range before {
			if v.Version == out.Version {
				return out, reason.New("conflict/version", v.Version, "there was such a version already: call it something else")
			}
		}
		if err := a.keepVersion(slug, before, old.Achievement); err != nil {
			return out, err
		}
	}
	return out, a.keep(append(out.Value().AppendJSON(nil), '\n'), true, "issuer", "achievements", slug+".json")
}

// keepVersion keeps a text before another takes its place. If the program was
// stopped between the two before, it is there already and is written anew.
func (a *App) keepVersion(slug string, before []openbadge.Achievement, old openbadge.Achievement) error {
	n, again := len(before)+1, len(before) > 0 && before[len(before)-1].Version == old.Version
	if again {
		n--
	}
	return a.keep(append(old.Value().AppendJSON(nil), '\n'), again, "issuer", "achievements", slug, fmt.Sprintf("%04d.json", n))
}

// wasIssued reports whether the books have a credential for an achievement.
func (a *App) wasIssued(ctx context.Context, id string) (issued bool, err error) {
	err = a.withLedger(ctx, func(l books) error {
		issued, err = l.Awarded(ctx, id)
		return err
	})
	if reason.CodeOf(err) == "not_found/issuer" {
		return false, nil
	}
	return issued, err
}

// AchievementVersions returns all versions of a definition, the first one first
// and the one in use last.
func (a *App) AchievementVersions(slug string) ([]openbadge.Achievement, error) {
	now, err := a.AchievementGet(slug)
	if err != nil {
		return nil, err
	}
	before, err := a.versionsBefore(slug)
	if err != nil {
		return nil, err
	}
	before = slices.DeleteFunc(before, func(v openbadge.Achievement) bool { return v.Version == now.Version })
	return append(before, now.Achievement), nil
}

func (a *App) versionsBefore(slug string) ([]openbadge.Achievement, error) {
	folder := a.path("issuer", "achievements", slug)
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, reason.New(reason.IO, folder, "%w", bare(err))
	}
	var out []openbadge.Achievement
	for _, e := range entries { // by name, and so in order
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		v, err := readAchievement(a.path("issuer", "achievements", slug, e.Name()), slug)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// readAchievement reads a definition that commands take by a name.
func readAchievement(path, name string) (openbadge.Achievement, error) {
	raw, err := ReadFile(path)
	if err != nil {
		return openbadge.Achievement{}, err
	}
	v, err := strictjson.ParseObject(raw, strictjson.Limits{})
	if err != nil {
		return openbadge.Achievement{}, unread(path, name, err)
	}
	ac, err := openbadge.ReadAchievement(v)
	return ac, unread(path, name, err)
}

// AchievementFile reads a definition that is kept, or one in a file.
func (a *App) AchievementFile(name string) (Achievement, error) {
	if name == Slug(name) {
		return a.AchievementGet(name)
	}
	ac, err := readAchievement(name, name)
	return Achievement{Slug: name, Achievement: ac}, err
}

// AchievementTranslate keeps an edition of a definition in another language
// under a name of its own, and names it in the original, which that changes. Its
// skills of ESCO are called as in that language, where the catalogue in the folder
// knows it.
func (a *App) AchievementTranslate(ctx context.Context, folder, slug, as string, e definition.Edition) (edition Achievement, original AchievementChanged, err error) {
	err = a.changingDefinition(ctx, slug, func() (err error) {
		edition, original, err = a.translate(ctx, folder, slug, as, e)
		return err
	})
	return edition, original, err
}

func (a *App) translate(ctx context.Context, folder, slug, as string, e definition.Edition) (edition Achievement, original AchievementChanged, err error) {
	from, err := a.AchievementGet(slug)
	if err != nil {
		return edition, original, err
	}
	edition.Slug = as
	if as == "" {
		edition.Slug = slug + "-" + Slug(e.Language)
	}
	// The original is changed before the edition is kept: by then all must be well.
	if err := checkSlug(edition.Slug); err != nil {
		return edition, original, err
	}
	if err := Free(a.path("issuer", "achievements", edition.Slug+".json"), false); err != nil {
		return edition, original, err
	}
	var named openbadge.Achievement
	if edition.Achievement, named, err = definition.Translate(from.Achievement, e); err != nil {
		return edition, original, err
	}
	if edition.Alignment, err = relabeled(ctx, folder, e.Language, edition.Alignment); err != nil {
		return edition, original, err
	}
	if err := refused(definition.Check(edition.Achievement)); err != nil {
		return edition, original, err
	}
	original, err = a.change(ctx, slug, func(ac *openbadge.Achievement) error {
		*ac = named
		return nil
	})
	if err != nil {
		return edition, original, err
	}
	// The version that it is an edition of is the one that names it.
	for n, r := range edition.Related {
		if r.ID == original.ID {
			edition.Related[n].Version = original.Version
		}
	}
	edition, err = a.AchievementNew(edition)
	return edition, original, err
}

// AchievementEdition returns the short name of a definition's edition in a
// language, the definition's own if that is its language.
func (a *App) AchievementEdition(slug, language string) (string, error) {
	of, err := a.AchievementGet(slug)
	if err != nil || strings.EqualFold(of.InLanguage, language) {
		return slug, err
	}
	all, err := a.AchievementList()
	if err != nil {
		return slug, err
	}
	for _, ac := range all {
		if _, ok := definition.EditionOf(ac.Achievement, of.Achievement); ok && strings.EqualFold(ac.InLanguage, language) {
			return ac.Slug, nil
		}
	}
	return slug, profile.Refuse("not_found/edition", slug, saidNoEdition.With(fmt.Sprintf("%.20s", language), slug))
}

// AchievementLint returns what is to be mended in a definition, and that it is
// an edition of a text that changed since.
func (a *App) AchievementLint(ac Achievement) ([]profile.Finding, error) {
	findings := definition.Check(ac.Achievement)
	if s, err := a.IssuerShow(); err == nil && s.Country == "" && ac.AchievementType == "MicroCredential" {
		findings = append(findings, profile.Finding{Rule: "micro/country", Severity: profile.Warning, Code: reason.MalformedModel, At: ""}.
			Saying(saidNoCountry.With(), mendCountry.With()))
	}
	all, err := a.AchievementList()
	if err != nil {
		return findings, err
	}
	for _, of := range all {
		version, ok := definition.EditionOf(ac.Achievement, of.Achievement)
		if _, mutual := definition.EditionOf(of.Achievement, ac.Achievement); ok && version != "" && version != of.Version && mutual {
			findings = append(findings, profile.Finding{Rule: "definition/edition", Severity: profile.Warning, Code: reason.MalformedModel, At: "/related"}.
				Saying(saidOldEdition.With(version, of.Slug, of.Version), mendEdition.With("bevis achievement change "+ac.Slug+" --of-version "+of.Version)))
		}
	}
	return findings, nil
}

// Results makes results of what somebody wrote for a definition: "NAME=VALUE", or
// the value alone where the definition has results of one kind. For a definition
// that says nothing of results, it is told as it stands.
func (a *App) Results(slug string, texts []string) ([]openbadge.Result, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	ac, err := a.AchievementGet(slug)
	if err != nil {
		return nil, err
	}
	var out []openbadge.Result
	for _, text := range texts {
		d, value, err := described(ac.ResultDescription, text)
		if err != nil {
			return nil, err
		}
		r := openbadge.Result{Value: value}
		if d.ID != "" {
			if r, err = definition.Result(d, value); err != nil {
				return nil, reason.Wrap(reason.CodeOf(err), "--result", errors.Unwrap(err)) // of which it is, it says
			}
		}
		out = append(out, r)
	}
	return out, nil
}

// described finds the description that a result is of.
func described(list []openbadge.ResultDescription, text string) (openbadge.ResultDescription, string, error) {
	name, value, named := strings.Cut(text, "=")
	for _, d := range list {
		if named && strings.EqualFold(strings.TrimSpace(name), d.Name) {
			return d, strings.TrimSpace(value), nil
		}
	}
	switch len(list) {
	case 0:
		if strings.TrimSpace(text) == "" {
			return openbadge.ResultDescription{}, "", profile.Refuse(reason.Usage, "--result", saidBlankResult.With())
		}
		return openbadge.ResultDescription{}, text, nil
	case 1:
		return list[0], text, nil
	}
	var names []string
	for _, d := range list {
		names = append(names, d.Name)
	}
	return openbadge.ResultDescription{}, "", profile.Refuse(reason.Usage, "--result", saidWhichResult.With(strings.Join(names, ", ")))
}
