// Package catalogue holds the example catalogue: invented Norwegian providers
// and their offers, the part of the ESCO vocabulary that they use, support
// schemes as rules, job advertisements, and pages to import. [Files] gives the
// files as they lie here; README.md says what is in each, SOURCES.md where the
// facts come from.
package catalogue

import (
	"embed"
	"io/fs"
)

//go:embed *.jsonl jobs pages
var files embed.FS

// Files returns providers.jsonl, offers.jsonl, vocabulary.jsonl,
// schemes.jsonl and the folders jobs and pages, read only.
func Files() fs.FS { return files }
