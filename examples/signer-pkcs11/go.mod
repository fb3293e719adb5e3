module github.com/kompetansebevis/bevis/examples/signer-pkcs11

go 1.26.8

require (
	github.com/kompetansebevis/bevis v0.0.0
	github.com/miekg/pkcs11 v1.1.1
)

require (
	filippo.io/edwards25519 v1.2.0 // indirect
	github.com/mr-tron/base58 v1.3.0 // indirect
	github.com/multiformats/go-base32 v0.1.0 // indirect
	github.com/multiformats/go-base36 v0.2.0 // indirect
	github.com/multiformats/go-multibase v0.3.0 // indirect
)

replace github.com/kompetansebevis/bevis => ../..
