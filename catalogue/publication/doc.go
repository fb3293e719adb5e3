// Package publication is the file in which a provider hands its courses to any
// catalogue: who it is, its charter, and all that it offers, signed as a whole
// (package signed), so that nobody on the way has to be trusted.
//
// Inside is JSON Lines: first who publishes, when, until when and how many
// offers follow, then one offer a line. Each line is read by itself and within
// limits, so that 26,000 offers cost no more than they weigh.
//
// A publication is all that its provider offers: an offer that is not in the
// next one is withdrawn. It takes the place of an older one and never of a
// newer one ([catalogue.Provider.Replaces]), and it ends, so that a catalogue
// is not left with what nobody stands for any more. Whether its charter counts
// is for package charter to say.
package publication
