package wallet

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/reason"
)

// The index is a part of the archive beside the log: what describe read from
// the credentials of the log, so that opening need not read them again. It is
// made from the log alone and may be left out; one that does not fit the log is
// passed over. It is sealed as the body is, and begins with
//
//	bevis-wallet-index/1 LF
//	uvarint  describedBy
//	text     digest of the last line that it covers, in hex
//	uvarint  how many lines it covers
//
// followed by an entry for each credential that is in the wallet after them, in
// the order of their lines: the line's number as uvarint, then what fields lists.
// A text is its length as uvarint and its bytes. It is packed in frames that end
// with an entry each, so that they are read at the same time.
const (
	indexName  = "index/items.zst.age"
	indexMagic = "bevis-wallet-index/1\n"

	// describedBy is to be counted up whenever describe or searchable reads
	// something else from the same credential: older indexes are then made anew.
	describedBy = 2

	// indexEvery is how many lines may lie behind the index before it is made
	// anew: reading so many again is cheaper than writing it at every change.
	indexEvery = 128
	maxIndex   = 256 << 20
)

// index is the index that a wallet has, if any.
type index struct {
	sealed  []byte // the part of the archive
	covered int    // how many lines
	last    []byte // of them
}

// upTo returns the index to be written with lines that add up to items: x
// itself while it serves.
func (x index) upTo(lines [][]byte, items []Item, identity *age.HybridIdentity) (index, error) {
	if len(lines) < indexEvery {
		return index{}, nil
	}
	if n := x.covered; n > 0 && n <= len(lines) && len(lines)-n < indexEvery && bytes.Equal(lines[n-1], x.last) {
		return x, nil
	}
	packer, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return x, reason.Wrap(reason.Internal, "", err)
	}
	defer packer.Close()
	var packed []byte
	for _, part := range writeIndex(lines, items) {
		packed = packer.EncodeAll(part, packed)
	}
	sealed, err := encrypt(packed, identity.Recipient())
	return index{sealed, len(lines), lines[len(lines)-1]}, err
}

