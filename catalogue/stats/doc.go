// Package stats makes statistics of what people did without telling who did
// it.
//
// Each person's own program makes a [Contribution] from the courses completed,
// for one purpose and one period, bounded by a [Shape] that everybody knows
// beforehand. An [Aggregator] adds contributions and releases a [Published]
// file of course-to-course transitions; a [Counter] adds other events to a
// [Table] of labelled counts. Both release under one [terms.Rule], which is either
//
//   - a least number of people behind each cell (10 or more) and rounding, or
//   - user-level differential privacy: noise of a stated ε on every number
//     that leaves, denominators and number of people too.
//
// Every release is entered in a [terms.Manifest] first, which adds up ε and refuses
// releases that could be subtracted from each other. docs/statistics.md writes
// the accounting out and says what it does not protect against.
//
// A [Call] fixes all of this, signed, before anybody contributes; package gather
// lets each person in once.
//
// Who reads a published file scores courses after a history by [Published.Scores];
// a score is the sum of whole numbers, one for each course of the history
// ([Published.Contributions]), so every explanation is exact.
package stats
