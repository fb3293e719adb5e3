package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/reason"
)

// formFlags are the flags for an award in many forms.
type formFlags struct {
	as, images []string
	later      bool
}

// issueForms issues an award in many forms by one act.
func (s *session) issueForms(ctx context.Context, achievement string, award issuer.Award, f formFlags, o outFlags) error {
	r := app.FormsRequest{Achievement: achievement, Award: award, Forms: f.as, Out: o.file, Force: o.force, Lang: s.p.Lang()}
	if f.later {
		if o.file != "" || len(f.images) > 0 {
			return reason.New(reason.Usage, "--later", "what is issued later goes into the books; get it by the same command without --later")
		}
		if err := s.app.IssueFormsLater(ctx, r); err != nil {
			return err
		}
		s.note("work.later")
		return nil
	}
	for _, name := range f.images {
		raw, err := app.ReadFile(name)
		if err != nil {
			return err
		}
		r.Pictures = append(r.Pictures, raw)
	}
	out, err := s.app.IssueForms(ctx, r)
	if out.ID == "" {
		return err
	}
	if out.Again {
		s.note("issue.again")
	}
	s.note("issue.done", show(out.ID))
	if err != nil { // what was issued cannot be issued again
		s.note("deliver.fallback")
		return errors.Join(err, s.firstForm(out))
	}
	for _, form := range out.Forms {
		if form.Code != "" {
			s.class = reason.Failure
		}
	}
	if out.Written == "" {
		return s.firstForm(out)
	}
	return s.result(out, func(w *strings.Builder) { s.showForms(w, out) })
}

// firstForm writes the first form that could be made to Stdout.
func (s *session) firstForm(out app.IssuedForms) error {
	for _, form := range out.Forms {
		if form.Code == "" {
			if form.Suite == "" {
				s.note("convert.unsigned")
				fmt.Fprint(s.env.Stderr, s.lost(form.Lost))
			}
			binary := form.Carries != "" && form.Suite != "" || proof.IsCOSE(form.Data)
			return s.deliver(form.Data, "", outFlags{binary: binary})
		}
		s.formProblem(form)
	}
	return nil
}

func (s *session) formProblem(form app.IssuedForm) {
	s.note("issue.form-failed", form.Form, s.p.Code("reason.", form.Code), form.Code)
	if next := s.p.Code("next.", form.Code); next != "" {
		s.note("issue.form-next", next)
	}
}

// showForms says what was written, form by form.
func (s *session) showForms(w *strings.Builder, out app.IssuedForms) {
	width := 0
	for _, form := range out.Forms {
		width = max(width, len(form.Form))
	}
	for _, form := range out.Forms {
		if form.Code != "" {
			fmt.Fprintf(w, "✗ %-*s  %s\n", width, form.Form, s.t("issue.form-missing"))
			s.formProblem(form)
			continue
		}
		how := form.Suite
		switch {
		case form.Suite == "":
			how = s.t("issue.form-unsigned", form.Carries, len(form.Lost), form.LostFile)
		case form.Carries != "":
			how = s.t("issue.form-carries", form.Carries)
		}
		file := out.Written
		if filepath.Base(file) != form.File {
			file = filepath.Join(file, form.File)
		}
		fmt.Fprintf(w, "✓ %-*s  %s  (%s)\n", width, form.Form, show(file), how)
	}
}
