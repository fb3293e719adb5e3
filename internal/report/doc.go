// Package report writes results of verifying in the forms that others read: CSV
// for spreadsheets, a page in HTML for people, and the command that repeats it.
//
// In go the results of internal/app, which are the JSON form bevis.verify/v1 as
// they stand, and a printer for the language of people; out come bytes. Texts
// from outside are never shown as they are: [Plain] has what would mislead made
// visible, a cell is never a formula, and a page holds no script and asks for
// nothing. Errors are those of the writer.
package report
