// Package agekey reads the keys of the program age that open a wallet beside
// its passphrase and its words: recipients and identities as text, in a file or
// in a device (https://age-encryption.org/v1, and C2SP age-plugin).
//
// A key in a device is used by a plugin, a program age-plugin-NAME of the
// user's. It is started for what the user gave, a recipient or a file of
// identities, and never for what stands in a wallet file. It is told what age's
// protocol tells it, on its standard input: nothing secret is in its arguments
// or in its environment.
package agekey
