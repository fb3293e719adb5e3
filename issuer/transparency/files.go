package transparency

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	height         = 8           // of a tile: 256 hashes
	width          = 1 << height // entries of a bundle
	maxEntry       = 1<<16 - 1   // bytes: its length stands in two
	maxFile        = 32 << 20    // bytes of a full bundle and some
	checkpointName = "checkpoint"
)

// Files are the files of a log, wherever they are.
type Files interface {
	// ReadFile returns the file of a path such as "tile/0/x001/067", whole. One
	// that is not there is not_found.
	ReadFile(ctx context.Context, path string) ([]byte, error)
}

// Folder are the files of a log in a folder.
type Folder string

// ReadFile implements Files.
func (d Folder) ReadFile(ctx context.Context, path string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, reason.Wrap(reason.Canceled, "", err)
	}
	name := d.path(path)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, reason.New(reason.NotFound, name, "there is no such file")
	}
	if err != nil {
		return nil, reason.Wrap(reason.IO, name, err)
	}
	defer f.Close() // it was only read
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(raw) > maxFile {
		return nil, reason.New(reason.LimitSize, name, "more than %d bytes", maxFile)
	}
	return raw, reason.Wrap(reason.IO, name, err)
}

func (d Folder) path(path string) string {
	return filepath.Join(string(d), filepath.FromSlash(path))
}

// place returns the path of a tile or a bundle by c2sp.org/tlog-tiles: level is
// "entries" or the level of the tile.
func place(level string, n int64, w int) string {
	number := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		number = fmt.Sprintf("x%03d/%s", n%1000, number)
	}
	path := "tile/" + level + "/" + number
	if w != width {
		path += fmt.Sprintf(".p/%d", w)
	}
	return path
}

func tilePath(t tlog.Tile) string { return place(fmt.Sprint(t.L), t.N, t.W) }

// bundlePath is that of the bundle with entry n in a log of a size.
func bundlePath(n, size int64) (path string, entries int) {
	n /= width
	entries = int(min(size-n*width, width))
	return place("entries", n, entries), entries
}

// tiles reads tiles for package tlog, which holds them against the tree.
type tiles struct {
	ctx   context.Context
	files Files
}

// Height implements tlog.TileReader.
func (t tiles) Height() int { return height }

// SaveTiles implements tlog.TileReader; there is nothing to be kept.
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles implements tlog.TileReader.
func (t tiles) ReadTiles(all []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(all))
	for i, one := range all {
		raw, err := t.files.ReadFile(t.ctx, tilePath(one))
		if err != nil {
			return nil, err
		}
		if len(raw) != one.W*tlog.HashSize {
			return nil, changed(tilePath(one), "it has %d bytes, not %d", len(raw), one.W*tlog.HashSize)
		}
		out[i] = raw
	}
	return out, nil
}

// hashes reads the hashes of a tree, each of which it holds against the root.
func hashes(ctx context.Context, files Files, c *logproof.Checkpoint) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: tlog.Hash(c.Root)}, tiles{ctx, files})
}

// broken gives an error about the tree the code that says so, unless it has one.
func broken(err error) error {
	switch {
	case err == nil:
		return nil
	case reason.CodeOf(err) == reason.NotFound:
		return reason.New("log_broken/missing", reason.AtOf(err), "a file of the log is missing")
	case reason.CodeOf(err) != reason.Internal:
		return err
	}
	return changed("", "%w", err)
}

func changed(at, format string, args ...any) error {
	return reason.New("log_broken/changed", at, format, args...)
}

// bundle reads the entries of a bundle.
func bundle(ctx context.Context, files Files, n, size int64) ([][]byte, error) {
	path, want := bundlePath(n, size)
	raw, err := files.ReadFile(ctx, path)
	if err != nil {
		return nil, broken(err)
	}
	var out [][]byte
	for len(raw) > 0 {
		if len(raw) < 2 || len(raw) < 2+int(binary.BigEndian.Uint16(raw)) {
			return nil, changed(path, "it ends within an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(raw))
		out = append(out, raw[2:end])
		raw = raw[end:]
	}
	if len(out) != want {
		return nil, changed(path, "it has %d entries, not %d", len(out), want)
	}
	return out, nil
}

func pack(entries [][]byte) []byte {
	var out []byte
	for _, e := range entries {
		out = append(binary.BigEndian.AppendUint16(out, uint16(len(e))), e...)
	}
	return out
}
