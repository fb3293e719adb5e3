package status

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/kompetansebevis/bevis/reason"
)

// Bounds of a list, in entries of one bit.
const (
	MinEntries = 131_072     // herd privacy, section 6.1
	MaxEntries = 134_217_728 // 16 MiB of bits
)

// MaxBytes bounds a list as it is published. The longest whose bits do not
// compress is 16 MiB and a little, 21.4 MiB as the base64url in a credential,
// and 28.5 MiB as that of a token which holds the credential.
const MaxBytes = 32 << 20

// List is a list of bits, all zero at first. The first entry is the highest
// bit of the first byte (section 2.2).
type List struct{ bits []byte }

// NewList returns a list of at least n entries, and never fewer than
// MinEntries.
func NewList(n int) (*List, error) {
	if n < MinEntries {
		n = MinEntries
	}
	if n > MaxEntries {
		return nil, reason.New("status_invalid/size", "", "a status list has at most %d entries", MaxEntries)
	}
	return &List{make([]byte, (n+7)/8)}, nil
}

// Len returns the number of entries.
func (l *List) Len() int { return len(l.bits) * 8 }

func (l *List) check(index uint64) error {
	if index >= uint64(l.Len()) {
		return reason.New("status_invalid/index", "", "index %d is outside a list of %d entries", index, l.Len())
	}
	return nil
}

// Get returns the entry at index.
func (l *List) Get(index uint64) (bool, error) {
	if err := l.check(index); err != nil {
		return false, err
	}
	return l.bits[index/8]&(0x80>>(index%8)) != 0, nil
}

// Set changes the entry at index.
func (l *List) Set(index uint64, value bool) error {
	if err := l.check(index); err != nil {
		return err
	}
	if mask := byte(0x80 >> (index % 8)); value {
		l.bits[index/8] |= mask
	} else {
		l.bits[index/8] &^= mask
	}
	return nil
}

// Encode returns the list as encodedList: gzip, then base64url with the
// multibase prefix u (section 3.2).
func (l *List) Encode() (string, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(l.bits)
	if err := errors.Join(err, w.Close()); err != nil {
		return "", reason.Wrap(reason.Internal, "", err)
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes()), nil
}

// Decode reads encodedList. StatusList2021 has no multibase prefix and may pad.
// Errors are status_invalid, resource_limit/inflate and canceled.
func Decode(ctx context.Context, encoded string, legacy bool) (*List, error) {
	text, prefixed := strings.CutPrefix(encoded, "u")
	switch {
	case legacy && !strings.HasPrefix(encoded, "uH4s"): // every gzip begins with H4s
		text = strings.TrimRight(encoded, "=")
	case !prefixed:
		return nil, reason.New("status_invalid/encoding", "", "the list lacks the multibase prefix u")
	}
	packed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder skips
		return nil, reason.New("status_invalid/encoding", "", "the list is not base64url")
	}
	source := bytes.NewReader(packed)
	r, err := gzip.NewReader(source)
	if err != nil {
		return nil, reason.New("status_invalid/encoding", "", "the list is not compressed with gzip")
	}
	r.Multistream(false)
	bits, err := inflate(ctx, r, claimedSize(packed))
	switch {
	case ctx.Err() != nil:
		return nil, reason.Wrap(reason.Canceled, "", ctx.Err())
	case err != nil:
		return nil, reason.New("status_invalid/encoding", "", "the compressed list is damaged")
	case len(bits) > MaxEntries/8:
		return nil, reason.New(reason.LimitInflate, "", "the list has more than %d entries", MaxEntries)
	case source.Len() > 0: // other readers would take it as more of the list
		return nil, reason.New("status_invalid/encoding", "", "something follows the compressed list")
	case len(bits) < MinEntries/8:
		return nil, reason.New("status_invalid/too-short", "", "a list of %d entries shows whose status is asked: %d is the least", len(bits)*8, MinEntries)
	}
	return &List{bits}, nil
}

// inflate reads at most one byte more than a list may have, until ctx ends. Room
// is how many are expected.
func inflate(ctx context.Context, r io.Reader, room int) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, room+bytes.MinRead))
	_, err := b.ReadFrom(io.LimitReader(while{ctx, r}, MaxEntries/8+1))
	return b.Bytes(), err
}

// mostInflated is how many bytes one byte of deflate can stand for.
const mostInflated = 1032

// claimedSize is how long gzip says that its content is (RFC 1952 section
// 2.3.1), as far as that can be true: it is only believed for making room. The
// header of gzip, which alone is longer than these four bytes, was read before.
func claimedSize(packed []byte) int {
	said := binary.LittleEndian.Uint32(packed[len(packed)-4:])
	return int(min(uint64(said), mostInflated*uint64(len(packed)), MaxEntries/8+1))
}

// while reads from r until ctx ends.
type while struct {
	ctx context.Context
	r   io.Reader
}

func (w while) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}
