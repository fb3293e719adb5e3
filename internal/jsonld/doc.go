// Package jsonld turns compact JSON-LD documents into RDF, without the
// network and without losing anything.
//
// Contexts are pinned: [Embedded] has those of the standards, each with the
// SHA-256 of its bytes. A context that is not pinned, or that stands inline,
// is refused, because whoever controls a context controls what a signature
// means. Under some URLs more than one edition was published; [Selection] names
// the ones to read a document with.
//
// A document goes straight from compact JSON to statements ([Processor.Quads]),
// by the algorithms of expansion and of making RDF (JSON-LD 1.1 Processing
// Algorithms sections 5.1 and 8.1) in one walk. What contexts mean is worked out
// as documents need it and kept: at the top, where a term or a type brings a
// context along, and these on top of each other. [Processor.Statements] says of
// each statement which place in the document it comes from.
//
// What that way does not know, it declines: then json-gold expands the document,
// which is the only place that knows it, and is not believed. Tests hold the two
// ways equal, and both to jsonld.js, on all documents at hand, on generated ones
// and on those of the fuzzer.
//
// Neither way must drop or blur something, since a signer signs RDF and people
// read JSON:
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
// differently.
package jsonld
