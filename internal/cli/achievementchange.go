package cli

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer/definition"
	"github.com/kompetansebevis/bevis/reason"
)

// changedAchievement shows a definition after a change, and what that led to.
func (s *session) changedAchievement(c app.AchievementChanged) error {
	if err := s.showAchievement(c.Achievement); err != nil {
		return err
	}
	s.consequences(c)
	s.remarks(c.Achievement)
	return nil
}

func (s *session) consequences(c app.AchievementChanged) {
	if c.NewVersion {
		s.note("achievement.new-version", show(c.Slug), show(c.Version))
	}
	if c.Dropped > 0 {
		s.note("achievement.dropped", c.Dropped)
	}
}

func (s *session) achievementChange() *cobra.Command {
	var d definitionFlags
	var version, folder, ofVersion string
	c := s.leaf("achievement.change", "change NAME", 1, 1, []string{`bevis achievement change sveising --description "Lysbuesveising, 60 timer." --workload 60h`},
		func(ctx context.Context, args []string) error {
			skills, err := s.app.SkillAlignments(ctx, s.catalogueFolder(folder), d.language, d.esco)
			if err != nil {
				return err
			}
			done, err := s.app.AchievementChange(ctx, args[0], func(a *openbadge.Achievement) error {
				if version != "" {
					a.Version = version
				}
				if ofVersion != "" {
					a.Related = inLine(a.Related, ofVersion)
				}
				if err := d.apply(a); err != nil {
					return err
				}
				return app.Realign(a, nil, skills)
			})
			if err != nil {
				return err
			}
			return s.changedAchievement(done)
		})
	s.definitionFlags(c, &d, "")
	c.Flags().StringVar(&version, "version", "", s.t("flag.new-version"))
	c.Flags().StringVar(&ofVersion, "of-version", "", s.t("flag.of-version"))
	c.Flags().StringVar(&folder, "catalogue", "", s.t("flag.catalogue"))
	return c
}

// inLine says which version of the original an edition is of.
func inLine(related []openbadge.Related, version string) []openbadge.Related {
	out := append([]openbadge.Related(nil), related...)
	for n, r := range out {
		if r.InLanguage != "" && r.Version != "" {
			out[n].Version = version
		}
	}
	return out
}

// skillJSON is a skill of ESCO that may be meant.
type skillJSON struct {
	URI         string            `json:"uri"`
	Labels      map[string]string `json:"labels"`
	Description map[string]string `json:"description,omitempty"`
}

func (s *session) achievementSkills() *cobra.Command {
	var add, remove []string
	var search, folder string
	limit := 10
	c := s.leaf("achievement.skills", "skills [NAME]", 0, 1, []string{
		`bevis achievement skills --esco sveising`,
		`bevis achievement skills sveisekurs --add http://data.europa.eu/esco/skill/27d26fd6-5795-4f0a-884e-112df7c68314`,
	}, func(ctx context.Context, args []string) error {
		changes := len(add)+len(remove) > 0
		switch {
		case search != "" && changes:
			return profile.Refuse(reason.Usage, "--esco", saidSearchFirst.With())
		case search != "":
			found, err := s.app.SkillSearch(ctx, s.catalogueFolder(folder), search, limit)
			if err != nil {
				return err
			}
			return s.foundSkills(found, args)
		case len(args) == 0:
			return profile.Refuse(reason.Usage, "--esco", saidSearchWhat.With())
		case !changes:
			a, err := s.app.AchievementGet(args[0])
			if err != nil {
				return err
			}
			return s.showAchievement(a)
		}
		of, err := s.app.AchievementGet(args[0])
		if err != nil {
			return err
		}
		in, err := s.app.SkillAlignments(ctx, s.catalogueFolder(folder), of.InLanguage, add)
		if err != nil {
			return err
		}
		done, err := s.app.AchievementChange(ctx, args[0], func(a *openbadge.Achievement) error { return app.Realign(a, remove, in) })
		if err != nil {
			return err
		}
		return s.changedAchievement(done)
	})
	f := c.Flags()
	f.StringVar(&search, "esco", "", s.t("flag.esco-search"))
	f.StringArrayVar(&add, "add", nil, s.t("flag.skill-add"))
	f.StringArrayVar(&remove, "remove", nil, s.t("flag.skill-remove"))
	f.IntVar(&limit, "limit", limit, s.t("flag.skill-limit"))
	f.StringVar(&folder, "catalogue", "", s.t("flag.catalogue"))
	return c
}

// foundSkills shows skills in the three languages, with what to write to take
// one.
func (s *session) foundSkills(found []esco.Skill, args []string) error {
	out := struct {
		Skills []skillJSON `json:"skills"`
	}{[]skillJSON{}}
	for _, k := range found {
		out.Skills = append(out.Skills, skillJSON{k.URI, k.Labels, k.Description})
	}
	return s.result(out, func(w *strings.Builder) {
		for _, k := range found {
			fmt.Fprintln(w, show(k.URI))
			for _, l := range []string{"nb", "nn", "en"} {
				if text := k.Labels[l]; text != "" {
					fmt.Fprintf(w, "    %s  %s\n", l, show(text))
				}
			}
		}
		if len(found) == 0 {
			w.WriteString(s.t("achievement.no-skill") + "\n")
		} else if len(args) == 1 {
			w.WriteString(s.t("achievement.take-skill", show(args[0]), show(found[0].URI)) + "\n")
		}
	})
}

