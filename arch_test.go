package bevis_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/kompetansebevis/bevis"

// rows is the house of docs/architecture.md: a package imports only from
// rows below its own, never from its own.
var rows = [][]string{
	0:  {"reason", "internal/testcorpus", "internal/testdepth", "internal/peak", "internal/timestamp/timestamptest"},
	1:  {"internal/strictjson", "internal/rdfc", "internal/bbs", "internal/secp256k1", "internal/cbor", "internal/atomicfile", "internal/i18n", "internal/unseen", "internal/qr", "internal/papercode", "internal/pdf", "internal/agekey", "internal/keyring", "internal/nodump", "docs/schemas", "internal/laplace", "internal/timestamp", "credential/bake", "catalogue/text", "catalogue/formats/sheet", "examples/catalogue", "credential/logproof", "internal/inorder", "internal/table", "credential/loss"},
	2:  {"internal/carrier", "internal/sheet", "credential", "credential/key", "internal/form", "internal/jcs", "internal/jsonschema", "internal/fetch", "internal/bundle", "internal/jwe", "catalogue", "server/apikey", "issuer/transparency", "internal/tally"},
	3:  {"credential/openbadge", "credential/did", "credential/key/bbskey", "credential/key/external", "internal/jsonld", "internal/jws", "catalogue/search", "catalogue/esco", "catalogue/support", "catalogue/formats/value", "catalogue/signed", "catalogue/upkeep", "catalogue/stats/terms", "credential/proof/jades", "internal/certificate"},
	4:  {"credential/profile", "credential/ob2", "credential/proof", "internal/selective", "internal/sharelink", "credential/status", "trust", "catalogue/stats", "catalogue/publication", "catalogue/review", "catalogue/competence", "catalogue/esco/link", "catalogue/formats/intake", "catalogue/formats/export", "credential/elm", "credential/elmo", "internal/badgegen", "internal/compare", "credential/blockcerts", "credential/openattestation"},
	5:  {"credential/proof/cose", "credential/proof/dataintegrity", "credential/proof/jose", "credential/proof/sdjwt", "catalogue/formats/graph", "catalogue/formats/elmo", "catalogue/charter", "catalogue/lint", "catalogue/recommend", "catalogue/stats/gather", "internal/attacks", "issuer/definition"},
	6:  {"credential/proof/suites", "catalogue/formats", "issuer", "verifier", "wallet"},
	7:  {"internal/opinion", "internal/exchangefile", "issuer/ledger/sqlite", "issuer/ledger/postgres", "catalogue/store", "catalogue/store/postgres", "bevistest", "bevistest/faults", "issuer/batch"},
	8:  {"server/vcapi", "server/issuer", "internal/app"},
	9:  {"internal/report"},
	10: {"internal/cli"},
	11: {"cmd/bevis", "examples/embed-issuer", "examples/issue-http", "examples/issue-kms", "examples/signer-file", "examples/verify-http", "examples/wallet", "bench/mooccubex", "bench/catalogue", "bench/proofs", "bench/attacks", "bench/verify", "bench/wallet", "bench/issueload", "bench/issue", "bench/status"},
}

// doors names, for each dependency, the packages through which alone it comes
// into the house. Tests may use more.
var doors = map[string][]string{
	"github.com/piprate/json-gold":          {"internal/jsonld", "bench/proofs"},
	"github.com/spf13/cobra":                {"internal/cli"},
	"filippo.io/age":                        {"wallet", "bench/wallet", "internal/agekey", "internal/sharelink"},
	"github.com/klauspost/compress":         {"wallet", "bench/wallet"},
	"github.com/zalando/go-keyring":         {"internal/keyring"},
	"modernc.org/sqlite":                    {"issuer/ledger/sqlite"},
	"golang.org/x/crypto":                   {"credential/openattestation"},
	"golang.org/x/mod":                      {"issuer/transparency"},
	"golang.org/x/net":                      {"catalogue/formats/graph", "catalogue/formats/value"},
	"github.com/jackc/pgx":                  {"catalogue/store/postgres", "issuer/ledger/postgres"},
	"github.com/go-jose/go-jose":            {"credential/key", "credential/proof/jose", "internal/jwe"},
	"github.com/multiformats/go-multibase":  {"credential/key", "credential/blockcerts", "credential/proof/dataintegrity", "internal/attacks"},
	"filippo.io/edwards25519":               {"credential/key"},
	"github.com/cloudflare/circl":           {"internal/bbs"},
	"github.com/decred/dcrd":                {"internal/secp256k1"},
	"github.com/makiuchi-d/gozxing":         {"internal/carrier", "internal/qr"},
	"golang.org/x/sys":                      {"internal/atomicfile"},
	"golang.org/x/term":                     {"internal/cli"},
	"golang.org/x/image":                    {"internal/pdf"},
	"github.com/yuin/goldmark":              {"internal/certificate"},
	"github.com/microcosm-cc/bluemonday":    {"internal/certificate"},
	"golang.org/x/text":                     {"internal/i18n", "internal/app", "internal/cli", "wallet"},
	"net/http":                              {"internal/fetch", "bevistest/faults", "server/vcapi", "server/issuer", "examples/verify-http", "examples/issue-http", "bench/issueload", "bench/status"},
	"github.com/santhosh-tekuri/jsonschema": {"internal/jsonschema"},
}

