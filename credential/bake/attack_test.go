package bake_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/kompetansebevis/bevis/credential/bake"
	"github.com/kompetansebevis/bevis/internal/testcorpus"
	"github.com/kompetansebevis/bevis/reason"
)

// svgTag opens a root that binds the prefix as Open Badges 3.0 does.
const svgTag = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">`

const svgBadge = `<openbadges:credential><![CDATA[{"a":1}]]></openbadges:credential>`

func deflated(text string) string {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

// TestPNGCarriers reads what other programs bake, where it is unambiguous.
func TestPNGCarriers(t *testing.T) {
	t.Parallel()
	plain := picture(t)
	chunk := func(kind, data string) []byte { return chunkOf(kind, []byte(data)) }
	const v3, v2 = "openbadgecredential\x00", "openbadges\x00"
	packed := deflated(asJSON)
	for name, tt := range map[string]struct {
		png  []byte
		want string // credential, or code of the error
		ob2  bool
		warn int
	}{
		"iTXt":                         {png: insert(plain, chunk("iTXt", v3+"\x00\x00\x00\x00"+asJSON)), want: asJSON},
		"language, translated keyword": {png: insert(plain, chunk("iTXt", v3+"\x00\x00nb\x00merke æ\x00"+asJSON)), want: asJSON},
		"method without compression":   {png: insert(plain, chunk("iTXt", v3+"\x00\x07\x00\x00"+asJSON)), want: asJSON},
		"compressed iTXt":              {png: insert(plain, chunk("iTXt", v3+"\x01\x00\x00\x00"+packed)), want: asJSON},
		"tEXt in UTF-8":                {png: insert(plain, chunk("tEXt", v3+asJSON)), want: asJSON},
		"zTXt":                         {png: insert(plain, chunk("zTXt", v3+"\x00"+packed)), want: asJSON},
		"OB 2 tEXt":                    {png: insert(plain, chunk("tEXt", v2+"https://example.org/a")), want: "https://example.org/a", ob2: true},
		"OB 2 beside OB 3":             {png: insert(plain, chunk("tEXt", v2+"https://example.org/a"), chunk("iTXt", v3+"\x00\x00\x00\x00"+asJWT)), want: asJWT, warn: 1},
		"other case":                   {png: insert(plain, chunk("iTXt", "OpenBadgeCredential\x00\x00\x00\x00\x00"+asJSON)), want: "no_credential/picture"},
		"longer keyword":               {png: insert(plain, chunk("iTXt", "openbadgecredentials\x00\x00\x00\x00\x00"+asJSON)), want: "no_credential/picture"},
		"empty text":                   {png: insert(plain, chunk("iTXt", v3+"\x00\x00\x00\x00 ")), want: "no_credential/picture"},
		"no end of keyword":            {png: insert(plain, chunk("iTXt", "openbadgecredential")), want: "no_credential/picture"},
		"in Latin-1":                   {png: insert(plain, chunk("tEXt", v3+"{\"a\":\"\xe6\"}")), want: "image_invalid/text-chunk"},
		"iTXt and tEXt":                {png: insert(plain, chunk("iTXt", v3+"\x00\x00\x00\x00"+asJSON), chunk("tEXt", v3+asJSON)), want: "image_invalid/two-credentials"},
		"OB 2 twice":                   {png: insert(plain, chunk("tEXt", v2+"a"), chunk("tEXt", v2+"a")), want: "image_invalid/two-credentials"},
		"unknown flag":                 {png: insert(plain, chunk("iTXt", v3+"\x02\x00\x00\x00"+asJSON)), want: "image_invalid/text-chunk"},
		"unknown method":               {png: insert(plain, chunk("iTXt", v3+"\x01\x01\x00\x00"+packed)), want: "image_invalid/text-chunk"},
		"no translated keyword":        {png: insert(plain, chunk("iTXt", v3+"\x00\x00\x00"+asJSON)), want: "image_invalid/text-chunk"},
		"data behind the stream":       {png: insert(plain, chunk("iTXt", v3+"\x01\x00\x00\x00"+packed+"x")), want: "image_invalid/text-chunk"},
		"stream cut short":             {png: insert(plain, chunk("zTXt", v3+"\x00"+packed[:len(packed)-1])), want: "image_invalid/text-chunk"},
		"stream of another checksum":   {png: insert(plain, chunk("zTXt", v3+"\x00"+packed[:len(packed)-1]+"!")), want: "image_invalid/text-chunk"},
		"no stream":                    {png: insert(plain, chunk("zTXt", v3)), want: "image_invalid/text-chunk"},
		"too long":                     {png: insert(plain, chunk("iTXt", v3+"\x00\x00\x00\x00"+strings.Repeat(" ", 1<<20+1))), want: "resource_limit/size"},
		"too long when inflated":       {png: insert(plain, chunk("zTXt", v3+"\x00"+deflated(strings.Repeat(" ", 1<<20+1)))), want: "resource_limit/inflate"},
	} {
		got, err := bake.Extract(tt.png, bake.Limits{})
		if err != nil {
			if string(reason.CodeOf(err)) != tt.want {
				t.Errorf("%s: %v (%s)", name, err, reason.CodeOf(err))
			}
			continue
		}
		if string(got.Credential) != tt.want || (got.Version == bake.OB2) != tt.ob2 || len(got.Warnings) != tt.warn || got.Format != bake.PNG {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestPNGStructure(t *testing.T) {
	t.Parallel()
	plain := picture(t)
	const headerEnd = 8 + 25
	signature, header, rest := plain[:8], plain[8:headerEnd], plain[headerEnd:]
	pixels, end := rest[:len(rest)-12], rest[len(rest)-12:]
	badge := chunkOf("iTXt", []byte("openbadgecredential\x00\x00\x00\x00\x00{}"))
	join := func(parts ...[]byte) []byte { return slices.Concat(append([][]byte{signature}, parts...)...) }
	for name, tt := range map[string]struct {
		png  []byte
		code reason.Code
	}{
		"sound":               {join(header, badge, pixels, end), ""},
		"behind the pixels":   {join(header, pixels, badge, end), ""},
		"huge dimensions":     {join(chunkOf("IHDR", []byte("\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00")), badge, pixels, end), ""},
		"two headers":         {join(header, header, badge, pixels, end), "image_invalid/order"},
		"short header":        {join(chunkOf("IHDR", []byte("x")), badge, pixels, end), "image_invalid/chunk-length"},
		"between the pixels":  {join(header, pixels, badge, pixels, end), "image_invalid/order"},
		"no pixels":           {join(header, badge, end), "image_invalid/order"},
		"data in the end":     {join(header, badge, pixels, chunkOf("IEND", []byte("x"))), "image_invalid/chunk-length"},
		"second end":          {join(header, badge, pixels, end, end), "image_invalid/data-after-end"},
		"behind the end":      {join(header, pixels, end, badge), "image_invalid/data-after-end"},
		"no end":              {join(header, badge, pixels), "image_invalid/truncated"},
		"chunk without name":  {join(header, chunkOf("\x00\x00\x00\x00", nil), badge, pixels, end), "image_invalid/order"},
		"very many chunks":    {join(header, bytes.Repeat(chunkOf("teSt", nil), 100_001), badge, pixels, end), "resource_limit/chunks"},
		"signature alone":     {signature, "image_invalid/truncated"},
		"half a signature":    {signature[:4], "image_invalid/format"},
		"JSON named .png":     {[]byte(asJSON), "image_invalid/format"},
		"nothing":             {nil, "image_invalid/format"},
		"larger than allowed": {make([]byte, 16<<20+1), "resource_limit/size"},
	} {
		if got, err := bake.Extract(tt.png, bake.Limits{}); reason.CodeOf(err) != tt.code {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

// TestEveryDamageIsSeen turns each bit of a baked PNG, and cuts a baked SVG at
// each byte: nothing but what was baked ever comes out.
func TestEveryDamageIsSeen(t *testing.T) {
	t.Parallel()
	good, err := bake.Bake(picture(t), []byte(asJSON), bake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for bit := range 8 {
			bad := bytes.Clone(good)
			bad[i] ^= 1 << bit
			if got, err := bake.Extract(bad, bake.Limits{}); err == nil {
				t.Fatalf("byte %d, bit %d: accepted: %s", i, bit, got.Credential)
			}
		}
	}
	for _, credential := range []string{asJSON, asJWT} {
		drawn, err := bake.Bake([]byte(drawing), []byte(credential), bake.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(drawn) - 1 { // the last byte is a line break
			if got, err := bake.Extract(drawn[:n], bake.Limits{}); err == nil {
				t.Fatalf("cut at %d: accepted: %s", n, got.Credential)
			}
		}
	}
}

func TestSVGAmbiguity(t *testing.T) {
	t.Parallel()
	const foreign = `<openbadges:credential xmlns:openbadges="https://evil.example">{}</openbadges:credential>`
	const older = `<b:assertion xmlns:b="http://openbadges.org" verify="https://example.org/a"><![CDATA[{"b":2}]]></b:assertion>`
	const doctype = `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">`
	const ok = `{"a":1}`
	for name, tt := range map[string]struct{ svg, want string }{
		"sound":                            {svgTag + svgBadge + `</svg>`, ok},
		"byte order mark":                  {"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>" + svgTag + svgBadge + `</svg>`, ok},
		"another prefix":                   {`<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="https://purl.imsglobal.org/ob/v3p0"><x:credential>{"a":1}</x:credential></svg>`, ok},
		"default namespace":                {`<svg xmlns="http://www.w3.org/2000/svg"><credential xmlns="https://purl.imsglobal.org/ob/v3p0">{&quot;a&quot;:1}</credential></svg>`, ok},
		"not first":                        {svgTag + `<title>x</title>` + svgBadge + `</svg>`, ok},
		"public type":                      {doctype + svgTag + svgBadge + `</svg>`, ok},
		"plain type":                       {`<!DOCTYPE svg>` + svgTag + svgBadge + `</svg>`, ok},
		"attribute equal to body":          {svgTag + `<openbadges:credential verify="` + asJWT + `">` + asJWT + `</openbadges:credential></svg>`, asJWT},
		"empty attribute":                  {svgTag + `<openbadges:credential verify="">{"a":1}</openbadges:credential></svg>`, ok},
		"in a comment":                     {svgTag + `<!--` + svgBadge + `--></svg>`, "no_credential/picture"},
		"in CDATA":                         {svgTag + `<desc><![CDATA[<openbadges:credential>{}</openbadges:credential>]]></desc></svg>`, "no_credential/picture"},
		"lookalike beside it":              {svgTag + foreign + `<x:credential xmlns:x="https://purl.imsglobal.org/ob/v3p0">{}</x:credential></svg>`, "image_invalid/ambiguous"},
		"lookalike deep inside":            {svgTag + svgBadge + `<g>` + foreign + `</g></svg>`, "image_invalid/ambiguous"},
		"lookalike alone":                  {svgTag + foreign + `</svg>`, "image_invalid/wrong-namespace"},
		"prefix bound to nothing":          {`<svg xmlns="http://www.w3.org/2000/svg"><openbadges:credential>{}</openbadges:credential></svg>`, "image_invalid/wrong-namespace"},
		"http for https":                   {`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="http://purl.imsglobal.org/ob/v3p0">` + svgBadge + `</svg>`, "image_invalid/wrong-namespace"},
		"repeated attribute":               {svgTag + `<openbadges:credential verify="` + asJWT + `" verify="a.b.c"/></svg>`, "image_invalid/xml"},
		"repeated declaration":             {`<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="https://evil.example" xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">` + svgBadge + `</svg>`, "image_invalid/xml"},
		"comment in the body":              {svgTag + `<openbadges:credential>{"a"<!-- -->:1}</openbadges:credential></svg>`, "image_invalid/ambiguous"},
		"instruction in the body":          {svgTag + `<openbadges:credential>{"a"<?x?>:1}</openbadges:credential></svg>`, "image_invalid/ambiguous"},
		"element in the body":              {svgTag + `<openbadges:credential>{"a":<g/>1}</openbadges:credential></svg>`, "image_invalid/ambiguous"},
		"credential in a credential":       {svgTag + `<openbadges:credential>` + svgBadge + `</openbadges:credential></svg>`, "image_invalid/ambiguous"},
		"credential as root":               {`<openbadges:credential xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0">{}</openbadges:credential>`, "image_invalid/ambiguous"},
		"two roots":                        {`<svg xmlns="http://www.w3.org/2000/svg"/>` + svgTag + svgBadge + `</svg>`, "image_invalid/data-after-end"},
		"text after the root":              {svgTag + svgBadge + `</svg>x`, "image_invalid/data-after-end"},
		"JSON after the root":              {svgTag + svgBadge + `</svg>{}`, "image_invalid/data-after-end"},
		"type after the root":              {svgTag + svgBadge + `</svg><!DOCTYPE svg>`, "image_invalid/doctype"},
		"type inside the root":             {svgTag + `<!DOCTYPE svg>` + svgBadge + `</svg>`, "image_invalid/doctype"},
		"two types":                        {`<!DOCTYPE svg>` + doctype + svgTag + svgBadge + `</svg>`, "image_invalid/doctype"},
		"type from a file":                 {`<!DOCTYPE svg SYSTEM "file:///etc/passwd">` + svgTag + svgBadge + `</svg>`, "image_invalid/doctype"},
		"public type from elsewhere":       {strings.Replace(doctype, "www.w3.org", "evil.example", 1) + svgTag + svgBadge + `</svg>`, "image_invalid/doctype"},
		"type with an entity":              {`<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + svgTag + `<openbadges:credential>&x;</openbadges:credential></svg>`, "image_invalid/doctype"},
		"public type with an entity":       {strings.TrimSuffix(doctype, ">") + `[<!ENTITY x "y">]>` + svgTag + svgBadge + `</svg>`, "image_invalid/doctype"},
		"entity of HTML":                   {svgTag + `<text>&nbsp;</text>` + svgBadge + `</svg>`, "image_invalid/xml"},
		"declaration inside":               {svgTag + `<?xml version="1.0"?>` + svgBadge + `</svg>`, "image_invalid/xml"},
		"Latin-1":                          {`<?xml version="1.0" encoding="ISO-8859-1"?>` + svgTag + svgBadge + `</svg>`, "image_invalid/xml"},
		"UTF-7":                            {`<?xml version="1.0" encoding="utf-7"?>` + svgTag + svgBadge + `</svg>`, "image_invalid/xml"},
		"not UTF-8":                        {svgTag + "<title>\xe6</title>" + svgBadge + `</svg>`, "image_invalid/xml"},
		"UTF-16":                           {"\xff\xfe<\x00s\x00v\x00g\x00/\x00>\x00", "image_invalid/format"},
		"another language":                 {`<math xmlns="http://www.w3.org/1998/Math/MathML"/>`, "no_credential/xml"},
		"svg of another namespace":         {`<svg xmlns="https://evil.example"/>`, "image_invalid/xml"},
		"OB 2 attribute and body":          {`<svg xmlns="http://www.w3.org/2000/svg">` + older + `</svg>`, "https://example.org/a"},
		"OB 2 beside OB 3":                 {svgTag + older + svgBadge + `</svg>`, ok},
		"OB 2 twice":                       {svgTag + older + older + `</svg>`, "image_invalid/two-credentials"},
		"a space that is not XML's":        {svgTag + "<openbadges:credential>\u00a0{\"a\":1}</openbadges:credential></svg>", "\u00a0{\"a\":1}"},
		"too many attributes":              {`<svg ` + strings.Repeat(`a="" `, 20_001) + `/>`, "resource_limit/xml"},
		"many signs that are no attribute": {svgTag + `<!--` + strings.Repeat(`=`, 50_000) + `-->` + svgBadge + `</svg>`, ok},
		"too many parts":                   {svgTag + strings.Repeat("<g/>", 250_001) + svgBadge + `</svg>`, "resource_limit/xml"},
		"too long":                         {svgTag + `<openbadges:credential>` + strings.Repeat(" ", 1<<20+1) + `</openbadges:credential></svg>`, "resource_limit/size"},
		"attribute too long":               {svgTag + `<openbadges:credential verify="` + strings.Repeat("a", 1<<20+1) + `"/></svg>`, "resource_limit/size"},
	} {
		got, err := bake.Extract([]byte(tt.svg), bake.Limits{})
		if err != nil {
			if string(reason.CodeOf(err)) != tt.want {
				t.Errorf("%s: %v (%s)", name, err, reason.CodeOf(err))
			}
			continue
		}
		if string(got.Credential) != tt.want || (got.Version == bake.OB2) != strings.HasSuffix(name, "body") && strings.HasPrefix(name, "OB 2") {
			t.Errorf("%s: %+v", name, got)
		}
		if (len(got.Warnings) == 1) != (name == "OB 2 beside OB 3") {
			t.Errorf("%s: warnings %v", name, got.Warnings)
		}
	}
}

func TestSVGWarnings(t *testing.T) {
	t.Parallel()
	const active, external = "display_warning/active-image", "display_warning/external-image"
	for part, want := range map[string]string{
		`<script>alert(1)</script>`:                                                        active,
		`<foreignObject/>`:                                                                 active,
		`<g onload="alert(1)"/>`:                                                           active,
		`<a href="java&#10;script:alert(1)"/>`:                                             active,
		`<a href="data:text/html,x"/>`:                                                     active,
		`<use href="data:image/svg+xml,x#y"/>`:                                             active,
		`<set attributeName="href" to="x"/>`:                                               active,
		`<animate attributeName="xlink:href" values="x"/>`:                                 active,
		`<image href="https://track.example/x.png"/>`:                                      external,
		`<image xmlns:l="http://www.w3.org/1999/xlink" l:href="//track.example"/>`:         external,
		`<g style="fill:URL( '//track.example/x#y')"/>`:                                    external,
		`<g filter="url(x.svg#f)"/>`:                                                       external,
		`<style>@im<![CDATA[port "x.css"]]>;</style>`:                                      external,
		`<style>g{fill:u\72l(//track.example)}</style>`:                                    external,
		`<style>@font-face{src:url(https://track.example/f)}</style>`:                      external,
		`<?xml-stylesheet href="https://track.example/x.css"?>`:                            external,
		`<a href="https://example.org">x</a>`:                                              "",
		`<use href="#a"/><g fill="url(#b)" style="fill:url( '#c' )"/>`:                     "",
		`<image href="data:image/png;base64,AAAA"/>`:                                       "",
		`<style>@font-face{src:url(data:font/woff2;base64,AA)} g{content:"\201C"}</style>`: "",
		`<g xmlns:ontology="https://example.org/o" ontology:x="y"/>`:                       "",
		`<title>javascript: onload url(http://x)</title>`:                                  "",
	} {
		got, err := bake.Extract([]byte(svgTag+svgBadge+part+`</svg>`), bake.Limits{})
		if err != nil {
			t.Errorf("%s: %v", part, err)
			continue
		}
		codes := ""
		for _, w := range got.Warnings {
			codes += string(w.Code)
		}
		if codes != want {
			t.Errorf("%s: %q, want %q", part, codes, want)
		}
	}
}

func TestBakeKeepsAndRefuses(t *testing.T) {
	t.Parallel()
	plain := picture(t)
	carrier := func(kind, extra string) []byte { return chunkOf(kind, []byte("openbadgecredential\x00"+extra+"{}")) }
	older := chunkOf("tEXt", []byte("openbadges\x00https://example.org/a"))
	const withOlder = `<svg xmlns:openbadges="http://openbadges.org"><openbadges:assertion verify="https://example.org/a"/><g/></svg>`
	for name, tt := range map[string]struct {
		picture    []byte
		credential string
		code       reason.Code
		want       string // the whole result, when it matters
	}{
		"replaces what stands in tEXt":     {insert(plain, carrier("tEXt", "")), asJSON, "", string(insert(plain, chunkOf("iTXt", []byte("openbadgecredential\x00\x00\x00\x00\x00"+asJSON))))},
		"two in PNG":                       {insert(plain, carrier("tEXt", ""), carrier("iTXt", "\x00\x00\x00\x00")), asJSON, "image_invalid/two-credentials", ""},
		"PNG with OB 2":                    {insert(plain, older), asJSON, "", ""},
		"SVG with OB 2":                    {[]byte(withOlder), asJWT, "", strings.Replace(withOlder, ".org\">", ".org\"><openbadges:credential xmlns:openbadges=\"https://purl.imsglobal.org/ob/v3p0\" verify=\""+asJWT+"\"></openbadges:credential>", 1)},
		"prefix declared already":          {[]byte(svgTag + `</svg>`), asJWT, "", svgTag + `<openbadges:credential verify="` + asJWT + `"></openbadges:credential></svg>`},
		"replaces in SVG":                  {[]byte(svgTag + "\n" + svgBadge + "\n</svg>"), asJWT, "", svgTag + `<openbadges:credential verify="` + asJWT + "\"></openbadges:credential>\n\n</svg>"},
		"self-closing, single quotes":      {[]byte(`<svg a='>' b="/"/>`), asJWT, "", `<svg xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0" a='>' b="/"><openbadges:credential verify="` + asJWT + `"></openbadges:credential></svg>`},
		"prefix declared as nothing":       {[]byte(`<svg xmlns:openbadges=""/>`), asJSON, "", ""},
		"two in SVG":                       {[]byte(svgTag + svgBadge + svgBadge + `</svg>`), asJSON, "image_invalid/two-credentials", ""},
		"lookalike in SVG":                 {[]byte(`<svg xmlns:openbadges="https://evil.example"><openbadges:credential/></svg>`), asJSON, "image_invalid/ambiguous", ""},
		"line breaks of Windows":           {[]byte(drawing), "{\r\n\"a\":\r1\r\n}", "", ""},
		"white space around":               {[]byte(drawing), " \r\n" + asJSON + "\n", "", ""},
		"section ends in a row":            {[]byte(drawing), `{"a":"]]]]>]]>]]>\r]]>"}`, "", ""},
		"character outside XML":            {[]byte(drawing), "{\"a\":\"\uffff\"}", "malformed/xml-character", ""},
		"the same in PNG":                  {plain, "{\"a\":\"\uffff\"}", "", ""},
		"not UTF-8":                        {plain, "{\"\xff\"}", "malformed/utf8", ""},
		"nothing":                          {plain, " ", "no_credential/empty", ""},
		"neither JSON nor JWS":             {plain, "hello", "malformed/jws", ""},
		"a JWS that would leave its place": {[]byte(drawing), `a.b.c"/><script/>`, "malformed/jws", ""},
		"too long":                         {plain, "{" + strings.Repeat(" ", 1<<20) + "}", "resource_limit/size", ""},
		"no picture":                       {[]byte(asJSON), asJSON, "image_invalid/format", ""},
		"damaged picture":                  {plain[:60], asJSON, "image_invalid/chunk-length", ""},
	} {
		before := bytes.Clone(tt.picture)
		out, err := bake.Bake(tt.picture, []byte(tt.credential), bake.Limits{})
		if reason.CodeOf(err) != tt.code || !bytes.Equal(before, tt.picture) {
			t.Errorf("%s: %v (%s)", name, err, reason.CodeOf(err))
			continue
		}
		if err != nil {
			continue
		}
		if tt.want != "" && string(out) != tt.want {
			t.Errorf("%s:\n%q\nwant\n%q", name, out, tt.want)
		}
		if got, err := bake.Extract(out, bake.Limits{}); err != nil || string(got.Credential) != strings.Trim(tt.credential, " \r\n") {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

// TestCostStaysSmall holds what foreign pictures may make us allocate.
func TestCostStaysSmall(t *testing.T) {
	plain := picture(t)
	fake := insert(plain, chunkOf("iTXt", []byte("openbadgecredential\x00\x00\x00\x00\x00{}")))
	binary.BigEndian.PutUint32(fake[33:], 0x7FFFFFFF)
	for name, tt := range map[string]struct {
		data  []byte
		limit uint64 // bytes
	}{
		"declared length":            {fake, 1 << 20},
		"attributes":                 {[]byte("<svg " + strings.Repeat(`a="" `, 3<<20) + "/>"), 1 << 20},
		"attributes below the limit": {[]byte("<svg " + strings.Repeat(`a="" `, 19_999) + "/>"), 32 << 20},
		"chunks":                     {slices.Concat(plain[:33], bytes.Repeat(chunkOf("teSt", nil), 1<<20), plain[33:]), 64 << 20},
		"depth":                      {[]byte(strings.Repeat("<svg>", 3<<20)), 1 << 20},
		"one long text":              {[]byte(svgTag + strings.Repeat("x", 15<<20) + "</svg>"), 128 << 20},
		"entities":                   {[]byte(`<!DOCTYPE svg [<!ENTITY a "` + strings.Repeat("&b;", 1<<20) + `">]><svg>&a;</svg>`), 32 << 20},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got, err := bake.Extract(tt.data, bake.Limits{})
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; err == nil || used > tt.limit {
			t.Errorf("%s: %v %v, %d bytes allocated", name, got, err, used)
		}
	}
}

// TestAttackCorpus holds every picture of the corpus of attacks to what its
// index says. What only the signature tells (png-tampered) comes out here and
// is refused by the verifier.
func TestAttackCorpus(t *testing.T) {
	t.Parallel()
	root := filepath.Join(testcorpus.Path(t), "attacks")
	raw, err := os.ReadFile(filepath.Join(root, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Entries []struct {
			File, Attack, Expect, Reason, Format string
			ReasonAlso                           []string
		}
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, e := range index.Entries {
		if e.Format != "png" && e.Format != "svg" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, e.File))
		if err != nil {
			t.Fatal(err)
		}
		got, err := bake.Extract(data, bake.Limits{})
		counts[e.Expect]++
		code := reason.CodeOf(err)
		switch {
		case e.Expect == "reject" && e.Reason != "bad_signature":
			if !slices.Contains(append(e.ReasonAlso, e.Reason), code.Coarse()) {
				t.Errorf("%s: %v %v", e.File, got, err)
			}
		case err != nil && e.Expect != "reject-or-accept":
			t.Errorf("%s: %v", e.File, err)
		}
		if got != nil && got.Format.String() != e.Format {
			t.Errorf("%s: %v", e.File, got.Format)
		}
	}
	t.Log(counts)
}

// TestPicturesWithoutCredential reads pictures that stand beside credentials:
// the QR codes of the Digital Credentials Consortium and the pictures of badge
// classes. Each is sound and carries nothing; each can be baked into.
func TestPicturesWithoutCredential(t *testing.T) {
	t.Parallel()
	root := testcorpus.Path(t)
	counts := map[string]int{}
	for _, dir := range []string{"dcc/v1", "openbadges/ob20/assets"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".png" && filepath.Ext(path) != ".svg" {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if _, err := bake.Extract(raw, bake.Limits{}); reason.CodeOf(err) != "no_credential/picture" {
				t.Errorf("%s: %v", path, err)
			}
			if _, err := bake.Bake(raw, []byte(asJSON), bake.Limits{}); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			counts[fmt.Sprint(dir, filepath.Ext(path))]++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Log(counts)
}
