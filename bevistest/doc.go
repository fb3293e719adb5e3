// Package bevistest helps those who build on bevis to test: contract tests
// for their own implementations of its interfaces. [TestLedger] is that of
// issuer.Ledger, [TestStore] that of wallet.Store, [TestCatalogue] that of
// catalogue.Store, [TestSuite] that of proof.Suite.
package bevistest
