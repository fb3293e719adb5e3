package wallet

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kompetansebevis/bevis/internal/testdepth"
	"github.com/kompetansebevis/bevis/reason"
)

// laptop is a copy of a wallet with a clock of its own.
type laptop struct {
	*Wallet
	store *MemoryStore
	now   time.Time
}

func (l *laptop) clock() time.Time { return l.now }

// another copies the wallet's file to another machine.
func another(t testing.TB, store *MemoryStore) *laptop {
	t.Helper()
	l := &laptop{store: &MemoryStore{blob: bytes.Clone(store.blob)}, now: noon}
	w, err := Open(t.Context(), OpenRequest{Store: l.store, Passphrase: []byte(passphrase), Now: l.clock})
	if err != nil {
		t.Fatal(err)
	}
	l.Wallet = w
	return l
}

func twoLaptops(t testing.TB, raws ...[]byte) (one, two *laptop) {
	t.Helper()
	store := &MemoryStore{}
	w, _ := create(t, store)
	for _, raw := range raws {
		add(t, w, raw)
	}
	return another(t, store), another(t, store)
}

// merge merges each of two copies with the other as it was, and has both come
// out the same.
func mergeBoth(t testing.TB, one, two *laptop) (Merged, Merged) {
	t.Helper()
	a, b := another(t, one.store), another(t, two.store)
	of, err := one.Merge(t.Context(), b.Wallet)
	if err != nil {
		t.Fatal(err)
	}
	to, err := two.Merge(t.Context(), a.Wallet)
	if err != nil {
		t.Fatal(err)
	}
	same(t, one, two)
	return of, to
}

func same(t testing.TB, one, two *laptop) {
	t.Helper()
	g1, h1 := one.State()
	g2, h2 := two.State()
	if h1 != h2 || g1 != g2 {
		t.Errorf("generation %d with head %.8s, and %d with %.8s", g1, h1, g2, h2)
	}
	for _, l := range []*laptop{one, two} { // as the file has it
		if d, err := one.Compare(another(t, l.store).Wallet); err != nil || d != (Difference{}) {
			t.Errorf("%+v %v", d, err)
		}
		if a, b := fmt.Sprintf("%+v", seen(l.Wallet)), fmt.Sprintf("%+v", seen(another(t, l.store).Wallet)); a != b {
			t.Errorf("open:\n%s\nread:\n%s", a, b)
		}
	}
	if a, b := fmt.Sprintf("%+v", seen(one.Wallet)), fmt.Sprintf("%+v", seen(two.Wallet)); a != b {
		t.Errorf("%s\nand\n%s", a, b)
	}
}

// seen is all that a wallet holds.
func seen(w *Wallet) any {
	items := w.Items()
	raws := make([]string, len(items))
	for i := range items {
		raws[i] = string(items[i].Raw())
		items[i].body, items[i].quoted = nil, nil // read from the log, or not yet
		if v := items[i].Verified; v != nil {
			raws[i] += v.Verdict
		}
		items[i].Verified = nil
	}
	backups, since := w.Backups()
	return []any{items, raws, w.Histories(), w.Keys(), w.Shares(), backups, since, w.Unknown()}
}

