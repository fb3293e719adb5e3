package status_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

func readValue(t *testing.T, path string) *strictjson.Value {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return value(t, string(data))
}

// TestAttackLists asks each list of the attacks for places that are known:
// what is wrong with a list itself must show here. Who signed it, and whether it
// is in force, is for package verifier.
func TestAttackLists(t *testing.T) {
	t.Parallel()
	dir := testcorpus.Path(t, "attacks/status/lists")
	const url = "https://issuer.example/status/1"
	for _, tt := range []struct {
		file    string
		purpose string
		index   uint64
		set     bool
		code    reason.Code
	}{
		{"revocation", "revocation", 0, false, ""},
		{"revocation", "revocation", 1, true, ""}, // ST-01
		{"revocation", "revocation", 6, false, ""},
		{"revocation", "revocation", 94567, true, ""},
		{"revocation", "revocation", 131071, true, ""},
		{"revocation", "revocation", 131072, false, "status_invalid/index"},               // ST-02
		{"revocation", "suspension", 1, false, "status_invalid/purpose-mismatch"},         // ST-03
		{"list-short", "revocation", 1, false, "status_invalid/too-short"},                // ST-08
		{"list-bomb", "revocation", 1, false, reason.LimitInflate},                        // ST-09
		{"list-no-multibase", "revocation", 1, false, "status_invalid/encoding"},          // ST-10
		{"list-zlib", "revocation", 1, false, "status_invalid/encoding"},                  // ST-10
		{"list-truncated", "revocation", 1, false, "status_invalid/encoding"},             // ST-10
		{"list-other-id", "revocation", 1, false, "status_invalid/id-mismatch"},           // ST-11
		{"list-ordinary-credential", "revocation", 1, false, "status_invalid/wrong-type"}, // ST-15
	} {
		entry := status.Entry{ListURL: url, Purpose: tt.purpose, Index: tt.index}
		set, err := status.Check(t.Context(), entry, readValue(t, filepath.Join(dir, tt.file+".json")))
		if set != tt.set || reason.CodeOf(err) != tt.code {
			t.Errorf("%s at %d for %s: %v, %v", tt.file, tt.index, tt.purpose, set, err)
		}
		if err != nil && reason.AtOf(err) != url {
			t.Errorf("%s: the error does not say which list: %v", tt.file, err)
		}
	}
}

// TestAttackEntries reads the entries of the attacks on the index: all are
// refused, here or when the list is asked.
func TestAttackEntries(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(testcorpus.Path(t, "attacks/status"), "index-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	list := readValue(t, testcorpus.Path(t, "attacks/status/lists/revocation.json"))
	for _, file := range files {
		entry, err := status.ParseEntry(readValue(t, file).Get("credentialStatus"), "/credentialStatus")
		if err == nil {
			_, err = status.Check(t.Context(), entry, list)
		}
		if reason.CodeOf(err) != "status_invalid/index" {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
}

// TestListsOfOthers reads the lists that other issuers made. Those of the
// Digital Credentials Consortium are 100,000 entries long, which is less than
// the standard allows.
func TestListsOfOthers(t *testing.T) {
	t.Parallel()
	const dcc = "dcc/statusLists/didkey-ed25519Signature2020/"
	for name, code := range map[string]reason.Code{
		"openbadges/1edtech/bit-string-list/testlist": "",
		dcc + "e5WK8CbZ1GjycuPombrj":                  "status_invalid/too-short",
		dcc + "expired":                               "status_invalid/too-short",
		dcc + "tampered":                              "status_invalid/encoding",
		dcc + "missingBitStringType":                  "status_invalid/wrong-type",
	} {
		doc := readValue(t, testcorpus.Path(t, name))
		id, _ := doc.Get("id").Text()
		if _, err := status.Check(t.Context(), status.Entry{ListURL: id, Purpose: "revocation", Index: 3}, doc); reason.CodeOf(err) != code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEntriesOfOthers reads every entry that stands in the credentials of
// other issuers: of the kinds that are known here, all are read.
func TestEntriesOfOthers(t *testing.T) {
	t.Parallel()
	found := 0
	for _, dir := range []string{"dcc", "openbadges/1edtech"} {
		err := filepath.WalkDir(testcorpus.Path(t, dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil || !json.Valid(data) {
				return err
			}
			doc, err := strictjson.Parse(data, strictjson.Limits{})
			if err != nil {
				return nil // not what is tested here
			}
			for _, v := range doc.Get("credentialStatus").List() {
				if kind, _ := v.Get("type").Text(); kind != "BitstringStatusListEntry" && kind != "StatusList2021Entry" {
					continue
				}
				found++
				if e, err := status.ParseEntry(v, "/credentialStatus"); err != nil || e.ListURL == "" {
					t.Errorf("%s: %v", path, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found == 0 {
		t.Error("no entry was found")
	}
}
