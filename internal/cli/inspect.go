package cli

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kompetansebevis/bevis/credential"
	"github.com/kompetansebevis/bevis/internal/certificate"
	"github.com/kompetansebevis/bevis/internal/strictjson"
)

// How wide labels are, and from where on they have a line of their own.
const ownLabel = 28

// ownData writes what a credential says in its own words: all that a page of it
// would show. Anything else than a credential has nothing there.
func (s *session) ownData(w *strings.Builder, document []byte) {
	doc, err := strictjson.ParseObject(document, strictjson.Limits{})
	if err != nil || !credential.HasType(doc, "VerifiableCredential") {
		return
	}
	w.WriteByte('\n')
	certificate.Read(doc, s.p).Text(s.p, func(label, value string) {
		label = show(label)
		switch {
		case label == "" && value == "":
		case value == "":
			fmt.Fprintf(w, "\n%s\n", label)
		default:
			lines := strings.Split(value, "\n")
			for n, line := range lines {
				lines[n] = show(line)
			}
			first := "      " // a heading stands above
			switch gap := ownLabel - utf8.RuneCountInString(label); {
			case label == "":
			case gap > 0 && len(lines) == 1:
				first = "  " + label + strings.Repeat(" ", gap)
			default: // below it
				first = "  " + label + "\n      "
			}
			w.WriteString(first + strings.Join(lines, "\n      ") + "\n")
		}
	})
}
