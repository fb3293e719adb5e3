// Package jsonld turns compact JSON-LD documents into RDF, without the
// network and without losing anything.
//
// Contexts are pinned: [Embedded] has those of the standards, each with the
// SHA-256 of its bytes. A context that is not pinned, or that stands inline,
// is refused, because whoever controls a context controls what a signature
// means. Under some URLs more than one edition was published; [Selection] names
// the ones to read a document with.
//
// Expansion is done by json-gold, which is the only place that knows it. It is
// not believed. What it must not do is drop or blur something, since a signer
// signs RDF and people read JSON:
//
//   - terms that no context defines, relative ids and types, null values and
//     scalars without a place are refused, and the leaves that went in are
//     counted against those that came out;
//   - numbers must survive their RDF form;
//   - a document must be in compact form throughout: with full or prefixed
//     IRIs as member names, with @id in place of id, with @graph, @included or
//     @reverse, the same RDF could be written so that a reader of the JSON does
//     not see, say, its expiry, and the same goes for a class that stands for
//     the property with its IRI;
//   - no other object may stand for the same node as the document itself, or
//     its members could be moved there.
//
// The same RDF can then no longer be written in two ways that read
// differently. Making RDF of the expanded form (JSON-LD 1.1 Processing
// Algorithms section 8.1) is done here, because json-gold loses the graphs of
// presentations and drops what is not well formed.
package jsonld
