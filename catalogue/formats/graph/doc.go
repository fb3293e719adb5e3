// Package graph reads offers from JSON and from pages: schema.org as JSON-LD
// and as microdata, ELM learning opportunities (LOQ 1.1), and the course list
// of Open edX.
package graph
