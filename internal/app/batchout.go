package app

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/issuer/batch"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	// A folder with more files than this is slow to look at, so they go into
	// folders by the first two digits of their names.
	maxFlat = 2000
	// What is in a zip is listed at its end, and held until then.
	maxZip = 100_000

	resultName = "result.csv"
	batchNotes = ".bevis-batch" // folder within the one that is written to
	lockPause  = 2 * time.Second
)

// written is a row whose file was written.
type written struct {
	batch.Done
	files    []outFile
	problems []batch.Problem // forms that there are none of
	err      error
}

// destination is where credentials go. Write is called by many at once, all
// else by one: note in the order of the rows, then prove for the files that are
// to have a proof beside them and have no good one, and in the end commit or
// discard.
type destination interface {
	write(ctx context.Context, d batch.Done) written
	note(w written) error
	toProve() *proofList // nil: no file has a proof
	proofOf(file string) []byte
	prove(file string, proof []byte) error
	commit() (result string, err error)
	discard() error
}

// destination prepares what a request asks for.
func (a *App) destination(ctx context.Context, r BatchRequest, known BatchDone, base results) (destination, error) {
	base.recipients = r.Recipients
	var salts []byte
	if r.Out != "" && a.HasLog() {
		var err error
		if _, salts, err = a.logSecrets(); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Out == "":
		base.table(r.Result)
		return &base, nil
	case strings.HasSuffix(strings.ToLower(r.Out), ".zip"):
		if n := known.Rows * base.filesEach(); n > maxZip {
			return nil, reason.New("usage/zip", r.Out, "%d files: a zip holds up to %d here, a folder any number", n, maxZip)
		}
		f, err := CreateFile(r.Out, true, false)
		if err != nil {
			return nil, err
		}
		to := &zipped{results: base, name: r.Out, file: f, zip: zip.NewWriter(f)}
		to.table(&to.list)
		if salts != nil {
			to.proofs = newProofList(salts, &bytes.Buffer{}) // a zip is short enough
		}
		return to, nil
	}
	return newFolder(ctx, base, r, known, salts)
}

// results writes the table of results.
type results struct {
	forms      *formMaker // nil: the issuer's own form, in the picture if there is one
	picture    []byte
	recipients bool
	csv        *csv.Writer
	begun      bool
	proofs     *proofList
}

func (t *results) table(w io.Writer) {
	t.csv = csv.NewWriter(w)
	t.csv.Comma = rune(tableComma[0])
}

// tableComma parts the cells of the table of results.
const tableComma = ";"

// resultsHead is the first line of the table of results: with a column for each
// form, if there are any, and without one for "the" file then. By it the table is
// known again (isResultsHead).
func resultsHead(forms []string, recipients bool) []string {
	head := []string{"line", "outcome", "id"}
	if len(forms) == 0 {
		forms = []string{"file"}
	}
	head = append(head, forms...)
	if recipients {
		head = append(head, "name", "email", "recipient")
	}
	return head
}

func (t *results) write(_ context.Context, d batch.Done) written { return written{Done: d} }

func (t *results) toProve() *proofList { return t.proofs }

func (t *results) note(w written) error {
	for _, f := range w.files {
		if t.proofs == nil || f.signed == nil {
			continue
		}
		if err := t.proofs.add(f.log); err != nil {
			return err
		}
	}
	if !t.begun {
		t.begun = true
		if err := t.csv.Write(resultsHead(t.formNames(), t.recipients)); err != nil {
			return reason.Wrap(reason.IO, resultName, err)
		}
	}
	outcome, id := "left out", ""
	switch {
	case w.Err != nil:
		outcome = string(reason.CodeOf(w.Err))
	case w.Issued != nil && w.Issued.Again:
		outcome, id = "issued before", w.Issued.ID
	case w.Issued != nil:
		outcome, id = "issued", w.Issued.ID
	}
	row := []string{strconv.Itoa(w.Line), outcome, id}
	row = append(row, make([]string, max(1, len(t.formNames())))...)
	for _, f := range w.files {
		if f.form >= 0 {
			row[3+f.form] = f.name
		}
	}
	if t.recipients {
		for _, s := range []string{w.Recipient.Name, w.Recipient.Email, w.Recipient.ID} {
			if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) { // which a spreadsheet would work out
				s = "'" + s
			}
			row = append(row, s)
		}
	}
	return reason.Wrap(reason.IO, resultName, t.csv.Write(row))
}

