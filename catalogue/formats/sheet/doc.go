// Package sheet takes the first sheet out of an Office Open XML workbook
// (.xlsx) and writes it as CSV, a line for each row, so that whoever reads CSV
// reads workbooks. Days become dates; formulas count with the value that they
// last had; nothing else of a workbook is looked at. Sizes are bounded, since
// a workbook is a zip of XML from anybody.
package sheet
