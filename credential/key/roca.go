package key

import "math/big"

// weakModulus reports an RSA modulus of the library whose keys can be
// factored (ROCA, CVE-2017-15361). Its primes are powers of 65537 modulo every
// small prime, and so are their products; of other moduli one in 2^27 is.
func weakModulus(n *big.Int) bool {
	const last = 167 // the library's primes go at least as far for keys of 512 bits and more
	for p := int64(3); p <= last; p += 2 {
		if !big.NewInt(p).ProbablyPrime(0) {
			continue
		}
		rest := new(big.Int).Mod(n, big.NewInt(p)).Int64()
		power := int64(1)
		for range p {
			if power == rest {
				break
			}
			power = power * 65537 % p
		}
		if power != rest {
			return false
		}
	}
	return true
}
