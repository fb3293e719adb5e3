// Package search finds offers: an index in memory over the listings that a
// catalogue holds.
//
// [New] indexes listings once; the [Index] is immutable and safe for
// concurrent use, and [Index.Search] answers a catalogue.Query. A word of the
// query finds its own forms, the compounds that it is part of and, where it is
// a compound, its parts; a word that no offer has is read as the nearest one,
// and the results say so. Relevance is BM25F over the fields of an offer, with
// a modest factor from what reviews say. Equal scores stand by ref.
//
// [Normal] and [RunsOf] say what a query's conditions mean; other stores use
// them to mean the same.
package search
