// Package testcorpus finds the test data of others, which is read from tests
// and is not part of the repository: in the folder that BEVIS_CORPUS names,
// and else in shared/corpus beside the repository. A test whose data is not
// there skips with one line.
package testcorpus
