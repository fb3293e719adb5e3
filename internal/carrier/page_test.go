package carrier

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/reason"
)

func pageWith(inner string) []byte {
	return []byte("<!DOCTYPE html>\n<html><body>" + inner + "</body></html>")
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, presentation := range []string{badge, "eyJ.a.b~", "\xd2\x84\x00\xff"} {
		link := PageLink([]byte(presentation), `a">b`, "<lagre>")
		if strings.Contains(link, `a">b`) || strings.Contains(link, "<lagre>") {
			t.Error(link)
		}
		for _, raw := range [][]byte{pageWith(link), append([]byte("\xef\xbb\xbf \n"), pageWith(link)...), []byte("<HTML >" + link), bytes.Replace(pageWith(link), []byte("<!DOCTYPE"), []byte("<!doctype"), 1)} {
			items, err := Open(t.Context(), raw, Limits{})
			if err != nil || len(items) != 1 || items[0].Kind != HTML || string(items[0].Raw) != presentation {
				t.Errorf("%.40q: %+v, %v", raw, items, err)
			}
		}
	}
	link := PageLink([]byte(badge), "a", "b")
	for name, test := range map[string]struct {
		page []byte
		want reason.Code
	}{
		"two of them":              {pageWith(link + link), "malformed/share-page"},
		"a mark in a comment":      {pageWith("<!-- <a id=\"bevis-share\" > -->" + link), "malformed/share-page"},
		"no address":               {pageWith(`<a id="bevis-share" >x</a>`), "malformed/share-page"},
		"an address elsewhere":     {pageWith(`<a id="bevis-share" href="https://firma.example/">x</a>`), "malformed/share-page"},
		"behind the element":       {pageWith(`<a id="bevis-share" ><a href="data:application/octet-stream;base64,e30=">x</a>`), "malformed/share-page"},
		"no end":                   {[]byte("<html>" + strings.TrimSuffix(link, `">b</a>`)), "malformed/share-page"},
		"nothing":                  {pageWith(PageLink(nil, "a", "b")), "malformed/share-page"},
		"a line break":             {pageWith(strings.Replace(link, "base64,", "base64,\n", 1)), "malformed/share-page"},
		"another alphabet":         {pageWith(strings.Replace(link, "base64,", "base64,-_", 1)), "malformed/share-page"},
		"bits to spare":            {pageWith(`<a id="bevis-share" href="data:application/octet-stream;base64,e31=">x</a>`), "malformed/share-page"},
		"larger than is read":      {pageWith(PageLink(make([]byte, 2000), "a", "b")), reason.LimitSize},
		"a page without a marking": {pageWith(strings.Replace(link, "bevis-share", "bevis", 1)), ""},
	} {
		items, err := Open(t.Context(), test.page, Limits{MaxItem: 1000})
		if reason.CodeOf(err) != test.want {
			t.Errorf("%s: %+v, %v", name, items, err)
		}
	}
	if Detect([]byte(`<svg xmlns="http://www.w3.org/2000/svg"><text> id="bevis-share" </text></svg>`)) != SVG {
		t.Error("a drawing is taken for a page")
	}
}

// FuzzPage: what comes out of a page is what went in, and nothing else does.
func FuzzPage(f *testing.F) {
	for _, s := range []string{string(pageWith(PageLink([]byte(badge), "a", "b"))), "<html> id=\"bevis-share\" ", "<!doctype html>", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if Detect(raw) == HTML {
			items, err := Open(t.Context(), raw, Limits{})
			if err == nil && !bytes.Contains(raw, []byte(base64.StdEncoding.EncodeToString(items[0].Raw))) {
				t.Fatalf("%q came out of nowhere", items[0].Raw)
			}
		}
		items, err := Open(t.Context(), pageWith(PageLink(raw, "a", "b")), Limits{})
		if len(raw) == 0 {
			return
		}
		if err != nil || !bytes.Equal(items[0].Raw, raw) {
			t.Fatal(err)
		}
	})
}
