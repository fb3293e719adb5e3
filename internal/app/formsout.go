package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// formsPlace is where the forms of an award go.
type formsPlace uint8

const (
	formsNowhere formsPlace = iota // they are given back
	formsFile
	formsFolder
	formsZip
)

type formsTo struct {
	place formsPlace
	name  string
	force bool
}

// destination says where the forms go, and refuses what could not be written.
func (r FormsRequest) destination() (formsTo, error) {
	to := formsTo{name: r.Out, force: r.Force}
	if r.Out == "" || r.Out == "-" {
		if len(r.Forms) > 1 {
			return to, reason.New(reason.Usage, "--output", "several forms become several files: -o FOLDER, or -o FILE.zip")
		}
		return to, nil
	}
	info, err := os.Stat(r.Out)
	isFolder := err == nil && info.IsDir()
	switch {
	case !isFolder && strings.HasSuffix(strings.ToLower(r.Out), ".zip"):
		to.place = formsZip
		return to, Free(r.Out, r.Force)
	case isFolder, len(r.Forms) > 1, strings.HasSuffix(r.Out, "/"), strings.HasSuffix(r.Out, string(filepath.Separator)):
		to.place = formsFolder
		if err == nil && !isFolder {
			return to, reason.New("conflict/exists", r.Out, "it is a file, and several forms become files in a folder")
		}
		return to, nil
	}
	to.place = formsFile
	return to, Free(r.Out, r.Force)
}

// formFile is a file of a form, or one beside it with another ending.
type formFile struct {
	name, beside string
	data         []byte
}

// lostSuffix is what the name of a file with what was lost ends in, behind that of
// the form.
const lostSuffix = ".lost.json"

// deliverForms writes the forms and, where the issuer keeps a log, the proof of
// each beside it.
func (a *App) deliverForms(ctx context.Context, out *IssuedForms, to formsTo) error {
	var files []formFile
	for n := range out.Forms {
		f := &out.Forms[n]
		if f.File == "" {
			continue
		}
		if to.place == formsFile {
			f.File = filepath.Base(to.name)
		}
		files = append(files, formFile{name: f.File, data: f.Data})
		if f.beside != nil && to.place != formsNowhere {
			f.LostFile = f.File + lostSuffix
			files = append(files, formFile{f.File, lostSuffix, append(f.beside, '\n')})
		}
	}
	if to.place != formsNowhere {
		out.Written = to.name
	}
	if !a.HasLog() {
		return to.write(files)
	}
	proofs, failed := a.proofsOf(ctx, out.Forms) // which keeps no credential back
	if to.place == formsZip {
		files, proofs = append(files, proofs...), nil
	}
	if err := to.write(files); err != nil {
		return err
	}
	return errors.Join(failed, to.write(proofs))
}

// proofsOf returns the proofs from the transparency log, as files beside those
// of the forms. What a picture carries is in the log, and not the picture.
func (a *App) proofsOf(ctx context.Context, forms []IssuedForm) ([]formFile, error) {
	var secured [][]byte
	var out []formFile
	for _, f := range forms {
		if f.File != "" && f.Secured != nil {
			secured, out = append(secured, f.Secured), append(out, formFile{name: f.File, beside: logproof.Suffix})
		}
	}
	proofs, err := a.LogProve(ctx, secured...)
	if err != nil {
		return nil, err
	}
	for n := range out {
		out[n].data = proofs[n]
	}
	return out, nil
}

// write writes files. In a folder, one that is there already and is the same
// stays.
func (t formsTo) write(files []formFile) error {
	switch t.place {
	case formsZip:
		return t.zip(files)
	case formsNowhere:
	case formsFile, formsFolder:
		for _, f := range files {
			name := filepath.Join(t.name, f.name+f.beside)
			if t.place == formsFile {
				name = t.name + f.beside
			}
			if have, err := ReadFile(name); err == nil && bytes.Equal(have, f.data) {
				continue
			}
			if err := WriteFile(name, f.data, false, t.force); err != nil {
				return err
			}
		}
	}
	return nil
}

// zip writes one archive that holds all.
func (t formsTo) zip(files []formFile) error {
	f, err := CreateFile(t.name, false, t.force)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(f)
	for _, one := range files {
		w, err := archive.Create(one.name + one.beside)
		if err == nil {
			_, err = w.Write(one.data)
		}
		if err != nil {
			return reason.New(reason.IO, t.name, "%w", bare(errors.Join(err, f.Discard())))
		}
	}
	if err := archive.Close(); err != nil {
		return reason.New(reason.IO, t.name, "%w", bare(errors.Join(err, f.Discard())))
	}
	return reason.Wrap(reason.IO, t.name, bare(f.Commit()))
}