func titles(items []Item) string {
	var out []string
	for _, i := range items {
		out = append(out, i.Title)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func must[T any](t testing.TB) func(T, error) T {
	return func(x T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}

// TestMerge: what is added, shared, verified and withdrawn on two laptops is
// there on both afterwards.
func TestMerge(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("Felles", "did:example:kari"))
	both := one.Items()[0].ID
	add(t, one.Wallet, badge("Ein", "did:example:kari"))
	must[string](t)(one.NewKey(t.Context()))
	if _, _, err := one.Share(t.Context(), ShareRequest{IDs: []string{both}, Audience: "a", Suite: &capture{}}); err != nil {
		t.Fatal(err)
	}
	two.now = noon.Add(time.Minute)
	add(t, two.Wallet, badge("To", "did:example:kari"))
	if err := two.SetVerified(t.Context(), both, Verification{Verdict: "valid", At: two.now}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.AddHistory(t.Context(), HistoryRequest{Kind: "elmo", Raw: []byte("<elmo/>")}); err != nil {
		t.Fatal(err)
	}
	of, to := mergeBoth(t, one, two)
	if titles(of.Added) != "To" || titles(to.Added) != "Ein" || of.Taken != 3 || len(of.Removed)+len(of.Kept) != 0 {
		t.Errorf("%+v %+v", of, to)
	}
	if titles(one.Items()) != "Ein Felles To" || len(one.Shares()) != 1 || len(two.Keys()) != 2 || len(one.Histories()) != 1 {
		t.Errorf("%s, %d shares, %d keys", titles(one.Items()), len(one.Shares()), len(two.Keys()))
	}
	if v := must[Item](t)(one.Item(both)).Verified; v == nil || v.Verdict != "valid" {
		t.Errorf("%+v", v)
	}
	// Again, nothing is new, and nothing is written.
	before, _ := one.State()
	if again, err := one.Merge(t.Context(), two.Wallet); err != nil || again.Taken != 0 {
		t.Errorf("%+v %v", again, err)
	}
	if after, _ := one.State(); after != before {
		t.Error("a merge of nothing was written")
	}
	// Both go on from there, and the copy that was merged is still one.
	add(t, one.Wallet, badge("Etter", "did:example:kari"))
	if _, err := two.Merge(t.Context(), one.Wallet); err != nil {
		t.Fatal(err)
	}
	if _, h := one.State(); h != must[string](t)(func() (string, error) { _, h := two.State(); return h, nil }()) {
		t.Error("who only lags behind does not come to the same head")
	}
}

// TestMergeRules: removals, and what both have done.
func TestMergeRules(t *testing.T) {
	t.Parallel()
	x, y := badge("X", "did:example:kari"), badge("Y", "did:example:kari")
	remove := func(l *laptop, raw []byte) {
		t.Helper()
		must[Item](t)(l.Remove(t.Context(), idOf(raw)))
	}
	verify := func(l *laptop, verdict string, at time.Time) {
		t.Helper()
		if err := l.SetVerified(t.Context(), idOf(x), Verification{Verdict: verdict, At: at}); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		had  [][]byte
		do   func(one, two *laptop)
		want string
		kept string
	}{
		"removed on one":                        {[][]byte{x, y}, func(one, _ *laptop) { remove(one, x) }, "Y", ""},
		"removed on both":                       {[][]byte{x, y}, func(one, two *laptop) { remove(one, x); remove(two, x) }, "Y", ""},
		"removed on one, on the other verified": {[][]byte{x, y}, func(one, two *laptop) { remove(one, x); verify(two, "valid", noon) }, "Y", ""},
		"added on both":                         {nil, func(one, two *laptop) { add(t, one.Wallet, x); two.now = noon.Add(time.Second); add(t, two.Wallet, x) }, "X", ""},
		"removed, and on the other added again": {[][]byte{x}, func(one, two *laptop) {
			remove(two, x)
			add(t, two.Wallet, x)
			one.now = noon.Add(time.Hour)
			remove(one, x)
		}, "X", "X"},
		"added again before, by the clock": {[][]byte{x}, func(one, two *laptop) {
			two.now = noon.Add(-time.Hour)
			remove(two, x)
			add(t, two.Wallet, x)
			remove(one, x)
		}, "X", "X"},
		"removed and added again in one second": {[][]byte{x}, func(one, two *laptop) { remove(one, x); add(t, one.Wallet, x); remove(one, x); add(t, one.Wallet, x) }, "X", ""},
		"added on both, on one removed": {nil, func(one, two *laptop) {
			add(t, one.Wallet, x)
			one.now, two.now = noon.Add(time.Hour), noon.Add(time.Second)
			add(t, two.Wallet, x)
			remove(one, x)
		}, "X", "X"},
		"added on both, on both removed":           {nil, func(one, two *laptop) { add(t, one.Wallet, x); add(t, two.Wallet, x); remove(one, x); remove(two, x) }, "", ""},
		"two swapped, each removed what the other": {[][]byte{x, y}, func(one, two *laptop) { remove(one, x); remove(two, y) }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one, two := twoLaptops(t, test.had...)
			test.do(one, two)
			of, _ := mergeBoth(t, one, two)
			if titles(one.Items()) != test.want || len(one.Items()) != len(strings.Fields(test.want)) {
				t.Errorf("%q, want %q", titles(one.Items()), test.want)
			}
			if titles(of.Kept) != test.kept {
				t.Errorf("kept %q, want %q", titles(of.Kept), test.kept)
			}
		})
	}
	one, two := twoLaptops(t, x)
	verify(one, "valid", noon.Add(time.Hour))
	one.now, two.now = noon.Add(time.Hour), noon.Add(2*time.Hour) // two's clock is wrong, or it was noted late
	verify(two, "undetermined", noon)
	mergeBoth(t, one, two)
	if v := one.Items()[0].Verified; v.Verdict != "valid" {
		t.Errorf("an earlier verification counts: %+v", v)
	}
	// A removal of what was kept by an earlier merge counts.
	one, two = twoLaptops(t, x)
	remove(two, x)
	add(t, two.Wallet, x)
	one.now = noon.Add(time.Hour)
	remove(one, x)
	mergeBoth(t, one, two)
	older := another(t, two.store)
	two.now = noon.Add(2 * time.Hour)
	remove(two, x)
	older.now = noon.Add(3 * time.Hour)
	add(t, older.Wallet, y)
	mergeBoth(t, two, older)
	if titles(two.Items()) != "Y" {
		t.Errorf("%q: what was removed with everything known came back", titles(two.Items()))
	}
}

// TestMergeWithdrawn: a share that was taken back on one laptop is taken back,
// since when it first was.
func TestMergeWithdrawn(t *testing.T) {
	t.Parallel()
	one, _ := twoLaptops(t, badge("X", "did:example:kari"))
	_, share, err := one.Share(t.Context(), ShareRequest{IDs: []string{one.Items()[0].ID}, Audience: "a", Suite: &capture{}})
	if err != nil {
		t.Fatal(err)
	}
	two := another(t, one.store)
	one.now, two.now = noon.Add(time.Hour), noon.Add(time.Minute)
	for _, l := range []*laptop{one, two} {
		if err := l.Withdraw(t.Context(), share.ID); err != nil {
			t.Fatal(err)
		}
	}
	mergeBoth(t, one, two)
	if got := one.Shares(); len(got) != 1 || !got[0].Withdrawn.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", got)
	}
}

// TestMergeRandom has three copies do things at random and merge at random:
// they come to the same, nothing is lost that nobody removed, and nothing comes
// back that all knew to be removed.
func TestMergeRandom(t *testing.T) {
	t.Parallel()
	rounds := testdepth.Part(t, 60, 8)
	if testing.Short() {
		rounds = 10
	}
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 6))
		one, two := twoLaptops(t, badge("0", "did:example:kari"))
		laptops := []*laptop{one, two, another(t, one.store)}
		for range 30 {
			l := laptops[r.IntN(3)]
			l.now = noon.Add(time.Duration(r.IntN(90)) * time.Second) // clocks go as they like
			switch n := r.IntN(10); {
			case n < 4:
				if _, _, err := l.Add(t.Context(), AddRequest{Raw: badge(fmt.Sprint(r.IntN(8)), "did:example:kari")}); err != nil {
					t.Fatal(err)
				}
			case n < 6:
				if items := l.Items(); len(items) > 0 {
					must[Item](t)(l.Remove(t.Context(), items[r.IntN(len(items))].ID))
				}
			case n < 7:
				if items := l.Items(); len(items) > 0 {
					if err := l.SetVerified(t.Context(), items[0].ID, Verification{Verdict: fmt.Sprint("v", r.IntN(3)), At: l.now}); err != nil {
						t.Fatal(err)
					}
				}
			default:
				other := laptops[r.IntN(3)]
				alone := map[string]bool{} // on one copy alone, and never removed on the other
				removed := func(l *laptop, id string) bool {
					return slices.ContainsFunc(l.state.gone, func(i Item) bool { return i.ID == id })
				}
				for _, pair := range [][2]*laptop{{l, other}, {other, l}} {
					for _, i := range pair[0].Items() {
						if !removed(pair[1], i.ID) {
							alone[i.ID] = true
						}
					}
				}
				mergeBoth(t, l, other)
				for id := range alone {
					if _, err := l.Item(id); err != nil {
						t.Fatalf("seed %d: %s was lost", seed, id)
					}
				}
			}
		}
		for range 2 {
			mergeBoth(t, laptops[0], laptops[1])
			mergeBoth(t, laptops[1], laptops[2])
			mergeBoth(t, laptops[0], laptops[2])
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestMergeMany: as many as have an index and several frames come together too.
func TestMergeMany(t *testing.T) {
	t.Parallel()
	many := func(l *laptop, from, to int, size int) {
		t.Helper()
		var list []AddRequest
		for n := from; n < to; n++ {
			list = append(list, AddRequest{Raw: badge(fmt.Sprintf("Kurs %d %s", n, strings.Repeat("x", size)), "did:example:kari")})
		}
		if _, err := l.AddAll(t.Context(), list); err != nil {
			t.Fatal(err)
		}
	}
	one, _ := twoLaptops(t)
	many(one, 0, 300, 10_000)
	two := another(t, one.store)
	many(one, 300, 500, 9_000)
	two.now = noon.Add(-time.Hour)
	many(two, 400, 700, 9_000)
	mergeBoth(t, one, two)
	if n := len(another(t, one.store).Items()); n != 700 {
		t.Errorf("%d credentials", n)
	}
	if one.index.covered == 0 || len(one.frames) < 5 {
		t.Errorf("%d lines have an index, %d frames", one.index.covered, len(one.frames))
	}
	add(t, one.Wallet, badge("Etter", "did:example:kari"))
	if got, want := seen(another(t, one.store).Wallet), seen(one.Wallet); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("what is read is not what is open")
	}
}

