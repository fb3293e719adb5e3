package app

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/competence"
	"github.com/kompetansebevis/bevis/catalogue/esco"
	"github.com/kompetansebevis/bevis/catalogue/esco/link"
	"github.com/kompetansebevis/bevis/catalogue/formats"
	"github.com/kompetansebevis/bevis/catalogue/publication"
	"github.com/kompetansebevis/bevis/catalogue/search"
	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/store"
	"github.com/kompetansebevis/bevis/catalogue/support"
	"github.com/kompetansebevis/bevis/catalogue/upkeep"
	"github.com/kompetansebevis/bevis/credential/key"
	examples "github.com/kompetansebevis/bevis/examples/catalogue"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// The files of a catalogue's folder beside those of catalogue/store.
const (
	vocabularyFile = "vocabulary.jsonl"
	schemesFile    = "schemes.jsonl"
	statisticsFile = "statistics.json"
)

// Catalogue is a catalogue's folder with all that helps to use it.
type Catalogue struct {
	Folder     string
	Store      catalogue.Store
	Vocabulary *esco.Vocabulary
	Schemes    []support.Scheme
	Linker     competence.Linker // of Vocabulary; it learns at its first text
	Statistics *stats.Published  // nil: none
	Upkeep     *upkeep.Book
}

// CataloguePath returns where the catalogue is when nobody names a folder.
func (a *App) CataloguePath() string { return a.path("catalogue") }

// CatalogueOpen opens a catalogue's folder; none is not_found/catalogue.
func (a *App) CatalogueOpen(ctx context.Context, folder string) (*Catalogue, error) {
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return nil, reason.New("not_found/catalogue", folder, "there is no catalogue yet")
	}
	c := &Catalogue{Folder: folder, Upkeep: &upkeep.Book{}}
	for _, part := range []struct {
		name string
		read func([]byte) error
	}{
		{vocabularyFile, func(raw []byte) (err error) {
			c.Vocabulary, err = esco.ReadLines(ctx, bytes.NewReader(raw), esco.Limits{})
			return err
		}},
		{schemesFile, func(raw []byte) (err error) {
			c.Schemes, err = support.Parse(ctx, raw)
			return err
		}},
		{upkeepFile, func(raw []byte) (err error) {
			c.Upkeep, err = upkeep.Parse(raw)
			return err
		}},
		{statisticsFile, func(raw []byte) (err error) {
			c.Statistics, err = stats.Parse(raw)
			return err
		}},
	} {
		raw, err := readUpTo(filepath.Join(folder, part.name), maxImport)
		if reason.CodeOf(err) == reason.NotFound {
			continue
		}
		if err == nil {
			err = part.read(raw)
		}
		if err != nil {
			return nil, reason.New(reason.CodeOf(err), filepath.Join(folder, part.name)+" "+reason.AtOf(err), "%w", bareReason(err))
		}
	}
	c.Linker = linker{link.New(c.Vocabulary)}
	var err error
	c.Store, err = store.Open(ctx, folder, store.Config{Search: search.Config{Labels: c.Vocabulary.Labels, Weight: a.weight(c)}})
	return c, err
}

// bareReason drops the code and place of an error, which are named apart.
func bareReason(err error) error {
	if e, ok := err.(*reason.Error); ok && e.Err != nil {
		return e.Err
	}
	return err
}

// maxImport is the largest file that is imported.
const maxImport = 64 << 20

// Imported is what came of one file.
type Imported struct {
	Input    string             `json:"input"`
	Format   string             `json:"format"`
	Changes  *catalogue.Changes `json:"changes,omitempty"`
	Skills   int                `json:"skills,omitempty"`
	Jobs     int                `json:"occupations,omitempty"`
	Schemes  int                `json:"schemes,omitempty"`
	By       string             `json:"by,omitempty"`       // who signed the statistics
	Provider string             `json:"provider,omitempty"` // who signed the publication
	Issued   *time.Time         `json:"issued,omitempty"`   // the publication
	Until    *time.Time         `json:"until,omitempty"`
	Problems []formats.Problem  `json:"problems,omitempty"`
	// Broken counts the problems for which something was left out.
	Broken int `json:"broken"`
}

