package esco

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/reason"
)

// Source is a folder or an archive (a *zip.Reader is one) of CSV files.
type Source struct {
	Files    fs.FS
	Language string // of its texts; "" takes it from the names of the files, as in skills_nb.csv
}

// ReadCSV reads ESCO as CSV: the files of the Commission's download, one
// archive for each language and one for the relations, or those of tabiya,
// which have other names for the same columns. Which file holds what is told
// by its header; collections and files that hold anything else are passed
// over, and so are concepts that are no longer released. All sources become one
// vocabulary. A wrong row ends the reading; the error says which it is
// ("skills_en.csv line 12").
func ReadCSV(ctx context.Context, l Limits, sources ...Source) (*Vocabulary, error) {
	r := &csvReader{ctx: ctx, limits: l.orDefault(), v: empty()}
	r.left = r.limits.MaxBytes
	var relations []csvFile
	for _, s := range sources {
		files, err := r.find(s)
		if err != nil {
			return nil, err
		}
		ids := map[string]string{}
		for _, f := range files {
			if f.ids = ids; f.kind == relationFile {
				relations = append(relations, f)
			} else if err := r.each(f, r.concept); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range relations {
		if err := r.each(f, r.relation); err != nil {
			return nil, err
		}
	}
	for i := range r.v.skills {
		s := &r.v.skills[i]
		s.Broader, s.Related = unique(s.Broader), unique(s.Related)
		if err := s.check(s.URI); err != nil {
			return nil, err
		}
	}
	for i := range r.v.occupations {
		o := &r.v.occupations[i]
		o.Essential, o.Optional = unique(o.Essential), unique(o.Optional)
		if err := o.check(o.URI); err != nil {
			return nil, err
		}
	}
	return r.v.finish(), nil
}

type csvReader struct {
	ctx    context.Context
	limits Limits
	left   int64 // bytes that may still be read
	v      *Vocabulary
}

type fileKind uint8

const (
	otherFile fileKind = iota
	skillFile
	groupFile
	occupationFile
	relationFile
)

type csvFile struct {
	files    fs.FS
	name     string
	language string
	kind     fileKind
	ids      map[string]string // tabiya: its own ids → URIs
}

const maxFiles = 1000

// find lists the CSV files of a source that hold part of the vocabulary.
func (r *csvReader) find(s Source) ([]csvFile, error) {
	var found []csvFile
	n := 0
	err := fs.WalkDir(s.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if n++; n > maxFiles {
			return reason.New("resource_limit/files", name, "more than %d files", maxFiles)
		}
		if err != nil || d.IsDir() || !strings.EqualFold(path.Ext(name), ".csv") {
			return err
		}
		f := csvFile{files: s.Files, name: name, language: s.Language}
		if f.language == "" {
			f.language = languageOf(name)
		}
		err = r.open(f, func(rows *csv.Reader) error {
			header, err := rows.Read()
			f.kind = kindOf(columns(header))
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		})
		if f.kind != otherFile {
			found = append(found, f)
		}
		return err
	})
	if err != nil && reason.CodeOf(err) == reason.Internal {
		err = reason.Wrap(reason.IO, "", err)
	}
	return found, err
}

// languageOf reads the language from a name such as skills_nb.csv.
func languageOf(name string) string {
	stem := strings.ToLower(strings.TrimSuffix(path.Base(name), path.Ext(name)))
	if at := strings.LastIndexByte(stem, '_'); at >= 0 && len(stem)-at == 3 {
		return stem[at+1:]
	}
	return "und"
}

// columns returns where each column is. tabiya writes them in capitals and
// calls some of them otherwise.
func columns(header []string) map[string]int {
	at := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		switch name {
		case "originuri":
			name = "concepturi"
		case "iscogroupcode":
			name = "iscogroup"
		case "requiringid":
			name = "originalskilluri"
		case "requiredid":
			name = "relatedskilluri"
		case "occupationid":
			name = "occupationuri"
		case "skillid":
			name = "skilluri"
		case "childid":
			name = "concepturi"
		case "parentid":
			name = "broaderuri"
		}
		if _, twice := at[name]; !twice {
			at[name] = i
		}
	}
	return at
}

func kindOf(at map[string]int) fileKind {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := at[n]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("broaderconcepturi"): // a collection: nothing that is not in the others
		return otherFile
	case has("concepturi", "broaderuri"), has("occupationuri", "skilluri", "relationtype"), has("originalskilluri", "relatedskilluri"):
		return relationFile
	case !has("concepturi", "preferredlabel"):
		return otherFile
	case has("skilltype"):
		return skillFile
	case has("iscogroup"):
		return occupationFile
	case has("description", "scopenote"), has("description", "hiddenlabels"):
		return groupFile
	}
	return otherFile
}

func (r *csvReader) open(f csvFile, read func(*csv.Reader) error) error {
	file, err := f.files.Open(f.name)
	if err != nil {
		return reason.Wrap(reason.IO, f.name, err)
	}
	defer file.Close()
	counted := &counter{r: file, left: r.left}
	rows := csv.NewReader(bufio.NewReaderSize(counted, 1<<16))
	rows.FieldsPerRecord = -1
	err = read(rows)
	r.left = counted.left
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		return invalid(f.name+" line "+strconv.Itoa(syntax.Line), "%w", syntax.Err)
	case err != nil && reason.CodeOf(err) == reason.Internal:
		return readError(f.name, err)
	}
	return err
}

