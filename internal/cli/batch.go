package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/internal/table"
	"github.com/kompetansebevis/bevis/issuer/batch"
	"github.com/kompetansebevis/bevis/reason"
)

// maxProblemLines is how many problems are shown to people.
const maxProblemLines = 50

// batchFlags are those of credential batch that are not yet what the request
// wants.
type batchFlags struct {
	columns           []string
	disclosable       []string
	from, until, form string
	booksOnly         bool
}

func (s *session) credentialBatch() *cobra.Command {
	var r app.BatchRequest
	var o batchFlags
	c := s.leaf("credential.batch", "batch FILE", 1, 1, []string{
		"bevis credential batch --achievement sveising people.csv --dry-run",
		"bevis credential batch --achievement sveising people.csv -o out/",
		"bevis credential batch --achievement sveising people.csv --as ob3,sd-jwt,pdf -o out/",
		`bevis credential batch --achievement sveising people.xlsx --image merke.png --column "Adresse=email" -o out.zip`,
	}, func(ctx context.Context, args []string) error {
		r.File = args[0]
		if err := s.batchRequest(&r, o); err != nil {
			return err
		}
		progress := s.startProgress("batch.checking")
		begun := false
		r.Seen = progress.step
		r.Done = func() {
			if !begun {
				begun = true
				progress.stop()
				progress = s.startProgress("batch.issuing")
			}
			progress.step()
		}
		done, err := s.app.Batch(ctx, r)
		progress.stop()
		if done.Format.Header == 0 { // the table was not even opened
			return err
		}
		if shown := s.showBatch(done, o.booksOnly && !r.DryRun && err == nil); shown != nil {
			return shown
		}
		if err == nil && done.Issued > 0 {
			s.note("batch.publish")
		}
		switch {
		case done.Log != nil && err == nil:
			s.note("log.added", done.Log.Added)
		case reason.CodeOf(err).Coarse() == "log_broken" && !r.DryRun:
			s.note("log.later")
		}
		if err == nil && done.Failed+done.Missing > 0 {
			s.class = reason.Failure
		}
		return err
	})
	f := c.Flags()
	f.StringVar(&r.Achievement, "achievement", "", s.t("flag.batch-achievement"))
	f.StringVarP(&r.Out, "output", "o", "", s.t("flag.batch-output"))
	f.BoolVar(&o.booksOnly, "books-only", false, s.t("flag.books-only"))
	f.StringSliceVar(&r.Forms, "as", nil, s.t("flag.issue-as", strings.Join(app.FormNames(), ", ")))
	f.StringArrayVar(&r.Images, "image", nil, s.t("flag.batch-image"))
	f.BoolVar(&r.DryRun, "dry-run", false, s.t("flag.dry-run"))
	f.BoolVar(&r.SkipBad, "skip-bad", false, s.t("flag.skip-bad"))
	f.BoolVar(&r.Renew, "renew", false, s.t("flag.renew"))
	f.StringVar(&r.Name, "batch", "", s.t("flag.batch-name"))
	f.StringArrayVar(&o.columns, "column", nil, s.t("flag.batch-column", strings.Join(batch.Fields(), ", ")))
	f.BoolVar(&r.Recipients, "recipients", false, s.t("flag.recipients"))
	f.IntVar(&r.Jobs, "jobs", 0, s.t("flag.batch-jobs"))
	f.StringVar(&o.from, "valid-from", "", s.t("flag.valid-from"))
	f.StringVar(&o.until, "valid-until", "", s.t("flag.valid-until"))
	f.StringVar(&r.Award.Actor, "by", "", s.t("flag.by"))
	f.BoolVar(&r.Award.Suspendable, "suspendable", false, s.t("flag.suspendable"))
	f.BoolVar(&r.Award.Messages, "messages", false, s.t("flag.messages"))
	f.StringVar(&o.form, "format", "", s.t("flag.format"))
	f.StringArrayVar(&o.disclosable, "disclosable", nil, s.t("flag.disclosable"))
	return c
}

// batchRequest fills in what the flags say.
func (s *session) batchRequest(r *app.BatchRequest, o batchFlags) (err error) {
	switch {
	case r.Achievement == "":
		return reason.New(reason.Usage, "--achievement", "say what they get: one of bevis achievement list")
	case r.Out == "" && !o.booksOnly && !r.DryRun:
		return reason.New(reason.Usage, "--output", "say where the credentials go: -o FOLDER, -o FILE.zip, or --books-only")
	case r.Out != "" && o.booksOnly, len(r.Images) > 0 && o.booksOnly:
		return reason.New(reason.Usage, "--books-only", "with it no file is written")
	case len(r.Forms) > 0 && o.form != "":
		return profile.Refuse(reason.Usage, "--as", saidFormsAlone.With())
	case r.Jobs < 0:
		return profile.Refuse(reason.Usage, "--jobs", saidBelowZero.With())
	}
	if o.from != "" {
		if r.Award.ValidFrom, err = app.ParseDay(o.from); err != nil {
			return err
		}
	}
	if o.until != "" {
		// A day, since a number of days from now would be another award tomorrow,
		// and what is to go on then would be refused.
		if r.Award.ValidUntil, err = app.ParseDay(o.until); err != nil {
			return err
		}
	}
	if o.form != "" {
		if r.Award.Suite, err = s.app.Form(o.form); err != nil {
			return err
		}
	}
	switch {
	case len(o.disclosable) == 1 && o.disclosable[0] == "none":
		r.Award.Disclosable = []string{}
	case len(o.disclosable) > 0:
		r.Award.Disclosable = o.disclosable
	}
	r.Lang, r.Columns = s.p.Lang(), map[string]string{}
	for _, pair := range o.columns {
		at := strings.LastIndexByte(pair, '=')
		if at < 1 {
			return reason.New("usage/column", pair, "give COLUMN=FIELD")
		}
		r.Columns[pair[:at]] = strings.TrimSpace(pair[at+1:])
	}
	if r.Result = s.env.Stdout; s.json {
		r.Result = io.Discard // which holds the result as JSON
	}
	return nil
}

