package transparency

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

// Read reads the published checkpoint of a log. One that the key has not signed
// is log_broken/checkpoint.
func Read(ctx context.Context, files Files, key logproof.Key) (*logproof.Checkpoint, error) {
	note, err := files.ReadFile(ctx, checkpointName)
	if err != nil {
		return nil, broken(err)
	}
	c, err := logproof.ReadCheckpoint(note)
	if err == nil {
		err = c.SignedBy(key)
	}
	if err != nil {
		return nil, reason.New("log_broken/checkpoint", checkpointName, "%w", err)
	}
	return c, nil
}

// Continues checks that a log is what it was when an older checkpoint was seen,
// and more: log_broken/rollback when it has fewer entries, and
// log_broken/split-view when those that it had are others. Both checkpoints are
// of the log by signatures that the caller has checked.
func Continues(ctx context.Context, files Files, now, seen *logproof.Checkpoint) error {
	switch {
	case seen.Origin != now.Origin:
		return reason.New("log_broken/split-view", seen.Origin, "this is the log %.100q", now.Origin)
	case seen.Size > now.Size:
		return reason.New("log_broken/rollback", now.Origin, "the log had %d entries, and has %d", seen.Size, now.Size)
	case seen.Size == 0:
		return nil
	case seen.Size == now.Size:
		if seen.Root == now.Root {
			return nil
		}
	default:
		root, err := tlog.TreeHash(seen.Size, hashes(ctx, files, now))
		if err != nil {
			return broken(err)
		}
		if root == tlog.Hash(seen.Root) {
			return nil
		}
	}
	return reason.New("log_broken/split-view", now.Origin, "the first %d entries are others than they were", seen.Size)
}

// Audit reads a log whole, holds every entry and every tile against its
// checkpoint, and calls f, if it is not nil, with each entry in order, until f
// fails. Errors are log_broken and those of f and files.
func Audit(ctx context.Context, files Files, c *logproof.Checkpoint, f func(index int64, entry []byte) error) error {
	a := auditor{ctx: ctx, files: files, size: c.Size, seen: map[tlog.Hash]int64{}}
	for n := int64(0); n < c.Size; n += width {
		entries, err := bundle(ctx, files, n, c.Size)
		if err != nil {
			return err
		}
		for i, e := range entries {
			at, leaf := n+int64(i), tlog.RecordHash(e)
			if first, twice := a.seen[leaf]; twice {
				return reason.New("log_broken/twice", fmt.Sprint(at), "the entry is that at %d", first)
			}
			a.seen[leaf] = at
			if err := a.add(0, leaf); err != nil {
				return err
			}
			if f != nil {
				if err := f(at, e); err != nil {
					return err
				}
			}
		}
	}
	for level := range a.levels {
		if err := a.compare(level); err != nil {
			return err
		}
	}
	if root := a.root(); root != tlog.Hash(c.Root) {
		return changed(checkpointName, "the entries are not those of the checkpoint")
	}
	return nil
}

// auditor builds a tree again from its entries.
type auditor struct {
	ctx    context.Context
	files  Files
	size   int64
	seen   map[tlog.Hash]int64
	levels []tile
}

// tile is the last tile of a level.
type tile struct {
	n      int64
	hashes []tlog.Hash
}

// add puts a hash into the last tile of a level. One that is full is held
// against the file, and its root goes up.
func (a *auditor) add(level int, h tlog.Hash) error {
	if level == len(a.levels) {
		a.levels = append(a.levels, tile{})
	}
	t := &a.levels[level]
	if t.hashes = append(t.hashes, h); len(t.hashes) < width {
		return nil
	}
	if err := a.compare(level); err != nil {
		return err
	}
	top := fold(t.hashes)
	t = &a.levels[level] // as it may have moved
	t.n, t.hashes = t.n+1, t.hashes[:0]
	return a.add(level+1, top)
}

// compare holds the last tile of a level against its file.
func (a *auditor) compare(level int) error {
	t := a.levels[level]
	if len(t.hashes) == 0 {
		return nil
	}
	path := place(fmt.Sprint(level), t.n, len(t.hashes))
	raw, err := a.files.ReadFile(a.ctx, path)
	if err != nil {
		return broken(err)
	}
	var want []byte
	for _, h := range t.hashes {
		want = append(want, h[:]...)
	}
	if !bytes.Equal(raw, want) {
		return changed(path, "it is not of the entries of the log")
	}
	return nil
}

// root returns the hash over all: from the right, what of each level is in no
// higher one.
func (a *auditor) root() tlog.Hash {
	root, begun := tlog.Hash(sha256.Sum256(nil)), false
	for _, t := range a.levels {
		hashes := t.hashes
		if begun {
			hashes = append(hashes[:len(hashes):len(hashes)], root)
		}
		if len(hashes) > 0 {
			root, begun = fold(hashes), true
		}
	}
	return root
}

// fold returns the hash over the hashes of subtrees of one size, of which only
// the last may be smaller (RFC 6962 section 2.1).
func fold(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	k := 1
	for k*2 < len(hashes) {
		k *= 2
	}
	return tlog.NodeHash(fold(hashes[:k]), fold(hashes[k:]))
}
