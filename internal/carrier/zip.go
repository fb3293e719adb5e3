package carrier

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io"
	"iter"
	"path"
	"strings"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

const (
	zipMark         = "PK\x03\x04"
	zipEmptyMark    = "PK\x05\x06"
	zipEntryFrame   = 46        // bytes of an entry in the directory, at the least (APPNOTE section 4.3.12)
	maxZipDirectory = 256 << 20 // bytes of the directory, which is read into memory
	freeRatio       = 1 << 20   // an entry or archive that unpacks to less is no bomb
)

// Walk goes through a zip archive, one entry after the other, and yields what
// lies in each, opened one level: a baked picture, the attachments of a PDF, a
// QR code, or the bytes themselves. It holds one entry in memory at a time,
// beside the directory. Folders and hidden entries are passed over. A proof from a
// transparency log that is named after another entry comes with that one, as it
// does where both lie in a folder.
//
// An error with a named item is about that entry, and the walk goes on; one
// with an unnamed item is about the archive, and the last. Codes, beside those
// of Open: no_credential/zip-nested (a zip in a zip, which is not opened),
// no_credential/zip-encrypted, no_credential/document (of an office program,
// whose parts are not looked at), malformed/zip, malformed/zip-duplicate (the name
// occurred before), resource_limit.
func Walk(ctx context.Context, r io.ReaderAt, size int64, lim Limits) iter.Seq2[Item, error] {
	lim = lim.withDefaults()
	return func(yield func(Item, error) bool) {
		z, err := openZip(r, size, lim)
		if err != nil {
			yield(Item{}, err)
			return
		}
		if isOffice(z) {
			yield(Item{}, reason.New("no_credential/document", "", "this is a document of an office program"))
			return
		}
		w := &zipWalk{ctx: ctx, lim: lim, left: size, seed: maphash.MakeSeed(), seen: map[uint64]bool{}, proofs: proofsIn(z), budget: min(lim.MaxTotal, max(freeRatio, size*lim.MaxRatio))}
		found := false
		for _, f := range z.File {
			name := shownName(f.Name)
			if passOver(name) || w.isBeside(f) {
				continue
			}
			found = true
			items, err := w.entry(f, name)
			if err != nil && w.broken {
				yield(Item{}, err)
				return
			}
			if err != nil && !yield(Item{Name: name}, err) {
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
		}
		if !found {
			yield(Item{}, reason.New("no_credential/zip", "", "the archive is empty"))
		}
	}
}

// isOffice tells a document of a word processor and its like, which is a zip
// archive that nobody takes for one: by the part that says what the others are
// (ECMA-376 part 2, section 7.2.3), or by the first entry's name (OpenDocument
// 1.3 part 2, section 3.3).
func isOffice(z *zip.Reader) bool {
	for n, f := range z.File {
		if f.Name == "[Content_Types].xml" || n == 0 && f.Name == "mimetype" {
			return true
		}
	}
	return false
}

// WalkBytes is Walk over an archive in memory.
func WalkBytes(ctx context.Context, raw []byte, lim Limits) iter.Seq2[Item, error] {
	return Walk(ctx, bytes.NewReader(raw), int64(len(raw)), lim)
}

// openZip reads the directory, when it is of a size that is read.
func openZip(r io.ReaderAt, size int64, lim Limits) (*zip.Reader, error) {
	start, err := directoryStart(r, size)
	if err != nil {
		return nil, err
	}
	if length := size - start; length > maxZipDirectory || length/zipEntryFrame > int64(lim.MaxEntries) {
		return nil, reason.New("resource_limit/zip", "", "the archive has more entries than are read")
	}
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // names are only shown
		return nil, badZip("its directory cannot be read")
	}
	if isWallet(z.File) {
		return nil, reason.New("no_credential/archive", "", "this is a wallet file, and not a credential")
	}
	return z, nil
}

// isWallet tells a wallet file by its parts, which stand in a fixed order.
func isWallet(files []*zip.File) bool {
	return len(files) > 3 && files[0].Name == "manifest.json" && files[1].Name == "README.txt" && strings.HasPrefix(files[2].Name, "slots/")
}

func badZip(format string, args ...any) error {
	return reason.New("malformed/zip", "", "the archive is damaged: "+format, args...)
}

// directoryStart finds where the directory begins, by the record at the end of
// the archive (APPNOTE sections 4.3.14 to 4.3.16). What is read into memory
// lies behind it.
func directoryStart(r io.ReaderAt, size int64) (int64, error) {
	const recordSize, locatorSize, longSize = 22, 20, 56
	tail := make([]byte, min(size, recordSize+1<<16))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, reason.New(reason.IO, "", "%w", err)
	}
	at := bytes.LastIndex(tail, []byte(zipEmptyMark))
	if at < 0 || len(tail)-at < recordSize {
		return 0, badZip("it has no end")
	}
	length, offset := int64(binary.LittleEndian.Uint32(tail[at+12:])), int64(binary.LittleEndian.Uint32(tail[at+16:]))
	end := size - int64(len(tail)) + int64(at)
	if (length == 0xFFFFFFFF || offset == 0xFFFFFFFF) && at >= locatorSize && bytes.HasPrefix(tail[at-locatorSize:], []byte("PK\x06\x07")) {
		var long [longSize]byte
		place := binary.LittleEndian.Uint64(tail[at-locatorSize+8:])
		if place > uint64(size) {
			return 0, badZip("its directory lies outside of it")
		}
		if _, err := r.ReadAt(long[:], int64(place)); err != nil || string(long[:4]) != "PK\x06\x06" {
			return 0, badZip("its directory cannot be found")
		}
		l, o := binary.LittleEndian.Uint64(long[40:]), binary.LittleEndian.Uint64(long[48:])
		if l > uint64(size) || o > uint64(size) {
			return 0, badZip("its directory lies outside of it")
		}
		length, offset, end = int64(l), int64(o), int64(place)
	}
	if length > end || offset > end {
		return 0, badZip("its directory lies outside of it")
	}
	// What comes before the archive shifts offsets: the lower of the two places
	// is taken.
	return min(offset, end-length), nil
}

