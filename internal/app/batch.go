package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue/formats/sheet"
	"github.com/kompetansebevis/bevis/internal/inorder"
	"github.com/kompetansebevis/bevis/issuer"
	"github.com/kompetansebevis/bevis/issuer/batch"
	"github.com/kompetansebevis/bevis/reason"
)

// BatchSchema names the form of what came of a batch.
const BatchSchema = "bevis.batch/v1"

// maxWorkbook bounds what is unpacked of a workbook, which is held in memory.
const maxWorkbook = 256 << 20

// BatchRequest is a list of people and what they are to get.
type BatchRequest struct {
	Achievement string // slug
	File        string
	Name        string            // of the batch; empty: that of the file
	Columns     map[string]string // see batch.Config
	Award       issuer.Award      // what all have in common
	Out         string            // folder, or a file ending in .zip; empty: nothing but the books and Result
	Images      []string          // picture that each credential is put into; with Forms as FormsRequest has it
	Forms       []string          // of FormNames or SuiteNames, as FormsRequest has it; none: the issuer's own form
	Lang        string            // of pages among the forms
	Result      io.Writer         // gets the table of results if Out is empty
	Recipients  bool              // say in the table of results who got what
	SkipBad     bool              // leave out rows that something is wrong with
	Renew       bool              // who has the achievement from before gets it again
	DryRun      bool
	Jobs        int
	Seen        func() // is called for each row that was read, may be nil
	Done        func() // is called for each row that is done, may be nil
}

// BatchDone is what came of a batch, or would.
type BatchDone struct {
	Schema  string          `json:"schema"`
	Name    string          `json:"batch"`
	Format  batch.Format    `json:"format"`
	DryRun  bool            `json:"dryRun"`
	Rows    int             `json:"rows"`
	Bad     int             `json:"bad"`
	Before  int             `json:"issuedBefore"`           // by this batch
	Issued  int             `json:"issued"`                 // now
	Failed  int             `json:"failed"`                 // were in order, and refused by the issuer
	Missing int             `json:"formsMissing,omitempty"` // forms that could not be made of what was issued
	Result  string          `json:"result,omitempty"`
	Log     *LogState       `json:"log,omitempty"` // the transparency log, if the issuer keeps one
	Problem []batch.Problem `json:"problems"`
	More    int             `json:"moreProblems"` // that are not listed
}

// Batch issues an achievement to everybody in a list. If something is wrong with
// a row, nothing is issued, unless such rows are to be left out; the error is
// then batch_refused/rows, and what is wrong is in what is returned. The same
// again goes on where it was stopped. Where the issuer keeps a transparency log,
// what was issued is put into it, and a proof beside each file, before the table
// of results says that all is there.
func (a *App) Batch(ctx context.Context, r BatchRequest) (out BatchDone, err error) {
	ac, err := a.AchievementGet(r.Achievement)
	if err != nil {
		return out, err
	}
	out = BatchDone{Schema: BatchSchema, Name: cmp.Or(r.Name, filepath.Base(r.File)), DryRun: r.DryRun, Problem: []batch.Problem{}}
	forms, picture, err := a.withForms(ctx, &r)
	if err != nil {
		return out, err
	}
	r.Award.Achievement = ac.Achievement
	src, err := openTable(r.File)
	if err != nil {
		return out, err
	}
	defer src.Close() // it was only read
	in, err := batch.Open(ctx, src, batch.Config{Award: r.Award, Name: out.Name, Columns: r.Columns, Now: a.cfg.Now(),
		CheckID: func(ctx context.Context, id string) error { return checkRecipient(ctx, issuer.Recipient{ID: id}) }})
	if err != nil {
		return out, inFile(r.File, err)
	}
	out.Format = in.Format
	err = a.withIssuer(ctx, func(i *issuer.Issuer, l books) error {
		b := batch.Books{Issuer: i, Jobs: r.Jobs, Seen: r.Seen}
		if !r.Renew {
			b.HadBefore = func(ctx context.Context, a issuer.Award) (string, error) { return hadBefore(ctx, l, a) }
		}
		checked, err := in.Check(ctx, b)
		if err != nil {
			return inFile(r.File, err)
		}
		out.Rows, out.Bad, out.Before, out.More = checked.Rows, checked.Bad, checked.Before, checked.More
		out.Problem = append(out.Problem, checked.Problems...)
		switch {
		case out.Bad > 0 && !r.SkipBad:
			return reason.New("batch_refused/rows", r.File, "something is wrong with %d of %d rows", out.Bad, out.Rows)
		case out.Bad == out.Rows:
			return reason.New("batch_refused/rows", r.File, "something is wrong with all rows")
		case r.DryRun:
			return nil
		}
		if forms != nil {
			forms.issuer = i
		}
		to, err := a.destination(ctx, r, out, results{forms: forms, picture: picture})
		if err != nil {
			return err
		}
		log := &follower{app: a, books: l}
		if err = r.issue(ctx, in, i, checked, to, log, &out); err == nil {
			if out.Log, err = a.logBatch(ctx, l, to.toProve(), to); out.Log != nil {
				out.Log.Added += log.added
			}
		}
		if err != nil {
			return errors.Join(err, to.discard())
		}
		out.Result, err = to.commit()
		return err
	})
	return out, err
}

