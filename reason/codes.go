package reason

import "strings"

// Code is the stable name of a reason: "coarse" or "coarse/fine", in lower
// case with hyphens in the fine part.
type Code string

// Coarse returns the part before the slash.
func (c Code) Coarse() string {
	coarse, _, _ := strings.Cut(string(c), "/")
	return coarse
}

// The coarse codes. Fine codes below refine them; a package may return either.
const (
	AudienceMismatch    Code = "audience_mismatch"
	BadSignature        Code = "bad_signature"
	BundleInvalid       Code = "bundle_invalid"
	DisclosureInvalid   Code = "disclosure_invalid"
	DisplayWarning      Code = "display_warning"
	ContentsWarning     Code = "contents_warning"
	EndorsementMismatch Code = "endorsement_mismatch"
	RefreshFailed       Code = "refresh_failed"
	SchemaUnavailable   Code = "schema_unavailable"
	Expired             Code = "expired"
	FetchFailed         Code = "fetch_failed"
	HolderMismatch      Code = "holder_mismatch"
	ImageInvalid        Code = "image_invalid"
	IssuerMismatch      Code = "issuer_mismatch"
	KeyInvalid          Code = "key_invalid"
	KeyUnavailable      Code = "key_unavailable"
	Malformed           Code = "malformed"
	NoCredential        Code = "no_credential"
	NoProof             Code = "no_proof"
	NotYetValid         Code = "not_yet_valid"
	RemoteFetchBlocked  Code = "remote_fetch_blocked"
	Replay              Code = "replay"
	ResourceLimit       Code = "resource_limit"
	Revoked             Code = "revoked"
	StatusInvalid       Code = "status_invalid"
	StatusUnavailable   Code = "status_unavailable"
	Suspended           Code = "suspended"
	TimestampInvalid    Code = "timestamp_invalid"
	TrustUnavailable    Code = "trust_unavailable"
	UnsafeContext       Code = "unsafe_context"
	UnsignedData        Code = "unsigned_data"
	UnsupportedAlg      Code = "unsupported_alg"
	UntrustedIssuer     Code = "untrusted_issuer"
	WrongPurpose        Code = "wrong_purpose"
	WrongType           Code = "wrong_type"
	LogProofInvalid     Code = "log_proof_invalid"
	LogProofUnavailable Code = "log_proof_unavailable"

	AuditBroken         Code = "audit_broken"
	BatchRefused        Code = "batch_refused"
	Canceled            Code = "canceled"
	Conflict            Code = "conflict"
	ContributionRefused Code = "contribution_refused"
	Internal            Code = "internal"
	IO                  Code = "io"
	Locked              Code = "locked"
	LogBroken           Code = "log_broken"
	NotFound            Code = "not_found"
	OfferInvalid        Code = "offer_invalid"
	PublicationRefused  Code = "publication_refused"
	ReviewRefused       Code = "review_refused"
	RowInvalid          Code = "row_invalid"
	StatsInvalid        Code = "statistics_invalid"
	TableInvalid        Code = "table_invalid"
	TrustRefused        Code = "trust_refused"
	Usage               Code = "usage"
	WalletCorrupt       Code = "wallet_corrupt"
	WalletWarning       Code = "wallet_warning"
)

// Reading JSON and compact JOSE.
const (
	MalformedJSON            Code = "malformed/json"
	MalformedUTF8            Code = "malformed/utf8"
	MalformedDuplicateMember Code = "malformed/duplicate-member"
	MalformedNumber          Code = "malformed/number"
	MalformedTrailing        Code = "malformed/trailing-data"
	MalformedBase64          Code = "malformed/base64url"
	MalformedJWS             Code = "malformed/jws"
	MalformedNQuads          Code = "malformed/nquads"
	MalformedNotObject       Code = "malformed/not-an-object"
	MalformedProof           Code = "malformed/proof"
	MalformedProofChain      Code = "malformed/proof-chain"
	MalformedProofValue      Code = "malformed/proof-value"
	MalformedTime            Code = "malformed/time"
	MalformedModel           Code = "malformed/data-model"
	MalformedClaims          Code = "malformed/claims"
	LimitSize                Code = "resource_limit/size"
	LimitDepth               Code = "resource_limit/depth"
	LimitValues              Code = "resource_limit/values"
	LimitCanonicalization    Code = "resource_limit/canonicalization-work"
	LimitInflate             Code = "resource_limit/inflate"
)