// problemJSON is a problem with its sentences in the reader's language.
type problemJSON struct {
	batch.Problem
	Message string `json:"message"`
	Next    string `json:"next"`
}

// showBatch tells what came of a batch: on Stdout, or on Stderr where Stdout has
// the table of results.
func (s *session) showBatch(d app.BatchDone, aside bool) error {
	if s.json {
		problems := []problemJSON{}
		for _, p := range d.Problem {
			problems = append(problems, problemJSON{p, s.p.Code("reason.", string(p.Code)), s.p.Code("next.", string(p.Code))})
		}
		return s.printJSON(struct {
			app.BatchDone
			Problems []problemJSON `json:"problems"`
		}{d, problems})
	}
	var w strings.Builder
	s.batchFormat(&w, d)
	s.batchProblems(&w, d)
	s.row(&w, "batch.rows", strconv.Itoa(d.Rows))
	s.row(&w, "batch.bad", count(d.Bad))
	s.row(&w, "batch.before", count(d.Before))
	if d.DryRun {
		s.row(&w, "batch.would", strconv.Itoa(d.Rows-d.Bad-d.Before))
	} else {
		s.row(&w, "batch.issued", strconv.Itoa(d.Issued))
		s.row(&w, "batch.failed", count(d.Failed))
		s.row(&w, "batch.missing", count(d.Missing))
	}
	if d.Result != "" {
		w.WriteString(s.t("batch.result", show(d.Result)) + "\n")
	}
	if aside {
		s.wrote = true
		_, err := io.WriteString(s.env.Stderr, w.String())
		return reason.Wrap(reason.IO, "", err)
	}
	return s.print([]byte(w.String()))
}

// count is a number that is told if there is something to tell.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// batchFormat tells how the list was read.
func (s *session) batchFormat(w *strings.Builder, d app.BatchDone) {
	fmt.Fprintln(w, s.t("batch.format", show(d.Name), d.Format.Encoding, s.t("batch.separator."+d.Format.Separator)))
	if d.Format.Encoding == table.Windows1252 {
		fmt.Fprintln(w, "! "+s.t("batch.1252"))
	}
	if d.Format.Above {
		fmt.Fprintln(w, "! "+s.t("batch.above", d.Format.Header))
	}
	fmt.Fprintln(w, s.t("batch.columns"))
	width := 0
	for _, c := range d.Format.Columns {
		width = max(width, utf8.RuneCountInString(c.Header))
	}
	for _, c := range d.Format.Columns {
		sign, what := "→", s.t("batch.field."+c.Field)
		if c.Field == "" {
			sign, what = "·", s.t("batch.why."+string(c.Why))
		}
		if c.Header != "" {
			fmt.Fprintf(w, "  %s %s %s\n", padded(show(c.Header), width), sign, what)
		}
	}
}

// batchProblems writes the table of what is wrong. How to mend it stands below
// the first of a kind.
func (s *session) batchProblems(w *strings.Builder, d app.BatchDone) {
	if len(d.Problem) == 0 {
		return
	}
	told := d.Problem[:min(len(d.Problem), maxProblemLines)]
	line, column := utf8.RuneCountInString(s.t("batch.line")), utf8.RuneCountInString(s.t("batch.column"))
	for _, p := range told {
		line, column = max(line, len(strconv.Itoa(p.Line))), max(column, utf8.RuneCountInString(p.Column))
	}
	fmt.Fprintf(w, "\n  %s  %s  %s\n", padded(s.t("batch.line"), line), padded(s.t("batch.column"), column), s.t("batch.what"))
	mended := map[reason.Code]bool{}
	for _, p := range told {
		text := s.p.Code("reason.", string(p.Code))
		if p.Value != "" {
			text += " " + s.t("batch.quoted", show(strings.ReplaceAll(p.Value, "\n", " ")))
		}
		if p.Also > 0 {
			text += " – " + s.t("batch.see-line", p.Also)
		}
		if detail := s.problemDetail(p); detail != "" {
			text += " (" + show(detail) + ")"
		}
		fmt.Fprintf(w, "✗ %s  %s  %s [%s]\n", padded(strconv.Itoa(p.Line), line), padded(show(p.Column), column), text, p.Code)
		if !mended[p.Code] {
			mended[p.Code] = true
			fmt.Fprintf(w, "  %s  %s  → %s\n", padded("", line), padded("", column), s.p.Code("next.", string(p.Code)))
		}
	}
	if rest := len(d.Problem) - len(told) + d.More; rest > 0 {
		fmt.Fprintf(w, "  %s\n", s.t("batch.more", rest, batch.MaxProblems))
	}
	w.WriteByte('\n')
}

// problemDetail is what is said of a row beside its code: the results that there can be,
// which need no language, or a text in that of the reader where it is one.
func (s *session) problemDetail(p batch.Problem) string {
	switch {
	case p.Said != nil:
		return report.Finding(s.p, p.Said)
	case p.Code == "row_invalid/result":
		return p.Detail
	}
	return s.technical(p.Detail)
}
