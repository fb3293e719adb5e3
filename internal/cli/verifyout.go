package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/internal/app"
	"github.com/kompetansebevis/bevis/internal/report"
	"github.com/kompetansebevis/bevis/reason"
)

// verifyOut is how results are to be written.
type verifyOut struct {
	outFlags
	format  string // one of verifyFormats, empty for text or, with --json, json
	details bool   // of text: tell all of each result, however many
	insight insightFlags
	resume  string // file of a report that goes on where it stopped
}

func verifyFormats() []string { return []string{"text", "json", "ndjson", "csv", "html"} }

// shown reports whether results go to standard output.
func (o verifyOut) shown() bool { return o.file == "" || o.file == "-" }

// foreignEndings are those of files that other programs open, and would find to be
// damaged if there were text in them.
func foreignEndings() []string {
	return []string{"doc", "docx", "jpeg", "jpg", "ods", "odt", "pdf", "png", "rtf", "xls", "xlsx", "xml", "zip"}
}

// results writes results one by one.
type results interface {
	add(r app.VerifyResult) error
	// end is called once behind the last, also when the run was stopped.
	end(sum app.VerifySummary) error
}

// verify judges what is named and writes the results as they come.
func (s *session) verify(ctx context.Context, r app.VerifyRequest, args []string, o verifyOut, flags []string) error {
	if err := s.chooseFormat(&o); err != nil {
		return err
	}
	to, finish, err := s.destination(o)
	if err != nil {
		return err
	}
	r.KeepDocument, r.LeaveOut = o.format == "html", true
	again := report.NewRepeater(flags)
	w, err := s.resultWriter(o, to, again)
	if err != nil {
		return errors.Join(err, finish(false))
	}
	progress := s.startProgress("verify.progress")
	sum, err := s.judged(ctx, r, args, o.resume, func(result app.VerifyResult) error {
		progress.step()
		if err := o.insight.keep(s, result, o.force); err != nil {
			return err
		}
		return w.add(result)
	})
	progress.stop()
	// What was found out is written even if not all could be.
	if late := w.end(sum); err == nil {
		err = late
	}
	if late := finish(err == nil); err == nil {
		err = late
	}
	if err != nil {
		return err
	}
	s.class = sum.Class()
	var b strings.Builder
	if o.file != "" {
		s.counts(&b, sum)
	}
	if o.file != "" || o.format == "csv" { // which has no place for it
		s.leftOut(&b, sum.LeftOut)
	}
	if b.Len() > 0 {
		_, _ = io.WriteString(s.env.Stderr, b.String()) // nobody can be told if this fails
	}
	return nil
}

// judged judges what is named, from where a report stopped if one is named.
func (s *session) judged(ctx context.Context, r app.VerifyRequest, args []string, resume string, each func(app.VerifyResult) error) (app.VerifySummary, error) {
	sources := s.app.Sources(ctx, args, s.stdin)
	if resume == "" {
		return s.app.VerifyEach(ctx, r, sources, each)
	}
	return s.app.VerifyResumed(ctx, r, sources, resume, each)
}

func (s *session) chooseFormat(o *verifyOut) error {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(o.file), "."))
	if ending == "htm" {
		ending = "html"
	}
	switch {
	case o.format == "" && s.json:
		o.format = "json"
	case o.format == "" && slices.Contains(verifyFormats(), ending):
		o.format = ending // as who names the file expects
	case o.format == "" && slices.Contains(foreignEndings(), ending):
		return profile.Refuse(reason.Usage, o.file, saidFileEnding.With(ending))
	case o.format == "":
		o.format = "text"
	case !slices.Contains(verifyFormats(), o.format):
		return reason.New(reason.Usage, "--format", "there is no format %q: %s", o.format, strings.Join(verifyFormats(), ", "))
	case s.json && o.format != "json":
		return reason.New(reason.Usage, "--json", "--json is short for --format json, and --format %s is given", o.format)
	}
	s.json = o.format == "json" || o.format == "ndjson" // for what goes wrong as well
	if o.resume != "" && o.resume == o.file {
		return reason.New(reason.Usage, "--resume", "the report to resume and -o are the same file")
	}
	return nil
}

// destination returns where results go, and what puts them there: a file is in its
// place only when all of it is written.
func (s *session) destination(o verifyOut) (io.Writer, func(whole bool) error, error) {
	if o.shown() {
		return stdout{s}, func(bool) error { return nil }, nil
	}
	f, err := app.CreateFile(o.file, true, o.force)
	if err != nil {
		return nil, nil, err
	}
	// Nobody sees the file before it is in its place: it can be written in large
	// pieces.
	b := bufio.NewWriterSize(f, 1<<16)
	return b, func(whole bool) error {
		if !whole {
			return f.Discard()
		}
		if err := b.Flush(); err != nil {
			return reason.Wrap(reason.IO, o.file, errors.Join(err, f.Discard()))
		}
		if err := f.Commit(); err != nil {
			return reason.Wrap(reason.IO, o.file, err)
		}
		s.note("note.written", show(o.file))
		return nil
	}, nil
}