// passOver tells folders, and what systems put into archives beside the files
// of people.
func passOver(name string) bool {
	slashed := strings.ReplaceAll(name, `\`, "/")
	return strings.HasSuffix(slashed, "/") || strings.HasPrefix(path.Base(slashed), ".") || strings.HasPrefix(slashed, "__MACOSX/")
}

// zipWalk is the state of one walk.
type zipWalk struct {
	ctx    context.Context
	lim    Limits
	left   int64 // bytes of the archive that no entry has claimed: entries that lie over each other claim more
	budget int64 // bytes that may still be unpacked
	seed   maphash.Seed
	seen   map[uint64]bool      // hashes of names
	proofs map[string]*zip.File // by the name of the entry that each is of
	broken bool                 // the error is about the archive
}

// proofsIn returns the proofs from a transparency log by the names of the entries
// that they are of. One that is there twice, or of no entry, is an entry like any.
func proofsIn(z *zip.Reader) map[string]*zip.File {
	found := map[string]*zip.File{}
	for _, f := range z.File {
		of, ok := strings.CutSuffix(f.Name, logproof.Suffix)
		if _, twice := found[of]; ok && twice {
			found[of] = nil
		} else if ok {
			found[of] = f
		}
	}
	if len(found) == 0 {
		return nil
	}
	out := map[string]*zip.File{}
	for _, f := range z.File {
		if proof := found[f.Name]; proof != nil && !strings.HasSuffix(f.Name, logproof.Suffix) { // of a proof there is none
			out[f.Name] = proof
		}
	}
	return out
}

// isBeside reports whether an entry is a proof that comes with another.
func (w *zipWalk) isBeside(f *zip.File) bool {
	of, ok := strings.CutSuffix(f.Name, logproof.Suffix)
	return ok && w.proofs[of] == f
}

func (w *zipWalk) entry(f *zip.File, name string) ([]Item, error) {
	raw, err := w.unpack(f, w.lim.MaxItem)
	if err != nil {
		return nil, err
	}
	var proof []byte
	if beside := w.proofs[f.Name]; beside != nil {
		if proof, err = w.unpack(beside, min(w.lim.MaxItem, logproof.MaxFile)); err != nil {
			return nil, err
		}
	}
	if Detect(raw) == Zip {
		return nil, reason.New("no_credential/zip-nested", "", "an archive within the archive is not opened")
	}
	items, err := openOne(w.ctx, raw, w.lim)
	if err != nil {
		return nil, err
	}
	for i := range items {
		if items[i].Name != "" {
			items[i].Name = name + "/" + items[i].Name
		} else {
			items[i].Name = name
		}
		if items[i].Kind == None {
			items[i].Kind = Zip
		}
		items[i].Proof = proof
	}
	return items, nil
}

// unpack unpacks an entry of at most so many bytes, once it was looked at whether
// that can be done within bounds.
func (w *zipWalk) unpack(f *zip.File, most int) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		w.broken = true
		return nil, err
	}
	if err := w.ctx.Err(); err != nil {
		return fail(reason.Wrap(reason.Canceled, "", err))
	}
	if f.CompressedSize64 > uint64(w.left) {
		return fail(badZip("its entries lie over each other"))
	}
	w.left -= int64(f.CompressedSize64)
	hash := maphash.String(w.seed, f.Name)
	if w.seen[hash] {
		return nil, reason.New("malformed/zip-duplicate", "", "the archive has an entry of this name already, and programs differ in which they take")
	}
	w.seen[hash] = true
	switch {
	case f.Flags&1 != 0:
		return nil, reason.New("no_credential/zip-encrypted", "", "the entry is encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return nil, badZip("the entry is packed in a way that is not read here")
	case f.UncompressedSize64 > uint64(most):
		return nil, reason.New(reason.LimitSize, "", "the entry has %d bytes, the limit is %d", f.UncompressedSize64, most)
	case f.UncompressedSize64 > freeRatio && f.UncompressedSize64/uint64(w.lim.MaxRatio) > f.CompressedSize64:
		return nil, reason.New(reason.LimitInflate, "", "the entry unpacks to more than %d times its size", w.lim.MaxRatio)
	case int64(f.UncompressedSize64) > w.budget:
		return fail(reason.New(reason.LimitInflate, "", "the archive unpacks to more than is read"))
	}
	w.budget -= int64(f.UncompressedSize64)
	return w.read(f)
}

// read unpacks an entry. Package zip compares the checksum at the end.
func (w *zipWalk) read(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, badZip("the entry is not where the directory says")
	}
	defer r.Close()
	raw := make([]byte, 0, min(f.UncompressedSize64, 64<<10)+1)
	buffer := bytes.NewBuffer(raw)
	n, err := io.Copy(buffer, io.LimitReader(r, int64(f.UncompressedSize64)+1))
	if err != nil || n != int64(f.UncompressedSize64) {
		return nil, badZip("the entry cannot be unpacked, or is not what the directory says")
	}
	return buffer.Bytes(), nil
}
