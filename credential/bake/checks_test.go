package bake_test

import (
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/reason"
)

// The tests in this file are each for a check that could be taken out without
// another test failing: see docs/mutation.md.

// codes returns the codes of warnings, one behind the other.
func codes(warnings []bake.Warning) string {
	var out []string
	for _, w := range warnings {
		out = append(out, string(w.Code))
	}
	return strings.Join(out, " ")
}

// TestWhatIsBaked has one letter alone that is wrong.
func TestWhatIsBaked(t *testing.T) {
	t.Parallel()
	plain := picture(t)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for c := range byte(128) {
		jws := "a." + string(rune(c)) + "b.c"
		_, err := bake.Bake(plain, []byte(jws), bake.Limits{})
		if ok := strings.IndexByte(letters, c) >= 0; ok && err != nil || !ok && reason.CodeOf(err) != "malformed/jws" {
			t.Errorf("%q: %v", jws, err)
		}
	}
	for credential, code := range map[string]reason.Code{
		`{"a":1`: "malformed/jws",
		`"a":1}`: "malformed/jws",
		`a..}`:   "malformed/jws",
		`{..a`:   "malformed/jws",
		`{}`:     "",
	} {
		if _, err := bake.Bake(plain, []byte(credential), bake.Limits{}); reason.CodeOf(err) != code {
			t.Errorf("%s: %v, not %q", credential, err, code)
		}
	}
	// What is too long is not looked at.
	if _, err := bake.Bake(plain, []byte("\xff\xff\xff"), bake.Limits{MaxText: 2}); reason.CodeOf(err) != "resource_limit/size" {
		t.Error(err)
	}
	if _, err := bake.Bake([]byte("\xff\xff\xff"), []byte(`{}`), bake.Limits{MaxImage: 2}); reason.CodeOf(err) != "resource_limit/size" {
		t.Error(err)
	}
}

// TestCharactersInSVG: XML holds some control characters, and JSON may hold
// none of them.
func TestCharactersInSVG(t *testing.T) {
	t.Parallel()
	for c, ok := range map[rune]bool{0: false, 1: false, 8: false, '\t': true, '\n': true, 0xb: false, '\r': true, 0x1f: false, ' ': true, 0xfffd: true, 0xfffe: false, 0xffff: false, 0x10000: true} {
		credential := "{" + string(c) + "}"
		out, err := bake.Bake([]byte(drawing), []byte(credential), bake.Limits{})
		if ok && err != nil || !ok && reason.CodeOf(err) != "malformed/xml-character" {
			t.Errorf("U+%04X: %v", c, err)
		}
		if got, err := bake.Extract(out, bake.Limits{}); ok && (err != nil || string(got.Credential) != credential) {
			t.Errorf("U+%04X: %v, %v", c, got, err)
		}
	}
}

