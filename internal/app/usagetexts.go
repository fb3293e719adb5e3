package app

import "github.com/kompetansebevis/bevis/credential/profile"

// What is wrong with how a definition was asked for, or what was to be issued from it.
const (
	saidShortName profile.Text = "usage/short-name: a short name has small letters, digits and hyphens"
	saidWanted    profile.Text = "usage/wanted: Open Badges wants this of an achievement: see bevis help achievement new"

	saidWhichResult profile.Text = "usage/which-result: say which of %s it is: NAME=VALUE"
	saidBlankResult profile.Text = "usage/blank-result: there is no result in it"
	saidNoEdition   profile.Text = "usage/no-edition: there is no edition in %q: bevis achievement translate %s"
	saidNoEmail     profile.Text = "usage/no-email: %q is not an e-mail address"
	saidEmailTo     profile.Text = "usage/email-to: %q looks like an e-mail address: give it with --email"
	saidNoDID       profile.Text = "usage/no-did: %q is no DID: the learner says it, from bevis wallet id"
	saidBadDID      profile.Text = "usage/bad-did: %s is not an identifier that can be used: %e"
	saidDay         profile.Text = "usage/day: give a date as 2026-12-31, or with a time as 2026-12-31T12:00:00Z"
	saidImageWhat   profile.Text = "usage/image-what: give a file with a PNG, or the https address of a picture"
	saidImageLarge  profile.Text = "usage/image-large: it has %s bytes, and would stand in each credential: take one of at most %s, or give the https address of a picture"
	saidImagePNG    profile.Text = "usage/image-png: it is no PNG; a picture of another format can be named by its https address"
	saidNoForm      profile.Text = "usage/no-form: %q is none of sd-jwt, %s"
)
