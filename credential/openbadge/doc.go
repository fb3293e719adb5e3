// Package openbadge is the vocabulary of Open Badges 3.0: what stands inside
// a credential when it is a badge.
//
// In go JSON values, out come plain structs, one for each class of the
// standard, and back: [ReadAchievement] and its like read with tolerance,
// Value writes strictly.
//
//   - Reading takes a single value where an array is meant, a language map
//     where a text is meant, and members that the standard does not name.
//     It judges nothing: that is for credential/profile.
//   - Writing gives members a fixed order, arrays where the JSON schemas of
//     Open Badges want arrays, and the class's own name as "type" when none
//     is set.
//   - Nothing is lost between the two. What a field cannot hold exactly, such
//     as a name in three languages, stays in More as it was; the field then
//     holds the nearest plain form for showing. When writing, a member in More
//     goes before the field of the same name: whoever changes such a field
//     takes the member out of More.
//
// An optional part that is absent is nil, an empty string or a zero number.
// Fields are named as the members in the standard (Open Badges 3.0, appendix
// B), so its texts are the reference for what they mean.
//
// [FromCredential] gives the badge that a whole credential holds. What it
// says is as true as the credential's signature, except for the profiles that
// stand inside the subject (creator, source): the issuer tells about them, they
// did not sign.
package openbadge
