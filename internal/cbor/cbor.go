package cbor

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// The major types (RFC 8949 section 3.1).
const (
	majorUint   = 0
	majorNegInt = 1
	majorBytes  = 2
	majorText   = 3
	majorArray  = 4
	majorMap    = 5
	majorTag    = 6
	majorOther  = 7
)

// AppendUint appends an unsigned integer.
func AppendUint(dst []byte, n uint64) []byte { return appendHead(dst, majorUint, n) }

// AppendInt appends an integer.
func AppendInt(dst []byte, n int64) []byte {
	if n < 0 {
		return appendHead(dst, majorNegInt, uint64(-(n + 1)))
	}
	return AppendUint(dst, uint64(n))
}

// AppendTag appends a tag; what it is about follows.
func AppendTag(dst []byte, tag uint64) []byte { return appendHead(dst, majorTag, tag) }

// AppendBytes appends a byte string.
func AppendBytes(dst, b []byte) []byte {
	return append(appendHead(dst, majorBytes, uint64(len(b))), b...)
}

// AppendText appends a text, which the caller sees to be UTF-8.
func AppendText(dst []byte, s string) []byte {
	return append(appendHead(dst, majorText, uint64(len(s))), s...)
}

// AppendArray appends the head of an array; its items follow.
func AppendArray(dst []byte, items int) []byte { return appendHead(dst, majorArray, uint64(items)) }

// AppendMap appends the head of a map; its keys and values follow, the keys in
// the order of their encoded bytes.
func AppendMap(dst []byte, pairs int) []byte { return appendHead(dst, majorMap, uint64(pairs)) }

func appendHead(dst []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n < 1<<8:
		return append(dst, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, major|27), n)
	}
}

// Reader reads items one behind the other. Its errors are malformed/cbor; after
// one, every further call returns it too.
type Reader struct {
	data []byte
	at   int
	err  error
}

// NewReader reads data, which it neither keeps beyond its use nor changes.
func NewReader(data []byte) *Reader { return &Reader{data: data} }

func (r *Reader) fail(text string) error {
	if r.err == nil {
		r.err = reason.New("malformed/cbor", "", "byte %d: %s", r.at, text)
	}
	return r.err
}

// head reads a head of the major type and its number, which is at most limit.
func (r *Reader) head(major byte, name string, limit uint64) (uint64, error) {
	if r.err != nil {
		return 0, r.err
	}
	rest := r.data[r.at:]
	if len(rest) == 0 {
		return 0, r.fail("ends where " + name + " should be")
	}
	if rest[0]>>5 != major {
		return 0, r.fail("is not " + name)
	}
	n, size := uint64(rest[0]&31), 1
	if n >= 24 {
		if n > 27 {
			return 0, r.fail("is of indefinite length or reserved")
		}
		width := 1 << (n - 24)
		if len(rest) < 1+width {
			return 0, r.fail("ends within a head")
		}
		n, size = 0, 1+width
		for _, b := range rest[1:size] {
			n = n<<8 | uint64(b)
		}
		if len(appendHead(nil, major, n)) != size {
			return 0, r.fail("is longer than it must be")
		}
	}
	if n > limit {
		return 0, r.fail("is more than is accepted")
	}
	r.at += size
	return n, nil
}

// Uint reads an unsigned integer of at most limit.
func (r *Reader) Uint(limit uint64) (uint64, error) {
	return r.head(majorUint, "an unsigned integer", limit)
}

// Int reads an integer between -limit and limit.
func (r *Reader) Int(limit int64) (int64, error) {
	if r.at >= len(r.data) || r.data[r.at]>>5 != majorNegInt {
		n, err := r.head(majorUint, "an integer", uint64(max(limit, 0)))
		return int64(n), err
	}
	if limit < 1 {
		return 0, r.fail("is more than is accepted")
	}
	n, err := r.head(majorNegInt, "an integer", uint64(limit-1))
	if err != nil {
		return 0, err
	}
	return -1 - int64(n), nil
}

// Tag reads a tag of at most limit.
func (r *Reader) Tag(limit uint64) (uint64, error) { return r.head(majorTag, "a tag", limit) }

// Array reads the head of an array of at most limit items.
func (r *Reader) Array(limit int) (int, error) {
	n, err := r.head(majorArray, "an array", uint64(max(limit, 0)))
	return int(n), err
}

