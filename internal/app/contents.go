package app

import "iter"

// contents yields the documents that a file holds: itself, unless it is an
// archive of others. What cannot be read is what it is.
func (a *App) contents(in Input) iter.Seq[Input] {
	return func(yield func(Input) bool) { yield(in) }
}
