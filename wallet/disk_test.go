package wallet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// disk is a model of a folder on a disk that promises no more than POSIX does:
// what was written is there after a crash only if the file was synced, and a
// name only if the folder was. It implements fileSystem.
type disk struct {
	mu      sync.Mutex
	entries map[string]*inode // as programs see the folder
	durable map[string]*inode // as it was when it was synced last
	pending []func(map[string]*inode)
	made    int

	// Every step that writes is counted. At the step with number stop the
	// program dies: nothing that it does from there on happens. At the step with
	// number fail, err comes instead, of a write after half of it was written.
	step, stop, fail int
	err              error

	// What a wrong store would leave out, to see that the model notices.
	noSync, noFolderSync bool
}

// inode is a file: what programs see in it, and what a crash leaves for
// certain.
type inode struct{ data, synced []byte }

var (
	errDead  = fmt.Errorf("the program is dead")
	errShort = fmt.Errorf("a short write") // stands for a Write that returns too little and no error
)

func newDisk() *disk {
	return &disk{entries: map[string]*inode{}, durable: map[string]*inode{}, stop: -1, fail: -1}
}

// begin counts a step.
func (d *disk) begin() error {
	n := d.step
	d.step++
	if d.stop >= 0 && n >= d.stop {
		return errDead
	}
	if n == d.fail {
		return d.err
	}
	return nil
}

func (d *disk) lstat(path string) (fs.FileInfo, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.entries[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return info{path, int64(len(f.data))}, nil
}

func (d *disk) open(path string) (io.ReadCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.entries[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(bytes.NewReader(bytes.Clone(f.data))), nil
}

func (d *disk) names(string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for path := range d.entries {
		out = append(out, filepath.Base(path))
	}
	slices.Sort(out)
	return out, nil
}

func (d *disk) lock(context.Context, string) (func(), error) { return func() {}, nil }

func (d *disk) create(folder, base string) (writeFile, string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(); err != nil {
		return nil, "", err
	}
	d.made++
	path := filepath.Join(folder, fmt.Sprintf(".%s.%d.tmp", base, d.made))
	f := &inode{}
	d.change(func(names map[string]*inode) { names[path] = f })
	return &openFile{d, f}, path, nil
}

func (d *disk) rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(); err != nil {
		return err
	}
	f, ok := d.entries[from]
	if !ok {
		return fs.ErrNotExist
	}
	d.change(func(names map[string]*inode) { names[to] = f; delete(names, from) })
	return nil
}

func (d *disk) remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(); err != nil {
		return err
	}
	d.change(func(names map[string]*inode) { delete(names, path) })
	return nil
}

// change changes the folder, for programs now and for the disk perhaps later.
func (d *disk) change(f func(map[string]*inode)) {
	f(d.entries)
	d.pending = append(d.pending, f)
}

func (d *disk) syncFolder(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(); err != nil {
		return err
	}
	if !d.noFolderSync {
		d.durable, d.pending = maps.Clone(d.entries), nil
	}
	return nil
}

type openFile struct {
	d *disk
	f *inode
}

func (o *openFile) Write(p []byte) (int, error) {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	switch err := o.d.begin(); err {
	case nil:
		o.f.data = append(o.f.data, p...)
		return len(p), nil
	case errShort:
		o.f.data = append(o.f.data, p[:len(p)/2]...)
		return len(p) / 2, nil
	default:
		o.f.data = append(o.f.data, p[:len(p)/2]...)
		return len(p) / 2, err
	}
}

func (o *openFile) Sync() error {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	if err := o.d.begin(); err != nil {
		return err
	}
	if !o.d.noSync {
		o.f.synced = bytes.Clone(o.f.data)
	}
	return nil
}

func (o *openFile) Close() error {
	o.d.mu.Lock()
	defer o.d.mu.Unlock()
	return o.d.begin()
}

// clone returns a disk in the same state, for another run.
func (d *disk) clone() *disk {
	out := newDisk()
	out.made = d.made
	copies := map[*inode]*inode{}
	of := func(names map[string]*inode) map[string]*inode {
		to := map[string]*inode{}
		for path, f := range names {
			if copies[f] == nil {
				copies[f] = &inode{bytes.Clone(f.data), bytes.Clone(f.synced)}
			}
			to[path] = copies[f]
		}
		return to
	}
	out.entries, out.durable = of(d.entries), of(d.durable)
	return out
}

// afterCrash yields every disk that a crash may leave: of the changes of the
// folder that were not synced any may have happened, and of what was written
// and not synced, nothing, half, all, or zeros in its place.
func (d *disk) afterCrash(yield func(*disk) bool) {
	for subset := range 1 << len(d.pending) {
		for kind := range 4 {
			names := maps.Clone(d.durable)
			for i, change := range d.pending {
				if subset>>i&1 == 1 {
					change(names)
				}
			}
			out := newDisk()
			out.made = d.made
			for path, f := range names {
				left := bytes.Clone(f.synced)
				if unsynced := f.data[min(len(f.synced), len(f.data)):]; len(unsynced) > 0 {
					left = append(left, [][]byte{nil, unsynced[:len(unsynced)/2], unsynced, make([]byte, len(unsynced))}[kind]...)
				}
				out.entries[path] = &inode{left, left}
			}
			out.durable = maps.Clone(out.entries)
			if !yield(out) {
				return
			}
		}
	}
}

// info is what lstat says of a file.
type info struct {
	path string
	size int64
}

func (i info) Name() string       { return filepath.Base(i.path) }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o600 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
