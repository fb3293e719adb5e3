package cbor

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

// TestExamples are those of RFC 8949 appendix A.
func TestExamples(t *testing.T) {
	t.Parallel()
	for n, want := range map[uint64]string{
		0: "00", 1: "01", 10: "0a", 23: "17", 24: "1818", 25: "1819", 100: "1864", 255: "18ff", 256: "190100", 1000: "1903e8", 65535: "19ffff", 65536: "1a00010000",
		1000000: "1a000f4240", 1<<32 - 1: "1affffffff", 1 << 32: "1b0000000100000000", 1000000000000: "1b000000e8d4a51000", math.MaxUint64: "1bffffffffffffffff",
	} {
		got := AppendUint(nil, n)
		if hex.EncodeToString(got) != want {
			t.Errorf("%d is %x, want %s", n, got, want)
		}
		r := NewReader(got)
		if back, err := r.Uint(n); err != nil || back != n || r.End() != nil {
			t.Errorf("%s is read as %d, %v, %v", want, back, err, r.End())
		}
		if n > 0 {
			if _, err := NewReader(got).Uint(n - 1); err == nil {
				t.Errorf("%d passes as less", n)
			}
		}
	}
	for want, got := range map[string][]byte{
		"40": AppendBytes(nil, nil), "4401020304": AppendBytes(nil, []byte{1, 2, 3, 4}),
		"60": AppendText(nil, ""), "62c3bc": AppendText(nil, "ü"), "80": AppendArray(nil, 0), "83": AppendArray(nil, 3), "9819": AppendArray(nil, 25), "a2": AppendMap(nil, 2),
	} {
		if hex.EncodeToString(got) != want {
			t.Errorf("%x, want %s", got, want)
		}
	}
}

// TestIntegersAndTags are of RFC 8949 appendix A.
func TestIntegersAndTags(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "00", 23: "17", 100: "1864", -1: "20", -10: "29", -24: "37", -25: "3818", -100: "3863", -1000: "3903e7",
		math.MaxInt64: "1b7fffffffffffffff", math.MinInt64 + 1: "3b7ffffffffffffffe",
	} {
		got := AppendInt(nil, n)
		if hex.EncodeToString(got) != want {
			t.Errorf("%d is %x, want %s", n, got, want)
		}
		r := NewReader(got)
		if back, err := r.Int(math.MaxInt64); err != nil || back != n || r.End() != nil {
			t.Errorf("%s is read as %d, %v", want, back, err)
		}
		if n == 0 {
			continue
		}
		if _, err := NewReader(got).Int(max(n, -n) - 1); err == nil {
			t.Errorf("%d passes as less", n)
		}
	}
	if n, err := NewReader([]byte{0x20}).Int(1); err != nil || n != -1 {
		t.Errorf("-1 is read as %d under the limit 1: %v", n, err)
	}
	for _, limit := range []int64{0, -5} {
		if n, err := NewReader([]byte{0x20}).Int(limit); err == nil {
			t.Errorf("-1 is read as %d under the limit %d", n, limit)
		}
	}
	for tag, want := range map[uint64]string{0: "c0", 18: "d2", 55799: "d9d9f7"} {
		got := AppendTag(nil, tag)
		if back, err := NewReader(got).Tag(tag); err != nil || back != tag || hex.EncodeToString(got) != want {
			t.Errorf("%s: %x %d %v", want, got, back, err)
		}
	}
	if !NewReader([]byte{0x82}).IsArray() || NewReader([]byte{0xa2}).IsArray() || NewReader(nil).IsArray() {
		t.Error("IsArray")
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	for data, ok := range map[string]bool{
		"00": true, "20": true, "f4": true, "f5": true, "f6": true, "f7": true, "f90000": true, "fa00000000": true, "fb0000000000000000": true,
		"83c100418061e5": false, "83c10041806161": true, "a2012002a0": true, "a3186401206000": false, "a3016000200080": false, "a20120f600": true,
		"a201000100": false, "a202000100": false, "a16161": false, "9f00ff": false, "bfff": false, "5f4101ff": false, "7f6161ff": false,
		"f0": false, "f8ff": false, "f820": false, "fc": false, "ff": false, "f900": false, "fb00000000000000": false, "1817": false, "3817": false,
		"": false, "81": false, "818181818100": false, "8181818100": true, "c1c1c1c1c100": false, "c1c1c1c100": true, "c1": false,
		"9b7fffffffffffffff": false, "bb7fffffffffffffff": false, "5b7fffffffffffffff": false,
	} {
		raw, err := hex.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		r := NewReader(raw)
		item, err := r.Next(4)
		if err == nil {
			err = r.End()
		}
		if (err == nil) != ok || ok && !bytes.Equal(item, raw) || !ok && reason.CodeOf(err) != "malformed/cbor" {
			t.Errorf("%s: %v", data, err)
		}
	}
}

