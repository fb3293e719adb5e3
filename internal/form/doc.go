// Package form takes parsed JSON apart member by member and puts it together
// again. A [Reader] remembers the first thing that is not as it should be, so
// that a long form is read without a branch for each member; one that says
// more than is understood is not read as if it said less.
package form
