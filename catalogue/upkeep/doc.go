// Package upkeep knows how fresh the offers of a catalogue are: when each was
// last imported, and what its web address answered when somebody last looked.
//
// A [Book] is kept beside the offers and not in them, so that an import of the
// same source changes nothing. A [Checker] visits addresses through a [Visitor],
// host by host at a pace that burdens nobody. Nothing is ever deleted: an offer
// that is over, that no import has brought for long, or whose address has failed
// at least twice over more than a day is stale, and whoever lists offers shows
// that and puts it further down.
package upkeep
