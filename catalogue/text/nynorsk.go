package text

import "strings"

// variant writes a folded word of nynorsk, and of bokmål with nynorsk's forms,
// as most bokmål has it, where letters correspond. The two are one language to
// whoever looks for a course. What comes out need not be a word.
func variant(w string) string {
	switch w {
	case "kva":
		return "hva"
	case "ikkje":
		return "ikke"
	case "korleis", "koss":
		return "hvordan"
	case "kvifor":
		return "hvorfor"
	case "kven":
		return "hvem"
	case "kvar":
		return "hver"
	case "noko":
		return "noe"
	case "veg", "vegen", "vegar", "vegane":
		return "vei"
	case "fyrst", "fyrste":
		return "foerste"
	}
	if len(w) < 4 {
		return w
	}
	for _, p := range [...]struct{ nynorsk, bokmaal string }{
		{"sjuk", "syk"}, {"rekn", "regn"}, {"regneskap", "regnskap"}, {"rettlei", "veilei"},
		{"leiar", "leder"}, {"leiing", "leding"}, {"leiande", "ledende"},
		{"heime", "hjemme"}, {"heim", "hjem"}, {"teikn", "tegn"}, {"hald", "hold"}, {"reinhold", "renhold"}, {"reingj", "rengj"},
		{"koeyr", "kjoer"}, {"hoeyr", "hoer"}, {"roeyr", "roer"}, {"straum", "stroem"}, {"stoeyp", "stoep"},
		{"loeys", "loes"}, {"tenest", "tjenest"}, {"verksemd", "virksomhet"}, {"frem", "fram"}, {"vidare", "videre"},
		{"seljar", "selger"}, {"handverk", "haandverk"}, {"snikkar", "snekker"}, {"mjoelk", "melk"}, {"eigar", "eier"},
		{"eigedom", "eiendom"}, {"laekjar", "lege"}, {"skule", "skole"}, {"skular", "skoler"}, {"hoegsk", "hoeysk"}, {"hoegare", "hoeyere"},
		{"fleir", "fler"}, {"meister", "mester"}, {"berekraft", "baerekraft"}, {"vatn", "vann"}, {"hamn", "havn"}, {"jarn", "jern"},
		{"ljos", "lys"}, {"boge", "bue"}, {"nybyrjar", "nybegynner"}, {"betre", "bedre"}, {"eining", "enhet"}, {"loenns", "loens"},
		{"leige", "leie"},
	} {
		if at := strings.Index(w, p.nynorsk); at >= 0 {
			w = w[:at] + p.bokmaal + w[at+len(p.nynorsk):]
		}
	}
	for _, p := range [...]struct{ nynorsk, bokmaal string }{{"leg", "lig"}, {"legt", "lig"}, {"heit", "het"}, {"heita", "het"}, {"heiter", "het"}, {"heitar", "het"},
		{"heitene", "het"}, {"leik", "het"}, {"leiken", "het"}} {
		if rest, ok := strings.CutSuffix(w, p.nynorsk); ok && len(rest) >= 3 {
			return rest + p.bokmaal
		}
	}
	return w
}