func (t *results) commit() (string, error) {
	t.csv.Flush()
	return "", reason.Wrap(reason.IO, resultName, t.csv.Error())
}

func (t *results) discard() error { return nil }

// whole is the one file of a row, with the ending of its name.
func (t *results) whole(d batch.Done) (f outFile, err error) {
	f = outFile{name: FileOf(d.Issued.ID), data: d.Issued.Credential, signed: d.Issued.Credential}
	switch {
	case t.picture != nil:
		f.data, err = bake.Bake(t.picture, f.data, bake.Limits{})
		f.name += "." + bake.Detect(t.picture).String()
	case proof.IsCOSE(f.data):
		f.name += ".cose"
	case bytes.HasPrefix(f.data, []byte("{")):
		f.name += ".json"
	case bytes.IndexByte(f.data, '~') >= 0:
		f.name += ".sdjwt"
	default:
		f.name += ".jwt"
	}
	return f, err
}

// zipped writes one file that holds all.
type zipped struct {
	results
	name string
	file *atomicfile.File
	zip  *zip.Writer
	list bytes.Buffer
}

func (z *zipped) write(ctx context.Context, d batch.Done) written {
	w := written{Done: d}
	if d.Issued == nil {
		return w
	}
	w.files, w.problems, w.err = z.content(ctx, d)
	for n := range w.files {
		if f := &w.files[n]; z.proofs != nil && f.signed != nil {
			f.log = loggedAs(z.proofs.salts, f.name, f.signed)
		}
	}
	return w
}

func (z *zipped) note(w written) error {
	for _, f := range w.files {
		if err := z.add(f.name, f.data); err != nil {
			return err
		}
	}
	return z.results.note(w)
}

func (z *zipped) add(name string, data []byte) error {
	f, err := z.zip.Create(name)
	if err == nil {
		_, err = f.Write(data)
	}
	return reason.Wrap(reason.IO, z.name, bare(err))
}

func (z *zipped) commit() (string, error) {
	_, err := z.results.commit()
	if err == nil {
		err = z.add(resultName, z.list.Bytes())
	}
	if err == nil {
		err = z.zip.Close()
	}
	if err != nil {
		return "", reason.Wrap(reason.IO, z.name, bare(errors.Join(err, z.file.Discard())))
	}
	return z.name, reason.Wrap(reason.IO, z.name, bare(z.file.Commit()))
}

func (z *zipped) discard() error { return z.file.Discard() }

// folder writes a file for each credential.
type folder struct {
	results
	path   string
	sorted bool // into folders
	file   *atomicfile.File
	unlock func()
	list   *os.File // of proofs, nil for none
}

// batchNote is what a folder keeps of the batch that is in it.
type batchNote struct {
	Batch       string `json:"batch"`
	Achievement string `json:"achievement"`
	Picture     bool   `json:"picture"`
	Sorted      bool   `json:"sorted"`
	Forms       string `json:"forms,omitempty"` // with commas between
}

// newFolder prepares a folder: it is one batch's, and one process's at a time.
func newFolder(ctx context.Context, base results, r BatchRequest, known BatchDone, salts []byte) (*folder, error) {
	to := &folder{results: base, path: r.Out}
	notes := filepath.Join(r.Out, batchNotes)
	if err := os.MkdirAll(notes, 0o700); err != nil {
		return nil, reason.New(reason.IO, r.Out, "%w", bare(err))
	}
	waiting, cancel := context.WithTimeout(ctx, lockPause)
	defer cancel()
	var err error
	if to.unlock, err = atomicfile.Lock(waiting, filepath.Join(notes, "lock")); err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return nil, reason.New("conflict/batch-running", r.Out, "another process writes to this folder")
		}
		return nil, reason.Wrap(reason.IO, r.Out, bare(err))
	}
	if err := to.prepare(notes, r, known); err != nil {
		to.unlock()
		return nil, err
	}
	to.table(to.file)
	if err := to.listProofs(salts); err != nil {
		return nil, errors.Join(err, to.discard())
	}
	return to, nil
}

