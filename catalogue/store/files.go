package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	providersFile = "providers.jsonl"
	offersFile    = "offers.jsonl"
	standingsFile = "standings.jsonl"
	lockFile      = ".lock"
)

// Limits of the files of a folder.
const (
	maxFile = 1 << 30
	maxLine = 1 << 20
)

// rated is a line of standings.jsonl.
type rated struct {
	Ref string `json:"ref"`
	catalogue.Standing
}

// files is what the system says of the three files; nil for one that is not
// there.
type files [3]fs.FileInfo

func look(folder string) (files, error) {
	var out files
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return out, reason.New(reason.IO, folder, "is no folder")
	}
	for i, name := range [...]string{providersFile, offersFile, standingsFile} {
		info, err := os.Lstat(filepath.Join(folder, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return out, reason.Wrap(reason.IO, filepath.Join(folder, name), err)
		case !info.Mode().IsRegular():
			return out, reason.New("io/not-a-file", filepath.Join(folder, name), "this is no ordinary file")
		case info.Size() > maxFile:
			return out, reason.New(reason.LimitSize, filepath.Join(folder, name), "%d bytes, the limit is %d", info.Size(), maxFile)
		}
		out[i] = info
	}
	return out, nil
}

// same tells whether nobody has written in between. Files are replaced, never
// written in place, so a changed one is another.
func (f files) same(g files) bool {
	for i := range f {
		if (f[i] == nil) != (g[i] == nil) {
			return false
		}
		if f[i] != nil && !(os.SameFile(f[i], g[i]) && f[i].Size() == g[i].Size() && f[i].ModTime().Equal(g[i].ModTime())) {
			return false
		}
	}
	return true
}

// load reads the files of a folder. Providers are written before the offers
// that need them, and never go: so they are read after them.
func load(ctx context.Context, folder string) (*state, error) {
	st := newState()
	lines := map[string]int{}
	err := each(ctx, filepath.Join(folder, offersFile), func(line int, o catalogue.Offer) error {
		if err := o.Check(); err != nil {
			return err
		}
		ref := o.Ref()
		if first, ok := lines[ref]; ok {
			return reason.New("conflict/duplicate", "", "the offer stands on line %d as well", first)
		}
		st.offers[ref], lines[ref] = o, line
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, filepath.Join(folder, providersFile), func(_ int, p catalogue.Provider) error {
		if err := p.Check(); err != nil {
			return err
		}
		if _, ok := st.providers[p.ID]; ok {
			return reason.New("conflict/duplicate", "", "the provider stands there twice")
		}
		st.providers[p.ID] = p
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, filepath.Join(folder, standingsFile), func(_ int, r rated) error {
		if _, ok := st.standings[r.Ref]; ok || r.Ref == "" {
			return reason.New("conflict/duplicate", "/ref", "the ref is not told, or stands there twice")
		}
		st.standings[r.Ref] = r.Standing
		return nil
	})
	if err != nil {
		return nil, err
	}
	st.finish()
	for _, ref := range st.refs {
		if o := st.offers[ref]; st.providers[o.Provider].ID == "" {
			return nil, reason.New(reason.OfferInvalid+"/provider", fmt.Sprintf("%s:%d", filepath.Join(folder, offersFile), lines[ref]),
				"%s has no line in %s", o.Provider, providersFile)
		}
	}
	return st, nil
}

// each reads a file of one T a line; none is one without lines. A member that
// T has not is an error: it would be lost by the next writing.
func each[T any](ctx context.Context, path string, f func(line int, x T) error) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return reason.Wrap(reason.IO, path, err)
	}
	defer file.Close()
	lines := bufio.NewReaderSize(io.LimitReader(file, maxFile+1), maxLine)
	for n := 1; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return reason.Wrap(reason.Canceled, "", ctx.Err())
		}
		line, err := lines.ReadSlice('\n')
		last := errors.Is(err, io.EOF)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return reason.New(reason.LimitSize, fmt.Sprintf("%s:%d", path, n), "the line has more than %d bytes", maxLine)
		case err != nil && !last:
			return reason.Wrap(reason.IO, path, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			x, err := decode[T](line)
			if err == nil {
				err = f(n, x)
			}
			if err != nil {
				return reason.Wrap(reason.CodeOf(err), fmt.Sprintf("%s:%d%s", path, n, reason.AtOf(err)), errors.Unwrap(err))
			}
		}
		if last {
			return nil
		}
	}
}

func decode[T any](line []byte) (x T, err error) {
	if _, err := strictjson.ParseObject(line, strictjson.Limits{MaxBytes: maxLine}); err != nil {
		return x, err
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	return x, reason.Wrap(reason.MalformedModel, "", d.Decode(&x))
}

// save writes the files of the names.
func (st *state) save(folder string, names []string) error {
	for _, name := range names {
		var b bytes.Buffer
		var err error
		switch name {
		case providersFile:
			err = write(&b, slices.Sorted(maps.Keys(st.providers)), func(id string) any { return st.providers[id] })
		case offersFile:
			err = write(&b, st.refs, func(ref string) any { return st.offers[ref] })
		case standingsFile:
			err = write(&b, slices.Sorted(maps.Keys(st.standings)), func(ref string) any { return rated{ref, st.standings[ref]} })
		}
		if err != nil {
			return err
		}
		if b.Len() > maxFile {
			return reason.New(reason.LimitSize, filepath.Join(folder, name), "%d bytes, the limit is %d", b.Len(), maxFile)
		}
		if err := atomicfile.Write(filepath.Join(folder, name), b.Bytes(), 0o644); err != nil {
			return reason.Wrap(reason.IO, filepath.Join(folder, name), err)
		}
	}
	return nil
}

func write(b *bytes.Buffer, keys []string, of func(string) any) error {
	for _, key := range keys {
		line, err := encode(of(key))
		if err != nil {
			return err
		}
		if len(line) > maxLine {
			return reason.New(reason.LimitSize, key, "a line of %d bytes, the limit is %d", len(line), maxLine)
		}
		b.Write(line)
	}
	return nil
}

// lock takes the folder for writing. The system drops the lock when a process
// dies, so a lock file that lies about stops nobody.
func lock(ctx context.Context, folder string) (unlock func(), err error) {
	path := filepath.Join(folder, lockFile)
	unlock, err = atomicfile.Lock(ctx, path)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, reason.New(reason.Canceled, path, "another process is writing: %w", ctx.Err())
	case err != nil:
		return nil, reason.Wrap(reason.IO, path, err)
	}
	return unlock, nil
}
