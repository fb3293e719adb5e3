package elm

import "strings"

// The European authority tables that are used, each with a slash at its end,
// and the id of the list itself.
const (
	countryTable  = "http://publications.europa.eu/resource/authority/country/"
	languageTable = "http://publications.europa.eu/resource/authority/language/"
	fileTypeTable = "http://publications.europa.eu/resource/authority/file-type/"
	eqfTable      = "http://data.europa.eu/snb/eqf/"
	nqfTable      = "http://data.europa.eu/snb/qdr/"
	iscedTable    = "http://data.europa.eu/snb/isced-f/"
	creditTable   = "http://data.europa.eu/snb/education-credit/"
	profileTable  = "http://data.europa.eu/snb/credential/"
	encodingTable = "http://data.europa.eu/snb/encoding/"
	modeTable     = "http://data.europa.eu/snb/learning-assessment/"
	snbScheme     = "25831c2" // each of the lists of data.europa.eu/snb is called so
	escoSkill     = "http://data.europa.eu/esco/skill/"
	escoSkills    = "http://data.europa.eu/esco/concept-scheme/skills"

	genericProfile = profileTable + "e34929035b"
	base64Encoding = encodingTable + "6146cde7dd"
	ectsConcept    = creditTable + "6fcec5c5af"
	// provisional is the entry that the tables have for what is not known yet.
	provisional = "OP_DATPRO"
)

// The contexts and the SHACL shapes of the profile.
const (
	contextVC  = "https://www.w3.org/2018/credentials/v1"
	contextEDC = "http://data.europa.eu/snb/model/context/edc-ap"
	shapes     = "http://data.europa.eu/snb/model/ap/edc-generic-full"
)

// own begins the ids of what is said in a form of ours, which other programs
// show as it stands; local and own names are of the document alone.
const (
	own   = "urn:bevis:ob3:"
	local = "urn:epass:"
)

// countries are ISO 3166-1: alpha-3, alpha-2.
const countries = `AFGAF ALBAL DZADZ ASMAS ANDAD AGOAO AIAAI ATGAG ARGAR ARMAM ABWAW AUSAU AUTAT AZEAZ BHSBS BHRBH BGDBD BRBBB BLRBY BELBE BLZBZ BENBJ BMUBM BTNBT BOLBO BIHBA BWABW BRABR BRNBN BGRBG BFABF BDIBI CPVCV KHMKH CMRCM CANCA CYMKY CAFCF TCDTD CHLCL CHNCN COLCO COMKM COGCG CODCD COKCK CRICR CIVCI HRVHR CUBCU CUWCW CYPCY CZECZ DNKDK DJIDJ DMADM DOMDO ECUEC EGYEG SLVSV GNQGQ ERIER ESTEE SWZSZ ETHET FLKFK FROFO FJIFJ FINFI FRAFR GUFGF PYFPF GABGA GMBGM GEOGE DEUDE GHAGH GIBGI GRCGR GRLGL GRDGD GLPGP GUMGU GTMGT GGYGG GINGN GNBGW GUYGY HTIHT HNDHN HKGHK HUNHU ISLIS INDIN IDNID IRNIR IRQIQ IRLIE IMNIM ISRIL ITAIT JAMJM JPNJP JEYJE JORJO KAZKZ KENKE KIRKI PRKKP KORKR KWTKW KGZKG LAOLA LVALV LBNLB LSOLS LBRLR LBYLY LIELI LTULT LUXLU MACMO MDGMG MWIMW MYSMY MDVMV MLIML MLTMT MHLMH MTQMQ MRTMR MUSMU MYTYT MEXMX FSMFM MDAMD MCOMC MNGMN MNEME MSRMS MARMA MOZMZ MMRMM NAMNA NRUNR NPLNP NLDNL NCLNC NZLNZ NICNI NERNE NGANG NIUNU MKDMK NORNO OMNOM PAKPK PLWPW PSEPS PANPA PNGPG PRYPY PERPE PHLPH POLPL PRTPT PRIPR QATQA REURE ROURO RUSRU RWARW KNAKN LCALC VCTVC WSMWS SMRSM STPST SAUSA SENSN SRBRS SYCSC SLESL SGPSG SXMSX SVKSK SVNSI SLBSB SOMSO ZAFZA SSDSS ESPES LKALK SDNSD SURSR SJMSJ SWESE CHECH SYRSY TWNTW TJKTJ TZATZ THATH TLSTL TGOTG TKLTK TONTO TTOTT TUNTN TURTR TKMTM TCATC TUVTV UGAUG UKRUA AREAE GBRGB USAUS URYUY UZBUZ VUTVU VATVA VENVE VNMVN VGBVG VIRVI YEMYE ZMBZM ZWEZW ALAAX`

// languages are the languages of European diplomas: the code of the authority
// table, and that of BCP 47.
const languages = `BUL:bg SPA:es CES:cs DAN:da DEU:de EST:et ELL:el ENG:en FRA:fr GLE:ga HRV:hr ITA:it LAV:lv LIT:lt HUN:hu MLT:mt NLD:nl POL:pl POR:pt RON:ro SLK:sk SLV:sl FIN:fi SWE:sv ISL:is NOR:no NOB:nb NNO:nn SME:se SMA:sma SMJ:smj FAO:fo KAL:kl MKD:mk SQI:sq SRP:sr BOS:bs CNR:cnr TUR:tr UKR:uk RUS:ru ARA:ar EUS:eu CAT:ca GLG:gl CYM:cy GLA:gd LTZ:lb ROH:rm KAT:ka HYE:hy ZHO:zh JPN:ja KOR:ko FAS:fa SOM:so TIR:ti URD:ur VIE:vi HEB:he HIN:hi`

// countryOf returns the two letters for the three of an entry of the table.
func countryOf(uri string) string {
	code, ok := strings.CutPrefix(uri, countryTable)
	if !ok {
		return ""
	}
	for pair := range strings.FieldsSeq(countries) {
		if pair[:3] == code {
			return pair[3:]
		}
	}
	return ""
}

// countryURI returns the entry for two or three letters.
func countryURI(code string) string {
	code = strings.ToUpper(code)
	for pair := range strings.FieldsSeq(countries) {
		if pair[3:] == code || pair[:3] == code {
			return countryTable + pair[:3]
		}
	}
	return ""
}

// languageOf returns the tag for an entry of the table.
func languageOf(uri string) string {
	code, ok := strings.CutPrefix(uri, languageTable)
	if !ok {
		return ""
	}
	for pair := range strings.FieldsSeq(languages) {
		if of, tag, _ := strings.Cut(pair, ":"); of == code {
			return tag
		}
	}
	return ""
}

// languageURI returns the entry for a tag, by its first part.
func languageURI(tag string) string {
	tag, _, _ = strings.Cut(strings.ToLower(tag), "-")
	for pair := range strings.FieldsSeq(languages) {
		if of, t, _ := strings.Cut(pair, ":"); t == tag {
			return languageTable + of
		}
	}
	return ""
}

// schemeOf returns the list that a concept of a European table is in.
func schemeOf(uri string) string {
	i := strings.LastIndexByte(uri, '/')
	switch {
	case strings.HasPrefix(uri, escoSkill):
		return escoSkills
	case i < 0 || strings.HasPrefix(uri, own):
		return ""
	case strings.HasPrefix(uri, "http://data.europa.eu/snb/"):
		return uri[:i+1] + snbScheme
	case strings.HasPrefix(uri, "http://publications.europa.eu/resource/authority/"):
		return uri[:i]
	}
	return ""
}
