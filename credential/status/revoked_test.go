package status_test

import (
	"context"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/status"
	"github.com/kompetansebevis/bevis/internal/strictjson"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

const namedURL = "https://kurs.example/revocations"

func TestNamedEntry(t *testing.T) {
	t.Parallel()
	for text, code := range map[string]reason.Code{
		`{"id":"` + namedURL + `","type":"1EdTechRevocationList"}`:   "",
		`{"id":"` + namedURL + `","type":["1EdTechRevocationList"]}`: "",
		`{"type":"1EdTechRevocationList"}`:                           "status_invalid/entry",
		`{"id":"list","type":"1EdTechRevocationList"}`:               "status_invalid/entry",
		`{"id":7,"type":"1EdTechRevocationList"}`:                    "status_invalid/entry",
		`{"id":"urn:uuid:1","type":"1EdTechRevocationList"}`:         "status_invalid/entry",
		`{"id":"//kurs.example/l","type":"1EdTechRevocationList"}`:   "status_invalid/entry",
		`{"id":"https://a b/","type":"1EdTechRevocationList"}`:       "status_invalid/entry",
	} {
		v := value(t, text)
		if !status.IsNamed(v) {
			t.Errorf("%s is not known", text)
		}
		e, err := status.ParseNamedEntry(v, "/credentialStatus")
		if reason.CodeOf(err) != code || err == nil && e.ListURL != namedURL {
			t.Errorf("%s: %+v %v", text, e, err)
		}
	}
	if status.IsNamed(value(t, `{"type":"BitstringStatusListEntry"}`)) || status.IsNamed(nil) {
		t.Error("another type is taken for it")
	}
}

func TestNamedList(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, id, why string
		revoked       bool
		code          reason.Code
	}{
		"by default":             {`{"revokedCredential":[{"id":"urn:a"}]}`, "urn:a", "", true, ""},
		"one, and not a list":    {`{"revokedCredential":{"id":"urn:a"}}`, "urn:a", "", true, ""},
		"with a reason":          {`{"id":"` + namedURL + `","revokedCredential":[{"id":"urn:a","revoked":true,"revocationReason":"issued in error"}]}`, "urn:a", "issued in error", true, ""},
		"with a reason by short": {`{"revokedCredential":[{"id":"urn:a","reason":"withdrawn"}]}`, "urn:a", "withdrawn", true, ""},
		"spaces around":          {`{"revokedCredential":[{"id":" urn:a "}]}`, "urn:a", "", true, ""},
		"not any more":           {`{"revokedCredential":[{"id":"urn:a","revoked":false}]}`, "urn:a", "", false, ""},
		"twice":                  {`{"revokedCredential":[{"id":"urn:a"},{"id":"urn:a","revoked":false},{"id":"urn:a","reason":"x"}]}`, "urn:a", "x", true, ""},
		"another":                {`{"revokedCredential":[{"id":"urn:b"}]}`, "urn:a", "", false, ""},
		"two reasons":            {`{"revokedCredential":[{"id":"urn:a","revocationReason":"x","reason":"y"}]}`, "urn:a", "x", true, ""},
		"a reason that is none":  {`{"revokedCredential":[{"id":"urn:a","revocationReason":7,"reason":"y"}]}`, "urn:a", "y", true, ""},
		"twice, without reason":  {`{"revokedCredential":[{"id":"urn:a","reason":"x"},{"id":"urn:a"}]}`, "urn:a", "x", true, ""},
		"by case":                {`{"revokedCredential":[{"id":"URN:A"}]}`, "urn:a", "", false, ""},
		"empty":                  {`{"revokedCredential":[]}`, "urn:a", "", false, ""},
		"no list":                {`{"revoked":["urn:a"]}`, "", "", false, "status_invalid/wrong-type"},
		"not JSON":               {`<html>`, "", "", false, "status_invalid/list"},
		"two members":            {`{"revokedCredential":[{"id":"urn:a"}],"revokedCredential":[]}`, "", "", false, "status_invalid/list"},
		"of another place":       {`{"id":"https://kurs.example/other","revokedCredential":[]}`, "", "", false, "status_invalid/id-mismatch"},
		"an id that is none":     {`{"revokedCredential":[{"id":7}]}`, "", "", false, "status_invalid/list"},
		"a mere id":              {`{"revokedCredential":["urn:a"]}`, "urn:a", "", true, ""},
		"an entry that is none":  {`{"revokedCredential":[true]}`, "", "", false, "status_invalid/list"},
		"revoked as a text":      {`{"revokedCredential":[{"id":"urn:a","revoked":"false"}]}`, "", "", false, "status_invalid/list"},
	} {
		list, err := status.ParseNamedList([]byte(c.text), namedURL, strictjson.Limits{})
		if reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil {
			continue
		}
		if r, revoked := list.Find(c.id); revoked != c.revoked || r.Reason != c.why {
			t.Errorf("%s: %+v %v", name, r, revoked)
		}
	}
	many := `{"revokedCredential":[` + strings.TrimSuffix(strings.Repeat(`"a",`, 1_000_001), ",") + `]}`
	if _, err := status.ParseNamedList([]byte(many), namedURL, strictjson.Limits{MaxBytes: 8 << 20, MaxValues: 2_000_000}); reason.CodeOf(err) != "resource_limit/status" {
		t.Error("a list without end is read", err)
	}
}

