// Package laplace draws from the discrete Laplace distribution exactly: whole
// numbers from secure random bits, no floating point, after Canonne, Kamath and
// Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms
// 1 and 2. What the last bits of a float tell about the number below the noise
// (Mironov 2012) is not there to be told. How long a draw takes depends on the
// noise alone.
package laplace
