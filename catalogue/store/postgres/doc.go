// Package postgres keeps a catalogue in a PostgreSQL database, for where one
// machine is not enough: the contract of catalogue/store over full text search.
//
// [Open] makes the tables, whose names begin with catalogue_, by one migration
// with a version. Words are found by PostgreSQL's Norwegian and English
// dictionaries and by the keys of package text, which also make one of bokmål
// and nynorsk; words that no offer has are read as in package search. Unlike
// there, a part of a compound finds the compound only at its beginning. No
// extension is needed.
package postgres
