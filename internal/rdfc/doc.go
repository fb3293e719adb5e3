// Package rdfc canonicalizes RDF datasets by RDFC-1.0 (W3C RDF Dataset
// Canonicalization, https://www.w3.org/TR/rdf-canon/): it gives blank nodes
// labels that depend on nothing but the graph, and writes the quads sorted.
//
// A dataset can be made so that telling its blank nodes apart takes time that
// grows with the factorial of their number, with terms that any credential may
// use. So the work is counted and bounded by [Options].MaxWork: a unit is one
// blank node that is looked at while a path through the graph is tried. The
// default is far above what documents need whose nodes differ in anything at
// all, which is none, and is used up within a tenth of a second.
package rdfc
