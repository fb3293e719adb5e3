package cli

import (
	"fmt"

	"github.com/kompetansebevis/bevis/credential/profile"
)

// What is wrong with the flags about a definition.
const (
	saidNoCode       profile.Text = "usage/no-code: %q is none that is known: see bevis help achievement new"
	saidNoEQF        profile.Text = "usage/no-eqf: %s is none: levels go from 1 to 8"
	saidNoneOf       profile.Text = "usage/none-of: %q is none of %s"
	saidNoPicture    profile.Text = "usage/no-picture: there is no picture to say anything of: --image FILE"
	saidPair         profile.Text = "usage/pair: give NAME=URL, such as welding=https://…"
	saidSearchFirst  profile.Text = "usage/search-first: first search, then --add what you mean"
	saidSearchWhat   profile.Text = "usage/search-what: say what to search for, or name an achievement"
	saidResultName   profile.Text = "usage/result-name: results need a name, such as Karakter"
	saidNoResult     profile.Text = "usage/no-result: %q is none of the results that there can be"
	saidNoResultName profile.Text = "usage/no-result-name: the definition has no results of that name"
)

// short is a value as it is quoted: its beginning, where it is long.
func short(text string) string { return fmt.Sprintf("%.40s", text) }
