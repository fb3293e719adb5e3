package app

import (
	"context"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/issuer/batch"
	"github.com/kompetansebevis/bevis/reason"
)

// outFile is a file of a row, and what is told of it.
type outFile struct {
	name   string
	data   []byte     // if it is written later, else nil once it is
	signed []byte     // what is in the transparency log of it, nil for nothing
	log    loggedFile // of signed, where there is a log
	form   int        // whose column of the table it has, -1 for none
}

// content makes the files of a row, and says which forms there could be none of.
// Their names are those of the credential's id, which tells nothing of the person.
func (t *results) content(ctx context.Context, d batch.Done) ([]outFile, []batch.Problem, error) {
	if t.forms == nil {
		file, err := t.whole(d)
		return []outFile{file}, nil, err
	}
	var out []outFile
	var problems []batch.Problem
	for n, f := range t.forms.all(ctx, d.Issued) {
		switch code := reason.Code(f.Code); {
		case f.err != nil && endsBatch(code):
			return nil, nil, f.err
		case f.err != nil:
			problems = append(problems, batch.Problem{Line: d.Line, Code: code, Value: f.Form, Detail: f.err.Error()})
		default:
			out = append(out, outFile{name: f.File, data: f.Data, signed: f.Secured, form: n})
			if f.beside != nil {
				out = append(out, outFile{name: f.File + lostSuffix, data: append(f.beside, '\n'), form: -1})
			}
		}
	}
	return out, problems, nil
}

// endsBatch reports whether what went wrong with a form is no matter of the one
// credential: there is no sense in going on, and the same again may do.
func endsBatch(code reason.Code) bool {
	switch code.Class() {
	case reason.Failure, reason.Interrupted, reason.Fault, reason.Denied:
		return true
	}
	return false
}

// filesEach is how many files a row has at the most, proofs aside.
func (t *results) filesEach() int {
	if t.forms == nil {
		return 1
	}
	n := 0
	for _, f := range t.forms.plan.forms {
		if n++; f.name == formELM || f.name == formELMO {
			n++
		}
	}
	return n
}

// formNames are the names of the columns for files: none if there is one without
// a name.
func (t *results) formNames() []string {
	if t.forms == nil {
		return nil
	}
	var out []string
	for _, f := range t.forms.plan.forms {
		out = append(out, f.name)
	}
	return out
}

// withForms settles in which forms a batch is issued: the maker of them, nil for
// the issuer's own form, and the picture that this is put into, nil for none.
func (a *App) withForms(ctx context.Context, r *BatchRequest) (forms *formMaker, picture []byte, err error) {
	var pictures [][]byte
	for _, name := range r.Images {
		raw, err := ReadFile(name)
		if err == nil && bake.Detect(raw) == bake.Unknown {
			err = reason.New("image_invalid/format", name, "neither PNG nor SVG")
		}
		if err != nil {
			return nil, nil, err
		}
		pictures = append(pictures, raw)
	}
	switch {
	case len(r.Forms) == 0 && len(pictures) > 1:
		return nil, nil, reason.New("usage/form-picture", "--image", "several pictures, and no forms that are pictures: --as")
	case len(r.Forms) == 0 && len(pictures) == 1:
		return nil, pictures[0], nil
	case len(r.Forms) == 0:
		return nil, nil, nil
	}
	forms = &formMaker{app: a, lang: r.Lang}
	if forms.plan, err = a.formPlan(ctx, r.Forms); err != nil {
		return nil, nil, err
	}
	if forms.pictures, err = forms.plan.pictures(pictures); err != nil {
		return nil, nil, err
	}
	r.Award, err = a.inForms(r.Award, forms.plan.suites)
	return forms, nil, err
}