// Map reads the head of a map of at most limit pairs. That keys differ and
// stand in order is for the caller to see.
func (r *Reader) Map(limit int) (int, error) {
	n, err := r.head(majorMap, "a map", uint64(max(limit, 0)))
	return int(n), err
}

// Bytes reads a byte string of at most limit bytes. It shares memory with the
// input.
func (r *Reader) Bytes(limit int) ([]byte, error) {
	return r.body(majorBytes, "a byte string", limit)
}

// Text reads a text of at most limit bytes of UTF-8.
func (r *Reader) Text(limit int) (string, error) {
	b, err := r.body(majorText, "a text", limit)
	if !utf8.Valid(b) {
		return "", r.fail("is not UTF-8")
	}
	return string(b), err
}

func (r *Reader) body(major byte, name string, limit int) ([]byte, error) {
	n, err := r.head(major, name, uint64(max(limit, 0)))
	if err != nil {
		return nil, err
	}
	if uint64(len(r.data)-r.at) < n {
		return nil, r.fail("ends within " + name)
	}
	b := r.data[r.at : r.at+int(n) : r.at+int(n)]
	r.at += int(n)
	return b, nil
}

// Skip passes over one item of any kind, whose parts are nested at most depth
// deep. It is held to the same form as what is read: in maps, the keys differ
// and stand in order. Tags, and floating point numbers in the widths that there
// are, pass; that the shortest was chosen is not asked of what nobody uses.
func (r *Reader) Skip(depth int) error {
	if r.err != nil {
		return r.err
	}
	if r.at >= len(r.data) {
		return r.fail("ends where a value should be")
	}
	if depth < 0 {
		return r.fail("is nested too deep")
	}
	rest := len(r.data) - r.at // each item has a byte at least
	switch major := r.data[r.at] >> 5; major {
	case majorUint, majorNegInt:
		_, err := r.head(major, "an integer", math.MaxUint64)
		return err
	case majorBytes:
		_, err := r.Bytes(rest)
		return err
	case majorText:
		_, err := r.Text(rest)
		return err
	case majorArray:
		n, err := r.Array(rest)
		for ; n > 0 && err == nil; n-- {
			err = r.Skip(depth - 1)
		}
		return err
	case majorMap:
		return r.skipMap(rest, depth)
	case majorTag:
		if _, err := r.Tag(math.MaxUint64); err != nil {
			return err
		}
		return r.Skip(depth - 1)
	default:
		return r.skipOther()
	}
}

// Next passes over one item as Skip does, and returns its bytes, which share
// memory with the input.
func (r *Reader) Next(depth int) ([]byte, error) {
	from := r.at
	if err := r.Skip(depth); err != nil {
		return nil, err
	}
	return r.data[from:r.at:r.at], nil
}

// IsText reports whether a text comes next.
func (r *Reader) IsText() bool {
	return r.err == nil && r.at < len(r.data) && r.data[r.at]>>5 == majorText
}

// IsArray reports whether an array comes next.
func (r *Reader) IsArray() bool {
	return r.err == nil && r.at < len(r.data) && r.data[r.at]>>5 == majorArray
}

// Ascending reports whether two keys of a map, in their encoded form, stand in
// order and differ (RFC 8949 section 4.2.1).
func Ascending(before, after []byte) bool { return bytes.Compare(before, after) < 0 }

func (r *Reader) skipMap(limit, depth int) error {
	n, err := r.Map(limit)
	var before []byte // which stands before every key
	for range n {
		key, err := r.Next(depth - 1)
		if err != nil {
			return err
		}
		if !Ascending(before, key) {
			return r.fail("keys of a map are not in order, or not different")
		}
		before = key
		if err := r.Skip(depth - 1); err != nil {
			return err
		}
	}
	return err
}

// skipOther passes over a simple value or a floating point number.
func (r *Reader) skipOther() error {
	n, size := r.data[r.at]&31, 1
	switch {
	case n >= 20 && n <= 23: // false, true, null, undefined
	case n >= 25 && n <= 27:
		size += 1 << (n - 24)
	default:
		return r.fail("is a simple value that means nothing here")
	}
	if len(r.data)-r.at < size {
		return r.fail("ends within a number")
	}
	r.at += size
	return nil
}

// End refuses anything behind what was read.
func (r *Reader) End() error {
	if r.at != len(r.data) {
		return r.fail("there is something behind the end")
	}
	return r.err
}
