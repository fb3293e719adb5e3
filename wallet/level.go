package wallet

import (
	"slices"
	"strings"

	"github.com/kompetansebevis/bevis/credential"
)

// levelOf reads a level from an alignment: by its type, its framework or the
// address of the level in the EU's list. It is "" for one that is of something
// else, such as a skill.
func levelOf(alignment *credential.Value) string {
	text := func(name string) string { return strings.TrimSpace(credential.Text(alignment.Get(name))) }
	code, name := text("targetCode"), text("targetName")
	if level := levelByID(text("targetUrl")); level != "" {
		return level
	}
	framework := ""
	kind, long := strings.TrimPrefix(text("targetType"), "ext:"), Fold(text("targetFramework"))
	switch {
	case kind == "EQF" || long == "eqf" || strings.Contains(long, "european qualifications framework") || strings.Contains(long, "europeiske kvalifikasjonsramm"):
		framework = "EQF"
	case kind == "NKR" || long == "nkr" || strings.Contains(long, "nasjonalt kvalifikasjonsrammeverk") || strings.Contains(long, "nasjonale kvalifikasjonsramm") || strings.Contains(long, "norwegian qualifications framework"):
		framework = "NKR"
	default:
		// A name alone counts only as a whole: "NKR nivå 6.1".
		first, rest, _ := strings.Cut(name, " ")
		if code = lastNumber(rest); (first == "EQF" || first == "NKR") && code != "" {
			return first + " " + code
		}
		return ""
	}
	if code = lastNumber(code); code == "" {
		code = lastNumber(name)
	}
	if code == "" {
		return ""
	}
	return framework + " " + code
}

// levelByID reads the id of a level in the EU's list of EQF levels.
func levelByID(id string) string {
	for _, scheme := range []string{"http://", "https://"} {
		if code, ok := strings.CutPrefix(id, scheme+"data.europa.eu/snb/eqf/"); ok && len(code) == 1 && code >= "1" && code <= "8" {
			return "EQF " + code
		}
	}
	return ""
}

// lastNumber returns the number at the end of a text, such as 6.1: a level,
// and no year.
func lastNumber(s string) string {
	n := strings.TrimLeft(s[len(strings.TrimRight(s, "0123456789.")):], ".")
	if len(n) > 3 || strings.HasSuffix(n, ".") {
		return ""
	}
	return n
}

// addLevels adds the levels that an achievement states as the European Learning
// Model does, eqfLevel and nqfLevel, whose value is a concept of a list.
func (i *Item) addLevels(of *credential.Value) {
	for _, name := range []string{"eqfLevel", "nqfLevel", "educationLevel"} {
		for _, level := range of.Get(name).List() {
			id, ok := level.Text()
			if !ok {
				id, _ = level.Get("id").Text()
			}
			i.addLevel(levelByID(id))
		}
	}
}

func (i *Item) addLevel(level string) {
	if level != "" && !slices.Contains(i.Levels, level) {
		i.Levels = append(i.Levels, level)
	}
}
