// Package apikey has the keys by which programs of others may use a service.
//
// A key is 256 random bits that are shown once; what is kept is their digest,
// and beside it a name, what the key may do, and the day of its last use. No salt
// and no slow digest is needed: nobody can try 2²⁵⁶ keys. For the same reason it
// is no help to measure how long a look-up takes.
//
// [File] keeps keys in a file that the command changes and a running service
// looks at again every second, so that a revoked key is refused within that time.
// The days of use stand in a second file, which the service alone writes: a
// revocation and a use can never overwrite each other.
package apikey
