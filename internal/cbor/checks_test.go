package cbor

import (
	"encoding/hex"
	"strings"
	"testing"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// TestFirstError: after an error every further call returns it, whatever comes
// next, and nothing is said to come next.
func TestFirstError(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next string
		call func(*Reader) error
	}{
		"an integer":             {"00", func(r *Reader) error { _, err := r.Int(9); return err }},
		"an integer below 0":     {"20", func(r *Reader) error { _, err := r.Int(9); return err }},
		"one that is too low":    {"20", func(r *Reader) error { _, err := r.Int(0); return err }},
		"a text":                 {"6161", func(r *Reader) error { _, err := r.Text(9); return err }},
		"a text that is not one": {"61ff", func(r *Reader) error { _, err := r.Text(9); return err }},
		"null":                   {"f6", func(r *Reader) error { return r.Skip(9) }},
		"a number passed over":   {"00", func(r *Reader) error { return r.Skip(9) }},
		"too deep":               {"80", func(r *Reader) error { return r.Skip(-1) }},
		"something as it stands": {"f6", func(r *Reader) error { _, err := r.Next(9); return err }},
		"the end":                {"00", func(r *Reader) error { return r.End() }},
	} {
		r := NewReader(unhex(t, c.next))
		_, first := r.Tag(9)
		if err := c.call(r); first == nil || err != first {
			t.Errorf("%s: %v, and before it %v", name, err, first)
		}
		if r.IsText() || r.IsArray() {
			t.Errorf("%s is said to come next", name)
		}
	}
}

// TestWhatComesNext: a text, an array or something else, at every place.
func TestWhatComesNext(t *testing.T) {
	t.Parallel()
	for data, want := range map[string][2]bool{"": {}, "6161": {true, false}, "60": {true, false}, "80": {false, true}, "9f": {false, true}, "4161": {}, "a0": {}, "f6": {}} {
		r := NewReader(unhex(t, data))
		if r.IsText() != want[0] || r.IsArray() != want[1] {
			t.Errorf("%q: a text %v, an array %v", data, r.IsText(), r.IsArray())
		}
	}
}

// TestRefusedBy: what is refused, by itself and with as much behind it as it
// asks for, and in which words.
func TestRefusedBy(t *testing.T) {
	t.Parallel()
	more := strings.Repeat("00", 200)
	skip := func(r *Reader) error { return r.Skip(4) }
	for name, c := range map[string]struct {
		data string
		call func(*Reader) error
		says string
	}{
		"an integer of no end":    {"1f" + more, func(r *Reader) error { _, err := r.Uint(9); return err }, "indefinite length"},
		"an integer of 16 bytes":  {"1c" + more, func(r *Reader) error { _, err := r.Uint(9); return err }, "reserved"},
		"no integer":              {"", func(r *Reader) error { _, err := r.Int(9); return err }, "ends where"},
		"a float of 16 bytes":     {"fc" + more, skip, "means nothing"},
		"reserved":                {"fd" + more, skip, "means nothing"},
		"reserved as well":        {"fe" + more, skip, "means nothing"},
		"an end of nothing":       {"ff" + more, skip, "means nothing"},
		"a simple value, 19":      {"f3", skip, "means nothing"},
		"a simple value, 24":      {"f8ff", skip, "means nothing"},
		"nothing in an array":     {"81", skip, "ends where"},
		"a wrong item, the last":  {"8200fc", skip, "means nothing"},
		"a wrong item, the first": {"82fc00", skip, "means nothing"},
		"a wrong key":             {"a1fc00", skip, "means nothing"},
		"a wrong value, the last": {"a101fc", skip, "means nothing"},
		"a wrong value":           {"a201fc0200", skip, "means nothing"},
		"no value":                {"a101", skip, "ends where"},
		"a longer head of a map":  {"b80101", skip, "longer than it must be"},
		"an array longer than is": {"8500", skip, "more than is accepted"},
		"a map longer than is":    {"a500", skip, "more than is accepted"},
		"one key twice":           {"a201000100", skip, "not different"},
		"a tag of a longer head":  {"d80100", skip, "longer than it must be"},
		"a wrong thing in a tag":  {"c1fc", skip, "means nothing"},
	} {
		if err := c.call(NewReader(unhex(t, c.data))); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// TestEndOfWhatWasRead: a float is passed over in its whole width and no more.
func TestEndOfWhatWasRead(t *testing.T) {
	t.Parallel()
	for data, width := range map[string]int{"f4": 1, "f7": 1, "f90000": 3, "fa00000000": 5, "fb0000000000000000": 9} {
		item, err := NewReader(unhex(t, data+"00")).Next(0)
		if err != nil || len(item) != width {
			t.Errorf("%s: %x, %v", data, item, err)
		}
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
