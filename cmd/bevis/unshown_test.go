package main

import "github.com/kompetansebevis/bevis/reason"

// elsewhere says why no script can bring a code about, and which test does.
type elsewhere struct{ why, file, test string }

// notByCommand are the codes that no script can bring about.
var notByCommand = map[reason.Code]elsewhere{
	"canceled":                       {"it takes a signal in the right instant", "internal/cli/cli_test.go", "TestInterrupted"},
	"conflict/busy":                  {"it takes others who change the file at every instant", "wallet/edge_test.go", "TestOthersAllTheTime"},
	"conflict/changed":               {"the wallet reads anew and tries again", "bevistest/store.go", "TestStore"},
	"conflict/ledger-busy":           {"it takes another process that holds the file for a quarter of a minute", "issuer/ledger/sqlite/busy_test.go", "TestBusy"},
	"conflict/locked":                {"it takes another process that holds the file", "wallet/edge_test.go", "TestHeldLock"},
	"conflict/older-copy":            {"it takes another program that puts a copy back while the command runs", "wallet/edge_test.go", "TestOlderCopy"},
	"conflict/other-wallet":          {"it takes another program that puts a wallet there while the command runs", "wallet/edge_test.go", "TestOlderCopy"},
	"display_warning/hosted-badge":   {"it takes the host of a badge", "verifier/openbadges2_test.go", "TestOpenBadge2"},
	"fetch_failed/content-type":      {"it takes a server that answers wrongly", "internal/fetch/faults_test.go", "TestFaults"},
	"fetch_failed/gone":              {"it takes a server that answers wrongly", "internal/fetch/fetch_test.go", "TestAnswers"},
	"fetch_failed/network":           {"it takes a server that does not answer", "internal/fetch/faults_test.go", "TestFaults"},
	"fetch_failed/status":            {"it takes a server that answers wrongly", "internal/fetch/fetch_test.go", "TestAnswers"},
	"image_invalid/qr":               {"no picture is known that the reader of QR codes falls over", "internal/carrier/qr_test.go", "TestReaderFallsOver"},
	"internal/check-not-made":        {"it says that a check was forgotten in the program", "verifier/conclude_test.go", "TestForgotten"},
	"internal/demo":                  {"it says that the demo found something wrong with itself", "internal/cli/demo_test.go", "TestDemoIsTrue"},
	"issuer_mismatch/hosted-differs": {"it takes the host of a badge", "verifier/openbadges2_test.go", "TestOpenBadge2Refused"},
	"key_unavailable/fetch":          {"it takes a server that answers wrongly", "bevistest/world_test.go", "TestDocumentsOfKeys"},
	"locked/refused":                 {"it takes somebody at a terminal", "internal/cli/cli_test.go", "TestAtTheTerminal"},
	"malformed/indexes":              {"the suite says disclosure_invalid/indexes in its place", "internal/bbs/bbs_test.go", "TestProofIsForOneOccasion"},
	"malformed/nquads":               {"nothing that the command reads is in that form", "internal/rdfc/rdfc_test.go", "TestParseNQuadsRefuses"},
	"malformed/recipient":            {"the command asks for a recipient before the library does", "issuer/issuer_test.go", "TestAwardsThatAreRefused"},
	"not_found/share":                {"the command withdraws what it has found in the log itself", "wallet/share_test.go", "TestWithdraw"},
	"refresh_failed/another":         {"it takes a server that has a newer edition", "verifier/refresh_test.go", "TestRefresh"},
	"refresh_failed/later":           {"it takes a server that has a newer edition", "verifier/refresh_test.go", "TestRefresh"},
	"refresh_failed/not-proven":      {"it takes a server that has a newer edition", "verifier/refresh_test.go", "TestRefresh"},
	"refresh_failed/older":           {"it takes a server that has a newer edition", "verifier/refresh_test.go", "TestRefresh"},
	"remote_fetch_blocked/address":   {"no dialler is known that hands over something else than an address", "internal/fetch/allow_test.go", "TestNoAddress"},
	"remote_fetch_blocked/encoding":  {"it takes a server that answers wrongly", "internal/fetch/faults_test.go", "TestFaults"},
	"remote_fetch_blocked/redirect":  {"it takes a server that answers wrongly", "internal/fetch/faults_test.go", "TestRedirects"},
	"remote_fetch_blocked/tls":       {"it takes a server that answers wrongly", "internal/fetch/faults_test.go", "TestCertificates"},
	"resource_limit/concepts":        {"it takes 200,001 skills, and half a gigabyte to read them", "catalogue/esco/read_test.go", "TestLinesRefuses"},
	"resource_limit/entries":         {"it takes a book of a million offers", "catalogue/upkeep/limit_test.go", "TestMoreThanItMay"},
	"resource_limit/fetch":           {"it takes a server that answers wrongly", "internal/fetch/faults_test.go", "TestFaults"},
	"resource_limit/offers":          {"it takes 200,001 offers, and most of a gigabyte to read them", "catalogue/formats/formats_test.go", "TestRefused"},
	"resource_limit/problems":        {"it takes 200,001 rows that are broken", "catalogue/formats/formats_test.go", "TestRefused"},
	"resource_limit/zip":             {"it takes an archive of a million files", "internal/carrier/zip_test.go", "TestZipHostile"},
	"unsafe_context/digest":          {"the contexts are part of the program", "internal/jsonld/jsonld_test.go", "TestWrongDigestIsRefused"},
	"unsafe_context/malformed":       {"the contexts are part of the program", "internal/jsonld/jsonld_test.go", "TestWrongDigestIsRefused"},
	"unsigned_data/nothing":          {"what has no type is refused before as no credential", "internal/jsonld/jsonld_test.go", "TestNothing"},
	"unsupported_alg/verify-only":    {"the command offers no such suite for signing", "credential/proof/dataintegrity/suite_test.go", "TestSignRefuses"},
	"usage/no-home":                  {"it takes a system without a home folder", "internal/cli/cli_test.go", "TestNoFolder"},
	"usage/passphrases-differ":       {"it takes somebody at a terminal", "internal/cli/cli_test.go", "TestAtTheTerminal"},
	"wrong_type/not-a-badge":         {"who meets it passes over the credential, or says review_refused/credential", "credential/openbadge/openbadge_test.go", "TestFromCredential"},
	"wrong_type/unknown-form":        {"it takes a wallet that a later version has written", "wallet/wallet_test.go", "TestLaterVersions"},
}
