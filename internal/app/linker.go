package app

import (
	"context"

	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/esco/link"
)

// linker is the linker of ESCO for package competence.
type linker struct{ *link.Linker }

// Link implements competence.Linker.
func (l linker) Link(ctx context.Context, text, language string, limit int) ([]competence.Link, error) {
	found, err := l.Linker.Link(ctx, text, link.Options{Language: language, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]competence.Link, len(found))
	for i, x := range found {
		out[i] = competence.Link{Skill: x.Skill, Score: x.Score, Words: x.Evidence}
	}
	return out, nil
}
