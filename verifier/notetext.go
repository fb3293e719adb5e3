package verifier

import "strings"

// Text returns the English text of a note, with the places that Say puts the
// arguments in. It is empty for a note that is not known.
func (n Note) Text() string {
	area, _, _ := strings.Cut(string(n), "/")
	switch area {
	case "reading", "data-model", "profile", "display", "period":
		return n.ofDocument()
	case "trust", "proof", "binding":
		return n.ofIssuer()
	case "status", "hosted", "not-made", "refresh":
		return n.ofStatus()
	case "holder", "audience", "challenge", "presented", "recipient":
		return n.ofHolder()
	case "schema", "resources", "nested", "endorsement", "transparency-log", "full", "page":
		return n.ofContents()
	}
	return ""
}

func (n Note) ofDocument() string {
	switch n {
	case NoteReadStrictly:
		return "read strictly, without ambiguity"
	case NoteReadForeign:
		return "a document of another system: %s"
	case NoteContentIntact:
		return "the content is what was hashed"
	case NoteContentHidden:
		return "the content is what was hashed; %d parts of it are hidden"
	case NoteReadBadge2:
		return "an assertion of Open Badges 2.0, read strictly"
	case NoteReadSeal:
		return "a sealed document, read strictly"
	case NoteModelEuropass:
		return "European Digital Credential, European Learning Model 3"
	case NoteModelMapped:
		return "claims of a token, in the terms of the Verifiable Credentials Data Model"
	case NoteModelVersion:
		return "Verifiable Credentials Data Model %s"
	case NoteModelPresentation:
		return "a presentation of the Verifiable Credentials Data Model"
	case NoteModelBadge2:
		return "Open Badges 2.0"
	case NoteProfileFollowed:
		return "%s"
	case NoteProfileNotFollowed:
		return "not as %s wants it: %e"
	case NoteNothingMisleads:
		return "nothing in the texts misleads the eye"
	case NotePictureNotSigned:
		return "the picture itself is not signed: only the credential inside it counts"
	case NoteMoreMisleads:
		return "%d more texts are like these"
	case NotePageNotSigned:
		return "the pages of the PDF are not what was signed: only the credential attached to it counts"
	case NoteWebPageNotSigned:
		return "what can be read on the page is not signed: only the file inside it counts"
	case NoteOlderBadge:
		return "the picture also carries an Open Badge of version 2, which was not read"
	case NotePictureActive:
		return "the picture holds scripts or foreign content: do not open it as it is"
	case NotePictureExternal:
		return "the picture loads something from elsewhere when opened, which tells that it was"
	case NoteTextDirection:
		return "the text turns the direction of writing, which can hide what it says"
	case NoteControlCharacter:
		return "the text holds control characters, which can forge what a terminal shows"
	case NoteLineBreak:
		return "a name holds line breaks, which can forge lines of a report"
	case NoteInvisibleCharacter:
		return "the text holds characters that cannot be seen"
	case NoteActiveImage:
		return "the image is an SVG document, which can hold scripts: do not open it as it is"
	case NoteActiveLink:
		return "the link runs a program when opened"
	case NoteMarkup:
		return "the text holds HTML or a link in Markdown: it is shown as text and loads nothing"
	case NoteMixedScripts:
		return "a word mixes letters of several scripts, as when one name imitates another"
	case NoteNoEnd:
		return "in force, without an end"
	case NoteInForceUntil:
		return "in force until %t"
	case NotePresentationInForce:
		return "the presentation is in force"
	case NoteCredentialBegins:
		return "the credential begins %t, after %t"
	case NoteCredentialEnded:
		return "the credential ended %t, before %t"
	case NoteBadgeBegins:
		return "the badge begins %t, after %t"
	case NoteBadgeEnded:
		return "the badge ended %t, before %t"
	case NoteProofBegins:
		return "the proof begins %t, after %t"
	case NoteProofEnded:
		return "the proof ended %t, before %t"
	case NoteShownUntil:
		return "what was shown was good until %t, before %t"
	}
	return ""
}

