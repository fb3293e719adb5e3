package definition

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/openbadge"
	"github.com/kompetansebevis/bevis/credential/profile"
)

// FirstVersion is what a definition is called that nobody gave a version.
const FirstVersion = "1"

// Revision is a definition after a change.
type Revision struct {
	openbadge.Achievement
	Changed bool // it says something else than before
	Version bool // it is another version than before
	Dropped int  // endorsements that are not of it any more
}

// Revise makes of a definition and what it is to be the next one. If
// credentials were issued for the old one, it gets a new version: the one that
// the change names, or the number that follows. Where neither can be told, that
// is usage/version.
//
// What others said of the old text they did not say of the new one, so its
// endorsements are left out. A new version may have an id of its own, and then
// names the old one as related, as the standard wants it; under the same id it
// does not, since nothing is related to itself.
func Revise(old, changed openbadge.Achievement, issued bool) (Revision, error) {
	r := Revision{Achievement: changed}
	same, err := sameText(old, changed)
	if err != nil || same && changed.Version == old.Version {
		return r, err
	}
	r.Changed = !same
	if r.Version = changed.Version != old.Version; !r.Version && issued {
		if r.Achievement.Version, err = next(old.Version); err != nil {
			return r, err
		}
		r.Version = true
	}
	if r.Changed {
		r.Dropped = len(r.Endorsement) + len(r.EndorsementJWT)
		r.Endorsement, r.EndorsementJWT = nil, nil
	}
	if issued && changed.ID != old.ID {
		r.Related = append(slices.Clone(r.Related), openbadge.Related{ID: old.ID, InLanguage: old.InLanguage, Version: old.Version})
	}
	return r, nil
}

// sameText reports whether two definitions say the same, whatever version they
// are called.
func sameText(a, b openbadge.Achievement) (bool, error) {
	var texts [2][]byte
	for n, d := range []openbadge.Achievement{a, b} {
		d.Version = ""
		var err error
		if texts[n], err = openbadge.Endorsed(d.Value()); err != nil {
			return false, err
		}
	}
	return bytes.Equal(texts[0], texts[1]), nil
}

// next returns the version after v: its last number and one.
func next(v string) (string, error) {
	if v == "" {
		v = FirstVersion
	}
	rest := strings.TrimRight(v, "0123456789")
	n, err := strconv.Atoi(v[len(rest):])
	if err != nil || n < 0 || n > 1_000_000_000 {
		return "", profile.Refuse("usage/version", "/version", saidVersion.With(short(v)))
	}
	return rest + strconv.Itoa(n+1), nil
}

// Edition is a definition in another language.
type Edition struct {
	Language    string // such as nn
	ID          string // empty: that of the original with the language behind a #
	Name        string
	Description string
	Narrative   string // of the criteria
	CriteriaURL string // empty: that of the original
}

// Translate makes an edition of a definition in another language, and the
// original that names it. Both are achievements of their own that name each
// other as related, because in Open Badges 3.0 a text is a string: language maps
// are for the credential's own name and description alone, and the published
// JSON schemas refuse them here.
//
// A learner gets a credential for one of the editions. What has no words is
// taken over: alignments, results, credits, pictures. Endorsements are not.
func Translate(original openbadge.Achievement, e Edition) (edition, named openbadge.Achievement, err error) {
	switch {
	case original.InLanguage == "":
		return edition, named, profile.Refuse("usage/language", "/inLanguage", saidNoLanguage.With())
	case !isLanguage(e.Language):
		return edition, named, profile.Refuse("usage/language", e.Language, saidLanguageCode.With())
	case strings.EqualFold(e.Language, original.InLanguage):
		return edition, named, profile.Refuse("usage/language", e.Language, saidSameLanguage.With())
	case e.Name == "" || e.Description == "" || e.Narrative == "" && e.CriteriaURL == "":
		return edition, named, profile.Refuse("usage/edition", "", saidEdition.With())
	}
	edition = original
	edition.InLanguage, edition.Name, edition.Description = e.Language, e.Name, e.Description
	if edition.ID = e.ID; edition.ID == "" {
		separator := "#"
		if strings.Contains(original.ID, "#") {
			separator = "-"
		}
		edition.ID = original.ID + separator + e.Language
	}
	criteria := openbadge.Criteria{}
	if original.Criteria != nil {
		criteria = *original.Criteria
	}
	criteria.Narrative = e.Narrative
	if e.CriteriaURL != "" {
		criteria.ID = e.CriteriaURL
	}
	edition.Criteria = &criteria
	edition.Version, edition.Endorsement, edition.EndorsementJWT = FirstVersion, nil, nil
	edition.Related = []openbadge.Related{{ID: original.ID, InLanguage: original.InLanguage, Version: original.Version}}
	named = original
	if i := slices.IndexFunc(named.Related, func(r openbadge.Related) bool { return r.ID == edition.ID }); i < 0 {
		named.Related = append(slices.Clone(named.Related), openbadge.Related{ID: edition.ID, InLanguage: e.Language})
	}
	return edition, named, nil
}

// EditionOf reports whether a definition is the edition of another one in a
// language, and of which version of it, empty where that is not told.
func EditionOf(edition, original openbadge.Achievement) (version string, ok bool) {
	i := slices.IndexFunc(edition.Related, func(r openbadge.Related) bool {
		return r.ID == original.ID && r.InLanguage != "" && !strings.EqualFold(r.InLanguage, edition.InLanguage)
	})
	if i < 0 || edition.ID == original.ID {
		return "", false
	}
	return edition.Related[i].Version, true
}

// isLanguage reports whether s has the form that the JSON schema of Open Badges
// wants of a language, which is that of RFC 5646 for the tags in use: 2 to 8
// letters, then parts of letters and digits.
func isLanguage(s string) bool {
	for n, part := range strings.Split(s, "-") {
		letters := strings.Trim(strings.ToLower(part), "abcdefghijklmnopqrstuvwxyz")
		if len(part) > 8 || len(part) < 1 || n == 0 && (len(part) < 2 || letters != "") || strings.Trim(letters, "0123456789") != "" {
			return false
		}
	}
	return true
}