// TestMergeMarks: tags and notes come together word by word, the last note
// counts, and what was removed and stays keeps them.
func TestMergeMarks(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("X", "did:example:kari"))
	id := one.Items()[0].ID
	must[Item](t)(one.Tag(t.Context(), id, "jobb", "sveis"))
	must[Item](t)(one.SetNote(t.Context(), id, "frå den eine"))
	two.now = noon.Add(time.Minute)
	must[Item](t)(two.Tag(t.Context(), id, "kurs", "Sveis"))
	must[Item](t)(two.SetNote(t.Context(), id, "frå den andre"))
	mergeBoth(t, one, two)
	if i := one.Items()[0]; !slices.Equal(i.Tags, []string{"jobb", "sveis", "kurs"}) || i.Note != "frå den andre" {
		t.Errorf("%q %q", i.Tags, i.Note)
	}
	one, two = twoLaptops(t)
	add(t, one.Wallet, badge("X", "did:example:kari"))
	must[Item](t)(one.Tag(t.Context(), id, "jobb"))
	two.now = noon.Add(time.Minute)
	add(t, two.Wallet, badge("X", "did:example:kari"))
	must[Item](t)(two.Remove(t.Context(), id))
	if of, _ := mergeBoth(t, one, two); titles(of.Kept) != "X" || !slices.Equal(one.Items()[0].Tags, []string{"jobb"}) {
		t.Errorf("%+v %+v", of.Kept, one.Items())
	}
}

