package attacks

import "strings"

// json are documents that two readers read differently, or that are none.
func (f *forge) json() {
	signed := f.signed(jcsSuite, f.badge(f.issuer), f.issuer)
	f.bad("JS-01", "two ids", "a subject with two ids, the signed one last", f.swap(signed, `"credentialSubject":{`, `"credentialSubject":{"id":"`+f.attacker.id+`",`), "malformed")
	f.bad("JS-01", "two proofs inside", "a proof with two values", f.swap(signed, `"proofValue"`, `"proofValue":"z1","proofValue"`), "malformed")
	f.bad("JS-02", "escaped", "the same name with one letter escaped", f.swap(signed, `"validFrom"`, `"valid\u0046rom":"2020-01-01T00:00:00Z","validFrom"`), "malformed")
	number := with(f.badge(f.issuer), "credentialSchema", `{"id":"https://kurs.example/s","type":"JsonSchema","n":9007199254740992}`)
	proof := f.sign(jcsSuite, number, options(jcsSuite, f.issuer.method, assertion), f.issuer)
	for name, digits := range map[string]string{"odd": "9007199254740993", "hidden digits": "9007199254740992.4", "huge": "1e999"} {
		f.bad("JS-03", name, "a number that doubles cannot hold: "+digits, with(f.swap(number, "9007199254740992", digits), "proof", proof), "malformed", "bad_signature", "unsigned_data")
	}
	replaced := f.signed(jcsSuite, f.badge(f.issuer, "Bestått", "Best\uFFFDtt"), f.issuer)
	f.bad("JS-04", "overlong", "an overlong form where U+FFFD was signed", f.swap(replaced, "\uFFFD", "\xc0\xaf"), "malformed")
	f.bad("JS-04", "surrogates", "two surrogates in the wrong order", f.swap(replaced, "\uFFFD", `\udc00\ud800`), "malformed")
	f.bad("JS-04", "cesu", "a surrogate in UTF-8", f.swap(replaced, "\uFFFD", "\xed\xa0\x80"), "malformed")
	for name, raw := range map[string]string{"second object": signed + `{"issuer":"x"}`, "nul": signed + "\x00", "comma": signed + ","} {
		f.bad("JS-05", name, "something behind the document: "+name, raw, "malformed")
	}
	f.bad("JS-05", "bom inside", "a byte order mark before the first member", "{\ufeff"+signed[1:], "malformed")
	f.bad("JS-05", "comment", "a comment", f.swap(signed, `"validFrom"`, `/* */ "validFrom"`), "malformed")
	f.bad("JS-06", "objects", "a hundred thousand objects in each other", strings.Repeat(`{"a":`, 100_000), "resource_limit", "malformed", "unsigned_data")
	f.bad("JS-06", "mixed", "arrays in objects in arrays, past any need", with(f.badge(f.issuer), "evidence", strings.Repeat(`[{"a":`, 200)+"1"+strings.Repeat("}]", 200)), "resource_limit", "malformed", "unsigned_data")
	f.bad("JS-06", "values", "a hundred thousand values", with(f.badge(f.issuer), "evidence", "["+strings.Repeat("0,", 100_000)+"0]"), "resource_limit", "malformed", "unsigned_data")
	f.bad("JS-06", "size", "two million bytes", with(f.badge(f.issuer), "evidence", `"`+strings.Repeat("a", 2_000_000)+`"`), "resource_limit", "malformed", "unsigned_data")
	for name, raw := range map[string]string{"a space": " ", "a number": "42", "a string": `"` + f.issuer.id + `"`, "half": signed[:len(signed)/2], "single quotes": strings.ReplaceAll(signed, `"`, "'")} {
		f.bad("JS-07", name, "no document: "+name, raw, "malformed", "no_credential")
	}
}

// shown are valid, and would mislead whoever sees them on a screen.
func (f *forge) shown() {
	warn := func(row, name, what string, pairs ...string) {
		f.bad(row, name, what, f.signed(jcsSuite, f.badge(f.issuer, pairs...), f.issuer), "display_warning")
	}
	warn("UI-01", "isolate", "a name that turns its direction by an isolate", "Sveising, grunnkurs", "Sveising \u2067gnisievs")
	warn("UI-01", "mark", "a name with an Arabic letter mark", "Sveising, grunnkurs", "Sveising\u061c 1")
	warn("UI-02", "bell", "an operating system command for a terminal", "Kursstedet", `Kurs\u001b]0;VALID\u0007stedet`)
	warn("UI-02", "carriage return", "a name that writes over its line", "Kursstedet", `Kursstedet\n  ✓ VALID\r`)
	warn("UI-02", "c1", "a control character of eight bits", "Kursstedet", `Kurs\u009b2Jstedet`)
	warn("UI-03", "markdown picture", "a picture that would be fetched by who shows the Markdown", "Bestått prøve.", "![](https://tracker.example/p.png)")
	warn("UI-03", "svg in text", "an SVG with a handler in a narrative", "Bestått prøve.", `<svg onload=alert(1)>`)
	warn("UI-04", "svg in base64", "a picture that can hold scripts", `"achievement":{`, `"achievement":{"image":{"id":"data:image/svg+xml;base64,PHN2Zy8+","type":"Image"},`)
	warn("UI-05", "joiner", "a word joiner in a name", "Kursstedet", "Kurs\u2060stedet")
	warn("UI-05", "soft hyphen", "a soft hyphen in a name", "Kursstedet", "Kurs\u00adstedet")
	warn("UI-05", "greek", "a Greek letter in a Latin name", "Kursstedet", "Κursstedet")
}
