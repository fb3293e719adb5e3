package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/peak"
	"github.com/kompetansebevis/bevis/issuer/ledger/sqlite"
)

func main() {
	sizes := flag.String("n", "1000,10000,100000", "how many rows, in each run")
	kills := flag.Int("kills", 0, "how often the process is killed on the way")
	folder := flag.String("folder", "", "where books and credentials go; they stay there")
	peers := flag.String("peers", "", "folder of bench/peers with its packages installed, to compare with @digitalbazaar/vc")
	jobs := flag.Int("jobs", 0, "--jobs of bevis")
	flag.Parse()
	if err := run(context.Background(), *sizes, *kills, *jobs, *folder, *peers); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, sizes string, kills, jobs int, folder, peers string) error {
	temporary, err := os.MkdirTemp(folder, "bevis-bench-*")
	if err != nil {
		return err
	}
	if folder == "" {
		defer os.RemoveAll(temporary) // as good as can be
	}
	program := filepath.Join(temporary, "bevis")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/bevis").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	fmt.Printf("%s %s/%s, %d cores, %s\n\n| rows | kills | wall | processor time | µs each on a core | largest memory | checked |\n|---|---|---|---|---|---|---|\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), time.Now().Format("2 January 2006 15:04"))
	last, each := "", 0.0
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		w := &work{program: program, home: filepath.Join(temporary, text), rows: n, kills: kills, jobs: jobs}
		if err := w.prepare(ctx); err != nil {
			return err
		}
		if err := w.issue(ctx); err != nil {
			return err
		}
		found, err := w.check(ctx)
		if err != nil {
			return err
		}
		each, last = w.cpu.Seconds()*1e6/float64(n), w.home
		fmt.Printf("| %d | %d | %.1f s | %.1f s | %.0f | %.0f MiB | %s |\n", n, w.killed, w.wall.Seconds(), w.cpu.Seconds(), each, float64(w.peak)/(1<<20), found)
	}
	fmt.Println()
	return compare(ctx, last, each, peers)
}

// work is one list that is issued.
type work struct {
	program, home string
	rows          int
	kills, jobs   int

	killed    int
	wall, cpu time.Duration
	peak      int64
}

func (w *work) path(elem ...string) string {
	return filepath.Join(append([]string{w.home}, elem...)...)
}

func (w *work) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, w.program, args...)
	c.Env = append(os.Environ(), "BEVIS_LANG=en", "BEVIS_HOME="+w.home)
	return c
}

// prepare sets up an issuer and writes the list, as a spreadsheet would.
func (w *work) prepare(ctx context.Context) error {
	for _, args := range [][]string{
		{"issuer", "init", "--name", "Kursstedet", "--id", "did:web:kurs.example"},
		{"achievement", "new", "--slug", "sveising", "--name", "Grunnkurs i sveising", "--id", "https://kurs.example/sveising",
			"--description", strings.Repeat("Lysbuesveising på stål, med vekt på sikkerhet og kontroll. ", 10),
			"--criteria", strings.Repeat("Bestått praktisk prøve i tre stillinger. ", 6),
			"--skill", "sveise=http://data.europa.eu/esco/skill/0b8f1d3c-1", "--skill", "lese tekniske tegninger=http://data.europa.eu/esco/skill/0b8f1d3c-2"},
	} {
		if out, err := w.command(ctx, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	f, err := os.Create(w.path("people.csv"))
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	b.WriteString("\xef\xbb\xbfNavn;E-post;Bestått;Gyldig til;Studiepoeng;Kommentar;Dokumentasjon;Fødselsdato\r\n")
	for n := range w.rows {
		fmt.Fprintf(b, "Deltaker Nr. %d;deltaker%d@example.com;%d.5.2026;31.12.2099;7,5;Deltaker nummer %d fullførte kurset, med %d timer praksis.;https://kurs.example/arbeid/%d;1.1.1990\r\n",
			n, n, 1+n%28, n, 20+n%40, n)
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// issue runs the command to its end, and kills it on the way: each time when
// that much more is in the books, and a moment of chance has passed.
func (w *work) issue(ctx context.Context) error {
	began := time.Now()
	for {
		c := w.command(ctx, "credential", "batch", "--achievement", "sveising", w.path("people.csv"), "-o", w.path("out"), "--jobs", strconv.Itoa(w.jobs))
		var told bytes.Buffer
		c.Stdout, c.Stderr = &told, &told
		if err := c.Start(); err != nil {
			return err
		}
		ended, watched := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(watched)
			if w.killed < w.kills && w.reaches(ctx, (w.killed+1)*w.rows/(w.kills+1), ended) {
				time.Sleep(time.Duration(rand.IntN(500)) * time.Millisecond)
				_ = c.Process.Kill() // it may have ended
			}
		}()
		err := c.Wait()
		close(ended)
		<-watched
		w.cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		w.peak = max(w.peak, peak.Of(c.ProcessState))
		w.wall = time.Since(began)
		switch {
		case err == nil:
			return nil
		case c.ProcessState.ExitCode() != -1: // it was not killed
			return fmt.Errorf("%w\n%s", err, told.Bytes())
		}
		w.killed++
		fmt.Fprintf(os.Stderr, "killed %d times after %.0f s\n", w.killed, w.wall.Seconds())
	}
}

// reaches waits until so many places are taken.
func (w *work) reaches(ctx context.Context, places int, ended chan struct{}) bool {
	ledger, err := sqlite.Open(ctx, w.path("issuer", "ledger.db"))
	if err != nil {
		return true // whoever is killed too early was killed all the same
	}
	defer ledger.Close() // it was only read
	for {
		select {
		case <-ended:
			return false
		case <-time.After(50 * time.Millisecond):
		}
		lists, err := ledger.Lists(ctx)
		used := 0
		for _, l := range lists {
			used += l.Used
		}
		if err == nil && used >= places {
			return true
		}
	}
}