// TestMergeLocked: a wallet that was locked is merged with nothing.
func TestMergeLocked(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("X", "did:example:kari"))
	add(t, two.Wallet, badge("Y", "did:example:kari"))
	open := another(t, one.store)
	two.Lock()
	for name, pair := range map[string][2]*laptop{"the other": {open, two}, "the one": {two, open}} {
		if _, err := pair[0].Merge(t.Context(), pair[1].Wallet); reason.CodeOf(err) != "locked/closed" {
			t.Errorf("%s: merge says %v", name, err)
		}
		if _, err := pair[0].Compare(pair[1].Wallet); reason.CodeOf(err) != "locked/closed" {
			t.Errorf("%s: compare says %v", name, err)
		}
	}
	if _, err := two.OpenCopy(t.Context(), one.store); reason.CodeOf(err) != "locked/closed" {
		t.Error(err)
	}
	if _, err := two.Backup(t.Context(), BackupRequest{To: &MemoryStore{}}); reason.CodeOf(err) != "locked/closed" {
		t.Error(err)
	}
}

// TestMergeLater: operations of a later version keep all their members, in
// their order, and are the same event wherever they stand.
func TestMergeLater(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("X", "did:example:kari"))
	const shared = `"op":"receipt.add","at":"2030-01-01T00:00:00Z","from":{"x":[1,2.50,3e2]},"raw":["not","a","string"]`
	const timeless = `"op":"z","x\u0041":"\u00e5","y":null`
	const hers = `"at":"2026-06-01T12:30:00Z","op":"aa.bb","deep":{"prev":"p","n":1}`
	write(t, one.Wallet, shared)
	write(t, one.Wallet, timeless)
	add(t, two.Wallet, badge("Y", "did:example:kari"))
	write(t, two.Wallet, hers)
	write(t, two.Wallet, shared)
	mergeBoth(t, one, two)
	for members, want := range map[string]int{shared: 1, strings.Replace(timeless, `x\u0041`, "xA", 1): 1, hers: 1} {
		n := 0
		for _, line := range one.lines {
			if bytes.HasSuffix(line, []byte(","+members+"}")) {
				n++
			}
		}
		if n != want {
			t.Errorf("%d times: %s\n%s", n, members, bytes.Join(one.lines, []byte("\n")))
		}
	}
	if got := one.Unknown(); !maps.Equal(got, map[string]int{"receipt.add": 1, "z": 1, "aa.bb": 1}) {
		t.Error(got)
	}
	add(t, one.Wallet, badge("Z", "did:example:kari"))
	if n := len(another(t, one.store).Unknown()); n != 3 {
		t.Errorf("%d after a save", n)
	}
}

