package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/reason"
)

func (s *session) achievementCommand() *cobra.Command {
	return s.group("achievement", s.achievementNew(), s.achievementList(), s.achievementShow())
}

func (s *session) achievementNew() *cobra.Command {
	var a app.Achievement
	var criteria, criteriaURL string
	var skills []string
	c := s.leaf("achievement.new", "new", 0, 0, []string{
		`bevis achievement new --name "Grunnkurs i sveising" --description "Lysbuesveising, 40 timer." \`,
		`    --criteria "Bestått praktisk prøve." --type Course --id https://kurs.example/sveising \`,
		`    --skill "sveising=http://data.europa.eu/esco/skill/…"`,
	}, func(context.Context, []string) error {
		if strings.TrimSpace(a.Name) == "" {
			return reason.New(reason.Usage, "--name", "an achievement needs a name")
		}
		a.Criteria = &openbadge.Criteria{ID: criteriaURL, Narrative: criteria}
		for _, skill := range skills {
			name, url, ok := strings.Cut(skill, "=")
			if !ok || name == "" || url == "" {
				return reason.New(reason.Usage, "--skill", "give NAME=URL, such as \"welding=https://…\"")
			}
			a.Alignment = append(a.Alignment, openbadge.Alignment{TargetName: name, TargetURL: url})
		}
		kept, err := s.app.AchievementNew(a)
		if err != nil {
			return err
		}
		if err := s.showAchievement(kept); err != nil {
			return err
		}
		s.note("achievement.next", show(kept.Slug))
		return nil
	})
	f := c.Flags()
	f.StringVar(&a.Name, "name", "", s.t("flag.achievement-name"))
	f.StringVar(&a.Slug, "slug", "", s.t("flag.slug"))
	f.StringVar(&a.ID, "id", "", s.t("flag.achievement-id"))
	f.StringVar(&a.Description, "description", "", s.t("flag.description"))
	f.StringVar(&criteria, "criteria", "", s.t("flag.criteria"))
	f.StringVar(&criteriaURL, "criteria-url", "", s.t("flag.criteria-url"))
	f.StringVar(&a.AchievementType, "type", "Course", s.t("flag.achievement-type"))
	f.StringVar(&a.InLanguage, "language", "", s.t("flag.language"))
	f.Float64Var(&a.CreditsAvailable, "credits", 0, s.t("flag.credits-available"))
	f.StringArrayVar(&skills, "skill", nil, s.t("flag.skill"))
	return c
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
		s.row(w, "label.description", a.Description)
		if a.Criteria != nil {
			s.row(w, "label.criteria", strings.TrimSpace(a.Criteria.Narrative+" "+a.Criteria.ID))
		}
		for _, skill := range a.Alignment {
			s.row(w, "label.skill", skill.TargetName+"  "+skill.TargetURL)
		}
	})
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
	return s.leaf("achievement.show", "show NAME", 1, 1, nil, func(_ context.Context, args []string) error {
		a, err := s.app.AchievementGet(args[0])
		if err != nil {
			return err
		}
		return s.showAchievement(a)
	})
}
