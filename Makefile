# make test   everything, also what has to be installed for it
# make printed  pages drawn, read back and checked by programs of others
# make lint   gofmt, vet, staticcheck
# make fuzz   every fuzz target for FUZZTIME each
# make bench  benchmarks; read them as ratios within one run
# make ledgers  many changes at once, and connections cut, under the race detector
# make faults  a wallet killed and refused at every system call, and by crowds
# make mutate  changes operators of the verify path one at a time: takes hours
# make uncheck takes out its checks one at a time, and names those that no test misses
# make bench-peers   signing and verifying, beside other people's packages

GO       ?= go
FUZZTIME ?= 20s
BIN      := .bin

# Tests that take a part of what is many take all of it; see internal/testdepth.
export BEVIS_THOROUGH := 1

.PHONY: test go-test race ledgers peers postgres signers faults printed lint fuzz mutate uncheck bench bench-peers clean

test: lint printed go-test race ledgers peers postgres signers faults

go-test:
	CGO_ENABLED=0 $(GO) test ./...
	@[ -d "$${BEVIS_CORPUS:-../shared/corpus}" ] || echo "SKIP the tests on documents that others made: no corpus (BEVIS_CORPUS)"

# The race detector needs a C compiler, and tests under it a longer time.
race:
	@if command -v $${CC:-cc} >/dev/null 2>&1; then \
		CGO_ENABLED=1 $(GO) test -race -short ./...; \
	else \
		echo "SKIP race: there is no C compiler"; \
	fi

# What docs/printed.md says was read back. Poppler and qpdf are installed if they
# can be; it stands in front of go-test, which uses them too.
printed:
	@command -v pdftoppm >/dev/null 2>&1 && command -v qpdf >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && apt-get install -y --no-install-recommends poppler-utils qpdf >/dev/null 2>&1; } || true
	@if ! command -v pdftoppm >/dev/null 2>&1; then \
		echo "SKIP printed: there is no pdftoppm"; \
	else \
		CGO_ENABLED=0 $(GO) test -count=1 -run 'TestPrintedPage|TestPagesCarry|TestOthersRead' ./internal/app ./internal/pdf; \
	fi

# What race leaves out for its time: 1,000 revocations at once and 10,000 requests of
# which an eighth is cut on the way, on both ledgers under the race detector, and
# workers whose connections are cut.
LEDGERS = 'TestContract/(no_change_is_lost|no_bit_of_an_entry_is_lost|requests_that_come_again)|TestCutConnections'
ledgers:
	@if ! command -v $${CC:-cc} >/dev/null 2>&1; then \
		echo "SKIP ledgers: there is no C compiler"; \
	else \
		CGO_ENABLED=1 $(GO) test -race -count=1 -run $(LEDGERS) ./issuer/ledger/sqlite && \
		{ CGO_ENABLED=1 bench/catalogue/postgres.sh $(GO) test -race -count=1 -run $(LEDGERS) ./issuer/ledger/postgres || [ $$? -eq 77 ]; }; \
	fi

# Programs of others issue and verify beside us. Needs node 20 and npm.
peers:
	@if ! command -v npm >/dev/null 2>&1; then \
		echo "SKIP peers: there is no npm"; \
	else \
		out=$$({ $(GO) test -count=1 -tags peers -v ./bench/peers/ && $(GO) test -count=1 -tags peers -run Peers -v ./internal/jsonld -args -differential=10000; } 2>&1); code=$$?; \
		if [ $$code -ne 0 ]; then echo "$$out"; else echo "$$out" | grep -E '^(--- |ok)|_test.go:'; fi; \
		exit $$code; \
	fi

# A throw-away PostgreSQL, installed if it can be.
postgres:
	@bench/catalogue/postgres.sh $(GO) test -count=1 -p 1 ./catalogue/store/postgres ./issuer/ledger/postgres || [ $$? -eq 77 ]
	@bench/catalogue/postgres.sh $(GO) test -count=1 -run 'TestScripts/^ledgerpostgres$$|TestKilled(Workers|Batch)/^ledgerpostgres$$' ./cmd/bevis || [ $$? -eq 77 ]

# Keys in a token, by the example that needs cgo. SoftHSM is installed if it can be.
signers:
	@command -v softhsm2-util >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && apt-get install -y --no-install-recommends softhsm2 >/dev/null 2>&1; } || true
	@if ! command -v $${CC:-cc} >/dev/null 2>&1; then \
		echo "SKIP signers: there is no C compiler"; \
	elif ! command -v softhsm2-util >/dev/null 2>&1; then \
		echo "SKIP signers: there is no SoftHSM"; \
	else \
		cd examples/signer-pkcs11 && CGO_ENABLED=1 $(GO) vet ./... && CGO_ENABLED=1 $(GO) test -count=1 ./...; \
	fi

# What docs/wallet.md says of crashes. Strace is installed if it can be.
faults:
	@command -v strace >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && apt-get install -y --no-install-recommends strace >/dev/null 2>&1; } || true
	@out=$$($(GO) test -count=1 -tags faults -run 'Processes|Strace|KilledCommand|ReadOnly' -v ./wallet 2>&1); code=$$?; \
	if [ $$code -ne 0 ]; then echo "$$out"; else echo "$$out" | grep -E '^(--- |ok)|_test.go:'; fi; \
	exit $$code

$(BIN)/staticcheck: tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$(BIN)/staticcheck honnef.co/go/tools/cmd/staticcheck

lint: $(BIN)/staticcheck
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) vet -tags peers ./bench/peers/ ./internal/jsonld
	$(GO) vet -tags faults ./wallet
	$(BIN)/staticcheck ./...
	GOOS=windows $(GO) vet ./...
	GOOS=darwin $(GO) vet ./...

fuzz:
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$package; \
		done; \
	done

# Mutation runs; docs/mutation.md says what came of them and explains what is
# left. Gremlins goes into the folders below a package by itself.
$(BIN)/gremlins: tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$(BIN)/gremlins github.com/go-gremlins/gremlins/cmd/gremlins

# Operators changed, with a build and a run of the package's tests for each.
mutate: $(BIN)/gremlins
	@set -e; for package in verifier trust credential/status credential/proof internal/jws; do \
		CGO_ENABLED=0 GOFLAGS="-short -vet=off" $(BIN)/gremlins unleash ./$$package; \
	done

# Checks taken out, with one build for all.
PATHS ?= trust credential credential/key credential/did credential/bake credential/status credential/logproof credential/proof credential/proof/cose credential/proof/sdjwt credential/proof/jose credential/proof/dataintegrity internal/strictjson internal/jcs internal/rdfc internal/cbor internal/timestamp verifier
TESTS ?= verifier,bevistest
uncheck:
	cd tools && CGO_ENABLED=0 $(GO) run ./uncheck -known ../docs/mutation.md -tests $(TESTS) $(PATHS)

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Ratios within one run, to what any program must do and to other people's
# packages. Needs node 20 and npm.
bench-peers:
	cd bench/peers && npm ci --ignore-scripts --no-audit --no-fund
	$(GO) run ./bench/proofs -peers -out bench/proofs/samples.txt

clean:
	rm -rf $(BIN) bench/peers/node_modules
