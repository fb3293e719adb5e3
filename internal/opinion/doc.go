// Package opinion says what two other rule sets would make of a document, and
// which of their rules makes the difference: that of the public validator of
// 1EdTech and that of the verifier of the Digital Credentials Consortium.
//
// It is a reconstruction from their published source as it was read on a day
// that each opinion names, not their answer: nothing of theirs is run and
// nobody is asked. It is drawn from the document and from what package verifier
// found out, and never the other way round: a verdict of ours does not depend
// on it. Rules that cannot be judged from here, such as what a JSON schema of
// the day says, make the opinion "cannot-tell" rather than a guess, where
// nothing else has decided.
package opinion
