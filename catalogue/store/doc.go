// Package store keeps a catalogue on one machine: in a folder of JSON Lines
// files ([Open]), or in memory alone ([Memory]).
//
// The folder holds providers.jsonl, offers.jsonl and standings.jsonl, one
// object a line in the order of their ids, which people can read, compare and
// keep under version control. Files are written whole or not at all; writers
// in several processes wait for each other, and readers see what others wrote.
// A line that cannot be read is an error that names it, and nothing is written
// over it.
//
// Everything is in memory as well, with the index of package search, which is
// made by the first search after a change. For more than one machine there is
// catalogue/store/postgres.
package store
