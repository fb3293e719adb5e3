// Package terms is what numbers about people leave on: a [Rule], which is a least
// number of people or noise of a stated ε, for a [Period], by whom, and entered
// in a [Manifest] that adds ε up and refuses releases that could be subtracted
// from each other.
package terms