// write puts a line in the log, as a later version would.
func write(t testing.TB, w *Wallet, members string) {
	t.Helper()
	prev := w.meta.Head
	line := fmt.Appendf(nil, `{"n":%d,"prev":%q,%s}`, len(w.lines)+1, prev, members)
	lines := append(slices.Clone(w.lines), line)
	next, err := replay(lines, w.meta.Wallet)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.save(t.Context(), lines, next); err != nil {
		t.Fatal(err)
	}
}

// TestMergeRefused: another wallet, a damaged file, and a file that only looks
// like a copy.
func TestMergeRefused(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("X", "did:example:kari"))
	foreign := &MemoryStore{}
	stranger, _ := create(t, foreign)
	add(t, stranger, badge("Y", "did:example:ola"))
	if _, err := one.OpenCopy(t.Context(), foreign); reason.CodeOf(err) != "conflict/not-a-copy" {
		t.Error(err)
	}
	if _, err := one.Merge(t.Context(), stranger); reason.CodeOf(err) != "conflict/not-a-copy" {
		t.Error(err)
	}
	if _, err := one.Compare(stranger); reason.CodeOf(err) != "conflict/not-a-copy" {
		t.Error(err)
	}
	if _, err := one.OpenCopy(t.Context(), &MemoryStore{}); reason.CodeOf(err) != "not_found/wallet" {
		t.Error(err)
	}
	add(t, two.Wallet, badge("Z", "did:example:kari"))
	for n := 0; n < len(two.store.blob); n += 97 {
		damaged := bytes.Clone(two.store.blob)
		damaged[n] ^= 0x10
		if _, err := one.OpenCopy(t.Context(), &MemoryStore{blob: damaged}); reason.CodeOf(err).Coarse() != string(reason.WalletCorrupt) {
			t.Errorf("byte %d: %v", n, err)
		}
	}
	// Another wallet under this one's name: its maker has not the identity.
	files, err := unpack(foreign.blob)
	if err != nil {
		t.Fatal(err)
	}
	forged := stranger.meta
	forged.Wallet = one.ID()
	text, err := forged.seal(files[1:], macKey(stranger.identity))
	if err != nil {
		t.Fatal(err)
	}
	blob, err := pack(append([]file{{manifestName, text}}, files[1:]...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := one.OpenCopy(t.Context(), &MemoryStore{blob: blob}); reason.CodeOf(err) != "conflict/other-key" {
		t.Error(err)
	}
	if titles(one.Items()) != "X" {
		t.Error(titles(one.Items()))
	}
}

// TestMergeWaysIn: the ways in are those of the file that is merged into.
func TestMergeWaysIn(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t)
	own, theirs := file{"slots/2-own.age", []byte("own")}, file{"slots/3-theirs.age", []byte("theirs")}
	one.parts, two.parts = append(one.parts, own), append(two.parts, theirs)
	add(t, one.Wallet, badge("X", "did:example:kari"))
	add(t, two.Wallet, badge("Y", "did:example:kari"))
	mergeBoth(t, one, two)
	for name, l := range map[string]*laptop{own.name: one, theirs.name: two} {
		opened := another(t, l.store)
		if len(opened.parts) != 3 || opened.parts[2].name != name {
			t.Errorf("%s: %d ways in, the last %s", name, len(opened.parts), opened.parts[len(opened.parts)-1].name)
		}
	}
}

