// Package tally reads a document and keeps account of what of it was read, so
// that a converter cannot pass by anything in silence: what nobody asked for
// stands in the report as dropped.
package tally
