// Package text says what words mean for search in bokmål, nynorsk and
// English: pure functions over small tables, without any other package.
//
// [Fold] writes a text as its letters are compared, [Words] takes it apart,
// and [Stem] brings the forms of a word, and the two ways of writing it in
// Norwegian, to one key. [Split] takes compounds apart by a vocabulary,
// [Distance] counts typing errors, and [Bare] compares what was typed without
// æ, ø and å.
package text