// ImportOptions say what a source may leave out, and where it goes.
type ImportOptions struct {
	Folder  string
	Source  formats.Options
	Example bool // the example catalogue as well
	// Issuers are providers whose keys may be fetched for this import, beside
	// those of the trust policy.
	Issuers []string
}

// ImportInputs reads what is named for an import: files, folders and https
// addresses. Workbooks and ESCO's tables are archives that are read whole.
func (a *App) ImportInputs(ctx context.Context, names []string, stdin func() ([]byte, error)) []Input {
	whole := func(_ context.Context, name string, yield func(Source) bool) bool { return yield(file(name)) }
	var out []Input
	for _, in := range inputs(ctx, a.sources(ctx, names, stdin, whole)) {
		if reason.CodeOf(in.Err) == reason.LimitSize {
			in.Raw, in.Err = readUpTo(in.Name, maxImport)
		}
		out = append(out, in)
	}
	return out
}

// CatalogueImport takes sources in: offers in any of the formats, a vocabulary
// (JSON Lines, or ESCO's CSV in a zip), support schemes, published statistics.
// What is in already, equal, is not written again. An error ends the import;
// what came before stays.
func (a *App) CatalogueImport(ctx context.Context, inputs []Input, o ImportOptions) ([]Imported, error) {
	if o.Example {
		example, err := exampleInputs()
		if err != nil {
			return nil, err
		}
		inputs = append(example, inputs...)
	}
	if err := os.MkdirAll(o.Folder, 0o755); err != nil {
		return nil, reason.New(reason.IO, o.Folder, "%w", bare(err))
	}
	var out []Imported
	for _, in := range inputs {
		if in.Err != nil {
			return out, in.Err
		}
		done, err := a.importOne(ctx, in, o)
		if err != nil {
			if reason.AtOf(err) == "" {
				err = reason.New(reason.CodeOf(err), in.Name, "%w", bareReason(err))
			}
			return out, err
		}
		done.Input = in.Name
		out = append(out, done)
	}
	return out, nil
}

// exampleInputs are the files of the example catalogue, what others refer to
// first.
func exampleInputs() ([]Input, error) {
	var out []Input
	for _, name := range []string{vocabularyFile, schemesFile, "providers.jsonl", "offers.jsonl"} {
		raw, err := fs.ReadFile(examples.Files(), name)
		if err != nil {
			return nil, reason.Wrap(reason.Internal, name, err)
		}
		out = append(out, Input{Name: "example/" + name, Raw: raw})
	}
	return out, nil
}

func (a *App) importOne(ctx context.Context, in Input, o ImportOptions) (Imported, error) {
	switch kindOf(in.Raw) {
	case "publication":
		return a.importPublication(ctx, in, o)
	case "vocabulary", "esco":
		return a.importVocabulary(ctx, in.Raw, o.Folder)
	case "schemes":
		schemes, err := support.Parse(ctx, in.Raw)
		if err != nil {
			return Imported{}, err
		}
		return Imported{Format: "schemes", Schemes: len(schemes)}, a.mergeSchemes(ctx, o.Folder, schemes)
	case "statistics":
		published, err := stats.Open(bytes.TrimSpace(in.Raw), func(kid string) (key.Public, error) { return a.methodKey(ctx, kid) })
		if err != nil {
			return Imported{}, err
		}
		return Imported{Format: "statistics", By: published.About.By}, WriteFile(filepath.Join(o.Folder, statisticsFile), published.Marshal(), false, true)
	}
	c, err := a.CatalogueOpen(ctx, o.Folder)
	if err != nil {
		return Imported{}, err
	}
	batch, err := formats.Read(ctx, in.Raw, o.Source)
	if err != nil {
		return Imported{}, err
	}
	if err := a.withoutSigned(ctx, c.Store, &batch); err != nil {
		return Imported{}, err
	}
	done := Imported{Format: string(batch.Format), Problems: batch.Problems, Broken: broken(batch.Problems)}
	changes, err := c.Store.Put(ctx, batch.Providers, batch.Offers)
	done.Changes = &changes
	if err == nil {
		err = a.seen(c, batch.Offers)
	}
	return done, err
}

