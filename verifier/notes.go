package verifier

// The notes, by what they are about. Behind some stands what their arguments are.
const (
	// About the document itself: reading, data-model, profile, display, period.

	NoteReadStrictly        Note = "reading/strict"
	NoteReadBadge2          Note = "reading/open-badges-2"
	NoteReadSeal            Note = "reading/seal"
	NoteModelEuropass       Note = "data-model/europass"
	NoteReadForeign         Note = "reading/other-system" // its form
	NoteContentIntact       Note = "reading/content-intact"
	NoteContentHidden       Note = "reading/content-hidden" // how many parts
	NoteModelMapped         Note = "data-model/mapped"
	NoteModelVersion        Note = "data-model/version" // the version
	NoteModelPresentation   Note = "data-model/presentation"
	NoteModelBadge2         Note = "data-model/open-badges-2"
	NoteProfileFollowed     Note = "profile/followed"     // the standard
	NoteProfileNotFollowed  Note = "profile/not-followed" // the standard, why
	NoteNothingMisleads     Note = "display/nothing-misleads"
	NotePictureNotSigned    Note = "display/picture-not-signed"
	NoteMoreMisleads        Note = "display/more" // how many
	NotePageNotSigned       Note = "display/page-not-signed"
	NoteWebPageNotSigned    Note = "display/web-page-not-signed"
	NoteOlderBadge          Note = "display/older-badge"
	NotePictureActive       Note = "display/picture-active"
	NotePictureExternal     Note = "display/picture-external"
	NoteTextDirection       Note = "display/text-direction"
	NoteControlCharacter    Note = "display/control-character"
	NoteLineBreak           Note = "display/line-break"
	NoteInvisibleCharacter  Note = "display/invisible-character"
	NoteActiveImage         Note = "display/active-image"
	NoteActiveLink          Note = "display/active-link"
	NoteMarkup              Note = "display/markup"
	NoteMixedScripts        Note = "display/mixed-scripts"
	NoteNoEnd               Note = "period/no-end"
	NoteInForceUntil        Note = "period/until" // when
	NotePresentationInForce Note = "period/presentation"
	NoteCredentialBegins    Note = "period/credential-begins" // when, as of when
	NoteCredentialEnded     Note = "period/credential-ended"  // when, as of when
	NoteBadgeBegins         Note = "period/badge-begins"      // when, as of when
	NoteBadgeEnded          Note = "period/badge-ended"       // when, as of when
	NoteProofBegins         Note = "period/proof-begins"      // when, as of when
	NoteProofEnded          Note = "period/proof-ended"       // when, as of when
	NoteShownUntil          Note = "period/shown-until"       // when, as of when

	// About who issued it and whose key signed: issuer-trust, proof, issuer-binding.

	NoteTrustedHere          Note = "trust/named-in-call"
	NoteTrustedAnyone        Note = "trust/anyone"
	NoteTrustedEntry         Note = "trust/entry"      // where in the policy
	NoteTrustedRegistry      Note = "trust/registry"   // which, when it was imported, where in the policy
	NoteTrustedList          Note = "trust/list"       // whose, of when, where in the policy
	NoteTrustedAccreditor    Note = "trust/accreditor" // whose, where in the policy
	NoteTrustedSource        Note = "trust/source"     // the source, as trust.Decision has it
	NoteTrustedAsCredential  Note = "trust/as-credential"
	NoteNotNamedHere         Note = "trust/not-named-in-call" // who
	NoteNotInPolicy          Note = "trust/not-in-policy"     // who
	NoteNotTrusted           Note = "trust/not-trusted"       // who, why
	NoteSignatureRight       Note = "proof/right"             // the suite, the key
	NoteSignatureRightBadge2 Note = "proof/right-badge-2"     // the algorithm, the key
	NoteSignatureMatches     Note = "proof/matches-named-key"
	NoteNoProof              Note = "proof/none"
	NoteNoProofHolds         Note = "proof/none-holds"
	NoteKeyNotFetched        Note = "proof/key-not-fetched"
	NoteLegacyProof          Note = "proof/legacy"              // suite
	NoteKeyRetired           Note = "proof/key-retired"         // when, when it signed
	NoteProofNotChecked      Note = "proof/another-not-checked" // why
	NoteNotSigned            Note = "proof/hosted"
	NoteKeyOf                Note = "binding/key-of"        // whose
	NoteKeyOfAnother         Note = "binding/another-proof" // whose
	NoteKeyListed            Note = "binding/key-listed"    // by whom
	NoteSignedBefore         Note = "trust/signed-before"   // when it was continued, when it was there
	NoteSaysBefore           Note = "trust/says-before"     // when it was continued, when it says that it was signed
	NoteSealRight            Note = "proof/seal"            // by which algorithm
	NoteSealNow              Note = "binding/seal"          // whose, under which certificate, as of when
	NoteSealStamped          Note = "binding/seal-stamped"  // whose, under which certificate, as of when, by whose time-stamp
	NoteSealUnasked          Note = "binding/seal-unasked"  // whose, under which certificate, as of when
	NoteSealOfAnother        Note = "binding/seal-another"  // whose, who the document names
	NoteHostedWhere          Note = "binding/hosted-where"  // whose

	// About what issuers say later, and what hosts say: status, hosted-copy, refresh.

	NoteListNotAsked      Note = "status/of-list"
	NoteStatusNotOffered  Note = "status/not-offered"
	NoteStatusOfOther     Note = "status/other-things-offered"
	NoteNotRevoked        Note = "status/not-revoked"
	NoteNotSuspended      Note = "status/not-suspended"
	NoteRevoked           Note = "status/revoked"
	NoteRevokedSaid       Note = "status/revoked-said" // what it says
	NoteSuspended         Note = "status/suspended"
	NoteSuspendedSaid     Note = "status/suspended-said" // what it says
	NoteBadge2Revoked     Note = "status/badge-2-revoked"
	NoteBadge2RevokedSaid Note = "status/badge-2-revoked-said" // what it says
	NoteNewerEdition      Note = "status/newer-edition"
	NoteNewerEditionSaid  Note = "status/newer-edition-said" // what it says
	NoteStatusMessage     Note = "status/message"            // its number
	NoteStatusMessageSaid Note = "status/message-said"       // its number, what it says
	NoteListNotFetched    Note = "status/list-not-fetched"
	NoteListUnchecked     Note = "status/list-key-not-fetched"
	NoteNotNamed          Note = "status/not-named"
	NoteNotNamedGiven     Note = "status/not-named-given"
	NoteTokenValid        Note = "status/token-valid"
	NoteBadge2NotListed   Note = "status/badge-2-not-listed"
	NoteSealNoStatus      Note = "status/seal"
	NoteBadge2NoList      Note = "status/badge-2-no-list"
	NoteHostShows         Note = "status/host-shows"
	NoteHostSilent        Note = "status/host-silent"
	NoteAwardSigned       Note = "hosted/award-signed"
	NoteAwardNotSigned    Note = "hosted/award-not-signed"
	NoteSnapshot          Note = "hosted/snapshot" // what, when
	NoteChainNotAsked     Note = "not-made/chain-not-asked"
	NoteHostAnswers       Note = "hosted/host-answers" // the host
	NoteIssuerUnknown     Note = "not-made/issuer-unknown"
	NoteKeyNotIssuers     Note = "not-made/key-not-issuers"
	NoteKeyNotAtHand      Note = "not-made/key-not-at-hand"
	NoteNoSignatureHolds  Note = "not-made/no-signature-holds"
	NotePlaceNotIssuers   Note = "not-made/place-not-issuers"
	NoteHostWithdrew      Note = "not-made/host-withdrew"
	NoteHostOdd           Note = "not-made/host-odd"
	NoteHostDiffers       Note = "not-made/host-differs"
	NoteNoRefreshService  Note = "refresh/not-offered"
	NoteRefreshNotAsked   Note = "refresh/not-asked"
	NoteNoneNewer         Note = "refresh/none-newer"
	NoteNewer             Note = "refresh/newer" // of when
	NoteRefreshNotForKind Note = "refresh/not-for-kind"
	NoteRefreshFailed     Note = "refresh/failed" // why

	// About who shows it to whom, and whom it is about: holder-binding, audience, challenge, presented, recipient.

	NoteOnBehalf             Note = "holder/on-behalf"
	NoteAboutAnother         Note = "holder/another"
	NotePartAboutAnother     Note = "holder/part-another"       // which
	NotePartAboutNobody      Note = "holder/part-no-subject-id" // which
	NoteMadeForNobody        Note = "audience/nobody"
	NoteBare                 Note = "audience/bare"
	NoteMadeFor              Note = "audience/made-for" // for whom
	NoteNoChallenge          Note = "challenge/not-asked"
	NoteChallengeAnswered    Note = "challenge/answered"
	NotePartsValid           Note = "presented/valid" // how many, of how many
	NoteNobodyAsked          Note = "recipient/not-asked"
	NoteRecipientMatched     Note = "recipient/matched"         // by what
	NoteRecipientMatchedPart Note = "recipient/matched-in-part" // by what, of what not
	NoteRecipientWeak        Note = "recipient/weak"            // by what
	NoteRecipientWeakPart    Note = "recipient/weak-in-part"    // by what, of what not

	// About what stands in it or is named by it: credential-schema, related-digests, nested-credentials, endorsement.

	NoteLogged                 Note = "transparency-log/stands" // the place, the log, its entries
	NoteLogNotGiven            Note = "transparency-log/not-given"
	NoteLogUnchecked           Note = "transparency-log/unchecked" // why
	NoteShortForm              Note = "full/short-form"
	NoteFullAgrees             Note = "full/agrees"
	NoteFullIsSame             Note = "full/same"
	NoteFullIsOther            Note = "full/other"
	NotePageNotCompared        Note = "page/not-compared"
	NotePageCodeUnchecked      Note = "page/code-unchecked"
	NotePageAgrees             Note = "page/agrees"
	NotePageHasWhole           Note = "page/whole"
	NotePageOfAnother          Note = "page/another"
	NotePageCodeNotSigned      Note = "page/code-not-signed"
	NoteSchemaFollowed         Note = "schema/followed"
	NoteDigestsAgree           Note = "resources/agree"
	NoteDigestEarlier          Note = "resources/earlier-edition"
	NoteDigestsNotCompared     Note = "resources/not-compared" // how many, of how many
	NoteNestedNotFollowed      Note = "nested/not-followed"    // how many
	NoteNestedCut              Note = "nested/cut"             // how many, how many were
	NoteNestedNotValid         Note = "nested/not-valid"       // how many, of how many
	NoteNestedUndetermined     Note = "nested/undetermined"    // how many, of how many
	NoteNestedUntrusted        Note = "nested/untrusted"       // how many, of how many
	NoteNestedUnsigned         Note = "nested/unsigned"        // how many, of how many
	NoteNestedHold             Note = "nested/hold"            // how many, of how many
	NoteEndorsementNotFollowed Note = "endorsement/not-followed"
	NoteEndorsementNotHere     Note = "endorsement/not-here"
	NoteEndorsementsCut        Note = "endorsement/cut"       // how many, how many were
	NoteEndorsementsHold       Note = "endorsement/hold"      // how many
	NoteEndorsementsNotValid   Note = "endorsement/not-valid" // how many, of how many, the verdict on the first
	NoteEndorsesElsewhere      Note = "endorsement/elsewhere" // where, what
	NoteEndorsesItself         Note = "endorsement/self"
	NoteEndorsesByID           Note = "endorsement/by-id"     // what
	NoteEndorsesByDigest       Note = "endorsement/by-digest" // what
)
