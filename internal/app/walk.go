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
// and links are not followed. A folder that cannot be listed is a source that
// cannot be read.
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
		case kind == isProof:
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
			kind := byte(isFile)
			switch {
			case strings.HasPrefix(e.Name(), "."):
				continue
			case strings.HasSuffix(e.Name(), logproof.Suffix): // whatever it is
				kind = isProof
				out.proofs = true
			case e.IsDir():
				kind = isFolder
			case !e.Type().IsRegular():
				continue
			case strings.HasSuffix(strings.ToLower(e.Name()), logproof.Suffix):
				out.stray = true
			}
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
		of, isOne := bytes.CutSuffix(out.name(at), []byte(logproof.Suffix))
		return isOne && !out.has(of)
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

// mayHaveProof reports whether the proof of a file of a name may be in the folder.
// Systems that take capitals for small letters, or one way to write an å for the
// other, find it under a name that is not written alike: a proof that seems to be of
// no file may be of any.
func (l *listing) mayHaveProof(name string) bool {
	return l.stray || l.proofs && l.has([]byte(name+logproof.Suffix))
}
