// Package catalogue holds the example catalogue: invented Norwegian providers
// and their offers, the part of the ESCO vocabulary that they use, and support
// schemes as rules. [Files] gives the files as they lie here; README.md says
// what is in each, SOURCES.md where the facts come from.
package catalogue

import (
	"embed"
	"io/fs"
)

//go:embed *.jsonl
var files embed.FS

// Files returns providers.jsonl, offers.jsonl, vocabulary.jsonl and
// schemes.jsonl, read only.
func Files() fs.FS { return files }
