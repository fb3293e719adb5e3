// Package app has the use cases of bevis: what the command does and pages will
// do, without flags and without HTML.
//
// An [App] has a home folder, which holds an issuer's set-up and a trust
// policy, a clock and a way to the network, all of which come from outside. It
// puts the library's parts together and gives back values to be printed.
package app