func TestPNGChunksOneByOne(t *testing.T) {
	t.Parallel()
	plain := picture(t)
	const v3 = "openbadgecredential\x00"
	packed := deflated(asJSON)
	overlong := deflated("{123456789}")
	for name, c := range map[string]struct {
		kind, data string
		code       reason.Code
	}{
		"sound":                        {"zTXt", v3 + "\x00" + deflated(`{"a":123}`), ""},
		"another method":               {"zTXt", v3 + "\x01" + packed, "image_invalid/text-chunk"},
		"no stream of zlib":            {"zTXt", v3 + "\x00no zlib", "image_invalid/text-chunk"},
		"another kind of text":         {"teXt", v3 + asJSON, "no_credential/picture"},
		"a name with a brace":          {"te{t", "", "image_invalid/order"},
		"a name with a bracket":        {"te[t", "", "image_invalid/order"},
		"a name with an at":            {"te@t", "", "image_invalid/order"},
		"a name with a letter of more": {"te\xe6t", "", "image_invalid/order"},
		"too long":                     {"zTXt", v3 + "\x00" + overlong, "resource_limit/inflate"},
		"too long and damaged":         {"zTXt", v3 + "\x00" + overlong[:len(overlong)-1] + "!", "image_invalid/text-chunk"},
	} {
		png := insert(plain, chunkOf(c.kind, []byte(c.data)))
		if got, err := bake.Extract(png, bake.Limits{MaxText: 10}); reason.CodeOf(err) != c.code {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestSVGElementsOneByOne has elements that are nearly those of a badge.
func TestSVGElementsOneByOne(t *testing.T) {
	t.Parallel()
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="https://evil.example">`
	const ok = `{"a":1}`
	const foreign = ` xmlns:openbadges="https://evil.example"`
	for name, tt := range map[string]struct{ svg, want string }{
		"no root":                               {`<!-- nothing -->`, "image_invalid/xml"},
		"text before the root":                  {`<!-- -->x` + svgTag + svgBadge + `</svg>`, "image_invalid/xml"},
		"no UTF-8 in a comment":                 {svgTag + "<!-- \xe6 -->" + svgBadge + `</svg>`, "image_invalid/xml"},
		"signs in an instruction":               {svgTag + `<?x ` + strings.Repeat(`=`, 50_000) + `?>` + svgBadge + `</svg>`, ok},
		"lookalike and more":                    {svgTag + svgBadge + `<openbadges:credential` + foreign + `/><g/></svg>`, "image_invalid/ambiguous"},
		"lookalike of version 2":                {svgTag + svgBadge + `<openbadges:assertion` + foreign + `/></svg>`, "image_invalid/ambiguous"},
		"lookalike of version 2 alone":          {svgTag + `<openbadges:assertion` + foreign + `/></svg>`, "image_invalid/wrong-namespace"},
		"another's credential":                  {svg + `<x:credential>{}</x:credential></svg>`, "image_invalid/wrong-namespace"},
		"another's credential and more":         {svg + `<x:credential>{}</x:credential><g/></svg>`, "image_invalid/wrong-namespace"},
		"another's beside the badge":            {svgTag + `<x:credential xmlns:x="https://evil.example"/>` + svgBadge + `</svg>`, ok},
		"another's assertion":                   {svg + `<x:assertion>{}</x:assertion></svg>`, "no_credential/picture"},
		"another's element":                     {svg + `<x:note>{}</x:note></svg>`, "no_credential/picture"},
		"credential of a picture":               {svg + `<credential>{}</credential></svg>`, "no_credential/picture"},
		"credential of nobody":                  {`<svg><credential>{}</credential></svg>`, "no_credential/picture"},
		"another element of badges":             {svgTag + `<openbadges:note>{}</openbadges:note></svg>`, "no_credential/picture"},
		"another element of version 2":          {`<svg xmlns:b="http://openbadges.org"><b:note>{}</b:note></svg>`, "no_credential/picture"},
		"assertion in the place of version 3":   {svgTag + `<openbadges:note verify="a.b.c"/></svg>`, "no_credential/picture"},
		"a verify of another":                   {svgTag + `<openbadges:credential xmlns:x="https://evil.example" x:verify="a.b.c">{"a":1}</openbadges:credential></svg>`, ok},
		"the same attribute of another beside":  {svgTag + `<g a="" xmlns:x="urn:x" x:a=""/>` + svgBadge + `</svg>`, ok},
		"the same attribute twice, by prefixes": {svgTag + `<g xmlns:x="urn:x" xmlns:y="urn:x" x:a="" y:a=""/>` + svgBadge + `</svg>`, "image_invalid/xml"},
	} {
		got, err := bake.Extract([]byte(tt.svg), bake.Limits{})
		if err != nil && string(reason.CodeOf(err)) != tt.want || err == nil && string(got.Credential) != tt.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// TestWhereThePrefixIsBound: what looks like the declaration is none, and what
// is taken out may leave something else.
func TestWhereThePrefixIsBound(t *testing.T) {
	t.Parallel()
	const declared = ` xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"`
	const element = `<openbadges:credential verify="` + asJWT + `"></openbadges:credential>`
	for picture, want := range map[string]string{
		`<svg openbadges="https://purl.imsglobal.org/ob/v3p0"></svg>`: `<svg` + declared + ` openbadges="https://purl.imsglobal.org/ob/v3p0">` + element + `</svg>`,
		`<svg xmlns:x="https://evil.example"></svg>`:                  `<svg` + declared + ` xmlns:x="https://evil.example">` + element + `</svg>`,
	} {
		out, err := bake.Bake([]byte(picture), []byte(asJWT), bake.Limits{})
		if err != nil || string(out) != want {
			t.Errorf("%s: %s, %v", picture, out, err)
		}
	}
	// Without the badge between them the three signs are no text of XML.
	for _, signs := range [][2]string{{"]]", ">"}, {"]", "]>"}} {
		out, err := bake.Bake([]byte(svgTag+signs[0]+svgBadge+signs[1]+`</svg>`), []byte(asJWT), bake.Limits{})
		if want := svgTag + element + signs[0] + `<!---->` + signs[1] + `</svg>`; err != nil || string(out) != want {
			t.Errorf("%s, %v", out, err)
		}
	}
}

// TestWarningsOneByOne has what nearly runs or loads something, and what does.
func TestWarningsOneByOne(t *testing.T) {
	t.Parallel()
	const active, external = "display_warning/active-image", "display_warning/external-image"
	for part, want := range map[string]string{
		`<image href="//a.example"/><image href="//b.example"/>`:                  external,
		`<script/><image href="//a.example"/><script/>`:                           active + " " + external,
		`<g xmlns="urn:url(x)"/>`:                                                 "",
		`<g xmlns:x="urn:x" x:xmlns="url(//track.example)"/>`:                     external,
		`<a href="VB script:x"/>`:                                                 active,
		`<g id="one" class="href"/>`:                                              "",
		`<animate attributeName="fill"/>`:                                         "",
		`<set attributeName="onload" to="x"/>`:                                    active,
		`<audio src="//track.example"/>`:                                          external,
		`<img srcset="//track.example 1x"/>`:                                      external,
		`<image href=""/>`:                                                        "",
		`<g style="fill:image-set('x.png' 1x)"/>`:                                 external,
		`<g style="fill:ima\000067e-set('x.png' 1x)"/>`:                           external,
		`<g style="fill:url()"/>`:                                                 "",
		`<g style="fill:(\75"/>`:                                                  "",
		`<g style="fill:(\"/>`:                                                    "",
		`<g style="fill:u\\72l(//track.example)"/>`:                               "",
		`<style><style/>@import "x.css";</style>`:                                 external,
		`<style>@import "x.css";<g/></style>`:                                     external,
		`<style><g/>@import "x.css";</style>`:                                     external,
		`<style>@im<style>port "x.css";</style></style>`:                          external,
		`<style>g{}</style><title>@import "x.css"</title>`:                        "",
		`<style>g{}</style><style>@import "x.css";</style>`:                       external,
		`<style><g><g/></g></style><style/><g/><text>url(//track.example)</text>`: "",
		`<style>@import</style><style>"x.css"</style><desc>image-set('x')</desc>`: external,
		`<STYLE>@import "x.css";</STYLE>`:                                         external,
		`<style>@im</style><style>port "x.css"</style>`:                           "",
	} {
		got, err := bake.Extract([]byte(svgTag+svgBadge+part+`</svg>`), bake.Limits{})
		if err != nil || codes(got.Warnings) != want {
			t.Errorf("%s: %v, %v, want %q", part, got, err, want)
			continue
		}
		for _, w := range got.Warnings {
			if loads := strings.Contains(w.Detail, "loads something"); loads != (w.Code == external) {
				t.Errorf("%s: %s", w.Code, w.Detail)
			}
		}
	}
}
