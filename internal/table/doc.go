// Package table reads tables as spreadsheets and other programs export them:
// UTF-8, UTF-16 or Windows-1252, any separator, any line end, row by row with
// the line that each begins on. What is wrong with a row is said of that row,
// and the next one is read all the same.
package table