// linked is how many modules an embedder of a package gets beside bevis, at
// the most, and what must never be among what it links.
var linked = []struct {
	pkg     string
	modules int
	never   []string
}{
	{"credential", 0, []string{"net/http", "github.com/spf13/cobra", "modernc.org/sqlite"}},
	{"issuer", 5, []string{"net/http", "github.com/spf13/cobra", "modernc.org/sqlite", "github.com/jackc/pgx/v5", "database/sql", "golang.org/x/mod", "golang.org/x/image", "github.com/yuin/goldmark"}},
	{"verifier", 5, []string{"net/http", "golang.org/x/mod", "github.com/spf13/cobra", "modernc.org/sqlite", "github.com/makiuchi-d/gozxing", "github.com/santhosh-tekuri/jsonschema/v6", "golang.org/x/image", "github.com/yuin/goldmark"}},
	{"wallet", 12, []string{"net/http", "os/exec", "github.com/spf13/cobra", "modernc.org/sqlite", "github.com/makiuchi-d/gozxing", "github.com/zalando/go-keyring", "filippo.io/age/plugin", "golang.org/x/image", "github.com/yuin/goldmark"}},
	{"credential/ob2", 5, []string{"net/http", "github.com/spf13/cobra", "modernc.org/sqlite", "github.com/makiuchi-d/gozxing"}},
	{"credential/proof/suites", 12, []string{"github.com/spf13/cobra", "modernc.org/sqlite"}},
}

// only names packages that are dangerous in other hands, with all that may
// import them.
var only = map[string][]string{
	"server/vcapi": {"internal/cli"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
	Module     *struct{ Path string }
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,Deps,Standard,Module"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func rowOf(pkg string) int {
	return slices.IndexFunc(rows, func(row []string) bool { return slices.Contains(row, pkg) })
}

// TestImportsRunDown keeps the rows and the doors.
func TestImportsRunDown(t *testing.T) {
	t.Parallel()
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		if name == module {
			continue
		}
		own := rowOf(name)
		if own < 0 {
			t.Errorf("%s stands in no row: give it a place in arch_test.go and docs/architecture.md", name)
			continue
		}
		for _, imported := range p.Imports {
			if inner, ok := strings.CutPrefix(imported, module+"/"); ok {
				if row := rowOf(inner); row >= own {
					t.Errorf("%s (row %d) imports %s (row %d)", name, own, inner, row)
				}
				if by, dangerous := only[inner]; dangerous && !slices.Contains(by, name) {
					t.Errorf("%s imports %s, which is for %v alone", name, inner, by)
				}
				continue
			}
			for dependency, through := range doors {
				if (imported == dependency || strings.HasPrefix(imported, dependency+"/")) && !slices.Contains(through, name) {
					t.Errorf("%s imports %s, whose door is %v", name, imported, through)
				}
			}
		}
	}
}

// TestEmbeddersLinkLittle counts the modules behind what others embed.
func TestEmbeddersLinkLittle(t *testing.T) {
	t.Parallel()
	for _, want := range linked {
		t.Run(want.pkg, func(t *testing.T) {
			t.Parallel()
			modules := map[string]bool{}
			for _, p := range list(t, "-deps", "./"+want.pkg) {
				if p.Module != nil && p.Module.Path != module {
					modules[p.Module.Path] = true
				}
				for _, never := range want.never {
					if p.ImportPath == never || strings.HasPrefix(p.ImportPath, never+"/") {
						t.Errorf("%s links %s", want.pkg, p.ImportPath)
					}
				}
			}
			if len(modules) > want.modules {
				t.Errorf("%s links %d modules, at most %d are allowed: %v", want.pkg, len(modules), want.modules, modules)
			}
		})
	}
}
