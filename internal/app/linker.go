package app

import (
	"context"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	tokens "github.com/kompetansebevis/bevis/catalogue/text"
	"github.com/kompetansebevis/bevis/reason"
)

// Linker returns what finds skills in texts: the names of the vocabulary,
// wherever they stand in the text word for word.
func (c *Catalogue) Linker() competence.Linker { return names{c.Vocabulary} }

type names struct{ vocabulary *esco.Vocabulary }

// longestName is how many words of a text are tried as one name.
const longestName = 5

// Link implements competence.Linker. A longer name is surer than a shorter
// one, and takes its words.
func (n names) Link(ctx context.Context, s, language string, limit int) ([]competence.Link, error) {
	written := slices.Collect(tokens.Tokens(s))
	words := make([]string, len(written))
	for i, w := range written {
		words[i] = tokens.Fold(w)
	}
	var out []competence.Link
	taken := make([]bool, len(words))
	for length := min(longestName, len(words)); length > 0; length-- {
		for at := 0; at+length <= len(words); at++ {
			if err := ctx.Err(); err != nil {
				return nil, reason.Wrap(reason.Canceled, "", err)
			}
			name := strings.Join(words[at:at+length], " ")
			if taken[at] || taken[at+length-1] || length == 1 && (tokens.Stop(words[at]) || len(words[at]) < 4) {
				continue
			}
			found := n.vocabulary.ByLabel(name)
			if len(found) == 0 {
				continue
			}
			for i := at; i < at+length; i++ {
				taken[i] = true
			}
			if len(out) < limit {
				out = append(out, competence.Link{Skill: found[0].URI, Score: 1, Words: strings.Join(written[at:at+length], " ")})
			}
		}
	}
	return out, nil
}
