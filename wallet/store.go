package wallet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/reason"
)

// Store is where a wallet's bytes live. Implementations are safe for
// concurrent use; bevistest.TestStore is their contract.
type Store interface {
	// Load returns the bytes and their version, not_found when there are
	// none.
	Load(ctx context.Context) (blob []byte, version string, err error)
	// Swap puts blob in the place of the version old, or makes it if old is
	// empty, and returns its version. If something else stands there it
	// changes nothing: conflict/changed, or conflict/exists when old is empty.
	// After another error there are the old bytes or the new ones, whole; when
	// old is empty, none.
	Swap(ctx context.Context, old string, blob []byte) (version string, err error)
}

// MemoryStore is a Store in memory.
type MemoryStore struct {
	mu   sync.Mutex
	blob []byte
}

// Load implements Store.
func (m *MemoryStore) Load(context.Context) ([]byte, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.blob == nil {
		return nil, "", reason.New("not_found/wallet", "", "there is no wallet yet")
	}
	return bytes.Clone(m.blob), sha(m.blob), nil
}

// Swap implements Store.
func (m *MemoryStore) Swap(_ context.Context, old string, blob []byte) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	have := ""
	if m.blob != nil {
		have = sha(m.blob)
	}
	if err := compare(old, have, ""); err != nil {
		return "", err
	}
	m.blob = bytes.Clone(blob)
	return sha(m.blob), nil
}

func compare(old, have, at string) error {
	switch {
	case old == have:
		return nil
	case old == "":
		return reason.New("conflict/exists", at, "there is a wallet already")
	}
	return reason.New("conflict/changed", at, "the wallet was changed by another program")
}

// FileStore is a Store in a file. The version before the present one stays
// beside it, with ~ at the end of its name, and a lock file with .lock.
type FileStore struct {
	path string
	fs   fileSystem
}

// NewFileStore returns a store in the file at path. Nothing is touched yet.
func NewFileStore(path string) *FileStore { return &FileStore{path, osFiles{}} }

// Path returns the file's path.
func (f *FileStore) Path() string { return f.path }

// Load implements Store. A file that is no ordinary one, such as a link or a
// pipe, is refused.
func (f *FileStore) Load(ctx context.Context) ([]byte, string, error) {
	blob, err := f.read(ctx)
	if err != nil {
		return nil, "", err
	}
	return blob, sha(blob), nil
}

// read is Load without the version.
func (f *FileStore) read(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	info, err := f.fs.lstat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, reason.New("not_found/wallet", f.path, "there is no wallet here")
	}
	if err != nil {
		return nil, f.failed("read", err)
	}
	if !info.Mode().IsRegular() {
		return nil, reason.New("io/not-a-file", f.path, "this is no ordinary file")
	}
	if info.Size() > maxFile {
		return nil, reason.New(reason.LimitSize, f.path, "a wallet file of %d bytes, the limit is %d", info.Size(), int64(maxFile))
	}
	file, err := f.fs.open(f.path)
	if err != nil {
		return nil, f.failed("read", err)
	}
	defer file.Close() // it was only read
	var blob bytes.Buffer
	blob.Grow(int(info.Size()) + bytes.MinRead)
	if _, err := blob.ReadFrom(io.LimitReader(file, maxFile+1)); err != nil {
		return nil, f.failed("read", err)
	}
	return blob.Bytes(), nil
}

// loadBeside is Load, but for the version, which for a file is worked out beside
// whatever is done meanwhile.
func loadBeside(ctx context.Context, s Store) (blob []byte, version func() string, err error) {
	f, ok := s.(*FileStore) // itself: who embeds one may load otherwise
	if !ok {
		blob, version, err := s.Load(ctx)
		return blob, func() string { return version }, err
	}
	if blob, err = f.read(ctx); err != nil {
		return nil, nil, err
	}
	found := make(chan string, 1)
	go func() { found <- sha(blob) }()
	return blob, func() string { return <-found }, nil
}

func (f *FileStore) failed(doing string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return reason.New(reason.IO, f.path, "%s the wallet: %w", doing, err)
}

// Swap implements Store: under a lock, by a temporary file in the same folder
// that is synced and renamed.
func (f *FileStore) Swap(ctx context.Context, old string, blob []byte) (string, error) {
	unlock, err := f.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	return f.swap(ctx, old, blob, true)
}

// restore implements restorer.
func (f *FileStore) restore(ctx context.Context, old string, blob []byte) (string, error) {
	unlock, err := f.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	return f.swap(ctx, old, blob, false)
}

