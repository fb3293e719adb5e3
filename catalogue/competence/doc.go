// Package competence adds up what credentials prove.
//
// [Build] makes a [Profile] from a person's credentials: skills, each with the
// credentials that speak for it and the [Grade] of that ground. What a
// verifier found valid and what the person says of themselves are never
// mixed. [Profile.Gap] compares a profile with a [Goal]: an occupation, the
// text of a job, what a course requires. [Profile.Stacks] tells which larger
// qualifications have been begun by their modules, and what is missing.
// [NewTeam] and [Team.Gap] do the same for what several people chose to
// share, and know nothing else.
//
// A gap is there to find a course by. Nothing here ranks people.
package competence