func (s *session) achievementResult() *cobra.Command {
	var d openbadge.ResultDescription
	var levels, allowed []string
	var required string
	remove := false
	c := s.leaf("achievement.result", "result NAME", 1, 1, []string{
		`bevis achievement result sveising --name Karakter --type LetterGrade --allowed F,E,D,C,B,A --required E`,
		`bevis achievement result sveising --name Poeng --type RawScore --min 0 --max 100 --required 40`,
		`bevis achievement result sveising --name Sikkerhet --level "Under arbeid" --level "Dyktig=Arbeider trygt uten tilsyn." --required Dyktig`,
	}, func(ctx context.Context, args []string) error {
		if strings.TrimSpace(d.Name) == "" {
			return profile.Refuse(reason.Usage, "--name", saidResultName.With())
		}
		done, err := s.app.AchievementChange(ctx, args[0], func(a *openbadge.Achievement) error { return setResult(a, d, allowed, levels, required, remove) })
		if err != nil {
			return err
		}
		return s.changedAchievement(done)
	})
	f := c.Flags()
	f.StringVar(&d.Name, "name", "", s.t("flag.result-name"))
	f.StringVar(&d.ID, "id", "", s.t("flag.result-id"))
	f.StringVar(&d.ResultType, "type", "", s.t("flag.result-type"))
	f.StringSliceVar(&allowed, "allowed", nil, s.t("flag.result-allowed"))
	f.StringVar(&d.ValueMin, "min", "", s.t("flag.result-min"))
	f.StringVar(&d.ValueMax, "max", "", s.t("flag.result-max"))
	f.StringArrayVar(&levels, "level", nil, s.t("flag.result-level"))
	f.StringVar(&required, "required", "", s.t("flag.result-required"))
	f.BoolVar(&remove, "remove", false, s.t("flag.result-remove"))
	return c
}

// setResult puts a description of results into a definition, in the place of the
// one with its name, or takes that out.
func setResult(a *openbadge.Achievement, d openbadge.ResultDescription, allowed, levels []string, required string, remove bool) error {
	var list []openbadge.ResultDescription
	for _, have := range a.ResultDescription {
		if !strings.EqualFold(have.Name, d.Name) {
			list = append(list, have)
		}
	}
	if remove {
		if len(list) == len(a.ResultDescription) {
			return profile.Refuse("not_found/result", d.Name, saidNoResultName.With())
		}
		a.ResultDescription = list
		return nil
	}
	base := a.ID
	if !strings.Contains(base, "#") {
		base += "#"
	} else {
		base += "-"
	}
	d.ID = cmp.Or(d.ID, base+"result-"+app.Slug(d.Name))
	d.AllowedValue = allowed
	for n, level := range levels {
		name, text, _ := strings.Cut(level, "=")
		d.RubricCriterionLevel = append(d.RubricCriterionLevel, openbadge.RubricCriterionLevel{
			ID: fmt.Sprintf("%s-%d", d.ID, n+1), Name: strings.TrimSpace(name), Description: strings.TrimSpace(text), Level: fmt.Sprint(n + 1)})
	}
	switch {
	case d.ResultType != "":
	case len(levels) > 0:
		d.ResultType = "RubricCriterionLevel"
	case d.ValueMin != "" || d.ValueMax != "":
		d.ResultType = "RawScore"
	default:
		d.ResultType = "Result"
	}
	if required != "" {
		r, err := definition.Result(d, required)
		if err != nil {
			return profile.Refuse(reason.Usage, "--required", saidNoResult.With(short(required)))
		}
		d.RequiredLevel, d.RequiredValue = r.AchievedLevel, r.Value
	}
	a.ResultDescription = append(list, d)
	return nil
}

func (s *session) achievementTranslate() *cobra.Command {
	var e definition.Edition
	as, folder := "", ""
	c := s.leaf("achievement.translate", "translate NAME LANGUAGE", 2, 2, []string{
		`bevis achievement translate sveising nn --name "Grunnkurs i sveising" --description "Lysbogesveising, 40 timar." --criteria "Bestått praktisk prøve."`,
	}, func(ctx context.Context, args []string) error {
		e.Language = args[1]
		edition, original, err := s.app.AchievementTranslate(ctx, s.catalogueFolder(folder), args[0], as, e)
		if err != nil {
			return err
		}
		if err := s.showAchievement(edition); err != nil {
			return err
		}
		s.consequences(original)
		s.remarks(edition)
		s.note("achievement.edition", show(args[0]), show(e.Language))
		return nil
	})
	f := c.Flags()
	f.StringVar(&e.Name, "name", "", s.t("flag.achievement-name"))
	f.StringVar(&e.Description, "description", "", s.t("flag.description"))
	f.StringVar(&e.Narrative, "criteria", "", s.t("flag.criteria"))
	f.StringVar(&e.CriteriaURL, "criteria-url", "", s.t("flag.criteria-url"))
	f.StringVar(&e.ID, "id", "", s.t("flag.edition-id"))
	f.StringVar(&as, "slug", "", s.t("flag.slug"))
	f.StringVar(&folder, "catalogue", "", s.t("flag.catalogue"))
	return c
}

func (s *session) achievementVersions() *cobra.Command {
	return s.leaf("achievement.versions", "versions NAME", 1, 1, []string{"bevis achievement versions sveising"}, func(_ context.Context, args []string) error {
		all, err := s.app.AchievementVersions(args[0])
		if err != nil {
			return err
		}
		out := struct {
			Slug     string `json:"slug"`
			Versions []any  `json:"versions"`
		}{args[0], []any{}}
		for _, v := range all {
			out.Versions = append(out.Versions, v.Value().Any())
		}
		return s.result(out, func(w *strings.Builder) {
			for n, v := range all {
				now := ""
				if n == len(all)-1 {
					now = "  ← " + s.t("achievement.now")
				}
				fmt.Fprintf(w, "%-8s %s  %s%s\n", show(cmp.Or(v.Version, "–")), show(v.Name), show(v.ID), now)
			}
		})
	})
}
