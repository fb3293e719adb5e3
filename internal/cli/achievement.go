package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) achievementCommand() *cobra.Command {
	return s.group("achievement", s.achievementNew(), s.achievementLint(), s.achievementSkills(), s.achievementResult(), s.achievementTranslate(),
		s.achievementChange(), s.achievementVersions(), s.achievementEndorsement(), s.achievementList(), s.achievementShow())
}

func (s *session) achievementNew() *cobra.Command {
	var d definitionFlags
	var slug, folder string
	c := s.leaf("achievement.new", "new", 0, 0, []string{
		`bevis achievement new --name "Grunnkurs i sveising" --description "Lysbuesveising, 40 timer." \`,
		`    --criteria "Bestått praktisk prøve." --type Course --id https://kurs.example/sveising \`,
		`    --skill "sveising=http://data.europa.eu/esco/skill/…"`,
	}, func(ctx context.Context, _ []string) error {
		a := app.Achievement{Slug: slug}
		if strings.TrimSpace(d.name) == "" {
			return profile.Refuse(reason.Usage, "--name", saidNoName.With())
		}
		if err := d.apply(&a.Achievement); err != nil {
			return err
		}
		skills, err := s.app.SkillAlignments(ctx, s.catalogueFolder(folder), d.language, d.esco)
		if err != nil {
			return err
		}
		if err := app.Realign(&a.Achievement, nil, skills); err != nil {
			return err
		}
		kept, err := s.app.AchievementNew(a)
		if err != nil {
			if a.Name != "" && a.Description != "" && a.ID != "" { // else it is too early for more
				s.remarks(a)
			}
			return err
		}
		if err := s.showAchievement(kept); err != nil {
			return err
		}
		s.remarks(kept)
		s.note("achievement.next", show(kept.Slug))
		return nil
	})
	s.definitionFlags(c, &d, "Course")
	c.Flags().StringVar(&slug, "slug", "", s.t("flag.slug"))
	c.Flags().StringVar(&folder, "catalogue", "", s.t("flag.catalogue"))
	return c
}

// remarks tells what is to be mended in a definition.
func (s *session) remarks(a app.Achievement) {
	findings, err := s.app.AchievementLint(a)
	if err != nil {
		return // what is to be shown beside does not stop the rest
	}
	var w strings.Builder
	s.definitionFindings(&w, a.Slug, findings)
	_, _ = fmt.Fprint(s.env.Stderr, w.String())
}

// definitionFindings writes what lint found in one definition.
func (s *session) definitionFindings(w *strings.Builder, name string, findings []profile.Finding) {
	for _, f := range findings {
		said, mend := report.Finding(s.p, f.Said), report.Finding(s.p, f.Mend)
		// What rules of others say of JSON, as what one types here.
		if s.p.Has("definition." + f.Rule) {
			said, mend = s.t("definition."+f.Rule), s.t("definition-next."+f.Rule)
		}
		fmt.Fprintf(w, "%s %s%s: %s [%s]\n", severitySign(f.Severity.String()), show(name), show(f.At), show(said), f.Rule)
		if mend != "" {
			fmt.Fprintf(w, "    → %s\n", show(mend))
		}
	}
}

func (s *session) achievementLint() *cobra.Command {
	return s.leaf("achievement.lint", "lint [NAME | FILE]…", 0, -1, []string{"bevis achievement lint", "bevis achievement lint sveising", "bevis achievement lint definition.json"},
		func(_ context.Context, args []string) error {
			var all []app.Achievement
			var err error
			if len(args) == 0 {
				if all, err = s.app.AchievementList(); err != nil {
					return err
				}
			}
			for _, name := range args {
				a, err := s.app.AchievementFile(name)
				if err != nil {
					return err
				}
				all = append(all, a)
			}
			out := struct {
				Schema  string               `json:"schema"`
				Results []definitionLintJSON `json:"results"`
			}{"bevis.definition-lint/v1", []definitionLintJSON{}}
			var w strings.Builder
			for _, a := range all {
				findings, err := s.app.AchievementLint(a)
				if err != nil {
					return err
				}
				if profile.Err(findings) != nil {
					s.class = reason.Invalid
				}
				if len(findings) == 0 {
					fmt.Fprintf(&w, "✓ %s: %s\n", show(a.Slug), s.t("achievement.clean"))
				}
				s.definitionFindings(&w, a.Slug, findings)
				out.Results = append(out.Results, definitionLintJSON{a.Slug, s.asFindings(findings)})
			}
			return s.result(out, func(b *strings.Builder) { b.WriteString(w.String()) })
		})
}

// definitionLintJSON is what lint found in one definition.
type definitionLintJSON struct {
	Input    string        `json:"input"`
	Findings []findingJSON `json:"findings"`
}