// TestNamedEntriesOfOthers reads the entries of this type that stand in the
// samples of 1EdTech.
func TestNamedEntriesOfOthers(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"credential-status-revoked.json": "https://dc.1edtech.org/wellspring2022/wellspring-portal/api/revocations/da1e96e9-afcc-4eed-b9a2-2ddf7353214c",
		"complete.json":                  "https://1edtech.edu/credentials/3732/revocations",
		"complete_v1.json":               "https://1edtech.edu/credentials/3732/revocations",
	} {
		v := readValue(t, testcorpus.Path(t, "openbadges/1edtech", file)).Get("credentialStatus")
		if e, err := status.ParseNamedEntry(v, ""); err != nil || !status.IsNamed(v) || e.ListURL != want {
			t.Errorf("%s: %+v %v", file, e, err)
		}
	}
}

// FuzzParseNamedList: a list that is read names each credential by an id that
// it is found by.
func FuzzParseNamedList(f *testing.F) {
	f.Add([]byte(`{"id":"`+namedURL+`","revokedCredential":[{"id":"urn:a","revoked":true,"revocationReason":"issued in error"},{"id":"urn:b","revoked":false}]}`), "urn:a")
	f.Add([]byte(`{"revokedCredential":{"id":" urn:a\n"}}`), "urn:a")
	f.Add([]byte(`{"revokedCredential":[{"id":""}]}`), "")
	f.Fuzz(func(t *testing.T, raw []byte, id string) {
		list, err := status.ParseNamedList(raw, namedURL, strictjson.Limits{})
		if err != nil {
			if list != nil || reason.CodeOf(err).Coarse() != string(reason.StatusInvalid) && reason.CodeOf(err).Coarse() != string(reason.ResourceLimit) {
				t.Error(err)
			}
			return
		}
		if r, ok := list.Find(id); ok && (list.Len() == 0 || r.ID != strings.TrimSpace(id) || r.ID == "") {
			t.Errorf("%q finds %+v", id, r)
		}
	})
}

// TestInflationEnds: a list is not inflated for nobody.
func TestInflationEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	list, err := status.NewList(status.MinEntries)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := list.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := status.Decode(ctx, encoded, false); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
	tokens, err := status.NewTokenList(1, 100)
	if err != nil {
		t.Fatal(err)
	}
	v, err := tokens.Value()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := status.ParseTokenList(ctx, v); reason.CodeOf(err) != reason.Canceled {
		t.Error(err)
	}
}
