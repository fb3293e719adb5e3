package cbor

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/reason"
)

// The major types (RFC 8949 section 3.1).
const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
)

// AppendUint appends an unsigned integer.
func AppendUint(dst []byte, n uint64) []byte { return appendHead(dst, majorUint, n) }

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
	if err == nil && !utf8.Valid(b) {
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

// End refuses anything behind what was read.
func (r *Reader) End() error {
	if r.err == nil && r.at != len(r.data) {
		return r.fail("there is something behind the end")
	}
	return r.err
}
