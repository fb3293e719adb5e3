// Package loss says what a document lost, and what was made up, on its way from
// one form into another. Who converts fills a [Report] while it maps; who reads
// the outcome knows from it what the target does not say.
//
// A report that names nothing means that all was carried over. So a converter
// goes through everything that its source says, and notes what it passes by.
package loss
