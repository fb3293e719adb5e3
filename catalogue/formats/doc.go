// Package formats reads course offers in the formats that others use:
// schema.org as JSON-LD and as microdata in pages, ELM learning opportunities
// (LOQ 1.1), EMREX ELMO, CSV and workbooks, the course list of Open edX, and
// bevis' own JSON Lines, the only one that keeps everything.
//
// [Read] tells the format from the content. What the world publishes is
// untidy, so it is read with patience, and nothing is dropped in silence:
// everything in a source that looks like an offer is in [Batch.Offers] or is a
// broken [Problem], and every value that could not be read, or was read as
// something else than it says, is a warning that shows the value. The same
// bytes always give the same batch. Package export is the way back.
//
// The readers are in packages of their own: graph for JSON and pages, elmo, and
// here those of tables and lines; all fill what package intake keeps. A
// transcript of what one person has done is no offer: package elmo reads it for
// that person's own wallet.
package formats