func (s *session) asFindings(findings []profile.Finding) []findingJSON {
	out := []findingJSON{}
	for _, f := range findings {
		out = append(out, s.findingOf(f))
	}
	return out
}

// achievementJSON is an achievement with the name under which it is kept.
type achievementJSON struct {
	Slug        string `json:"slug"`
	Achievement any    `json:"achievement"`
}

func asJSON(a app.Achievement) achievementJSON { return achievementJSON{a.Slug, a.Value().Any()} }

func (s *session) showAchievement(a app.Achievement) error {
	return s.result(asJSON(a), func(w *strings.Builder) {
		s.row(w, "label.slug", a.Slug)
		s.row(w, "label.name", a.Name)
		s.row(w, "label.type", a.AchievementType)
		s.row(w, "label.id", a.ID)
		s.row(w, "label.version", a.Version)
		s.row(w, "label.language", a.InLanguage)
		s.row(w, "label.description", a.Description)
		if a.Criteria != nil {
			s.row(w, "label.criteria", strings.TrimSpace(a.Criteria.Narrative+" "+a.Criteria.ID))
		}
		if a.CreditsAvailable > 0 {
			s.row(w, "label.credits", fmt.Sprint(a.CreditsAvailable))
		}
		for _, al := range a.Alignment {
			s.row(w, alignmentLabel(al), al.TargetName+"  "+al.TargetURL)
		}
		for _, r := range a.ResultDescription {
			s.row(w, "label.results", strings.TrimSpace(r.Name+"  "+possible(r)))
		}
		for _, r := range a.Related {
			s.row(w, "label.related", strings.TrimSpace(r.ID+"  "+r.InLanguage+" "+r.Version))
		}
		if n := len(a.Endorsement) + len(a.EndorsementJWT); n > 0 {
			s.row(w, "label.endorsements", fmt.Sprint(n))
		}
	})
}

// alignmentLabel is what an alignment tells of an achievement.
func alignmentLabel(a openbadge.Alignment) string {
	switch a.TargetType {
	case openbadge.ExtEQF, openbadge.ExtNKR:
		return "label.level"
	case openbadge.ExtCredits:
		return "label.credit-unit"
	case openbadge.ExtWorkload:
		return "label.workload"
	case openbadge.ExtMode:
		return "label.mode"
	case openbadge.ExtAssessment:
		return "label.assessment"
	case openbadge.ExtQualityAssurance:
		return "label.quality"
	case openbadge.ExtISCEDF:
		return "label.field"
	case openbadge.ExtStackability:
		return "label.towards"
	}
	return "label.skill"
}

// possible are the results that there can be.
func possible(d openbadge.ResultDescription) string {
	var out []string
	for _, l := range d.RubricCriterionLevel {
		out = append(out, l.Name)
	}
	switch {
	case len(out) > 0:
	case len(d.AllowedValue) > 0:
		out = d.AllowedValue
	case d.ValueMin != "" || d.ValueMax != "":
		return d.ValueMin + "–" + d.ValueMax
	}
	return strings.Join(out, ", ")
}

func (s *session) achievementList() *cobra.Command {
	return s.leaf("achievement.list", "list", 0, 0, nil, func(context.Context, []string) error {
		all, err := s.app.AchievementList()
		if err != nil {
			return err
		}
		out := struct {
			Achievements []achievementJSON `json:"achievements"`
		}{[]achievementJSON{}}
		for _, a := range all {
			out.Achievements = append(out.Achievements, asJSON(a))
		}
		return s.result(out, func(w *strings.Builder) {
			for _, a := range all {
				fmt.Fprintf(w, "%-28s %s\n", a.Slug, show(a.Name))
			}
			if len(all) == 0 {
				w.WriteString(s.t("achievement.none") + "\n")
			}
		})
	})
}

func (s *session) achievementShow() *cobra.Command {
	version := ""
	c := s.leaf("achievement.show", "show NAME", 1, 1, []string{"bevis achievement show sveising", "bevis achievement show sveising --version 1 --json"}, func(_ context.Context, args []string) error {
		a, err := s.app.AchievementGet(args[0])
		if err != nil {
			return err
		}
		if version != "" && version != a.Version {
			all, err := s.app.AchievementVersions(args[0])
			if err != nil {
				return err
			}
			found := false
			for _, v := range all {
				if v.Version == version {
					a.Achievement, found = v, true
				}
			}
			if !found {
				return reason.New("not_found/version", version, "there is no such version: bevis achievement versions %s", args[0])
			}
		}
		return s.showAchievement(a)
	})
	c.Flags().StringVar(&version, "version", "", s.t("flag.achievement-version"))
	return c
}