// kindOf tells by its first line what a file of bevis' own is; "" for the
// formats of offers.
func kindOf(raw []byte) string {
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		if z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw))); err == nil {
			for _, f := range z.File {
				if name := strings.ToLower(filepath.Base(f.Name)); strings.HasPrefix(name, "skills") && strings.HasSuffix(name, ".csv") {
					return "esco"
				}
			}
		}
		return ""
	}
	if publication.Is(raw) {
		return "publication"
	}
	if bytes.HasPrefix(raw, []byte("eyJ")) {
		return "statistics"
	}
	line, _, _ := bytes.Cut(bytes.TrimSpace(raw), []byte("\n"))
	v, err := strictjson.ParseObject(line, strictjson.Limits{})
	switch {
	case err != nil:
		return ""
	case v.Get("skill") != nil, v.Get("occupation") != nil:
		return "vocabulary"
	case v.Get("rule") != nil && v.Get("source") != nil:
		return "schemes"
	}
	return ""
}

func (a *App) importVocabulary(ctx context.Context, raw []byte, folder string) (Imported, error) {
	var more *esco.Vocabulary
	var err error
	if kindOf(raw) == "esco" {
		z, zipErr := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if zipErr != nil {
			return Imported{}, reason.New(reason.Malformed, "", "%w", zipErr)
		}
		more, err = esco.ReadCSV(ctx, esco.Limits{}, esco.Source{Files: z})
	} else {
		more, err = esco.ReadLines(ctx, bytes.NewReader(raw), esco.Limits{})
	}
	if err != nil {
		return Imported{}, err
	}
	c, err := a.CatalogueOpen(ctx, folder)
	if err != nil {
		return Imported{}, err
	}
	merged, err := esco.New(append(c.Vocabulary.Skills(), more.Skills()...), append(c.Vocabulary.Occupations(), more.Occupations()...))
	if err != nil {
		return Imported{}, err
	}
	var b bytes.Buffer
	if err := merged.WriteLines(&b); err != nil {
		return Imported{}, err
	}
	return Imported{Format: "vocabulary", Skills: len(more.Skills()), Jobs: len(more.Occupations())},
		WriteFile(filepath.Join(folder, vocabularyFile), b.Bytes(), false, true)
}

func (a *App) mergeSchemes(ctx context.Context, folder string, schemes []support.Scheme) error {
	c, err := a.CatalogueOpen(ctx, folder)
	if err != nil {
		return err
	}
	replaced := map[string]support.Scheme{}
	for _, s := range schemes {
		replaced[s.ID] = s
	}
	var all []support.Scheme
	for _, s := range c.Schemes {
		if _, ok := replaced[s.ID]; !ok {
			all = append(all, s)
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, s := range append(all, schemes...) {
		if err := e.Encode(s); err != nil {
			return reason.Wrap(reason.Internal, s.ID, err)
		}
	}
	return WriteFile(filepath.Join(folder, schemesFile), b.Bytes(), false, true)
}

// Listings returns all offers, by ref.
func (c *Catalogue) Listings(ctx context.Context) ([]catalogue.Listing, error) {
	var out []catalogue.Listing
	err := c.Store.Each(ctx, func(l catalogue.Listing) error {
		out = append(out, c.withLink(l))
		return nil
	})
	return out, err
}