func (n Note) ofIssuer() string {
	switch n {
	case NoteTrustedHere:
		return "trusted: named in this call"
	case NoteTrustedAnyone:
		return "trusted: everybody is trusted here"
	case NoteTrustedEntry:
		return "trusted: %l"
	case NoteTrustedRegistry:
		return "trusted: registry %s, unsigned file, imported %t, %l"
	case NoteTrustedList:
		return "trusted: list of %s of %t, %l"
	case NoteTrustedAccreditor:
		return "trusted: accredited under %s, %l"
	case NoteTrustedSource:
		return "trusted: %s"
	case NoteTrustedAsCredential:
		return "as for the credential"
	case NoteNotNamedHere:
		return "%s is not trusted: not among the issuers named in this call"
	case NoteNotInPolicy:
		return "%s is not trusted: not in the trust policy"
	case NoteNotTrusted:
		return "%s is not trusted: %e"
	case NoteSignedBefore:
		return "another continues the issuer since %t; this was signed before: others saw it %t"
	case NoteSaysBefore:
		return "another continues the issuer since %t; that this was signed before, %t, is its own word"
	case NoteSignatureRight:
		return "%s signature is right, by %s"
	case NoteSignatureRightBadge2:
		return "%s signature of the assertion is right, by %s"
	case NoteSignatureMatches:
		return "the signature matches the key that the proof names"
	case NoteNoProof:
		return "there is no proof to look at"
	case NoteNoProofHolds:
		return "no proof holds"
	case NoteKeyNotFetched:
		return "the issuer is not trusted, so its key is not fetched"
	case NoteLegacyProof:
		return "%s is a proof type from before today's standard: what it says holds, and nothing new is signed so"
	case NoteKeyRetired:
		return "the key was retired %t, and not revoked; that it signed before, %t, is its own word"
	case NoteProofNotChecked:
		return "one more proof was not checked: %e"
	case NoteNotSigned:
		return "a hosted badge carries no signature"
	case NoteKeyOf:
		return "the key is %s's"
	case NoteKeyOfAnother:
		return "another proof is right, but not by a key of %s"
	case NoteKeyListed:
		return "the key is listed by %s"
	case NoteSealRight:
		return "the seal matches the document (%s)"
	case NoteSealNow:
		return "sealed by %s, with a certificate of %s that holds at %t"
	case NoteSealUnasked:
		return "sealed by %s, with a certificate of %s that had not ended at %t; whether it was revoked was not asked, since it names nobody, or is itself one that you believe"
	case NoteSealStamped:
		return "sealed by %s, with a certificate of %s that held at %t, by the time-stamp of %s"
	case NoteSealOfAnother:
		return "the seal is by %q, and the document says that its issuer is %q"
	case NoteHostedWhere:
		return "hosted where %s has its badges"
	}
	return ""
}

func (n Note) ofStatus() string {
	switch n {
	case NoteListNotAsked:
		return "a status list is not asked for its own status"
	case NoteStatusNotOffered:
		return "the issuer has not said how to learn whether this is revoked"
	case NoteStatusOfOther:
		return "the issuer has said how to learn other things, but not whether this is revoked"
	case NoteNotRevoked:
		return "not set in the revocation list"
	case NoteNotSuspended:
		return "not set in the suspension list"
	case NoteRevoked:
		return "the issuer has revoked this credential"
	case NoteRevokedSaid:
		return "the issuer has revoked this credential, and says: %q"
	case NoteSuspended:
		return "the issuer has suspended this credential"
	case NoteSuspendedSaid:
		return "the issuer has suspended this credential, and says: %q"
	case NoteBadge2Revoked:
		return "the issuer has revoked it"
	case NoteBadge2RevokedSaid:
		return "the issuer has revoked it: %q"
	case NoteNewerEdition:
		return "the issuer has a newer edition of this credential"
	case NoteNewerEditionSaid:
		return "the issuer has a newer edition of this credential, and says: %q"
	case NoteStatusMessage:
		return "the issuer has set the status %s"
	case NoteStatusMessageSaid:
		return "the issuer has set the status %s, and says: %q"
	case NoteListNotFetched:
		return "the issuer is not trusted, or the proof does not hold or could not be checked, so no status list is fetched"
	case NoteListUnchecked:
		return "the issuer is not trusted, so the key of its status list is not fetched"
	case NoteNotNamed:
		return "not on the list of revoked credentials, which is not signed but comes from the issuer's own host"
	case NoteNotNamedGiven:
		return "not on the list of revoked credentials that was given, which is not signed"
	case NoteTokenValid:
		return "valid by the token status list"
	case NoteBadge2NotListed:
		return "not on the issuer's revocation list"
	case NoteSealNoStatus:
		return "the document names nothing that would tell of a revocation"
	case NoteBadge2NoList:
		return "the issuer's profile names no revocation list"
	case NoteHostShows:
		return "its host still shows it"
	case NoteHostSilent:
		return "its host did not answer"
	case NoteAwardSigned:
		return "what was awarded stands in the signed assertion"
	case NoteAwardNotSigned:
		return "what was awarded is not signed: it is what its host says now"
	case NoteChainNotAsked:
		return "that stands in a blockchain, which is not asked"
	case NoteSnapshot:
		return "who signed this saw how %s was shown %t; its issuer has not signed this"
	case NoteHostAnswers:
		return "not signed: %s answers so now, which proves nothing to anybody later"
	case NoteIssuerUnknown:
		return "the issuer is not known, or not trusted, so nothing was fetched in its name"
	case NoteKeyNotIssuers:
		return "the key is not the issuer's, as far as its profile says"
	case NoteKeyNotAtHand:
		return "the key is not at hand"
	case NoteNoSignatureHolds:
		return "no signature holds"
	case NotePlaceNotIssuers:
		return "the place is not the issuer's"
	case NoteHostWithdrew:
		return "its host has withdrawn it"
	case NoteHostOdd:
		return "its host does not answer as it should"
	case NoteHostDiffers:
		return "its host does not confirm it"
	case NoteNoRefreshService:
		return "the issuer has not said where a newer one would be"
	case NoteRefreshNotAsked:
		return "the issuer is not trusted, or the proof does not hold or could not be checked, so nobody is asked"
	case NoteNoneNewer:
		return "the issuer has no newer one"
	case NoteNewer:
		return "the issuer has a newer one, of %t: everything here is about that"
	case NoteRefreshNotForKind:
		return "nobody is asked for a newer edition of a presentation or an Open Badge 2.0"
	case NoteRefreshFailed:
		return "this is about the one that was given: %e"
	}
	return ""
}

