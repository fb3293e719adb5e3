// Package bevistest helps those who build on bevis to test: contract tests
// for their own implementations of its interfaces. [TestLedger] is that of
// issuer.Ledger, [TestStore] that of wallet.Store, [TestCatalogue] that of
// catalogue.Store, [TestSuite] that of proof.Suite. And a [World] in memory, of
// issuers with keys and status lists, hosts that fail when told, whom one trusts
// and a clock, to see what a verifier makes of all that can happen there.
package bevistest
