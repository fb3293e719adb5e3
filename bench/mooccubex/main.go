// Command mooccubex compares ways to recommend the next course on the
// histories of MOOCCubeX, in one run: those that see every person's history,
// and those that see only a published file of catalogue/stats.
//
//	go run ./bench/mooccubex -data mooccubex-train.zip
//
// Each person's last course is held out as the test and is looked at once, at
// the end. All weights are chosen on the course before it. Every method ranks
// all courses that the person has not taken.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	path := flag.String("data", "../shared/corpus/catalogue/mooccubex-train.zip", "the zip file with train.txt, user_list.txt and kg_final.txt")
	part := flag.String("part", "all", "all, or published: only the files and popularity, which takes a short time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *path, *part == "all"); err != nil {
		fmt.Fprintln(os.Stderr, "mooccubex:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string, all bool) error {
	began := time.Now()
	d, err := load(path)
	if err != nil {
		return err
	}
	valid, test := d.holdOut(2), d.holdOut(1)
	taken := 0
	for _, h := range d.histories {
		taken += len(h)
	}
	fmt.Printf("%d people, %d courses, %d courses taken; full ranking over all courses that a person has not taken.\n", len(d.histories), len(d.ids), taken)
	fmt.Printf("Test: each person's last course in the file, looked at once. Weights: chosen on the one before it, for every %dth person.\n\n", tuneStep)

	var table []row
	add := func(name string, m ranker) {
		table = append(table, row{name, evaluate(m, test, 1)})
		fmt.Fprintf(os.Stderr, "%6.0f s  %s\n", time.Since(began).Seconds(), name)
	}
	chosen := &notes{}
	add("popularity", popularity(test))
	suite := families()
	if all {
		add("BPR matrix factorisation", tuneBPR(chosen, valid, test))
	} else {
		suite.families = nil
	}
	for _, f := range suite.families {
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, pick := range suite.tune(f, chosen, valid) {
			add(pick.name, pick.fit(test))
		}
	}
	suite.forget()
	published, err := tunePublished(ctx, chosen, d, valid)
	if err != nil {
		return err
	}
	files := &notes{}
	for _, p := range published {
		results := make([]result, 0, p.draws)
		for range p.draws {
			m, note, err := p.release(ctx, d, test)
			if err != nil {
				return err
			}
			results = append(results, evaluate(m, test, 1))
			files.add("%s: %s", p.name, note)
		}
		table = append(table, row{p.name, mean(results)})
		fmt.Fprintf(os.Stderr, "%6.0f s  %s\n", time.Since(began).Seconds(), p.name)
	}
	printTable(table, d)
	printGroups(table, d)
	printDifferences(table)
	fmt.Printf("\n## Published files\n\n%s\n## Weights, chosen on validation\n\n%s", files, chosen)
	fmt.Printf("\nThe run took %.0f s.\n", time.Since(began).Seconds())
	return nil
}

// notes are lines of a list.
type notes struct{ lines []string }

func (n *notes) add(format string, args ...any) {
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notes) String() string { return "- " + strings.Join(n.lines, "\n- ") + "\n" }
