package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// walkFolder yields the files in a folder and in those below, in the order of
// their names, and reports whether more is wanted. Hidden ones are left out,
// and links are not followed. Proofs from a transparency log are passed over: what is
// named as one, and is beside the file of its name or begins as a proof does. A folder
// that cannot be listed is a source that cannot be read.
func walkFolder(ctx context.Context, folder string, walkFile walk, yield func(Source) bool) bool {
	names, err := list(ctx, folder)
	if err != nil {
		return yield(Input{Name: folder, Err: reason.New(reason.IO, folder, "%w", bare(err))}.Of())
	}
	for at := range names.order {
		if ctx.Err() != nil {
			return false
		}
		name, kind := names.at(at)
		path, next := filepath.Join(folder, name), yield
		switch {
		case kind == isProof && (!names.stray || names.hasOwner([]byte(name)) || readsAsProof(path)):
			continue // which is read with its credential
		case kind == isFolder:
			if !walkFolder(ctx, path, walkFile, yield) {
				return false
			}
			continue
		case !names.mayHaveProof(name):
			// It need not be looked for, which the system takes its time over.
			next = func(s Source) bool {
				s.beside = ""
				return yield(s)
			}
		}
		if !walkFile(ctx, path, next) {
			return false
		}
	}
	return true
}

// listing is the names in one folder, which may be many: they stand in one
// text, each behind what it is and before a zero byte.
type listing struct {
	text   []byte
	order  []uint32 // where each begins, in the order of names
	proofs bool     // are there proofs from a transparency log
	stray  bool     // may one be of a file that is written otherwise than it
}

const (
	isFile   = 'f'
	isFolder = 'd'
	isProof  = 'p'
)

// list reads the names of the files and folders in a folder.
func list(ctx context.Context, folder string) (*listing, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	out := &listing{}
	for {
		if ctx.Err() != nil {
			return out, nil // who asked sees it as well
		}
		entries, err := f.ReadDir(1024)
		for _, e := range entries {
			kind, named := byte(isFile), strings.HasSuffix(e.Name(), logproof.Suffix)
			switch {
			case strings.HasPrefix(e.Name(), "."):
				continue
			case e.IsDir():
				kind = isFolder
			case named:
				kind = isProof
			case !e.Type().IsRegular():
				continue
			case strings.HasSuffix(strings.ToLower(e.Name()), logproof.Suffix):
				out.stray = true
			}
			out.proofs = out.proofs || named
			if len(out.text) > 1<<31 {
				return nil, errors.New("the folder holds too many names")
			}
			out.order = append(out.order, uint32(len(out.text)))
			out.text = append(append(append(out.text, kind), e.Name()...), 0)
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out.order, func(a, b uint32) int { return bytes.Compare(out.name(a), out.name(b)) })
	out.stray = out.stray || out.proofs && slices.ContainsFunc(out.order, func(at uint32) bool {
		name := out.name(at)
		return bytes.HasSuffix(name, []byte(logproof.Suffix)) && !out.hasOwner(name)
	})
	return out, nil
}

func (l *listing) has(name []byte) bool {
	_, found := slices.BinarySearchFunc(l.order, name, func(at uint32, want []byte) int { return bytes.Compare(l.name(at), want) })
	return found
}

func (l *listing) name(at uint32) []byte {
	text := l.text[at+1:]
	return text[:bytes.IndexByte(text, 0)]
}

func (l *listing) at(n int) (name string, kind byte) {
	at := l.order[n]
	return string(l.name(at)), l.text[at]
}

// hasOwner reports whether what a proof is named after is in the folder.
func (l *listing) hasOwner(proof []byte) bool {
	return l.has(bytes.TrimSuffix(proof, []byte(logproof.Suffix)))
}

// readsAsProof reports whether a file that is named as a proof begins as one. A link is
// not followed, and so is left out as well.
func readsAsProof(path string) bool {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return err == nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() // it was only read
	head, err := io.ReadAll(io.LimitReader(f, 64))
	return err == nil && logproof.Is(head)
}

// mayHaveProof reports whether the proof of a file of a name may be in the folder.
// Systems that take capitals for small letters, or one way to write an å for the
// other, find it under a name that is not written alike: a proof that seems to be of
// no file may be of any.
func (l *listing) mayHaveProof(name string) bool {
	return l.stray || l.proofs && l.has([]byte(name+logproof.Suffix))
}
