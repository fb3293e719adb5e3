package profile

// RuleIDs gives the rules of a set to the tests.
func RuleIDs(s RuleSet) []string {
	var out []string
	for _, r := range s.rules {
		out = append(out, r.id)
	}
	return out
}
