package cli

import "github.com/kompetansebevis/bevis/internal/report"

// fields says for people which parts of a credential a receiver sees.
func (s *session) fields(names []string) string { return report.Fields(s.p, names) }