// FuzzSkip passes over whatever comes: it ends, and takes the bytes once.
func FuzzSkip(f *testing.F) {
	f.Add([]byte{0xa2, 0x01, 0x83, 0xc1, 0x00, 0x20, 0xf6, 0x61, 'a', 0xf9, 0, 0})
	f.Add([]byte{0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add(bytes.Repeat([]byte{0x81}, 100))
	f.Add(append([]byte{0xfc}, make([]byte, 16)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(data)
		item, err := r.Next(16)
		if err != nil {
			if reason.CodeOf(err) != "malformed/cbor" {
				t.Error(err)
			}
			return
		}
		again := NewReader(item)
		if err := again.Skip(16); err != nil || again.End() != nil || !bytes.HasPrefix(data, item) || len(item) == 0 {
			t.Errorf("%x is passed over as %x, which is not one item: %v", data, item, err)
		}
	})
}

func TestReader(t *testing.T) {
	t.Parallel()
	data := AppendArray(nil, 4)
	data = AppendBytes(data, bytes.Repeat([]byte{7}, 300))
	data = AppendText(data, strings.Repeat("ø", 20))
	data = AppendUint(AppendUint(AppendMap(data, 1), 5), 6)
	data = AppendArray(data, 0)
	r := NewReader(data)
	n, err := r.Array(4)
	if err != nil || n != 4 {
		t.Fatal(n, err)
	}
	if b, err := r.Bytes(300); err != nil || len(b) != 300 || b[299] != 7 || cap(b) != 300 {
		t.Error(len(b), err)
	}
	if s, err := r.Text(40); err != nil || s != strings.Repeat("ø", 20) {
		t.Error(s, err)
	}
	if n, err := r.Map(1); err != nil || n != 1 {
		t.Error(n, err)
	}
	for want := uint64(5); want <= 6; want++ {
		if n, err := r.Uint(10); err != nil || n != want {
			t.Error(n, err)
		}
	}
	if err := r.End(); err == nil {
		t.Error("the last array was passed over")
	}
	if _, err := r.Array(1); err == nil {
		t.Error("it reads on after an error")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	read := map[string]func(*Reader) error{
		"uint":  func(r *Reader) error { _, err := r.Uint(1 << 40); return err },
		"bytes": func(r *Reader) error { _, err := r.Bytes(100); return err },
		"text":  func(r *Reader) error { _, err := r.Text(100); return err },
		"array": func(r *Reader) error { _, err := r.Array(100); return err },
		"map":   func(r *Reader) error { _, err := r.Map(100); return err },
	}
	for name, c := range map[string]struct{ kind, data string }{
		"nothing":                  {"uint", ""},
		"a longer head of one":     {"uint", "1817"},
		"a longer head of two":     {"uint", "1900ff"},
		"a longer head of four":    {"uint", "1a0000ffff"},
		"a longer head of eight":   {"uint", "1b00000000ffffffff"},
		"a head cut short":         {"uint", "1901"},
		"reserved":                 {"uint", "1c"},
		"negative":                 {"uint", "20"},
		"a tag":                    {"uint", "c100"},
		"a float":                  {"uint", "f90000"},
		"null":                     {"bytes", "f6"},
		"bytes without an end":     {"bytes", "5f4101ff"},
		"bytes cut short":          {"bytes", "4301"},
		"a length longer than all": {"bytes", "5bffffffffffffffff"},
		"too many bytes":           {"bytes", "5865" + strings.Repeat("00", 101)},
		"a longer length":          {"bytes", "580100"},
		"a text in place of bytes": {"bytes", "6161"},
		"no UTF-8":                 {"text", "61ff"},
		"an array without an end":  {"array", "9fff"},
		"too many items":           {"array", "1865"},
		"too many":                 {"array", "9865"},
		"a map without an end":     {"map", "bfff"},
	} {
		data, err := hex.DecodeString(c.data)
		if err != nil {
			t.Fatal(err)
		}
		if err := read[c.kind](NewReader(data)); reason.CodeOf(err) != "malformed/cbor" {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := NewReader([]byte{0, 0})
	if _, err := r.Uint(0); err != nil {
		t.Fatal(err)
	}
	if err := r.End(); reason.CodeOf(err) != "malformed/cbor" {
		t.Error(err)
	}
}

// FuzzReader reads whatever comes by the heads that it finds, and writes it
// again: what was accepted has one form.
func FuzzReader(f *testing.F) {
	f.Add([]byte{0x83, 0x01, 0x42, 1, 2, 0xa1, 0x00, 0x61, 'a'})
	f.Add([]byte{0x1b, 0, 0, 0, 1, 0, 0, 0, 0})
	f.Add([]byte{0x9f, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(data)
		var again []byte
		for r.at < len(data) && r.err == nil {
			switch data[r.at] >> 5 {
			case majorUint:
				if n, err := r.Uint(math.MaxUint64); err == nil {
					again = AppendUint(again, n)
				}
			case majorBytes:
				if b, err := r.Bytes(len(data)); err == nil {
					again = AppendBytes(again, b)
				}
			case majorText:
				if s, err := r.Text(len(data)); err == nil {
					again = AppendText(again, s)
				}
			case majorArray:
				if n, err := r.Array(len(data)); err == nil {
					again = AppendArray(again, n)
				}
			default:
				if n, err := r.Map(len(data)); err == nil {
					again = AppendMap(again, n)
				}
			}
		}
		if r.End() == nil && !bytes.Equal(again, data) {
			t.Errorf("%x was read as %x", data, again)
		}
	})
}
