package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kompetansebevis/bevis/internal/peak"
)

// What one input may cost, as docs/attacks.md says. The time has the starting
// of a process in it.
const (
	maxTime   = time.Second
	maxMemory = 64 << 20
)

// answer is what bevis made of an input, and what that cost.
type answer struct {
	accepted bool
	reason   string // the coarse code of why not, or of the warning
	cost
}

type cost struct {
	wall, processor time.Duration
	memory          int64 // in bytes, 0 if not known
}

// judge has bevis judge what the index of a folder names.
func judge(ctx context.Context, folder string, online bool, w io.Writer) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	entries, err := readIndex(folder)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "bevis-attacks-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := runner{online: online, program: filepath.Join(work, "bevis"), home: filepath.Join(work, "home"), log: filepath.Join(work, "strace")}
	build := exec.CommandContext(ctx, "go", "build", "-o", r.program, "./cmd/bevis")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	r.strace, _ = exec.LookPath("strace")

	groups := map[string]*group{}
	seen := &sightings{system: map[string]int{}}
	var wrong []string
	for _, e := range entries {
		args := e.arguments(folder, online)
		a, err := r.judge(ctx, args)
		if err != nil {
			return fmt.Errorf("%s: %w", e.File, err)
		}
		g := groups[e.group()]
		if g == nil {
			g = &group{}
			groups[e.group()] = g
		}
		wrong = append(wrong, g.add(e, a)...)
		if r.strace == "" {
			continue
		}
		if err := r.trace(ctx, args); err != nil {
			return fmt.Errorf("%s: %w", e.File, err)
		}
		bad, err := seen.read(r, e, folder)
		if err != nil {
			return err
		}
		wrong = append(wrong, bad...)
	}
	tell(w, r, groups, seen)
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "\n"))
	}
	return nil
}

// runner runs the command.
type runner struct {
	program, home, log, strace string
	online                     bool
}

func (r runner) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "BEVIS_") })
	c.Env = append(c.Env, "BEVIS_HOME="+r.home, "BEVIS_LANG=en")
	return c
}

// judge runs the command once and measures it. Linux counts into the memory of
// a process that of the one that started it, so this one keeps small: it reads
// an index and no input.
func (r runner) judge(ctx context.Context, args []string) (answer, error) {
	c := r.command(ctx, r.program, args...)
	var out, told bytes.Buffer
	c.Stdout, c.Stderr = &out, &told
	began := time.Now()
	err := c.Run()
	a := answer{cost: cost{wall: time.Since(began)}}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return answer{}, err
	}
	a.processor = c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	a.memory = peak.Of(c.ProcessState)
	var report struct {
		Results []struct{ Verdict, Reason string }
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Results) == 0 {
		return answer{}, fmt.Errorf("no report, exit code %d: %s", c.ProcessState.ExitCode(), told.Bytes())
	}
	a.accepted = c.ProcessState.Success()
	for _, result := range report.Results {
		if (result.Verdict == "valid") == a.accepted {
			a.reason, _, _ = strings.Cut(result.Reason, "/")
			return a, nil
		}
	}
	return answer{}, fmt.Errorf("exit code %d, with the report %s", c.ProcessState.ExitCode(), out.Bytes())
}

// group sums up the answers to inputs of one kind.
type group struct {
	inputs, accepted, reasons int
	most                      cost
	slowest, largest          string // files
}

// The kinds of inputs, in the order of the table.
func kinds() []string {
	return []string{"must be refused", "refused by policy", "shown with a warning", "controls", "either is right"}
}

func (e entry) group() string {
	switch {
	case e.Expect == "accept":
		return kinds()[3]
	case e.Expect == "warn":
		return kinds()[2]
	case e.Expect != "reject":
		return kinds()[4]
	case e.Strictness == "policy":
		return kinds()[1]
	}
	return kinds()[0]
}

// add counts an answer, and returns what is wrong with it.
func (g *group) add(e entry, a answer) (wrong []string) {
	g.inputs++
	if a.accepted {
		g.accepted++
	}
	right := a.reason == e.Reason || slices.Contains(e.ReasonAlso, a.reason)
	if right {
		g.reasons++
	}
	if a.wall > g.most.wall {
		g.most.wall, g.slowest = a.wall, e.File
	}
	if a.memory > g.most.memory {
		g.most.memory, g.largest = a.memory, e.File
	}
	g.most.processor = max(g.most.processor, a.processor)
	say := func(format string, args ...any) { wrong = append(wrong, e.File+": "+fmt.Sprintf(format, args...)) }
	switch e.Expect {
	case "accept", "warn":
		if !a.accepted {
			say("refused: %s", a.reason)
		} else if e.Expect == "warn" && !right {
			say("accepted without the warning %s", e.Reason)
		}
	case "reject":
		if a.accepted {
			say("accepted")
		} else if !right {
			say("refused as %s, which should be %s", a.reason, e.Reason)
		}
	}
	if a.wall > maxTime {
		say("took %v", a.wall.Round(time.Millisecond))
	}
	if a.memory > maxMemory {
		say("took %d MiB", a.memory>>20)
	}
	return wrong
}

// tell prints the table.
func tell(w io.Writer, r runner, groups map[string]*group, seen *sightings) {
	mode := "--offline"
	if r.online {
		mode = "without --offline"
	}
	fmt.Fprintf(w, "%s %s/%s, %d cores, %s\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), mode)
	fmt.Fprint(w, "| | inputs | accepted | with a right reason | longest | most processor time | largest memory |\n|---|---|---|---|---|---|---|\n")
	for _, kind := range kinds() {
		g := groups[kind]
		if g == nil {
			continue
		}
		reasons := fmt.Sprint(g.reasons)
		if kind == kinds()[3] || kind == kinds()[4] {
			reasons = "–"
		}
		fmt.Fprintf(w, "| %s | %d | %d | %s | %d ms (%s) | %d ms | %.1f MiB (%s) |\n", kind, g.inputs, g.accepted, reasons,
			g.most.wall.Milliseconds(), g.slowest, g.most.processor.Milliseconds(), float64(g.most.memory)/(1<<20), g.largest)
	}
	if r.strace == "" {
		fmt.Fprintln(w, "\nConnections and opened files are not known: there is no strace.")
		return
	}
	seen.tell(w)
}
