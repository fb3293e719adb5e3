package app

import (
	"github.com/kompetansebevis/bevis/credential/profile"
	"github.com/kompetansebevis/bevis/reason"
)

// What is wrong with how a definition was asked for.
const (
	saidShortName profile.Text = "usage/short-name: a short name has small letters, digits and hyphens"
	saidWanted    profile.Text = "usage/wanted: Open Badges wants this of an achievement: see bevis help achievement new"
)

// Asked refuses what somebody asked for, at a flag, in a text that there is in the
// languages of people.
func Asked(code reason.Code, at string, said *profile.Sentence) error {
	return reason.New(code, at, "%w", &profile.Refusal{Finding: profile.Finding{Code: code, At: at, Message: said.String(), Said: said}})
}
