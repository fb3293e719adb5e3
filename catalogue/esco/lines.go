package esco

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// Limits bound what is read. Zero means the default.
type Limits struct {
	MaxBytes    int64 // of all files, unpacked; 256 MiB
	MaxConcepts int   // skills, groups and occupations; 200,000
}

func (l Limits) orDefault() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = 256 << 20
	}
	if l.MaxConcepts <= 0 {
		l.MaxConcepts = 200_000
	}
	return l
}

func (l Limits) concepts(v *Vocabulary, at string) error {
	if len(v.skills)+len(v.occupations) > l.MaxConcepts {
		return reason.New("resource_limit/concepts", at, "more than %d skills and occupations", l.MaxConcepts)
	}
	return nil
}

const maxLine = 1 << 20

// line is one line of JSON Lines: one of the two.
type line struct {
	Skill      *Skill      `json:"skill,omitempty"`
	Occupation *Occupation `json:"occupation,omitempty"`
}

// ReadLines reads JSON Lines: each line {"skill":{…}} or {"occupation":{…}}
// with the members of Skill and Occupation and no others. The first wrong line
// ends the reading; the error says which it is ("line 12/skill/uri").
func ReadLines(ctx context.Context, r io.Reader, l Limits) (*Vocabulary, error) {
	l = l.orDefault()
	v := empty()
	counted := &counter{r: r, left: l.MaxBytes}
	lines := bufio.NewScanner(counted)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() && lines.Err() == nil { // a line that an error cut off is none
		n++
		at := "line " + strconv.Itoa(n)
		if err := ctx.Err(); err != nil {
			return nil, reason.Wrap(reason.Canceled, at, err)
		}
		if err := v.readLine(at, bytes.TrimSpace(lines.Bytes())); err != nil {
			return nil, err
		}
		if err := l.concepts(v, at); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		at := "line " + strconv.Itoa(n+1)
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, reason.New(reason.LimitSize, at, "a line of more than %d bytes", maxLine)
		}
		return nil, readError(at, err)
	}
	return v.finish(), nil
}

func (v *Vocabulary) readLine(at string, raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	if _, err := strictjson.ParseObject(raw, strictjson.Limits{}); err != nil {
		return reason.New(reason.CodeOf(err), at+reason.AtOf(err), "%w", errors.Unwrap(err))
	}
	var x line
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&x); err != nil {
		return invalid(at, "%w", err)
	}
	switch {
	case x.Skill != nil && x.Occupation == nil:
		return v.addSkill(at+"/skill", *x.Skill)
	case x.Occupation != nil && x.Skill == nil:
		return v.addOccupation(at+"/occupation", *x.Occupation)
	}
	return invalid(at, "a line has a skill or an occupation")
}

// WriteLines writes the vocabulary as ReadLines reads it, in the order of
// URIs: the same vocabulary always gives the same bytes.
func (v *Vocabulary) WriteLines(w io.Writer) error {
	b := bufio.NewWriter(w)
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	for _, s := range v.Skills() {
		if err := e.Encode(line{Skill: &s}); err != nil {
			return reason.Wrap(reason.IO, s.URI, err)
		}
	}
	for _, o := range v.Occupations() {
		if err := e.Encode(line{Occupation: &o}); err != nil {
			return reason.Wrap(reason.IO, o.URI, err)
		}
	}
	if err := b.Flush(); err != nil {
		return reason.Wrap(reason.IO, "", err)
	}
	return nil
}

// counter is a reader that ends in an error after so many bytes.
type counter struct {
	r    io.Reader
	left int64
}

func (c *counter) Read(p []byte) (int, error) {
	if c.left < 0 {
		return 0, errTooLarge
	}
	n, err := c.r.Read(p)
	if c.left -= int64(n); c.left < 0 {
		return n, errTooLarge
	}
	return n, err
}

var errTooLarge = errors.New("more bytes than may be read")

func readError(at string, err error) error {
	if errors.Is(err, errTooLarge) {
		return reason.Wrap(reason.LimitSize, at, err)
	}
	return reason.Wrap(reason.IO, at, err)
}
