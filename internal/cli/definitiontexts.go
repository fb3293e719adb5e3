package cli

import (
	"fmt"

	"github.com/kompetansebevis/bevis/credential/profile"
)

// What is wrong with the flags about a definition, or about what is issued from it.
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
	saidNoName       profile.Text = "usage/no-name: an achievement needs a name"
	saidNobody       profile.Text = "usage/nobody: say who gets it: --to DID or --email ADDRESS"
	saidFormsAlone   profile.Text = "usage/forms-alone: the forms are named here: leave out --format"
	saidLaterOutput  profile.Text = "usage/later-output: what is issued later goes into the books; get it by the same command without --later"
)

// short is a value as it is quoted: its beginning, where it is long.
func short(text string) string { return fmt.Sprintf("%.40s", text) }
