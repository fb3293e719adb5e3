// Package recommend says what to take next, and why.
//
// [Rank] is a pure function of what it is given: a profile, a goal, the
// catalogue, published statistics and support schemes. It has no clock, no
// network and no memory. A suggestion's score is a plain sum of whole points,
// and [Suggestion.Parts] are its terms: each says which input it came from,
// and which credential, skill or course gave it. So an explanation is the
// calculation itself, and leaving an input out shows its effect at once.
//
// No offer is taken away because somebody lacks what it requires: that costs
// points and is said. What the person's own conditions exclude is listed in
// [Ranking.SetAside].
//
// [Paths] joins several offers, in an order that their requirements and dates
// allow, into ways to a goal.
package recommend
