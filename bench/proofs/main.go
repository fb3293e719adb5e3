package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// task is something to be measured. compare names other tasks of the same
// group to print ratios to.
type task struct {
	group, name string
	bytes       int // of the credential
	run         func(ctx context.Context, times int) (time.Duration, error)
	samples     []time.Duration // for one operation
}

// once makes a run of a function.
func once(f func(ctx context.Context) error) func(context.Context, int) (time.Duration, error) {
	return func(ctx context.Context, times int) (time.Duration, error) {
		start := time.Now()
		for range times {
			if err := f(ctx); err != nil {
				return 0, err
			}
		}
		return time.Since(start), nil
	}
}

func main() {
	log.SetFlags(0)
	repeats := flag.Int("repeats", 15, "times that each task has its turn")
	slice := flag.Duration("slice", 20*time.Millisecond, "length of a turn")
	withPeers := flag.Bool("peers", false, "measure the npm packages of bench/peers as well (make peers installs them)")
	only := flag.String("only", "", "measure groups whose name contains this")
	profile := flag.String("cpuprofile", "", "file for a profile of the processor's time")
	out := flag.String("out", "", "file for benchstat")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	w, err := newWorkshop()
	check(err)
	tasks, err := w.tasks(ctx)
	check(err)
	if *withPeers {
		peers, err := startPeers(ctx)
		check(err)
		defer peers.stop()
		theirs, err := peers.tasks(ctx, w)
		check(err)
		tasks = append(tasks, theirs...)
	}
	tasks = slices.DeleteFunc(tasks, func(t *task) bool { return !strings.Contains(t.group, *only) })
	order := []string{}
	for _, t := range tasks {
		if !slices.Contains(order, t.group) {
			order = append(order, t.group)
		}
	}
	slices.SortStableFunc(tasks, func(a, b *task) int { return slices.Index(order, a.group) - slices.Index(order, b.group) })
	if *profile != "" {
		f, err := os.Create(*profile)
		check(err)
		check(pprof.StartCPUProfile(f))
		defer pprof.StopCPUProfile()
	}
	check(measure(ctx, tasks, *repeats, *slice))
	print(tasks)
	if *out != "" {
		check(os.WriteFile(*out, benchstat(tasks), 0o644))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// measure lets the tasks take turns.
func measure(ctx context.Context, tasks []*task, repeats int, slice time.Duration) error {
	times := make([]int, len(tasks))
	for i, t := range tasks { // once to warm up, and to see how many fit in a turn
		if _, err := t.run(ctx, 3); err != nil {
			return fmt.Errorf("%s %s: %w", t.group, t.name, err)
		}
		took, err := t.run(ctx, 10)
		if err != nil {
			return err
		}
		times[i] = max(1, int(slice/max(1, took/10)))
	}
	for range repeats {
		for i, t := range tasks {
			took, err := t.run(ctx, times[i])
			if err != nil {
				return fmt.Errorf("%s %s: %w", t.group, t.name, err)
			}
			t.samples = append(t.samples, took/time.Duration(times[i]))
		}
	}
	return nil
}

func (t *task) percentile(p int) time.Duration {
	sorted := slices.Sorted(slices.Values(t.samples))
	return sorted[(len(sorted)-1)*p/100]
}

// print shows each group with its ratios: to the floor, and how many times as
// fast ours is.
func print(tasks []*task) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "what\twho\tbytes\tmedian µs\tp10\tp90\t× floor\tours is × as fast\t")
	for i, t := range tasks {
		if i > 0 && tasks[i-1].group != t.group {
			fmt.Fprintln(w, "\t\t\t\t\t\t\t\t")
		}
		floor, own := find(tasks, t.group, "floor"), find(tasks, t.group, "bevis")
		toFloor, faster := "", ""
		if floor != nil && t != floor {
			toFloor = fmt.Sprintf("%.2f", ratio(t, floor))
		}
		if own != nil && t != own && t != floor {
			faster = fmt.Sprintf("%.1f", ratio(t, own))
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%.1f\t%.1f\t%.1f\t%s\t%s\t\n", t.group, t.name, t.bytes, micro(t.percentile(50)), micro(t.percentile(10)), micro(t.percentile(90)), toFloor, faster)
	}
	check(w.Flush())
	if slices.ContainsFunc(tasks, func(t *task) bool { return strings.HasSuffix(t.name, "*") }) {
		fmt.Println("* of a credential without its list (allowedValue), which that package cannot sign")
	}
}

func find(tasks []*task, group, name string) *task {
	i := slices.IndexFunc(tasks, func(t *task) bool { return t.group == group && t.name == name })
	if i < 0 {
		return nil
	}
	return tasks[i]
}

func micro(d time.Duration) float64 { return float64(d) / 1000 }
func ratio(a, b *task) float64      { return float64(a.percentile(50)) / float64(b.percentile(50)) }

// benchstat writes every sample as a line of Go's benchmark format.
func benchstat(tasks []*task) []byte {
	var b strings.Builder
	for _, t := range tasks {
		name := strings.NewReplacer(" ", "_", "/", "_").Replace(t.group + "/who=" + t.name)
		name = strings.Replace(name, "_who=", "/who=", 1)
		for _, s := range t.samples {
			fmt.Fprintf(&b, "Benchmark%s 1 %d ns/op\n", name, s)
		}
	}
	return []byte(b.String())
}