// issue issues the rows and writes what comes of them.
func (r BatchRequest) issue(ctx context.Context, in *batch.Batch, i *issuer.Issuer, c *batch.Checked, to destination, log *follower, out *BatchDone) error {
	var broken error
	rows := func(yield func(batch.Done) bool) {
		for d, err := range in.Issue(ctx, i, c, issuer.Many{Jobs: r.Jobs}) {
			if err != nil {
				broken = err
				return
			}
			if !yield(d) {
				return
			}
		}
	}
	before := 0
	for w := range inorder.Map(ctx, r.Jobs, rows, to.write) {
		if w.err != nil {
			return w.err
		}
		switch d := w.Done; {
		case d.Err != nil:
			out.Failed++
			out.add(batch.Problem{Line: d.Line, Code: "row_invalid/award", Detail: d.Err.Error()})
		case d.Issued != nil && d.Issued.Again:
			before++
		case d.Issued != nil:
			out.Issued++
			log.issued(ctx)
		}
		out.Missing += len(w.problems)
		out.add(w.problems...)
		if err := to.note(w); err != nil {
			return err
		}
		if r.Done != nil {
			r.Done()
		}
	}
	out.Before = before
	if broken == nil && ctx.Err() != nil {
		broken = reason.Wrap(reason.Canceled, "", ctx.Err())
	}
	return broken
}

// add lists problems, as many as there is room for.
func (d *BatchDone) add(problems ...batch.Problem) {
	n := min(len(problems), max(0, batch.MaxProblems-len(d.Problem)))
	d.Problem = append(d.Problem, problems[:n]...)
	d.More += len(problems) - n
}

// tableFile is a table to be read, more than once.
type tableFile interface {
	io.ReadSeeker
	io.Closer
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// openTable opens a table, or the first sheet of a workbook.
func openTable(name string) (tableFile, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, reason.New(reason.NotFound, name, "there is no such file")
	}
	if err != nil {
		return nil, reason.New(reason.IO, name, "%w", bare(err))
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = reason.New(reason.Usage, name, "is no file: the list is read twice, so it cannot come through a pipe")
	}
	var head [4]byte
	if err == nil {
		_, _ = f.ReadAt(head[:], 0) // a shorter file is no workbook
	}
	if err != nil || !sheet.Is(head[:]) {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
		return f, err
	}
	if err := f.Close(); err != nil {
		return nil, reason.New(reason.IO, name, "%w", bare(err))
	}
	raw, err := readUpTo(name, maxWorkbook)
	if err != nil {
		return nil, err
	}
	text, err := sheet.CSV(raw, maxWorkbook)
	return inMemory{bytes.NewReader(text)}, inFile(name, err)
}

// inFile names the file that an error is about, if it names no place.
func inFile(name string, err error) error {
	if err == nil {
		return nil
	}
	if at := reason.AtOf(err); at != "" {
		name += ": " + at
	}
	return reason.New(reason.CodeOf(err), name, "%w", bareReason(err))
}

// hadBefore finds a credential for the same achievement that a person has and
// that was not revoked.
func hadBefore(ctx context.Context, l books, a issuer.Award) (string, error) {
	for _, person := range []string{a.Recipient.ID, a.Recipient.Email} {
		if person == "" {
			continue
		}
		ids, _, err := l.Find(ctx, person)
		if err != nil {
			return "", err
		}
		for _, id := range ids {
			r, err := l.Get(ctx, id)
			if err != nil {
				return "", err
			}
			if r.Achievement != a.Achievement.ID {
				continue
			}
			set, err := l.Status(ctx, id)
			if err != nil {
				return "", err
			}
			if !slices.ContainsFunc(set, issuer.Mark.Revoked) {
				return id, nil
			}
		}
	}
	return "", nil
}
