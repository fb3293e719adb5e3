package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/reason"
)

// loggedFile is a file of a batch whose credential is to have a proof.
type loggedFile struct {
	file string
	salt logproof.Salt
	leaf logproof.Hash
}

// loggedAs tells what the proof of a credential in a file needs.
func loggedAs(salts []byte, file string, credential []byte) loggedFile {
	salt := saltOf(salts, credential)
	return loggedFile{file, salt, logproof.LeafHash(logproof.Entry(salt, credential))}
}

// has reports whether a proof that lies there already is one of this file.
func (f loggedFile) has(raw []byte, key logproof.Key) bool {
	p, err := logproof.Parse(raw)
	return err == nil && p.Salt == f.salt && p.Checkpoint.SignedBy(key) == nil &&
		logproof.Included(f.leaf, p.Index, p.Path, p.Checkpoint.Size, p.Checkpoint.Root)
}

// proofList are the files of a batch that are to have proofs. They are kept
// outside of memory, where there are only 24 bytes of each, by which it is found
// in the log.
type proofList struct {
	salts  []byte
	store  io.ReadWriter
	out    *bufio.Writer
	places []logPlace
}

// logPlace is where in the log a leaf is, -1 where that is not known. Half of a
// leaf's hash tells it from all others.
type logPlace struct {
	leaf [16]byte
	at   int64
}

func newProofList(salts []byte, store io.ReadWriter) *proofList {
	return &proofList{salts: salts, store: store, out: bufio.NewWriter(store)}
}

func (l *proofList) add(f loggedFile) error {
	l.places = append(l.places, logPlace{[16]byte(f.leaf[:16]), -1})
	line := append([]byte(f.file), 0)
	line = append(append(line, f.salt[:]...), f.leaf[:]...)
	_, err := l.out.Write(line)
	return reason.Wrap(reason.IO, "", bare(err))
}

// each yields the files in the order in which they were added.
func (l *proofList) each(f func(loggedFile) error) error {
	err := l.out.Flush()
	if s, ok := l.store.(io.Seeker); ok && err == nil {
		_, err = s.Seek(0, io.SeekStart)
	}
	if err != nil {
		return reason.Wrap(reason.IO, "", bare(err))
	}
	in := bufio.NewReader(l.store)
	for range l.places {
		name, err := in.ReadString(0)
		var file loggedFile
		if err == nil {
			_, err = io.ReadFull(in, file.salt[:])
		}
		if err == nil {
			_, err = io.ReadFull(in, file.leaf[:])
		}
		if err != nil {
			return reason.Wrap(reason.IO, "", bare(err))
		}
		file.file = name[:len(name)-1]
		if err := f(file); err != nil {
			return err
		}
	}
	return nil
}

func byLeaf(p logPlace, leaf [16]byte) int { return bytes.Compare(p.leaf[:], leaf[:]) }

// find reads where in the log the files are.
func (l *proofList) find(ctx context.Context, log *issuerLog) error {
	slices.SortFunc(l.places, func(a, b logPlace) int { return bytes.Compare(a.leaf[:], b.leaf[:]) })
	return log.Entries(ctx, 0, func(at int64, e []byte) error {
		leaf := logproof.LeafHash(e)
		if n, ok := slices.BinarySearchFunc(l.places, [16]byte(leaf[:16]), byLeaf); ok {
			l.places[n].at = at
		}
		return nil
	})
}

func (l *proofList) at(leaf logproof.Hash) int64 {
	n, ok := slices.BinarySearchFunc(l.places, [16]byte(leaf[:16]), byLeaf)
	if !ok {
		return -1
	}
	return l.places[n].at
}

// logsAtOnce is after how many rows the log is brought up to the books while a
// batch runs.
const logsAtOnce = 500

// follower brings the log up to the books while a batch runs, so that one that is
// killed leaves little in the books that is not in the log.
type follower struct {
	app   *App
	books books
	rows  int // issued since
	added int // to the log
	over  bool
}

// issued says that one more was issued. A log that cannot be written keeps no
// credential back: it is left alone until the batch ends, and then that is said.
func (f *follower) issued(ctx context.Context) {
	if f.rows++; f.over || f.rows < logsAtOnce {
		return
	}
	f.rows = 0
	state, err := f.app.logIssued(ctx, f.books)
	if state != nil {
		f.added += state.Added
	}
	f.over = state == nil || err != nil // none is kept, or it cannot be written
}

// provesAtOnce is how many proofs are made before others may write to the log.
const provesAtOnce = 4096

// logBatch brings the log up to the books, if the issuer keeps one, and hands a
// proof of each file to its destination, unless a good one is there.
func (a *App) logBatch(ctx context.Context, books books, list *proofList, to destination) (*LogState, error) {
	state, err := a.logIssued(ctx, books)
	if state == nil || err != nil || list == nil {
		return state, err
	}
	var log *issuerLog
	shut := func() {
		if log != nil {
			log.Close()
			log = nil
		}
	}
	defer shut()
	made, found := 0, false
	err = list.each(func(f loggedFile) (err error) {
		if log == nil {
			if log, err = a.openLog(ctx); err != nil {
				return err
			}
		}
		if !found {
			found = true
			if err := list.find(ctx, log); err != nil {
				return err
			}
		}
		if f.has(to.proofOf(f.file), log.key) {
			return nil
		}
		raw, err := log.Prove(ctx, list.at(f.leaf), f.salt)
		if reason.CodeOf(err) == reason.NotFound {
			return reason.New("log_broken/not-logged", f.file, "the credential was issued and is not in the log")
		}
		if err != nil {
			return err
		}
		// The entries were read as they lie there: the tree says if they are so.
		if !f.has(raw, log.key) {
			return reason.New("log_broken/changed", log.Checkpoint().Origin, "the entry of %s is not the one that the log was signed with", f.file)
		}
		if made++; made%provesAtOnce == 0 {
			shut()
		}
		return to.prove(f.file, raw)
	})
	return state, err
}

func (z *zipped) proofOf(string) []byte { return nil }

func (z *zipped) prove(file string, proof []byte) error { return z.add(file+logproof.Suffix, proof) }

func (t *results) proofOf(string) []byte { return nil }

func (t *results) prove(string, []byte) error { return nil }

func (f *folder) proofOf(file string) []byte {
	raw, err := readUpTo(filepath.Join(f.path, filepath.FromSlash(file))+logproof.Suffix, logproof.MaxBytes)
	if err != nil {
		return nil // and so it is written
	}
	return raw
}

func (f *folder) prove(file string, proof []byte) error {
	at := filepath.Join(f.path, filepath.FromSlash(file)) + logproof.Suffix
	err := atomicfile.WriteFast(at, filepath.Join(f.path, batchNotes, "tmp", "proof"), proof, 0o600)
	if err != nil {
		return reason.New(reason.IO, at, "%w", bare(err))
	}
	return nil
}

// listProofs has the folder keep what is to be proven.
func (f *folder) listProofs(salts []byte) error {
	if salts == nil {
		return nil
	}
	file, err := os.OpenFile(filepath.Join(f.path, batchNotes, "tmp", "proofs"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return reason.New(reason.IO, f.path, "%w", bare(err))
	}
	f.proofs, f.list = newProofList(salts, file), file
	return nil
}

// endProofs takes the list away.
func (f *folder) endProofs() error {
	if f.list == nil {
		return nil
	}
	err := errors.Join(f.list.Close(), os.Remove(f.list.Name()))
	f.list = nil
	return err
}
