package app

import (
	"strconv"
	"strings"

	"github.com/kompetansebevis/bevis/credential/profile"
)

// What lint finds beside the rules of package profile.
const (
	saidNotVerified  profile.Text = "token: cannot be verified: %e"
	saidNoWalletForm profile.Text = "wallet-form: is a credential in JSON-LD, which European wallets do not take"
	saidNoWalletCOSE profile.Text = "wallet-form-cose: is a credential in COSE, in a form that European wallets do not take"
	saidNoCountry    profile.Text = "definition/no-country: would be given by an issuer that does not tell its country"
	saidOldEdition   profile.Text = "definition/old-edition: is an edition of version %s, and %s is at version %s now"

	mendSignAnew profile.Text = "mend/sign-anew: sign it anew with bevis"
	mendIssueAs  profile.Text = "mend/issue-as: issue it as well with %s"
	mendCountry  profile.Text = "mend/country: use bevis issuer set --country NO"
	mendEdition  profile.Text = "mend/edition: bring it into line: %s"
)

// What is wrong with a JSON-LD context.
const (
	saidNoContext profile.Text = "context/none: is missing, or no object: the file defines nothing"
	saidKeyword   profile.Text = "context/keyword: stands in the definition of the term %q without its @, so no program can read the context"
	saidNoKeyword profile.Text = "context/no-keyword: is no keyword, and stands in the definition of the term %q"
	saidPrefix    profile.Text = "context/prefix: uses the prefix %s, which this context does not define: %s stands for itself where no other context does"
	saidHost      profile.Text = "context/host: leads to %s, while %s others lead to %s"

	mendContextFile profile.Text = "mend/context-file: give the file that the URL leads to"
	mendKeyword     profile.Text = "mend/keyword: write @%s"
	mendNoKeyword   profile.Text = "mend/no-keyword: take it out"
	mendPrefix      profile.Text = "mend/prefix: define the prefix, or write the IRI"
	mendHost        profile.Text = "mend/host: write %s, if that is meant"
)

// What JSON-LD would drop, in the words of the processor (internal/jsonld).
const (
	saidUnsigned        profile.Text = "json-ld: %e"
	saidUndefinedTerm   profile.Text = "json-ld/undefined-term: no context defines the term %q, so it would not be signed"
	saidRelativeType    profile.Text = "json-ld/relative-type: %q is not an absolute type, so it would not be signed"
	saidRelativeID      profile.Text = "json-ld/relative-id: %q is not an absolute id, so it would not be signed"
	saidAnotherTerm     profile.Text = "json-ld/another-term: %q says the same here, and whoever looks for that would not find it"
	saidUnknownContext  profile.Text = "json-ld/unknown-context: the context %q is not one that is known here, and none is fetched"
	saidInlineContext   profile.Text = "json-ld/inline-context: a context that the document defines itself is not accepted: it could mean anything"
	saidEmptyContexts   profile.Text = "json-ld/empty-contexts: the list of contexts is empty"
	saidContextless     profile.Text = "json-ld/no-context: the document has no context"
	saidContextlessHeld profile.Text = "json-ld/no-context-of-its-own: the credential has no context of its own"
	saidAllNothing      profile.Text = "json-ld/nothing: the document says nothing that could be signed"
	saidNull            profile.Text = "json-ld/null: a null value would not be signed"
	saidNothing         profile.Text = "json-ld/says-nothing: an object that says nothing would not be signed here"
	saidNoValue         profile.Text = "json-ld/no-value: a value that is neither text, number nor truth would not be signed"
	saidIDAlone         profile.Text = "json-ld/id-alone: an id in place of an object would not be signed here"
	saidNoString        profile.Text = "json-ld/id-no-string: an id that is no string would not be signed"
	saidTypeKind        profile.Text = "json-ld/type-kind: a type is %k"
	saidFloating        profile.Text = "json-ld/free-floating: a value that belongs to nothing would not be signed"
	saidBlankID         profile.Text = "json-ld/blank-id: an id that begins with _: names nothing outside and would not be signed as it stands"
	saidSameNode        profile.Text = "json-ld/ambiguous-node: this object has the id of the whole document, so its members could stand there as well"
	saidExpanded        profile.Text = "json-ld/expanded-name: a member named by an IRI hides from readers of the JSON what it says: use the term"
	saidLikeKeyword     profile.Text = "json-ld/keyword: a member that looks like a JSON-LD keyword would not be signed as it stands"
	saidLanguage        profile.Text = "json-ld/language: a text with a language is two strings, the second a language tag"
	saidLanguageTag     profile.Text = "json-ld/language-tag: a member that is no language tag"
	saidDirection       profile.Text = "json-ld/direction: a text direction is ltr or rtl"
	saidDirectionName   profile.Text = "json-ld/direction-name: a text direction is written as @direction, where readers look for it"
)

// unsignedTexts are the texts that the processor's errors are said in where they
// have the same words.
func unsignedTexts() []profile.Text {
	return []profile.Text{saidUndefinedTerm, saidRelativeType, saidRelativeID, saidAnotherTerm, saidUnknownContext, saidInlineContext, saidEmptyContexts, saidContextless,
		saidContextlessHeld, saidAllNothing, saidNull, saidNothing, saidNoValue, saidIDAlone, saidNoString, saidTypeKind, saidFloating, saidBlankID, saidSameNode,
		saidExpanded, saidLikeKeyword, saidLanguage, saidLanguageTag, saidDirection, saidDirectionName}
}

// unsigned is what an error of the processor says, in a text that can be said in
// other languages if there is one. In English it is the message in any case.
func unsigned(message string) *profile.Sentence {
	for _, text := range unsignedTexts() {
		before, after, hasPlace := strings.Cut(text.English(), "%")
		if !hasPlace {
			if message == before {
				return text.With()
			}
			continue
		}
		arg, begins := strings.CutPrefix(message, before)
		arg, ends := strings.CutSuffix(arg, after[1:])
		if !begins || !ends {
			continue
		}
		if quoted, err := strconv.Unquote(arg); err == nil {
			arg = quoted
		}
		if said := text.With(arg); said.String() == message {
			return said
		}
	}
	return saidUnsigned.With(message)
}

// How what would be dropped is mended.
const (
	mendDrop         profile.Text = "mend/drop: remove the member, or add a context that defines it"
	mendAddContext   profile.Text = "mend/add-context: add the context %s, which alone defines it"
	mendLeaveContext profile.Text = "mend/leave-context: leave the context out and say it in terms of Open Badges, or give what is behind the URL with --context URL=FILE"
	mendContext      profile.Text = "mend/context: mend the context that defines it"
	mendOnlyUnknown  profile.Text = "mend/only-unknown: %n; only the context %s, which is not known here, could define it"
	mendAlignedAs    profile.Text = "mend/aligned-as: say it by an alignment of the type %s"
	mendECTS         profile.Text = "mend/ects: say it by creditsAvailable and an alignment of the type %s with the code ECTS"
	mendOther        profile.Text = "mend/other-identifier: say it by otherIdentifier with an identifierType that begins with ext:"
	mendTypeOut      profile.Text = "mend/type-out: take the type out"
	mendKnown        profile.Text = "mend/known: remove it, or say it by members that Open Badges has"
)
