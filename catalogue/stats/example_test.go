package stats_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kompetansebevis/bevis/catalogue/stats"
	"github.com/kompetansebevis/bevis/catalogue/stats/terms"
	"github.com/kompetansebevis/bevis/credential/key"
)

// Twelve people contribute, a publisher releases and signs, a reader scores.
func Example() {
	ctx := context.Background()
	const basics, welding, pipes = "did:web:kurs.example#basics", "did:web:kurs.example#welding", "did:web:kurs.example#pipes"
	period := terms.Period{From: "2026-01-01", To: "2026-12-31"}
	shape := stats.Shape{Courses: 50, Pairs: 200, Weights: []int{4, 2, 1}}

	// The publisher.
	catalogue := []string{basics, welding, pipes}
	listed := func(course string) bool { return slices.Contains(catalogue, course) }
	aggregator, err := stats.NewAggregator(period, shape, catalogue)
	if err != nil {
		fmt.Println(err)
		return
	}
	for n := range 12 {
		// On each person's own machine.
		history := []stats.Visit{{Course: basics, Day: "2026-02-01"}, {Course: welding, Day: "2026-05-01"}}
		if n < 9 { // nine are too few to be told of
			history = append(history, stats.Visit{Course: pipes, Day: "2026-09-01"})
		}
		contribution, err := stats.Contribute(history, listed, stats.Transitions, period, shape)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := aggregator.Add(contribution); err != nil {
			fmt.Println(err)
			return
		}
	}
	manifest := &terms.Manifest{}
	file, err := aggregator.Release(ctx, terms.Rule{MinPeople: 10, Round: 5}, stats.Use{Recency: []int{1000, 500}},
		terms.About{By: "did:web:statistikk.example", Period: period, Made: time.Date(2027, 1, 15, 0, 0, 0, 0, time.UTC)}, manifest)
	if err != nil {
		fmt.Println(err)
		return
	}
	private, err := key.Generate(key.Ed25519)
	if err != nil {
		fmt.Println(err)
		return
	}
	raw, err := stats.Sign(ctx, file, private.Signer("did:web:statistikk.example#key-1"))
	if err != nil {
		fmt.Println(err)
		return
	}

	// A reader.
	read, err := stats.Open(raw, func(string) (key.Public, error) { return private.Public(), nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(read.People, read.Courses())
	for course, score := range read.Scores([]string{basics}) {
		people, of := read.After(basics, course)
		fmt.Println(course, score, people, of)
	}
	fmt.Println(read.Contributions([]string{basics}, welding))
	fmt.Println(manifest.Releases[0].Cells, manifest.Releases[0].Withheld)
	// Output:
	// 10 [did:web:kurs.example#basics did:web:kurs.example#welding]
	// did:web:kurs.example#welding 1000000000000 10 10
	// [{did:web:kurs.example#basics 1000000000000}]
	// 1 5
}
