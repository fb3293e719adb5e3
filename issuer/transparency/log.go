package transparency

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/internal/atomicfile"
	"github.com/kompetansebevis/bevis/reason"
)

// atOnce is how many entries go in under one checkpoint, so that a long run
// needs no more memory than this and loses no more of its work.
const atOnce = 1 << 14

// Config is where a log is kept, and by whom.
type Config struct {
	Folder string       // what a web host serves
	State  string       // a folder of the issuer's own, for the last checkpoint that was signed
	Signer note.Signer  // signs checkpoints
	Key    logproof.Key // that of Signer; its name is the log's
}

// Log is a log that is open for writing. No other process has it open. It is not
// safe for concurrent use.
type Log struct {
	cfg    Config
	last   *logproof.Checkpoint
	note   []byte              // of last
	known  map[int64]tlog.Hash // of the tree of last, read ahead for Prove
	unlock func()
}

const lastName = "checkpoint"

// Create begins a log in a folder that holds none. One that is there is
// conflict/exists.
func Create(ctx context.Context, cfg Config) (*Log, error) {
	for _, folder := range []string{cfg.Folder, cfg.State} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, reason.Wrap(reason.IO, folder, err)
		}
		for _, name := range []string{checkpointName, "tile"} {
			if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
				return nil, reason.New("conflict/exists", folder, "there is a log in it already")
			}
		}
	}
	l, err := lock(ctx, cfg)
	if err != nil {
		return nil, err
	}
	empty, err := tlog.TreeHash(0, nil)
	if err == nil {
		err = l.publish(0, empty)
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// Open opens a log to write to it, and waits while another process does. The
// files must be those under the checkpoint that was signed last, log_broken if
// not: whoever signed another one after a backup was put back would make two
// logs of one.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	l, err := lock(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := l.load(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func lock(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.Signer == nil || cfg.Signer.Name() != cfg.Key.Name || cfg.Signer.KeyHash() != cfg.Key.ID {
		return nil, reason.New(reason.Usage, "transparency.Config", "the key is not that of the signer")
	}
	unlock, err := atomicfile.Lock(ctx, filepath.Join(cfg.State, "lock"))
	if err != nil {
		return nil, reason.Wrap(reason.IO, cfg.State, err)
	}
	return &Log{cfg: cfg, unlock: unlock}, nil
}

// Close lets others write.
func (l *Log) Close() { l.unlock() }

func (l *Log) files() Folder { return Folder(l.cfg.Folder) }

func (l *Log) load(ctx context.Context) error {
	note, err := Folder(l.cfg.State).ReadFile(ctx, lastName)
	if err != nil {
		return err
	}
	if l.last, err = logproof.ReadCheckpoint(note); err != nil {
		return err
	}
	if err := l.last.SignedBy(l.cfg.Key); err != nil {
		return err
	}
	l.note = note
	if l.last.Size > 0 { // reads the right edge, and so holds it against the root
		if _, err := hashes(ctx, l.files(), l.last).ReadHashes([]int64{tlog.StoredHashIndex(0, l.last.Size-1)}); err != nil {
			return broken(err)
		}
	}
	// A process that ended between the two leaves the older one outside.
	published, err := l.files().ReadFile(ctx, checkpointName)
	if err == nil && string(published) == string(note) {
		return nil
	}
	return l.write(checkpointName, note)
}

// Checkpoint returns how far the log goes.
func (l *Log) Checkpoint() *logproof.Checkpoint { return l.last }

// Append adds entries, and signs and publishes a checkpoint with them. It
// returns the place of the first. When it fails, those up to the size of
// Checkpoint are in.
func (l *Log) Append(ctx context.Context, entries [][]byte) (int64, error) {
	first := l.last.Size
	for chunk := range slices.Chunk(entries, atOnce) {
		if err := l.append(ctx, chunk); err != nil {
			return first, err
		}
	}
	return first, nil
}

// fresh are hashes that stand in no tile yet, before those that do.
type fresh struct {
	hashes map[int64]tlog.Hash
	below  tlog.HashReader
}

// ReadHashes implements tlog.HashReader.
func (f fresh) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	var older []int64
	var where []int
	for i, n := range at {
		h, ok := f.hashes[n]
		if out[i] = h; !ok {
			older, where = append(older, n), append(where, i)
		}
	}
	if len(older) == 0 {
		return out, nil
	}
	found, err := f.below.ReadHashes(older)
	if err != nil {
		return nil, err
	}
	for i, n := range where {
		out[n] = found[i]
	}
	return out, nil
}

func (l *Log) append(ctx context.Context, entries [][]byte) error {
	size := l.last.Size
	added := map[int64]tlog.Hash{}
	reader := fresh{added, hashes(ctx, l.files(), l.last)}
	for i, e := range entries {
		if len(e) == 0 || len(e) > maxEntry {
			return reason.New(reason.LimitSize, "", "an entry has from 1 to %d bytes", maxEntry)
		}
		n := size + int64(i)
		stored, err := tlog.StoredHashes(n, e, reader)
		if err != nil {
			return broken(err)
		}
		for at, h := range stored {
			added[tlog.StoredHashIndex(0, n)+int64(at)] = h
		}
	}
	if err := l.writeBundles(ctx, entries); err != nil {
		return err
	}
	to := size + int64(len(entries))
	full := map[string]bool{}
	for _, t := range tlog.NewTiles(height, size, to) {
		data, err := tlog.ReadTileData(t, reader)
		if err != nil {
			return broken(err)
		}
		if err := l.write(tilePath(t), data); err != nil {
			return err
		}
		if t.W == width {
			full[tilePath(t)+".p"] = true
			if t.L == 0 {
				full[place("entries", t.N, width)+".p"] = true
			}
		}
	}
	root, err := tlog.TreeHash(to, reader)
	if err != nil {
		return broken(err)
	}
	if err := l.publish(to, root); err != nil {
		return err
	}
	for path := range maps.Keys(full) { // nobody needs the beginnings any more
		_ = os.RemoveAll(l.files().path(path)) // what stays does no harm
	}
	return nil
}