// exclusively implements exclusive.
func (f *FileStore) exclusively(ctx context.Context, do func(Store) error) error {
	unlock, err := f.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return do(held{f})
}

// held is the store of whoever has its lock.
type held struct{ *FileStore }

// Swap implements Store.
func (h held) Swap(ctx context.Context, old string, blob []byte) (string, error) {
	return h.swap(ctx, old, blob, true)
}

// swap is Swap with the lock held. Keep tells whether the version before is to
// stand beside the new one.
func (f *FileStore) swap(ctx context.Context, old string, blob []byte, keep bool) (string, error) {
	previous, have, err := f.Load(ctx)
	if err != nil && reason.CodeOf(err) != "not_found/wallet" {
		return "", err
	}
	if err := compare(old, have, f.path); err != nil {
		return "", err
	}
	f.sweep()
	if previous != nil && keep {
		if err := f.replace(f.path+"~", previous); err != nil {
			return "", f.failed("keep the last version of", err)
		}
	}
	if err := f.replace(f.path, blob); err != nil {
		if previous == nil {
			// The secrets of a wallet that its maker was told is not there are
			// never shown: it must not stand in the way of another.
			_ = f.fs.remove(f.path) // the first error says more
		}
		return "", f.failed("write", err)
	}
	return sha(blob), nil
}

// sweep removes the temporary files of writers that were killed. The lock is
// held, so nobody is writing one. What cannot be removed does no harm.
func (f *FileStore) sweep() {
	folder, base := filepath.Split(f.path)
	names, err := f.fs.names(filepath.Dir(f.path))
	if err != nil {
		return
	}
	for _, name := range names {
		for _, of := range []string{base, base + "~"} {
			middle, ours := strings.CutPrefix(name, "."+of+".")
			middle, isTemporary := strings.CutSuffix(middle, ".tmp")
			if ours && isTemporary && strings.Trim(middle, "0123456789") == "" {
				_ = f.fs.remove(filepath.Join(folder, name))
			}
		}
	}
}

// replace writes a file so that after a crash there is the old one or the new
// one, never half of either.
func (f *FileStore) replace(path string, blob []byte) (err error) {
	temporary, name, err := f.fs.create(filepath.Dir(path), filepath.Base(path))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.fs.remove(name) // the first error says more
		}
	}()
	n, err := temporary.Write(blob)
	if err == nil && n < len(blob) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = temporary.Sync()
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = f.fs.rename(name, path)
	}
	if err != nil {
		return err
	}
	return f.fs.syncFolder(filepath.Dir(path))
}

// lock takes the lock beside the file. The kernel drops it when a process
// dies, so a lock file that lies about stops nobody.
func (f *FileStore) lock(ctx context.Context) (unlock func(), err error) {
	unlock, err = f.fs.lock(ctx, f.path+".lock")
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, reason.New("conflict/locked", f.path, "another process holds the wallet: %w", ctx.Err())
	case err != nil:
		return nil, f.failed("lock", err)
	}
	return unlock, nil
}

// fileSystem is what a store asks of the system, so that tests can make each
// step fail, or lose what a crash may lose.
type fileSystem interface {
	lstat(path string) (fs.FileInfo, error)
	open(path string) (io.ReadCloser, error)
	names(folder string) ([]string, error)
	lock(ctx context.Context, path string) (unlock func(), err error)
	create(folder, base string) (writeFile, string, error)
	rename(from, to string) error
	remove(name string) error
	syncFolder(folder string) error
}

type writeFile interface {
	io.WriteCloser
	Sync() error
}

type osFiles struct{}

func (osFiles) lstat(path string) (fs.FileInfo, error)  { return os.Lstat(path) }
func (osFiles) open(path string) (io.ReadCloser, error) { return os.Open(path) }

func (osFiles) names(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name()
	}
	return out, err
}

func (osFiles) lock(ctx context.Context, path string) (func(), error) {
	return atomicfile.Lock(ctx, path)
}

func (osFiles) create(folder, base string) (writeFile, string, error) {
	f, err := os.CreateTemp(folder, "."+base+".*.tmp") // mode 0600, O_EXCL
	if err != nil {
		return nil, "", err
	}
	return f, f.Name(), nil
}

func (osFiles) rename(from, to string) error { return os.Rename(from, to) }
func (osFiles) remove(name string) error     { return os.Remove(name) }