// writeIndex returns the index of lines that add up to items, in parts of about
// frameSize that each end with an entry. What this version could not describe is
// left to those that can.
func writeIndex(lines [][]byte, items []Item) (parts [][]byte) {
	out := make([]byte, 0, frameSize+4096)
	out = binary.AppendUvarint(append(out, indexMagic...), describedBy)
	out = appendText(out, sha(lines[len(lines)-1]))
	out = binary.AppendUvarint(out, uint64(len(lines)))
	for n := range items {
		i := &items[n]
		if i.line == 0 || i.Form == "unknown" {
			continue
		}
		if out = appendEntry(out, i); len(out) >= frameSize {
			parts, out = append(parts, out), make([]byte, 0, frameSize+4096)
		}
	}
	return append(parts, out)
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// texts are the fields of an entry that are one text each, in order.
func (i *Item) texts() []*string {
	return []*string{&i.Form, &i.ID, &i.Title, &i.Issuer, &i.IssuerName, &i.Subject, &i.Credential, &i.Type, &i.Description, &i.search, &i.inPart}
}

func appendEntry(out []byte, i *Item) []byte {
	out = binary.AppendUvarint(out, i.line)
	for _, field := range i.texts() {
		out = appendText(out, *field)
	}
	for _, list := range [][]string{i.Skills, i.Levels} {
		out = binary.AppendUvarint(out, uint64(len(list)))
		for _, s := range list {
			out = appendText(out, s)
		}
	}
	for _, t := range []time.Time{i.ValidFrom, i.ValidUntil} {
		text := []byte(nil)
		if !t.IsZero() {
			text, _ = t.MarshalBinary() // which takes all times that a credential can have
		}
		out = appendText(out, string(text))
	}
	return out
}

// described is what an index says of the credentials that lines add.
type described struct {
	head    string   // digest of the last line that it covers
	covered int      // how many lines
	items   [][]Item // each with its line, by the parts of the index
}

// fits reports whether it is of these lines.
func (d *described) fits(lines [][]byte) bool {
	return d.covered > 0 && d.covered <= len(lines) && sha(lines[d.covered-1]) == d.head
}

// byLine returns, for each of n lines, the item that it adds; nil where the
// index has none.
func (d *described) byLine(n int) []*Item {
	out := make([]*Item, n)
	for _, part := range d.items {
		for i := range part {
			if line := part[i].line; line <= uint64(n) {
				out[line-1] = &part[i]
			}
		}
	}
	return out
}

// readIndex reads an index in n parts, which text returns. It is empty if this
// version does not write it so.
func readIndex(n int, text func(part int) (string, bool)) described {
	d := described{items: make([][]Item, n)}
	readers := make([]indexReader, n)
	each(n, func(p int) {
		r := &readers[p]
		rest, ok := text(p)
		if p == 0 && ok {
			rest, ok = strings.CutPrefix(rest, indexMagic)
		}
		if r.rest = rest; !ok {
			r.fail()
		}
		if p == 0 {
			if r.number() != describedBy {
				r.fail()
			}
			d.head, d.covered = r.text(), r.number()
		}
		d.items[p] = r.entries()
	})
	for p, part := range d.items {
		if readers[p].bad || slices.ContainsFunc(part, func(i Item) bool { return i.line == 0 || i.line > uint64(d.covered) }) {
			return described{}
		}
	}
	return d
}

// smallEntry is about how long the shortest entries are, so that what an index
// claims to hold takes no more memory than what it holds.
const smallEntry = 64

// indexReader reads an index. All texts that it returns are parts of the one
// that it began with.
type indexReader struct {
	rest string
	bad  bool // something did not fit; what was read since is nothing
}

func (r *indexReader) entries() []Item {
	out := make([]Item, 0, min(len(r.rest)/smallEntry, 1024)) // as many as a part of usual ones has
	for r.rest != "" {
		var i Item
		r.entry(&i)
		out = append(out, i)
	}
	return out
}

func (r *indexReader) entry(i *Item) {
	i.line = uint64(r.number())
	for _, field := range i.texts() {
		*field = r.text()
	}
	for _, list := range []*[]string{&i.Skills, &i.Levels} {
		for n := r.number(); n > 0 && !r.bad; n-- {
			*list = append(*list, r.text())
		}
	}
	for _, t := range []*time.Time{&i.ValidFrom, &i.ValidUntil} {
		if text := r.text(); text != "" && t.UnmarshalBinary([]byte(text)) != nil {
			r.fail()
		}
	}
}

func (r *indexReader) text() string { return r.take(r.number()) }

// number reads a uvarint of at most 35 bits.
func (r *indexReader) number() int {
	n := uint64(0)
	for i := 0; i < len(r.rest) && i < 5; i++ {
		n |= uint64(r.rest[i]&0x7f) << (7 * i)
		if r.rest[i] < 0x80 {
			r.rest = r.rest[i+1:]
			return int(n)
		}
	}
	r.fail()
	return 0
}

func (r *indexReader) take(n int) string {
	if n > len(r.rest) {
		r.fail()
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *indexReader) fail() { r.rest, r.bad = "", true }

// openIndex reads the index of an archive, which is empty if there is none that
// can be read.
func openIndex(sealed []byte, identity *age.HybridIdentity) described {
	packed, err := decrypt(sealed, maxFile, identity)
	if err != nil {
		return described{}
	}
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithDecoderMaxMemory(maxIndex))
	if err != nil {
		return described{}
	}
	defer r.Close()
	parts, total := spans(packed)
	if total > maxIndex {
		return described{}
	}
	rooms := newRooms()
	return readIndex(len(parts), func(p int) (text string, ok bool) {
		rooms.use(func(room []byte) []byte {
			plain, err := r.DecodeAll(parts[p].packed, room)
			text, ok = string(plain), err == nil && len(plain) == parts[p].size
			return plain
		})
		return text, ok
	})
}

// prepare reads what the credentials say of themselves that events add: from
// the index where it has them, else from their bytes.
func prepare(events []event, indexed described) {
	known := indexed.byLine(len(events))
	inParts(len(events), func(from, to int) {
		for n := from; n < to; n++ {
			e := &events[n]
			if e.Op != opAdd {
				continue
			}
			// The id is of the bytes: it tells that the entry is of this line.
			if have := known[n]; have != nil && e.ID != "" && have.ID == e.ID {
				e.item = have
				if e.quoted == nil {
					have.body = e.credential()
				}
				continue
			}
			item := describeAny(e.credential())
			e.item = &item
		}
	})
}
