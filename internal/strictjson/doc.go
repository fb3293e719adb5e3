// Package strictjson is the one reader of JSON that comes from outside.
//
// Two programs that read the same bytes differently are how a signature that
// covers one meaning is shown with another. So everything on which JSON
// readers are known to differ is refused here, before anything else looks:
//
//   - a member name that occurs twice in an object, also when one of the two
//     is written with escapes (RFC 8259 section 4, RFC 7493 section 2.3);
//   - bytes that are not UTF-8, a byte order mark, and surrogates that do not
//     form a pair (RFC 7493 section 2.1);
//   - numbers that lose digits or overflow as IEEE 754 doubles (RFC 7493
//     section 2.2, RFC 8785 section 3.2.2.3);
//   - anything behind the first value;
//   - more bytes, nesting or values than [Limits] allow.
//
// Member names are matched exactly. The result is an ordered, immutable tree
// of [Value] that remembers the source bytes of each value, so that what was
// signed need never be written anew.
package strictjson
