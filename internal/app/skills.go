package app

import (
	"bytes"
	"cmp"
	"context"
	"path/filepath"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/reason"
)

// vocabulary reads the skills of a catalogue's folder; none is
// not_found/vocabulary.
func vocabulary(ctx context.Context, folder string) (*esco.Vocabulary, error) {
	file := filepath.Join(folder, vocabularyFile)
	raw, err := readUpTo(file, maxImport)
	if reason.CodeOf(err) == reason.NotFound {
		return nil, reason.New("not_found/vocabulary", file, "there is no ESCO in the catalogue: bevis catalogue import ESCO.zip, or --example for a small part of it")
	}
	if err != nil {
		return nil, err
	}
	return esco.ReadLines(ctx, bytes.NewReader(raw), esco.Limits{})
}

// SkillSearch returns the skills of ESCO that are most like what somebody typed.
func (a *App) SkillSearch(ctx context.Context, folder, query string, limit int) ([]esco.Skill, error) {
	v, err := vocabulary(ctx, folder)
	if err != nil {
		return nil, err
	}
	return v.FindSkills(query, limit), nil
}

// SkillAlignments returns the alignments to skills of ESCO, each with its label
// in a language, else in one that people here read.
func (a *App) SkillAlignments(ctx context.Context, folder, language string, uris []string) ([]openbadge.Alignment, error) {
	if len(uris) == 0 {
		return nil, nil
	}
	v, err := vocabulary(ctx, folder)
	if err != nil {
		return nil, err
	}
	var out []openbadge.Alignment
	for _, uri := range uris {
		s, ok := v.Skill(uri)
		if !ok || s.Type == esco.Group {
			return nil, reason.New("not_found/skill", uri, "ESCO has no such skill here")
		}
		out = append(out, openbadge.AlignESCO(s.URI, label(s.Labels, language)))
	}
	return out, nil
}

// relabeled returns alignments with the skills of ESCO called as in a language.
// Those that nobody here has a name for keep the one they had.
func relabeled(ctx context.Context, folder, language string, list []openbadge.Alignment) ([]openbadge.Alignment, error) {
	v, err := vocabulary(ctx, folder)
	if reason.CodeOf(err) == "not_found/vocabulary" {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	for n, al := range list {
		if s, ok := v.Skill(al.TargetURL); ok && s.Labels[language] != "" {
			list[n].TargetName = s.Labels[language]
		}
	}
	return list, nil
}

func label(labels catalogue.Texts, language string) string {
	if s := cmp.Or(labels[language], labels["nb"], labels["nn"], labels["en"]); s != "" {
		return s
	}
	for _, l := range catalogue.Languages(labels) {
		return labels[l]
	}
	return ""
}

// Realign takes alignments out of a definition, by the address they lead to, and
// puts others in, each once. One that is not there to be taken out is
// not_found/skill.
func Realign(a *openbadge.Achievement, out []string, in []openbadge.Alignment) error {
	list := slices.Clone(a.Alignment)
	for _, url := range out {
		n := len(list)
		if list = slices.DeleteFunc(list, func(al openbadge.Alignment) bool { return al.TargetURL == url }); len(list) == n {
			return reason.New("not_found/skill", url, "the definition is not aligned to this")
		}
	}
	for _, al := range in {
		if !slices.ContainsFunc(list, func(have openbadge.Alignment) bool {
			return have.TargetURL == al.TargetURL && have.TargetType == al.TargetType
		}) {
			list = append(list, al)
		}
	}
	a.Alignment = list
	return nil
}
