package cli

import (
	"cmp"
	"errors"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/catalogue/formats/intake"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/i18n"
	"github.com/kompetansebevis/bevis/reason"
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

// TestWhatErrorsAreAbout: what an error can be about has a headline and a next step.
func TestWhatErrorsAreAbout(t *testing.T) {
	t.Parallel()
	for _, lang := range i18n.Languages() {
		s := &session{p: i18n.New(lang), asked: "achievement new"}
		for _, about := range []app.About{app.AboutDefinition, app.AboutDefinitionFile, app.AboutIssuedFrom, app.AboutAward} {
			for _, name := range []string{"", "sveising"} {
				err := reason.Wrap(reason.MalformedModel, "/name", &app.Refused{About: about, Name: name, Err: errors.New("is wrong")})
				what, next := s.headline(err), s.nextStep(err)
				if what == s.p.Code("reason.", "malformed") || strings.Contains(what, "error.about") {
					t.Errorf("%s: %s has the headline %q", lang, about, what)
				}
				if want := cmp.Or(name, s.asked); !strings.Contains(next, want) {
					t.Errorf("%s: %s has the next step %q, without %s", lang, about, next, want)
				}
			}
		}
	}
}
