package review_test

import (
	"fmt"
	"time"

	"github.com/kompetansebevis/bevis/catalogue"
	"github.com/kompetansebevis/bevis/catalogue/review"
)

// Twelve reviews by people who got the credential and praised the course in
// the same week count as two, and two make no standing.
func ExampleRank() {
	var records []review.Record
	for i := range 12 {
		records = append(records, review.Record{
			Review:    review.Review{ID: fmt.Sprint(i), Course: "did:web:kurs.example#sveising", Rating: 5, Month: "2026-06", Issuer: fmt.Sprint("did:key:", i)},
			Pseudonym: fmt.Sprint(i), Week: catalogue.Date("2026-06-01"), IssuedWeek: catalogue.Date("2026-06-01"),
		})
	}
	ranking := review.Rank(records, map[string]review.Facts{"did:web:kurs.example#sveising": {Issued: 14}}, time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC))
	for _, course := range ranking.Courses {
		fmt.Printf("%d reviews beside %d credentials, %.0f count\n", course.Reviews, course.Issued, course.Counted)
		for _, rule := range course.Rules {
			fmt.Printf("%s: %d reviews, %.0f less\n", rule.Rule, rule.Reviews, rule.Discount)
		}
		fmt.Println("shown:", course.Standing.Lower > 0)
	}
	// Output:
	// 12 reviews beside 14 credentials, 2 count
	// minted: 12 reviews, 10 less
	// shown: false
}
