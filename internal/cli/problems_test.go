package cli

import (
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/internal/i18n"
)

// TestEveryProblemHasASentence: what can be wrong in a source is told in each
// language.
func TestEveryProblemHasASentence(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Languages() {
		p := i18n.New(lang)
		for _, kind := range intake.Kinds() {
			if !p.Has("problem." + kind) {
				t.Errorf("%s lacks problem.%s", lang, kind)
			}
		}
	}
}
