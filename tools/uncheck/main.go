// Command uncheck takes every check out of the verify path, one at a time, and
// tells for which of them no test fails.
//
// A check is the condition of an if, a case of a switch that has no tag, or one
// side of && and ||. The packages are built once, with a switch at each check,
// and the environment says which one is off; so a check costs a run of the
// tests that reach it, and no build.
//
//	go run ./uncheck -known ../docs/mutation.md -tests verifier trust credential/status
//
// It ends with 1 if there is a survivor that the known ones do not name.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	root := flag.String("root", "..", "folder of the module")
	tests := flag.String("tests", "verifier", "packages whose tests are run beside those of the package itself, by comma")
	known := flag.String("known", "", "file that explains survivors: each is named in it as it is printed, after its line number")
	among := flag.String("among", "", "what an earlier run printed: try only the checks in it")
	only := flag.String("run", "", "tests that are run, as a regular expression")
	skip := flag.String("skip", "^$", "tests that are left out, as a regular expression: slow ones, at first")
	in := flag.String("in", "", "files whose checks are taken out, as a regular expression")
	operators := flag.Bool("operators", false, "change the operators of comparisons as well")
	jobs := flag.Int("jobs", runtime.NumCPU(), "how many checks are tried at once")
	flag.Parse()
	survivors, err := run(*root, flag.Args(), strings.Split(*tests, ","), *known, *among, *only, *skip, *in, *operators, *jobs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "uncheck:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

// run tries all checks of the packages and returns how many survivors are not
// explained.
func run(root string, packages, beside []string, known, among, only, skip, in string, operators bool, jobs int) (int, error) {
	with, err := regexp.Compile(only)
	if err != nil {
		return 0, err
	}
	without, err := regexp.Compile(skip)
	if err != nil {
		return 0, err
	}
	within, err := regexp.Compile(in)
	if err != nil {
		return 0, err
	}
	chosen := func(name string) bool { return with.MatchString(name) && !without.MatchString(name) }
	root, err = filepath.Abs(root)
	if err != nil {
		return 0, err
	}
	explained, err := read(known)
	if err != nil {
		return 0, err
	}
	listed, err := read(among)
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "uncheck")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	checks, overlay, err := instrument(root, dir, packages, operators)
	if err != nil {
		return 0, err
	}
	var all []test
	testing := append(slices.Clone(packages), beside...)
	slices.Sort(testing)
	for _, p := range slices.Compact(testing) {
		found, err := testsOf(root, dir, overlay, p, chosen)
		if err != nil {
			return 0, err
		}
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b test) int { return int(a.took - b.took) })

	unexplained := 0
	for _, p := range packages {
		var tried []check
		for _, c := range checks {
			if c.pkg == p && within.MatchString(c.file) && (among == "" || strings.Contains(listed, "`"+c.name+"`")) {
				tried = append(tried, c)
			}
		}
		outcomes := make([]chan string, len(tried))
		for i := range outcomes {
			outcomes[i] = make(chan string, 1)
		}
		next := make(chan int)
		for range jobs {
			go func() {
				for i := range next {
					outcomes[i] <- tried[i].try(all, beside)
				}
			}()
		}
		go func() {
			defer close(next)
			for i := range tried {
				next <- i
			}
		}()
		killed, accounted := 0, 0
		for i, c := range tried {
			switch how := <-outcomes[i]; {
			case how == missed:
				killed++
			case strings.Contains(explained, "`"+c.name+"`"):
				accounted++
			default:
				unexplained++
				fmt.Printf("%s:%d: `%s`: %s\n", c.file, c.line, c.name, how)
			}
		}
		fmt.Printf("%s: %d checks, %d found missing by a test, %d explained, %d not\n", p, len(tried), killed, accounted, len(tried)-killed-accounted)
	}
	return unexplained, nil
}

// read returns a file's text, nothing for no file.
func read(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	return string(text), err
}

// missed is what try says of a check that a test misses.
const missed = "missed"

// try runs the tests that reach a check without it, the quick ones first, and
// says what came of it.
func (c check) try(all []test, beside []string) string {
	type batch struct {
		pkg  string
		slow bool
	}
	batches := map[batch][]test{}
	var order []batch
	for _, t := range all {
		if t.reaches[c.id] && (t.pkg == c.pkg || slices.Contains(beside, t.pkg)) {
			b := batch{t.pkg, t.took > 300*time.Millisecond}
			if batches[b] == nil {
				order = append(order, b)
			}
			batches[b] = append(batches[b], t)
		}
	}
	for _, b := range order {
		names := []string{}
		patience := 20 * time.Second // of work, and far more than they took: what does not end has died
		for _, t := range batches[b] {
			names = append(names, t.name)
			patience += 10 * t.took
		}
		if batches[b][0].command(patience, "^("+strings.Join(names, "|")+")$", "UNCHECK="+strconv.Itoa(c.id)).Run() != nil {
			return missed
		}
	}
	if len(order) == 0 {
		return "not reached"
	}
	return "no test fails"
}

// test is one test, what it takes and which checks it reaches.
type test struct {
	pkg, name, binary, dir string
	took                   time.Duration // of work: what else the machine has to do does not count
	reaches                map[int]bool
}

// command runs tests for so long at the most, as the processor counts it.
func (t test) command(patience time.Duration, pattern string, env ...string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", `ulimit -t "$0" && exec "$@"`, strconv.Itoa(int(patience.Seconds())), t.binary, "-test.short", "-test.failfast", "-test.timeout", "30m", "-test.run", pattern)
	cmd.Dir = t.dir
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// testsOf builds the tests of a package and runs each alone, with all checks
// in place.
func testsOf(root, dir, overlay, pkg string, chosen func(name string) bool) ([]test, error) {
	binary := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "_")+".test.exe")
	build := exec.Command("go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, "./"+pkg)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", pkg, err, out)
	}
	list, err := exec.Command(binary, "-test.list", ".").Output()
	if err != nil {
		return nil, err
	}
	var tests []test
	for _, name := range strings.Fields(string(list)) {
		if strings.HasPrefix(name, "Benchmark") || !chosen(name) {
			continue
		}
		t := test{pkg: pkg, name: name, binary: binary, dir: filepath.Join(root, pkg), reaches: map[int]bool{}}
		trace := filepath.Join(dir, "trace")
		cmd := t.command(time.Hour, "^"+name+"$", "UNCHECK_TRACE="+trace)
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s %s fails with all checks in place: %w\n%s", pkg, name, err, out)
		}
		t.took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		ids, err := os.ReadFile(trace)
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		for _, id := range strings.Fields(string(ids)) {
			n, err := strconv.Atoi(id)
			if err != nil {
				return nil, err
			}
			t.reaches[n] = true
		}
		os.Remove(trace)
		tests = append(tests, t)
	}
	return tests, nil
}
