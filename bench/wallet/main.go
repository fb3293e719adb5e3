package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"github.com/kompetansebevis/bevis/credential/proof/dataintegrity"
	"github.com/kompetansebevis/bevis/credential/proof/suites"
	"github.com/kompetansebevis/bevis/wallet"
)

func main() {
	n := flag.Int("n", 10_000, "how many credentials")
	rounds := flag.Int("rounds", 15, "how often each thing is measured")
	child := flag.String("open", "", "open this wallet by the words on standard input, list it, and print what memory that took")
	flag.Parse()
	var err error
	if *child != "" {
		err = openAndTell(context.Background(), *child)
	} else {
		err = run(context.Background(), *n, *rounds)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// bench is a wallet to be measured.
type bench struct {
	store    *wallet.FileStore
	words    string
	identity age.Identity
	fresh    []wallet.AddRequest // to be added, one each round
	times    map[string][]time.Duration
	work     map[string][]time.Duration // of processors
	order    []string
	size     int64 // of the log, as it was last
}

func run(ctx context.Context, n, rounds int) error {
	folder, err := os.MkdirTemp("", "bevis-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) // as good as can be
	b, mean, err := prepare(ctx, filepath.Join(folder, "kari.bevis"), n, rounds)
	if err != nil {
		return err
	}
	info, err := os.Stat(b.store.Path())
	if err != nil {
		return err
	}
	fmt.Printf("%s %s/%s, %d cores. %d credentials of %d bytes; a file of %.1f MiB. %d rounds.\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), n, mean, mib(info.Size()), rounds)
	for range rounds {
		if err := b.round(ctx); err != nil {
			return err
		}
	}
	const raw = "raw read"
	fmt.Println("| | median | least | most | ratio to the raw read | of the least | processor time, median | ratio |\n|---|---|---|---|---|---|---|---|")
	for _, name := range b.order {
		t, work := b.times[name], b.work[name]
		fmt.Printf("| %s | %s | %s | %s | %.2f | %.2f | %s | %.2f |\n", name, ms(median(t)), ms(slices.Min(t)), ms(slices.Max(t)), ratio(median(t), median(b.times[raw])),
			ratio(slices.Min(t), slices.Min(b.times[raw])), ms(median(work)), ratio(median(work), median(b.work[raw])))
	}
	return b.memory(ctx)
}

// prepare makes the wallet.
func prepare(ctx context.Context, path string, n, more int) (*bench, int, error) {
	b := &bench{store: wallet.NewFileStore(path), times: map[string][]time.Duration{}, work: map[string][]time.Duration{}}
	w, words, err := wallet.Create(ctx, wallet.CreateRequest{Store: b.store, Passphrase: []byte("fire hester i regn"), Now: time.Now, PassphraseWork: 10})
	if err != nil {
		return nil, 0, err
	}
	b.words = strings.Join(words, " ")
	holder, err := w.NewKey(ctx)
	if err != nil {
		return nil, 0, err
	}
	set, err := suites.All()
	if err != nil {
		return nil, 0, err
	}
	suite, err := set.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		return nil, 0, err
	}
	made, err := credentials(ctx, suite, holder, n+more)
	if err != nil {
		return nil, 0, err
	}
	b.fresh = slices.Clone(made[n:])
	added, err := w.AddAll(ctx, made[:n])
	if err != nil {
		return nil, 0, err
	}
	for _, a := range added {
		if a.Err != nil || !a.Added {
			return nil, 0, fmt.Errorf("not all could be added: %w", a.Err)
		}
	}
	slot, err := b.part("slots/1-recovery.age")
	if err != nil {
		return nil, 0, err
	}
	way, err := age.NewScryptIdentity(b.words)
	if err != nil {
		return nil, 0, err
	}
	r, err := age.Decrypt(bytes.NewReader(slot), way)
	if err != nil {
		return nil, 0, err
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, 0, err
	}
	b.identity, err = age.ParseHybridIdentity(strings.TrimSpace(string(text)))
	return b, size(made[:n]), err
}

// part reads an entry of the file.
func (b *bench) part(prefix string) ([]byte, error) {
	blob, err := os.ReadFile(b.store.Path())
	if err != nil {
		return nil, err
	}
	archive, err := zip.NewReader(bytes.NewReader(blob), int64(len(blob)))
	if err != nil {
		return nil, err
	}
	for _, f := range archive.File {
		if !strings.HasPrefix(f.Name, prefix) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		data := make([]byte, f.UncompressedSize64)
		_, err = io.ReadFull(r, data)
		return data, err
	}
	return nil, errors.New("no " + prefix)
}

// round does everything once.
func (b *bench) round(ctx context.Context) error {
	var w *wallet.Wallet
	set, err := suites.All()
	if err != nil {
		return err
	}
	suite, err := set.Suite(dataintegrity.EdDSARDFC2022)
	if err != nil {
		return err
	}
	next := b.fresh[0]
	b.fresh = b.fresh[1:]
	var id string
	steps := []struct {
		name string
		do   func() error
	}{
		{"raw read", b.raw},
		{"open", func() (err error) {
			w, err = wallet.Open(ctx, wallet.OpenRequest{Store: b.store, Words: b.words, Now: time.Now})
			return err
		}},
		{"list, the first time", func() error { return some(len(w.Items())) }},
		{"list", func() error { return some(len(w.Items())) }},
		{"search for a word", func() error { return some(len(w.Search("sveising"))) }},
		{"search for two, the last not written to its end", func() error { return some(len(w.Search("aalesund programm"))) }},
		{"search for one that is in none as typed", func() error { return some(len(w.Search("sveiser")) + 1) }},
		{"filter by level, year and state", func() error {
			return some(len(w.Find(wallet.Query{Level: "EQF 5", State: wallet.StateValid, Now: time.Now(), Since: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)})))
		}},
		{"add one", func() error {
			item, added, err := w.Add(ctx, next)
			id = item.ID
			if err == nil && !added {
				err = errors.New("was there already")
			}
			return err
		}},
		{"tag one", func() error { _, err := w.Tag(ctx, id, "søknad"); return err }},
		{"share one", func() error {
			_, _, err := w.Share(ctx, wallet.ShareRequest{IDs: []string{id}, Audience: "https://firma.example", Suite: suite})
			return err
		}},
	}
	for _, s := range steps {
		runtime.GC() // what the step before left is not this one's to clear away
		began, before := time.Now(), worked()
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		took, work := time.Since(began), worked()-before
		if b.times[s.name] == nil {
			b.order = append(b.order, s.name)
		}
		b.times[s.name] = append(b.times[s.name], took)
		b.work[s.name] = append(b.work[s.name], work)
	}
	return nil
}

func some(n int) error {
	if n == 0 {
		return errors.New("nothing found")
	}
	return nil
}

// raw reads the body as age and zstd alone do, one behind the other as in a
// pipe, and keeps it.
func (b *bench) raw() error {
	body, err := b.part("body/")
	if err != nil {
		return err
	}
	r, err := age.Decrypt(bytes.NewReader(body), b.identity)
	if err != nil {
		return err
	}
	z, err := zstd.NewReader(r)
	if err != nil {
		return err
	}
	defer z.Close()
	out := bytes.NewBuffer(make([]byte, 0, b.size+1<<20)) // it need not grow
	n, err := z.WriteTo(out)
	b.size = n
	return err
}

func median(times []time.Duration) time.Duration {
	t := slices.Clone(times)
	slices.Sort(t)
	return t[len(t)/2]
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }

func ms(t time.Duration) string {
	return strconv.FormatFloat(float64(t.Microseconds())/1000, 'f', 1, 64) + " ms"
}
func mib(n int64) float64 { return float64(n) / (1 << 20) }

// memory has another process open the wallet, and tells what that took.
func (b *bench) memory(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, self, "-open", b.store.Path())
	c.Stdin, c.Stderr = strings.NewReader(b.words), os.Stderr
	out, err := c.Output()
	if err != nil {
		return err
	}
	var m memory
	if err := json.Unmarshal(out, &m); err != nil {
		return err
	}
	fmt.Printf("\nMemory of a process that opens and lists it: %.0f MiB in use after a collection, %.0f MiB at most; the log is %.1f MiB.\n", mib(m.InUse), mib(m.Most), mib(m.Log))
	return nil
}

type memory struct{ InUse, Most, Log int64 }

func openAndTell(ctx context.Context, path string) error {
	words, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	w, err := wallet.Open(ctx, wallet.OpenRequest{Store: wallet.NewFileStore(path), Words: string(words), Now: time.Now})
	if err != nil {
		return err
	}
	var m memory
	for _, i := range w.Items() {
		m.Log += int64(len(i.Raw()))
	}
	most, err := os.ReadFile("/proc/self/status") // of Linux; elsewhere it stays unknown
	if err == nil {
		for line := range strings.SplitSeq(string(most), "\n") {
			if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
				kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				if err != nil {
					return err
				}
				m.Most = kb << 10
			}
		}
	}
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	m.InUse = int64(s.HeapAlloc)
	runtime.KeepAlive(w)
	return json.NewEncoder(os.Stdout).Encode(m)
}
