package logproof

// KeyID is keyID for a type and a key in one.
func KeyID(name string, material []byte) uint32 { return keyID(name, material[0], material[1:]) }