// stdout is the session's standard output.
type stdout struct{ s *session }

// Write implements io.Writer.
func (o stdout) Write(data []byte) (int, error) {
	if err := o.s.print(data); err != nil {
		return 0, err
	}
	return len(data), nil
}

func (s *session) resultWriter(o verifyOut, w io.Writer, again *report.Repeater) (results, error) {
	if !o.shown() { // the lines of a file are as long as they are
		plain := *s
		plain.env.Columns = nil
		s = &plain
	}
	switch o.format {
	case "json":
		return &jsonResults{w: w, again: again}, nil
	case "ndjson":
		return &lineResults{w: w, again: again}, nil
	case "csv":
		c, err := report.NewCSV(w)
		return csvResults{c}, err
	case "html":
		return pageResults{report.NewPage(w, s.p), again}, nil
	}
	return &textResults{s: s, w: w, again: again, details: o.details || o.insight.tells(), head: !o.shown()}, nil
}

// encoded is v in JSON, with an indent unless that is empty.
func encoded(v any, prefix, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	if err := e.Encode(v); err != nil {
		return nil, reason.Wrap(reason.Internal, "", err)
	}
	return report.EscapeJSON(b.Bytes()), nil
}

// jsonResults writes app.VerifyResults one result at a time.
type jsonResults struct {
	w     io.Writer
	again *report.Repeater
	count int
}

func (j *jsonResults) add(r app.VerifyResult) error {
	r.Repeat = j.again.Line(r)
	text, err := encoded(r, "    ", "  ")
	if err != nil {
		return err
	}
	between := ",\n    "
	if j.count == 0 {
		between = jsonHead + "\n    "
	}
	j.count++
	_, err = j.w.Write(append([]byte(between), bytes.TrimRight(text, "\n")...))
	return err
}

const jsonHead = "{\n  \"schema\": \"" + app.VerifySchema + "\",\n  \"results\": ["

func (j *jsonResults) end(sum app.VerifySummary) error {
	text, err := encoded(sum, "  ", "  ")
	if err != nil {
		return err
	}
	before := "\n  ]"
	if j.count == 0 {
		before = jsonHead + "]"
	}
	_, err = io.WriteString(j.w, before+",\n  \"summary\": "+string(bytes.TrimRight(text, "\n"))+"\n}\n")
	return err
}

// lineResults writes a result on each line, and the summary on the last.
type lineResults struct {
	w     io.Writer
	again *report.Repeater
	b     []byte // of one line, whose memory the next uses
}

func (l *lineResults) add(r app.VerifyResult) error {
	text, err := report.AppendResult(l.b[:0], &r, l.again)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	l.b = append(text, '\n')
	_, err = l.w.Write(l.b)
	return err
}

func (l *lineResults) end(sum app.VerifySummary) error {
	text, err := encoded(struct {
		Schema  string            `json:"schema"`
		Summary app.VerifySummary `json:"summary"`
	}{app.VerifySchema, sum}, "", "")
	if err != nil {
		return err
	}
	_, err = l.w.Write(text)
	return err
}

type csvResults struct{ c *report.CSV }

func (c csvResults) add(r app.VerifyResult) error { return c.c.Write(r) }
func (c csvResults) end(app.VerifySummary) error  { return c.c.Flush() }

type pageResults struct {
	p     *report.Page
	again *report.Repeater
}

func (p pageResults) add(r app.VerifyResult) error {
	r.Repeat = p.again.Line(r)
	return p.p.Add(r)
}

func (p pageResults) end(sum app.VerifySummary) error { return p.p.End(sum) }

// repeatFlags are the flags that were given and have a bearing on the verdict,
// as words.
func repeatFlags(flags *pflag.FlagSet) []string {
	var out []string
	flags.Visit(func(f *pflag.Flag) {
		if slices.Contains([]string{"at", "lang", "json", "no-input", "format", "output", "force", "details", "resume", "jobs", "coverage", "as", "bundle", "link"}, f.Name) || strings.HasPrefix(f.Name, "passphrase") {
			return
		}
		values := []string{f.Value.String()}
		if many, ok := f.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, value := range values {
			if f.Name == "recipient" {
				value = app.HideRecipient(value)
			}
			if f.Value.Type() == "bool" && value == "true" {
				out = append(out, "--"+f.Name)
				continue
			}
			out = append(out, "--"+f.Name+"="+report.WithoutSecrets(value))
		}
	})
	return out
}
