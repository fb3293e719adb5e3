package app

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/credential/proof"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/internal/exchangefile"
	"github.com/kompetansebevis/bevis/internal/jwe"
	"github.com/kompetansebevis/bevis/reason"
	"github.com/kompetansebevis/bevis/wallet"
)

// Forms of what goes out of a wallet.
const (
	ExportFolder    = "folder"           // files exactly as issued, an index, a README
	ExportRecord    = "clr"              // a comprehensive learner record that the holder signs
	ExportUniversal = "universal-wallet" // UniversalWallet2020, without keys
	ExportMigration = "eudi"             // the migration object of European wallets
	ExportPNG       = "png"              // baked pictures
	ExportSVG       = "svg"
)

// ExportForms returns the forms.
func ExportForms() []string {
	return []string{ExportFolder, ExportRecord, ExportUniversal, ExportMigration, ExportPNG, ExportSVG}
}

// WalletExportRequest asks for credentials to be written for another wallet.
type WalletExportRequest struct {
	As     string
	IDs    []string // none: all
	Path   string   // required where it becomes a folder
	Name   string   // of the record, or of the profile
	Holder string   // of the record: the did:key that signs it; empty: the one most are about
	Suite  string   // of the record
	Readme string   // of the folder, in the person's language

	Password func() ([]byte, error) // of the migration object
}

// WalletExported is what was written.
type WalletExported struct {
	As          string       `json:"as"`
	Path        string       `json:"path,omitempty"`
	Credentials int          `json:"credentials"`
	Earlier     int          `json:"earlier,omitempty"` // editions of which there is a newer one
	Histories   int          `json:"histories,omitempty"`
	Shares      int          `json:"shares,omitempty"` // lines of the log
	Left        []ExportLeft `json:"left,omitempty"`   // what the form has no place for
	// Whole is how many credentials are shown whole of which a share could
	// show a part.
	Whole int `json:"whole,omitempty"`
	// Bound is how many are about a key that stays in this wallet.
	Bound  int    `json:"bound,omitempty"`
	Holder string `json:"holder,omitempty"` // who signed the record

	// Data is the file, where it is one; else it was written to Path.
	Data []byte `json:"-"`
}

// ExportLeft is something that a form has no place for.
type ExportLeft struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// WalletExport writes credentials in a form that others read. Private keys are
// in none of them. A folder is written whole or not at all, for its owner alone;
// one that is there and not empty is conflict/exists.
func (a *App) WalletExport(ctx context.Context, w *wallet.Wallet, r WalletExportRequest) (WalletExported, error) {
	out := WalletExported{As: r.As, Path: r.Path}
	items, err := exported(w, r.IDs)
	if err != nil {
		return out, err
	}
	if len(items) == 0 && (r.As != ExportFolder || len(w.Histories()) == 0) {
		return out, reason.New("not_found/item", "", "there is nothing in the wallet that could be written")
	}
	own := w.Keys()
	for _, i := range items {
		if slices.Contains(own, i.Subject) {
			out.Bound++
		}
	}
	out.Credentials = len(items)
	switch r.As {
	case ExportFolder:
		err = a.exportFolder(ctx, w, r, items, &out)
	case ExportRecord:
		err = a.exportRecord(ctx, w, r, &out)
	case ExportUniversal:
		items = out.without(items, func(i wallet.Item) bool { return i.Form == "unknown" })
		var id string
		if id, err = wallet.NewURN(); err == nil {
			out.Data = exchangefile.WriteUniversal(id, r.Name, items)
			err = logExport(ctx, w, r, items)
		}
		out.histories(w, r.IDs)
	case ExportMigration:
		items = out.without(items, func(i wallet.Item) bool { return i.Form == "unknown" })
		out.histories(w, r.IDs)
		err = exportMigration(ctx, w, r, items, &out)
	case ExportPNG, ExportSVG:
		err = exportPictures(ctx, w, r, items, &out)
		out.histories(w, r.IDs)
	default:
		err = reason.New("usage/export-form", r.As, "there is no such form")
	}
	return out, err
}

// exported returns the items that were chosen.
func exported(w *wallet.Wallet, ids []string) ([]wallet.Item, error) {
	if len(ids) == 0 {
		return w.Items(), nil
	}
	var out []wallet.Item
	for _, id := range ids {
		i, err := w.Item(id)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(have wallet.Item) bool { return have.ID == i.ID }) {
			out = append(out, i)
		}
	}
	return out, nil
}

// without takes out what the form has no place for, and notes it.
func (x *WalletExported) without(items []wallet.Item, which func(wallet.Item) bool) []wallet.Item {
	var kept []wallet.Item
	for _, i := range items {
		if which(i) {
			x.Left = append(x.Left, ExportLeft{i.ID, i.Title})
			x.Credentials--
			continue
		}
		kept = append(kept, i)
	}
	return kept
}

// histories notes that files of results are left out, where all was asked for.
func (x *WalletExported) histories(w *wallet.Wallet, ids []string) {
	if len(ids) > 0 {
		return
	}
	for _, h := range w.Histories() {
		x.Left = append(x.Left, ExportLeft{h.ID, h.Source})
	}
}