// row is one record of a file.
type row struct {
	csvFile
	at     string
	column map[string]int
	fields []string
}

func (x row) get(name string) string {
	if i, ok := x.column[name]; ok && i < len(x.fields) {
		return strings.TrimSpace(x.fields[i])
	}
	return ""
}

// each calls do for every record. The fields are copied: a record's own would
// keep all of it in memory for one of them.
func (r *csvReader) each(f csvFile, do func(row) error) error {
	return r.open(f, func(rows *csv.Reader) error {
		rows.ReuseRecord = true
		header, err := rows.Read()
		if err != nil {
			return err
		}
		x := row{csvFile: f, column: columns(header)}
		for n := 0; ; n++ {
			if err := r.ctx.Err(); err != nil && n%256 == 0 {
				return reason.Wrap(reason.Canceled, f.name, err)
			}
			if x.fields, err = rows.Read(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
			number, _ := rows.FieldPos(0)
			x.at = f.name + " line " + strconv.Itoa(number)
			if err := do(x); err != nil {
				return err
			}
			if err := r.limits.concepts(r.v, x.at); err != nil {
				return err
			}
		}
	})
}

func (r *csvReader) concept(x row) error {
	uri, label := strings.Clone(x.get("concepturi")), strings.Clone(x.get("preferredlabel"))
	if id := x.get("id"); id != "" {
		x.ids[strings.Clone(id)] = uri
	}
	if status := x.get("status"); status != "" && !strings.EqualFold(status, "released") {
		return nil
	}
	if label == "" {
		return invalid(x.at, "%s has no preferred label", uri)
	}
	labels := catalogue.Texts{x.language: label}
	alt := map[string][]string(nil)
	if list := x.alternatives(label); list != nil {
		alt = map[string][]string{x.language: list}
	}
	description := catalogue.Texts(nil)
	if d := cmp.Or(x.get("description"), x.get("definition")); d != "" {
		description = catalogue.Texts{x.language: strings.Clone(d)}
	}
	if x.kind == occupationFile {
		return r.v.addOccupation(x.at, Occupation{URI: uri, Code: strings.Clone(cmp.Or(x.get("code"), x.get("iscogroup"))), Labels: labels, Alt: alt, Description: description})
	}
	s := Skill{URI: uri, Labels: labels, Alt: alt, Description: description}
	if x.kind == groupFile {
		s.Type = Group
	} else {
		s.Type, s.Reuse = skillType(x.get("skilltype")), strings.Clone(x.get("reuselevel"))
	}
	return r.v.addSkill(x.at, s)
}

// alternatives returns the other labels, which stand in lines or between bars.
func (x row) alternatives(preferred string) []string {
	var out []string
	for label := range strings.FieldsFuncSeq(strings.ReplaceAll(x.get("altlabels"), " | ", "\n"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if label = strings.TrimSpace(label); label != "" && label != preferred {
			out = append(out, strings.Clone(label))
		}
	}
	return unique(out)
}

// skillType reads a type; tabiya tells languages and attitudes apart.
func skillType(s string) string {
	switch s {
	case "language", "attitude":
		return Competence
	}
	return strings.Clone(s)
}

// relation reads a row of one of the files that say what belongs together.
// What belongs to something that is not there, or not any more, is left out.
func (r *csvReader) relation(x row) error {
	end := func(name string) (string, error) {
		uri := x.get(name)
		if uri == "" {
			return "", invalid(x.at, "%s is empty", name)
		}
		return cmp.Or(x.ids[uri], uri), nil
	}
	from, to := "originalskilluri", "relatedskilluri"
	if _, ok := x.column["skilluri"]; ok {
		from, to = "occupationuri", "skilluri"
	} else if _, ok := x.column["broaderuri"]; ok {
		from, to = "concepturi", "broaderuri"
	}
	a, err := end(from)
	if err != nil {
		return err
	}
	b, err := end(to)
	if err != nil {
		return err
	}
	at, known := r.v.skillAt[b]
	if !known {
		return nil
	}
	b = r.v.skills[at].URI // the one string for all relations
	if from == "occupationuri" {
		job, ok := r.v.jobAt[a]
		if !ok {
			return nil
		}
		o := &r.v.occupations[job]
		switch kind := x.get("relationtype"); kind {
		case "essential":
			o.Essential = append(o.Essential, b)
		case "optional", "":
			o.Optional = append(o.Optional, b)
		default:
			return invalid(x.at, "%q is no relation of a skill", kind)
		}
		return nil
	}
	skill, ok := r.v.skillAt[a]
	if !ok {
		return nil
	}
	s := &r.v.skills[skill]
	if from == "concepturi" {
		s.Broader = append(s.Broader, b)
	} else {
		s.Related = append(s.Related, b)
	}
	return nil
}
