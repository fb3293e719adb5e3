package cli

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files")

// TestHostileNames: a file whose texts would mislead a screen, a page and a
// spreadsheet is shown safely in every form, and said to be what it is.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "hostile", "hostile.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range verifyFormats() {
		f := newFixture(t)
		f.env["BEVIS_LANG"], f.in = "en", string(raw)
		out, _ := f.want(3, "verify", "--offline", "--at", "2026-12-01", "--issuer", "did:key:z6Mkvr1w7vp4htMr2UZDCzb8iA73rCGGEkUGQqeceHkYX3bS", "--format", format, "-")
		if format == "csv" {
			if strings.Count(out, "\n") != strings.Count(out, "\r\n") || !strings.HasSuffix(out, "\r\n") {
				t.Error("lines do not end as RFC 4180 wants")
			}
			out = strings.ReplaceAll(out, "\r\n", "\n")
		}
		golden(t, filepath.Join("testdata", "hostile", "golden."+format), out)
		if !utf8.ValidString(out) {
			t.Errorf("%s is not UTF-8", format)
		}
		for _, c := range out {
			if unicode.IsControl(c) && c != '\n' || unicode.Is(unicode.Cf, c) || c == '\u2028' || c == '\u3164' {
				t.Errorf("%s holds %U", format, c)
			}
		}
		for _, code := range []string{"display_warning/text-direction", "display_warning/control-character", "display_warning/markup", "display_warning/active-link", "display_warning/invisible-character"} {
			if !strings.Contains(out, code) {
				t.Errorf("%s does not tell %s", format, code)
			}
		}
		switch format {
		case "html":
			for _, never := range []string{"<script", "<img", "<a ", "href", "src=https"} {
				if strings.Contains(strings.ReplaceAll(out, "&lt;", ""), "<"+strings.TrimPrefix(never, "<")) {
					t.Errorf("the page holds %q", never)
				}
			}
		case "csv":
			for _, cell := range []string{"=", "@SUM", "-1", ";=", "+cmd"} {
				if strings.Contains(out, ","+cell) || strings.Contains(out, ",\""+cell) || cell == ";=" && strings.Contains(out, cell) {
					t.Errorf("a cell begins %q", cell)
				}
			}
		case "json":
			if !json.Valid([]byte(out)) {
				t.Error("not JSON")
			}
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs (go test ./internal/cli -update):\n%s", file, got)
	}
}