// Codes returns the coarse codes: first those of a verdict, then those of
// everything else.
func Codes() []Code {
	return []Code{
		AudienceMismatch, BadSignature, BundleInvalid, DisclosureInvalid, DisplayWarning, Expired, FetchFailed, HolderMismatch, ImageInvalid,
		IssuerMismatch, KeyInvalid, KeyUnavailable, Malformed, NoCredential, NoProof, NotYetValid, RemoteFetchBlocked, Replay,
		ResourceLimit, Revoked, StatusInvalid, StatusUnavailable, Suspended, TimestampInvalid, TrustUnavailable, UnsafeContext, UnsignedData, UnsupportedAlg,
		UntrustedIssuer, WrongPurpose, WrongType,
		ContentsWarning, EndorsementMismatch, RefreshFailed, SchemaUnavailable, LogProofInvalid, LogProofUnavailable,
		AuditBroken, BatchRefused, Canceled, Conflict, ContributionRefused, Internal, IO, Locked, LogBroken, NotFound, OfferInvalid, PublicationRefused, ReviewRefused, RowInvalid, StatsInvalid, TableInvalid, TrustRefused, Usage, WalletCorrupt, WalletWarning,
	}
}

// Class returns the class that c belongs to. Every coarse code is named in
// the switch, so a code without a row is Internal: it never reads as success.
func (c Code) Class() Class {
	switch c {
	case MalformedJSON, MalformedUTF8, MalformedNotObject, "wrong_type/not-a-credential",
		"malformed/pdf", "malformed/zip", "malformed/zip-duplicate", "malformed/jwe", "malformed/tar", "malformed/backup", "unsupported_alg/jwe", "malformed/share", "malformed/share-page", LimitSize, LimitDepth, LimitValues:
		return Unreadable
	case "unsupported_alg/suite", "unsupported_alg/proof-type", "unsupported_alg/seal-form", "unsupported_alg/elmo", "key_invalid/unknown-method",
		"key_invalid/key-in-header", "key_invalid/no-kid", "wrong_type/presentation", "audience_mismatch/not-said",
		"holder_mismatch/recipient-unknown", "unsigned_data/merged", "timestamp_invalid/missing":
		return Undetermined
	case "status_invalid/index", "status_invalid/entry":
		return Invalid
	case "malformed/trust-policy": // the user's own file, not what was to be judged
		return Failure
	}
	switch Code(c.Coarse()) {
	case AudienceMismatch, AuditBroken, BadSignature, DisclosureInvalid, EndorsementMismatch, HolderMismatch, ImageInvalid,
		IssuerMismatch, KeyInvalid, LogBroken, LogProofInvalid, Malformed, NoProof, Replay, Revoked,
		TimestampInvalid, UnsignedData, UnsupportedAlg, WrongPurpose, WrongType:
		return Invalid
	case FetchFailed, KeyUnavailable, LogProofUnavailable, RemoteFetchBlocked, ResourceLimit, SchemaUnavailable, StatusInvalid, StatusUnavailable, TrustUnavailable, UnsafeContext:
		return Undetermined
	case UntrustedIssuer:
		return Untrusted
	case Expired, NotYetValid, Suspended:
		return NotInForce
	case BundleInvalid, NoCredential:
		return Unreadable
	case ContentsWarning, DisplayWarning, RefreshFailed, WalletWarning:
		return Warning
	case Locked:
		return Denied
	case NotFound:
		return Missing
	case Conflict:
		return Conflicting
	case Usage:
		return Misuse
	case BatchRefused, ContributionRefused, IO, OfferInvalid, PublicationRefused, ReviewRefused, RowInvalid, StatsInvalid, TableInvalid, TrustRefused, WalletCorrupt:
		return Failure
	case Canceled:
		return Interrupted
	default:
		return Fault
	}
}
