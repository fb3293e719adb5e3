package carrier

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/logproof"
	"github.com/kompetansebevis/bevis/reason"
)

type entry struct{ name, body string }

func archive(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		part, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(e.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// walk returns one line for each entry: name, kind and length, or the code.
func walk(t testing.TB, raw []byte, lim Limits) []string {
	t.Helper()
	var out []string
	for item, err := range Walk(t.Context(), bytes.NewReader(raw), int64(len(raw)), lim) {
		if err != nil {
			out = append(out, fmt.Sprintf("%s: %s", item.Name, reason.CodeOf(err)))
		} else {
			out = append(out, fmt.Sprintf("%s: %s %d", item.Name, item.Kind, len(item.Raw)))
		}
	}
	return out
}

func TestWalk(t *testing.T) {
	t.Parallel()
	inner := document(attached("<< /AF [3 0 R 5 0 R] >>", badge, badge), "")
	raw := archive(t, entry{"a/", ""}, entry{"a/one.json", badge}, entry{"two.pdf", string(inner)}, entry{".hidden", "x"}, entry{"__MACOSX/a", "x"},
		entry{"note.txt", "hello"}, entry{"../../etc/passwd", badge}, entry{`..\..\evil.json`, badge}, entry{"/abs.json", badge},
		entry{"in.zip", string(archive(t, entry{"a", badge}))}, entry{"plain.pdf", string(document([]string{"<< >>"}, ""))}, entry{"note.txt", "again"})
	n := len(badge)
	want := []string{
		fmt.Sprintf("a/one.json: zip %d", n), fmt.Sprintf("two.pdf/file0.json: pdf %d", n), fmt.Sprintf("two.pdf/file1.json: pdf %d", n),
		"note.txt: zip 5", fmt.Sprintf("../../etc/passwd: zip %d", n), fmt.Sprintf(`..\..\evil.json: zip %d`, n), fmt.Sprintf("/abs.json: zip %d", n),
		"in.zip: no_credential/zip-nested", "plain.pdf: no_credential/pdf", "note.txt: malformed/zip-duplicate",
	}
	if got := walk(t, raw, Limits{}); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	items, err := Open(t.Context(), raw, Limits{})
	if err != nil || len(items) != 7 {
		t.Errorf("%d items, %v", len(items), err)
	}
	if _, err := Open(t.Context(), archive(t, entry{"in.zip", string(archive(t, entry{"a", badge}))}), Limits{}); reason.CodeOf(err) != "no_credential/zip-nested" {
		t.Error(err)
	}
	// Whoever stops is not called again.
	for range Walk(t.Context(), bytes.NewReader(raw), int64(len(raw)), Limits{}) {
		break
	}
}

// TestWalkProofs: a proof comes with the entry that it is named after, wherever it
// lies. All others are entries like any.
func TestWalkProofs(t *testing.T) {
	t.Parallel()
	n := len(badge)
	for name, test := range map[string]struct {
		entries []entry
		want    []string
	}{
		"before and behind": {entries: []entry{{"b.json.tlog-proof", "pb"}, {"a.json", badge}, {"b.json", badge}, {"a.json.tlog-proof", "pa"}},
			want: []string{fmt.Sprintf("a.json: zip %d pa", n), fmt.Sprintf("b.json: zip %d pb", n)}},
		"in a folder": {entries: []entry{{"x/a.json", badge}, {"a.json.tlog-proof", "elsewhere"}},
			want: []string{fmt.Sprintf("x/a.json: zip %d", n), "a.json.tlog-proof: zip 9"}},
		"of a PDF": {entries: []entry{{"a.pdf", string(document(attached("<< /AF [3 0 R 5 0 R] >>", badge, badge), ""))}, {"a.pdf.tlog-proof", "p"}},
			want: []string{fmt.Sprintf("a.pdf/file0.json: pdf %d p", n), fmt.Sprintf("a.pdf/file1.json: pdf %d p", n)}},
		"alone": {entries: []entry{{"a.json.tlog-proof", "p"}}, want: []string{"a.json.tlog-proof: zip 1"}},
		"twice": {entries: []entry{{"a.json", badge}, {"a.json.tlog-proof", "p"}, {"a.json.tlog-proof", "q"}},
			want: []string{fmt.Sprintf("a.json: zip %d", n), "a.json.tlog-proof: zip 1", "a.json.tlog-proof: malformed/zip-duplicate"}},
		"of a proof": {entries: []entry{{"a.json", badge}, {"a.json.tlog-proof", "p"}, {"a.json.tlog-proof.tlog-proof", "q"}},
			want: []string{fmt.Sprintf("a.json: zip %d p", n), "a.json.tlog-proof.tlog-proof: zip 1"}},
		"too long": {entries: []entry{{"a.json", badge}, {"a.json.tlog-proof", strings.Repeat("p", logproof.MaxFile+1)}}, want: []string{"a.json: " + string(reason.LimitSize)}},
	} {
		var got []string
		raw := archive(t, test.entries...)
		for item, err := range Walk(t.Context(), bytes.NewReader(raw), int64(len(raw)), Limits{}) {
			line := strings.TrimSpace(fmt.Sprintf("%s: %s %d %s", item.Name, item.Kind, len(item.Raw), item.Proof))
			if err != nil {
				line = fmt.Sprintf("%s: %s", item.Name, reason.CodeOf(err))
			}
			got = append(got, line)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q\nwant %q", name, got, test.want)
		}
	}
}

// set writes a number into the directory's entry for the n-th file.
func set(raw []byte, n, offset int, value []byte) []byte {
	out := bytes.Clone(raw)
	at := 0
	for range n + 1 {
		at += bytes.Index(out[at:], []byte("PK\x01\x02")) + 4
	}
	copy(out[at-4+offset:], value)
	return out
}

func TestZipHostile(t *testing.T) {
	t.Parallel()
	plain := archive(t, entry{"a", badge}, entry{"b", badge})
	u32 := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	bomb := archive(t, entry{"bomb", strings.Repeat("\x00", 16<<20)})
	// Every entry of the directory leads to the same bytes.
	var same, bombs []entry
	for i := range 40 {
		same = append(same, entry{fmt.Sprintf("e%02d", i), badge})
		bombs = append(bombs, entry{fmt.Sprintf("e%02d", i), strings.Repeat("\x00", 900<<10)})
	}
	over := archive(t, same...)
	at := bytes.Index(over, []byte("PK\x01\x02"))
	first := bytes.Index(over[4:], []byte("PK\x03\x04")) + 4
	short := slices.Concat(over[:first], over[at:])
	for i := range same {
		short = set(short, i, 42, u32(0))
	}
	binary.LittleEndian.PutUint32(short[len(short)-6:], uint32(first))
	for name, test := range map[string]struct {
		raw  []byte
		lim  Limits
		want string // of the last line
	}{
		"cut short":         {plain[:len(plain)-10], Limits{}, ": malformed/zip"},
		"no directory":      {[]byte(zipMark + strings.Repeat("x", 100)), Limits{}, ": malformed/zip"},
		"empty":             {archive(t), Limits{}, ": no_credential/zip"},
		"folders only":      {archive(t, entry{"a/", ""}), Limits{}, ": no_credential/zip"},
		"encrypted":         {set(plain, 1, 8, []byte{1}), Limits{}, "b: no_credential/zip-encrypted"},
		"unknown method":    {set(plain, 1, 10, []byte{97}), Limits{}, "b: malformed/zip"},
		"wrong checksum":    {set(plain, 1, 16, []byte{1, 2, 3, 4}), Limits{}, "b: malformed/zip"},
		"says less":         {set(plain, 1, 24, u32(5)), Limits{}, "b: malformed/zip"},
		"says more":         {set(plain, 1, 24, u32(5000)), Limits{}, "b: malformed/zip"},
		"2^31 bytes":        {set(plain, 1, 24, u32(1<<31)), Limits{}, "b: resource_limit/size"},
		"2^31 packed":       {set(plain, 1, 20, u32(1<<31)), Limits{}, ": malformed/zip"},
		"offset outside":    {set(plain, 1, 42, u32(1<<31)), Limits{}, "b: malformed/zip"},
		"bomb":              {bomb, Limits{}, "bomb: resource_limit/inflate"},
		"over each other":   {short, Limits{}, ": malformed/zip"},
		"many small bombs":  {archive(t, bombs...), Limits{}, ": resource_limit/inflate"},
		"too much in all":   {plain, Limits{MaxTotal: int64(len(badge))}, ": resource_limit/inflate"},
		"too large a piece": {plain, Limits{MaxItem: 10}, "b: resource_limit/size"},
		"too many":          {plain, Limits{MaxEntries: 1}, ": resource_limit/zip"},
	} {
		lines := walk(t, test.raw, test.lim)
		if len(lines) == 0 || lines[len(lines)-1] != test.want {
			t.Errorf("%s: %q, want %q", name, lines, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, plain, Limits{}); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}

// TestWallet: a wallet file is told from an ordinary archive.
func TestWallet(t *testing.T) {
	t.Parallel()
	raw := archive(t, entry{"manifest.json", "{}"}, entry{"README.txt", ""}, entry{"slots/0-passphrase.age", ""}, entry{"generations/1.age", ""})
	if _, err := Open(t.Context(), raw, Limits{}); reason.CodeOf(err) != "no_credential/archive" {
		t.Error(err)
	}
}

// TestWalkMemory: an archive of many entries is not unpacked at once. It runs
// alone, for it measures what the whole process holds.
func TestWalkMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("large")
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	body := []byte(badge + strings.Repeat(" ", 10_000))
	const n = 20_000
	for i := range n {
		part, err := w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%d.json", i), Method: zip.Store})
		if err == nil {
			_, err = part.Write(body)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	raw := b.Bytes()
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	count, most := 0, uint64(0)
	for _, err := range Walk(t.Context(), bytes.NewReader(raw), int64(len(raw)), Limits{}) {
		if err != nil {
			t.Fatal(err)
		}
		if count++; count%5000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&during)
			most = max(most, during.HeapAlloc)
		}
	}
	if grown := int64(most) - int64(before.HeapAlloc); count != n || grown > 32<<20 {
		t.Errorf("%d entries, %d bytes held", count, grown)
	}
}

func FuzzZip(f *testing.F) {
	f.Add(archive(f, entry{"a", badge}, entry{"b.pdf", string(document(attached("<< /AF [3 0 R] >>", badge), ""))}))
	f.Add(archive(f, entry{"a/", ""}, entry{"a", "x"}, entry{"a", "y"}))
	f.Add(archive(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lim := Limits{MaxTotal: 8 << 20, MaxItem: 4 << 20}
		total := 0
		for item, err := range Walk(t.Context(), bytes.NewReader(raw), int64(len(raw)), lim) {
			total += len(item.Raw)
			if err != nil && reason.CodeOf(err) == reason.Internal {
				t.Error(err)
			}
			if err == nil && (item.Name == "" || item.Kind == None) {
				t.Errorf("%+v", item)
			}
		}
		if total > 64<<20 {
			t.Errorf("%d bytes out of %d", total, len(raw))
		}
	})
}
