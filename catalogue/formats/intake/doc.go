// Package intake collects the offers of a source while one of the readers of
// package formats goes through it: values are read with patience, offers get
// ids and providers, references are resolved, and every value that is not
// taken as it stands becomes a [Problem].
//
// A reader calls [New], makes a [Draft] for each offer, sets what it finds and
// ends with [Draft.Take], and at the end [Reader.Finish].
package intake