func (f *folder) prepare(notes string, r BatchRequest, known BatchDone) error {
	want := batchNote{Batch: known.Name, Achievement: r.Achievement, Picture: len(r.Images) > 0, Sorted: known.Rows*f.filesEach() > maxFlat, Forms: strings.Join(f.formNames(), ",")}
	raw, err := ReadFile(filepath.Join(notes, "batch.json"))
	var have batchNote
	switch {
	case reason.CodeOf(err) == reason.NotFound:
		if entries, err := os.ReadDir(r.Out); err != nil || len(entries) > 1 { // beside our notes
			return errors.Join(err, reason.New("conflict/exists", r.Out, "there are other files in the folder: choose a new one"))
		}
		text, err := json.Marshal(want)
		if err != nil {
			return reason.Wrap(reason.Internal, "", err)
		}
		if err := WriteFile(filepath.Join(notes, "batch.json"), text, true, false); err != nil {
			return err
		}
	case err != nil:
		return err
	case json.Unmarshal(raw, &have) != nil:
		return reason.New(reason.MalformedJSON, filepath.Join(notes, "batch.json"), "cannot be read")
	default:
		if want.Sorted = have.Sorted; want != have {
			return reason.New("conflict/other-batch", r.Out, "the folder holds the batch %q of %s", have.Batch, have.Achievement)
		}
	}
	f.sorted = want.Sorted
	// What a killed process has left is in a folder of its own.
	if err := os.RemoveAll(filepath.Join(notes, "tmp")); err != nil {
		return reason.New(reason.IO, notes, "%w", bare(err))
	}
	folders := []string{filepath.Join(notes, "tmp")}
	for n := 0; n < 256 && f.sorted; n++ {
		folders = append(folders, filepath.Join(f.path, strconv.FormatInt(int64(n)|0x100, 16)[1:]))
	}
	for _, name := range folders {
		if err := os.MkdirAll(name, 0o700); err != nil {
			return reason.New(reason.IO, name, "%w", bare(err))
		}
	}
	if f.file, err = atomicfile.CreateIn(filepath.Join(notes, "tmp"), filepath.Join(f.path, resultName), 0o600); err != nil {
		return reason.New(reason.IO, f.path, "%w", bare(err))
	}
	return nil
}

func (f *folder) write(ctx context.Context, d batch.Done) written {
	w := written{Done: d}
	if d.Issued == nil {
		return w
	}
	if w.files, w.problems, w.err = f.content(ctx, d); w.err != nil {
		return w
	}
	for n := range w.files {
		file, name := &w.files[n], w.files[n].name
		if f.sorted {
			file.name = path.Join(name[:2], name)
		}
		if f.proofs != nil && file.signed != nil {
			file.log = loggedAs(f.proofs.salts, file.name, file.signed)
		}
		if w.err = f.put(name, file, d.Issued.Again); w.err != nil {
			return w
		}
	}
	return w
}

// put writes a file. One that may be there already, and after a loss of power not
// whole, is looked at before.
func (f *folder) put(name string, file *outFile, again bool) error {
	data, at := file.data, filepath.Join(f.path, filepath.FromSlash(file.name))
	file.data = nil
	if again {
		if have, err := os.ReadFile(at); err == nil && bytes.Equal(have, data) {
			return nil
		}
	}
	if err := atomicfile.WriteFast(at, filepath.Join(f.path, batchNotes, "tmp", name), data, 0o600); err != nil {
		return reason.New(reason.IO, at, "%w", bare(err))
	}
	return nil
}

// commit is the last step, so that a table of results says that all is there.
func (f *folder) commit() (string, error) {
	defer f.unlock()
	_, err := f.results.commit()
	if err = errors.Join(err, f.endProofs()); err == nil {
		err = atomicfile.SyncAll(f.path)
	}
	if err != nil {
		return "", reason.Wrap(reason.IO, f.path, bare(errors.Join(err, f.file.Discard())))
	}
	result := filepath.Join(f.path, resultName)
	if err := f.file.Commit(); err != nil {
		return "", reason.New(reason.IO, result, "%w", bare(err))
	}
	err = os.Remove(filepath.Join(f.path, batchNotes, "tmp"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return result, reason.New(reason.IO, f.path, "%w", bare(err))
	}
	return result, nil
}

func (f *folder) discard() error {
	defer f.unlock()
	return errors.Join(f.file.Discard(), f.endProofs())
}
