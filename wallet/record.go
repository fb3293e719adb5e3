package wallet

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// MemoryRecord is a Record in memory.
type MemoryRecord struct {
	mu    sync.Mutex
	marks map[string]Mark
}

// Last implements Record.
func (r *MemoryRecord) Last(_ context.Context, wallet string) (Mark, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.marks[wallet], nil
}

// Note implements Record.
func (r *MemoryRecord) Note(_ context.Context, m Mark) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.marks == nil {
		r.marks = map[string]Mark{}
	}
	r.marks[m.Wallet] = m
	return nil
}

// FolderRecord is a Record with a small file for each wallet in a folder, which
// is made when it is needed. The files hold nothing that is secret.
type FolderRecord struct{ folder string }

// NewFolderRecord returns a record in a folder. Nothing is touched yet.
func NewFolderRecord(folder string) *FolderRecord { return &FolderRecord{folder} }

const maxRecord = 16 << 10

// path returns the file for a wallet. Its id comes out of a file that somebody
// may have made up, so only what this package would choose becomes a name.
func (r *FolderRecord) path(wallet string) (string, error) {
	if len(wallet) != 32 || strings.Trim(wallet, "0123456789abcdef") != "" {
		return "", reason.New(reason.IO, r.folder, "the wallet's id %.40q is none", wallet)
	}
	return filepath.Join(r.folder, wallet+".json"), nil
}

// Last implements Record.
func (r *FolderRecord) Last(ctx context.Context, wallet string) (Mark, error) {
	path, err := r.path(wallet)
	if err != nil {
		return Mark{}, err
	}
	if err := ctx.Err(); err != nil {
		return Mark{}, reason.Wrap(reason.Canceled, "", err)
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, recordFailed(path, err)
	}
	defer f.Close() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, maxRecord+1))
	if err != nil {
		return Mark{}, recordFailed(path, err)
	}
	var m Mark
	doc, err := strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxRecord})
	if err == nil {
		err = json.Unmarshal(doc.Raw(), &m)
	}
	if err != nil || m.Wallet != wallet || m.Head == "" {
		return Mark{}, reason.New(reason.IO, path, "what was noted of the wallet cannot be read")
	}
	return m, nil
}

// Note implements Record.
func (r *FolderRecord) Note(ctx context.Context, m Mark) error {
	path, err := r.path(m.Wallet)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return reason.Wrap(reason.Canceled, "", err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	if err := os.MkdirAll(r.folder, 0o700); err != nil {
		return recordFailed(r.folder, err)
	}
	if err := atomicfile.Write(path, append(text, '\n'), 0o600); err != nil {
		return recordFailed(path, err)
	}
	return nil
}

func recordFailed(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return reason.New(reason.IO, path, "what was seen of the wallet: %w", err)
}
