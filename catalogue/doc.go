// Package catalogue says what a course offer is, and who makes it.
//
// An [Offer] is one course, module or programme of one [Provider]; the two
// ids together, [Offer.Ref], name it everywhere. Offers come in through
// catalogue/formats, are kept and found through a [Store], and are shown with
// the [Standing] that their reviews give them. What a credential proves, what
// is missing for a goal and what to take next lie in the packages below.
//
// Nothing here knows of a person.
package catalogue