// writeBundles writes the entries, the first behind those of a bundle that is
// not full.
func (l *Log) writeBundles(ctx context.Context, entries [][]byte) error {
	size := l.last.Size
	to := size + int64(len(entries))
	if begun := size % width; begun != 0 {
		before, err := bundle(ctx, l.files(), size-1, size)
		if err != nil {
			return err
		}
		entries = slices.Concat(before, entries)
		size -= begun
	}
	for chunk := range slices.Chunk(entries, width) {
		path, _ := bundlePath(size, to)
		if err := l.write(path, pack(chunk)); err != nil {
			return err
		}
		size += width
	}
	return nil
}

// publish signs a checkpoint over what is written. What was signed is kept
// before anybody else can see it.
func (l *Log) publish(size int64, root tlog.Hash) error {
	text := logproof.FormatCheckpoint(l.cfg.Key.Name, size, logproof.Hash(root))
	signed, err := note.Sign(&note.Note{Text: string(text)}, l.cfg.Signer)
	if err != nil {
		return reason.Wrap(reason.Internal, "", err)
	}
	c, err := logproof.ReadCheckpoint(signed)
	if err == nil {
		err = c.SignedBy(l.cfg.Key)
	}
	if err != nil {
		return err
	}
	if err := atomicfile.Write(filepath.Join(l.cfg.State, lastName), signed, 0o600); err != nil {
		return reason.Wrap(reason.IO, l.cfg.State, err)
	}
	l.last, l.note, l.known = c, signed, nil
	return l.write(checkpointName, signed)
}

func (l *Log) write(path string, data []byte) error {
	name := l.files().path(path)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return reason.Wrap(reason.IO, name, err)
	}
	return reason.Wrap(reason.IO, name, atomicfile.Write(name, data, 0o644))
}

// maxKnown bounds the hashes that are kept between two proofs: some megabytes.
const maxKnown = 1 << 16

// ahead reads the hashes of a whole tile where one is asked for: the proofs of
// neighbours, of which a batch has many, need them next.
type ahead struct {
	known map[int64]tlog.Hash
	size  int64
	below tlog.HashReader
}

// ReadHashes implements tlog.HashReader.
func (a ahead) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var wanted []int64
	asked := map[int64]bool{}
	for _, i := range at {
		if _, ok := a.known[i]; ok || asked[i] {
			continue
		}
		for _, n := range a.tile(i) {
			asked[n] = true
			wanted = append(wanted, n)
		}
	}
	if len(wanted) > 0 {
		found, err := a.below.ReadHashes(wanted)
		if err != nil {
			return nil, err
		}
		for k, n := range wanted {
			a.known[n] = found[k]
		}
	}
	out := make([]tlog.Hash, len(at))
	for k, i := range at {
		out[k] = a.known[i]
	}
	return out, nil
}

// tile returns the places of all hashes that stand in one tile with that of a
// place, itself among them.
func (a ahead) tile(i int64) (out []int64) {
	level, n := tlog.SplitStoredHashIndex(i)
	bottom := level / height * height
	first := n << (level - bottom) / width * width // at the bottom of the tile
	for l := range height {
		for k := first >> l; k < (first+width)>>l && (k+1)<<(bottom+l) <= a.size; k++ {
			out = append(out, tlog.StoredHashIndex(bottom+l, k))
		}
	}
	return out
}

// Prove returns the proof of the entry at a place, with its salt.
func (l *Log) Prove(ctx context.Context, index int64, salt logproof.Salt) ([]byte, error) {
	if index < 0 || index >= l.last.Size {
		return nil, reason.New(reason.NotFound, "", "the log has %d entries, none at %d", l.last.Size, index)
	}
	if l.known == nil || len(l.known) > maxKnown {
		l.known = map[int64]tlog.Hash{}
	}
	path, err := tlog.ProveRecord(l.last.Size, index, ahead{l.known, l.last.Size, hashes(ctx, l.files(), l.last)})
	if err != nil {
		return nil, broken(err)
	}
	steps := make([]logproof.Hash, len(path))
	for i, h := range path {
		steps[i] = logproof.Hash(h)
	}
	return logproof.Format(salt, index, steps, l.note), nil
}

// Entries calls f with every entry from a place on, until f fails. It holds none
// against the tree: Audit does.
func (l *Log) Entries(ctx context.Context, from int64, f func(index int64, entry []byte) error) error {
	for n := from / width * width; n < l.last.Size; n += width {
		entries, err := bundle(ctx, l.files(), n, l.last.Size)
		if err != nil {
			return err
		}
		for i, e := range entries {
			if at := n + int64(i); at >= from {
				if err := f(at, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