func (a *App) exportFolder(ctx context.Context, w *wallet.Wallet, r WalletExportRequest, items []wallet.Item, out *WalletExported) error {
	request := exchangefile.FolderRequest{Items: items, Readme: r.Readme, Made: a.Now()}
	for _, i := range items {
		all, err := w.Editions(i.ID)
		if err != nil {
			return err
		}
		for _, e := range all {
			if !slices.ContainsFunc(items, func(have wallet.Item) bool { return have.ID == e.ID }) {
				request.Earlier = append(request.Earlier, e)
			}
		}
	}
	if len(r.IDs) == 0 {
		request.Histories = w.Histories()
	}
	files, err := exchangefile.Folder(request)
	if err != nil {
		return err
	}
	out.Earlier, out.Histories = len(request.Earlier), len(request.Histories)
	return writeFolder(ctx, r.Path, files, func() error { return logExport(ctx, w, r, slices.Concat(items, request.Earlier)) })
}

func (a *App) exportRecord(ctx context.Context, w *wallet.Wallet, r WalletExportRequest, out *WalletExported) error {
	suite, err := a.suites.Suite(proof.ID(r.Suite))
	if err != nil {
		return err
	}
	record, err := w.LearnerRecord(ctx, wallet.LearnerRecordRequest{IDs: r.IDs, Name: r.Name, Suite: suite, Holder: r.Holder, Disclosers: a.suites})
	if err != nil {
		return err
	}
	for _, i := range record.Left {
		out.Left = append(out.Left, ExportLeft{i.ID, i.Title})
	}
	out.Credentials, out.Whole, out.Holder, out.Data, out.Bound = len(record.Items), len(record.InParts), record.Holder, record.Signed, 0
	out.histories(w, r.IDs)
	return logExport(ctx, w, r, record.Items)
}

func exportMigration(ctx context.Context, w *wallet.Wallet, r WalletExportRequest, items []wallet.Item, out *WalletExported) error {
	shares := w.Shares()
	plain, err := exchangefile.WriteMigration(items, shares)
	if err != nil {
		return err
	}
	if r.Password == nil {
		return reason.New("locked/no-file-password", "", "the file is to be locked with a password")
	}
	password, err := r.Password()
	if err != nil {
		return err
	}
	out.Shares = len(shares)
	if out.Data, err = jwe.Encrypt(ctx, plain, password); err != nil {
		return err
	}
	return logExport(ctx, w, r, items)
}

// exportPictures makes one file of one credential, and a folder of several.
func exportPictures(ctx context.Context, w *wallet.Wallet, r WalletExportRequest, items []wallet.Item, out *WalletExported) error {
	format := bake.PNG
	if r.As == ExportSVG {
		format = bake.SVG
	}
	var files []exchangefile.File
	var drawn []wallet.Item
	for _, i := range items {
		picture, err := exchangefile.Picture(i, format)
		if reason.CodeOf(err) == "usage/bake" && len(items) > 1 {
			out.without([]wallet.Item{i}, func(wallet.Item) bool { return true })
			continue
		}
		if err != nil {
			return err
		}
		files = append(files, exchangefile.File{Name: exchangefile.BaseName(i) + "." + r.As, Data: picture})
		drawn = append(drawn, i)
	}
	log := func() error { return logExport(ctx, w, r, drawn) }
	if len(items) == 1 {
		out.Data = files[0].Data
		return log()
	}
	return writeFolder(ctx, r.Path, files, log)
}

// logExport notes what is about to be written, before any of it leaves.
func logExport(ctx context.Context, w *wallet.Wallet, r WalletExportRequest, items []wallet.Item) error {
	if len(items) == 0 {
		return nil
	}
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	_, err := w.LogExport(ctx, r.As, ids)
	return err
}

// writeFolder writes a folder that only its owner can read, whole or not at
// all: under another name, which is changed in the end. Once it is known that the
// place is free, it is logged.
func writeFolder(ctx context.Context, path string, files []exchangefile.File, log func() error) (err error) {
	if path == "" || path == "-" {
		return reason.New("usage/export-folder", "-o", "this becomes a folder: name one")
	}
	entries, missing := os.ReadDir(path)
	switch {
	case missing == nil && len(entries) > 0:
		return reason.New("conflict/exists", path, "the folder is there already, and not empty")
	case missing != nil && !errors.Is(missing, fs.ErrNotExist):
		return reason.New("conflict/exists", path, "%w", bare(missing))
	}
	if err := log(); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(path))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return reason.New(reason.IO, parent, "%w", bare(err))
	}
	made, err := os.MkdirTemp(parent, ".bevis-export-*") // mode 0700
	if err != nil {
		return reason.New(reason.IO, parent, "%w", bare(err))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(made))
		}
	}()
	for _, f := range files {
		if ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		name := filepath.Join(made, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return reason.New(reason.IO, path, "%w", bare(err))
		}
		if err := atomicfile.Write(name, f.Data, 0o600); err != nil {
			return reason.New(reason.IO, path, "%w", bare(err))
		}
	}
	if missing == nil { // an empty folder is in the way
		if err := os.Remove(path); err != nil {
			return reason.New(reason.IO, path, "%w", bare(err))
		}
	}
	if err := os.Rename(made, path); err != nil {
		return reason.New(reason.IO, path, "%w", bare(err))
	}
	return nil
}
