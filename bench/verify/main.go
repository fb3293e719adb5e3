package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/peak"
)

func main() {
	sizes := flag.String("n", "1000,10000,100000", "how many credentials, in each run")
	format := flag.String("format", "ndjson", "form of the results")
	jobs := flag.Int("jobs", 0, "--jobs of bevis, 0 for its own choice")
	folder := flag.String("folder", "", "where the credentials are kept for the next time")
	only := flag.Bool("make", false, "make the credentials and no more")
	flag.Parse()
	if *only {
		n, err := strconv.Atoi(*sizes)
		if err == nil {
			err = prepare(context.Background(), *folder, n)
		}
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	if err := run(context.Background(), *sizes, *format, *folder, *jobs); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, sizes, format, folder string, jobs int) error {
	temporary, err := os.MkdirTemp("", "bevis-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary) // as good as can be
	if folder == "" {
		folder = temporary
	}
	program := filepath.Join(temporary, "bevis")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/bevis").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	fmt.Printf("%s %s/%s, %d cores\n\n| credentials | bytes each | wall | processor time | µs each on a core | largest memory |\n|---|---|---|---|---|---|\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for text := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		at := filepath.Join(folder, text)
		w, err := made(ctx, at, n)
		if err != nil {
			return err
		}
		if err := measure(ctx, program, at, format, n, jobs, w); err != nil {
			return err
		}
	}
	return nil
}

// made has credentials made by another process: what this one uses of memory
// would count as that of its children.
func made(ctx context.Context, folder string, n int) (*workload, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, self, "-make", "-n", strconv.Itoa(n), "-folder", folder).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	raw, err := os.ReadFile(filepath.Join(folder, noteName))
	if err != nil {
		return nil, err
	}
	out := &workload{}
	return out, json.Unmarshal(raw, out)
}

// measure has bevis verify one folder, and refuses to count a run in which not
// all was valid.
func measure(ctx context.Context, program, folder, format string, n, jobs int, w *workload) error {
	args := []string{"verify", "--offline", "--home", folder, "--format", format, "-o", filepath.Join(folder, "out"), "--force", "--jobs", strconv.Itoa(jobs)}
	for _, id := range w.Issuers {
		args = append(args, "--issuer", id)
	}
	for url, file := range w.Lists {
		args = append(args, "--status-list", url+"="+file)
	}
	args = append(args, filepath.Join(folder, "files"))
	c := exec.CommandContext(ctx, program, args...)
	var told bytes.Buffer
	c.Stderr = &told
	c.Env = append(slices.Clone(os.Environ()), "BEVIS_LANG=en")
	began := time.Now()
	if err := c.Run(); err != nil {
		return fmt.Errorf("%w\n%s", err, told.Bytes())
	}
	wall := time.Since(began)
	if want := fmt.Sprintf("✓ %d VALID", n); !strings.Contains(told.String(), want) {
		return fmt.Errorf("not %q:\n%s", want, told.Bytes())
	}
	cpu := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	fmt.Printf("| %d | %d | %.2f s | %.2f s | %.0f | %.0f MiB |\n", n, w.Bytes, wall.Seconds(), cpu.Seconds(),
		float64(cpu.Microseconds())/float64(n), float64(peak.Of(c.ProcessState))/(1<<20))
	return nil
}