func (n Note) ofHolder() string {
	switch n {
	case NoteOnBehalf:
		return "the credential is about somebody for whom, as you said, the holder may show it"
	case NoteAboutAnother:
		return "the credential is about somebody else than the holder"
	case NotePartAboutAnother:
		return "credential %d is about somebody else than the holder"
	case NotePartAboutNobody:
		return "credential %d does not say by an id whom it is about"
	case NoteMadeForNobody:
		return "it was made for nobody in particular"
	case NoteBare:
		return "a bare file: anybody who has it could have sent it"
	case NoteMadeFor:
		return "made for %s"
	case NoteNoChallenge:
		return "no challenge was asked for, so this could have been shown before"
	case NoteChallengeAnswered:
		return "it answers the challenge of this request"
	case NotePartsValid:
		return "%d of %d credentials are valid"
	case NoteNobodyAsked:
		return "nobody asked whom it is about"
	case NoteRecipientMatched:
		return "matched %m"
	case NoteRecipientMatchedPart:
		return "matched %m; it does not speak of %s"
	case NoteRecipientWeak:
		return "matched %m; md5 is weak: who made it could have made one that stands for two persons"
	case NoteRecipientWeakPart:
		return "matched %m; it does not speak of %s; md5 is weak: who made it could have made one that stands for two persons"
	}
	return ""
}

func (n Note) ofContents() string {
	switch n {
	case NoteLogged:
		return "stands at place %d in the log %s of %d entries"
	case NoteLogNotGiven:
		return "no proof from a transparency log is given, and none is required"
	case NoteLogUnchecked:
		return "the proof from a transparency log could not be checked: %e"
	case NoteShortForm:
		return "a short form for paper: what it says is signed, and the whole credential is named by its digest and not at hand"
	case NotePageNotCompared:
		return "the pages of the PDF could not be read by this program: what is drawn on them was not compared with the credential"
	case NotePageCodeUnchecked:
		return "a code on the page names this credential; whether the issuer signed it was not checked"
	case NotePageAgrees:
		return "a code drawn on the page is signed by the issuer for this very credential; the words on the page were not compared"
	case NotePageHasWhole:
		return "a code drawn on the page holds this very credential; the words on the page were not compared"
	case NotePageOfAnother:
		return "a code drawn on the page is of another credential than the one that is attached"
	case NotePageCodeNotSigned:
		return "a code drawn on the page names this credential, and is not signed by its issuer"
	case NoteFullAgrees:
		return "the credential given beside it is the one that the short form names"
	case NoteFullIsSame:
		return "the credential given beside it is the same"
	case NoteFullIsOther:
		return "the credential given beside it is another one, or was changed"
	case NoteSchemaFollowed:
		return "follows the schema that it names"
	case NoteDigestsAgree:
		return "the digests of the named contexts agree"
	case NoteDigestEarlier:
		return "the digest is that of an earlier edition of the context; in today's the same statements are signed"
	case NoteDigestsNotCompared:
		return "%d of %d named resources are not at hand and were not compared"
	case NoteNestedNotFollowed:
		return "%d credentials stand in this one, which stands in another itself: they are not looked at"
	case NoteNestedCut:
		return "%d credentials, and only the first %d were looked at"
	case NoteNestedNotValid:
		return "%d of %d credentials in it do not hold on their own"
	case NoteNestedUndetermined:
		return "%d of %d credentials in it could not be judged"
	case NoteNestedUntrusted:
		return "%d of %d credentials in it are by issuers that you do not trust"
	case NoteNestedUnsigned:
		return "%d of %d credentials in it carry no proof: that they were issued is the word of who made the record alone"
	case NoteNestedHold:
		return "%d of %d credentials in it hold, each on its own"
	case NoteEndorsementNotFollowed:
		return "endorsements of an endorsement are not followed"
	case NoteEndorsementNotHere:
		return "endorsements beside a document of this kind are not looked at"
	case NoteEndorsementsCut:
		return "%d endorsements, and only the first %d were looked at"
	case NoteEndorsementsHold:
		return "%d endorsements hold, each on its own; they add nothing to the verdict"
	case NoteEndorsementsNotValid:
		return "%d of %d endorsements are not valid, the first is %v; that takes nothing from what they stand in"
	case NoteEndorsesElsewhere:
		return "it stands at %w, and endorses %w"
	case NoteEndorsesItself:
		return "the issuer endorses its own credential, which says nothing new"
	case NoteEndorsesByID:
		return "endorses %w, by its id"
	case NoteEndorsesByDigest:
		return "endorses %w, by the digest of its text"
	}
	return ""
}
