package apikey

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// lookAgain is how often a File looks whether it was changed by others.
const lookAgain = time.Second

// maxFile bounds both files, in bytes: some ten thousand keys.
const maxFile = 4 << 20

// File keeps keys in a file. It is safe for concurrent use, also by several
// processes.
type File struct {
	path string
	now  func() time.Time

	mu     sync.Mutex
	looked time.Time
	seen   version
	keys   map[string]Key // by digest
	err    error
	used   map[string]string // id → day, as this process has written it
}

// version tells one state of a file from another.
type version struct {
	size int64
	at   time.Time
}

// NewFile returns the keys in a file, which need not be there yet. Now gives
// the days of use.
func NewFile(path string, now func() time.Time) *File {
	return &File{path: path, now: now, used: map[string]string{}}
}

// Add keeps a key. A name that a good key has is conflict/api-key.
func (f *File) Add(ctx context.Context, k Key) error {
	return f.change(ctx, func(keys []Key) ([]Key, error) {
		for _, other := range keys {
			if other.Name == k.Name && other.Revoked.IsZero() {
				return nil, reason.New("conflict/api-key", k.Name, "there is a key of this name")
			}
		}
		return append(keys, k), nil
	})
}

// Revoke ends the good key of a name or an id, and returns it. One that there is
// not is not_found/api-key.
func (f *File) Revoke(ctx context.Context, name string) (revoked Key, err error) {
	err = f.change(ctx, func(keys []Key) ([]Key, error) {
		for n, k := range keys {
			if k.Revoked.IsZero() && (k.Name == name || k.ID == name) {
				keys[n].Revoked = f.now().UTC().Truncate(time.Second)
				revoked = keys[n]
				return keys, nil
			}
		}
		return nil, reason.New("not_found/api-key", name, "there is no good key of this name or id")
	})
	return revoked, err
}

// change changes the file while no other process does.
func (f *File) change(ctx context.Context, with func([]Key) ([]Key, error)) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return reason.New(reason.IO, f.path, "%w", bare(err))
	}
	unlock, err := atomicfile.Lock(ctx, f.path+".lock")
	if err != nil {
		return reason.Wrap(reason.IO, f.path, bare(err))
	}
	defer unlock()
	keys, err := f.read()
	if err != nil {
		return err
	}
	if keys, err = with(keys); err != nil {
		return err
	}
	return write(f.path, struct {
		Schema string `json:"schema"`
		Keys   []Key  `json:"keys"`
	}{schema, keys})
}

// schema names the form of the file.
const schema = "bevis.apikeys/v1"

func write(path string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return reason.Wrap(reason.Internal, path, err)
	}
	return reason.Wrap(reason.IO, path, bare(atomicfile.Write(path, append(text, '\n'), 0o600)))
}

func (f *File) read() ([]Key, error) {
	var in struct {
		Schema string `json:"schema"`
		Keys   []Key  `json:"keys"`
	}
	found, err := read(f.path, &in)
	if err == nil && found && in.Schema != schema {
		err = reason.New("malformed/api-keys", f.path, "is no file of keys that this bevis knows")
	}
	return in.Keys, err
}

// read decodes a file strictly, and reports whether there is one.
func read(path string, v any) (bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, reason.New(reason.IO, path, "%w", bare(err))
	}
	defer file.Close() // it was only read
	raw, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return false, reason.New(reason.IO, path, "%w", bare(err))
	}
	if _, err = strictjson.ParseObject(raw, strictjson.Limits{MaxBytes: maxFile}); err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		return false, reason.New("malformed/api-keys", path, "cannot be read: %w", err)
	}
	return true, nil
}

// bare drops the path from an error of the system, which is named apart.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Find returns the key with a secret, revoked or not, and whether there is one.
// A file that cannot be read is an error, and nobody comes in.
func (f *File) Find(secret string) (Key, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now := f.now(); f.keys == nil || f.err != nil || now.Sub(f.looked).Abs() >= lookAgain {
		f.look()
		f.looked = now
	}
	k, ok := f.keys[Digest(secret)]
	return k, ok && f.err == nil, f.err
}

// look reads the file if it is not as it was last seen.
func (f *File) look() {
	var v version
	info, err := os.Stat(f.path)
	switch {
	case err == nil:
		v = version{info.Size(), info.ModTime()}
	case !errors.Is(err, fs.ErrNotExist):
		f.err = reason.New(reason.IO, f.path, "%w", bare(err))
		return
	}
	// A file that was changed within the clock's step of its time shows the same
	// version: what is as young as that is read again.
	if f.keys != nil && f.err == nil && v == f.seen && f.now().Sub(v.at).Abs() > 2*lookAgain {
		return
	}
	keys, err := f.read()
	if f.err = err; err != nil {
		return
	}
	f.seen, f.keys = v, make(map[string]Key, len(keys))
	for _, k := range keys {
		f.keys[k.Digest] = k
	}
}

// usedPath is where the days of use stand.
func (f *File) usedPath() string { return f.path + ".used" }

// Use keeps that a key was used today. The file is written once a day for each
// key.
func (f *File) Use(k Key) error {
	day := f.now().UTC().Format(time.DateOnly)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used[k.ID] == day {
		return nil
	}
	days := map[string]string{}
	if _, err := read(f.usedPath(), &days); err != nil {
		return err
	}
	if days[k.ID] < day {
		days[k.ID] = day
		if err := write(f.usedPath(), days); err != nil {
			return err
		}
	}
	f.used[k.ID] = day
	return nil
}

// Listed is a key with the day of its last use, empty for never.
type Listed struct {
	Key
	LastUsed string
}

// List returns all keys in the order of their making.
func (f *File) List() ([]Listed, error) {
	keys, err := f.read()
	if err != nil {
		return nil, err
	}
	days := map[string]string{}
	if _, err := read(f.usedPath(), &days); err != nil {
		return nil, err
	}
	out := make([]Listed, 0, len(keys))
	for _, k := range keys {
		out = append(out, Listed{k, days[k.ID]})
	}
	slices.SortStableFunc(out, func(a, b Listed) int { return a.Created.Compare(b.Created) })
	return out, nil
}
