// Package selective cuts a document down to some of its statements, so that a
// signature over each statement still holds: what the cryptosuites
// ecdsa-sd-2023 and bbs-2023 have in common (W3C Data Integrity ECDSA
// Cryptosuites 1.0 section 3.4, Data Integrity BBS Cryptosuites 1.0 section
// 3.2 and 3.3).
//
// A [Document] is the statements of a JSON-LD document in canonical order,
// under blank node labels that the suite chooses, because canonical ones would
// tell of what is hidden. [Document.Select] says which statements JSON pointers
// choose, [Document.Reveal] makes the smaller document of them and says what
// its reader must know to give the nodes their labels again. The reader's side
// is [Lines].
//
// The standard selects by turning blank nodes into URNs, cutting the JSON and
// making RDF of it once more, which no document with a list survives. Here each
// statement carries the place in the JSON that says it (jsonld.Statement), and
// a pointer chooses by places:
//
//   - what is said at the pointer or below it;
//   - of the objects on the way their types and the links to them. Their ids
//     and contexts show too, but are no statements of their own.
//
// What RDF cannot show in part is refused, not widened: a pointer that leads
// into an ordered list, or into a value such as a text with its language. The
// list or the value itself can be named.
//
//	d, err := selective.New(ctx, doc, statements, func(canonical []string) map[string]string {
//		return selective.HMACLabels(key, canonical)
//	})
//	mandatory, err := d.Select(mandatoryPointers) // indexes in d.NQuads
//	shown, err := d.Reveal(ctx, append(mandatoryPointers, selectivePointers...))
//	// shown.Document, shown.Indexes, shown.Labels
//
// Errors are disclosure_invalid/pointer, with the pointer as the place, and
// those of internal/rdfc.
package selective
