// Package batch issues one achievement to everybody in a table, such as the
// list of participants that a spreadsheet or a learning platform exports.
//
// [Open] finds out how the table is written and what its columns hold. Check
// reads all of it and says everything that is wrong, by line and column, before
// anything is issued. Issue issues the rows, each once however often it is
// asked and wherever it was stopped: the idempotency key of a row comes from
// the achievement, the name of the batch and the person. Both read the table
// from its beginning and hold little of it: for each row some 16 bytes, by
// which a person who is there twice is found.
package batch
