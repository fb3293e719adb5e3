package wallet

// Cheap makes the passphrase of a wallet that is to be made cost little, for
// tests outside of the package.
func Cheap(r CreateRequest) CreateRequest {
	r.PassphraseWork = lowWork
	return r
}
