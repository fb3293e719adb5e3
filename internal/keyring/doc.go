// Package keyring keeps small secrets where the system keeps those of its user:
// the Keychain, the Credential Manager, or the Secret Service of a desktop. It
// is the one that knows the library for them.
package keyring
