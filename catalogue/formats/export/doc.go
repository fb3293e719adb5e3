// Package export writes course offers for others: as schema.org for pages and
// search engines, as ELM learning opportunities (LOQ 1.1) for Europe, and as
// JSON Lines, which lose nothing, for another bevis. Package formats reads all
// three again; each function says what is lost on the way. The same offers
// always give the same bytes.
package export
