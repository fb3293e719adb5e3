// Package lint tells what an offer does not say of the European standard
// elements to describe a micro-credential: the eleven mandatory ones of Annex I
// of the Council Recommendation of 16 June 2022 (2022/C 243/02).
//
// Two of them, the learner and the date of issuing, are only there once a
// credential is issued, and no offer lacks them. One, the level, is mandatory
// where it applies. The rules are data: [Elements] in the order of the Annex,
// and [Say] with how each is said in each format that is read.
//
// Whether what is said is true, or enough, is not for a program to tell.
package lint
