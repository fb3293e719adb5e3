package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts data into the file at path with the given mode: by a temporary
// file in the same folder that is synced and renamed, so that after a crash
// there is the old file or the new one.
func Write(path string, data []byte, mode fs.FileMode) error {
	f, err := Create(path, mode)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.Commit()
}

// File is a file that is not in its place until Commit puts it there.
type File struct {
	f    *os.File
	path string
	mode fs.FileMode
}

// Create begins a file that is to stand at path. Either Commit or Discard must
// be called in the end.
func Create(path string, mode fs.FileMode) (*File, error) {
	return CreateIn(filepath.Dir(path), path, mode)
}

// CreateIn is Create with the temporary file in a folder of the same file
// system.
func CreateIn(folder, path string, mode fs.FileMode) (*File, error) {
	f, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*.tmp") // mode 0600
	if err != nil {
		return nil, err
	}
	return &File{f, path, mode}, nil
}

// Write implements io.Writer.
func (f *File) Write(data []byte) (int, error) { return f.f.Write(data) }

// Commit puts the file in its place, whole. After an error nothing of it is
// left.
func (f *File) Commit() error { return f.commit(os.Rename) }

// CommitNew is Commit where nothing may be in the place. If something is, also by
// another process in the same instant, it stays, and the error is fs.ErrExist.
func (f *File) CommitNew() error { return f.commit(renameNew) }

func (f *File) commit(rename func(from, to string) error) error {
	err := f.f.Chmod(f.mode)
	if err == nil {
		err = f.f.Sync()
	}
	if err = errors.Join(err, f.f.Close()); err == nil {
		err = rename(f.f.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(f.f.Name()) // the first error says more
	}
	return err
}

// renameNew renames a file to a name that is free: a second name is given to no
// file in the place of another.
func renameNew(from, to string) error {
	err := os.Link(from, to)
	if err == nil {
		_ = os.Remove(from) // what stays is another name of the same file
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// The file system knows no second names. Then there is an instant in which
	// another process can be faster.
	if _, found := os.Lstat(to); found == nil {
		return &fs.PathError{Op: "create", Path: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

// Discard leaves what is in the place as it is.
func (f *File) Discard() error { return errors.Join(f.f.Close(), os.Remove(f.f.Name())) }