// TestMergeWhileOpen: a wallet that another program has open while it is merged
// goes on, and what it adds at the same time is not lost.
func TestMergeWhileOpen(t *testing.T) {
	t.Parallel()
	one, two := twoLaptops(t, badge("X", "did:example:kari"))
	beside := open(t, one.store)
	add(t, beside, badge("A", "did:example:kari"))
	two.now = noon.Add(-time.Hour) // so that its events go before
	add(t, two.Wallet, badge("Y", "did:example:kari"))
	if m, err := one.Merge(t.Context(), two.Wallet); err != nil || titles(m.Added) != "Y" {
		t.Fatal(m, err)
	}
	if !bytes.Contains(one.lines[len(one.lines)-3], []byte(`"Y`)) && !bytes.Contains(one.lines[len(one.lines)-3], []byte(`\"Y\"`)) {
		t.Errorf("not in the order of time: %s", one.lines[len(one.lines)-3])
	}
	add(t, beside, badge("B", "did:example:kari"))
	if got := titles(open(t, one.store).Items()); got != "A B X Y" {
		t.Error(got)
	}
}

func BenchmarkMerge(b *testing.B) {
	one, two := twoLaptops(b)
	for n := range 500 {
		add(b, one.Wallet, badge(fmt.Sprint("en", n), "did:example:kari"))
		add(b, two.Wallet, badge(fmt.Sprint("to", n), "did:example:kari"))
	}
	mine, theirs := must[copyOf](b)(one.snapshot()), must[copyOf](b)(two.snapshot())
	for b.Loop() {
		if _, err := unite(mine, theirs); err != nil {
			b.Fatal(err)
		}
	}
}

// TestSharesOfOthers: the logs of two wallets that both count from one come into
// one, together or into two copies that are merged, and no line is lost.
func TestSharesOfOthers(t *testing.T) {
	t.Parallel()
	first, second := Share{ID: "1", At: noon, Audience: "A"}, Share{ID: "1", At: noon.Add(time.Hour), Audience: "B"}
	one, two := twoLaptops(t)
	for range 2 { // the second time there is nothing new
		must[Taken](t)(one.TakeIn(t.Context(), Intake{Shares: []Share{first}}))
	}
	must[Taken](t)(two.TakeIn(t.Context(), Intake{Shares: []Share{second}}))
	mergeBoth(t, one, two)
	if got := one.Shares(); len(got) != 2 {
		t.Errorf("%+v", got)
	}
	store := &MemoryStore{}
	w, _ := create(t, store)
	for want := 2; want >= 0; want -= 2 {
		if taken := must[Taken](t)(w.TakeIn(t.Context(), Intake{Shares: []Share{first, second}})); taken.Shares != want {
			t.Errorf("%d lines, want %d", taken.Shares, want)
		}
	}
	if got := open(t, store).Shares(); len(got) != 2 || got[0].ID == got[1].ID {
		t.Errorf("%+v", got)
	}
}
