package text

// Stop tells whether a folded word only holds a sentence together, in bokmål,
// nynorsk or English. "it" is none: among courses it is a trade.
func Stop(word string) bool {
	switch word {
	case "og", "i", "jeg", "eg", "det", "at", "en", "et", "ein", "eit", "ei", "den", "til", "er", "som", "paa", "de", "dei", "med", "han", "av",
		"ikke", "ikkje", "der", "saa", "var", "meg", "seg", "men", "ett", "har", "om", "vi", "min", "mitt", "ha", "hadde", "hun", "ho", "naa", "no",
		"over", "da", "ved", "fra", "fraa", "du", "ut", "sin", "dem", "oss", "opp", "man", "kan", "hans", "hvor", "kor", "eller", "hva", "kva", "skal", "sjoel",
		"selv", "her", "alle", "vil", "bli", "ble", "vart", "blei", "blitt", "kunne", "inn", "naar", "vaere", "kom", "noen", "nokon", "noe", "noko", "ville",
		"dere", "dykk", "deres", "kun", "ja", "etter", "ned", "skulle", "denne", "for", "deg", "si", "sine", "sitt", "mot", "aa", "meget", "hvorfor", "kvifor",
		"dette", "disse", "desse", "uten", "utan", "hvordan", "korleis", "ingen", "din", "ditt", "blir", "samme", "hvilken", "hvilke", "saann", "inni", "mellom",
		"vaar", "hver", "kvar", "hvem", "kven", "hvis", "baade", "bare", "berre", "enn", "fordi", "foer", "mange", "ogsaa", "slik", "vaert",
		"begge", "siden", "sidan", "gjennom", "innen", "innan", "under":
		return true
	case "a", "an", "and", "are", "as", "be", "but", "by", "if", "in", "into", "is", "not", "of", "on", "or", "such", "that", "the", "their", "then", "there",
		"these", "they", "this", "to", "was", "will", "with", "from", "how", "what", "when", "where", "who", "which", "my", "me", "your", "you", "we", "our",
		"can", "do", "does", "its", "his", "about", "want", "would", "like", "been", "being", "were", "than", "them", "so", "have", "has":
		return true
	}
	return false
}
