package status

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/reason"
)

// maxSize bounds the bits of an entry: an entry has a message for each value
// that they can have.
const maxSize = 8

// readMessages reads statusSize and statusMessage (section 2.1): how many bits
// the entry has, and what each of their values stands for. More than one bit
// need a message for each value, written as a hexadecimal number.
func (e *Entry) readMessages(v *strictjson.Value, at string) error {
	e.Size = 1
	if size := v.Get("statusSize"); size != nil {
		n, ok := size.Float()
		if !ok || n < 1 || n != float64(int64(n)) {
			return reason.New("status_invalid/entry", at+"/statusSize", "the size of an entry is a whole number of bits")
		}
		if n > maxSize {
			return reason.New("status_unavailable/size", at+"/statusSize", "entries of more than %d bits are not read here", maxSize)
		}
		e.Size = int(n)
	}
	list := v.Get("statusMessage")
	if list == nil && e.Size == 1 {
		return nil
	}
	if list.Kind() != strictjson.KindArray || len(list.Items()) != 1<<e.Size {
		return reason.New("status_invalid/entry", at+"/statusMessage", "an entry of %d bits has %d messages", e.Size, 1<<e.Size)
	}
	e.Messages = make([]string, 1<<e.Size)
	for i, item := range list.Items() {
		text, _ := item.Get("status").Text()
		message, ok := item.Get("message").Text()
		digits, hex := strings.CutPrefix(text, "0x")
		n, err := strconv.ParseUint(digits, 16, 16)
		if !hex || err != nil || n >= 1<<e.Size || !ok || message == "" || e.Messages[n] != "" {
			return reason.New("status_invalid/entry", strictjson.Pointer(at+"/statusMessage", strconv.Itoa(i)), "a message names one value of the entry in hexadecimal, such as 0x1, and each once")
		}
		e.Messages[n] = message
	}
	return nil
}

// messageMembers are the members that readMessages reads, none for an entry of
// one bit that explains itself by its purpose.
func (e Entry) messageMembers() []strictjson.Member {
	if len(e.Messages) == 0 {
		return nil
	}
	messages := make([]*strictjson.Value, len(e.Messages))
	for n, message := range e.Messages {
		messages[n] = strictjson.Object(
			strictjson.Member{Name: "status", Value: strictjson.String("0x" + strconv.FormatInt(int64(n), 16))},
			strictjson.Member{Name: "message", Value: strictjson.String(message)},
		)
	}
	return []strictjson.Member{
		{Name: "statusSize", Value: strictjson.Int(int64(max(e.Size, 1)))},
		{Name: "statusMessage", Value: strictjson.Array(messages...)},
	}
}

// reference checks statusReference: one address or several.
func reference(v *strictjson.Value, at string) error {
	for _, item := range v.List() {
		if s, ok := item.Text(); !ok || !strings.Contains(s, ":") {
			return reason.New("status_invalid/entry", at+"/statusReference", "where more is said of the status is a URL or a list of them")
		}
	}
	return nil
}

// Message returns what the issuer says a value stands for, empty for nothing.
func (e Entry) Message(value uint64) string {
	if value >= uint64(len(e.Messages)) {
		return ""
	}
	return e.Messages[value]
}

// Lookup returns the value of an entry in a status list credential whose proof
// holds (section 3.2). Errors are those of Check.
func Lookup(ctx context.Context, e Entry, list *strictjson.Value) (uint64, error) {
	bits, err := open(ctx, e, list)
	if err != nil {
		return 0, err
	}
	return e.In(bits)
}

// Open returns the bits of a list whose proof holds, for entries that differ
// from e in their index and size alone: to ask about many without decoding it
// for each. Errors are those of Check.
func Open(ctx context.Context, e Entry, list *strictjson.Value) (*List, error) {
	return open(ctx, e, list)
}

// NewList returns a list of at least n entries of the size of e, and never fewer
// than MinEntries.
func (e Entry) NewList(n int) (*List, error) {
	size := max(e.Size, 1)
	if n > MaxEntries/size {
		return nil, reason.New("status_invalid/size", "", "a status list of %d bits has at most %d entries", size, MaxEntries/size)
	}
	return NewList(max(n, MinEntries) * size)
}

// Put changes the value of an entry in the bits of its list.
func (e Entry) Put(bits *List, value uint64) error {
	size := uint64(max(e.Size, 1))
	if value >= 1<<size {
		return reason.New("status_invalid/size", e.ListURL, "the value %d has more than %d bits", value, size)
	}
	for i := range size {
		if err := bits.Set(e.Index*size+i, value>>(size-1-i)&1 == 1); err != nil {
			return err
		}
	}
	return nil
}

// In returns the value of an entry in the bits of its list.
func (e Entry) In(bits *List) (uint64, error) {
	size := uint64(max(e.Size, 1))
	if uint64(bits.Len())/size < MinEntries {
		return 0, reason.New("status_invalid/too-short", e.ListURL, "a list of %d entries of %d bits shows whose status is asked: %d entries is the least", uint64(bits.Len())/size, size, MinEntries)
	}
	var value uint64
	for i := range size {
		set, err := bits.Get(e.Index*size + i)
		if err != nil {
			return 0, reason.Wrap(reason.CodeOf(err), e.ListURL, err)
		}
		value <<= 1
		if set {
			value |= 1
		}
	}
	return value, nil
}

// TimeToLive returns how long a list says that a copy of it may be used: whole
// milliseconds (section 2.2). It is zero where the list does not say, or says
// nothing; at is the list's URL, for errors, which are status_invalid/ttl.
func TimeToLive(list *strictjson.Value, at string) (time.Duration, error) {
	ttl := single(list).Get("ttl")
	if ttl == nil {
		return 0, nil
	}
	n, ok := ttl.Float()
	if !ok || n < 0 || n != math.Trunc(n) {
		return 0, reason.New("status_invalid/ttl", at, "the time to live is not a whole number of milliseconds")
	}
	return time.Duration(min(n, maxTTL)) * time.Millisecond, nil
}

const maxTTL = 100 * 365 * 24 * 3600 * 1000 // what is longer is as good as for ever

// single returns the subject of a list, which is one.
func single(list *strictjson.Value) *strictjson.Value {
	subject := list.Get("credentialSubject")
	if subject.Kind() == strictjson.KindArray && len(subject.Items()) == 1 {
		return subject.Items()[0]
	}
	return subject
}

// isList reports whether a credential is a status list of the edition of e.
func (e Entry) isList(list, subject *strictjson.Value) (want string, ok bool) {
	wantList, wantSubject := listType, listSubject
	if e.Legacy {
		wantList, wantSubject = legacyListType, legacySubject
	}
	return wantList, credential.HasType(list, wantList) && credential.HasType(subject, wantSubject)
}
